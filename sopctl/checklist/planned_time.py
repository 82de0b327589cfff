"""Planned work within a month: its windows from raw samples, whom they cover, what remains outside.

Pure; times are seconds since the epoch.
"""

import math
from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

from dcnet.catalogue import EVALUATION_INTERVAL_SECONDS, owner_of
from sopctl.checklist.samples import RawSeries, label_of

LONGEST_PAUSE_SECONDS = 300
"""Samples of one window closer than this belong together: longer than any sensible scrape interval and a
missed scrape, shorter than any pause worth calling one."""


@dataclass(frozen=True, slots=True, order=True)
class Span:
    """A stretch of time, start <= t < end."""

    start: float
    end: float

    @property
    def length(self) -> float:
        """In seconds."""
        return self.end - self.start

    def holds(self, instant: float) -> bool:
        """Whether `instant` lies within."""
        return self.start <= instant < self.end


@dataclass(frozen=True, slots=True)
class PlannedSpan:
    """A window of planned work as its samples show it."""

    object: str
    name: str
    span: Span


@dataclass(frozen=True, slots=True)
class PlannedTime:
    """All planned work of a month."""

    month: Span
    seen: tuple[PlannedSpan, ...]
    """Also windows that ended shortly before the month: an indicator that looks back still tells of them."""

    @property
    def windows(self) -> tuple[PlannedSpan, ...]:
        """The windows within the month, cut at its ends."""
        return tuple(replace(one, span=span) for one in self.seen for span in self._within_month(one.span))

    def spans_of(self, name: str, device: str, lookback_minutes: int = 0) -> tuple[Span, ...]:
        """The planned time of an object: its own windows, its owner's, and those of the device that carries it.

        Each is extended by `lookback_minutes`: so long an indicator that looks back still tells of the window.
        """
        return merge_spans(
            span
            for one in self.seen
            if one.object in {name, owner_of(name), device}
            for span in self._within_month(Span(one.span.start, one.span.end + lookback_minutes * 60))
        )

    def _within_month(self, span: Span) -> Iterable[Span]:
        cut = Span(max(span.start, self.month.start), min(span.end, self.month.end))
        return (cut,) if cut.start < cut.end else ()


def device_of(name: str, carriers: Mapping[str, str]) -> str:
    """The device that an object is, belongs to or (by `carriers`, for a link and its probes) is carried by."""
    owner = owner_of(name)
    return carriers.get(owner, owner)


def read_windows(series: Iterable[RawSeries], month: Span) -> PlannedTime:
    """The windows that raw samples of `dcnet_maintenance` show; `month` is the month that they matter to.

    A window's edges fall between two scrapes: they are set to the minutes around its first and last sample.
    """
    grain = EVALUATION_INTERVAL_SECONDS
    instants: dict[tuple[str, str], set[float]] = {}
    for one in series:
        key = (label_of(one.labels, "object"), one.labels.get("window", ""))
        instants.setdefault(key, set()).update(instant for instant, value in one.points if value > 0)
    windows = []
    for (name, window), times in sorted(instants.items()):
        for first, last in _runs(sorted(times)):
            span = Span(math.floor(first / grain) * grain, math.floor(last / grain) * grain + grain)
            windows.append(PlannedSpan(name, window, span))
    ordered = sorted(windows, key=lambda planned: (planned.span, planned.object, planned.name))
    return PlannedTime(month, tuple(ordered))


def merge_spans(spans: Iterable[Span]) -> tuple[Span, ...]:
    """The same time without overlaps, in order."""
    merged: list[Span] = []
    for span in sorted(spans):
        if merged and span.start <= merged[-1].end:
            merged[-1] = Span(merged[-1].start, max(merged[-1].end, span.end))
        else:
            merged.append(span)
    return tuple(merged)


def within(spans: Sequence[Span], bounds: Span) -> tuple[Span, ...]:
    """The part of `spans` (merged, in order) that lies in `bounds`."""
    # A month of a flapping port has thousands of spans, and planned work asks for each of its own parts.
    first = bisect_right(spans, bounds.start, key=lambda span: span.end)
    last = bisect_left(spans, bounds.end, key=lambda span: span.start)
    return tuple(Span(max(one.start, bounds.start), min(one.end, bounds.end)) for one in spans[first:last])


def without(spans: Sequence[Span], taken: Sequence[Span]) -> tuple[Span, ...]:
    """The part of `spans` that lies in none of `taken` (both merged, in order)."""
    return tuple(part for span in spans for part in outside(span, within(taken, span)))


def outside(month: Span, planned: Sequence[Span]) -> tuple[Span, ...]:
    """What remains of `month` without `planned` (merged, in order)."""
    remaining = []
    start = month.start
    for span in planned:
        if span.start > start:
            remaining.append(Span(start, span.start))
        start = max(start, span.end)
    if start < month.end:
        remaining.append(Span(start, month.end))
    return tuple(remaining)


def group_by_spans(planned: Mapping[str, tuple[Span, ...]]) -> dict[tuple[Span, ...], list[str]]:
    """Objects that share the same planned time, so that they are asked for together; without those that have none."""
    groups: dict[tuple[Span, ...], list[str]] = {}
    for name, spans in sorted(planned.items()):
        if spans:
            groups.setdefault(spans, []).append(name)
    return groups


def _runs(times: Sequence[float]) -> Iterable[tuple[float, float]]:
    first = 0
    for position in range(1, len(times) + 1):
        if position == len(times) or times[position] - times[position - 1] > LONGEST_PAUSE_SECONDS:
            yield times[first], times[position - 1]
            first = position
