"""What profiles make of a device's answers, over real UDP from a scripted agent."""

from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any, TypeAlias

import pytest
from prometheus_client.samples import Sample

from exporter.inventory.models import Inventory
from exporter.outcome import DeviceOutcome
from exporter.profiles.library import ProfileLibrary, load_profiles
from exporter.scrape import Scraper
from tests.exporter.scripted_agent import ScriptedAgent, oid, text, ticks

MakeInventory: TypeAlias = Callable[[str], Inventory]
ACME = "1.3.6.1.4.1.99"
SYSTEM = {
    "1.3.6.1.2.1.1.1.0": text("Acme switch, Version 7.2"),
    "1.3.6.1.2.1.1.2.0": oid(f"{ACME}.1"),
    "1.3.6.1.2.1.1.3.0": ticks(100_000),
    "1.3.6.1.2.1.1.5.0": text("acme-1"),
}
PROFILE = f"""match: [{{object_id: {ACME}}}]
identity:
  vendor: {{text: Acme}}
  version: "capture(sys_descr, 'Version (.+)')"
  serial: [missing, {{table: module, where: slot == 2, value: serial}}]
scalars: {{missing: {ACME}.90.0, free: {ACME}.91.0, size: {ACME}.92.0}}
states:
  fan: {{healthy: {{1: ok}}, unhealthy: {{2: bad}}, neither: {{3: absent}}}}
tables:
  module:
    index: [slot]
    columns: {{name: {ACME}.10.1.2, serial: {ACME}.10.1.3}}
  fan:
    index: [slot, fan]
    columns: {{state: {ACME}.11.1.3, rpm: {{oid: {ACME}.11.1.4, skip: [65535]}}, label: {ACME}.11.1.5}}
    joins:
      module: {{table: module, by: slot}}
      same: {{table: module, by: label, column: name}}
  peer:
    index: [{{remote: inet}}]
    columns: {{state: {ACME}.12.1.3}}
  old: {{columns: {{load: {ACME}.13.1.1}}}}
  new: {{columns: {{load: {ACME}.14.1.1}}}}
collectors:
  memory:
    - memory: {{name: "'RAM'", size: size, free: free}}
  environment:
    - table: fan
      component: {{kind: "'fan'", name: "join('/', module.name, fan)", state: state, states: fan}}
    - table: fan
      labels: {{sensor: "first(same.serial, module.name)"}}
      metrics: [{{metric: dcnet_fan_speed_rpm, value: rpm, where: state != 3}}]
  cpu:
    - first:
        - {{table: new, metrics: [{{metric: dcnet_cpu_usage_ratio, value: load / 100, labels: {{cpu: index}}}}]}}
        - {{table: old, metrics: [{{metric: dcnet_cpu_usage_ratio, value: load / 100, labels: {{cpu: index}}}}]}}
  bgp:
    - table: peer
      labels: {{peer: remote, remote_as: "''", vrf: "''", description: "''"}}
      metrics: [{{metric: dcnet_bgp_peer_established, value: state == 6}}]
  ups:
    - metrics: [{{metric: dcnet_ups_on_battery, value: missing}}]
"""
FANS: dict[str, Any] = {
    f"{ACME}.10.1.2.1": text("PSU"),
    f"{ACME}.10.1.2.2": text("Tray"),
    f"{ACME}.10.1.3.2": text("SER2"),
    f"{ACME}.11.1.3.1.1": 1,
    f"{ACME}.11.1.3.1.2": 2,
    f"{ACME}.11.1.3.2.1": 3,
    f"{ACME}.11.1.3.2.2": text("not a number"),
    f"{ACME}.11.1.4.1.1": 3000,
    f"{ACME}.11.1.4.1.2": 65535,
    f"{ACME}.11.1.4.2.1": 10,
    f"{ACME}.11.1.4.2.2": 4000,
    f"{ACME}.11.1.5.2.2": text("Tray"),
    f"{ACME}.91.0": 25,
    f"{ACME}.92.0": 100,
    f"{ACME}.13.1.1.1": 40,
    f"{ACME}.12.1.3.1.4.192.0.2.9": 6,
    f"{ACME}.12.1.3.2.16.32.1.13.184.0.0.0.0.0.0.0.0.0.0.0.7": 3,
    f"{ACME}.12.1.3.1.4.192": 6,
    "1.3.6.1.2.1.2.2.1.2.1": text("port 1"),
}
Scrape: TypeAlias = Callable[..., Awaitable[DeviceOutcome]]


@pytest.fixture
def profiles(tmp_path: Path) -> ProfileLibrary:
    (tmp_path / "profiles").mkdir()
    (tmp_path / "profiles/generic.yml").write_text("{}\n")
    (tmp_path / "profiles/acme.yml").write_text(PROFILE)
    return load_profiles(tmp_path / "profiles")


@pytest.fixture
def scraper(profiles: ProfileLibrary) -> Scraper:
    return Scraper(profiles)


@pytest.fixture
def scrape(scraper: Scraper, make_inventory: MakeInventory) -> Scrape:
    async def scrape_agent(agent: ScriptedAgent, settings: str = "") -> DeviceOutcome:
        access = f"{{credential: agent, port: {agent.port}, timeout_seconds: 0.3, retries: 1{settings}}}"
        device = f"devices: [{{name: d, address: 127.0.0.1, role: r, snmp: {access}}}]\n"
        inventory = make_inventory(device)
        return await scraper.scrape(inventory, inventory.devices[0], 10)

    return scrape_agent


def found(outcome: DeviceOutcome, *names: str) -> dict[tuple[str, ...], float]:
    """Samples of the metrics `names`: (metric without prefix, label values sorted by label) to value."""
    samples: list[Sample] = [sample for family in outcome.samples.collect() for sample in family.samples]
    return {
        (sample.name.removeprefix("dcnet_"), *(sample.labels[label] for label in sorted(sample.labels))): sample.value
        for sample in samples
        if sample.name.removeprefix("dcnet_").startswith(names)
    }


async def test_rows_joins_states_and_sentinels(scrape: Scrape) -> None:
    """Joins name rows by index and by value; states judge; sentinels, holes and wrong types are absent."""
    with ScriptedAgent(SYSTEM | FANS) as agent:
        outcome = await scrape(agent)
    assert outcome.profile == "acme"
    assert not outcome.failures
    assert found(outcome, "component_healthy") == {
        ("component_healthy", "fan", "PSU/1"): 1,
        ("component_healthy", "fan", "PSU/2"): 0,
    }
    assert found(outcome, "component_info").keys() == {
        ("component_info", "fan", "PSU/1", "ok"),
        ("component_info", "fan", "PSU/2", "bad"),
        ("component_info", "fan", "Tray/1", "absent"),
    }
    assert found(outcome, "fan_speed") == {("fan_speed_rpm", "PSU"): 3000}
    assert found(outcome, "memory") == {
        ("memory_used_bytes", "RAM"): 75,
        ("memory_size_bytes", "RAM"): 100,
        ("memory_usage_ratio", "RAM"): 0.75,
    }
    assert found(outcome, "bgp") == {
        ("bgp_peer_established", "", "192.0.2.9", "", ""): 1,
        ("bgp_peer_established", "", "2001:db8::7", "", ""): 0,
        # Too short for an address: the row is kept, its name is not known.
        ("bgp_peer_established", "", "", "", ""): 1,
    }


async def test_identity_takes_the_first_source_that_answers(scrape: Scrape) -> None:
    """A missing scalar gives way to a table's row; what the profile leaves out comes from the standard MIBs."""
    with ScriptedAgent(SYSTEM | FANS) as agent:
        outcome = await scrape(agent)
    expected = ("device_info", "", "Acme switch, Version 7.2", "SER2", "acme-1", "Acme", "7.2")
    assert found(outcome, "device_info") == {expected: 1}


async def test_rows_of_one_name_keep_apart(scrape: Scrape) -> None:
    """Rows whose labels would be equal all get their index, whichever comes first."""
    objects = SYSTEM | FANS | {f"{ACME}.11.1.4.1.2": 3100}
    with ScriptedAgent(objects) as agent:
        outcome = await scrape(agent)
    assert found(outcome, "fan_speed") == {("fan_speed_rpm", "PSU#1.1"): 3000, ("fan_speed_rpm", "PSU#1.2"): 3100}


async def test_first_alternative_that_answers(scrape: Scrape) -> None:
    """The older table is read where the newer one is missing, and not asked for where it is there."""
    with ScriptedAgent(SYSTEM | FANS) as agent:
        assert found(await scrape(agent), "cpu") == {("cpu_usage_ratio", "1"): 0.4}
    with ScriptedAgent(SYSTEM | FANS | {f"{ACME}.14.1.1.7": 50}) as agent:
        assert found(await scrape(agent), "cpu") == {("cpu_usage_ratio", "7"): 0.5}
        assert not [request for request in agent.requests if f"{ACME}.13" in request]


async def test_unsupported_is_no_failure(scrape: Scrape) -> None:
    """A collector whose objects the device lacks neither succeeds nor fails: it is not supported."""
    with ScriptedAgent(SYSTEM | FANS) as agent:
        outcome = await scrape(agent)
    assert found(outcome, "collector_supported")["collector_supported", "ups"] == 0
    assert found(outcome, "collector_supported")["collector_supported", "cpu"] == 1
    assert ("collector_success", "ups") not in found(outcome, "collector_success")
    assert not found(outcome, "collector_failure")


async def test_absent_tables_are_not_asked_for_each_time(scrape: Scrape) -> None:
    """What a device does not have twice running is remembered, until it starts again or has other software.

    Found missing once, it may have been an answer that was damaged on its way.
    """
    with ScriptedAgent(dict(SYSTEM | FANS)) as agent:
        await scrape(agent)
        once = [request for request in agent.requests if f"{ACME}.14" in request]
        await scrape(agent)
        assert len([request for request in agent.requests if f"{ACME}.14" in request]) == 2 * len(once)
        first = [request for request in agent.requests if f"{ACME}.14" in request]
        await scrape(agent)
        assert [request for request in agent.requests if f"{ACME}.14" in request] == first != []
        agent.hold(SYSTEM | FANS | {"1.3.6.1.2.1.1.3.0": ticks(90_000)})
        await scrape(agent)
        assert len([request for request in agent.requests if f"{ACME}.14" in request]) > len(first)


async def test_rows_that_come_back_are_seen_at_once(scrape: Scrape) -> None:
    """A table that was seen with rows is asked for at every scrape, also after it was empty once."""
    with ScriptedAgent(dict(SYSTEM | FANS)) as agent:
        there = found(await scrape(agent), "component", "fan_speed")
        agent.hold(SYSTEM)
        assert not found(await scrape(agent), "component", "fan_speed")
        agent.hold(SYSTEM | FANS)
        assert found(await scrape(agent), "component", "fan_speed") == there != {}


async def test_failing_names_withhold_the_rows(scrape: Scrape) -> None:
    """Where names cannot be read, rows do not appear under other names: the collector fails, the others stand."""
    with ScriptedAgent(SYSTEM | FANS, silent=(f"{ACME}.10",)) as agent:
        outcome = await scrape(agent)
    assert ("collector_failure", "environment", "timeout") in found(outcome, "collector_failure")
    assert not found(outcome, "component", "fan_speed")
    assert found(outcome, "cpu") == {("cpu_usage_ratio", "1"): 0.4}
    assert found(outcome, "collector_success")["collector_success", "cpu"] == 1


async def test_failing_value_leaves_the_other_metrics(scrape: Scrape) -> None:
    """A column that times out takes its own samples only."""
    with ScriptedAgent(SYSTEM | FANS, silent=(f"{ACME}.11.1.4",)) as agent:
        outcome = await scrape(agent)
    assert len(found(outcome, "component_healthy")) == 2
    assert not found(outcome, "fan_speed")
    assert ("collector_failure", "environment", "timeout") in found(outcome, "collector_failure")


async def test_inventory_names_the_profile(scrape: Scrape) -> None:
    """A profile that the inventory names is used whatever the device says of itself."""
    with ScriptedAgent(SYSTEM | FANS) as agent:
        outcome = await scrape(agent, ", profile: generic")
    assert outcome.profile == "generic"
    assert not found(outcome, "memory", "cpu")


async def test_inventory_names_the_collectors(scrape: Scrape) -> None:
    """Where the inventory names collectors, only they run, beside the one that knows the device."""
    with ScriptedAgent(SYSTEM | FANS) as agent:
        outcome = await scrape(agent, ", collectors: [cpu, memory]")
    assert [one.collector for one in outcome.collectors] == ["system", "memory", "cpu"]
    assert not any(f"{ACME}.11" in request for request in agent.requests)
