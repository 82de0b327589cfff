"""The interfaces of agents with holes, doubles and wrong types; the whole output of one agent as a golden file."""

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from exporter.exposition import render_text
from exporter.inventory.models import Inventory
from tests.exporter.scripted_agent import ScriptedAgent, counter64, oid, text, ticks
from tests.exporter.test_scrape import IF, IFX, SYSTEM, device, samples_of, scrape, value

MakeInventory = Callable[[str], Inventory]
GOLDEN = Path(__file__).parent / "golden" / "probe.txt"
ENTITY = "1.3.6.1.2.1.47.1.1.1.1"
DUPLEX = "1.3.6.1.2.1.10.7.2.1.19"

TWO_PORTS: dict[str, Any] = {
    **SYSTEM,
    "1.3.6.1.6.3.10.2.1.3.0": 1234,
    **{f"{ENTITY}.{column}.7": given for column, given in ((5, 3), (10, text("21.4R3")), (11, text("JN123")))},
    f"{ENTITY}.13.7": text("MX204"),
    **{f"{IF}.2.{index}": text(f"ge-0/0/{index - 1}") for index in (1, 2)},
    **{f"{IF}.{column}.1": given for column, given in ((3, 6), (4, 9192), (7, 1), (8, 1))},
    **{f"{IF}.{column}.2": given for column, given in ((3, 6), (4, 1500), (7, 2), (8, 2))},
    f"{IF}.6.1": text(bytes.fromhex("001b21aabbcc")),
    f"{IF}.9.1": ticks(23456),
    **{f"{IF}.{column}.1": column * 1000 for column in (10, 11, 13, 14, 16, 17, 19, 20)},
    **{f"{IF}.{column}.2": column * 2000 for column in (10, 11, 13, 14, 16, 17, 19, 20)},
    **{f"{IFX}.1.{index}": text(f"ge-0/0/{index - 1}") for index in (1, 2)},
    **{f"{IFX}.{column}.1": counter64(column * 10**12) for column in (6, 7, 8, 9, 10, 11, 12, 13)},
    f"{IFX}.15.1": 10000,
    f"{IFX}.18.1": text('uplink "A" \\ barat'),
    f"{DUPLEX}.1": 3,
}


async def test_whole_output(make_inventory: MakeInventory, pytestconfig: pytest.Config) -> None:
    """The whole /probe answer of one agent is what it was, sample by sample."""
    with ScriptedAgent(TWO_PORTS) as agent:
        outcome = await scrape(make_inventory(device(agent.port)))
    found = re.sub(r"(duration_seconds\{[^}]*\}) \S+", r"\1 0.0", render_text(outcome.samples))
    if pytestconfig.getoption("--update-golden", default=False):
        GOLDEN.parent.mkdir(exist_ok=True)
        GOLDEN.write_text(found)
    assert found == GOLDEN.read_text()


async def test_every_interface_metric_has_the_same_labels(make_inventory: MakeInventory) -> None:
    """Every interface metric carries `interface` and `alias`, so that they join."""
    with ScriptedAgent(TWO_PORTS) as agent:
        outcome = await scrape(make_inventory(device(agent.port)))
    of_interfaces = [sample for sample in samples_of(outcome) if sample.name.startswith("dcnet_interface_")]
    assert len(of_interfaces) > 30
    for sample in of_interfaces:
        assert {"interface", "alias"} <= set(sample.labels), sample
        if sample.labels["interface"] == "ge-0/0/0":
            assert sample.labels["alias"] == 'uplink "A" \\ barat'


async def test_interface_without_wide_counters_gets_narrow_ones(make_inventory: MakeInventory) -> None:
    """64-bit counters where an interface has them, 32-bit ones where it has none, never both."""
    with ScriptedAgent(TWO_PORTS) as agent:
        outcome = await scrape(make_inventory(device(agent.port)))
    name = "dcnet_interface_receive_bytes_total"
    assert value(outcome, name, interface="ge-0/0/0") == 6e12
    assert value(outcome, name, interface="ge-0/0/1") == 20000


async def test_wide_octets_leave_narrow_packets(make_inventory: MakeInventory) -> None:
    """Between 20 and 650 Mbit/s an agent need only count octets in 64 bits (RFC 2863): its packets are read in 32."""
    high = tuple(f"{IFX}.{column}." for column in range(6, 14))
    objects: dict[str, Any] = {
        **{name: given for name, given in TWO_PORTS.items() if not name.startswith(high)},
        f"{IFX}.6.1": counter64(6 * 10**12),
        f"{IFX}.10.1": counter64(7 * 10**12),
        **{f"{IFX}.{column}.1": column * 1000 for column in (2, 3, 4, 5)},
    }
    with ScriptedAgent(objects) as agent:
        outcome = await scrape(make_inventory(device(agent.port)))
    counted = {
        name.removeprefix("dcnet_interface_").removesuffix("_total"): value(outcome, name, interface="ge-0/0/0")
        for name in {sample.name for sample in samples_of(outcome) if sample.name.endswith("s_total")}
    }
    assert (counted["receive_bytes"], counted["transmit_bytes"]) == (6e12, 7e12)
    assert {name: found for name, found in counted.items() if "cast_packets" in name} == {
        "receive_unicast_packets": 11000,
        "receive_multicast_packets": 2000,
        "receive_broadcast_packets": 3000,
        "transmit_unicast_packets": 17000,
        "transmit_multicast_packets": 4000,
        "transmit_broadcast_packets": 5000,
    }


async def test_holes_doubles_and_wrong_types(make_inventory: MakeInventory) -> None:
    """Rows that repeat a name, miss values or hold the wrong type never take others with them."""
    objects: dict[str, Any] = {
        **SYSTEM,
        **{f"{IF}.2.{index}": text("eth") for index in (1, 2, 5)},
        f"{IF}.2.9": text(b"\xffbad\x00"),
        f"{IF}.8.1": 1,
        f"{IF}.8.2": text("up"),
        f"{IF}.8.5": 2,
        f"{IF}.8.9": counter64(1),
        f"{IFX}.6.1": counter64(2**63),
        f"{IFX}.6.5": oid("1.3.6.1"),
        f"{IFX}.18.1": text(b"\xc3\x28 \n\n tab\tbed"),
    }
    with ScriptedAgent(objects) as agent:
        outcome = await scrape(make_inventory(device(agent.port)))
    assert not outcome.failures
    states = {
        sample.labels["interface"]: sample.value
        for sample in samples_of(outcome)
        if sample.name == "dcnet_interface_oper_up"
    }
    assert states == {"eth#1": 1, "eth#5": 0, "ÿbad": 1}
    assert value(outcome, "dcnet_interface_receive_bytes_total", interface="eth#1") == float(2**63)
    assert value(outcome, "dcnet_interface_receive_bytes_total", interface="eth#5") is None
    assert value(outcome, "dcnet_interface_info", interface="eth#1", alias="Ã( tab bed") == 1
