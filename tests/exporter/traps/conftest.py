"""A receiver of traps in the test's own loop, and what it tells."""

import asyncio
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass
from pathlib import Path

import pytest
import pytest_asyncio

from exporter.inventory.load import load_inventory
from exporter.inventory.models import Inventory
from exporter.sample_set import SampleSet
from exporter.traps.receiver import TrapReceiver
from exporter.traps.subject import KnownInterface
from tests.exporter.conftest import free_udp_port
from tests.exporter.traps.senders import SECRETS


@dataclass
class Listening:
    """A running receiver."""

    receiver: TrapReceiver
    port: int
    interfaces: dict[int, KnownInterface]
    changed: list[str]
    """The devices that told a change of their configuration, in their order."""

    def values(self, name: str, **labels: str) -> dict[tuple[str, ...], float]:
        """The samples of a metric that have these labels, by all label values in the metric's order."""
        samples = SampleSet()
        self.receiver.add_samples(samples)
        for found in samples.samples:
            if found.metric.name == name:
                at = {label: found.metric.labels.index(label) for label in labels}
                return {
                    key: value
                    for key, value in found.values.items()
                    if all(key[at[label]] == wanted for label, wanted in labels.items())
                }
        return {}

    def value(self, name: str, **labels: str) -> float:
        """The sum of those samples."""
        return sum(self.values(name, **labels).values())

    def received(self, trap: str, source: str = "dev-1") -> float:
        return self.value("dcnet_trap_received_total", source=source, trap=trap)

    def dropped(self, reason: str, source: str = "dev-1") -> float:
        return self.value("dcnet_trap_dropped_total", source=source, reason=reason)

    async def until(self, condition: Callable[[], bool]) -> None:
        """Return when `condition` holds."""
        await until(condition, lambda: str(self.values("dcnet_trap_dropped_total")))


async def until(condition: Callable[[], bool], told: Callable[[], str] = str) -> None:
    """Return when `condition` holds."""
    deadline = time.monotonic() + 60
    while not condition():
        assert time.monotonic() < deadline, told()
        await asyncio.sleep(0.01)


MakeTrapInventory = Callable[..., Inventory]
Listen = Callable[..., Awaitable[Listening]]


@pytest.fixture
def trap_inventory(tmp_path: Path) -> MakeTrapInventory:
    """An inventory with the given credentials, devices and settings of traps, each as YAML text."""

    def make(devices: str, *, credentials: str, traps: str) -> Inventory:
        file = tmp_path / "traps.yml"
        file.write_text(
            f"site: {{name: test-site, time_zone: Asia/Jakarta}}\n"
            f"credentials:\n  snmp:\n{credentials}\ntraps: {{{traps}}}\ndevices:\n{devices}\n"
        )
        return load_inventory(file, SECRETS)

    return make


CREDENTIALS = """    community: {version: 2c, community: "${env:COMMUNITY}"}
    other: {version: 2c, community: "${env:OTHER}"}
    private:
      version: 3
      user: private
      auth: {protocol: sha256, password: "${env:AUTH}"}
      privacy: {protocol: aes128, password: "${env:PRIVACY}"}
    proven: {version: 3, user: proven, auth: {protocol: sha512, password: "${env:AUTH}"}}"""
DEVICES = """  - {name: dev-1, address: 127.0.0.2, role: router, traps: {credentials: [community, private, proven]}}
  - {name: dev-2, address: 127.0.0.3, role: router, traps: {credentials: [other]}}
  - {name: quiet, address: 127.0.0.4, role: router, traps: {accepted: false}}"""


@pytest_asyncio.fixture
async def listen(trap_inventory: MakeTrapInventory) -> AsyncIterator[Listen]:
    """Start a receiver on a free port of the loopback."""
    started: list[TrapReceiver] = []

    async def start(
        devices: str = DEVICES, credentials: str = CREDENTIALS, settings: str = "per_second: 500, burst: 2000"
    ) -> Listening:
        port = free_udp_port()
        inventory = trap_inventory(
            devices, credentials=credentials, traps=f"listen: 127.0.0.1, port: {port}, {settings}"
        )
        interfaces: dict[int, KnownInterface] = {}
        changed: list[str] = []
        receiver = TrapReceiver(lambda _device: interfaces, changed.append)
        receiver.apply(inventory, receiver.open(inventory))
        started.append(receiver)
        return Listening(receiver, port, interfaces, changed)

    yield start
    for receiver in started:
        await receiver.stop()
