"""Values from the parts of a month."""

import math

import pytest

from dcnet.catalogue import Component, MeanOfSamples, QuantileOfHistogram, QuantileOfIndicator, RatioOfCounters
from sopctl.checklist.month_value import (
    add_parts,
    quantile_of_buckets,
    quantile_of_samples,
    value_of_parts,
)
from sopctl.checklist.queries import any_of, object_of, quote

MEAN = MeanOfSamples(method="mean", series="x")
RATIO = RatioOfCounters(method="ratio", numerator="a", denominator="b")
HISTOGRAM = QuantileOfHistogram(method="histogram", quantile=0.5, buckets="c")
QUANTILE = QuantileOfIndicator(method="quantile", quantile=0.95)


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
        pytest.param(QUANTILE, {"quantile": 0.7}, 0.7, id="quantile"),
        pytest.param(QUANTILE, {"quantile": math.nan}, None, id="not a number"),
    ],
)
def test_a_value_comes_from_its_parts(summary: MeanOfSamples, parts: dict[str, float], expected: float | None) -> None:
    """By the indicator's own method; where nothing was measured there is none."""
    value = value_of_parts(summary, parts)
    assert value == (expected if expected is None else pytest.approx(expected))


def test_stretches_add_up_before_they_are_divided() -> None:
    """A short bad stretch weighs as little as it was short: no average of averages."""
    total = add_parts([{"sum": 0.0, "count": 10.0}, {"sum": 90.0, "count": 90.0}])
    assert value_of_parts(MEAN, total) == pytest.approx(0.9)


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


def test_an_object_is_named_as_in_the_inventory() -> None:
    """Device, link, or device and interface with a colon."""
    assert object_of(Component.DEVICE, {"instance": "core-1"}) == "core-1"
    assert object_of(Component.LINK, {"link": "isp-a"}) == "isp-a"
    assert object_of(Component.INTERFACE, {"instance": "core-1", "interface": "Gi1:0"}) == "core-1:Gi1:0"
