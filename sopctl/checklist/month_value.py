"""A month's value from the parts that its stretches of time contributed.

Pure arithmetic; it must not know objects, limits or time.
"""

import math
from collections.abc import Mapping, Sequence
from typing import assert_never

from dcnet.catalogue import (
    EVALUATION_INTERVAL_SECONDS,
    AvailableTime,
    AverageOfIndicator,
    CountOfEvents,
    LastOfIndicator,
    MaximumOfIndicator,
    MeanOfSamples,
    MinimumOfIndicator,
    Part,
    QuantileOfHistogram,
    QuantileOfIndicator,
    RatioOfCounters,
    Summary,
)

Parts = Mapping[str, float]
"""Value by Part, or by a bucket's upper bound for a histogram."""


def join_parts(stretches: Sequence[Parts]) -> dict[str, float]:
    """The parts of several stretches (in the order of time) together.

    Of the greatest the greatest, of the least the least, of the last the last; all others add up.
    """
    whole: dict[str, float] = {}
    for stretch in stretches:
        for part, value in stretch.items():
            whole[part] = _join(part, whole[part], value) if part in whole else value
    return whole


def _join(part: str, earlier: float, later: float) -> float:
    match part:
        case Part.MAXIMUM:
            return max(earlier, later)
        case Part.MINIMUM:
            return min(earlier, later)
        case Part.LAST:
            return later
        case _:
            return earlier + later


def value_of_parts(summary: Summary, parts: Parts) -> float | None:
    """The value by `summary`'s method; None where nothing was measured."""
    match summary:
        case AvailableTime() if Part.DOWN in parts:
            measured = parts.get(Part.COUNT, 0.0) * EVALUATION_INTERVAL_SECONDS
            value = max(0.0, 1 - parts[Part.DOWN] / measured) if measured else None
        case MeanOfSamples() | AverageOfIndicator() | AvailableTime():
            value = _divide(parts.get(Part.SUM), parts.get(Part.COUNT))
        case RatioOfCounters():
            value = _divide(parts.get(Part.NUMERATOR), parts.get(Part.DENOMINATOR))
            # increase() extrapolates each counter by itself: a difference of two may come out just below nothing.
            value = value if value is None else max(value, 0.0)
        case CountOfEvents():
            value = parts.get(Part.EVENTS, 0.0) if parts.get(Part.COUNT) else None
        case MaximumOfIndicator():
            value = parts.get(Part.MAXIMUM)
        case MinimumOfIndicator():
            value = parts.get(Part.MINIMUM)
        case LastOfIndicator():
            value = parts.get(Part.LAST)
        case QuantileOfHistogram():
            value = quantile_of_buckets(summary.quantile, {float(bound): growth for bound, growth in parts.items()})
        case QuantileOfIndicator():
            value = parts.get(Part.QUANTILE)
        case _:
            assert_never(summary)
    if value is None or not math.isfinite(value):
        return None
    # increase() extrapolates: half an event more or less is none.
    return round(value) if isinstance(summary, CountOfEvents) else value


def quantile_of_samples(quantile: float, values: Sequence[float]) -> float | None:
    """The quantile with linear interpolation between ranks, as Prometheus' `quantile_over_time`."""
    if not values:
        return None
    ordered = sorted(values)
    rank = quantile * (len(ordered) - 1)
    lower = math.floor(rank)
    upper = min(lower + 1, len(ordered) - 1)
    return ordered[lower] + (ordered[upper] - ordered[lower]) * (rank - lower)


def quantile_of_buckets(quantile: float, buckets: Mapping[float, float]) -> float | None:
    """The quantile of cumulative `buckets` (growth by upper bound), as Prometheus' `histogram_quantile`.

    Linear within a bucket, the first of which begins at 0 where its bound is positive; in the unbounded
    bucket the highest bound stands for all that lies above. None without observations.
    """
    bounds = sorted(buckets)
    if len(bounds) < 2 or bounds[-1] != math.inf:  # noqa: PLR2004  # one bound and the unbounded bucket are the least
        return None
    counts: list[float] = []
    for bound in bounds:
        # Extrapolated growths may fall by a hair from one bucket to the next; cumulative counts do not.
        counts.append(max(buckets[bound], counts[-1] if counts else 0.0))
    # NaN is neither.
    if not counts[-1] > 0:
        return None
    rank = quantile * counts[-1]
    index = next(position for position, count in enumerate(counts) if count >= rank)
    if index == len(bounds) - 1:
        return bounds[-2]
    if index == 0 and bounds[0] <= 0:
        return bounds[0]
    below, count_below = (bounds[index - 1], counts[index - 1]) if index else (0.0, 0.0)
    inside = counts[index] - count_below
    return below + (bounds[index] - below) * ((rank - count_below) / inside if inside > 0 else 0.0)


def _divide(numerator: float | None, denominator: float | None) -> float | None:
    return numerator / denominator if numerator is not None and denominator else None
