"""The months of the truth test: one a seed, made once and kept while nothing that shapes them changes."""

import hashlib
import shutil
import tempfile
from collections.abc import Callable, Iterable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from types import ModuleType

import pytest

from dcnet.catalogue import Catalogue, load_catalogue
from lab.backfill import serving
from prometheus.indicator_rules import rollup_groups
from prometheus.rule_file import render_groups
from tests.sopctl.truth import months, rolled, series
from tests.sopctl.truth.expected import JUDGED, Expected, TooCloseError, truth_of
from tests.sopctl.truth.months import load_month
from tests.sopctl.truth.rolled import record_rollups
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
    shutil.copytree(kept_rollups(drawn, judged), folder / "data")
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
    """The blocks of a world's series and recorded indicators, made where they are not there yet."""
    digest = _digest((series, months), repr(drawn), judged.model_dump_json())
    return _kept(f"{drawn.seed}-{digest}", lambda scratch: load_month(drawn, judged, scratch))


def kept_rollups(drawn: World, judged: Catalogue) -> Path:
    """The same with the hourly rollups."""
    month = kept_month(drawn, judged)

    def make(scratch: Path) -> Path:
        data = Path(shutil.copytree(month, scratch / "data"))
        record_rollups(drawn, judged, data, scratch)
        return data

    digest = _digest((rolled,), month.name, render_groups(rollup_groups(judged)))
    return _kept(f"{drawn.seed}-rolled-{digest}", make)


def _digest(shaping: Iterable[ModuleType], *more: str) -> str:
    content = [Path(str(module.__file__)).read_bytes() for module in shaping]
    return hashlib.sha256(b"".join([*content, *(one.encode() for one in more)])).hexdigest()[:12]


def _kept(name: str, make: Callable[[Path], Path]) -> Path:
    kept = KEPT / name
    if not kept.is_dir():
        KEPT.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=KEPT, prefix="making-") as scratch:
            made = make(Path(scratch))
            # Another worker may have made the same meanwhile: the first one stays.
            with suppress(OSError):
                made.rename(kept)
    return kept
