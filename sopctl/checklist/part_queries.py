"""The PromQL of what a stretch of time contributes to a month's values: of one indicator, or of all of them at once.

Owns how the parts of raw series, recorded samples and hourly rollups are asked for. It must not send anything.
"""

import re
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import assert_never

from dcnet.catalogue import (
    NAMINGS,
    PERCENTILE_SECONDS,
    AvailableTime,
    AverageOfIndicator,
    Catalogue,
    Component,
    CountOfEvents,
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
    with_object,
)
from sopctl.checklist.planned_time import Span
from sopctl.checklist.queries import A_DAY, any_of, belonging_to, narrowed, newest, quote, range_of

SELECTOR = re.compile(r"[a-zA-Z_:][a-zA-Z0-9_:]*(\{[^{}]*\})?(?=\[)")
"""A series with its range before it, as the catalogue's expressions write it."""


@dataclass(frozen=True, slots=True)
class PartQuery:
    """An expression that gives one part of the value of every object."""

    expression: str
    part: Part | None
    """None: the part is the sample's label `le`."""


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
            return [PartQuery(newest("max", recorded, ("object",), (), seconds), Part.LAST)]
        case QuantileOfIndicator(quantile=quantile):
            return [PartQuery(f"max by (object) (quantile_over_time({quantile}, {over}))", Part.QUANTILE)]
        case _:
            assert_never(indicator.month.summary)


def newest_now(catalogue: Catalogue) -> str:
    """The value now, else the last within a day, of every object of an indicator whose month is its last value."""
    recorded = f"dcnet:indicator{{{_of_method(catalogue, LastOfIndicator)}}}"
    day = f"max by (indicator, object) (last_over_time({recorded}[{A_DAY}s]))"
    return f"max by (indicator, object) ({recorded}) or {day}"


def percentiles(catalogue: Catalogue, seconds: float) -> list[str]:
    """The quantiles of the ten-minute samples within the range: a question for each quantile that is wanted."""
    by_quantile: dict[float, list[str]] = {}
    for one in catalogue.indicators:
        if isinstance(one.month.summary, QuantileOfIndicator):
            by_quantile.setdefault(one.month.summary.quantile, []).append(one.id)
    return [
        f"max by (indicator, object) (quantile_over_time({quantile},"
        f" dcnet:indicator:10m{{indicator=~{quote(any_of(names))}}}[{range_of(seconds)}]))"
        for quantile, names in by_quantile.items()
    ]


def percentiles_outside(
    indicator: Indicator, quantile: float, seconds: float, plan: Iterable[Span], owners: Collection[str]
) -> str:
    """The quantile of the ten-minute samples of these devices or links that lie outside of `plan`.

    A sample is seen until the next one: so much longer the planned time is taken to be.
    """
    samples = f"last_over_time(dcnet:indicator:10m{{{_recorded(indicator, owners)}}}[{PERCENTILE_SECONDS}s])"
    within = " or ".join(f"(vector(time()) >= {one.start:.0f} < {one.end + PERCENTILE_SECONDS:.0f})" for one in plan)
    remaining = f"({samples} unless on () ({within}))[{range_of(seconds)}:{PERCENTILE_SECONDS}s]"
    return f"max by (object) (quantile_over_time({quantile}, {remaining}))"


def percentile_count(seconds: float) -> str:
    """How many times ten-minute samples were recorded within the range."""
    return f"max(count_over_time(dcnet:ten_minutes[{range_of(seconds)}]))"


def minutes_recorded(seconds: float) -> str:
    """How many samples the best measured object has within the range."""
    return f"max(count_over_time(dcnet:indicator[{range_of(seconds)}]))"


def all_rolled_parts(catalogue: Catalogue, seconds: float, suffix: str) -> list[str]:
    """The parts of every object by the rollups (`1h`, `1d`) within the range: with indicator, object, part (and le).

    Without the number of recorded samples, which `rolled_counts` gives.
    """
    window = range_of(seconds)
    recorded = [
        _told(_of_objects(way, f"{way}_over_time(dcnet:indicator:{way}{suffix}{{{matchers}}}[{window}])"), part)
        for way, part, matchers in _recorded_ways(catalogue)
    ]
    return [*recorded, f"sum by (indicator, object, part, le) (sum_over_time(dcnet:month_part:{suffix}[{window}]))"]


def all_sample_parts(catalogue: Catalogue, seconds: float) -> list[str]:
    """The same of the samples themselves."""
    window = range_of(seconds)
    recorded = [
        _told(_of_objects(way, f"{way}_over_time(dcnet:indicator{{{matchers}}}[{window}])"), part)
        for way, part, matchers in _recorded_ways(catalogue)
    ]
    return [*recorded, _raw_of(catalogue.indicators, window)]


def all_events(catalogue: Catalogue, seconds: float) -> str:
    """The events of every object by raw series within the range, with the labels indicator and object."""
    counted = [one for one in catalogue.indicators if isinstance(one.month.summary, CountOfEvents)]
    return f"{_raw_of(counted, range_of(seconds))} > 0"


def _raw_of(indicators: Iterable[Indicator], window: str) -> str:
    parts = [
        f'label_replace({_told(with_object(one.component, expression), part)}, "indicator", "{one.id}", "", "")'
        for one in indicators
        for part, expression in raw_parts(one.component, one.month.summary, window).items()
    ]
    return "(" + " or ".join(parts) + ")" if parts else "vector(0) < 0"


def _of_objects(way: str, expression: str) -> str:
    """An object that moved to another device has two series, which are taken together; a pair's copies are one."""
    return f"{way} by (indicator, object) (max by (indicator, device, object) ({expression}))"


def _told(expression: str, part: Part) -> str:
    return f'label_replace({expression}, "part", "{part}", "", "")'


def _recorded_ways(catalogue: Catalogue) -> Iterator[tuple[str, Part, str]]:
    """(aggregation, part, matchers) of the parts that recorded samples give."""
    for way, part, methods in (
        ("sum", Part.SUM, (AverageOfIndicator, AvailableTime)),
        ("max", Part.MAXIMUM, (MaximumOfIndicator,)),
        ("min", Part.MINIMUM, (MinimumOfIndicator,)),
    ):
        if any(isinstance(one.month.summary, methods) for one in catalogue.indicators):
            yield way, part, _of_method(catalogue, *methods)


def _of_method(catalogue: Catalogue, *methods: type) -> str:
    """Matchers of the indicators whose month is summarised by one of `methods`."""
    names = [one.id for one in catalogue.indicators if isinstance(one.month.summary, methods)]
    return f"indicator=~{quote(any_of(names))}"


def missed_hours(catalogue: Catalogue, seconds: float, hours: int, suffix: str) -> str:
    """The objects with events to count that have fewer hourly rollups within the range than there are."""
    window = f"{{{_of_method(catalogue, CountOfEvents)}}}[{range_of(seconds)}]"
    if suffix == "1d":
        return f"max by (indicator, object) (sum_over_time(dcnet:indicator:hours1d{window})) < {hours}"
    return f"max by (indicator, object) (count_over_time(dcnet:indicator:count1h{window})) < {hours}"


def _recorded(indicator: Indicator, owners: Collection[str]) -> str:
    """Matchers of an indicator's recorded series."""
    own = f",{belonging_to(owners)}" if owners else ""
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
