"""The state of the cycles as metrics: step, since, due, returns, cycle times.

Pure. Owns the names and the text (Prometheus' exposition format 0.0.4). Whether a step is late is judged by rules.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import pairwise

from sopctl.chain.cycle import Cycle
from sopctl.chain.deadlines import due_of
from sopctl.chain.steps import STEPS, step_number
from sopctl.chain.working_time import WorkingTime

KEPT_ENDED_CYCLES = 12
"""So many approved cycles are still told; Prometheus keeps the older ones."""


@dataclass(frozen=True, slots=True)
class _Family:
    name: str
    help: str
    samples: tuple[tuple[str, float], ...]


def render_metrics(cycles: Sequence[Cycle], working: WorkingTime, now: datetime) -> str:
    """The metrics of `cycles`, which come by month."""
    going = [cycle for cycle in cycles if not cycle.approved]
    ended = [cycle for cycle in cycles if cycle.approved][-KEPT_ENDED_CYCLES:]
    told = sorted([*going, *ended], key=lambda cycle: cycle.name)
    families = (
        _Family(
            "sop_cycle_step",
            "Step of the SOP whose turn it is, 2 to 7, while the cycle goes.",
            tuple((_position(cycle), float(cycle.next_step or 0)) for cycle in going),
        ),
        _Family(
            "sop_step_since_timestamp_seconds",
            "Since when it is that step's turn.",
            tuple((_step(cycle), cycle.since.timestamp()) for cycle in going),
        ),
        _Family(
            "sop_step_due_timestamp_seconds",
            "When that step is due by the SOP's standard time in working hours.",
            tuple((_step(cycle), due.timestamp()) for cycle in going for due in [due_of(cycle, working)] if due),
        ),
        _Family(
            "sop_cycle_returns",
            "How often the cycle was sent back.",
            tuple((_cycle(cycle), float(cycle.revision - 1)) for cycle in told),
        ),
        _Family(
            "sop_cycle_opened_timestamp_seconds",
            "When the cycle was opened.",
            tuple((_cycle(cycle), cycle.done[1].time.timestamp()) for cycle in told),
        ),
        _Family(
            "sop_cycle_approved_timestamp_seconds",
            "When the cycle was approved.",
            tuple((_cycle(cycle), cycle.since.timestamp()) for cycle in ended),
        ),
        _Family(
            "sop_step_duration_seconds",
            "How long a step that stands took, by the clock.",
            tuple(sample for cycle in told for sample in _durations(cycle)),
        ),
        _Family("sop_metrics_written_timestamp_seconds", "When sopctl wrote these.", (("", now.timestamp()),)),
    )
    return "".join(line + "\n" for family in families for line in _lines(family))


def _durations(cycle: Cycle) -> Iterator[tuple[str, float]]:
    for before, step in pairwise(STEPS):
        begun, done = cycle.done.get(before.number), cycle.done.get(step.number)
        # A step that was repeated after a return has no beginning that means anything.
        if begun and done and done.time - begun.time >= timedelta(0):
            labels = f'{{cycle="{cycle.name}",position="{step.position.value}",step="{step.number}"}}'
            yield labels, (done.time - begun.time).total_seconds()


def _lines(family: _Family) -> Iterable[str]:
    if family.samples:
        yield f"# HELP {family.name} {family.help}"
        yield f"# TYPE {family.name} gauge"
        for labels, value in family.samples:
            yield f"{family.name}{labels} {value:.0f}"


def _cycle(cycle: Cycle) -> str:
    return f'{{cycle="{cycle.name}"}}'


def _position(cycle: Cycle) -> str:
    return f'{{cycle="{cycle.name}",position="{step_number(cycle.next_step or 1).position.value}"}}'


def _step(cycle: Cycle) -> str:
    step = step_number(cycle.next_step or 1)
    return f'{{cycle="{cycle.name}",position="{step.position.value}",step="{step.number}"}}'
