"""The shipped rules on what a real exporter publishes of real traps: each alert fires, and ends by its own word.

Only the pace is other than shipped: every rule is evaluated each second, and none keeps firing.
"""

import asyncio
import re
import shutil
import socket
import subprocess
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from datetime import datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
import requests
import yaml

from tests.exporter.conftest import SECRETS, Snmpd, free_port, free_udp_port
from tests.exporter.ssh import devices
from tests.exporter.ssh.conftest import PASSWORD, Cli, cli, cli_process
from tests.exporter.test_server import ROOT, serving
from tests.exporter.traps.senders import COLD_START, IF_INDEX, LINK_DOWN, LINK_UP, net_snmp

AUTHENTICATION_FAILURE = "1.3.6.1.6.3.1.1.5.5"
BGP_ESTABLISHED, BGP_BACKWARD = "1.3.6.1.2.1.15.0.1", "1.3.6.1.2.1.15.0.2"
PEER = ("1.3.6.1.2.1.15.3.1.14.192.0.2.9", "x", "0400")
UPS_ON_BATTERY, APC_POWER_RESTORED = "1.3.6.1.2.1.33.2.1", "1.3.6.1.4.1.318.0.9"
CONFIG_CHANGE = "1.3.6.1.4.1.9.9.43.2.0.1"
LO_DOWN, LO_UP = (LINK_DOWN, f"{IF_INDEX}.1", "i", "1"), (LINK_UP, f"{IF_INDEX}.1", "i", "1")
RULES = ("configuration.yml", "events.yml", "levels.yml", "topology.yml")
Firing = Callable[[], dict[str, dict[str, str]]]
WIB = ZoneInfo("Asia/Jakarta")

pytestmark = pytest.mark.skipif(shutil.which("prometheus") is None, reason="prometheus is not installed")
__all__ = ["cli", "cli_process"]


def until(condition: Callable[[], bool], told: Callable[[], str]) -> None:
    """Return when `condition` holds."""
    deadline = time.monotonic() + 60
    while not condition():
        assert time.monotonic() < deadline, told()
        time.sleep(0.1)


@contextmanager
def watching(exporter: str, folder: Path) -> Iterator[tuple[Firing, Callable[[str], bool]]]:
    """A Prometheus with the shipped rules at a pace of a second: what fires, and whether an expression has a result."""
    port = free_port(socket.SOCK_STREAM)
    (folder / "rules").mkdir()
    for name in RULES:
        text = (ROOT / "prometheus" / "rules" / name).read_text()
        text = re.sub(r"(?m)^  interval: (5s|15s|60s|1m)\n|^    keep_firing_for: .*\n", "", text)
        (folder / "rules" / name).write_text(text)
    settings = yaml.safe_load((ROOT / "prometheus" / "prometheus.yml").read_text().replace("exporter:9780", exporter))
    settings["global"] = {"scrape_interval": "1s", "scrape_timeout": "1s", "evaluation_interval": "1s"}
    del settings["alerting"]
    (folder / "prometheus.yml").write_text(yaml.safe_dump(settings))
    with (folder / "prometheus.log").open("wb") as log:
        process = subprocess.Popen(
            [
                "prometheus",
                f"--config.file={folder}/prometheus.yml",
                f"--web.listen-address=127.0.0.1:{port}",
                f"--storage.tsdb.path={folder}/tsdb",
            ],
            stdout=log,
            stderr=log,
        )

    def firing() -> dict[str, dict[str, str]]:
        found = requests.get(f"http://127.0.0.1:{port}/api/v1/alerts", timeout=10).json()["data"]["alerts"]
        return {one["labels"]["alertname"]: one["labels"] for one in found if one["state"] == "firing"}

    def known(expression: str) -> bool:
        try:
            answer = requests.get(f"http://127.0.0.1:{port}/api/v1/query", {"query": expression}, timeout=10)
            return bool(answer.json()["data"]["result"])
        except requests.RequestException:
            return False  # it starts

    try:
        watched = 'dcnet:interface_watched{instance="core-1", interface="lo"} and on () dcnet:place{device="core-1"}'
        until(lambda: known(watched), (folder / "prometheus.log").read_text)
        yield firing, known
    finally:
        process.terminate()
        process.wait(20)


def changed_at(instant: datetime) -> str:
    """The running configuration, last changed at `instant`."""
    when = f"{instant.astimezone(WIB):%H:%M:%S WIB %a %b %d %Y}"
    return re.sub(r"(?<=change at )\S+ \S+ \w+ \w+ \d+ \d+", when, devices.IOS["show running-config"])


def test_every_alert_of_traps_fires_and_ends(
    snmpd: Snmpd, cli: Cli, tmp_path: Path, share: Callable[[int, int], int]
) -> None:
    """Of a device that is polled and visited; links, peers and power end at once by the opposite trap.

    In full, a trap brings the visit that sees the change: that is half a minute after the first one at the soonest.
    """
    seen_later = bool(share(0, 1))
    changed = datetime.now(WIB) - timedelta(days=seen_later)
    cli.be({**devices.IOS, "show running-config": changed_at(changed)}, devices.IOS_PROMPT)
    (tmp_path / "password").write_text(PASSWORD)
    trap_port = free_udp_port()
    (tmp_path / "inventory.yml").write_text(
        "site: {name: s, time_zone: Asia/Jakarta}\n"
        "credentials:\n  snmp: {c: {version: 2c, community: '${env:COMMUNITY}'}}\n"
        "  ssh: {ro: {user: andi, password: '${file:password}'}}\n"
        f"traps: {{listen: 127.0.0.1, port: {trap_port}}}\n"
        "devices: [{name: core-1, address: 127.0.0.1, role: core_switch, "
        f"snmp: {{credential: c, port: {snmpd.port}}}, "
        f"ssh: {{credential: ro, port: {cli.port}, platform: cisco_ios}}}}]\n"
        "configuration: {folder: archive, rules: [{name: no-telnet, must_have: ['transport input telnet']}]}\n"
        "links: [{name: isp, provider: P, circuit: C, device: core-1, interface: lo, "
        "probes: [{name: gw, kind: icmp, target: 127.0.0.1}]}]\n"
    )
    with ExitStack() as running:
        exporter = running.enter_context(serving(tmp_path / "inventory.yml"))
        firing, known = running.enter_context(watching(exporter.base.removeprefix("http://"), tmp_path))

        def told() -> str:
            return f"{sorted(firing())}\n{exporter.get('/metrics').text}"

        def send(trap: str, *bindings: str) -> None:
            sent = asyncio.run(
                net_snmp(
                    "snmptrap", trap_port, "-v2c", "-c", SECRETS["COMMUNITY"], "--", "", trap, *bindings,
                    source="127.0.0.1",
                )
            )  # fmt: skip
            assert sent.returncode == 0, sent.stderr

        assert not [name for name in firing() if name.startswith("Trap")]
        assert not (seen_later and "ConfigChanged" in firing())
        cases = {
            "TrapLinkDown": (LO_DOWN, "core-1:lo", "jaringan"),
            "TrapRestart": ((COLD_START,), "core-1", "jaringan"),
            "TrapAuthenticationFailure": ((AUTHENTICATION_FAILURE,), "core-1", "jaringan"),
            "TrapBgpBackward": ((BGP_BACKWARD, *PEER), "core-1:192.0.2.9", "jaringan"),
            "TrapUpsOnBattery": ((UPS_ON_BATTERY,), "core-1", "fasilitas"),
        }
        for trap, _, _ in cases.values():
            send(*trap)
        cli.set("show running-config", changed_at(datetime.now(WIB)))
        send(CONFIG_CHANGE)
        until(lambda: {*cases, "ConfigChanged"} <= set(firing()), told)
        now = firing()
        for name, (_, thing, team) in cases.items():
            assert (now[name]["object"], now[name]["device"], now[name]["team"]) == (thing, "core-1", team)
        assert now["ConfigChanged"]["object"] == "core-1"
        for indicator, thing, value in (
            ("config_compliance", "core-1:rule:no-telnet", "== 1"),
            ("config_unsaved", "core-1", "> -1"),
            ("config_backup", "core-1", "< 120"),
        ):
            of_device = f'indicator="{indicator}", device="core-1", object="{thing}"'
            until(lambda asked=f"dcnet:indicator{{{of_device}}} {value}": known(asked), told)  # type: ignore[misc]

        for opposite in (LO_UP, (BGP_ESTABLISHED, *PEER), (APC_POWER_RESTORED,)):
            send(*opposite)
        ended = {"TrapLinkDown", "TrapBgpBackward", "TrapUpsOnBattery"}
        until(lambda: not ended & set(firing()), told)
        # What has no opposite is told for five minutes; prometheus/tests/events.yml holds that.
        assert {"TrapRestart", "TrapAuthenticationFailure"} <= set(firing())
