"""Recordings of real devices, played over UDP, held against what another poller read from them.

They stand beside the repository, not in it: DCNET_SHARED names their folder, else it is looked for there.
"""

import asyncio
import os
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from exporter.exposition import render_text
from tests.exporter.profiles.recording import scrape_recording
from tests.exporter.test_scrape import MakeInventory

ROOT = Path(__file__).parents[3]
LEAST_TOTAL = 0.97
LEAST_FAMILY = 0.9

NOT_OF_THE_DEVICE = {
    # The poller asked for the object after hwPatchVersion's end and took a board's hwEntityAdminStatus for a patch.
    ("vrp_5720", "identity: version=5.170 (V200R010C00SPC600) [unlocked]"),
}
"""Facts of the other poller that no answer of the device holds."""


def shared_folder() -> Path | None:
    """The folder with captures/ and score/, where there is one."""
    named = os.environ.get("DCNET_SHARED")
    candidates = [Path(named)] if named else [ROOT.parent / "shared"]
    return next((folder for folder in candidates if (folder / "captures").is_dir()), None)


SHARED = shared_folder()


def captures() -> Iterator[str]:
    if SHARED is not None:
        yield from sorted(file.stem for file in (SHARED / "captures").glob("*.snmprec"))


async def score(program: Path, metrics: Path, expected: Path) -> str:
    """What the scorer prints, misses included."""
    process = await asyncio.create_subprocess_exec(
        sys.executable, program, "-v", metrics, expected, stdout=asyncio.subprocess.PIPE
    )
    output, _ = await process.communicate()
    assert process.returncode == 0
    return output.decode()


@pytest.mark.skipif(SHARED is None, reason="no folder of captures beside the repository; DCNET_SHARED names one")
@pytest.mark.parametrize("capture", list(captures()))
async def test_capture_is_read_as_another_poller_reads_it(
    capture: str, make_inventory: MakeInventory, tmp_path: Path
) -> None:
    """Of every kind of fact nine in ten, of all of them 97 in 100, stand in the exposition with their value."""
    assert SHARED is not None
    recording = (SHARED / "captures" / f"{capture}.snmprec").read_text(encoding="latin-1")
    outcome = await scrape_recording(recording, make_inventory)
    assert not outcome.failures
    metrics = tmp_path / "metrics.prom"
    metrics.write_text(render_text(outcome.samples))
    report = await score(SHARED / "score" / "score_capture.py", metrics, SHARED / "captures" / f"{capture}.json")
    misses = [line.strip().removeprefix("miss ") for line in report.splitlines() if line.startswith("  miss ")]
    excused = [miss for miss in misses if (capture, miss) in NOT_OF_THE_DEVICE]
    families = [line.split() for line in report.splitlines() if not line.startswith("  miss ")]
    assert len(families) > 5, report
    for family, counts, *_ in families:
        matched, wanted = (int(part) for part in counts.split("/"))
        matched += sum(miss.startswith(f"{family}:") for miss in excused)
        assert matched / wanted >= (LEAST_TOTAL if family == "total" else LEAST_FAMILY), report
