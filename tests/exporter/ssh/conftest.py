"""CLIs to visit over real SSH: a made-up one that says what a test wants, and Debian's OpenSSH server."""

import json
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import paramiko
import pytest

from exporter.exposition import render_text
from exporter.inventory.load import load_inventory
from exporter.inventory.models import Inventory
from exporter.sample_set import SampleSet
from exporter.self_run import SshReading, add_reading
from exporter.ssh_runner import SshPlan, SshRunner, run_visit

PASSWORD = "made-up-login-8841"
ROOT = Path(__file__).parents[3]


@dataclass
class Cli:
    """A running CLI and what it was told to be."""

    folder: Path
    port: int
    scenario: dict[str, Any] = field(default_factory=dict)

    def be(self, answers: dict[str, str], prompt: str, **more: Any) -> None:
        """Be a device from the next session on."""
        self.scenario = {"answers": dict(answers), "prompt": prompt, "password": PASSWORD} | more
        self._write()

    def set(self, command: str, answer: str) -> None:
        """Answer `command` otherwise from the next session on."""
        self.scenario["answers"][command] = answer
        self._write()

    def _write(self) -> None:
        new = self.folder / "scenario.new"
        new.write_text(json.dumps(self.scenario))
        new.rename(self.folder / "scenario.json")

    def log(self) -> list[str]:
        """What the device wrote down."""
        file = self.folder / "sessions.log"
        return file.read_text().splitlines() if file.exists() else []

    def received(self) -> list[str]:
        """Every command line that arrived."""
        return [line.removeprefix("got ") for line in self.log() if line.startswith("got ")]

    def trust(self, file: Path) -> None:
        """Write the device's real key to a known_hosts file."""
        key = paramiko.ECDSAKey(filename=str(self.folder / "host_key"))
        file.write_text(f"[127.0.0.1]:{self.port} {key.get_name()} {key.get_base64()}\n")

    def wait_closed(self) -> None:
        """Return when the device had a session and sees none any more."""
        wait_until(lambda: self._last_session() == "closed 0")

    def forget(self) -> None:
        """Be as new, for the next test."""
        wait_until(lambda: self._last_session() in {"", "closed 0"})
        (self.folder / "sessions.log").unlink(missing_ok=True)

    def _last_session(self) -> str:
        return next((line for line in reversed(self.log()) if line.startswith(("open", "closed"))), "")


def wait_until(condition: Callable[[], object], seconds: float = 30) -> None:
    """Return when `condition` holds; fail when it does not in time."""
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, "it did not come to be"
        time.sleep(0.02)


@pytest.fixture(scope="session")
def cli_process(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Cli]:
    """A CLI in a process of its own, which takes a second to start."""
    folder = tmp_path_factory.mktemp("device")
    with (folder / "output").open("w") as output:
        process = subprocess.Popen(
            [sys.executable, "-m", "tests.exporter.ssh.cli_server", str(folder)], cwd=ROOT, stdout=output, stderr=output
        )
        try:
            wait_until((folder / "port").exists)
            yield Cli(folder, int((folder / "port").read_text()))
        finally:
            process.terminate()
            process.wait(10)


@pytest.fixture
def cli(cli_process: Cli, tmp_path: Path) -> Iterator[Cli]:
    """A CLI that no test has seen."""
    cli_process.trust(tmp_path / "known_hosts")
    yield cli_process
    cli_process.forget()


@pytest.fixture
def site(tmp_path: Path) -> Callable[..., Inventory]:
    """Load an inventory of devices at loopback ports: (port, platform, settings of ssh, more text)."""

    def load(
        port: int, platform: str, access: str = "", more: str = "", *, devices: int = 1, user: str = "andi"
    ) -> Inventory:
        (tmp_path / "password").write_text(PASSWORD)
        (tmp_path / "community").write_text("inventory-community-77")
        names = [f"device-{number}" for number in range(1, devices + 1)]
        listed = "".join(
            f"  - {{name: {name}, address: 127.0.0.1, role: core_switch, ssh: "
            f"{{credential: ro, port: {port}, platform: {platform}{access}}}}}\n"
            for name in names
        )
        file = tmp_path / "inventory.yml"
        file.write_text(
            "site: {name: s, time_zone: Asia/Jakarta}\n"
            "credentials:\n"
            "  snmp: {v2c: {version: 2c, community: '${file:community}'}}\n"
            f"  ssh: {{ro: {{user: {user}, password: '${{file:password}}'}}}}\n"
            f"devices:{chr(10) + listed if listed else ' []' + chr(10)}{more}"
        )
        return load_inventory(file)

    return load


async def visit(
    inventory: Inventory, trace: Callable[[str], None] | None = None, last: SampleSet | None = None
) -> SshReading:
    """One visit of the inventory's first device, as the runner makes it; nothing of it may stay."""
    before = set(threading.enumerate())
    plan = await SshRunner().prepare(inventory)
    with ThreadPoolExecutor(1, thread_name_prefix="visit") as pool:
        reading = await run_visit(plan, plan.devices[0], pool, time.time, last=last, trace=trace)
    # asyncio keeps its own threads for name lookups and prepare().
    left = {thread for thread in set(threading.enumerate()) - before if not thread.name.startswith("asyncio_")}
    assert not left, f"threads left: {left}"
    return reading


def shown(reading: SshReading) -> dict[str, float]:
    """The samples that a scrape publishes of a visit, by name and labels."""
    samples = SampleSet()
    add_reading(samples, reading, with_facts=True)
    return samples_of(render_text(samples))


def samples_of(text: str) -> dict[str, float]:
    """The samples of a page of metrics, by name and labels."""
    lines = [line for line in text.splitlines() if not line.startswith("#")]
    return {name: float(value) for name, _, value in (line.rpartition(" ") for line in lines)}


def write_site(folder: Path, snmp_port: int, ssh_port: int, more: str = "", visited: int = 1) -> Path:
    """An inventory of an SNMP host that is visited too, and of devices that are visited only."""
    (folder / "password").write_text(PASSWORD)
    ssh = f"ssh: {{credential: ro, port: {ssh_port}, platform: cisco_ios}}"
    only = "".join(
        f"  - {{name: visited-{number}, address: 127.0.0.1, role: core_switch, {ssh}}}\n"
        for number in range(1, visited + 1)
    )
    file = folder / "inventory.yml"
    file.write_text(
        "site: {name: s, time_zone: Asia/Jakarta}\n"
        "credentials:\n  snmp: {v2c: {version: 2c, community: '${env:COMMUNITY}'}}\n"
        "  ssh: {ro: {user: andi, password: '${file:password}'}}\n"
        "devices:\n"
        "  - {name: both, address: 127.0.0.1, role: core_switch, "
        f"snmp: {{credential: v2c, port: {snmp_port}}}, {ssh}}}\n"
        f"{only}{more}"
    )
    return file


__all__ = ["PASSWORD", "Cli", "SshPlan", "samples_of", "shown", "visit", "wait_until", "write_site"]
