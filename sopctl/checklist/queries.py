"""The PromQL that a month is asked with.

Owns every expression that sopctl sends, built from the metrics contract and the catalogue. It must not
send anything. None of them names an object, except those about few: raw samples, what lay in planned work, what had
events. Their number does not grow with the fleet.
"""

import json
import re
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from typing import assert_never

from dcnet.catalogue import (
    NAMINGS,
    AvailableTime,
    AverageOfIndicator,
    Component,
    CountOfEvents,
    DeadEchoes,
    DownSamples,
    Indicator,
    LastOfIndicator,
    MaximumOfIndicator,
    MeanOfSamples,
    MinimumOfIndicator,
    Part,
    QuantileOfHistogram,
    QuantileOfIndicator,
    RatioOfCounters,
    object_of,
    raw_parts,
)

A_DAY = 86_400
SELECTOR = re.compile(r"[a-zA-Z_:][a-zA-Z0-9_:]*(\{[^{}]*\})?(?=\[)")
"""A series with its range before it, as the catalogue's expressions write it."""

HOUR_AND_A_STEP_SECONDS = 3900
"""An hour, and what stands before it: of two samples one may lie on either side of the hour's beginning."""


@dataclass(frozen=True, slots=True)
class PartQuery:
    """An expression that gives one part of the value of every object."""

    expression: str
    part: Part | None
    """None: the part is the sample's label `le`."""


def seen_objects(seconds: int) -> str:
    """Every object of the inventory seen within the range, its value the number of times."""
    return f"sum by (object, kind, site, role, parent) (count_over_time(dcnet_inventory_info[{seconds}s]))"


def seen_hourly(objects: Iterable[str]) -> str:
    """Whether each of some objects of the inventory was seen in the hour before; no objects named: whether any was."""
    own = f"{{object=~{quote(any_of(objects))}}}" if objects else ""
    by = " by (object)" if objects else ""
    return f"group{by} (count_over_time(dcnet_inventory_info{own}[1h]))"


def recorded_counts(seconds: float) -> str:
    """How many samples each `dcnet:indicator` has within the range.

    An object that moved to another device has a series before and one after: they add up. A pair's copies do not.
    """
    counts = f"max by (indicator, device, object) (count_over_time(dcnet:indicator[{range_of(seconds)}]))"
    return f"sum by (indicator, object) ({counts})"


def rolled_counts(seconds: float) -> str:
    """The same, of the hourly rollups within the range."""
    counts = f"max by (indicator, device, object) (sum_over_time(dcnet:indicator:count1h[{range_of(seconds)}]))"
    return f"sum by (indicator, object) ({counts})"


RECORDED_NOW = "group by (indicator, device, object) (dcnet:indicator)"
"""Every object that is recorded at the instant, by indicator, with its device."""

LIMITS_NOW = "max by (indicator, severity, object) (dcnet:indicator_threshold)"
"""The limits in force at the instant, by indicator, severity and object."""


def recorded_objects(seconds: float) -> str:
    """Every object that was recorded within the range, by indicator and device."""
    return f"group by (indicator, device, object) (last_over_time(dcnet:indicator[{range_of(seconds)}]))"


def newest_now(indicator: Indicator) -> str:
    """The value of each object of an indicator at the instant, else the last within a day."""
    recorded = f"dcnet:indicator{{{_recorded(indicator, ())}}}"
    day = f"max by (object) (last_over_time({recorded}[{A_DAY}s]))"
    return f"max by (object) ({recorded}) or {day}"


def percentiles(indicator: Indicator, quantile: float, seconds: float) -> tuple[str, str]:
    """The quantile and the number of each object's five-minute samples within the range."""
    window = f"dcnet:indicator:5m{{{_recorded(indicator, ())}}}[{range_of(seconds)}]"
    return (
        f"max by (object) (quantile_over_time({quantile}, {window}))",
        f"max by (object) (count_over_time({window}))",
    )


def rolled_counts_of(indicator: Indicator, seconds: float) -> str:
    """How many samples each object of an indicator has, by the hourly rollups within the range."""
    rolled = f"dcnet:indicator:count1h{{{_recorded(indicator, ())}}}[{range_of(seconds)}]"
    return f"max by (object) (sum_over_time({rolled}))"


def missed_hours(indicator: Indicator, seconds: float, hours: int, owners: Collection[str] = ()) -> str:
    """The objects of an indicator that have fewer hourly rollups within the range than there are."""
    rolled = f"dcnet:indicator:count1h{{{_recorded(indicator, owners)}}}[{range_of(seconds)}]"
    return f"max by (object) (count_over_time({rolled})) < {hours}"


def rolled_objects(indicator: Indicator, seconds: float) -> str:
    """Every object of an indicator that has hourly rollups within the range."""
    rolled = f"dcnet:indicator:count1h{{{_recorded(indicator, ())}}}[{range_of(seconds)}]"
    return f"group by (object) (last_over_time({rolled}))"


def objects_recorded_hourly(seconds: int) -> str:
    """Every object that has hourly samples within the range, by indicator: cheap, and right to the hour only."""
    return f"group by (indicator, device, object) (last_over_time(dcnet:indicator:count1h[{seconds}s]))"


def limits_in_force(seconds: float, owners: Collection[str] = ()) -> str:
    """The newest limit recorded within the range, by indicator, severity and object.

    `owners`: only of objects of these devices or links.
    """
    own = f"{{object=~{quote(f'({any_of(owners)})(:.*)?')}}}" if owners else ""
    return _newest("max", f"dcnet:indicator_threshold{own}", ("indicator", "severity", "object"), (), seconds)


def month_limits(seconds: int) -> str:
    """The inventory's limits for a month that were in force at the range's end, by indicator, severity and object."""
    return _in_force('dcnet_threshold{period="month"}', ("indicator", "severity", "object"), seconds)


def sample_count(metric: str, seconds: int) -> str:
    """How many samples `metric` has within the range, all series together; no answer where it has none."""
    return f"sum(count_over_time({metric}[{seconds}s]))"


def contract_figure(name: str, seconds: int) -> str:
    """The `dcnet_link_contract_NAME` in force at the range's end, by link and provider."""
    return _in_force(f"dcnet_link_contract_{name}", ("link", "provider"), seconds)


def link_ports(seconds: int) -> str:
    """Which port carries each link, by what was told last within the range."""
    return _newest("group", "dcnet_link_info", ("link",), ("device", "interface"), seconds)


def indicator_samples(indicator: str, objects: Iterable[str], series: str = "dcnet:indicator") -> str:
    """A selector of the recorded values of some objects."""
    return f'{series}{{indicator="{indicator}",object=~{quote(any_of(objects))}}}'


def told_by_raw(indicator: Indicator, told_by: DownSamples | DeadEchoes, seconds: int) -> str:
    """Every object that has raw samples of its outages within the range, by its own labels."""
    series = told_by.series if isinstance(told_by, DownSamples) else told_by.sent
    return f"group by ({_labels(indicator)}) (last_over_time({series}[{seconds}s]))"


def suspicious_hours(indicator: Indicator, told_by: DownSamples | DeadEchoes) -> str:
    """The objects that may have been down within the hour that ends: all that tells of one saw some of it down.

    By a sample of 0; or by a growth of the echoes sent beside which those received stood still.
    """
    match told_by:
        case DownSamples():
            lowest = f"min_over_time({told_by.series}[{HOUR_AND_A_STEP_SECONDS}s])"
            return f"max by ({_labels(indicator)}) ({lowest}) == 0"
        case DeadEchoes():
            window = f"[{HOUR_AND_A_STEP_SECONDS}s]"
            dead = f"changes({told_by.sent}{window}) - changes({told_by.received}{window})"
            return f"min by ({_labels(indicator)}) ({dead}) > 0"
        case _:
            assert_never(told_by)


def raw_selector(indicator: Indicator, objects: Iterable[Mapping[str, str]]) -> str:
    """Matchers that select the raw series of some objects of one kind, told by their own labels."""
    known = [dict(one) for one in objects]
    return ",".join(
        f"{name}=~{quote(any_of(dict.fromkeys(one.get(name, '') for one in known)))}"
        for name in NAMINGS[indicator.component].labels
    )


def outage_count(told_by: DownSamples | DeadEchoes, matchers: str, seconds: int) -> str:
    """How many samples within the range were 0, or how many steps between samples brought no echo back; by series."""
    match told_by:
        case DownSamples():
            window = f"{narrowed(told_by.series, matchers)}[{seconds}s]"
            return f"count_over_time({window}) - sum_over_time({window})"
        case DeadEchoes():
            sent, received = (narrowed(one, matchers) for one in (told_by.sent, told_by.received))
            return f"changes({sent}[{seconds}s]) - changes({received}[{seconds}s])"
        case _:
            assert_never(told_by)


def narrowed(series: str, matchers: str) -> str:
    """A plain selector with more matchers."""
    return f"{series[:-1]},{matchers}}}" if series.endswith("}") else f"{series}{{{matchers}}}"


def _labels(indicator: Indicator) -> str:
    return ", ".join(NAMINGS[indicator.component].labels)


def _newest(gather: str, series: str, key: tuple[str, ...], more: tuple[str, ...], seconds: float) -> str:
    """The sample of each `key` that was newest within the range, told with the labels `more` too.

    What was still there at the end, else on the last day, else at any time: PromQL has no cheap "newest of all".
    """
    labels = f"{gather} by ({', '.join((*key, *more))})"
    ranges = (f"last_over_time({series}[{range_of(span)}])" for span in (min(A_DAY, seconds), seconds))
    steps = (f"{labels} ({one})" for one in (series, *ranges))
    return f" or on ({', '.join(key)}) ".join(steps)


def _in_force(series: str, labels: tuple[str, ...], seconds: int) -> str:
    """What the inventory said at the range's end.

    Where it says anything then, what it says no more is not in force; where it is silent, its last words count.
    """
    by = f"max by ({', '.join(labels)})"
    last = f"{by} (last_over_time({series}[{seconds}s])) unless on () group(dcnet_inventory_info)"
    return f"{by} ({series}) or ({last})"


def part_queries(indicator: Indicator, seconds: float, owners: Collection[str] = ()) -> list[PartQuery]:
    """What to ask of the samples themselves for the value of every object over `seconds`, by the indicator's method.

    `owners`: only objects of these devices or links. How the parts of several stretches become one is
    `month_value.join_parts`'; a quantile's do not.
    """
    window = range_of(seconds)
    raw = raw_parts(indicator.component, indicator.month.summary, window)
    asked = [
        PartQuery(_of_owners(expression, indicator, owners), None if part is Part.BUCKET else part)
        for part, expression in raw.items()
    ]
    recorded = f"dcnet:indicator{{{_recorded(indicator, owners)}}}"
    over = f"{recorded}[{window}]"
    match indicator.month.summary:
        case MeanOfSamples() | RatioOfCounters() | QuantileOfHistogram():
            return asked
        case CountOfEvents():
            # The recorded samples tell who was watched: an object without events counts none.
            return [PartQuery(f"sum by (object) (count_over_time({over}))", Part.COUNT), *asked]
        case AverageOfIndicator() | AvailableTime():
            return [
                PartQuery(f"sum by (object) (sum_over_time({over}))", Part.SUM),
                PartQuery(f"sum by (object) (count_over_time({over}))", Part.COUNT),
            ]
        case MaximumOfIndicator():
            return [PartQuery(f"max by (object) (max_over_time({over}))", Part.MAXIMUM)]
        case MinimumOfIndicator():
            return [PartQuery(f"min by (object) (min_over_time({over}))", Part.MINIMUM)]
        case LastOfIndicator():
            return [PartQuery(_newest("max", recorded, ("object",), (), seconds), Part.LAST)]
        case QuantileOfIndicator(quantile=quantile):
            return [PartQuery(f"max by (object) (quantile_over_time({quantile}, {over}))", Part.QUANTILE)]
        case _:
            assert_never(indicator.month.summary)


def rollup_queries(indicator: Indicator, seconds: float, owners: Collection[str] = ()) -> list[PartQuery]:
    """The same of the hourly rollups within `seconds`; none where their parts do not add up."""
    matchers, window = _recorded(indicator, owners), range_of(seconds)

    def recorded(way: str, rollup: str) -> str:
        return f"{way} by (object) ({way}_over_time(dcnet:indicator:{rollup}{{{matchers}}}[{window}]))"

    def raw(part: Part, by: str = "object") -> str:
        return f'sum by ({by}) (sum_over_time(dcnet:month_part:1h{{{matchers},part="{part}"}}[{window}]))'

    match indicator.month.summary:
        case MeanOfSamples():
            return [PartQuery(raw(part), part) for part in (Part.SUM, Part.COUNT)]
        case RatioOfCounters():
            return [PartQuery(raw(part), part) for part in (Part.NUMERATOR, Part.DENOMINATOR)]
        case CountOfEvents():
            return [
                PartQuery(recorded("sum", "count1h"), Part.COUNT),
                PartQuery(f"{raw(Part.EVENTS)} > 0", Part.EVENTS),
            ]
        case QuantileOfHistogram():
            return [PartQuery(raw(Part.BUCKET, "object, le"), None)]
        case AverageOfIndicator() | AvailableTime():
            return [
                PartQuery(recorded("sum", "sum1h"), Part.SUM),
                PartQuery(recorded("sum", "count1h"), Part.COUNT),
            ]
        case MaximumOfIndicator():
            return [PartQuery(recorded("max", "max1h"), Part.MAXIMUM)]
        case MinimumOfIndicator():
            return [PartQuery(recorded("min", "min1h"), Part.MINIMUM)]
        case LastOfIndicator() | QuantileOfIndicator():
            return []
        case _:
            assert_never(indicator.month.summary)


def range_of(seconds: float) -> str:
    """A range's length as PromQL writes it."""
    milliseconds = round(seconds * 1000)
    return f"{milliseconds}ms" if milliseconds % 1000 else f"{milliseconds // 1000}s"


def _recorded(indicator: Indicator, owners: Collection[str]) -> str:
    """Matchers of an indicator's recorded series."""
    own = f",object=~{quote(f'({any_of(owners)})(:.*)?')}" if owners else ""
    return f'indicator="{indicator.id}"{own}'


def _of_owners(expression: str, indicator: Indicator, owners: Collection[str]) -> str:
    """`expression` with every series that it selects narrowed to these devices or links."""
    if not owners:
        return expression
    matchers = f"{NAMINGS[indicator.component].labels[0]}=~{quote(any_of(owners))}"
    return re.sub(SELECTOR, lambda found: narrowed(found[0], matchers), expression)


def object_of_part(component: Component, labels: Mapping[str, str]) -> str:
    """The object that a sample of a part query belongs to: told by itself, else by the component's own labels."""
    return labels["object"] if set(labels) <= {"object", "le"} else object_of(component, labels)


def any_of(names: Iterable[str]) -> str:
    """A regular expression (RE2, anchored by Prometheus) that matches each of `names` literally."""
    return "|".join(re.escape(name) for name in names)


def quote(text: str) -> str:
    """`text` as a PromQL string literal, whose escapes are Go's; JSON's are among them."""
    return json.dumps(text, ensure_ascii=False)
