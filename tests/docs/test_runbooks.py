"""The runbooks: one for every indicator and alert, each useful, none without an alert."""

import re
import subprocess
from pathlib import Path

import pytest
import yaml

from dcnet.catalogue import load_catalogue
from exporter import metrics
from prometheus.alert_words import alert_name

ROOT = Path(__file__).parents[2]
RUNBOOKS = ROOT / "docs" / "runbooks"
SECTIONS = ("Arti", "Dampak", "Periksa", "Perbaiki", "Eskalasi")
FILES = sorted(RUNBOOKS.glob("*.md"))
CATALOGUE = load_catalogue()
RULES = [
    rule
    for file in (ROOT / "prometheus" / "rules").glob("*.yml")
    for group in yaml.load(file.read_text(encoding="utf-8"), yaml.CSafeLoader)["groups"]
    for rule in group["rules"]
]
ALERTS = [rule for rule in RULES if "alert" in rule]
KNOWN = {rule["record"] for rule in RULES if "record" in rule} | set(metrics.BY_NAME)
PAGES = {file.stem for file in FILES}


def test_every_indicator_and_alert_has_its_runbook() -> None:
    """Whatever is told to a person leads to a page that says what to do; no page is without its alert."""
    of_alerts = {rule["annotations"]["runbook"] for rule in ALERTS}
    of_indicators = {indicator.runbook for indicator in CATALOGUE.indicators}
    assert of_indicators <= of_alerts
    assert of_alerts == {str(file.relative_to(ROOT)) for file in FILES}


@pytest.mark.parametrize("file", FILES, ids=[file.stem for file in FILES])
def test_a_runbook_says_everything_that_is_wanted_at_night(file: Path) -> None:
    """Its title names the alert; meaning, impact, check, fix and escalation stand in this order, none empty."""
    text = file.read_text(encoding="utf-8")
    title, *sections = re.split(r"^## ", text, flags=re.MULTILINE)
    assert re.match(rf"# {re.escape(_alert_of(file))}: \S", title)
    assert tuple(section.partition("\n")[0] for section in sections) == SECTIONS
    bodies = {section.partition("\n")[0]: section.partition("\n")[2].strip() for section in sections}
    assert all(len(body) > len("segera") for body in bodies.values())
    for name in ("Periksa", "Perbaiki"):
        assert bodies[name].startswith("1. "), f"{name} is a list of steps"
    assert "`" in bodies["Periksa"], "a command or an expression to begin with"


@pytest.mark.parametrize("file", FILES, ids=[file.stem for file in FILES])
def test_a_runbook_names_only_what_exists(file: Path) -> None:
    """Every metric and recorded series that it tells a reader to look at is published or recorded."""
    text = file.read_text(encoding="utf-8")
    named = set(re.findall(r"\bdcnet[_:][a-z0-9_:]*[a-z0-9]", text))
    assert named - KNOWN == set()
    assert set(re.findall(r"(?:runbook|ikuti|lihat|Ikuti|Lihat) `?((?!dcnet_)[a-z]+(?:_[a-z]+)+)`?", text)) <= PAGES


def test_every_expression_of_a_runbook_can_be_asked(tmp_path: Path) -> None:
    """What a reader is told to ask Prometheus is PromQL: promtool parses every expression over dcnet's series."""
    expressions = {
        (file.stem, code)
        for file in FILES
        for code in re.findall(r"`([^`]*\bdcnet[_:][^`]*)`", file.read_text(encoding="utf-8"))
        if "[$" not in code
    }
    assert any("(" in code for _, code in expressions)
    rules = [
        {"record": f"runbook:{stem}:{number}", "expr": code} for number, (stem, code) in enumerate(sorted(expressions))
    ]
    rule_file = tmp_path / "expressions.yml"
    rule_file.write_text(yaml.safe_dump({"groups": [{"name": "runbooks", "rules": rules}]}), encoding="utf-8")
    run = subprocess.run(["promtool", "check", "rules", rule_file], capture_output=True, text=True, check=False)
    assert run.returncode == 0, run.stdout + run.stderr


def _alert_of(file: Path) -> str:
    """The name of the alert whose runbook `file` is, ParentDown aside, which is told to nobody."""
    by_id = CATALOGUE.by_id()
    if file.stem in by_id:
        return alert_name(by_id[file.stem])
    (name,) = {rule["alert"] for rule in ALERTS if rule["annotations"]["runbook"].endswith(f"/{file.name}")}
    return str(name)
