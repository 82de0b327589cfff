"""The shipped catalogue of indicators, as its readers rely on it."""

import promql_parser
import pytest

from dcnet.catalogue import WINDOW, Catalogue, Indicator, QuantileOfHistogram, RatioOfCounters, identify, load_catalogue

INDICATORS = load_catalogue().indicators


def test_ids_are_unique() -> None:
    """An id names one indicator."""
    assert len({indicator.id for indicator in INDICATORS}) == len(INDICATORS)


@pytest.mark.parametrize("indicator", INDICATORS, ids=lambda indicator: indicator.id)
def test_expressions_are_promql(indicator: Indicator) -> None:
    """The expression of the moment and those of the month parse, the latter with a window filled in."""
    promql_parser.parse(identify(indicator.component, indicator.expression))
    match indicator.month.summary:
        case RatioOfCounters(numerator=numerator, denominator=denominator):
            monthly = [numerator, denominator]
        case QuantileOfHistogram(buckets=buckets):
            monthly = [buckets]
        case _:
            monthly = []
    for expression in monthly:
        assert WINDOW in expression
        promql_parser.parse(identify(indicator.component, expression.replace(WINDOW, "2678400s")))


@pytest.mark.parametrize("indicator", INDICATORS, ids=lambda indicator: indicator.id)
def test_critical_lies_past_warning(indicator: Indicator) -> None:
    """Critical is never reached before warning."""
    for limits in (indicator.limits, indicator.month.limits or indicator.limits):
        assert not indicator.is_past(limits.warning, limits.critical)


def test_a_value_on_its_limit_is_not_past_it() -> None:
    """Limits are kept when they are met exactly."""
    by_id = Catalogue(indicators=INDICATORS).by_id()
    assert not by_id["link_loss"].is_past(0.01, 0.01)
    assert by_id["link_loss"].is_past(0.0101, 0.01)
    assert not by_id["device_availability"].is_past(1, 1)
    assert by_id["device_availability"].is_past(0.999, 1)
