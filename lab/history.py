"""A past month of the lab in a Prometheus data folder: raw series first, then the recorded ones, pass by pass.

Owns the order of work and the cache. `samples` says what the series are, `past_prometheus` runs the program.
"""

import hashlib
import json
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeAlias

import yaml

from dcnet.language import Words
from lab.backfill import USUAL_INTERVAL, blocks_in, copy_blocks, find_programs
from lab.inventory import inventory_document
from lab.model import Model
from lab.past_prometheus import Past, past_prometheus
from lab.samples import series_between
from lab.scenario import Scenario
from lab.timeline import Month, place_in_month

STEP_SECONDS = 60
WARM_UP_SECONDS = 2 * 3600
"""Before the month, so that its first rates have a past."""

RECORDED_WARM_UP_SECONDS = 3600

SHAPED_BY = (
    *("scenario.py", "timeline.py", "topology.py", "traffic.py", "link_state.py", "model.py", "mib.py", "parts.py"),
    *("samples.py", "inventory.py", "inventory.yml", "backfill.py", "remote_write.py", "past_prometheus.py"),
    "history.py",
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
class _Span:
    start: int
    end: int

    @classmethod
    def of(cls, month: Month, days: int | None) -> "_Span":
        start, end = int(month.start.timestamp()), int(month.end.timestamp())
        return cls(start, end if days is None else start + days * 86400)


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
            _make_blocks(scenario, month, rules, span, work=Path(scratch), progress=progress).rename(finished)
    copy_blocks(finished, data_dir)
    blocks = blocks_in(finished)
    samples = sum(json.loads((block / "meta.json").read_text())["stats"]["numSamples"] for block in blocks)
    return HistoryReport(month, data_dir, len(blocks), samples, time.monotonic() - began, reused)


def _make_blocks(
    scenario: Scenario, month: Month, rules: Sequence[Sequence[Path]], span: _Span, *, work: Path, progress: Progress
) -> Path:
    """A data folder below `work` with the finished month."""
    timeline = place_in_month(scenario, month)
    instants = range(span.start - WARM_UP_SECONDS, span.end, STEP_SECONDS)
    with past_prometheus(work) as past:
        progress(Words(f"riwayat {month.name}: cuplikan tiap menit", f"history {month.name}: samples of every minute"))
        past.take_in(samples_at(Model(timeline), inventory_document(timeline), instants))
        for number, files in enumerate(rules, start=1):
            progress(
                Words(
                    f"aturan rekaman: tahap {number} dari {len(rules)}",
                    f"recording rules: pass {number} of {len(rules)}",
                )
            )
            past.record(_rules_of(files), span.start - RECORDED_WARM_UP_SECONDS, span.end - STEP_SECONDS)
        data = work / "data"
        past.write_blocks(data)
    return data


def samples_at(model: Model, inventory: dict[str, object], instants: range) -> Iterator[Past]:
    """All series at `instants`, each whole."""
    for series in series_between(model, inventory, instants):
        yield {"__name__": series.name, **series.labels}, series.instants, series.values


def _rules_of(files: Sequence[Path]) -> list[tuple[dict[str, Any], int]]:
    """The recording rules of rule files, each with its group's interval in seconds."""
    groups = [group for file in files for group in yaml.safe_load(file.read_text(encoding="utf-8"))["groups"]]
    return [
        (rule, _seconds_of(group.get("interval", USUAL_INTERVAL)))
        for group in groups
        for rule in group["rules"]
        if "record" in rule
    ]


def _seconds_of(interval: str) -> int:
    """A whole number of seconds, minutes or hours, as rule files write it: `60s`, `1h`."""
    return int(interval[:-1]) * {"s": 1, "m": 60, "h": 3600}[interval[-1]]


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
