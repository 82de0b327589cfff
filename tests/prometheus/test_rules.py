"""The built rules and the hand-written ones: fresh, complete, and accepted by Debian's promtool."""

import re
import subprocess
from functools import cache
from pathlib import Path

import pytest
import yaml

from dcnet.catalogue import Component, Team, load_catalogue
from prometheus.alert_words import alert_name
from prometheus.build_rules import FAMILIES, RULES, built_rules
from prometheus.indicator_rules import backfill_passes
from prometheus.rule_file import Rule

ROOT = Path(__file__).parents[2]
SELF = RULES / "self.yml"
LATER_THAN_242 = re.compile(
    r"\b(info|limitk|limit_ratio|mad_over_time|sort_by_label|sort_by_label_desc|double_exponential_smoothing|holt_winters"
    r"|ts_of_\w+|first_over_time|step|range)\s*\("
)
SHORTEST_WINDOW_SECONDS = 120
"""Four scrape intervals of 30 s."""

SECONDS = {"s": 1, "m": 60, "h": 3600, "d": 86400}


@cache
def rules_of_files() -> list[Rule]:
    """Every rule of every rule file; read with libyaml, for every process that collects tests reads them."""
    return [
        rule
        for file in sorted(RULES.glob("*.yml"))
        for group in yaml.load(file.read_text(), yaml.CSafeLoader)["groups"]
        for rule in group["rules"]
    ]


def alerts() -> list[Rule]:
    """Every alerting rule of every rule file."""
    return [rule for rule in rules_of_files() if "alert" in rule]


def test_built_rules_are_fresh() -> None:
    """The committed rule files are what the catalogue builds today, and only the hand-written one lies beside them."""
    built = dict(built_rules(load_catalogue()))
    assert {*built, SELF} == set(RULES.glob("*.yml"))
    for file, text in built.items():
        assert file.read_text() == text, f"{file.name} is stale: make generate"


def test_every_component_is_in_one_family() -> None:
    """No indicator is left out of the rule files, and none stands in two."""
    listed = [component for components in FAMILIES.values() for component in components]
    assert sorted(listed) == sorted(Component)


@pytest.mark.parametrize("alert", alerts(), ids=lambda alert: f"{alert['alert']}-{alert['labels']['severity']}")
def test_an_alert_says_what_is_needed(alert: Rule) -> None:
    """An alert has a severity, words in both languages, a runbook that exists, and calls a team.

    Those that only silence others call nobody; the SOP's steps call the holder of a position.
    """
    labels, annotations = alert["labels"], alert["annotations"]
    assert labels["severity"] in {"critical", "warning", "none"}
    calls_a_team = labels["severity"] != "none" and not alert["alert"].startswith("SopStep")
    assert (labels.get("team") in set(Team)) == calls_a_team
    assert {"summary", "description", "summary_en", "description_en"} <= set(annotations)
    assert (ROOT / annotations["runbook"]).is_file(), annotations["runbook"]


def test_every_indicator_has_its_alerts() -> None:
    """Each indicator of the catalogue alerts for the severities that it knows, and for no other."""
    seen = {(alert["alert"], alert["labels"]["severity"]) for alert in alerts() if "indicator" in alert["labels"]}
    for indicator in load_catalogue().indicators:
        of_indicator = {severity for name, severity in seen if name == alert_name(indicator)}
        assert of_indicator == set(indicator.severities), indicator.id


def test_rules_keep_to_what_every_supported_prometheus_knows() -> None:
    """No function that came after 2.42 or was renamed in 3.0, and no rate over less than four scrapes of 30 s."""
    for rule in rules_of_files():
        assert not LATER_THAN_242.search(rule["expr"]), rule["expr"]
        for number, unit in re.findall(r"(?:rate|increase)\([^\[]+\[([0-9]+)([smhd])\]", rule["expr"]):
            assert int(number) * SECONDS[unit] >= SHORTEST_WINDOW_SECONDS, rule["expr"]


def test_backfill_writes_what_the_living_prometheus_writes_in_an_order_that_works() -> None:
    """A made-up past is evaluated with committed rules, each after those whose results it reads."""
    catalogue = load_catalogue()
    committed = [repr(rule) for rule in rules_of_files()]
    passes = [[rule for group in groups for rule in group["rules"]] for groups in backfill_passes(catalogue)]
    assert {repr(rule) for rules in passes for rule in rules} <= set(committed)
    written: set[str] = set()
    for rules in passes:
        for rule in rules:
            read = set(re.findall(r"dcnet:[a-z0-9_:]+", rule["expr"]))
            assert read <= written, f"{rule['record']} reads {read - written}"
        written |= {rule["record"] for rule in rules}
    judged = {rule["labels"]["indicator"] for rule in passes[-1]}
    weeks = {"interface_saturation", "interface_utilisation_rise", "link_latency_rise"}
    assert judged == set(catalogue.by_id()) - weeks


def test_prometheus_accepts_the_configuration() -> None:
    """Promtool finds prometheus.yml and its rule files in order."""
    file = ROOT / "prometheus" / "prometheus.yml"
    run = subprocess.run(["promtool", "check", "config", file], capture_output=True, text=True, check=False)
    assert run.returncode == 0, run.stdout + run.stderr


def test_an_alert_tells_itself_in_both_languages() -> None:
    """Promtool fills the templates: object, value, the limit in force, meaning, action, runbook and board."""
    file = Path(__file__).with_name("alert_words.yml")
    run = subprocess.run(["promtool", "test", "rules", file], capture_output=True, text=True, check=False)
    assert run.returncode == 0, run.stdout + run.stderr
