"""How many scrapes run at once: one for a device, some in all.

Owns the sharing of a running scrape and the last outcome of each device. It must not know HTTP.
"""

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import replace

from exporter.inventory.models import Device, Inventory
from exporter.outcome import DeviceOutcome

CONCURRENT_SCRAPES = 64
Scrape = Callable[[Inventory, Device, float], Awaitable[DeviceOutcome]]


class DeviceGate:
    """Lets one scrape of a device run at a time; whoever asks meanwhile gets its outcome too."""

    def __init__(self, scrape: Scrape, concurrent_scrapes: int = CONCURRENT_SCRAPES) -> None:
        self._places = asyncio.Semaphore(concurrent_scrapes)
        self._scrape = scrape
        self._running: dict[str, asyncio.Task[DeviceOutcome]] = {}
        self._last: dict[str, DeviceOutcome] = {}

    @property
    def last(self) -> Mapping[str, DeviceOutcome]:
        """The last outcome of each device, by its name."""
        return self._last

    def forget_unlisted(self, inventory: Inventory) -> None:
        """Drop the outcomes of devices that are no longer in the inventory."""
        names = {device.name for device in inventory.devices}
        self._last = {name: outcome for name, outcome in self._last.items() if name in names}

    async def scrape(self, inventory: Inventory, device: Device, timeout_seconds: float) -> DeviceOutcome:
        """The outcome of a scrape of `device` that ends within `timeout_seconds`, waiting included.

        Raises TimeoutError when a scrape that somebody else started, with more time, does not end in that time:
        nothing is known of the device then, neither that it is up nor that it is down.
        """
        running = self._running.get(device.name)
        limit = None if running is None else timeout_seconds
        if running is None:
            running = asyncio.create_task(self._run(inventory, device, timeout_seconds))
            self._running[device.name] = running
            running.add_done_callback(lambda _task: self._running.pop(device.name, None))
        # The scrape goes on when one of those who wait goes away.
        return await asyncio.wait_for(asyncio.shield(running), limit)

    async def _run(self, inventory: Inventory, device: Device, timeout_seconds: float) -> DeviceOutcome:
        loop = asyncio.get_running_loop()
        asked = loop.time()
        async with self._places:
            waited = loop.time() - asked
            outcome = await self._scrape(inventory, device, max(timeout_seconds - waited, 0.0))
        # Samples of thousands of interfaces are not kept for a page that shows none of them.
        self._last[device.name] = replace(outcome, samples=type(outcome.samples)())
        return outcome

    async def stop(self) -> None:
        """End what runs."""
        running = list(self._running.values())
        for task in running:
            task.cancel()
        await asyncio.gather(*running, return_exceptions=True)
