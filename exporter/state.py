"""The inventory now serving and what runs because of it; reloading it all or not at all.

Owns the reload and its outcome. It must not know HTTP.
"""

import asyncio
import logging
import platform
from collections.abc import Callable
from datetime import datetime
from importlib.metadata import version
from pathlib import Path

from dcnet.errors import PublicError
from dcnet.language import Words
from exporter import metrics
from exporter.device_gate import DeviceGate
from exporter.drop_in.service import DropIn
from exporter.errors import ExporterError
from exporter.inventory.load import load_inventory
from exporter.inventory.models import Device, Inventory
from exporter.inventory_samples import add_inventory_samples
from exporter.outcome import DeviceOutcome
from exporter.probes.monitor import LinkMonitor
from exporter.profiles.library import shipped_profiles
from exporter.sample_set import SampleSet
from exporter.scrape import Scraper
from exporter.ssh_runner import SshRunner
from exporter.traps.interface_names import InterfaceNames
from exporter.traps.receiver import TrapReceiver

_log = logging.getLogger(__name__)


class ExporterState:
    """A loaded inventory with its probes and scrapes. `clock` gives the instant with its zone.

    `drop_in` is the `/snmp` of snmp_exporter's users, where there is one.
    """

    def __init__(
        self, file: Path, inventory: Inventory, clock: Callable[[], datetime], drop_in: DropIn | None = None
    ) -> None:
        self._file = file
        self._clock = clock
        self._reloading = asyncio.Lock()
        self.inventory = inventory
        self.drop_in = drop_in
        self.loaded_at = clock()
        self.reload_error: PublicError | None = None
        """Why the last reload was refused; None when it was not."""

        self.monitor = LinkMonitor()
        self._scraper = Scraper(shipped_profiles())
        self.gate = DeviceGate(self._scrape)
        self._interface_names = InterfaceNames()
        self.ssh = SshRunner()
        self.traps = TrapReceiver(self._interface_names.of, self.ssh.run_soon)

    async def start(self) -> None:
        """Start the probes, the visits over SSH and the receiver of traps. Raises PublicError."""
        visits = await self.ssh.prepare(self.inventory)
        self.traps.apply(self.inventory, self.traps.open(self.inventory))
        await self.monitor.apply(self.inventory)
        await self.ssh.apply(visits)

    async def stop(self) -> None:
        """End probes, traps, visits and scrapes."""
        await self.traps.stop()
        await self.ssh.stop()
        await self.monitor.stop()
        await self.gate.stop()
        self._scraper.close()

    async def scrape(self, device: Device, timeout_seconds: float) -> DeviceOutcome:
        """A scrape of `device`. Raises TimeoutError where nothing is known of it: neither that it is up nor down."""
        loop = asyncio.get_running_loop()
        until = loop.time() + timeout_seconds
        if device.snmp is None:
            # Awaited before the gate: what waits for its first visit must not take a scrape's place.
            await self.ssh.first_reading(device.name, timeout_seconds)
        return await self.gate.scrape(self.inventory, device, max(until - loop.time(), 0.0))

    async def reload(self) -> None:
        """Read the files again and serve them. Raises PublicError and changes nothing when one is not sound."""
        async with self._reloading:
            try:
                inventory = await asyncio.to_thread(load_inventory, self._file)
                settings = await asyncio.to_thread(self.drop_in.read) if self.drop_in is not None else None
                visits = await self.ssh.prepare(inventory)
                trap_socket = self.traps.open(inventory)
            except PublicError as error:
                self.reload_error = error
                _log.error("reload refused file=%s\n%s", self._file, error)
                raise
            except Exception as error:
                # A defect of ours must not pass for a reload that went well.
                _log.exception("reload broke file=%s", self._file)
                self.reload_error = _defect(error)
                raise self.reload_error from error
            self.inventory = inventory
            if self.drop_in is not None and settings is not None:
                self.drop_in.settings = settings
            self.loaded_at = self._clock()
            self.reload_error = None
            self.gate.forget_unlisted(inventory)
            self._scraper.forget_unlisted(inventory)
            self._interface_names.keep_only(device.name for device in inventory.devices)
            self.traps.apply(inventory, trap_socket)
            await self.monitor.apply(inventory)
            await self.ssh.apply(visits)
            _log.info("reloaded file=%s devices=%d links=%d", self._file, len(inventory.devices), len(inventory.links))

    def samples(self) -> SampleSet:
        """Everything of `/metrics` but the process's own."""
        samples = SampleSet()
        samples.add(metrics.BUILD_INFO, 1, version("dcnet"), platform.python_version())
        samples.add(metrics.RELOAD_SUCCESS, self.reload_error is None)
        samples.add(metrics.RELOAD_TIMESTAMP, self.loaded_at.timestamp())
        add_inventory_samples(samples, self.inventory, self._clock())
        self.monitor.add_samples(samples)
        self.traps.add_samples(samples)
        return samples

    async def _scrape(self, inventory: Inventory, device: Device, timeout_seconds: float) -> DeviceOutcome:
        """A scrape with the last visit beside it."""
        visited = self.ssh.reading(device.name)
        outcome = await self._scraper.scrape(inventory, device, timeout_seconds, ssh=visited)
        if inventory.traps is not None:
            self._interface_names.note(device.name, outcome.samples)
        return outcome


def _defect(error: Exception) -> ExporterError:
    kind = type(error).__name__
    return ExporterError(
        Words(
            f"inventaris tidak dapat dibaca karena cacat di exporter ({kind}); log memuatnya",
            f"the inventory could not be read because of a defect of the exporter ({kind}); the log holds it",
        )
    )
