"""The main job on real parts: lab, exporter, Prometheus, Alertmanager, sopctl, from the wire to the report.

Four days of a month keep it short; `make demo` does the same with a whole month and the shipped scenario.
"""

import json
import re
import subprocess
import time
from collections.abc import Iterator
from datetime import datetime
from typing import Any

import pytest
import requests
import yaml

from dashboards.build import BUILT, panels_of
from lab.demo import Walk, wait_until_measured, walk_seven_steps
from lab.inventory import Ports as LabPorts
from lab.inventory import site_zone
from lab.scenario import Scenario, load_scenario
from lab.stack import MACHINE, Ports, Stack, last_full_month
from lab.stack_commands import bring_up
from lab.timeline import Month
from lab.topology import ports_facing
from tests.lab.conftest import free_port

pytestmark = pytest.mark.timeout(300)

DAYS = 4
SCENARIO = """
seed: 7
faults:
  - {name: outage, kind: device_outage, device: access-3, why: "off for an hour",
     month: [{day: 2, at: "09:00", minutes: 60}]}
  - {name: loss, kind: link_loss, link: isp-b, ratio: 0.1, why: "10 % for two hours",
     month: [{day: 3, at: "10:00", minutes: 120}]}
  - {name: work, kind: planned_work, device: core-2, margin_minutes: 30, reason: Pembaruan, why: "announced",
     month: [{day: 3, at: "22:00", minutes: 90}]}
  - {name: blip, kind: device_outage, device: core-1, why: "a restart of four minutes",
     month: [{day: 4, at: "08:00", minutes: 4}]}
"""


@pytest.fixture(scope="module")
def month() -> Month:
    """The month before the running one: sopctl refuses one that is not over."""
    zone = site_zone()
    return Month.parse(last_full_month(datetime.now(zone).date()), zone)


@pytest.fixture(scope="module")
def scenario(tmp_path_factory: pytest.TempPathFactory) -> Scenario:
    file = tmp_path_factory.mktemp("scenario") / "scenario.yml"
    file.write_text(SCENARIO)
    return load_scenario(file)


@pytest.fixture(scope="module")
def stack(tmp_path_factory: pytest.TempPathFactory, scenario: Scenario, month: Month) -> Iterator[Stack]:
    """The whole stack on free ports, with the month's first days in Prometheus."""
    folder = tmp_path_factory.mktemp("stack")
    exporter, prometheus, grafana, alertmanager, webhook, snmpd = (free_port() for _ in range(6))
    lab = LabPorts(*(free_port() for _ in range(3)))
    ports = Ports(exporter, prometheus, grafana, alertmanager, webhook, snmpd, lab)
    running = Stack(folder / "run", ports)
    try:
        bring_up(running, scenario, month, folder / "cache", days=DAYS)
        wait_until_measured(running, running.devices())
        yield running
    finally:
        running.processes.end_all()


@pytest.fixture(scope="module")
def walked(stack: Stack, month: Month, tmp_path_factory: pytest.TempPathFactory) -> Walk:
    """The seven steps, done."""
    walk = Walk(tmp_path_factory.mktemp("walk") / "demo")
    walk_seven_steps(walk, stack.ports.url("prometheus"), month.name, {})
    return walk


def ask(stack: Stack, path: str, **parameters: str) -> Any:
    """The data of an answer of Prometheus' HTTP API."""
    answer = requests.get(f"{stack.ports.url('prometheus')}/api/v1/{path}", params=parameters, timeout=10)
    assert answer.ok, answer.text
    return answer.json()["data"]


def test_every_target_is_scraped(stack: Stack) -> None:
    """Prometheus learns every device from /sd with the labels of the contract, this machine's real snmpd among them."""
    deadline = time.monotonic() + 60
    while True:
        targets = ask(stack, "targets", state="active")["activeTargets"]
        # Not each was scraped yet when the first answers came.
        if "unknown" not in {target["health"] for target in targets} or time.monotonic() > deadline:
            break
        time.sleep(0.5)
    assert {target["health"] for target in targets} == {"up"}, [target["lastError"] for target in targets]
    labels = {target["labels"]["instance"]: target["labels"] for target in targets}
    assert set(labels) == {*stack.devices(), "exporter"}
    assert labels["core-1"] == {
        "job": "dcnet-devices",
        "instance": "core-1",
        "site": "dc-lab",
        "role": "core_switch",
        "parent": "edge-1",
    }
    [uptime] = ask(stack, "query", query=f'dcnet_device_uptime_seconds{{instance="{MACHINE}"}}')["result"]
    assert float(uptime["value"][1]) > 0


def test_rules_evaluate_without_error(stack: Stack) -> None:
    """No rule, recording or alerting, is unhealthy on living data."""
    for group in ask(stack, "rules")["groups"]:
        for rule in group["rules"]:
            assert rule["health"] in {"ok", "unknown"}, (group["name"], rule)
            assert "lastError" not in rule


def test_boards_ask_what_prometheus_answers(stack: Stack) -> None:
    """Every expression of every board runs on the real Prometheus."""
    for file in BUILT.glob("*/*.json"):
        for panel in panels_of(json.loads(file.read_text())):
            for target in panel.get("targets", []):
                expression = target["expr"].replace("$__rate_interval", "5m").replace("$__range", "6h")
                ask(stack, "query", query=re.sub(r"\$\w+", ".+", expression))


def test_notifications_reach_the_receiver(stack: Stack) -> None:
    """Alertmanager sends what Prometheus fires: the watchdog at once, in both languages."""
    first = json.loads(stack.notifications.read_text().splitlines()[0])
    assert first["receiver"] == "watchdog"
    assert {"summary", "summary_en"} <= set(first["alerts"][0]["annotations"])


def test_findings_are_the_faults_and_nothing_else(walked: Walk) -> None:
    """The outage, the port that leads to it and the loss are found by their minutes; restart and planned work are not.

    Four days of a month are too few for the value of an availability to speak: what is no finding has no data.
    """
    report = json.loads((walked.folder / "report.json").read_text())
    found = {(one["object"], one["indicator"]): one for one in report["findings"]}
    (port,) = ports_facing("access-3")
    assert set(found) == {("access-3", "device_availability"), (port, "interface_down"), ("isp-b", "link_loss")}
    assert abs(found[port, "interface_down"]["degraded_minutes"] - 60) <= 3
    outage = found["access-3", "device_availability"]
    assert abs(outage["degraded_minutes"] - 60) <= 3
    assert outage["status"] == "degraded"
    assert found["isp-b", "link_loss"]["status"] == "critical"
    assert abs(found["isp-b", "link_loss"]["degraded_minutes"] - 120) <= 7
    rows = {(row["object"], row["indicator"]): row for row in report["checklist"]}
    planned = rows["core-2", "device_availability"]
    assert (planned["status"], planned["degraded_minutes"]) == ("no_data", 0)
    assert {incident["planned"] for incident in planned["incidents"]} == {True}
    assert rows["core-1", "device_availability"]["status"] == "no_data"
    assert 0 < rows["core-1", "device_availability"]["degraded_minutes"] <= 7
    for row in rows.values():
        assert row["unknown_minutes"] >= (28 - DAYS) * 24 * 60


def test_the_report_is_approved_and_whole(walked: Walk) -> None:
    """The PDF names the findings and carries its data; the ledger proves every step."""
    text = subprocess.run(
        ["pdftotext", "-layout", walked.folder / "report.pdf", "-"], capture_output=True, text=True, check=True
    ).stdout
    assert "LAPORAN PEMELIHARAAN KINERJA SISTEM" in text
    assert "access-3" in text
    assert "KONSEP" not in text
    embedded = subprocess.run(
        ["pdfdetach", "-list", walked.folder / "report.pdf"], capture_output=True, text=True, check=True
    ).stdout
    assert "report.json" in embedded
    assert "report.csv" in embedded
    assert "Utuh" in walked.run("verify")


def test_no_secret_leaves_the_exporter(stack: Stack) -> None:
    """Neither pages nor metrics nor logs hold a community or a key."""
    secrets = [file.read_text() for file in (stack.folder / "secrets").iterdir()]
    exporter = stack.ports.url("exporter")
    pages = [
        requests.get(exporter + path, timeout=10).text for path in ("/", "/metrics", "/sd", "/probe?target=edge-1")
    ]
    logs = [file.read_text(errors="replace") for file in stack.processes.folder.glob("*.log")]
    for text in pages + logs:
        assert not any(secret in text for secret in secrets)


def test_reload_keeps_serving_when_the_new_inventory_is_wrong(stack: Stack) -> None:
    """A mistake in a new inventory is told with its line and changes nothing."""
    before = stack.inventory.read_text()
    document = yaml.safe_load(before)
    document["devices"][1]["adress"] = "127.0.0.1"
    stack.inventory.write_text(yaml.safe_dump(document, sort_keys=False))
    try:
        answer = requests.post(stack.ports.url("exporter") + "/-/reload", timeout=10)
        assert answer.status_code == requests.codes.server_error
        assert re.search(r"inventory\.yml:\d+: devices\[1\]\.adress: ", answer.text)
        assert len(requests.get(stack.ports.url("exporter") + "/sd", timeout=10).json()) == len(stack.devices())
    finally:
        stack.inventory.write_text(before)
        assert requests.post(stack.ports.url("exporter") + "/-/reload", timeout=10).ok
