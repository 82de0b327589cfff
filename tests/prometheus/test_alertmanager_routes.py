"""Who is told: the shipped routes and configuration, judged by Debian's amtool."""

import subprocess
from pathlib import Path

import pytest
import yaml

CONFIGURATION = Path(__file__).parents[2] / "prometheus" / "alertmanager.yml"
SEVERITIES = {"critical": "", "warning": "-warning"}
TEAMS = {"jaringan": "jaringan", "internet": "internet", "fasilitas": "fasilitas", "tim-baru": "jaringan"}
POSITIONS = {"sdm": "sekretaris", "kabag": "kabag", "kasubag": "kasubag", "staf": "staf"}

CASES = [
    *(
        pytest.param(f"severity={severity} team={team}", [f"{receiver}{suffix}"], id=f"{severity}, {team}")
        for severity, suffix in SEVERITIES.items()
        for team, receiver in TEAMS.items()
    ),
    pytest.param("severity=critical", ["jaringan"], id="critical of no team"),
    pytest.param("severity=warning", ["jaringan-warning"], id="warning of no team"),
    pytest.param("alertname=Unheard", ["jaringan"], id="neither severity nor team"),
    pytest.param("alertname=Watchdog severity=none", ["watchdog"], id="watchdog"),
    pytest.param("alertname=ParentDown severity=none parent=core-2", ["nobody"], id="what only silences"),
    *(
        pytest.param(f"alertname=SopStepDue severity=warning position={position}", [receiver], id=f"step of {position}")
        for position, receiver in POSITIONS.items()
    ),
    pytest.param("alertname=ExporterDown severity=critical", ["jaringan"], id="the measurement itself"),
    pytest.param(
        "severity=critical team=internet site=dc-cadangan", ["dc-cadangan", "internet"], id="another site, critical"
    ),
    pytest.param(
        "severity=warning team=fasilitas site=dc-cadangan",
        ["dc-cadangan", "fasilitas-warning"],
        id="another site, warning",
    ),
]


def amtool(*arguments: str) -> "subprocess.CompletedProcess[str]":
    return subprocess.run(["amtool", *arguments], capture_output=True, text=True, check=False, timeout=30)


def route(labels: str, receivers: list[str]) -> "subprocess.CompletedProcess[str]":
    verify = [f"--config.file={CONFIGURATION}", f"--verify.receivers={','.join(receivers)}"]
    return amtool("config", "routes", "test", *verify, *labels.split())


@pytest.mark.parametrize(("labels", "receivers"), CASES)
def test_alerts_reach_their_receivers(labels: str, receivers: list[str]) -> None:
    """Each severity of each team, and each site, goes to those who answer for it, and to nobody else."""
    told = route(labels, receivers)
    assert told.returncode == 0, told.stdout + told.stderr


def test_every_receiver_is_reached_by_a_case() -> None:
    """No receiver is forgotten by the cases above, and none stands in the file for nothing."""
    named = {receiver["name"] for receiver in yaml.safe_load(CONFIGURATION.read_text())["receivers"]}
    assert named == {name for case in CASES for name in case.values[1]}  # type: ignore[union-attr]


def test_every_shipped_alert_is_of_a_case() -> None:
    """Its severity and team are of those above, and of those without severity only the watchdog is told to somebody."""
    files = sorted((CONFIGURATION.parent / "rules").glob("*.yml"))
    rules = [rule for file in files for group in yaml.safe_load(file.read_text())["groups"] for rule in group["rules"]]
    alerts = [rule for rule in rules if "alert" in rule]
    assert len(alerts) > 50
    for alert in alerts:
        severity, team = alert["labels"]["severity"], alert["labels"].get("team", "jaringan")
        assert severity in SEVERITIES or severity == "none", alert["alert"]
        assert team in TEAMS, alert["alert"]
    silent = {alert["alert"] for alert in alerts if alert["labels"]["severity"] == "none"}
    assert silent == {"Watchdog", "ParentDown", "PortDown", "LinkDown"}


def test_the_route_test_can_fail() -> None:
    """Amtool says so when a receiver is not the one."""
    assert route("severity=critical team=internet", ["jaringan"]).returncode != 0


def test_alertmanager_accepts_the_configuration() -> None:
    """Version 0.25 of Debian 12 does, as it is shipped; `make check` asks the same."""
    told = amtool("check-config", str(CONFIGURATION))
    assert told.returncode == 0, told.stdout + told.stderr


def test_no_secret_stands_in_the_configuration() -> None:
    """Passwords and tokens come from files; in place of Telegram's token stands a word that says so."""
    document = yaml.safe_load(CONFIGURATION.read_text())
    assert document["global"]["smtp_auth_password_file"].startswith("/etc/alertmanager/secrets/")
    for receiver in document["receivers"]:
        for telegram in receiver.get("telegram_configs", []):
            assert telegram["bot_token"] == "TELEGRAM_BOT_TOKEN"
        for webhook in receiver.get("webhook_configs", []):
            assert set(webhook["http_config"]["authorization"]) == {"credentials_file"}
    assert "password:" not in CONFIGURATION.read_text()


def test_every_matcher_value_is_quoted() -> None:
    """Unquoted, a value means another thing to Alertmanager from 0.27 on, which reads matchers as UTF-8."""
    document = yaml.safe_load(CONFIGURATION.read_text())

    def matchers(node: object) -> list[str]:
        if isinstance(node, dict):
            own = [text for key in ("matchers", "source_matchers", "target_matchers") for text in node.get(key, [])]
            return own + [text for value in node.values() for text in matchers(value)]
        return [text for value in node for text in matchers(value)] if isinstance(node, list) else []

    found = matchers([document["route"], document["inhibit_rules"]])
    assert len(found) > 20
    for matcher in found:
        assert matcher.endswith('"'), matcher
        assert matcher.count('"') == 2, matcher
