"""The whole house on this machine: lab, exporter, Prometheus, Alertmanager, and Grafana where there is one.

Owns which programs run, with which configuration and on which port; everything that it writes lies in one
folder, everything that it starts is recorded there. The shipped configuration is used as it is, only
addresses are replaced.
"""

import os
import secrets
import shutil
import sys
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path

import requests
import yaml

from dcnet.errors import PublicError
from dcnet.language import Words
from lab.alert_overlay import alertmanager_configuration, prometheus_configuration
from lab.inventory import Ports as LabPorts
from lab.inventory import write_inventory
from lab.processes import Processes, port_is_open
from lab.scenario import Scenario
from lab.snmp_agents import SECRET_FILES
from lab.timeline import Month, place_in_month

ROOT = Path(__file__).parent.parent
HOST = "127.0.0.1"
RETENTION = "400d"
MACHINE = "mesin-ini"
"""Name of this very machine in the lab's inventory, polled by its real snmpd."""


class StackError(PublicError):
    """The stack cannot start as asked."""


@dataclass(frozen=True, slots=True)
class Ports:
    """TCP ports of the stack's programs on 127.0.0.1 (snmpd: UDP)."""

    exporter: int = 9780
    prometheus: int = 9790
    grafana: int = 9791
    alertmanager: int = 9793
    webhook: int = 9795
    snmpd: int = 9796
    lab: LabPorts = field(default_factory=LabPorts)

    def url(self, name: str) -> str:
        """`http://127.0.0.1:PORT` of the program."""
        return f"http://{HOST}:{getattr(self, name)}"


@dataclass(frozen=True, slots=True)
class Stack:
    """The programs and files below `folder`."""

    folder: Path
    ports: Ports = Ports()

    @property
    def processes(self) -> Processes:
        """What runs."""
        return Processes(self.folder / "processes")

    @property
    def inventory(self) -> Path:
        """The inventory that the exporter serves."""
        return self.folder / "inventory.yml"

    @property
    def prometheus_data(self) -> Path:
        """Prometheus' blocks; a made-up past is put here before it starts."""
        return self.folder / "prometheus" / "data"

    @property
    def notifications(self) -> Path:
        """What Alertmanager sent, one JSON object a line."""
        return self.folder / "notifications.jsonl"

    def require_free(self, *, with_grafana: bool = False) -> None:
        """Raise StackError when the stack runs already, or one of its ports is taken.

        `with_grafana`: Grafana's port is needed too, where there is a Grafana.
        """
        if self.processes.running():
            raise StackError(
                Words("sudah berjalan; akhiri dengan: make down", "already running; end it with: make down")
            )
        grafana = ("grafana",) if with_grafana and find_grafana() is not None else ()
        for name in ("exporter", "prometheus", "alertmanager", "webhook", *grafana):
            port = getattr(self.ports, name)
            if port_is_open(HOST, port):
                raise StackError(
                    Words(
                        f"port {port} ({name}) sudah dipakai program lain; lihat: ss -ltnp 'sport = :{port}'",
                        f"port {port} ({name}) is in use by another program; see: ss -ltnp 'sport = :{port}'",
                    )
                )

    def prepare(self, scenario: Scenario, month: Month) -> None:
        """Write secrets, inventory and configuration into an emptied folder."""
        shutil.rmtree(self.folder, ignore_errors=True)
        self.write_inventory_and_secrets(scenario, month, with_machine=self._snmpd() is not None)
        self._write_prometheus()
        self._write_alertmanager()

    def write_inventory_and_secrets(self, scenario: Scenario, month: Month, *, with_machine: bool) -> None:
        """Write the lab's inventory with the planned windows of `month`, and the secret files that it names.

        `with_machine` adds this very machine, polled by its own snmpd.
        """
        write_secrets(self.folder / "secrets")
        machine = {
            "name": MACHINE,
            "address": HOST,
            "role": "server",
            "snmp": {"credential": "lab-v2c", "port": self.ports.snmpd, "timeout_seconds": 2, "retries": 2},
        }
        more = [machine] if with_machine else []
        write_inventory(self.inventory, place_in_month(scenario, month), self.ports.lab, more)

    def devices(self) -> list[str]:
        """Names of the devices in the inventory as it was written."""
        document = yaml.safe_load(self.inventory.read_text(encoding="utf-8"))
        return [device["name"] for device in document["devices"]]

    def start(self) -> None:
        """Start everything and wait until each part answers."""
        self.notifications.touch()
        self._start_lab()
        self._start_snmpd()
        python = sys.executable
        self.processes.start(
            "exporter",
            [
                *(python, "-m", "exporter", "serve", "--inventory", str(self.inventory)),
                *("--listen", f"{HOST}:{self.ports.exporter}"),
            ],
            lambda: _answers(self.ports.url("exporter") + "/-/ready"),
        )
        self.processes.start(
            "webhook",
            [python, "-m", "lab.webhook", str(self.ports.webhook), str(self.notifications)],
            lambda: port_is_open(HOST, self.ports.webhook),
        )
        alertmanager = self.folder / "alertmanager"
        self.processes.start(
            "alertmanager",
            [
                program("prometheus-alertmanager"),
                f"--config.file={alertmanager / 'alertmanager.yml'}",
                f"--storage.path={alertmanager / 'data'}",
                "--cluster.listen-address=",
                f"--web.listen-address={HOST}:{self.ports.alertmanager}",
            ],
            lambda: _answers(self.ports.url("alertmanager") + "/-/ready"),
        )
        self.processes.start(
            "prometheus",
            [
                program("prometheus"),
                f"--config.file={self.folder / 'prometheus' / 'prometheus.yml'}",
                f"--storage.tsdb.path={self.prometheus_data}",
                f"--storage.tsdb.retention.time={RETENTION}",
                f"--web.listen-address={HOST}:{self.ports.prometheus}",
            ],
            lambda: _answers(self.ports.url("prometheus") + "/-/ready"),
        )

    def _start_lab(self) -> None:
        ready = self.folder / "lab.ready"
        ready.unlink(missing_ok=True)
        self.processes.start(
            "lab",
            [
                *(sys.executable, "-m", "lab", "agents", "--secrets", str(self.folder / "secrets")),
                *("--ready-file", str(ready), "--snmp-port", str(self.ports.lab.snmp)),
                *("--dns-port", str(self.ports.lab.dns), "--http-port", str(self.ports.lab.http)),
            ],
            ready.exists,
        )

    def _start_snmpd(self) -> None:
        """This machine's real SNMP agent, without root: a copy of our own on a port of our own."""
        snmpd = self._snmpd()
        if snmpd is None:
            return
        folder = self.folder / "snmpd"
        folder.mkdir(parents=True, exist_ok=True)
        community = (self.folder / "secrets" / "community").read_text(encoding="utf-8")
        configuration = folder / "snmpd.conf"
        configuration.touch(mode=0o600)
        configuration.write_text(f"rocommunity {community} {HOST}\n")
        address = f"udp:{HOST}:{self.ports.snmpd}"
        self.processes.start(
            "snmpd",
            [snmpd, "-f", "-Lo", "-C", "-c", str(configuration), "-p", str(folder / "pid"), address],
            (folder / "pid").exists,
            environment={"SNMP_PERSISTENT_DIR": str(folder)},
        )

    def _snmpd(self) -> str | None:
        return shutil.which("snmpd", path=program_path())

    def start_grafana(self) -> bool:
        """Start Grafana with the provisioning of docker-compose; False where this machine has none."""
        found = find_grafana()
        if found is None:
            return False
        grafana, home = found
        folder = self.folder / "grafana"
        self.processes.start(
            "grafana",
            [str(grafana), "server", "--homepath", str(home)],
            lambda: _answers(self.ports.url("grafana") + "/api/health"),
            environment={
                "DCNET_PROMETHEUS_URL": self.ports.url("prometheus"),
                "DCNET_DASHBOARDS": str(ROOT / "dashboards" / "built"),
                "GF_ANALYTICS_CHECK_FOR_UPDATES": "false",
                "GF_ANALYTICS_REPORTING_ENABLED": "false",
                "GF_PATHS_DATA": str(folder / "data"),
                "GF_PATHS_LOGS": str(folder / "logs"),
                "GF_PATHS_PROVISIONING": str(ROOT / "dashboards" / "provisioning"),
                "GF_SECURITY_ADMIN_PASSWORD__FILE": str(self.folder / "secrets" / "grafana_admin_password"),
                "GF_SERVER_HTTP_ADDR": HOST,
                "GF_SERVER_HTTP_PORT": str(self.ports.grafana),
            },
            ready_seconds=120,
        )
        return True

    def _write_prometheus(self) -> None:
        folder = self.folder / "prometheus"
        folder.mkdir(parents=True, exist_ok=True)
        text = prometheus_configuration(f"{HOST}:{self.ports.exporter}", f"{HOST}:{self.ports.alertmanager}")
        (folder / "prometheus.yml").write_text(text, encoding="utf-8")

    def _write_alertmanager(self) -> None:
        """The shipped routes and inhibitions; every receiver gets the webhook that writes messages down."""
        folder = self.folder / "alertmanager"
        folder.mkdir(parents=True, exist_ok=True)
        content = alertmanager_configuration(self.ports.url("webhook") + "/")
        (folder / "alertmanager.yml").write_text(yaml.safe_dump(content, sort_keys=False), encoding="utf-8")


def write_secrets(folder: Path) -> None:
    """Random secrets of a lab, one a file, readable by their owner only; those that exist stay."""
    folder.mkdir(parents=True, exist_ok=True)
    for name in (*SECRET_FILES, "grafana_admin_password"):
        file = folder / name
        if not file.exists():
            file.touch(mode=0o600)
            file.write_text(secrets.token_hex(12))


def program_path() -> str:
    """PATH with the folders where Debian keeps daemons, which a user's PATH may lack."""
    return os.pathsep.join([os.environ.get("PATH", os.defpath), "/usr/sbin", "/sbin"])


def program(name: str) -> str:
    """The program's path. Raises StackError where it is not installed."""
    found = shutil.which(name, path=program_path())
    if found is None:
        raise StackError(Words(f"program {name} tidak ada di PATH", f"program {name} is not on PATH"))
    return found


def find_grafana() -> tuple[Path, Path] | None:
    """Grafana's program and home: of GRAFANA_HOME, else of `grafana` on PATH; None where there is none.

    Raises StackError when GRAFANA_HOME names a folder without Grafana.
    """
    named = os.environ.get("GRAFANA_HOME")
    if named:
        grafana = Path(named) / "bin" / "grafana"
        if not os.access(grafana, os.X_OK):
            raise StackError(
                Words(
                    f"GRAFANA_HOME={named}: tidak ada bin/grafana di sana",
                    f"GRAFANA_HOME={named}: no bin/grafana there",
                )
            )
        return grafana, Path(named)
    found = shutil.which("grafana", path=program_path())
    if found is None:
        return None
    beside = Path(found).resolve().parent.parent
    return Path(found), beside if (beside / "conf" / "defaults.ini").exists() else Path("/usr/share/grafana")


def last_full_month(today: date) -> str:
    """The month before `today`'s, as `YYYY-MM`."""
    year, month = (today.year, today.month - 1) if today.month > 1 else (today.year - 1, 12)
    return f"{year:04d}-{month:02d}"


def _answers(url: str) -> bool:
    """Whether the address answers 200 now."""
    try:
        return requests.get(url, timeout=2).ok
    except requests.RequestException:
        return False
