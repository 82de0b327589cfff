"""Values from the parts of a month."""

import math

import pytest

from dcnet.catalogue import (
    AverageOfIndicator,
    Component,
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
from sopctl.checklist.month_value import (
    join_parts,
    quantile_of_buckets,
    quantile_of_samples,
    value_of_parts,
)
from sopctl.checklist.part_queries import object_of_part
from sopctl.checklist.queries import any_of, quote

MEAN = MeanOfSamples(method="mean", series="x")
RATIO = RatioOfCounters(method="ratio", numerator="a", denominator="b")
HISTOGRAM = QuantileOfHistogram(method="histogram", quantile=0.5, buckets="c")
QUANTILE = QuantileOfIndicator(method="quantile", quantile=0.95)
COUNT = CountOfEvents(method="count", events="d")
AVERAGE = AverageOfIndicator(method="average")
MAXIMUM = MaximumOfIndicator(method="maximum")
MINIMUM = MinimumOfIndicator(method="minimum")
LAST = LastOfIndicator(method="last")


@pytest.mark.parametrize(
    ("summary", "parts", "expected"),
    [
        pytest.param(MEAN, {"sum": 9.0, "count": 10.0}, 0.9, id="mean"),
        pytest.param(MEAN, {}, None, id="nothing sampled"),
        pytest.param(RATIO, {"numerator": 1.0, "denominator": 4.0}, 0.25, id="ratio"),
        pytest.param(RATIO, {"numerator": -1e-9, "denominator": 4.0}, 0.0, id="just below nothing"),
        pytest.param(RATIO, {"numerator": 0.0, "denominator": 0.0}, None, id="nothing flowed"),
        pytest.param(RATIO, {"denominator": 4.0}, None, id="one counter is missing"),
        pytest.param(HISTOGRAM, {"1": 10.0, "+Inf": 10.0}, 0.5, id="histogram"),
        pytest.param(HISTOGRAM, {"1": 10.0, "+Inf": math.nan}, None, id="buckets that are no number"),
        pytest.param(QUANTILE, {"quantile": 0.7}, 0.7, id="quantile"),
        pytest.param(QUANTILE, {"quantile": math.nan}, None, id="not a number"),
        pytest.param(COUNT, {"count": 9.0, "events": 2.01}, 2.0, id="events, extrapolated"),
        pytest.param(COUNT, {"count": 9.0}, 0.0, id="watched, without an event"),
        pytest.param(COUNT, {"events": 2.0}, None, id="events of what nobody recorded"),
        pytest.param(COUNT, {"count": 9.0, "events": math.nan}, None, id="events that are no number"),
        pytest.param(COUNT, {"count": 9.0, "events": math.inf}, None, id="events without end"),
        pytest.param(AVERAGE, {"sum": 9.0, "count": 10.0}, 0.9, id="average"),
        pytest.param(MAXIMUM, {"maximum": 3.0}, 3.0, id="maximum"),
        pytest.param(MINIMUM, {"minimum": -3.0}, -3.0, id="minimum"),
        pytest.param(LAST, {"last": 0.0}, 0.0, id="last"),
        pytest.param(LAST, {}, None, id="no last"),
    ],
)
def test_a_value_comes_from_its_parts(summary: Summary, parts: dict[str, float], expected: float | None) -> None:
    """By the indicator's own method; where nothing was measured there is none."""
    value = value_of_parts(summary, parts)
    assert value == (expected if expected is None else pytest.approx(expected))


def test_stretches_add_up_before_they_are_divided() -> None:
    """A short bad stretch weighs as little as it was short: no average of averages."""
    total = join_parts([{"sum": 0.0, "count": 10.0}, {"sum": 90.0, "count": 90.0}])
    assert value_of_parts(MEAN, total) == pytest.approx(0.9)


@pytest.mark.parametrize(
    ("part", "expected"),
    [("events", 6.0), ("1e-3", 6.0), ("maximum", 3.0), ("minimum", 1.0), ("last", 2.0)],
)
def test_a_part_of_three_stretches_is_one_part(part: str, expected: float) -> None:
    """Counts and buckets add up; of extremes the extreme remains, of the last values the last."""
    assert join_parts([{part: 1.0}, {part: 3.0}, {}, {part: 2.0}]) == {part: expected}


@pytest.mark.parametrize(
    ("quantile", "values", "expected"),
    [(0.5, [3.0, 1.0, 2.0], 2.0), (0.95, [1.0, 2.0], 1.95), (0.999, [7.0], 7.0), (0.5, [], None)],
)
def test_a_quantile_of_samples_lies_between_ranks(quantile: float, values: list[float], expected: float | None) -> None:
    """As `quantile_over_time` has it."""
    assert quantile_of_samples(quantile, values) == (expected if expected is None else pytest.approx(expected))


@pytest.mark.parametrize(
    ("quantile", "buckets", "expected"),
    [
        pytest.param(0.95, {0.01: 90.0, 0.1: 100.0, math.inf: 100.0}, 0.055, id="within a bucket"),
        pytest.param(0.5, {0.01: 100.0, math.inf: 100.0}, 0.005, id="the first begins at nothing"),
        pytest.param(0.99, {0.01: 10.0, 0.1: 20.0, math.inf: 100.0}, 0.1, id="beyond the highest bound"),
        pytest.param(0.5, {0.01: 10.0, 0.1: 9.999, math.inf: 10.0}, 0.005, id="a count that falls by a hair"),
        pytest.param(0.5, {0.01: 0.0, math.inf: 0.0}, None, id="no observation"),
        pytest.param(0.5, {0.01: 5.0}, None, id="no unbounded bucket"),
        pytest.param(0.5, {}, None, id="no bucket"),
    ],
)
def test_a_quantile_of_buckets_is_prometheus_own(
    quantile: float, buckets: dict[float, float], expected: float | None
) -> None:
    """As `histogram_quantile` has it."""
    assert quantile_of_buckets(quantile, buckets) == (expected if expected is None else pytest.approx(expected))


def test_a_name_is_matched_literally() -> None:
    """Whatever a device calls its ports, a selector means that port."""
    assert quote(any_of(["a.b", 'c"d', "e|f\\"])) == r'"a\\.b|c\"d|e\\|f\\\\"'


def test_a_sample_names_its_object_or_its_labels_do() -> None:
    """Recorded samples carry the object; others are named by the catalogue, even where a label is called object."""
    assert object_of_part(Component.FAN, {"object": "core-1:fan:1"}) == "core-1:fan:1"
    assert object_of_part(Component.LINK, {"link": "isp-a"}) == "isp-a"
    assert object_of_part(Component.PROCESSOR, {"instance": "core-1", "cpu": "0"}) == "core-1:cpu:0"
    assert object_of_part(Component.EVENT, {"source": "core-1", "object": "fan"}) == "core-1:fan"
