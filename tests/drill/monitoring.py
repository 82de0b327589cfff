"""The real exporter, Prometheus and Alertmanager in the namespace that watches, and what Alertmanager sent.

The shipped configuration is used; addresses and the pace are replaced. Every receiver is the lab's recording webhook.
"""

import json
import os
import shutil
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import quote

import yaml

from lab.alert_overlay import SHIPPED, alertmanager_configuration, prometheus_configuration
from tests.drill.waiting import wait_for
from tests.network.namespaces import Namespace

ROOT = Path(__file__).parents[2]
EXPORTER, PROMETHEUS, ALERTMANAGER, WEBHOOK = 9780, 9090, 9093, 9795
NOT_FOUND = 404


@dataclass(frozen=True, slots=True)
class Pace:
    """How often everything is asked and told, in seconds."""

    scrape: int
    evaluation: int
    group_wait: int
    group_interval: int
    hurried: bool = False
    """Every rule runs each `evaluation`, also those that are shipped to run more seldom."""

    @property
    def stray(self) -> int:
        """So long after a message another one would have come about what its fault entails, were it not silenced."""
        return self.scrape + self.group_interval


USUAL = Pace(scrape=10, evaluation=5, group_wait=17, group_interval=15)
"""A site that asks every ten seconds, with the group_wait that belongs to it."""

HURRIED = Pace(scrape=5, evaluation=2, group_wait=9, group_interval=5, hurried=True)
"""The same relations, for a test that has not that much time."""


@dataclass(frozen=True, slots=True)
class Message:
    """One notification, and when it came (monotonic seconds)."""

    at: float
    receiver: str
    firing: frozenset[tuple[str, str]]
    """Alert and object of what fires."""

    resolved: frozenset[tuple[str, str]]


@dataclass
class Monitoring:
    """The running programs."""

    namespace: Namespace
    notifications: Path
    folder: Path
    messages: list[Message] = field(default_factory=list)
    _read: int = 0

    def poll(self) -> list[Message]:
        """Every message so far but the watchdog's, in the order in which they came."""
        lines = self.notifications.read_text().splitlines()
        for line in lines[self._read :]:
            self.messages.append(_message(json.loads(line)))
        self._read = len(lines)
        return [message for message in self.messages if message.receiver != "watchdog"]

    def watchdog_came(self) -> bool:
        """Whether the way from Prometheus to the webhook was ever open."""
        self.poll()
        return any(message.receiver == "watchdog" for message in self.messages)

    def knows_alertmanager(self) -> bool:
        """Whether Prometheus has found its Alertmanager: what it would send before is lost for a minute."""
        return bool(self._get(PROMETHEUS, "/api/v1/alertmanagers")["data"]["activeAlertmanagers"])

    def value(self, expression: str) -> float | None:
        """The one value of a PromQL expression, None where there is none."""
        found = self._get(PROMETHEUS, f"/api/v1/query?query={quote(expression)}")["data"]["result"]
        return float(found[0]["value"][1]) if found else None

    def silenced(self) -> set[tuple[str, str]]:
        """Alert and object of what fires just now and is told to nobody, because another alert explains it."""
        listed = self._get(ALERTMANAGER, "/api/v2/alerts")
        states: dict[tuple[str, str], set[str]] = {}
        for one in listed:
            about = (one["labels"]["alertname"], one["labels"].get("object", ""))
            states.setdefault(about, set()).add(one["status"]["state"])
        return {about for about, known in states.items() if known == {"suppressed"}}

    def _get(self, port: int, path: str) -> Any:
        def fetch() -> Any:
            with urllib.request.urlopen(f"http://127.0.0.1:{port}{path}", timeout=20) as answer:
                return json.load(answer)

        return self.namespace.call(fetch)


@contextmanager
def running_monitoring(
    namespace: Namespace, folder: Path, inventory: dict[str, Any], environment: dict[str, str], pace: Pace
) -> Iterator[Monitoring]:
    """Start webhook, Alertmanager, exporter and Prometheus, and wait until each answers."""
    _write_configuration(folder, inventory, pace)
    notifications = folder / "notifications.jsonl"
    notifications.touch()
    alertmanager, prometheus = folder / "alertmanager", folder / "prometheus"
    programs = {
        WEBHOOK: [sys.executable, "-m", "lab.webhook", str(WEBHOOK), str(notifications)],
        ALERTMANAGER: [
            "prometheus-alertmanager",
            f"--config.file={alertmanager / 'alertmanager.yml'}",
            f"--storage.path={alertmanager / 'data'}",
            "--cluster.listen-address=",
            f"--web.listen-address=127.0.0.1:{ALERTMANAGER}",
        ],
        EXPORTER: [
            *(sys.executable, "-m", "exporter", "serve", "--inventory", str(folder / "inventory.yml")),
            *("--listen", f"127.0.0.1:{EXPORTER}"),
        ],
        PROMETHEUS: [
            "prometheus",
            f"--config.file={prometheus / 'prometheus.yml'}",
            f"--storage.tsdb.path={prometheus / 'data'}",
            f"--web.listen-address=127.0.0.1:{PROMETHEUS}",
        ],
    }
    with ExitStack() as held:
        for port, command in programs.items():
            log = held.enter_context((folder / f"{port}.log").open("wb"))
            process = namespace.start(command, stdout=log, stderr=log, cwd=ROOT, env=os.environ | environment)
            held.callback(_end, process)
            wait_for(lambda port=port: _is_ready(namespace, port), f"{command[0]} on port {port}")  # type: ignore[misc]
        yield Monitoring(namespace, notifications, folder)


def _write_configuration(folder: Path, inventory: dict[str, Any], pace: Pace) -> None:
    (folder / "inventory.yml").write_text(yaml.safe_dump(inventory, sort_keys=False))
    for name in ("prometheus", "alertmanager"):
        shutil.rmtree(folder / name, ignore_errors=True)
        (folder / name).mkdir(parents=True)
    shipped = prometheus_configuration(f"127.0.0.1:{EXPORTER}", f"127.0.0.1:{ALERTMANAGER}")
    prometheus: dict[str, Any] = yaml.safe_load(shipped)
    prometheus["global"] = {
        "scrape_interval": f"{pace.scrape}s",
        "scrape_timeout": f"{pace.scrape - 1}s",
        "evaluation_interval": f"{pace.evaluation}s",
    }
    if pace.hurried:
        prometheus["rule_files"] = [_hurry(file, folder / "prometheus") for file in sorted(SHIPPED.glob("rules/*.yml"))]
    (folder / "prometheus" / "prometheus.yml").write_text(yaml.safe_dump(prometheus, sort_keys=False))
    alertmanager = alertmanager_configuration(f"http://127.0.0.1:{WEBHOOK}/")
    alertmanager["route"]["group_wait"] = f"{pace.group_wait}s"
    alertmanager["route"]["group_interval"] = f"{pace.group_interval}s"
    (folder / "alertmanager" / "alertmanager.yml").write_text(yaml.safe_dump(alertmanager, sort_keys=False))


def _hurry(file: Path, folder: Path) -> str:
    """A copy of a rule file in which all that runs each minute or more often runs at the usual pace; its path."""
    rules: dict[str, Any] = yaml.safe_load(file.read_text())
    for group in rules["groups"]:
        if group.get("interval") in {"5s", "15s", "60s", "1m"}:
            del group["interval"]
    hurried = folder / file.name
    hurried.write_text(yaml.safe_dump(rules))
    return str(hurried)


def _message(content: dict[str, Any]) -> Message:
    def those(status: str) -> frozenset[tuple[str, str]]:
        labels = [alert["labels"] for alert in content["alerts"] if alert["status"] == status]
        return frozenset((one["alertname"], one.get("object", "")) for one in labels)

    return Message(time.monotonic(), content["receiver"], those("firing"), those("resolved"))


def _is_ready(namespace: Namespace, port: int) -> bool:
    """Whether the program answers, and does not say that it is not ready yet; the webhook knows no such question."""

    def asked() -> bool:
        try:
            urllib.request.urlopen(f"http://127.0.0.1:{port}/-/ready", timeout=5).close()
        except urllib.error.HTTPError as error:
            return error.code == NOT_FOUND
        except OSError:
            return False
        return True

    return namespace.call(asked)


def _end(process: "subprocess.Popen[bytes]") -> None:
    process.terminate()
    try:
        process.wait(20)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait(20)
