"""The shipped catalogue of indicators, as its readers rely on it."""

import subprocess
from pathlib import Path
from typing import Any

import promql_parser
import pytest
import yaml

from dcnet.catalogue import (
    NAMINGS,
    WINDOW,
    Catalogue,
    Component,
    CountOfEvents,
    Indicator,
    Level,
    MeanOfSamples,
    QuantileOfHistogram,
    RatioOfCounters,
    belongs_to_link,
    identify,
    load_catalogue,
    object_of,
    owner_of,
)
from exporter import metrics

INDICATORS = load_catalogue().indicators
LEVELS = load_catalogue().levels
BY_OTHERS = {
    *("dcnet_config_backup_timestamp_seconds", "dcnet_config_compliant", "dcnet_trap_last_timestamp_seconds"),
}
"""Metrics of the contract whose collectors are not built here."""


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
        case CountOfEvents(events=events):
            monthly = [events]
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


def test_what_the_catalogue_no_longer_has_is_told_by_its_id() -> None:
    """A month of an earlier version can be read; nothing takes the stand-in for an indicator of the catalogue."""
    by_id = Catalogue(indicators=INDICATORS).by_id()
    assert by_id["fan_failed"].title.en == "fan_failed"
    assert "no longer" in by_id["fan_failed"].explanation.en
    assert "fan_failed" not in by_id
    assert by_id.get("fan_failed") is None


@pytest.mark.parametrize("level", LEVELS, ids=lambda level: level.record)
def test_levels_stand_on_levels_before_them(level: Level) -> None:
    """A level's expression parses, and reads no level that is worked out after it."""
    promql_parser.parse(level.expression)
    later = LEVELS[LEVELS.index(level) :]
    assert not [one.record for one in later if one.record in level.expression]


def test_every_metric_is_published() -> None:
    """Indicators read only what the exporter publishes, or what the levels and rules record."""
    published = {name + suffix for name in metrics.BY_NAME for suffix in ("", "_bucket")} | BY_OTHERS
    recorded = {level.record for level in LEVELS} | {"dcnet:indicator", "dcnet:indicator:avg1h"}
    expressions = [one.expression for one in INDICATORS] + [one.expression for one in LEVELS]
    summaries = [one.month.summary for one in INDICATORS]
    expressions += [summary.series for summary in summaries if isinstance(summary, MeanOfSamples)]
    for expression in expressions:
        assert _metrics_of(expression) <= published | recorded, expression


def test_an_indicator_of_a_component_has_its_labels(tmp_path: Path) -> None:
    """PromQL and Python give the same object to every kind of component, also with an empty last label."""
    samples = {component: {label: f"{label}-1" for label in NAMINGS[component].labels} for component in Component}
    empty = {
        component: {**samples[component], NAMINGS[component].labels[-1]: ""}
        for component in Component
        if NAMINGS[component].last_may_be_empty
    }
    tests = []
    for component, labels in [*samples.items(), *empty.items()]:
        name = object_of(component, labels)
        assert owner_of(name) == labels[NAMINGS[component].labels[0]]
        device = "edge-1" if belongs_to_link(component) else owner_of(name)
        series = "m{" + ", ".join(f'{label}="{value}"' for label, value in labels.items()) + "}"
        info = 'dcnet_link_info{link="link-1", provider="A", device="edge-1", interface="x", circuit="C"}'
        tests.append(
            {
                "name": f"{component} {name}",
                "interval": "1m",
                "input_series": [{"series": series, "values": "7"}, {"series": info, "values": "1"}],
                "promql_expr_test": [
                    {
                        "expr": f"max by (device, object) ({identify(component, 'm')})",
                        "eval_time": "0m",
                        "exp_samples": [{"labels": f'{{device="{device}", object="{name}"}}', "value": 7}],
                    }
                ],
            }
        )
    file = tmp_path / "objects.yml"
    file.write_text(yaml.safe_dump({"rule_files": [], "tests": tests}))
    run = subprocess.run(["promtool", "test", "rules", file], capture_output=True, text=True, check=False)
    assert run.returncode == 0, run.stdout + run.stderr


def _metrics_of(expression: str) -> set[str]:
    """The names of the series that an expression reads."""
    found: set[str] = set()
    stack: list[Any] = [promql_parser.parse(expression)]
    while stack:
        node = stack.pop()
        match type(node).__name__:
            case "VectorSelector":
                found.add(node.name)
            case "MatrixSelector":
                found.add(node.vector_selector.name)
            case "BinaryExpr":
                stack += [node.lhs, node.rhs]
            case "Call":
                stack += node.args
            case "NumberLiteral" | "StringLiteral":
                pass
            case _:
                stack.append(node.expr)
    return found
