"""What a right system must report for a month: worked out from the scenario, the catalogue and the inventory.

Owns the expectation and its comparison with a report. It must not run, import or imitate the code that
judges: it reasons from each fault's size and length, and refuses a scenario that it cannot judge surely.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, assert_never

from dcnet.catalogue import (
    AvailableTime,
    AverageOfIndicator,
    Catalogue,
    CountOfEvents,
    Indicator,
    LastOfIndicator,
    Limits,
    MaximumOfIndicator,
    MeanOfSamples,
    MinimumOfIndicator,
    QuantileOfHistogram,
    QuantileOfIndicator,
    RatioOfCounters,
    Unit,
    owner_of,
)
from dcnet.language import Words
from lab.errors import LabError
from lab.evidence import NOTHING, Evidence, Range, evidence_of
from lab.scenario import (
    MeasurementGap,
    Scenario,
)
from lab.timeline import Month, Stretch, Timeline, place_in_month

BUSY_HOUR_FACTOR = 2.5
"""A stretch may hold up to so many times (or one so-manieth of) the traffic of an average stretch."""


class FindingStatus(StrEnum):
    """How bad a finding is; the values of the report."""

    DEGRADED = "degraded"
    CRITICAL = "critical"


@dataclass(frozen=True, slots=True)
class ExpectedFinding:
    """A finding that must be in the report."""

    object: str
    indicator: str
    status: FindingStatus
    degraded_minutes: Range
    reasons: tuple[str, ...]
    """The scenario's own words, one for each fault."""


def expected_findings(
    scenario: Scenario, month: Month, catalogue: Catalogue, inventory: Mapping[str, Any]
) -> list[ExpectedFinding]:
    """The findings of the month, by object and indicator. Raises LabError for a scenario too close to a limit."""
    timeline = place_in_month(scenario, month)
    minutes = (month.end.timestamp() - month.start.timestamp()) / 60 - _gap_minutes(timeline)
    every: dict[tuple[str, str], list[Evidence]] = {}
    for placed in timeline.faults:
        for evidence in evidence_of(placed.fault, placed.stretches):
            every.setdefault((evidence.object, evidence.indicator), []).append(evidence)
    indicators = catalogue.by_id()
    findings = []
    for (_, indicator_id), evidence_of_one in sorted(every.items()):
        if indicator_id not in indicators:
            continue
        finding = _judge(indicators[indicator_id], evidence_of_one, minutes, inventory, timeline)
        if finding is not None:
            findings.append(finding)
    return findings


def differences(truth: Iterable[ExpectedFinding], report: Mapping[str, Any]) -> list[str]:
    """What a report's document says otherwise than the truth; empty: nothing."""
    expected = {(one.object, one.indicator): one for one in truth}
    found = {(one["object"], one["indicator"]): one for one in report["findings"]}
    wrong = [f"{o} {i}: missing; expected {expected[o, i].status.value}" for o, i in sorted(expected.keys() - found)]
    for key in sorted(found.keys() - expected):
        one = found[key]
        minutes = one["degraded_minutes"]
        wrong.append(f"{key[0]} {key[1]}: found {one['status']} ({minutes} minutes); expected no finding")
    for key in sorted(expected.keys() & found):
        wrong += _differences_of_one(expected[key], found[key])
    return wrong


def _differences_of_one(expected: ExpectedFinding, found: Mapping[str, Any]) -> list[str]:
    name, wrong = f"{expected.object} {expected.indicator}", []
    if found["status"] != expected.status.value:
        wrong.append(f"{name}: found {found['status']}; expected {expected.status.value}")
    bounds = expected.degraded_minutes
    if not bounds.low <= found["degraded_minutes"] <= bounds.high:
        wrong.append(
            f"{name}: found {found['degraded_minutes']} degraded minutes; expected {bounds.low:g} to {bounds.high:g}"
        )
    return wrong


def _judge(
    indicator: Indicator,
    evidence: Sequence[Evidence],
    month_minutes: float,
    inventory: Mapping[str, Any],
    timeline: Timeline,
) -> ExpectedFinding | None:
    name = evidence[0].object
    moment = _overridden(indicator.limits, indicator, name, inventory)
    degraded = _minutes_past(indicator, moment.warning, evidence, timeline)
    # With one limit for both severities every bad minute would be critical: then only the month's value tells.
    distinct = moment.warning != moment.critical
    critical = _minutes_past(indicator, moment.critical, evidence, timeline) if distinct else NOTHING
    month = _overridden(indicator.month.limits or moment, indicator, name, inventory, "month_")
    value = _month_value(indicator, evidence, month_minutes, timeline)
    tolerated = indicator.month.tolerated_degraded_minutes

    def past(minutes: Range, limit: float | None) -> bool:
        by_minutes = {minutes.low > tolerated, minutes.high > tolerated}
        by_value = {value is not None and indicator.is_past(one, limit) for one in _ends(value)}
        if by_minutes == {True} or by_value == {True}:
            return True
        if by_minutes == {False} and by_value == {False}:
            return False
        raise LabError(
            Words(
                f"skenario: {indicator.id} pada {name} terlalu dekat dengan batas; ubah ukuran atau lamanya",
                f"scenario: {indicator.id} of {name} is too close to a limit; change its size or length",
            )
        )

    is_critical, is_degraded = past(critical, month.critical), past(degraded, month.warning)
    if not is_critical and not is_degraded:
        return None
    status = FindingStatus.CRITICAL if is_critical else FindingStatus.DEGRADED
    return ExpectedFinding(name, indicator.id, status, degraded, tuple(one.reason for one in evidence))


def _ends(value: Range | None) -> tuple[float, ...]:
    return (0.0,) if value is None else (value.low, value.high)


def _overridden(
    default: Limits, indicator: Indicator, name: str, inventory: Mapping[str, Any], prefix: str = ""
) -> Limits:
    """The limits in force: the object's, else its device's, else the site's, else `default`.

    `prefix` is what the inventory's keys start with: `month_` for limits of the month's value.
    """
    owner, interface = owner_of(name), name.partition(":")[2]
    limits: dict[str, float | None] = {"warning": default.warning, "critical": default.critical}
    overrides = [(None, one) for one in inventory.get("thresholds", ())]
    for entry in (*inventory["devices"], *inventory["links"]):
        if entry["name"] == owner:
            overrides += [(one.get("interface", ""), one) for one in entry.get("thresholds", ())]
    # The nearest comes last and rules.
    for place in (None, "", interface):
        for where, override in overrides:
            if where == place and override["indicator"] == indicator.id:
                limits |= {key: override[prefix + key] for key in limits if prefix + key in override}
    return Limits.model_validate(limits)


def _minutes_past(indicator: Indicator, limit: float | None, evidence: Iterable[Evidence], timeline: Timeline) -> Range:
    total = NOTHING
    for one in evidence:
        is_past = {indicator.is_past(value, limit) for value in _ends(one.value)}
        for stretch in one.stretches:
            minutes = _measured_minutes(stretch, timeline)
            low = max(minutes - one.slack_minutes, 0) if is_past == {True} else 0
            high = minutes + one.slack_minutes if True in is_past else 0
            total += Range(low, high)
    return total


def _month_value(
    indicator: Indicator, evidence: Sequence[Evidence], month_minutes: float, timeline: Timeline
) -> Range | None:
    """The month's value, from each fault's share of the measured month; None: as on a usual month, good."""
    shares = [
        (one.value, sum(_measured_minutes(stretch, timeline) for stretch in one.stretches) / month_minutes)
        for one in evidence
    ]
    worst = [value for value, _ in shares]
    match indicator.month.summary:
        case MeanOfSamples():
            # What these indicators average is 1 on a usual day.
            mean = 1 - sum((1 - value.low) * share for value, share in shares)
            return Range(mean, mean)
        case AverageOfIndicator() | AvailableTime():
            # A state is 0 on a usual day; any other average (an availability) is 1.
            usual = 0 if indicator.unit is Unit.STATE else 1
            mean = usual + sum((value.low - usual) * share for value, share in shares)
            return Range(mean, mean)
        case RatioOfCounters():
            low = sum(value.low * share for value, share in shares) / BUSY_HOUR_FACTOR
            return Range(low, sum(value.high * share for value, share in shares) * BUSY_HOUR_FACTOR)
        case CountOfEvents():
            events = sum(len(one.stretches) for one in evidence)
            return Range(events, events)
        case MaximumOfIndicator():
            return Range(max(value.low for value in worst), max(value.high for value in worst))
        case MinimumOfIndicator():
            return Range(min(value.low for value in worst), min(value.high for value in worst))
        case QuantileOfIndicator(quantile=quantile) | QuantileOfHistogram(quantile=quantile):
            # A low quantile is one of what is bad below.
            rare = min(quantile, 1 - quantile)
            lasting = [value for value, share in shares if share > rare]
            return lasting[0] if lasting else None
        case LastOfIndicator():
            # Every fault of a scenario is over before the month is: an occurrence begins on day 28 at the latest.
            return None
        case _:
            assert_never(indicator.month.summary)


def _gap_minutes(timeline: Timeline) -> float:
    return sum((gap.end - gap.start) / 60 for _, stretches in timeline.of_kind(MeasurementGap) for gap in stretches)


def _measured_minutes(stretch: Stretch, timeline: Timeline) -> float:
    """How much of a stretch lies outside the measurement gaps."""
    gaps = [gap for _, stretches in timeline.of_kind(MeasurementGap) for gap in stretches]
    hidden = sum(max(0.0, min(gap.end, stretch.end) - max(gap.start, stretch.start)) for gap in gaps)
    return (stretch.end - stretch.start - hidden) / 60
