"""The committed boards: fresh, complete, and asking only for series that exist."""

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import promql_parser
import pytest

from dashboards.build import BUILT, built_boards, panels_of
from dcnet.catalogue import Unit, load_catalogue
from dcnet.language import Language
from exporter import metrics
from prometheus.build_rules import rule_groups

CATALOGUE = load_catalogue()
RULES = [rule for groups in rule_groups(CATALOGUE).values() for group in groups for rule in group["rules"]]
BOARDS = sorted(BUILT.glob("*/*.json"))
VARIABLES = {"$__rate_interval": "5m", "$__range": "1h", "${datasource}": "x"}


def board_id(file: Path) -> str:
    """`id/overview`."""
    return f"{file.parent.name}/{file.stem}"


def panels(file: Path) -> list[dict[str, Any]]:
    """All panels of a board, those in closed rows too, but the rows."""
    return [panel for panel in panels_of(json.loads(file.read_text())) if panel["type"] != "row"]


def expressions(file: Path) -> Iterator[str]:
    """Every expression of a board, its variables replaced by values."""
    for panel in panels(file):
        for target in panel["targets"]:
            expression = target["expr"]
            for name, value in VARIABLES.items():
                expression = expression.replace(name, value)
            yield re.sub(r"\$\w+", "some", expression)


def test_boards_are_fresh() -> None:
    """The committed JSON is what the code builds today, and nothing else lies beside it."""
    built = dict(built_boards(CATALOGUE))
    assert sorted(built) == BOARDS
    for file, text in built.items():
        assert file.read_text() == text, file


@pytest.mark.parametrize("file", BOARDS, ids=board_id)
def test_every_panel_is_complete(file: Path) -> None:
    """A panel has a title, a description, a unit, and takes its data from the source that the reader chose."""
    for panel in panels(file):
        assert panel["title"]
        assert panel["description"]
        assert panel["fieldConfig"]["defaults"]["unit"]
        for target in panel["targets"]:
            assert target["datasource"]["uid"] == "${datasource}"
            assert target["refId"]


@pytest.mark.parametrize("file", BOARDS, ids=board_id)
def test_every_expression_parses(file: Path) -> None:
    """PromQL's own grammar and types accept every expression."""
    for expression in expressions(file):
        promql_parser.parse(expression)


@pytest.mark.parametrize("file", BOARDS, ids=board_id)
def test_every_metric_exists(file: Path) -> None:
    """A board asks only for what the exporter publishes or the rules record."""
    recorded = {rule["record"] for rule in RULES if "record" in rule}
    definitions = [value for value in vars(metrics).values() if isinstance(value, metrics.MetricDefinition)]
    exported = {
        definition.name + ("_bucket" if definition.kind is metrics.Kind.HISTOGRAM else "") for definition in definitions
    }
    for expression in expressions(file):
        for name in re.findall(r"\bdcnet[_:][a-z0-9_:]+", expression):
            assert name in recorded | exported, f"{name} in {expression}"


def test_uids_are_unique_and_alerts_link_to_one_of_them() -> None:
    """An alert's link to its board leads somewhere."""
    uids = [json.loads(file.read_text())["uid"] for file in BOARDS]
    assert len(set(uids)) == len(uids)
    linked = {
        rule["annotations"]["dashboard"].partition("?")[0].removeprefix("/d/")
        for rule in RULES
        if "dashboard" in rule.get("annotations", {})
    }
    assert linked
    assert linked <= set(uids)


@pytest.mark.parametrize("language", list(Language))
def test_every_indicator_stands_on_the_degradation_board_with_its_limits(language: Language) -> None:
    """In the order of the catalogue, under its own title; what has limits worth drawing shows those in force."""
    shown = panels(BUILT / language.value / "degradation.json")
    for indicator in CATALOGUE.indicators:
        (panel,) = (one for one in shown if one["title"] == indicator.title.in_language(language))
        asked = " ".join(target["expr"] for target in panel["targets"])
        assert f'dcnet:indicator{{indicator="{indicator.id}"' in asked
        assert (f'dcnet:indicator_threshold{{indicator="{indicator.id}"' in asked) is (indicator.unit is not Unit.STATE)
