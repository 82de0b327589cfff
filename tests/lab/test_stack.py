"""The stack's own decisions: ports, secrets, Grafana. That all of it works together is shown in tests/end_to_end."""

import json
import os
import socket
import stat
import sys
from datetime import date
from pathlib import Path

import pytest

from lab.scenario import Scenario
from lab.stack import Ports, Stack, StackError, find_grafana, last_full_month
from lab.timeline import Month
from tests.lab.conftest import free_port

FAKE_GRAFANA = f"""#!{sys.executable}
# A stand-in for Grafana, which cannot be had from Debian or PyPI: it answers /api/health and writes down how it was
# started. It shows that the stack finds, configures and ends a Grafana, not that Grafana takes the boards.
import http.server, json, os, sys
home = sys.argv[sys.argv.index("--homepath") + 1]
with open(os.path.join(home, "started.json"), "w") as file:
    json.dump({{"arguments": sys.argv[1:], "environment": dict(os.environ)}}, file)
class Handler(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        self.send_response(200 if self.path == "/api/health" else 404)
        self.end_headers()
address = (os.environ["GF_SERVER_HTTP_ADDR"], int(os.environ["GF_SERVER_HTTP_PORT"]))
http.server.HTTPServer(address, Handler).serve_forever()
"""


@pytest.fixture
def grafana_home(tmp_path: Path) -> Path:
    """A Grafana home with the stand-in."""
    program = tmp_path / "grafana-home" / "bin" / "grafana"
    program.parent.mkdir(parents=True)
    program.write_text(FAKE_GRAFANA)
    program.chmod(program.stat().st_mode | stat.S_IXUSR)
    return tmp_path / "grafana-home"


@pytest.mark.parametrize(
    ("today", "month"), [(date(2026, 11, 22), "2026-10"), (date(2027, 1, 1), "2026-12"), (date(2026, 3, 31), "2026-02")]
)
def test_the_demo_tells_of_the_last_full_month(today: date, month: str) -> None:
    """The month before the running one, across the turn of the year too."""
    assert last_full_month(today) == month


def test_a_port_in_use_is_named(tmp_path: Path) -> None:
    """The message says which port of which program, and how to see who has it."""
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        port = other.getsockname()[1]
        ports = Ports(exporter=free_port(), prometheus=port, alertmanager=free_port(), webhook=free_port())
        with pytest.raises(StackError, match=rf"port {port} \(prometheus\) is in use.*ss -ltnp"):
            Stack(tmp_path, ports).require_free()


def test_grafana_s_port_in_use_is_named_where_grafana_is_wanted(
    tmp_path: Path, grafana_home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It is told before anything starts, and only where there is a Grafana to start."""
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        port = other.getsockname()[1]
        exporter, prometheus, alertmanager, webhook = (free_port() for _ in range(4))
        stack = Stack(tmp_path / "run", Ports(exporter, prometheus, port, alertmanager, webhook))
        monkeypatch.setenv("GRAFANA_HOME", str(grafana_home))
        stack.require_free()
        with pytest.raises(StackError, match=rf"port {port} \(grafana\) is in use"):
            stack.require_free(with_grafana=True)
        monkeypatch.delenv("GRAFANA_HOME")
        monkeypatch.setenv("PATH", str(tmp_path))
        stack.require_free(with_grafana=True)


def test_secrets_are_random_private_and_kept_out_of_the_inventory(
    tmp_path: Path, scenario: Scenario, month: Month
) -> None:
    """Every lab has secrets of its own, readable by their owner only; the inventory only names their files."""
    contents = []
    for name in ("one", "two"):
        stack = Stack(tmp_path / name)
        stack.write_inventory_and_secrets(scenario, month, with_machine=False)
        files = sorted((tmp_path / name / "secrets").iterdir())
        assert {stat.S_IMODE(file.stat().st_mode) for file in files} == {0o600}
        contents += [file.read_text() for file in files]
        inventory = stack.inventory.read_text()
        assert not any(secret in inventory for secret in contents)
    assert len(set(contents)) == len(contents)


def test_grafana_is_started_with_the_shipped_provisioning_and_ended(
    tmp_path: Path, grafana_home: Path, monkeypatch: pytest.MonkeyPatch, scenario: Scenario, month: Month
) -> None:
    """The home of GRAFANA_HOME, the boards of this checkout, this stack's Prometheus, no secret in its environment."""
    monkeypatch.setenv("GRAFANA_HOME", str(grafana_home))
    stack = Stack(tmp_path / "run", Ports(grafana=free_port(), prometheus=12345))
    stack.write_inventory_and_secrets(scenario, month, with_machine=False)
    try:
        assert stack.start_grafana()
        started = json.loads((grafana_home / "started.json").read_text())
    finally:
        assert stack.processes.end_all() == ["grafana"]
    environment = started["environment"]
    assert started["arguments"] == ["server", "--homepath", str(grafana_home)]
    assert environment["DCNET_PROMETHEUS_URL"] == "http://127.0.0.1:12345"
    assert (Path(environment["DCNET_DASHBOARDS"]) / "id" / "overview.json").is_file()
    assert (Path(environment["GF_PATHS_PROVISIONING"]) / "datasources" / "prometheus.yml").is_file()
    password = Path(environment["GF_SECURITY_ADMIN_PASSWORD__FILE"]).read_text()
    assert password not in environment.values()


def test_grafana_on_path_is_found_with_its_home(
    tmp_path: Path, grafana_home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A link on PATH leads to the home that holds Grafana's defaults."""
    (grafana_home / "conf").mkdir()
    (grafana_home / "conf" / "defaults.ini").touch()
    (tmp_path / "bin").mkdir()
    (tmp_path / "bin" / "grafana").symlink_to(grafana_home / "bin" / "grafana")
    monkeypatch.delenv("GRAFANA_HOME", raising=False)
    monkeypatch.setenv("PATH", f"{tmp_path / 'bin'}{os.pathsep}{os.environ['PATH']}")
    assert find_grafana() == (tmp_path / "bin" / "grafana", grafana_home)


def test_without_grafana_the_stack_goes_on(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where there is no Grafana the stack says so by its answer; a GRAFANA_HOME that holds none is an error."""
    monkeypatch.delenv("GRAFANA_HOME", raising=False)
    monkeypatch.setenv("PATH", str(tmp_path))
    assert not Stack(tmp_path / "run").start_grafana()
    monkeypatch.setenv("GRAFANA_HOME", str(tmp_path))
    with pytest.raises(StackError, match="no bin/grafana there"):
        find_grafana()
