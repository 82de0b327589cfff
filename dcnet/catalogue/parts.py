"""What a stretch of time contributes to a month's value: the parts that raw series give, as PromQL.

Owns the expressions, for rules that record them hourly and for a report that asks for the rest. Stretches add up.
"""

import re
from enum import StrEnum
from typing import assert_never

from dcnet.catalogue.components import NAMINGS, Component
from dcnet.catalogue.month import (
    WINDOW,
    AvailableTime,
    AverageOfIndicator,
    CountOfEvents,
    LastOfIndicator,
    MaximumOfIndicator,
    MeanOfSamples,
    MinimumOfIndicator,
    QuantileOfHistogram,
    QuantileOfIndicator,
    RatioOfCounters,
    Summary,
)

HOUR_RANGE = "59m59s999ms"
"""The range of hourly rollups. Prometheus 2 counts both ends of a range: a sample on the hour would count twice."""

DAY_RANGE = "23h59m59s999ms"
"""The range of daily rollups, which are made of the hourly ones."""

DAY_DELAY_SECONDS = 600
"""How long before a daily rollup's instant its day ends: the last hour's rollup is surely written by then."""

EVENTS_RANGE = "4h"
"""The range in which an hour's rollup looks for events: of the two samples that tell of one, one may lie long before
the hour. Where a device gave no sample for longer, an hour without any tells it."""

GROWTH_REACH = "2d"
"""How long before an hour a counter's last value may lie from which the hour's growth is counted. What a counter grew
by while nobody looked is so in the first hour after it, as it is in the growth over the whole month."""

COUNTERS = "dcnet:counter:1h"
"""The recorded last values of the counters of each hour, with the label `counter`."""

GROWTH = re.compile(r"increase\(([^()\[\]]+)\[" + re.escape(WINDOW) + r"\]\)")
"""The growth of one counter within a catalogue's expression."""

PERCENTILE_SECONDS = 600
"""How far apart the samples are over which a month's percentile is taken, some 4,400 of them. What indicators with a
percentile tell is a mean of minutes, or changes slowly."""


class Part(StrEnum):
    """What a stretch of time contributes to a month's value."""

    SUM = "sum"
    COUNT = "count"
    NUMERATOR = "numerator"
    DENOMINATOR = "denominator"
    EVENTS = "events"
    BUCKET = "bucket"
    """Of a histogram, whose label `le` tells which."""

    MAXIMUM = "maximum"
    MINIMUM = "minimum"
    LAST = "last"
    QUANTILE = "quantile"
    DOWN = "down"
    """Seconds, by raw outages; no query gives it."""


def hourly_parts(component: Component, summary: Summary) -> dict[Part, str]:
    """The parts that the hour before contributes, as the rules record them: hours in a row add up to the month.

    What happened between an hour's last sample and the next one's first belongs to the later one.
    """
    match summary:
        case CountOfEvents():
            return raw_parts(component, summary, EVENTS_RANGE)
        case RatioOfCounters():
            summary = summary.model_copy(
                update={"numerator": _hourly(summary.numerator), "denominator": _hourly(summary.denominator)}
            )
        case QuantileOfHistogram():
            summary = summary.model_copy(update={"buckets": _hourly(summary.buckets)})
        case _:
            pass
    return raw_parts(component, summary, HOUR_RANGE)


def _hourly(expression: str) -> str:
    return GROWTH.sub(lambda found: _growth_since_before(found[1]), expression)


def _growth_since_before(counter: str) -> str:
    """The growth of `counter` since its last value before the hour: since nought where it began anew in between.

    By the hour's own samples alone where it began anew among these, or had no value before.
    """
    within = f"{counter}[{WINDOW}]"
    now = f"last_over_time({within})"
    recorded = f'{COUNTERS}{{counter="{_name(counter)}"}}[{GROWTH_REACH}]'
    # Half an hour: the value of an hour ago, and not one that this hour may have recorded already.
    before = f"max without (counter) (last_over_time({recorded} offset 30m))"
    return f"({now} - {before} * ({before} <= bool {now}) unless resets({within}) > 0 or increase({within}))"


def hourly_counters(summary: Summary) -> dict[str, str]:
    """What `hourly_parts` counts growths from, by the counter's name: its last value of the hour."""
    expressions: tuple[str, ...]
    match summary:
        case RatioOfCounters():
            expressions = (summary.numerator, summary.denominator)
        case QuantileOfHistogram():
            expressions = (summary.buckets,)
        case _:
            return {}
    counters = {_name(found[1]) for one in expressions for found in GROWTH.finditer(one)}
    return {name: f"last_over_time({name}[{HOUR_RANGE}])" for name in sorted(counters)}


def _name(selector: str) -> str:
    return selector.partition("{")[0].strip()


def raw_parts(component: Component, summary: Summary, window: str) -> dict[Part, str]:
    """The parts that raw series give over the range `window` (`3600s`), with the component's own labels.

    None for a summary of recorded samples.
    """
    labels = ", ".join(NAMINGS[component].labels)

    def over(expression: str) -> str:
        return expression.replace(WINDOW, window)

    match summary:
        case MeanOfSamples():
            return {
                Part.SUM: f"sum by ({labels}) (sum_over_time({summary.series}[{window}]))",
                Part.COUNT: f"sum by ({labels}) (count_over_time({summary.series}[{window}]))",
            }
        case RatioOfCounters():
            return {
                Part.NUMERATOR: f"sum by ({labels}) ({over(summary.numerator)})",
                Part.DENOMINATOR: f"sum by ({labels}) ({over(summary.denominator)})",
            }
        case CountOfEvents():
            # Two exporters that watch the same thing see the same events; a port that was described anew is two
            # series of which each has its own.
            return {Part.EVENTS: f"sum by ({labels}) (max without (job) ({over(summary.events)}))"}
        case QuantileOfHistogram():
            return {Part.BUCKET: f"sum by ({labels}, le) ({over(summary.buckets)})"}
        case (
            AvailableTime()
            | AverageOfIndicator()
            | MaximumOfIndicator()
            | MinimumOfIndicator()
            | LastOfIndicator()
            | QuantileOfIndicator()
        ):
            return {}
        case _:
            assert_never(summary)
