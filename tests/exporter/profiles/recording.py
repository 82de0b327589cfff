"""Plays a recording and scrapes it; for tests of profiles."""

from exporter.exposition import render_text
from exporter.inventory.models import Inventory
from exporter.outcome import DeviceOutcome
from tests.exporter.replay_agent import replay
from tests.exporter.test_scrape import MakeInventory, device, scrape

OF_EVERY_DEVICE = ("dcnet_collector_", "dcnet_interface_", "dcnet_device_uptime", "dcnet_up ", "dcnet_device_profile")
"""Metrics that do not come from a profile's rules."""


async def scrape_recording(recording: str, make_inventory: MakeInventory) -> DeviceOutcome:
    """One whole scrape of an agent that answers from `recording`, over UDP."""
    async with replay(recording) as port:
        inventory: Inventory = make_inventory(device(port, timeout=2, retries=1))
        return await scrape(inventory, timeout_seconds=60)


def lines_of_profile(outcome: DeviceOutcome) -> list[str]:
    """The exposition's lines that come from the profile, sorted."""
    lines = render_text(outcome.samples).splitlines()
    return sorted(line for line in lines if line and not line.startswith(("#", *OF_EVERY_DEVICE)))
