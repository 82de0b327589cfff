"""Incidents and minutes from the stretches of time in which something was past its limits.

Pure; times are seconds since the epoch until they become an Incident.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime

from dcnet.catalogue import EVALUATION_INTERVAL_SECONDS, Severity
from sopctl.checklist.planned_time import Span, merge_spans, outside, within
from sopctl.checklist.samples import RawSeries, label_of, member_of
from sopctl.evidence import Incident
from sopctl.model import Period

LONGEST_STEP_SECONDS = 1.5 * EVALUATION_INTERVAL_SECONDS
"""A longer step between two recorded samples is a gap: what lies in it is not known to be past the limit."""


@dataclass(frozen=True, slots=True)
class BadTime:
    """When an indicator of one object was past its limits; each list without overlaps, in order."""

    warning: tuple[Span, ...]
    """Past the warning limit, whether or not past the critical one."""

    critical: tuple[Span, ...]


@dataclass(frozen=True, slots=True)
class Degradation:
    """What was past its limits, by one indicator of one object."""

    incidents: tuple[Incident, ...]
    degraded_minutes: float
    """Outside planned work, past the warning limit."""

    critical_minutes: float
    """Outside planned work, past the critical limit."""


NOT_DEGRADED = Degradation((), 0, 0)


def read_degraded(series: Iterable[RawSeries]) -> dict[tuple[str, str], BadTime]:
    """The bad time that the recorded `dcnet:degraded` tells, by (indicator, object); its grain is an evaluation.

    Several series may tell of one object (a link that moved to another device, two Prometheus of a pair):
    the same time counts once.
    """
    spans: dict[tuple[str, str], dict[Severity, list[Span]]] = {}
    for one in series:
        severity = member_of(one.labels, "severity", Severity)
        own = spans.setdefault((label_of(one.labels, "indicator"), label_of(one.labels, "object")), {})
        own.setdefault(severity, []).extend(_evaluations([at for at, _value in one.points]))
    return {
        key: BadTime(
            merge_spans(span for many in own.values() for span in many), merge_spans(own.get(Severity.CRITICAL, ()))
        )
        for key, own in spans.items()
    }


def find_incidents(
    bad: BadTime, planned: Sequence[Span], period: Period, shortest_pause_seconds: float = 0
) -> Degradation:
    """Incidents and minutes from the time past the limits.

    A stretch is divided where planned work begins or ends, so that each incident lies wholly inside or wholly
    outside of it. Stretches with a shorter pause between them than `shortest_pause_seconds` are one incident; the
    pause is part of it, and no part of the minutes.
    """
    month = Span(period.start.timestamp(), period.end.timestamp())
    work = within(merge_spans(planned), month)
    free = outside(month, work)
    incidents = [
        _incident(run, bad.critical, period, planned=part in work)
        for part in sorted((*work, *free))
        for run in _runs(within(bad.warning, part), shortest_pause_seconds)
    ]
    return Degradation(tuple(incidents), _minutes(bad.warning, free), _minutes(bad.critical, free))


def _evaluations(instants: Sequence[float]) -> Iterator[Span]:
    """The time that recorded samples speak for: until the next one, or for an evaluation where that is missing."""
    for at, following in zip(instants, [*instants[1:], float("inf")], strict=False):
        step = following - at
        yield Span(at, at + (step if step <= LONGEST_STEP_SECONDS else EVALUATION_INTERVAL_SECONDS))


def _runs(stretches: Iterable[Span], shortest_pause_seconds: float) -> Iterator[list[Span]]:
    """Stretches that are one incident together."""
    run: list[Span] = []
    for one in stretches:
        if run and one.start - run[-1].end >= shortest_pause_seconds:
            yield run
            run = []
        run.append(one)
    if run:
        yield run


def _incident(run: Sequence[Span], critical: Sequence[Span], period: Period, *, planned: bool) -> Incident:
    start, end = run[0].start, run[-1].end
    zone = period.start.tzinfo
    is_critical = bool(within(critical, Span(start, end)))
    return Incident(
        start=datetime.fromtimestamp(start, zone),
        end=datetime.fromtimestamp(end, zone),
        severity=Severity.CRITICAL if is_critical else Severity.WARNING,
        planned=planned,
        stretches=len(run),
        pause_seconds=round(end - start - sum(one.length for one in run), 3),
    )


def _minutes(spans: Sequence[Span], parts: Iterable[Span]) -> float:
    """Minutes of `spans` that lie in `parts`, to the hundredth."""
    return round(sum(one.length for part in parts for one in within(spans, part)) / 60, 2)
