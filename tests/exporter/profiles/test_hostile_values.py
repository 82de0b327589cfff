"""Every profile against agents that answer each of its objects with something that no MIB allows there."""

import pytest
from prometheus_client.parser import text_string_to_metric_families

from exporter.exposition import render_text
from exporter.profiles.composed import ComposedProfile
from exporter.profiles.library import shipped_profiles
from tests.exporter.replay_agent import replay
from tests.exporter.test_scrape import MakeInventory, device, scrape

PROFILES = sorted(shipped_profiles().profiles)

VALUES = {
    "bytes that are no text": "4x|FFFE00C328",
    "an empty text": "4|",
    "a number that ends the type": "2|-2147483648",
    "the largest counter": "70|18446744073709551615",
    "zero": "66|0",
    "an object identifier": "6|1.3.6.1.2.1.2.2.1.1.1",
}
INDEXES = ("1", "1.1.4.192.0.2.1", "7.0.0.9999999999")


def objects_of(profile: ComposedProfile) -> list[str]:
    """Every object that the profile may ask for: scalars, and each column under several indexes."""
    columns = [column.oid for table in profile.tables.values() for column in table.columns.values()]
    return [column.oid for column in profile.scalars.values()] + [
        f"{column}.{index}" for column in columns for index in INDEXES
    ]


@pytest.mark.parametrize("value", VALUES.values(), ids=VALUES.keys())
@pytest.mark.parametrize("name", PROFILES)
async def test_profile_survives(name: str, value: str, make_inventory: MakeInventory) -> None:
    """No value of the wrong type, size or encoding stops a collector or makes an exposition that does not parse."""
    recording = "1.3.6.1.2.1.1.3.0|67|8640000\n1.3.6.1.2.1.2.2.1.2.1|4|p1\n" + "".join(
        f"{oid}|{value}\n" for oid in objects_of(shipped_profiles().profiles[name])
    )
    async with replay(recording) as port:
        text = device(port, timeout=2, retries=1).replace("snmp: {", f"snmp: {{profile: {name}, ")
        outcome = await scrape(make_inventory(text), timeout_seconds=60)
    assert not outcome.failures
    assert list(text_string_to_metric_families(render_text(outcome.samples)))
