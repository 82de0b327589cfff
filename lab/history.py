"""A past month of the lab in a Prometheus data folder: raw series first, then the recorded ones, pass by pass.

Owns the order of work and the cache. `samples` says what the series are, `backfill` runs the programs.
"""

import hashlib
import json
import multiprocessing
import shutil
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor, as_completed
from dataclasses import dataclass
from pathlib import Path
from typing import TypeAlias

from dcnet.language import Words
from lab.backfill import BLOCK_HOURS, blocks_in, copy_blocks, create_blocks, find_programs, record_rules
from lab.inventory import inventory_document
from lab.model import Model
from lab.samples import series_between
from lab.scenario import Scenario
from lab.timeline import Month, place_in_month

STEP_SECONDS = 60
WARM_UP_SECONDS = 2 * 3600
"""Before the month, so that its first rates have a past."""

RECORDED_WARM_UP_SECONDS = 3600
WORKERS = 2
"""promtool holds a block in memory, and the small machines that this runs on have two cores."""

SHAPED_BY = (
    *("scenario.py", "timeline.py", "topology.py", "traffic.py", "link_state.py", "model.py", "mib.py", "parts.py"),
    *("samples.py", "inventory.py", "inventory.yml", "backfill.py", "history.py"),
)
"""Files of the lab that a finished month depends on: when one changes, the month is made anew."""

Progress: TypeAlias = Callable[[Words], None]


@dataclass(frozen=True, slots=True)
class HistoryReport:
    """What was made."""

    month: Month
    data_dir: Path
    blocks: int
    samples: int
    seconds: float
    """How long it took."""

    reused: bool
    """True: the same month of the same scenario had been made before."""


@dataclass(frozen=True, slots=True)
class _Window:
    start: int
    end: int
    """Not included."""


@dataclass(frozen=True, slots=True)
class _Span:
    start: int
    end: int

    @classmethod
    def of(cls, month: Month, days: int | None) -> "_Span":
        start, end = int(month.start.timestamp()), int(month.end.timestamp())
        return cls(start, end if days is None else start + days * 86400)

    def windows(self) -> Iterator[_Window]:
        """Pieces that each fit one block, the warm-up included."""
        length, start = BLOCK_HOURS * 3600, self.start - WARM_UP_SECONDS
        while start < self.end:
            end = min((start // length + 1) * length, self.end)
            yield _Window(start, end)
            start = end


def build_history(
    scenario: Scenario,
    month: Month,
    rules: Sequence[Sequence[Path]],
    data_dir: Path,
    work_dir: Path,
    *,
    progress: Progress = lambda _: None,
    days: int | None = None,
) -> HistoryReport:
    """Fill `data_dir` (a Prometheus data folder, not in use) with the month and its last two hours before.

    `rules`: files of recording rules by pass; a pass sees what the passes before it recorded. `work_dir`
    keeps finished months: the same scenario, code, rules and month are only copied. `days`: only the first
    days of the month. Raises LabError.
    """
    span = _Span.of(month, days)
    began = time.monotonic()
    find_programs()
    finished = work_dir / f"history-{month.name}-{_fingerprint(scenario, month, rules, span)}"
    reused = finished.is_dir()
    if not reused:
        work_dir.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(prefix="history-", dir=work_dir) as scratch:
            data = Path(scratch) / "data"
            data.mkdir()
            _make_raw_blocks(scenario, month, span, data, progress)
            _record(rules, span, data, progress)
            for left_over in set(data.iterdir()) - set(blocks_in(data)):
                shutil.rmtree(left_over) if left_over.is_dir() else left_over.unlink()
            data.rename(finished)
    copy_blocks(finished, data_dir)
    blocks = blocks_in(finished)
    samples = sum(json.loads((block / "meta.json").read_text())["stats"]["numSamples"] for block in blocks)
    return HistoryReport(month, data_dir, len(blocks), samples, time.monotonic() - began, reused)


def _make_raw_blocks(scenario: Scenario, month: Month, span: _Span, data: Path, progress: Progress) -> None:
    windows = list(span.windows())
    # Forking a process that may hold threads is not safe; the workers start fresh.
    fresh = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(min(WORKERS, len(windows)), mp_context=fresh) as workers:
        jobs = [workers.submit(_make_raw_block, scenario, month, window, data) for window in windows]
        for number, job in enumerate(as_completed(jobs), start=1):
            job.result()
            progress(
                Words(
                    f"riwayat {month.name}: {number} dari {len(jobs)} blok",
                    f"history {month.name}: {number} of {len(jobs)} blocks",
                )
            )


def _make_raw_block(scenario: Scenario, month: Month, window: _Window, data: Path) -> None:
    """Write one window as text and turn it into a block."""
    timeline = place_in_month(scenario, month)
    text = data.parent / f"{window.start}.om"
    write_samples(Model(timeline), inventory_document(timeline), range(window.start, window.end, STEP_SECONDS), text)
    try:
        # A folder of its own: promtool opens its output as a database and cleans up what it takes for debris.
        own = data.parent / f"{window.start}.blocks"
        create_blocks(text, own)
    finally:
        text.unlink()
    for block in blocks_in(own):
        block.rename(data / block.name)


def write_samples(model: Model, inventory: dict[str, object], instants: range, file: Path) -> None:
    """Write all series at `instants` as OpenMetrics text."""
    with file.open("w", encoding="utf-8") as text:
        for series in series_between(model, inventory, instants):
            text.write(series.render())
        text.write("# EOF\n")


def _record(rules: Sequence[Sequence[Path]], span: _Span, data: Path, progress: Progress) -> None:
    for number, files in enumerate(rules, start=1):
        progress(
            Words(
                f"aturan rekaman: tahap {number} dari {len(rules)}", f"recording rules: pass {number} of {len(rules)}"
            )
        )
        record_rules(data, files, span.start - RECORDED_WARM_UP_SECONDS, span.end, data.parent)


def _fingerprint(scenario: Scenario, month: Month, rules: Sequence[Sequence[Path]], span: _Span) -> str:
    """What the result depends on: scenario, the lab's code and inventory, the rules, the span."""
    lab = Path(__file__).parent
    parts = [scenario.model_dump_json().encode(), f"{month.zone.key} {span.start} {span.end}".encode()]
    parts += [(lab / name).read_bytes() for name in SHAPED_BY]
    parts += [file.read_bytes() + b"\0" for files in rules for file in [*files, Path("/dev/null")]]
    digest = hashlib.sha256()
    for part in parts:
        digest.update(hashlib.sha256(part).digest())
    return digest.hexdigest()[:16]
