"""Which hours of a stretch the hourly rollups tell, and what remains to be asked of the samples themselves.

Pure; times are seconds since the epoch. A rollup at an instant tells of the hour before it. Its minute of the hour is
the recording Prometheus' own, so that a month never begins or ends with one.
"""

from collections.abc import Iterable
from dataclasses import dataclass

from sopctl.checklist.planned_time import Span
from sopctl.checklist.samples import RawSeries

HOUR = 3600.0
MILLISECOND = 0.001
SAME_MINUTE_SECONDS = 0.5
"""Instants of one Prometheus fall on the same second of every hour."""


@dataclass(frozen=True, slots=True)
class Run:
    """Rollups of hours that follow each other without a hole."""

    first: float
    """The instant of the first rollup: its hour ends there."""

    last: float

    @property
    def span(self) -> Span:
        """The time that they tell, the instant of the last one included."""
        return Span(self.first - HOUR + MILLISECOND, self.last + MILLISECOND)

    @property
    def hours(self) -> int:
        """How many rollups they are."""
        return round((self.last - self.first) / HOUR) + 1

    @property
    def range_seconds(self) -> float:
        """A range that ends at the last one and holds the first one, and none before."""
        return self.last - self.first + HOUR / 2


@dataclass(frozen=True, slots=True)
class Cover:
    """A stretch of time divided: what rollups tell, and the rest. Together they are all of it, without overlaps."""

    runs: tuple[Run, ...]
    rest: tuple[Span, ...]


@dataclass(frozen=True, slots=True)
class Rollups:
    """When rollups were recorded, in order."""

    instants: tuple[float, ...]

    def cover(self, span: Span) -> Cover:
        """How `span` is told."""
        runs: list[Run] = []
        for at in self.instants:
            if at - HOUR + MILLISECOND < span.start or at + MILLISECOND > span.end:
                continue
            step = at - runs[-1].last if runs else 0.0
            if runs and abs(step - HOUR) < SAME_MINUTE_SECONDS:
                runs[-1] = Run(runs[-1].first, at)
            elif not runs or step >= HOUR:
                runs.append(Run(at, at))
            # Nearer than an hour: the recording moved to another minute, and this hour is partly told already.
        rest = []
        start = span.start
        for run in runs:
            rest.append(Span(start, run.span.start))
            start = run.span.end
        rest.append(Span(start, span.end))
        return Cover(tuple(runs), tuple(one for one in rest if one.length > MILLISECOND / 2))


NO_ROLLUPS = Rollups(())


def read_rollups(told: Iterable[RawSeries]) -> Rollups:
    """The rollups that the series `dcnet:hour` tell: those of a pair count only while they agree on the minute."""
    instants = sorted({at for one in told for at, _value in one.points})
    if len({round(at % HOUR, 1) for at in instants}) > 1 and _is_pair(instants):
        return NO_ROLLUPS
    return Rollups(tuple(instants))


def _is_pair(instants: list[float]) -> bool:
    """Whether most hours were told twice."""
    hours = instants[-1] - instants[0]
    return len(instants) > 1.5 * hours / HOUR + 2
