"""The months of the truth test: one a seed, made once and kept while nothing that shapes them changes."""

import hashlib
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

import pytest

from dcnet.catalogue import Catalogue, load_catalogue
from lab.backfill import serving
from tests.sopctl.truth import months, series
from tests.sopctl.truth.expected import JUDGED, Expected, TooCloseError, truth_of
from tests.sopctl.truth.months import load_month
from tests.sopctl.truth.world import World, draw_world

KEPT = Path(__file__).parents[3] / ".cache" / "truth"
FEW = (2,)
"""Seeds of an ordinary run: a month takes a machine at rest a quarter of a minute to make."""


@dataclass(frozen=True, slots=True)
class Served:
    """A world, what is true of it, and the Prometheus that holds it."""

    world: World
    truth: dict[tuple[str, str], Expected]
    url: str


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """A few seeds, or as many as `--seeds` says."""
    if "served" in metafunc.fixturenames:
        many = metafunc.config.getoption("--seeds")
        metafunc.parametrize("served", range(many) if many else FEW, indirect=True, scope="module")


@pytest.fixture(scope="session")
def judged() -> Catalogue:
    """The catalogue's indicators that the worlds give reason to judge; each stands on raw series alone."""
    whole = load_catalogue()
    return Catalogue(indicators=tuple(one for one in whole.indicators if one.id in JUDGED))


@pytest.fixture(scope="module")
def served(
    request: pytest.FixtureRequest, judged: Catalogue, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Served]:
    """The world of a seed in a real Prometheus."""
    drawn, truth = draw(request.param, judged)
    folder = tmp_path_factory.mktemp("served")
    shutil.copytree(kept_month(drawn, judged), folder / "data")
    with serving(folder / "data", folder) as url:
        yield Served(drawn, truth, url)


def draw(seed: int, judged: Catalogue) -> tuple[World, dict[tuple[str, str], Expected]]:
    """The first world of `seed` of which it can be said what is right, and that."""
    for attempt in range(1000):
        drawn = draw_world(seed, attempt)
        try:
            return drawn, truth_of(drawn, judged)
        except TooCloseError:
            continue
    raise AssertionError(f"seed {seed}: every world lies too close to a limit")


def kept_month(drawn: World, judged: Catalogue) -> Path:
    """The blocks of a world, made where they are not there yet."""
    shaping = [Path(str(module.__file__)).read_bytes() for module in (series, months)]
    digest = hashlib.sha256(b"".join([*shaping, repr(drawn).encode(), judged.model_dump_json().encode()])).hexdigest()
    kept = KEPT / f"{drawn.seed}-{digest[:12]}"
    if not kept.is_dir():
        KEPT.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=KEPT, prefix="making-") as scratch:
            made = load_month(drawn, judged, Path(scratch))
            # Another worker may have made the same month meanwhile: the first one stays.
            with suppress(OSError):
                made.rename(kept)
    return kept
