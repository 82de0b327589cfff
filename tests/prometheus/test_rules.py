"""The built rules and the hand-written ones, judged by Debian's promtool and amtool."""

import re
import subprocess
from pathlib import Path

import pytest
import yaml

from dcnet.catalogue import load_catalogue
from prometheus.alert_words import alert_name
from prometheus.build_rules import BUILT, RULES, backfill_passes, recording_groups, render_groups

ROOT = Path(__file__).parents[2]
PROMETHEUS = ROOT / "prometheus"
RULE_TESTS = sorted((PROMETHEUS / "tests").glob("*.yml"))


def alerts() -> list[dict[str, object]]:
    """Every alerting rule of every rule file."""
    return [
        rule
        for file in sorted(RULES.glob("*.yml"))
        for group in yaml.safe_load(file.read_text())["groups"]
        for rule in group["rules"]
        if "alert" in rule
    ]


@pytest.mark.parametrize("name", BUILT)
def test_built_rules_are_fresh(name: str) -> None:
    """The committed rule file is what the catalogue builds today."""
    assert (RULES / name).read_text() == render_groups(BUILT[name](load_catalogue()))


@pytest.mark.parametrize("file", RULE_TESTS, ids=lambda file: file.stem)
def test_rules_fire_and_stay_silent_as_described(file: Path) -> None:
    """Promtool finds every "fires when" and "does not fire when" of the file to be so."""
    run = subprocess.run(
        ["promtool", "test", "rules", file.name], cwd=file.parent, capture_output=True, text=True, check=False
    )
    assert run.returncode == 0, run.stdout + run.stderr


def test_every_alert_has_a_test_and_a_runbook() -> None:
    """No alert goes out that was never seen firing, or that leaves the on-call without a page to read."""
    tested = "".join(file.read_text() for file in RULE_TESTS)
    for alert in alerts():
        assert re.search(rf"\b{alert['alert']}\b", tested), f"no test names {alert['alert']}"
        annotations = alert["annotations"]
        assert isinstance(annotations, dict)
        assert (ROOT / annotations["runbook"]).is_file(), annotations["runbook"]
        assert {"summary", "description", "summary_en", "description_en"} <= set(annotations)


def test_every_indicator_has_both_alerts() -> None:
    """Each indicator of the catalogue alerts as warning and as critical."""
    seen = {(alert["alert"], alert["labels"]["severity"]) for alert in alerts()}  # type: ignore[index]
    for indicator in load_catalogue().indicators:
        assert {(alert_name(indicator), "warning"), (alert_name(indicator), "critical")} <= seen


def test_backfill_passes_hold_the_same_rules() -> None:
    """What a made-up past is evaluated with is what the living Prometheus evaluates."""
    catalogue = load_catalogue()

    def rules(groups: list[dict[str, list[object]]]) -> list[str]:
        return sorted(repr(rule) for group in groups for rule in group["rules"])

    assert rules([group for one_pass in backfill_passes(catalogue) for group in one_pass]) == rules(
        recording_groups(catalogue)
    )


def test_prometheus_accepts_the_configuration() -> None:
    """Promtool finds prometheus.yml and its rule files in order."""
    run = subprocess.run(
        ["promtool", "check", "config", PROMETHEUS / "prometheus.yml"], capture_output=True, text=True, check=False
    )
    assert run.returncode == 0, run.stdout + run.stderr
