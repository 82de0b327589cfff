"""Scrapes of real agents, silent sockets and an agent that misbehaves as told."""

import asyncio
import math
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from prometheus_client.parser import text_string_to_metric_families
from prometheus_client.samples import Sample

from exporter.errors import CollectionReason
from exporter.exposition import render_text
from exporter.inventory.models import Inventory
from exporter.outcome import DeviceOutcome
from exporter.scrape import scrape_device, timeout_of
from tests.exporter.conftest import SECRETS, Snmpd
from tests.exporter.scripted_agent import ScriptedAgent, counter64, oid, text, ticks

MakeInventory = Callable[[str], Inventory]

IF = "1.3.6.1.2.1.2.2.1"
IFX = "1.3.6.1.2.1.31.1.1.1"
SYSTEM = {
    "1.3.6.1.2.1.1.1.0": text("NOS 4.2"),
    "1.3.6.1.2.1.1.2.0": oid("1.3.6.1.4.1.2636.1.1.1.2.29"),
    "1.3.6.1.2.1.1.3.0": ticks(123456),
    "1.3.6.1.2.1.1.5.0": text("core-1"),
}


def device(port: int, credential: str = "agent", timeout: float = 1, retries: int = 0) -> str:
    return (
        "devices:\n  - {name: d, address: 127.0.0.1, role: r, "
        f"snmp: {{credential: {credential}, port: {port}, timeout_seconds: {timeout}, retries: {retries}}}}}\n"
    )


async def scrape(inventory: Inventory, timeout_seconds: float = 9.5, lines: list[str] | None = None) -> DeviceOutcome:
    trace = (lines if lines is not None else []).append
    return await scrape_device(inventory, inventory.devices[0], timeout_seconds, trace=trace, wall_clock=lambda: 1e9)


def samples_of(outcome: DeviceOutcome) -> Iterator[Sample]:
    for family in text_string_to_metric_families(render_text(outcome.samples)):
        yield from family.samples


def value(outcome: DeviceOutcome, name: str, **labels: str) -> float | None:
    found = [
        sample.value
        for sample in samples_of(outcome)
        if sample.name == name and labels.items() <= sample.labels.items()
    ]
    assert len(found) <= 1, found
    return found[0] if found else None


def rows(count: int) -> dict[str, Any]:
    """`count` interfaces with 64-bit octets and packets."""
    objects: dict[str, Any] = dict(SYSTEM)
    for index in range(1, count + 1):
        objects[f"{IF}.2.{index}"] = text(f"port {index}")
        objects[f"{IF}.8.{index}"] = 1
        objects[f"{IFX}.1.{index}"] = text(f"p{index}")
        objects[f"{IFX}.6.{index}"] = counter64(1000 + index)
        objects[f"{IFX}.7.{index}"] = counter64(100 + index)
    return objects


@pytest.mark.parametrize("credential", ["community", "sha", "sha256", "md5", "authonly"])
async def test_reads_a_real_snmpd(snmpd: Snmpd, make_inventory: MakeInventory, credential: str) -> None:
    """Debian's snmpd is read whole over v2c and over v3 with each security level and protocol."""
    outcome = await scrape(make_inventory(device(snmpd.port, credential)))
    assert not outcome.failures
    assert value(outcome, "dcnet_up") == 1
    assert value(outcome, "dcnet_device_info", sys_name="real-host", vendor="Net-SNMP") == 1
    assert value(outcome, "dcnet_interface_oper_up", interface="lo") == 1
    received = value(outcome, "dcnet_interface_receive_bytes_total", interface="lo")
    assert received is not None
    assert received >= 0
    assert (value(outcome, "dcnet_collector_snmp_varbinds", collector="interfaces") or 0) > 20


@pytest.mark.parametrize(
    ("credential", "reason"),
    [
        ("wrong-community", CollectionReason.TIMEOUT),
        ("wrong-user", CollectionReason.AUTH),
        ("wrong-auth", CollectionReason.AUTH),
        ("wrong-privacy", CollectionReason.AUTH),
        ("wrong-level", CollectionReason.AUTH),
    ],
)
async def test_wrong_credentials(
    snmpd: Snmpd, make_inventory: MakeInventory, credential: str, reason: CollectionReason
) -> None:
    """A wrong community is silence; a wrong user, key or level of v3 is told as auth."""
    outcome = await scrape(make_inventory(device(snmpd.port, credential, timeout=0.3)))
    assert {failed.failure.reason for failed in outcome.collectors if failed.failure} == {reason}
    assert len(outcome.failures) == len(outcome.collectors) > 2
    assert value(outcome, "dcnet_up") == 0
    assert value(outcome, "dcnet_collector_failure", collector="system", reason=reason.value) == 1
    assert value(outcome, "dcnet_collector_success", collector="interfaces") == 0


async def test_silence_is_a_timeout(silent_port: int, make_inventory: MakeInventory) -> None:
    """A silent device costs each retry once, and the other collectors do not wait again."""
    outcome = await scrape(make_inventory(device(silent_port, timeout=0.1, retries=2)))
    assert {failed.failure.reason.value for failed in outcome.failures if failed.failure} == {"timeout"}
    assert len(outcome.failures) == len(outcome.collectors) > 2
    assert value(outcome, "dcnet_collector_snmp_packets", collector="system") == 3
    assert value(outcome, "dcnet_collector_snmp_retries", collector="system") == 2
    assert value(outcome, "dcnet_collector_snmp_packets", collector="interfaces") == 0
    assert value(outcome, "dcnet_up") == 0


@pytest.mark.parametrize("credential", ["agent", "sha"])
async def test_refusal_is_unreachable(closed_port: int, make_inventory: MakeInventory, credential: str) -> None:
    """A port on which nobody listens is unreachable at once, not after the timeout."""
    outcome = await scrape(make_inventory(device(closed_port, credential, timeout=5, retries=3)))
    assert {failed.failure.reason.value for failed in outcome.failures if failed.failure} == {"unreachable"}
    assert outcome.duration_seconds < 2


async def test_unresolvable_name_is_unreachable(make_inventory: MakeInventory) -> None:
    """A device whose name does not resolve is unreachable, and the scrape still has dcnet_up."""
    text_of_device = device(161).replace("127.0.0.1", "nowhere.invalid")
    outcome = await scrape(make_inventory(text_of_device))
    assert {failed.failure.reason.value for failed in outcome.failures if failed.failure} == {"unreachable"}
    assert value(outcome, "dcnet_up") == 0


async def test_garbage_is_a_decode_failure(garbling_port: int, make_inventory: MakeInventory) -> None:
    """An answer that is no SNMP is told as decode."""
    outcome = await scrape(make_inventory(device(garbling_port, timeout=0.2)))
    assert outcome.failures[0].failure is not None
    assert outcome.failures[0].failure.reason is CollectionReason.DECODE


async def test_garbage_before_the_answer_is_ignored(make_inventory: MakeInventory) -> None:
    """A datagram of somebody else does not hide the right answer behind it."""
    with ScriptedAgent(rows(1), garble_first=4) as agent:
        outcome = await scrape(make_inventory(device(agent.port)))
    assert not outcome.failures


async def test_deadline_ends_the_scrape(silent_port: int, make_inventory: MakeInventory) -> None:
    """When Prometheus' time is over the scrape answers, whatever the device's own timeouts say."""
    outcome = await scrape(make_inventory(device(silent_port, timeout=30, retries=3)), timeout_seconds=0.3)
    assert outcome.duration_seconds < 2
    assert {failed.failure.reason.value for failed in outcome.failures if failed.failure} == {"deadline"}


async def test_lost_request_is_sent_again(make_inventory: MakeInventory) -> None:
    """One lost request is repeated, counted, and costs no data."""
    with ScriptedAgent(rows(2), drop_first=1) as agent:
        outcome = await scrape(make_inventory(device(agent.port, timeout=0.2, retries=1)))
    assert not outcome.failures
    assert value(outcome, "dcnet_collector_snmp_retries", collector="system") == 1


async def test_one_collector_fails_alone(make_inventory: MakeInventory) -> None:
    """Where the interface tables stay silent, the device's own facts stand and it is up."""
    with ScriptedAgent(SYSTEM, silent=(IF, IFX)) as agent:
        outcome = await scrape(make_inventory(device(agent.port, timeout=0.1)))
    assert value(outcome, "dcnet_up") == 1
    assert value(outcome, "dcnet_device_info", sys_name="core-1", vendor="Juniper", os="NOS 4.2") == 1
    assert value(outcome, "dcnet_collector_success", collector="system") == 1
    assert value(outcome, "dcnet_collector_failure", collector="interfaces", reason="timeout") == 1


async def test_silent_column_leaves_the_others(make_inventory: MakeInventory) -> None:
    """A column that is never answered fails the collector; what was read before it stands."""
    with ScriptedAgent(rows(3), silent=(f"{IFX}.6",)) as agent:
        outcome = await scrape(make_inventory(device(agent.port, timeout=0.1)))
    assert value(outcome, "dcnet_interface_oper_up", interface="p3") == 1
    assert value(outcome, "dcnet_interface_receive_bytes_total", interface="p3") is None
    assert value(outcome, "dcnet_collector_failure", collector="interfaces", reason="timeout") == 1


async def test_no_interfaces_is_no_data(make_inventory: MakeInventory) -> None:
    """A device that answers and has no IF-MIB says so: no_data."""
    with ScriptedAgent(SYSTEM) as agent:
        outcome = await scrape(make_inventory(device(agent.port)))
    assert value(outcome, "dcnet_collector_failure", collector="interfaces", reason="no_data") == 1
    assert value(outcome, "dcnet_up") == 1


async def test_too_big_is_asked_in_smaller_parts(make_inventory: MakeInventory) -> None:
    """An agent that answers tooBig to large requests is still read whole."""
    with ScriptedAgent(rows(40), largest_bulk=5) as agent:
        outcome = await scrape(make_inventory(device(agent.port)))
    names = {sample.labels["interface"] for sample in samples_of(outcome) if sample.name == "dcnet_interface_info"}
    assert len(names) == 40
    assert value(outcome, "dcnet_interface_receive_bytes_total", interface="p40") == 1040


async def test_oids_that_do_not_increase_end_the_walk(make_inventory: MakeInventory) -> None:
    """An agent whose table loops is read up to the loop and told as decode; the scrape does not hang."""
    objects = rows(3)
    loop = sorted(objects, key=lambda name: tuple(map(int, name.split("."))))
    at = loop.index(f"{IF}.8.3")
    looping = [*loop[: at + 1], *[f"{IF}.8.{index}" for index in (1, 2, 3)] * 30, *loop[at + 1 :]]
    with ScriptedAgent(objects, order=looping) as agent:
        outcome = await scrape(make_inventory(device(agent.port)), timeout_seconds=5)
    assert value(outcome, "dcnet_collector_failure", collector="interfaces", reason="decode") == 1
    assert value(outcome, "dcnet_interface_oper_up", interface="p3") == 1
    assert value(outcome, "dcnet_interface_receive_bytes_total", interface="p3") == 1003
    assert outcome.duration_seconds < 4


async def test_refused_column_is_an_absent_one(make_inventory: MakeInventory) -> None:
    """A column that the agent answers with an error is absent; the rest is whole."""
    with ScriptedAgent(rows(2), refused=("1.3.6.1.2.1.10.7.2.1.19", "1.3.6.1.2.1.47")) as agent:
        outcome = await scrape(make_inventory(device(agent.port)))
    assert not outcome.failures
    assert value(outcome, "dcnet_interface_oper_up", interface="p1") == 1


async def test_wide_table_costs_few_packets(make_inventory: MakeInventory) -> None:
    """A table is read in bulk: 100 interfaces take a few requests a column."""
    with ScriptedAgent(rows(100)) as agent:
        outcome = await scrape(make_inventory(device(agent.port)))
    assert not outcome.failures
    assert (value(outcome, "dcnet_collector_snmp_packets", collector="interfaces") or math.inf) <= 65


async def test_trace_tells_all_but_secrets(snmpd: Snmpd, make_inventory: MakeInventory) -> None:
    """The trace names what was asked and answered, and never a community or key."""
    lines: list[str] = []
    for credential in ("community", "sha"):
        await scrape(make_inventory(device(snmpd.port, credential)), lines=lines)
    told = "\n".join(lines)
    assert "get 1.3.6.1.2.1.1.1.0" in told
    assert "getbulk 1.3.6.1.2.1.2.2.1.2" in told
    assert "b'real-host'" in told
    assert not [name for name, secret in SECRETS.items() if secret in told]


async def test_scrapes_of_many_devices_do_not_wait_for_each_other(
    silent_port: int, make_inventory: MakeInventory
) -> None:
    """Ten silent devices take as long as one."""
    inventory = make_inventory(device(silent_port, timeout=0.5))
    loop = asyncio.get_running_loop()
    started = loop.time()
    await asyncio.gather(*(scrape(inventory) for _ in range(10)))
    assert loop.time() - started < 2


@pytest.mark.parametrize(
    ("header", "seconds"),
    [("10", 9.5), ("0.4", 0.2), (None, 9.5), ("abc", 9.5), ("nan", 9.5), ("-1", 9.5), ("1e9", 299.5)],
)
def test_timeout_from_prometheus(header: str | None, seconds: float) -> None:
    """Prometheus' timeout less a margin is the deadline; nonsense is the default."""
    assert timeout_of(header) == pytest.approx(seconds)
