"""How many scrapes run at once."""

import asyncio
from collections.abc import Callable

import pytest

from exporter.device_gate import DeviceGate
from exporter.inventory.models import Device, Inventory
from exporter.metrics import UP
from exporter.outcome import DeviceOutcome
from exporter.sample_set import SampleSet

MakeInventory = Callable[[str], Inventory]


class Scraper:
    """Scrapes that last until they are let go."""

    def __init__(self) -> None:
        self.started: list[str] = []
        self.timeouts: list[float] = []
        self.let_go = asyncio.Event()

    async def scrape(self, _inventory: Inventory, device: Device, timeout_seconds: float) -> DeviceOutcome:
        self.started.append(device.name)
        self.timeouts.append(timeout_seconds)
        await self.let_go.wait()
        samples = SampleSet()
        samples.add(UP, 1)
        return DeviceOutcome(device.name, 0.0, 0.0, (), None, samples)


def three(make_inventory: MakeInventory) -> Inventory:
    return make_inventory(
        "devices:\n" + "".join(f"  - {{name: d{number}, address: 192.0.2.{number}, role: r}}\n" for number in (1, 2, 3))
    )


async def settle() -> None:
    for _ in range(5):
        await asyncio.sleep(0)


async def test_one_scrape_serves_all_who_ask(make_inventory: MakeInventory) -> None:
    """Two Prometheus servers that ask for one device at once get one scrape; later ones get a new one."""
    inventory, scraper = three(make_inventory), Scraper()
    gate = DeviceGate(scrape=scraper.scrape)
    asked = [asyncio.create_task(gate.scrape(inventory, inventory.devices[0], 5)) for _ in range(3)]
    await settle()
    asked[0].cancel()
    scraper.let_go.set()
    outcomes = await asyncio.gather(*asked[1:])
    assert scraper.started == ["d1"]
    assert outcomes[0] is outcomes[1]
    await gate.scrape(inventory, inventory.devices[0], 5)
    assert scraper.started == ["d1", "d1"]
    assert list(gate.last) == ["d1"]
    assert not list(gate.last["d1"].samples.collect())


async def test_each_waits_its_own_time(make_inventory: MakeInventory) -> None:
    """Who asks with little time is not held by a scrape that somebody started with more; that one goes on."""
    inventory, scraper = three(make_inventory), Scraper()
    gate = DeviceGate(scrape=scraper.scrape)
    patient = asyncio.create_task(gate.scrape(inventory, inventory.devices[0], 300))
    await settle()
    async with asyncio.timeout(5):
        with pytest.raises(TimeoutError):
            await gate.scrape(inventory, inventory.devices[0], 0.05)
    assert not patient.done()
    scraper.let_go.set()
    assert (await patient).device == "d1"
    assert scraper.started == ["d1"]


async def test_some_scrapes_in_all(make_inventory: MakeInventory) -> None:
    """No more than the given number run at once; who waited has less time left."""
    inventory, scraper = three(make_inventory), Scraper()
    gate = DeviceGate(concurrent_scrapes=2, scrape=scraper.scrape)
    asked = [asyncio.create_task(gate.scrape(inventory, device, 5)) for device in inventory.devices]
    await settle()
    assert scraper.started == ["d1", "d2"]
    await asyncio.sleep(0.05)
    scraper.let_go.set()
    await asyncio.gather(*asked)
    assert scraper.started == ["d1", "d2", "d3"]
    assert scraper.timeouts[2] < 5 - 0.04
    assert set(gate.last) == {"d1", "d2", "d3"}
    gate.forget_unlisted(make_inventory("devices: [{name: d2, address: 192.0.2.2, role: r}]\n"))
    assert set(gate.last) == {"d2"}


async def test_stop_ends_what_runs(make_inventory: MakeInventory) -> None:
    """Stopping does not wait for a device."""
    inventory, scraper = three(make_inventory), Scraper()
    gate = DeviceGate(scrape=scraper.scrape)
    asked = asyncio.create_task(gate.scrape(inventory, inventory.devices[0], 5))
    await settle()
    await gate.stop()
    assert (await asyncio.gather(asked, return_exceptions=True))[0].__class__ is asyncio.CancelledError
