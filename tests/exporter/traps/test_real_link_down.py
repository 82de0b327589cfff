"""The whole way: a real snmpd tells that a real interface lost its carrier, and a real Prometheus fires an alert."""

import json
import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any

import pytest

from tests.exporter.links.conftest import may_make_namespaces
from tests.exporter.traps.senders import SECRETS
from tests.network.namespaces import Namespace, namespace

COMMUNITY = SECRETS["COMMUNITY"]
TRAP_PORT = 1162
SCRAPE_SECONDS = 1
WEB, PROMETHEUS = "127.0.0.1:9780", "127.0.0.1:9090"
IF_OPER_STATUS = ".1.3.6.1.2.1.2.2.1.8"
IF_TABLE_CACHE = ".1.3.6.1.4.1.8072.1.5.3.1.2.1.3.6.1.2.1.2.2"
"""NET-SNMP-AGENT-MIB::nsCacheTimeout of ifTable: snmpd would otherwise notice after up to 15 s."""

SNMPD = f"""agentaddress udp:10.70.0.2:161
rwcommunity {COMMUNITY}
trap2sink 10.70.0.1:{TRAP_PORT} {COMMUNITY}
createUser internal
iquerySecName internal
rouser internal noauth
notificationEvent down .1.3.6.1.6.3.1.1.5.3 .1.3.6.1.2.1.2.2.1.1 .1.3.6.1.2.1.2.2.1.7 {IF_OPER_STATUS}
notificationEvent up .1.3.6.1.6.3.1.1.5.4 .1.3.6.1.2.1.2.2.1.1 .1.3.6.1.2.1.2.2.1.7 {IF_OPER_STATUS}
monitor -r 1 -e down "down" {IF_OPER_STATUS} == 2
monitor -r 1 -e up "up" {IF_OPER_STATUS} != 2
"""
INVENTORY = f"""site: {{name: test-site, time_zone: Asia/Jakarta}}
credentials: {{snmp: {{c: {{version: 2c, community: "${{env:COMMUNITY}}"}}}}}}
traps: {{listen: 0.0.0.0, port: {TRAP_PORT}}}
devices: [{{name: dev-1, address: 10.70.0.2, role: router, snmp: {{credential: c}}}}]
"""
PROMETHEUS_YML = f"""global: {{scrape_interval: {SCRAPE_SECONDS}s, evaluation_interval: 1s}}
rule_files: [rules.yml]
scrape_configs:
  - {{job_name: exporter, static_configs: [{{targets: ["{WEB}"]}}]}}
"""
RULES = """groups:
  - name: traps
    rules:
      - {alert: LinkDownTrap, expr: "increase(dcnet_trap_received_total{trap='linkDown'}[1m]) > 0"}
      - {alert: LinkIsDown, expr: "dcnet_trap_state_normal{pair='link'} == 0"}
"""

pytestmark = pytest.mark.skipif(
    shutil.which("prometheus") is None or shutil.which("snmpd", path=os.environ.get("PATH", "") + ":/usr/sbin") is None,
    reason="prometheus or snmpd is not installed",
)


@contextmanager
def running(inside: Namespace, command: list[str], log: Path, **more: Any) -> Iterator[None]:
    with log.open("wb") as stream:
        process = inside.start(command, stdout=stream, stderr=stream, start_new_session=True, **more)
    try:
        yield
    finally:
        os.killpg(process.pid, signal.SIGTERM)
        process.wait(20)


def until(condition: Callable[[], bool], told: Callable[[], str]) -> None:
    deadline = time.monotonic() + 60
    while not condition():
        assert time.monotonic() < deadline, told()
        time.sleep(0.1)


def get(inside: Namespace, url: str) -> str:
    """The body of an HTTP answer; empty where there is none yet."""
    command = ["ip", "netns", "exec", inside.name, "curl", "-sS", "-m", "5", "-g", url]
    return subprocess.run(command, capture_output=True, text=True, check=False, timeout=30).stdout


def alerts(inside: Namespace) -> dict[str, dict[str, str]]:
    """The labels of the alerts that fire, by name."""
    body = get(inside, f"http://{PROMETHEUS}/api/v1/alerts")
    found = json.loads(body)["data"]["alerts"] if body.startswith("{") else []
    return {alert["labels"]["alertname"]: alert["labels"] for alert in found if alert["state"] == "firing"}


def samples(inside: Namespace, series: str) -> list[tuple[float, float]]:
    """The instants and values that Prometheus keeps of one series."""
    found = json.loads(get(inside, f"http://{PROMETHEUS}/api/v1/query?query={series}[10m]"))["data"]["result"]
    return [(float(at), float(value)) for at, value in found[0]["values"]]


def test_a_cut_wire_is_an_alert(tmp_path: Path) -> None:
    """The wire is cut: Prometheus sees the trap at its next scrape and fires; it is mended: the state's alert ends."""
    if not may_make_namespaces():
        pytest.skip("needs root, iproute2 and /dev/net/tun")
    for name, text in (
        ("snmpd.conf", SNMPD),
        ("inventory.yml", INVENTORY),
        ("prometheus.yml", PROMETHEUS_YML),
        ("rules.yml", RULES),
    ):
        (tmp_path / name).write_text(text)
    with namespace("noc") as noc, namespace("device") as device, ExitStack() as programs:
        noc.run(f"ip link add mgmt type veth peer name mgmt netns {device.name}")
        device.run(f"ip link add uplink type veth peer name far netns {noc.name}")
        for end, number in ((noc, 1), (device, 2)):
            end.run(f"ip address add 10.70.0.{number}/24 dev mgmt")
            end.run("ip link set mgmt up")
        noc.run("ip link set far up")
        device.run("ip link set uplink up")

        def start(inside: Namespace, command: list[str], **more: Any) -> Path:
            log = tmp_path / f"{Path(command[0]).name}.log"
            programs.enter_context(running(inside, command, log, **more))
            return log

        environment = {**os.environ, "MIBS": "", "SNMP_PERSISTENT_DIR": str(tmp_path / "persistent")}
        command = [sys.executable, "-m", "exporter", "serve", "--inventory", str(tmp_path / "inventory.yml")]
        log = start(noc, [*command, "--listen", WEB], env={**os.environ, **SECRETS})
        until(lambda: "serving address" in log.read_text(), log.read_text)
        snmpd = ["/usr/sbin/snmpd", "-f", "-Lo", "-C", "-c", str(tmp_path / "snmpd.conf"), "-p", str(tmp_path / "pid")]
        start(device, snmpd, env=environment)
        probe = f"http://{WEB}/probe?target=dev-1"
        until(lambda: 'interface="uplink"' in get(noc, probe), lambda: get(noc, probe))
        noc.run(f"snmpset -v2c -c {COMMUNITY} 10.70.0.2 {IF_TABLE_CACHE} i 1")
        prometheus = ["prometheus", f"--config.file={tmp_path}/prometheus.yml", f"--web.listen-address={PROMETHEUS}"]
        log = start(noc, [*prometheus, f"--storage.tsdb.path={tmp_path}/tsdb"])
        query = f"http://{PROMETHEUS}/api/v1/query?query=dcnet_trap_received_total{{trap='linkDown'}}"
        until(lambda: '"value"' in get(noc, query), log.read_text)
        assert alerts(noc) == {}

        noc.run("ip link set far down")
        told = ("LinkDownTrap", "LinkIsDown")
        until(lambda: set(told) <= set(alerts(noc)), lambda: get(noc, f"http://{WEB}/metrics"))
        labels = alerts(noc)["LinkIsDown"]
        assert (labels["source"], labels["object"], labels["pair"]) == ("dev-1", "uplink", "link")
        last = samples(noc, "dcnet_trap_last_timestamp_seconds{trap='linkDown'}")[-1][1]
        counts = samples(noc, "dcnet_trap_received_total{trap='linkDown'}")
        assert 0 in [count for _, count in counts]
        assert [count for at, count in counts if at > last + SCRAPE_SECONDS and not count] == []

        noc.run("ip link set far up")
        until(lambda: "LinkIsDown" not in alerts(noc), lambda: get(noc, f"http://{WEB}/metrics"))
