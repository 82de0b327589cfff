"""A real `dcnet-exporter serve`: every endpoint, reloads, a port in use, and no secret anywhere."""

import json
import os
import re
import select
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import pytest
import requests
from click.testing import CliRunner, Result
from prometheus_client.parser import text_string_to_metric_families

from dcnet.errors import PublicError
from exporter.cli import main
from exporter.inventory.load import load_inventory
from exporter.server import target_groups
from exporter.state import ExporterState
from tests.exporter.conftest import SECRETS, Snmpd

WriteInventory = Callable[[str], Path]
COMMAND = [sys.executable, "-m", "exporter"]
ROOT = Path(__file__).parents[2]
ENVIRONMENT = {**os.environ, **SECRETS, "DCNET_LANG": "en", "PYTHONPATH": str(ROOT)}


@dataclass
class Exporter:
    """A running exporter."""

    process: "subprocess.Popen[str]"
    base: str
    file: Path
    log: Path

    def get(self, path: str, **settings: object) -> requests.Response:
        return requests.get(self.base + path, timeout=20, **settings)  # type: ignore[arg-type]

    def value(self, name: str, path: str = "/metrics", **labels: str) -> float | None:
        for family in text_string_to_metric_families(self.get(path).text):
            for sample in family.samples:
                if sample.name == name and labels.items() <= sample.labels.items():
                    return sample.value
        return None


def until(condition: Callable[[], bool], told: Callable[[], str]) -> None:
    deadline = time.monotonic() + 60
    while not condition():
        assert time.monotonic() < deadline, told()
        select.select([], [], [], 0.02)


def body(snmpd_port: int, silent_port: int) -> str:
    return f"""devices:
  - {{name: host-1, address: 127.0.0.1, role: server, snmp: {{credential: community, port: {snmpd_port}}}}}
  - {{name: host-3, address: 127.0.0.1, role: server, parent: host-1, snmp: {{credential: sha, port: {snmpd_port}}}}}
  - name: dead-1
    address: 127.0.0.1
    role: "switch"
    snmp: {{credential: community, port: {silent_port}, timeout_seconds: 0.2, retries: 0}}
links:
  - name: isp-a
    provider: "PT <b>Contoh</b> & Co"
    circuit: C-1
    device: host-1
    interface: eth0
    probes: [{{name: gw, kind: icmp, target: 127.0.0.1, interval_seconds: 0.2}}]
"""


@contextmanager
def serving(file: Path, host: str = "127.0.0.1") -> Iterator[Exporter]:
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family, socket.SOCK_STREAM) as free:
        free.bind((host, 0))
        port = free.getsockname()[1]
    listen = f"[{host}]:{port}" if ":" in host else f"{host}:{port}"
    log = file.parent / "log"
    with log.open("w") as stream:
        process = subprocess.Popen(
            [*COMMAND, "serve", "--inventory", str(file), "--listen", listen],
            env=ENVIRONMENT,
            stderr=stream,
            stdout=stream,
            text=True,
            cwd=file.parent,
        )
    exporter = Exporter(process, f"http://{listen}", file, log)
    try:
        until(lambda: "serving address=" in log.read_text() or process.poll() is not None, log.read_text)
        assert process.poll() is None, log.read_text()
        yield exporter
    finally:
        process.terminate()
        process.wait(15)


@pytest.fixture
def exporter(snmpd: Snmpd, silent_port: int, write_inventory: WriteInventory) -> Iterator[Exporter]:
    with serving(write_inventory(body(snmpd.port, silent_port))) as running:
        yield running


@pytest.fixture(scope="module")
def undisturbed(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Exporter]:
    """An exporter for tests that leave it as it is."""
    file = tmp_path_factory.mktemp("undisturbed") / "inventory.yml"
    file.write_text(
        """site: {name: s, time_zone: Asia/Jakarta}
credentials: {snmp: {community: {version: 2c, community: "${env:COMMUNITY}"}}}
devices: [{name: a, address: 127.0.0.1, role: server, snmp: {credential: community, port: 9, retries: 0}}]
"""
    )
    with serving(file) as running:
        yield running


def promtool_problems(text: str) -> list[str]:
    if shutil.which("promtool") is None:
        pytest.skip("promtool is not installed")
    done = subprocess.run(
        ["promtool", "check", "metrics"], input=text, capture_output=True, text=True, check=False, timeout=30
    )
    # The contract keeps bits per second, as the field expects: promtool would rather see bytes.
    return [line for line in (done.stdout + done.stderr).splitlines() if "_bits_per_second use base unit" not in line]


def test_every_endpoint(exporter: Exporter) -> None:
    """One exporter answers Prometheus, people and operators as documented, and tells no secret anywhere."""
    told: list[str] = []

    def get(path: str, status: int = 200, **settings: object) -> requests.Response:
        response = exporter.get(path, **settings)
        told.append(response.text)
        assert response.status_code == status, response.text
        return response

    assert get("/-/healthy").text == "healthy\n"
    assert get("/-/ready").text == "ready\n"

    groups = get("/sd").json()
    assert groups[1] == {
        "targets": [exporter.base.removeprefix("http://")],
        "labels": {
            "__metrics_path__": "/probe",
            "__param_target": "host-3",
            "instance": "host-3",
            "site": "test-site",
            "role": "server",
            "parent": "host-1",
        },
    }
    assert [group["labels"]["instance"] for group in groups] == ["host-1", "host-3", "dead-1"]

    for name in ("host-1", "host-3"):
        probe = get(f"/probe?target={name}")
        assert probe.headers["Content-Type"].startswith("text/plain; version=")
        assert "\ndcnet_up 1.0\n" in probe.text
        assert promtool_problems(probe.text) == []
    dead = get("/probe?target=dead-1")
    assert "\ndcnet_up 0.0\n" in dead.text
    assert 'dcnet_collector_failure{collector="system",reason="timeout"} 1.0' in dead.text

    for target in ("127.0.0.1", "nobody", "", "host-1%0a", "http://127.0.0.1/"):
        assert "give ?target=NAME" in get(f"/probe?target={target}", status=404).text
    get("/probe", status=404)
    get("/-/reload", status=405)

    metrics = get("/metrics")
    assert promtool_problems(metrics.text) == []
    assert 'dcnet_inventory_info{kind="device",object="host-3",parent="host-1"' in metrics.text
    assert "process_cpu_seconds_total" in metrics.text
    assert "dcnet_exporter_reload_success 1.0" in metrics.text
    open_metrics = get("/metrics", headers={"Accept": "application/openmetrics-text; version=1.0.0"})
    assert open_metrics.headers["Content-Type"].startswith("application/openmetrics-text")
    assert open_metrics.text.endswith("# EOF\n")

    page = get("/")
    assert page.headers["Content-Type"] == "text/html; charset=utf-8"
    assert "Perangkat" in page.text
    assert "tidak menjawab" in page.text
    english = get("/?lang=en").text
    assert "does not answer" in english
    assert "<script" not in english

    told.append(exporter.log.read_text())
    assert not [name for name, secret in SECRETS.items() if any(secret in text for text in told)]


def test_reload(exporter: Exporter) -> None:
    """A sound inventory is taken over with counters kept; an unsound one is refused whole, and that is told."""
    until(lambda: (exporter.value("dcnet_link_probe_sent_total") or 0) >= 2, exporter.log.read_text)
    sent = exporter.value("dcnet_link_probe_sent_total") or 0
    good = exporter.file.read_text()
    exporter.file.write_text(good.replace("name: dead-1", "name: dead-2"))
    response = requests.post(exporter.base + "/-/reload", timeout=20)
    assert (response.status_code, response.text) == (200, "reloaded\n")
    assert exporter.get("/probe?target=dead-1").status_code == 404
    assert exporter.get("/probe?target=dead-2").status_code == 200
    assert (exporter.value("dcnet_link_probe_sent_total") or 0) >= sent

    exporter.file.write_text(good.replace("role: server", "rolle: server").replace("device: host-1", "device: host-9"))
    loaded = exporter.value("dcnet_exporter_reload_timestamp_seconds")
    response = requests.post(exporter.base + "/-/reload", timeout=20)
    assert response.status_code == 500
    assert "unknown key; did you mean role?" in response.text
    assert "found 'host-9', expected a device" in response.text
    assert exporter.value("dcnet_exporter_reload_success") == 0
    assert exporter.value("dcnet_exporter_reload_timestamp_seconds") == loaded
    assert exporter.get("/probe?target=dead-2").status_code == 200
    assert "host-9" in exporter.get("/").text

    exporter.file.write_text(good)
    assert requests.post(exporter.base + "/-/reload", timeout=20).status_code == 200
    exporter.file.write_text(good + "planned_work:\n  - start: 2026-02-30 22:00:00\n")
    response = requests.post(exporter.base + "/-/reload", timeout=20)
    assert response.status_code == 500
    assert "this value cannot be read as timestamp" in response.text
    assert exporter.value("dcnet_exporter_reload_success") == 0

    exporter.file.write_text(good)
    exporter.process.send_signal(signal.SIGHUP)
    until(lambda: exporter.value("dcnet_exporter_reload_success") == 1, exporter.log.read_text)
    assert exporter.get("/probe?target=dead-1").status_code == 200


async def test_a_defect_met_while_reloading_is_a_refused_reload(
    write_inventory: WriteInventory, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whatever breaks the reading of the file, the metric says that it was not accepted, and the old one serves."""
    for name, secret in SECRETS.items():
        monkeypatch.setenv(name, secret)
    file = write_inventory("devices: [{name: a, address: 192.0.2.1, role: r}]\n")
    state = ExporterState(file, load_inventory(file), lambda: datetime.now(UTC))

    def broken(_file: Path) -> None:
        raise ZeroDivisionError

    with monkeypatch.context() as patched:
        patched.setattr("exporter.state.load_inventory", broken)
        with pytest.raises(PublicError, match=r"defect of the exporter \(ZeroDivisionError\); the log holds it"):
            await state.reload()
    assert {sample.name: sample.value for family in state.samples().collect() for sample in family.samples}[
        "dcnet_exporter_reload_success"
    ] == 0
    assert state.inventory.device("a") is not None
    await state.reload()
    assert state.reload_error is None
    await state.stop()


def test_page_escapes_what_the_world_says(exporter: Exporter) -> None:
    """Markup from an inventory or a request stays text."""
    exporter.file.write_text("<script>alert(1)</script>: [\n")
    requests.post(exporter.base + "/-/reload", timeout=20)
    exporter.file.write_text("site: {name: '<script>', time_zone: '<script>'}\n")
    requests.post(exporter.base + "/-/reload", timeout=20)
    page = exporter.get("/?lang=<script>").text
    assert "&lt;script&gt;" in page
    assert "<script" not in page


def test_terminates_cleanly(write_inventory: WriteInventory) -> None:
    """SIGTERM ends it within seconds with status 0, also in the middle of a scrape."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as silent:
        silent.bind(("127.0.0.1", 0))
        silent.settimeout(10)
        access = f"{{credential: community, port: {silent.getsockname()[1]}, timeout_seconds: 60, retries: 0}}"
        device = f"{{name: silent, address: 127.0.0.1, role: r, snmp: {access}}}"
        with serving(write_inventory(f"devices: [{device}]\n")) as exporter:
            host, _, port = exporter.base.removeprefix("http://").partition(":")
            with socket.create_connection((host, int(port)), timeout=10) as scrape:
                scrape.sendall(b"GET /probe?target=silent HTTP/1.1\r\nHost: x\r\n\r\n")
                assert silent.recv(1500), "the scrape has asked the device"
                exporter.process.terminate()
                assert exporter.process.wait(10) == 0
            log = exporter.log.read_text()
    assert "stopping" in log
    assert "Traceback" not in log


def test_port_in_use(undisturbed: Exporter) -> None:
    """A port that is taken is told in a sentence, status 1, no traceback."""
    listen = undisturbed.base.removeprefix("http://")
    done = run("serve", "--inventory", str(undisturbed.file), "--listen", listen)
    assert done.returncode == 1
    assert f"address {listen} is in use by another process; stop it or choose another --listen" in done.stderr
    assert "Traceback" not in done.stderr


def test_listens_on_ipv6(write_inventory: WriteInventory) -> None:
    """`--listen [::1]:PORT` serves over IPv6, and /sd names that address."""
    if not socket.has_ipv6 or not Path("/proc/net/if_inet6").exists():
        pytest.skip("no IPv6 here")
    device = "{name: a, address: 127.0.0.1, role: r, snmp: {credential: community, port: 9, retries: 0}}"
    with serving(write_inventory(f"devices: [{device}]\n"), "::1") as exporter:
        groups = json.loads(exporter.get("/sd").text)
        assert groups[0]["targets"] == [exporter.base.removeprefix("http://")]
        assert exporter.value("dcnet_up", "/probe?target=a") == 0


def run(*arguments: str, environment: dict[str, str] | None = None) -> "subprocess.CompletedProcess[str]":
    return subprocess.run(
        [*COMMAND, *arguments],
        env=ENVIRONMENT if environment is None else environment,
        capture_output=True,
        text=True,
        check=False,
        timeout=30,
    )


def run_here(*arguments: str, environment: dict[str, str] | None = None) -> Result:
    """The same without a process of its own: what breaks unforeseen is raised, for a person would see a traceback."""
    command = arguments if "--lang" in arguments else ("--lang", "en", *arguments)
    done = CliRunner().invoke(main, command, env={**SECRETS, **(environment or {})})
    if done.exception is not None and not isinstance(done.exception, SystemExit):
        raise done.exception
    return done


def test_check(write_inventory: WriteInventory) -> None:
    """`check` sums up a sound inventory, and tells every problem of another with status 2, in either language."""
    done = run_here("check", str(write_inventory("devices: [{name: a, address: 192.0.2.1, role: r}]\n")))
    assert (done.exit_code, done.stderr) == (0, "")
    assert "OK; 1 devices, 0 links with 0 probes, 0 planned works" in done.stdout
    file = write_inventory("devices: [{name: a, address: 192.0.2.1}, {name: a, address: '', role: r}]\n")
    done = run_here("check", str(file), environment={"COMMUNITY": ""})
    assert done.exit_code == 2
    assert len(done.stderr.splitlines()) == 4
    assert all(re.match(rf"{re.escape(str(file))}:\d+: ", line) for line in done.stderr.splitlines())
    done = run_here("--lang", "id", "check", str(file))
    assert "devices[0].role: tidak ada; wajib diisi" in done.stderr
    assert run("check", "/nowhere/inventory.yml").returncode == 2


def test_probe_command(snmpd: Snmpd, silent_port: int, write_inventory: WriteInventory) -> None:
    """`probe` prints a device's metrics; --debug tells the dialogue on standard error, without secrets."""
    file = str(write_inventory(body(snmpd.port, silent_port)))
    done = run("probe", "--inventory", file, "host-3", "--debug")
    assert done.returncode == 0
    assert "\ndcnet_up 1.0\n" in done.stdout
    assert "getbulk 1.3.6.1.2.1.2.2.1.2" in done.stderr
    assert not [name for name, secret in SECRETS.items() if secret in done.stdout + done.stderr]
    done = run("probe", "--inventory", file, "dead-1")
    assert done.returncode == 1
    assert "\ndcnet_up 0.0\n" in done.stdout
    assert "dead-1 did not answer" in done.stderr
    done = run("probe", "--inventory", file, "nobody")
    assert done.returncode == 1
    assert "no device 'nobody'" in done.stderr
    assert "host-1" in done.stderr


@pytest.mark.parametrize("listen", ["9780", "host:", "::1:9780", ":9780", "a:70000"])
def test_listen_that_is_none(write_inventory: WriteInventory, listen: str) -> None:
    """A --listen that is no HOST:PORT is told with an example."""
    done = run_here("serve", "--inventory", str(write_inventory("")), "--listen", listen)
    assert done.exit_code == 1
    assert "expected HOST:PORT, for example 127.0.0.1:9780 or [::1]:9780" in done.stderr


@pytest.mark.parametrize("host", ["a..b", "a" * 70], ids=["empty label", "label of 70 characters"])
def test_listen_on_a_name_that_none_can_have(write_inventory: WriteInventory, host: str) -> None:
    """A host name that cannot be is told in a sentence, status 1, no traceback."""
    done = run_here("serve", "--inventory", str(write_inventory("")), "--listen", f"{host}:9999")
    assert done.exit_code == 1
    assert f"cannot listen on {host}:9999: not a valid host name" in done.stderr
    assert "Traceback" not in done.stderr


@pytest.mark.parametrize("timeout", ["nan", "inf", "-inf", "0", "-1", "1e9"])
def test_timeout_that_is_none(write_inventory: WriteInventory, timeout: str) -> None:
    """A --timeout that limits nothing is refused before any device is asked."""
    file = write_inventory("devices: [{name: a, address: 192.0.2.1, role: r}]\n")
    done = run_here("probe", "--inventory", str(file), "a", f"--timeout={timeout}")
    assert done.exit_code == 1
    assert f"--timeout: found {float(timeout):g}, expected 0.1 to 300 seconds" in done.stderr
    assert done.stdout == ""


@pytest.mark.parametrize("host", ['evil"x', "a/b", "a b", "user@a", "[::1", "a:b", "a:123456", ""])
def test_targets_are_not_sent_to_what_is_no_host(undisturbed: Exporter, host: str) -> None:
    """/sd repeats a Host header only when it is a host with or without a port."""
    assert undisturbed.get("/sd", headers={"Host": host}).status_code == 400
    for good in ("exporter:9780", "[::1]:9780", "dcnet.example.org"):
        assert undisturbed.get("/sd", headers={"Host": good}).json()[0]["targets"] == [good]


def test_who_asks_with_little_time_is_told_that_the_device_is_being_asked(write_inventory: WriteInventory) -> None:
    """A second asker gets 503 when its own time is over, not when the first one's is."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as silent:
        silent.bind(("127.0.0.1", 0))
        silent.settimeout(10)
        access = f"{{credential: community, port: {silent.getsockname()[1]}, timeout_seconds: 60, retries: 0}}"
        device = f"{{name: silent, address: 127.0.0.1, role: r, snmp: {access}}}"
        with serving(write_inventory(f"devices: [{device}]\n")) as exporter:
            host, _, port = exporter.base.removeprefix("http://").partition(":")
            header = "X-Prometheus-Scrape-Timeout-Seconds"
            with socket.create_connection((host, int(port)), timeout=10) as first:
                first.sendall(f"GET /probe?target=silent HTTP/1.1\r\nHost: x\r\n{header}: 300\r\n\r\n".encode())
                assert silent.recv(1500), "the first scrape has asked the device"
                second = requests.get(f"{exporter.base}/probe?target=silent", headers={header: "0.6"}, timeout=10)
    assert second.status_code == 503
    assert "another scrape of silent is running" in second.text


def test_a_device_that_nothing_can_ask_is_no_target(tmp_path: Path) -> None:
    """It would read as down while it is not measured; the inventory's own series still names it."""
    (tmp_path / "word").write_text("geheim")
    file = tmp_path / "inventory.yml"
    file.write_text(
        """
        site: {name: s, time_zone: Asia/Jakarta}
        credentials:
          snmp: {v2c: {version: "2c", community: "${file:word}"}}
          ssh: {ro: {user: u, password: "${file:word}"}}
        devices:
          - {name: asked, address: 127.0.0.1, role: r, snmp: {credential: v2c}}
          - {name: visited, address: 127.0.0.1, role: r, ssh: {credential: ro, platform: linux}}
          - {name: silent, address: 127.0.0.1, role: r}
        """
    )
    groups = target_groups(load_inventory(file), "exporter:9780")
    assert [group["labels"]["instance"] for group in groups] == ["asked", "visited"]
