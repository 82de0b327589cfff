"""The judgement of a month: evidence in, checklist rows and findings out.

Owns the rule by which a component is Menurun or Kritis, and the order of rows. It must not query or render
anything; what is one fault among several rows is told in `findings`.

The rule, as the report prints it: Kritis is a month's value past its critical limit, or a critical state
(with a limit of its own, not the warning one) outside planned work for longer than is tolerated. Menurun is a
value past the warning limit, or a degraded state outside planned work for longer than is tolerated. Where less
of the month was measured than the indicator asks for, the value judges nothing: only the minutes do, and
without too many of them there is no data.
"""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from dcnet.catalogue import EVALUATION_INTERVAL_SECONDS, Catalogue, Component, Indicator, Limits, Severity, owner_of
from sopctl.checklist.incidents import NOT_DEGRADED, Degradation
from sopctl.checklist.planned_time import PlannedTime
from sopctl.evidence import ChecklistRow, InventoryObject, Status
from sopctl.model import Period

SECONDS_A_MINUTE = 60
LEAST_SECONDS = 86_400
COMPONENT_ORDER = tuple(Component)

Key = tuple[str, str]
"""(indicator, object)"""


@dataclass(frozen=True, slots=True)
class MonthEvidence:
    """All that a month's judgement rests on."""

    period: Period
    objects: tuple[InventoryObject, ...]
    recorded: Mapping[Key, str]
    """The device of everything that was recorded in the month or in the one before."""

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
    life: Mapping[str, float] = field(default_factory=dict)
    """Share of the month, 0 to 1, in which the inventory held a device or link; not told: all of it."""


def judge_month(catalogue: Catalogue, evidence: MonthEvidence) -> tuple[ChecklistRow, ...]:
    """A row for every object by every indicator that applies to it: what has no data has a row that says so.

    What was measured this month or the month before applies, and what every object of its kind (of the inventory,
    or measured by another indicator) is expected to give. What an object never gave, a battery of a switch, is no row.
    """
    rows = []
    for component in COMPONENT_ORDER:
        indicators = [one for one in catalogue.indicators if one.component is component]
        devices = _devices_by_row(component, indicators, evidence)
        for name in sorted({name for _, name in devices}, key=natural_order):
            rows += [
                _judge_row(indicator, name, devices[indicator.id, name], evidence)
                for indicator in indicators
                if (indicator.id, name) in devices
            ]
    return tuple(rows)


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
    degraded_minutes: float
    critical_minutes: float
    degraded_in_planned_work: bool


def natural_order(name: str) -> tuple[tuple[int, int | str], ...]:
    """Sorts `port-2` before `port-10`."""
    return tuple(
        (0, int(part)) if part.isascii() and part.isdigit() else (1, part) for part in re.split(r"([0-9]+)", name)
    )


def _devices_by_row(component: Component, indicators: Iterable[Indicator], evidence: MonthEvidence) -> dict[Key, str]:
    """The rows of one component's indicators, each with its object's device."""
    expected = {indicator.id: indicator.expected for indicator in indicators}
    rows = {key: device for key, device in evidence.recorded.items() if key[0] in expected}
    known = {name: device for (_, name), device in rows.items()}
    for one in evidence.objects:
        if one.kind is component:
            known[one.name] = one.name if component is Component.DEVICE else one.parent
    for identity in (identity for identity, of_all in expected.items() if of_all):
        rows |= {(identity, name): device for name, device in known.items()}
    return rows


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
        _judged_coverage(coverage, evidence.life.get(owner_of(name), 1.0), evidence.period),
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

    def limit(severity: Severity) -> float | None:
        keys = ((indicator.id, place, severity) for place in (name, owner_of(name), device, ""))
        return next((evidence.month_limits[key] for key in keys if key in evidence.month_limits), None)

    warning, critical = limit(Severity.WARNING), limit(Severity.CRITICAL)
    return Limits(
        warning=usual.warning if warning is None else warning,
        critical=usual.critical if critical is None else critical,
    )


def _judged_coverage(coverage: float, life: float, period: Period) -> float:
    """The share measured of the time that there was something to measure: a device added late is not without data.

    Less than a day of it speaks for no month.
    """
    if life <= 0 or coverage * period.seconds < LEAST_SECONDS:
        return coverage
    return min(1.0, coverage / life)


def coverage_of(samples: float, period: Period) -> float:
    """The share of `period` that so many evaluations measured; a pair's second copy adds nothing."""
    return min(1.0, samples * EVALUATION_INTERVAL_SECONDS / period.seconds)
