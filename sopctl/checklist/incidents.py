"""Stretches of degradation from the raw samples of `dcnet:degraded`.

Pure; times are seconds since the epoch until they become an Incident.
"""

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from dcnet.catalogue import EVALUATION_INTERVAL_SECONDS, Severity
from sopctl.checklist.planned_time import Span
from sopctl.checklist.samples import RawSeries, label_of, member_of
from sopctl.evidence import Incident
from sopctl.model import Period

LONGEST_STEP_SECONDS = 1.5 * EVALUATION_INTERVAL_SECONDS
"""A longer step between two samples is a gap: the degradation ended and began anew."""


@dataclass(frozen=True, slots=True)
class Degradation:
    """What was past its limits, by one indicator of one object."""

    incidents: tuple[Incident, ...]
    degraded_minutes: int
    """Outside planned work, past the warning limit."""

    critical_minutes: int
    """Outside planned work, past the critical limit."""


NOT_DEGRADED = Degradation((), 0, 0)


def read_degraded(series: Iterable[RawSeries]) -> dict[tuple[str, str], dict[float, Severity]]:
    """The worst severity at each instant, by (indicator, object).

    Several series may tell of one object (a link that moved to another device, two Prometheus of a pair):
    each evaluation counts once.
    """
    result: dict[tuple[str, str], dict[float, Severity]] = {}
    for one in series:
        severity = member_of(one.labels, "severity", Severity)
        instants = result.setdefault((label_of(one.labels, "indicator"), label_of(one.labels, "object")), {})
        for instant, _value in one.points:
            if severity is Severity.CRITICAL or instant not in instants:
                instants[instant] = severity
    return result


def find_incidents(instants: Mapping[float, Severity], planned: Sequence[Span], period: Period) -> Degradation:
    """Incidents and minutes from the worst severity at each instant.

    A stretch is divided where planned work begins or ends, so that each incident lies wholly inside or
    wholly outside of it and the minutes of those outside add up to the minutes counted.
    """
    incidents: list[Incident] = []
    run: list[float] = []

    def is_planned(instant: float) -> bool:
        return any(span.holds(instant) for span in planned)

    def close() -> None:
        worst = Severity.CRITICAL if any(instants[at] is Severity.CRITICAL for at in run) else Severity.WARNING
        zone = period.start.tzinfo
        incidents.append(
            Incident(
                start=datetime.fromtimestamp(run[0], zone),
                end=min(datetime.fromtimestamp(run[-1] + EVALUATION_INTERVAL_SECONDS, zone), period.end),
                severity=worst,
                planned=is_planned(run[0]),
            )
        )

    within = sorted(at for at in instants if period.start.timestamp() <= at < period.end.timestamp())
    for at in within:
        if run and (at - run[-1] > LONGEST_STEP_SECONDS or is_planned(at) != is_planned(run[-1])):
            close()
            run = []
        run.append(at)
    if run:
        close()
    outside = [at for at in within if not is_planned(at)]
    critical = [at for at in outside if instants[at] is Severity.CRITICAL]
    return Degradation(tuple(incidents), _minutes(outside), _minutes(critical))


def _minutes(instants: Sequence[float]) -> int:
    """Minutes of as many evaluations; two within one evaluation interval are the same minute."""
    return len({math.floor(at / EVALUATION_INTERVAL_SECONDS) for at in instants}) * EVALUATION_INTERVAL_SECONDS // 60
