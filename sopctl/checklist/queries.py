"""The PromQL that a month is asked with.

Owns every expression that sopctl sends, built from the metrics contract and the catalogue. It must not
send anything. None of them names an object, except those for raw samples: their number does not grow
with the fleet.
"""

import json
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import assert_never

from dcnet.catalogue import (
    WINDOW,
    Component,
    Indicator,
    MeanOfSamples,
    QuantileOfHistogram,
    QuantileOfIndicator,
    RatioOfCounters,
)

OWN_LABELS: Mapping[Component, tuple[str, ...]] = {
    Component.DEVICE: ("instance",),
    Component.INTERFACE: ("instance", "interface"),
    Component.LINK: ("link",),
}
"""The exporter's labels that name an object of each kind (the metrics contract)."""


class Part(StrEnum):
    """What a stretch of time contributes to a month's value; a histogram's parts are named by their bucket."""

    SUM = "sum"
    COUNT = "count"
    NUMERATOR = "numerator"
    DENOMINATOR = "denominator"
    QUANTILE = "quantile"


@dataclass(frozen=True, slots=True)
class PartQuery:
    """An expression that gives one part of the value of every object."""

    expression: str
    part: Part | None
    """None: the part is the sample's label `le`."""


def seen_objects(seconds: int) -> str:
    """Every object of the inventory seen within the range, its value the number of times."""
    return f"sum by (object, kind, site, role, parent) (count_over_time(dcnet_inventory_info[{seconds}s]))"


def recorded_counts(seconds: int) -> str:
    """How many samples each `dcnet:indicator` has within the range."""
    return f"max by (indicator, component, device, object) (count_over_time(dcnet:indicator[{seconds}s]))"


def limits_in_force(seconds: int) -> str:
    """The last limit recorded within the range, by indicator, severity and object."""
    return f"max by (indicator, severity, object) (last_over_time(dcnet:indicator_threshold[{seconds}s]))"


def sample_count(metric: str, seconds: int) -> str:
    """How many samples `metric` has within the range, all series together; no answer where it has none."""
    return f"sum(count_over_time({metric}[{seconds}s]))"


def contract_figure(name: str, seconds: int) -> str:
    """The last `dcnet_link_contract_NAME` within the range, by link and provider."""
    return f"max by (link, provider) (last_over_time(dcnet_link_contract_{name}[{seconds}s]))"


def indicator_samples(indicator: str, objects: Iterable[str]) -> str:
    """A selector of the recorded values of some objects."""
    return f'dcnet:indicator{{indicator="{indicator}",object=~{quote(any_of(objects))}}}'


def part_queries(indicator: Indicator, seconds: int) -> list[PartQuery]:
    """What to ask for the value of every object over `seconds`, by the indicator's own method.

    The parts of several stretches add up, except a quantile of the indicator, which does not.
    """
    summary = indicator.month.summary
    labels = ", ".join(OWN_LABELS[indicator.component])
    match summary:
        case MeanOfSamples():
            return [
                PartQuery(f"sum by ({labels}) (sum_over_time({summary.series}[{seconds}s]))", Part.SUM),
                PartQuery(f"sum by ({labels}) (count_over_time({summary.series}[{seconds}s]))", Part.COUNT),
            ]
        case RatioOfCounters():
            return [
                PartQuery(f"sum by ({labels}) ({over(summary.numerator, seconds)})", Part.NUMERATOR),
                PartQuery(f"sum by ({labels}) ({over(summary.denominator, seconds)})", Part.DENOMINATOR),
            ]
        case QuantileOfHistogram():
            return [PartQuery(f"sum by ({labels}, le) ({over(summary.buckets, seconds)})", None)]
        case QuantileOfIndicator():
            recorded = f'dcnet:indicator{{indicator="{indicator.id}"}}[{seconds}s]'
            return [
                PartQuery(f"max by (object) (quantile_over_time({summary.quantile}, {recorded}))", Part.QUANTILE),
            ]
        case _:
            assert_never(summary)


def object_of(component: Component, labels: Mapping[str, str]) -> str:
    """The object that a sample of a part query belongs to: device, link or `DEVICE:INTERFACE`."""
    return labels.get("object") or ":".join(labels.get(name, "") for name in OWN_LABELS[component])


def over(expression: str, seconds: int) -> str:
    """A catalogue's expression over a range of `seconds`."""
    return expression.replace(WINDOW, f"{seconds}s")


def any_of(names: Iterable[str]) -> str:
    """A regular expression (RE2, anchored by Prometheus) that matches each of `names` literally."""
    return "|".join(re.escape(name) for name in names)


def quote(text: str) -> str:
    """`text` as a PromQL string literal, whose escapes are Go's; JSON's are among them."""
    return json.dumps(text, ensure_ascii=False)
