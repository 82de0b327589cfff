"""Sessions with agents that restart, delay, repeat, die or speak old versions; real sockets throughout."""

import asyncio
import os
import shutil
import subprocess
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any, TypeAlias

import pytest

from exporter.inventory.load import load_inventory
from exporter.inventory.models import Inventory
from exporter.outcome import DeviceOutcome
from exporter.profiles.library import shipped_profiles
from exporter.scrape import Scraper, scrape_device
from tests.exporter.conftest import SECRETS, Snmpd, free_udp_port, wait_for_agent
from tests.exporter.replay_agent import replay
from tests.exporter.scripted_agent import ScriptedAgent, counter64, oid, text, ticks
from tests.exporter.udp_relay import relay

MakeInventory: TypeAlias = Callable[[str], Inventory]
WriteInventory: TypeAlias = Callable[[str], Path]
IF, IFX = "1.3.6.1.2.1.2.2.1", "1.3.6.1.2.1.31.1.1.1"


def device(port: int, credential: str = "agent", settings: str = "", address: str = "127.0.0.1") -> str:
    access = f"{{credential: {credential}, port: {port}{settings}}}"
    return f"devices: [{{name: d, address: '{address}', role: r, snmp: {access}}}]\n"


def rows(count: int) -> dict[str, Any]:
    """`count` interfaces."""
    objects: dict[str, Any] = {
        "1.3.6.1.2.1.1.1.0": text("NOS"),
        "1.3.6.1.2.1.1.2.0": oid("1.3.6.1.4.1.99999.1"),
        "1.3.6.1.2.1.1.3.0": ticks(100_000),
        "1.3.6.1.2.1.1.5.0": text("sw"),
    }
    for index in range(1, count + 1):
        objects |= {
            f"{IF}.2.{index}": text(f"port {index}"),
            f"{IF}.8.{index}": 1,
            f"{IFX}.1.{index}": text(f"p{index}"),
            f"{IFX}.6.{index}": counter64(1000 + index),
        }
    return objects


def samples(outcome: DeviceOutcome, name: str) -> dict[tuple[str, ...], float]:
    """A metric's samples by their label values."""
    return {
        tuple(sample.labels.values()): sample.value
        for family in outcome.samples.collect()
        for sample in family.samples
        if sample.name == name
    }


def reasons(outcome: DeviceOutcome) -> dict[str, str]:
    """The reason of each collector that failed."""
    return {one.collector: one.failure.reason.value for one in outcome.failures if one.failure is not None}


@contextmanager
def own_snmpd(folder: Path, port: int, lines: str, address: str = "127.0.0.1") -> Iterator[None]:
    """An snmpd whose persistent state stays in `folder` from run to run."""
    program = shutil.which("snmpd", path=os.environ.get("PATH", "") + ":/usr/sbin")
    if program is None:
        pytest.skip("snmpd is not installed")
    folder.mkdir(exist_ok=True)
    (folder / "snmpd.conf").write_text(lines)
    environment = {**os.environ, "SNMP_PERSISTENT_DIR": str(folder / "persistent"), "MIBS": ""}
    with (folder / "log").open("ab") as log:
        process = subprocess.Popen(
            [program, "-f", "-Lo", "-C", "-c", str(folder / "snmpd.conf"), "-p", str(folder / "pid")],
            env=environment,
            stdout=log,
            stderr=subprocess.STDOUT,
        )
        try:
            wait_for_agent(port, process, folder / "log", address)
            yield
        finally:
            process.terminate()
            process.wait(10)


def v3_lines(port: int, more: str = "") -> str:
    return (
        f"agentaddress udp:127.0.0.1:{port}\nrocommunity {SECRETS['COMMUNITY']}\n"
        f"createUser sha256 SHA-256 {SECRETS['AUTH']} AES {SECRETS['PRIVACY']}\nrouser sha256 priv\n{more}"
    )


async def test_restarted_agent_is_found_again_within_the_scrape(tmp_path: Path, make_inventory: MakeInventory) -> None:
    """After a restart (boots count on, time starts anew) the kept session learns both in the same scrape."""
    port = free_udp_port()
    inventory = make_inventory(device(port, "sha256", ", timeout_seconds: 1"))
    scraper = Scraper(shipped_profiles())
    with own_snmpd(tmp_path / "agent", port, v3_lines(port)):
        first = await scraper.scrape(inventory, inventory.devices[0], 20)
        again = await scraper.scrape(inventory, inventory.devices[0], 20)
    with own_snmpd(tmp_path / "agent", port, v3_lines(port)):
        after = await scraper.scrape(inventory, inventory.devices[0], 20)
    scraper.close()
    assert [reasons(outcome) for outcome in (first, again, after)] == [{}, {}, {}]
    packets = [outcome.collectors[0].work.packets for outcome in (first, again, after)]
    # Discovery is not repeated while the agent stays the same.
    assert packets[1] < packets[0]
    assert samples(after, "dcnet_interface_oper_up")


async def test_replaced_agent_is_discovered_within_the_scrape(tmp_path: Path, make_inventory: MakeInventory) -> None:
    """Another engine at the same address (a device was exchanged) is discovered in the same scrape."""
    port = free_udp_port()
    inventory = make_inventory(device(port, "sha256", ", timeout_seconds: 1"))
    scraper = Scraper(shipped_profiles())
    with own_snmpd(tmp_path / "old", port, v3_lines(port, "engineID first\n")):
        assert reasons(await scraper.scrape(inventory, inventory.devices[0], 20)) == {}
    with own_snmpd(tmp_path / "new", port, v3_lines(port, "engineID second\n")):
        assert reasons(await scraper.scrape(inventory, inventory.devices[0], 20)) == {}
    scraper.close()


async def test_context(tmp_path: Path, write_inventory: WriteInventory, snmpd: Snmpd) -> None:
    """The objects of a v3 context are read, and an unknown context is not mistaken for the default one."""
    port = free_udp_port()
    lines = v3_lines(
        port,
        "sysName outer\ngroup g usm sha256\nview all included .1\naccess g inner usm priv exact all none none\n"
        f"proxy -Cn inner -v 2c -c {SECRETS['COMMUNITY']} 127.0.0.1:{snmpd.port} .1.3\n",
    )
    file = write_inventory(device(port, "sha256", ", timeout_seconds: 0.5"))
    original = file.read_text()
    names: dict[str, set[str]] = {}
    with own_snmpd(tmp_path / "agent", port, lines):
        for context in ("", "inner", "other"):
            file.write_text(original.replace("user: sha256,", f"user: sha256, context: '{context}',"))
            inventory = load_inventory(file, SECRETS)
            outcome = await scrape_device(inventory, inventory.devices[0], 20)
            names[context] = {labels[0] for labels in samples(outcome, "dcnet_device_info")}
            if context == "inner":
                assert reasons(outcome) == {}
                assert samples(outcome, "dcnet_interface_oper_up")
    assert names == {"": {"outer"}, "inner": {"real-host"}, "other": set()}


async def test_context_of_a_community(write_inventory: WriteInventory) -> None:
    """A community's context is asked for as community@context."""
    with ScriptedAgent(rows(1), community=SECRETS["AGENT"] + "@vlan-7") as agent:
        file = write_inventory(device(agent.port, settings=", timeout_seconds: 0.2, retries: 0"))
        inventory = load_inventory(file, SECRETS)
        assert reasons(await scrape_device(inventory, inventory.devices[0], 10))["system"] == "timeout"
        file.write_text(file.read_text().replace("agent: {version: 2c,", "agent: {version: 2c, context: vlan-7,"))
        inventory = load_inventory(file, SECRETS)
        assert reasons(await scrape_device(inventory, inventory.devices[0], 10)) == {}


async def test_version_1(snmpd: Snmpd, write_inventory: WriteInventory) -> None:
    """An agent of version 1 is read whole: one missing scalar does not hide the others, tables go by GETNEXT."""
    file = write_inventory(device(snmpd.port, "community", ", requests_at_once: 4"))
    file.write_text(file.read_text().replace("community: {version: 2c,", "community: {version: 1,"))
    inventory = load_inventory(file, SECRETS)
    outcome = await scrape_device(inventory, inventory.devices[0], 30)
    assert reasons(outcome) == {}
    assert {labels[0] for labels in samples(outcome, "dcnet_device_info")} == {"real-host"}
    assert ("lo", "") in samples(outcome, "dcnet_interface_oper_up")
    assert samples(outcome, "dcnet_storage_size_bytes")


async def test_ipv6(tmp_path: Path, make_inventory: MakeInventory) -> None:
    """A device with an IPv6 address is read like any other."""
    port = free_udp_port()
    lines = f"agentaddress udp6:[::1]:{port}\nrocommunity6 {SECRETS['COMMUNITY']}\nsysName six\n"
    with own_snmpd(tmp_path / "agent", port, lines, "::1"):
        inventory = make_inventory(device(port, "community", address="::1"))
        outcome = await scrape_device(inventory, inventory.devices[0], 20)
    assert reasons(outcome) == {}
    assert {labels[0] for labels in samples(outcome, "dcnet_device_info")} == {"six"}


async def test_late_and_repeated_answers_are_not_mistaken(make_inventory: MakeInventory) -> None:
    """Each answer twice, and before each the previous one once more: every value is still its own."""
    earlier: list[bytes] = []

    def deliver(_number: int, answer: bytes) -> list[tuple[float, bytes]]:
        delivered = [(0.0, late) for late in earlier[-1:]] + [(0.0, answer), (0.0, answer)]
        earlier.append(answer)
        return delivered

    with ScriptedAgent(rows(60)) as agent:
        async with relay(agent.port, deliver) as port:
            inventory = make_inventory(device(port))
            scraper = Scraper(shipped_profiles())
            for _ in range(2):
                outcome = await scraper.scrape(inventory, inventory.devices[0], 20)
                assert reasons(outcome) == {}
                received = samples(outcome, "dcnet_interface_receive_bytes_total")
                assert received == {(f"p{index}", ""): 1000 + index for index in range(1, 61)}
            scraper.close()


async def test_answer_that_comes_after_its_retry(make_inventory: MakeInventory) -> None:
    """An answer slower than the timeout costs retries; when it comes it is not taken for another's."""

    def deliver(number: int, answer: bytes) -> list[tuple[float, bytes]]:
        return [(0.45 if number % 5 == 0 else 0.0, answer)]

    with ScriptedAgent(rows(8)) as agent:
        async with relay(agent.port, deliver) as port:
            inventory = make_inventory(device(port, settings=", timeout_seconds: 0.3, retries: 3"))
            outcome = await scrape_device(inventory, inventory.devices[0], 60)
    assert reasons(outcome) == {}
    assert sum(one.work.retries for one in outcome.collectors) > 0
    received = samples(outcome, "dcnet_interface_receive_bytes_total")
    assert received == {(f"p{index}", ""): 1000 + index for index in range(1, 9)}


async def test_device_that_dies_midway(make_inventory: MakeInventory) -> None:
    """After silence begins, what was read stays, the rest fails, and not every column waits for itself."""
    with ScriptedAgent(rows(40)) as agent:
        async with relay(agent.port, lambda number, answer: [(0.0, answer)] if number < 12 else []) as port:
            inventory = make_inventory(device(port, settings=", timeout_seconds: 0.2, retries: 1"))
            outcome = await scrape_device(inventory, inventory.devices[0], 20)
    assert outcome.up
    assert reasons(outcome)["interfaces"] == "timeout"
    assert samples(outcome, "dcnet_device_info")
    # Four columns in a row, two at a time, each with one retry; a column a wait would be ten seconds and more.
    assert outcome.duration_seconds < 6


async def test_slow_answers_end_at_the_deadline(make_inventory: MakeInventory) -> None:
    """A device that takes long for each packet is read as far as the time goes, and never beyond it."""
    with ScriptedAgent(rows(5)) as agent:
        async with relay(agent.port, lambda _number, answer: [(0.5, answer)]) as port:
            inventory = make_inventory(device(port, settings=", timeout_seconds: 2"))
            outcome = await scrape_device(inventory, inventory.devices[0], 2.5)
    assert samples(outcome, "dcnet_device_info") or reasons(outcome)["system"] == "deadline"
    assert "deadline" in reasons(outcome).values()
    assert outcome.duration_seconds < 4


async def test_slow_device_does_not_delay_another(make_inventory: MakeInventory) -> None:
    """While one device takes its whole deadline, another is read again and again."""
    with ScriptedAgent(rows(5)) as agent:
        async with relay(agent.port, lambda _number, answer: [(0.5, answer)]) as slow_port:
            text_of_both = (
                device(slow_port).rstrip("]\n")
                + ", "
                + device(agent.port)[len("devices: [") :].replace("name: d", "name: e")
            )
            inventory = make_inventory(text_of_both)
            scraper = Scraper(shipped_profiles())
            slow = asyncio.create_task(scraper.scrape(inventory, inventory.devices[0], 4))
            done = 0
            while not slow.done() and done < 3:
                assert reasons(await scraper.scrape(inventory, inventory.devices[1], 3)) == {}
                done += 1
            assert done == 3
            assert not slow.done()
            slow.cancel()
            with suppress(asyncio.CancelledError):
                await slow
            scraper.close()


async def test_requests_under_way_are_limited(make_inventory: MakeInventory) -> None:
    """At most as many requests as the inventory allows are under way to one device."""
    waiting: set[int] = set()
    most = 0

    def deliver(number: int, answer: bytes) -> list[tuple[float, bytes]]:
        nonlocal most
        waiting.add(number)
        most = max(most, len(waiting))
        asyncio.get_running_loop().call_later(0.01, waiting.discard, number)
        return [(0.012, answer)]

    with ScriptedAgent(rows(5)) as agent:
        async with relay(agent.port, deliver) as port:
            inventory = make_inventory(device(port, settings=", requests_at_once: 3"))
            outcome = await scrape_device(inventory, inventory.devices[0], 30)
    assert reasons(outcome) == {}
    assert most == 3


async def test_turn_is_awaited_no_longer_than_the_scrape(make_inventory: MakeInventory) -> None:
    """Where all places are taken by others, a scrape ends at its deadline and says so."""
    with ScriptedAgent(rows(2)) as agent:
        async with relay(agent.port, lambda _number, answer: [(1.5, answer)]) as slow_port:
            both = device(slow_port, settings=", timeout_seconds: 5").rstrip("]\n")
            both += ", " + device(agent.port)[len("devices: [") :].replace("name: d", "name: e")
            inventory = make_inventory("collection: {requests_in_all: 1}\n" + both)
            scraper = Scraper(shipped_profiles())
            slow = asyncio.create_task(scraper.scrape(inventory, inventory.devices[0], 3))
            await asyncio.sleep(0)
            waiting = await scraper.scrape(inventory, inventory.devices[1], 0.5)
            assert reasons(waiting)["system"] == "deadline"
            assert waiting.duration_seconds < 1.4
            assert (await slow).up
            scraper.close()


async def test_bulk_size_gives_way_to_what_gets_through(make_inventory: MakeInventory) -> None:
    """Where large answers are lost on the way, smaller requests are tried, and kept to."""

    def deliver(_number: int, answer: bytes) -> list[tuple[float, bytes]]:
        return [(0.0, answer)] if len(answer) < 400 else []

    with ScriptedAgent(rows(60)) as agent:
        async with relay(agent.port, deliver) as port:
            inventory = make_inventory(device(port, settings=", timeout_seconds: 0.2, retries: 3"))
            scraper = Scraper(shipped_profiles())
            first = await scraper.scrape(inventory, inventory.devices[0], 30)
            second = await scraper.scrape(inventory, inventory.devices[0], 30)
            scraper.close()
    assert reasons(first) == reasons(second) == {}
    assert len(samples(second, "dcnet_interface_receive_bytes_total")) == 60
    lost = [sum(one.work.retries for one in outcome.collectors) for outcome in (first, second)]
    assert lost[0] > lost[1]


async def test_table_of_twenty_thousand_rows(make_inventory: MakeInventory) -> None:
    """A table of 20,000 rows is read to its end; what is published stays within the limit."""
    recording = "1.3.6.1.2.1.1.1.0|4|NOS\n1.3.6.1.2.1.1.3.0|67|100000\n"
    for column, line in ((2, "4|port"), (7, "2|1"), (8, "2|1"), (10, "65|7")):
        recording += "".join(f"{IF}.{column}.{index}|{line}\n" for index in range(1, 20_001))
    async with replay(recording) as port:
        inventory = make_inventory(device(port, settings=", bulk_size: 100"))
        outcome = await scrape_device(inventory, inventory.devices[0], 110)
    assert reasons(outcome) == {}
    assert next(one.work.varbinds for one in outcome.collectors if one.collector == "interfaces") >= 80_000
    assert len(samples(outcome, "dcnet_interface_oper_up")) == 2000
    assert samples(outcome, "dcnet_interfaces_cut") == {(): 18_000}
