"""Which days and hours of a stretch the rollups tell, and what remains to be asked of the samples themselves.

Pure; times are seconds since the epoch. An hourly rollup at an instant tells of the hour before it, a daily one of the
hourly ones of a day that ended ten minutes before. Its minute of the hour is the recording Prometheus' own, so that a
month never begins or ends with one.
"""

from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise

from dcnet.catalogue import DAY_DELAY_SECONDS
from sopctl.checklist.planned_time import Span
from sopctl.checklist.samples import RawSeries

HOUR, DAY = 3600.0, 86_400.0
HOURS_A_DAY = 24
MILLISECOND = 0.001
SAME_MINUTE_SECONDS = 0.5
"""Instants of one Prometheus fall on the same second of every hour."""


@dataclass(frozen=True, slots=True)
class Run:
    """Rollups that follow each other without a hole, hourly ones or daily ones."""

    first: float
    """The instant of the first one."""

    last: float
    span: Span
    """The time that they tell, the instant of its last sample included."""

    hours: int
    """How many hours they tell of."""

    suffix: str
    """Of the recorded series: `1h` or `1d`."""

    @property
    def at(self) -> float:
        """Where a range that holds them is evaluated: a little after the last, for stores that lose a millisecond."""
        return self.last + 2 * MILLISECOND

    @property
    def range_seconds(self) -> float:
        """A range that ends at `at` and holds the first one, and none before."""
        return self.last - self.first + 1.0


@dataclass(frozen=True, slots=True)
class Cover:
    """A stretch of time divided: what rollups tell, and the rest. Together they are all of it, without overlaps."""

    runs: tuple[Run, ...]
    rest: tuple[Span, ...]


@dataclass(frozen=True, slots=True)
class Rollups:
    """When rollups were recorded, in order."""

    hours: tuple[float, ...]
    days: tuple[float, ...] = ()

    def cover(self, span: Span) -> Cover:
        """How `span` is told: days as far as whole ones lie within, hours beside them."""
        runs: list[Run] = []
        rest: list[Span] = []
        start = span.start
        for hours in _away_from_holes(self._hours_within(span), span):
            told = Span(hours[0] - HOUR + MILLISECOND, hours[-1] + MILLISECOND)
            rest.append(Span(start, told.start))
            start = told.end
            runs += self._by_days(hours)
        rest.append(Span(start, span.end))
        return Cover(tuple(runs), tuple(one for one in rest if one.length > MILLISECOND / 2))

    def _hours_within(self, span: Span) -> list[list[float]]:
        """The instants of hours wholly within `span`, those without a hole between them together."""
        found: list[list[float]] = []
        is_closed = False
        for at in self.hours:
            if at - HOUR + MILLISECOND < span.start or at + MILLISECOND > span.end:
                continue
            step = at - found[-1][-1] if found else 0.0
            if found and not is_closed and abs(step - HOUR) < SAME_MINUTE_SECONDS:
                found[-1].append(at)
            elif not found or step >= HOUR:
                found.append([at])
                is_closed = False
            else:
                # The recording moved to another minute: this hour is partly told already, and no range may hold it.
                is_closed = True
        return found

    def _by_days(self, hours: Sequence[float]) -> Iterator[Run]:
        """Hours without a hole, divided into days and the hours beside them."""
        place = begun = 0
        days: list[float] = []
        for day in self.days:
            end = day - DAY_DELAY_SECONDS
            first, last = bisect_left(hours, end - DAY + MILLISECOND), bisect_right(hours, end)
            # A day may have had hours that are not among these.
            is_whole = last - first == HOURS_A_DAY == self._hours_of(end) and first >= place
            if days and (not is_whole or first > place):
                # No range of days may hold one that is not among them.
                yield _run(days, hours[begun:place], "1d")
                days = []
            if not is_whole:
                continue
            if first > place:
                yield _run(hours[place:first], hours[place:first], "1h")
            if not days:
                begun = first
            days.append(day)
            place = last
        if days:
            yield _run(days, hours[begun:place], "1d")
        if place < len(hours):
            yield _run(hours[place:], hours[place:], "1h")

    def _hours_of(self, end: float) -> int:
        """How many hours were recorded in the day until `end`, whatever lies between them."""
        return bisect_right(self.hours, end) - bisect_left(self.hours, end - DAY + MILLISECOND)


def _away_from_holes(groups: Sequence[list[float]], span: Span) -> Iterator[list[float]]:
    """The hours without those beside a hole between hours, or at an edge where one is missing.

    They are asked of the samples with it: an hour's growth of a counter is counted from what the hour before recorded,
    so that the first one after a hole tells of the hole, too, or of what lies outside `span`.
    """
    if not groups:
        return
    at_start = groups[0][0] - HOUR - span.start > HOUR - SAME_MINUTE_SECONDS
    at_end = span.end - groups[-1][-1] > HOUR - SAME_MINUTE_SECONDS
    is_hole = [at_start, *(True for _ in groups[1:]), at_end]
    for hours, (before, after) in zip(groups, pairwise(is_hole), strict=True):
        whole = hours[before : len(hours) - after]
        if whole:
            yield whole


def _run(instants: Sequence[float], hours: Sequence[float], suffix: str) -> Run:
    span = Span(hours[0] - HOUR + MILLISECOND, hours[-1] + MILLISECOND)
    return Run(instants[0], instants[-1], span, len(hours), suffix)


NO_ROLLUPS = Rollups(())


def read_rollups(hours: Iterable[RawSeries], days: Iterable[RawSeries]) -> Rollups:
    """The rollups that the series `dcnet:hour` and `dcnet:day` tell.

    Those of a pair count only while they agree on the minute.
    """
    instants = sorted({at for one in hours for at, _value in one.points})
    if len({round(at % HOUR, 1) for at in instants}) > 1 and _is_pair(instants):
        return NO_ROLLUPS
    return Rollups(tuple(instants), tuple(sorted({at for one in days for at, _value in one.points})))


def _is_pair(instants: list[float]) -> bool:
    """Whether most hours were told twice."""
    hours = instants[-1] - instants[0]
    return len(instants) > 1.5 * hours / HOUR + 2
