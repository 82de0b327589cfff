"""What the hourly rules would have recorded of the fleet's months: `dcnet:hour` and what each hour contributes.

Owns how an hour follows from the patterns of the scraped series. Which series there are stands in `month_store`.
"""

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from functools import cache
from typing import TypeAlias

from bench.sample_patterns import Value, steady
from dcnet.catalogue import (
    NAMINGS,
    CountOfEvents,
    Indicator,
    MeanOfSamples,
    Part,
    QuantileOfHistogram,
    RatioOfCounters,
    object_of,
)

HOUR = 3600
SAMPLES_AN_HOUR = 120
"""Of a scraped series."""

TERM = re.compile(r"(?:^|\s|\()([-+]?)\s*(?:sum by \([^)]*\) \()?increase\((\w+)\[")
"""A counter within a catalogue's sum, with the sign before it."""

Labels: TypeAlias = Mapping[str, str]


@cache
def growth_of(terms: tuple[tuple[int, Value], ...]) -> Value:
    """The growth of several counters in the hour before, added with their signs."""

    def grown(at: float) -> float:
        return sum(sign * ((value(at) or 0) - (value(at - HOUR) or 0)) for sign, value in terms)

    return grown


@cache
def summed(value: Value, samples: int) -> Value:
    """The sum of so many samples, by the value in the middle of the hour before."""
    return lambda at: samples * (value(at - HOUR / 2) or 0)


@cache
def of_day(hourly: Value) -> Value:
    """The sum of a day's hours, by four of them."""
    return lambda at: 6 * sum(hourly(at - hour * HOUR) or 0 for hour in (3, 9, 15, 21))


def month_parts(
    indicator: Indicator, by_name: Mapping[str, list[dict[str, str]]], value_of: Callable[[Labels], Value]
) -> Iterator[tuple[dict[str, str], Value]]:
    """The labels and pattern of every `dcnet:month_part:1h` of an indicator that raw series give."""
    for part, extra, terms in _terms(indicator):
        own: dict[tuple[tuple[str, str], ...], list[tuple[int, Value]]] = {}
        for sign, name in terms:
            for labels in by_name.get(name, ()):
                kept = {one: labels[one] for one in (*NAMINGS[indicator.component].labels, *extra) if one in labels}
                own.setdefault(tuple(kept.items()), []).append((sign, value_of(labels)))
        for kept_labels, values in own.items():
            labels = {
                "__name__": "dcnet:month_part:1h",
                **dict(kept_labels),
                "object": object_of(indicator.component, dict(kept_labels)),
                "indicator": indicator.id,
                "part": part.value,
            }
            yield labels, _pattern(part, tuple(values))


def _terms(indicator: Indicator) -> Iterable[tuple[Part, tuple[str, ...], list[tuple[int, str]]]]:
    """(part, labels beside the component's own, the scraped series with their signs)."""
    summary = indicator.month.summary
    match summary:
        case MeanOfSamples():
            name = summary.series.partition("{")[0]
            return [(part, (), [(1, name)]) for part in (Part.SUM, Part.COUNT)]
        case RatioOfCounters():
            return [
                (part, (), [(-1 if sign == "-" else 1, name) for sign, name in TERM.findall(expression)])
                for part, expression in (
                    (Part.NUMERATOR, summary.numerator),
                    (Part.DENOMINATOR, summary.denominator),
                )
            ]
        case CountOfEvents():
            return [(Part.EVENTS, (), [(1, re.findall(r"dcnet[a-z0-9_:]+", summary.events)[-1])])]
        case QuantileOfHistogram():
            return [(Part.BUCKET, ("le",), [(1, re.findall(r"dcnet[a-z0-9_:]+", summary.buckets)[0])])]
        case _:
            return []


def _pattern(part: Part, values: tuple[tuple[int, Value], ...]) -> Value:
    match part:
        case Part.EVENTS:
            return steady(0)
        case Part.COUNT:
            return steady(SAMPLES_AN_HOUR)
        case Part.SUM:
            return summed(values[0][1], SAMPLES_AN_HOUR)
        case _:
            return growth_of(values)
