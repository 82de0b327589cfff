"""The judgement of a month: evidence in, checklist rows and findings out.

Owns the rule by which a component is Menurun or Kritis, and the order of rows and findings. It must not
query or render anything.

The rule, as the report prints it: Kritis is a month's value past its critical limit, or a critical state
(with a limit of its own, not the warning one) outside planned work for longer than is tolerated. Menurun is a
value past the warning limit, or a degraded state outside planned work for longer than is tolerated. Where less
of the month was measured than the indicator asks for, the value judges nothing: only the minutes do, and
without too many of them there is no data.
"""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from dcnet.catalogue import EVALUATION_INTERVAL_SECONDS, Catalogue, Component, Indicator, Limits, Severity
from sopctl.checklist.incidents import NOT_DEGRADED, Degradation
from sopctl.checklist.planned_time import PlannedTime
from sopctl.model import ChecklistRow, Finding, InventoryObject, Period, Status

SECONDS_A_MINUTE = 60
COMPONENT_ORDER = tuple(Component)
FINDING_ORDER = (Status.CRITICAL, Status.DEGRADED)

Key = tuple[str, str]
"""(indicator, object)"""


@dataclass(frozen=True, slots=True)
class RecordedObject:
    """Something that indicators were recorded for within the month."""

    name: str
    device: str
    component: Component


@dataclass(frozen=True, slots=True)
class MonthEvidence:
    """All that a month's judgement rests on."""

    period: Period
    objects: tuple[InventoryObject, ...]
    recorded: frozenset[RecordedObject]
    coverage: Mapping[Key, float]
    """Share of the month that was measured, 0 to 1."""

    limits: Mapping[tuple[str, str, Severity], float]
    """Limits of the moment that were in force at the month's end, by (indicator, object, severity)."""

    month_limits: Mapping[tuple[str, str, Severity], float]
    """The inventory's own limits of the month's value, as `limits`; object: also a device, or empty for the site."""

    values: Mapping[Key, float]
    previous_values: Mapping[Key, float]
    degraded: Mapping[Key, Degradation]
    planned: PlannedTime


def judge_month(catalogue: Catalogue, evidence: MonthEvidence) -> tuple[ChecklistRow, ...]:
    """A row for every object by every indicator of its component: what has no data has a row that says so."""
    rows = []
    for component in COMPONENT_ORDER:
        indicators = [one for one in catalogue.indicators if one.component is component]
        for name, device in sorted(_objects(component, evidence).items(), key=lambda item: natural_order(item[0])):
            rows += [_judge_row(indicator, name, device, evidence) for indicator in indicators]
    return tuple(rows)


def find_findings(rows: Iterable[ChecklistRow]) -> tuple[Finding, ...]:
    """The rows that are Kritis or Menurun: by severity, then object, then indicator."""
    declined = [row for row in rows if row.status in FINDING_ORDER]
    declined.sort(key=lambda row: (FINDING_ORDER.index(row.status), natural_order(row.object), row.indicator))
    return tuple(Finding(f"F{number:02}", row) for number, row in enumerate(declined, start=1))


def judge_status(indicator: Indicator, month: Limits, moment: Limits, row: "Measured") -> Status:
    """The judgement of one object by one indicator; `month` and `moment` are the limits of each."""
    tolerated = indicator.month.tolerated_degraded_minutes
    value = row.value if row.coverage >= indicator.month.minimum_coverage else None
    # With one limit for both, every degraded minute is a critical one and would leave nothing to be Menurun.
    critical_is_distinct = moment.warning != moment.critical
    if value is not None and indicator.is_past(value, month.critical):
        return Status.CRITICAL
    if row.critical_minutes > tolerated and critical_is_distinct:
        return Status.CRITICAL
    if value is not None and indicator.is_past(value, month.warning):
        return Status.DEGRADED
    if row.degraded_minutes > tolerated:
        return Status.DEGRADED
    if value is None:
        return Status.NO_DATA
    only_planned = row.degraded_in_planned_work and row.degraded_minutes == 0
    return Status.PLANNED if only_planned else Status.GOOD


@dataclass(frozen=True, slots=True)
class Measured:
    """The figures of one object by one indicator that a judgement looks at."""

    value: float | None
    coverage: float
    degraded_minutes: int
    critical_minutes: int
    degraded_in_planned_work: bool


def natural_order(name: str) -> tuple[tuple[int, int | str], ...]:
    """Sorts `port-2` before `port-10`."""
    return tuple(
        (0, int(part)) if part.isascii() and part.isdigit() else (1, part) for part in re.split(r"([0-9]+)", name)
    )


def _objects(component: Component, evidence: MonthEvidence) -> dict[str, str]:
    """Device by object: what the inventory lists, and what was recorded."""
    found = {one.name: one.device for one in evidence.recorded if one.component is component}
    for one in evidence.objects:
        if one.kind is component:
            found[one.name] = one.name if component is Component.DEVICE else one.parent
    return found


def _judge_row(indicator: Indicator, name: str, device: str, evidence: MonthEvidence) -> ChecklistRow:
    key = (indicator.id, name)
    moment = Limits(
        warning=evidence.limits.get((*key, Severity.WARNING), indicator.limits.warning),
        critical=evidence.limits.get((*key, Severity.CRITICAL), indicator.limits.critical),
    )
    month = _month_limits(indicator, name, device, moment, evidence)
    degradation = evidence.degraded.get(key, NOT_DEGRADED)
    coverage = evidence.coverage.get(key, 0.0)
    value = evidence.values.get(key)
    measured = Measured(
        value,
        coverage,
        degradation.degraded_minutes,
        degradation.critical_minutes,
        any(incident.planned for incident in degradation.incidents),
    )
    planned = sum(span.end - span.start for span in evidence.planned.spans_of(name, device))
    whole = evidence.period.seconds
    return ChecklistRow(
        object=name,
        device=device,
        component=indicator.component,
        indicator=indicator.id,
        status=judge_status(indicator, month, moment, measured),
        value=value,
        previous_value=evidence.previous_values.get(key),
        warning_limit=month.warning,
        critical_limit=month.critical,
        coverage=coverage,
        degraded_minutes=degradation.degraded_minutes,
        critical_minutes=degradation.critical_minutes,
        planned_minutes=round(planned / SECONDS_A_MINUTE),
        unknown_minutes=round((1 - coverage) * whole / SECONDS_A_MINUTE),
        incidents=degradation.incidents,
    )


def _month_limits(indicator: Indicator, name: str, device: str, moment: Limits, evidence: MonthEvidence) -> Limits:
    """The inventory's nearest limit for a month (object, device, site), else the catalogue's, else the moment's."""
    usual = indicator.month.limits or moment

    def limit(severity: Severity, otherwise: float) -> float:
        keys = ((indicator.id, place, severity) for place in (name, device, ""))
        return next((evidence.month_limits[key] for key in keys if key in evidence.month_limits), otherwise)

    return Limits(warning=limit(Severity.WARNING, usual.warning), critical=limit(Severity.CRITICAL, usual.critical))


def coverage_of(samples: float, period: Period) -> float:
    """The share of `period` that so many evaluations measured; a pair's second copy adds nothing."""
    return min(1.0, samples * EVALUATION_INTERVAL_SECONDS / period.seconds)
