"""Which interfaces are published: rules in order, for the site and the device, and the limit."""

from collections.abc import Callable
from typing import Any, TypeAlias

import pytest

from dcnet.located_yaml import ConfigurationError
from exporter.inventory.models import Inventory
from exporter.outcome import DeviceOutcome
from exporter.scrape import scrape_device
from tests.exporter.scripted_agent import ScriptedAgent, oid, text, ticks

MakeInventory: TypeAlias = Callable[[str], Inventory]
IF, IFX = "1.3.6.1.2.1.2.2.1", "1.3.6.1.2.1.31.1.1.1"
PORTS: dict[int, tuple[str, str, int, int, int]] = {
    1: ("ge-0/0/0", "uplink A", 6, 1, 1),
    2: ("ge-0/0/1", "", 6, 1, 2),
    3: ("ge-0/0/2", "", 6, 2, 2),
    10: ("lo0", "", 24, 1, 1),
    11: ("irb.7", "servers", 136, 1, 1),
}
"""Name, alias, type, admin, oper by ifIndex."""


def objects() -> dict[str, Any]:
    found: dict[str, Any] = {
        "1.3.6.1.2.1.1.1.0": text("NOS"),
        "1.3.6.1.2.1.1.2.0": oid("1.3.6.1.4.1.99999.1"),
        "1.3.6.1.2.1.1.3.0": ticks(100),
    }
    for index, (name, alias, kind, admin, oper) in PORTS.items():
        found |= {
            f"{IF}.2.{index}": text(name),
            f"{IF}.3.{index}": kind,
            f"{IF}.7.{index}": admin,
            f"{IF}.8.{index}": oper,
            f"{IFX}.1.{index}": text(name),
            f"{IFX}.18.{index}": text(alias),
        }
    return found


async def scrape(make_inventory: MakeInventory, site: str, device: str) -> DeviceOutcome:
    with ScriptedAgent(objects()) as agent:
        access = f"snmp: {{credential: agent, port: {agent.port}}}"
        inventory = make_inventory(f"{site}\ndevices: [{{name: d, address: 127.0.0.1, role: r, {access}{device}}}]\n")
        return await scrape_device(inventory, inventory.devices[0], 10)


def names(outcome: DeviceOutcome, metric: str = "dcnet_interface_oper_up") -> list[str]:
    return [
        sample.labels["interface"]
        for family in outcome.samples.collect()
        for sample in family.samples
        if sample.name == metric
    ]


NO_SITE = ""
ONLY_UPLINKS = ", interfaces: {rules: [{action: include, alias: ^uplink}], otherwise: exclude}"
CASES: dict[str, tuple[str, str, list[str]]] = {
    "all": (NO_SITE, "", ["ge-0/0/0", "ge-0/0/1", "ge-0/0/2", "lo0", "irb.7"]),
    "by alias, nothing else": (NO_SITE, ONLY_UPLINKS, ["ge-0/0/0"]),
    "not by type": (
        "interfaces: {rules: [{action: exclude, type: [loopback, l3ipvlan]}]}",
        "",
        ["ge-0/0/0", "ge-0/0/1", "ge-0/0/2"],
    ),
    "the first rule that fits decides": (
        NO_SITE,
        (
            ", interfaces: {rules: [{action: include, name: ge-0/0/2$}, {action: exclude, admin: down}, "
            "{action: exclude, oper: down, type: [ethernet]}]}"
        ),
        ["ge-0/0/0", "ge-0/0/2", "lo0", "irb.7"],
    ),
    "the device's rules come before the site's": (
        "interfaces: {rules: [{action: exclude, name: ^ge-}]}",
        ", interfaces: {rules: [{action: include, oper: up}]}",
        ["ge-0/0/0", "lo0", "irb.7"],
    ),
}


@pytest.mark.parametrize("case", CASES)
async def test_selection(make_inventory: MakeInventory, case: str) -> None:
    """Interfaces are taken and left by name, alias, type and states, several conditions together."""
    site, device, expected = CASES[case]
    outcome = await scrape(make_inventory, site, device)
    assert names(outcome) == expected
    assert not outcome.failures
    assert not names(outcome, "dcnet_interfaces_cut")


async def test_limit_cuts_visibly(make_inventory: MakeInventory) -> None:
    """Past the limit the first interfaces by ifIndex stay, and a metric says how many wanted ones are left out."""
    outcome = await scrape(
        make_inventory, "interfaces: {limit: 50}", ", interfaces: {limit: 2, rules: [{action: exclude, name: lo0}]}"
    )
    assert names(outcome) == ["ge-0/0/0", "ge-0/0/1"]
    cut = [family.samples[0].value for family in outcome.samples.collect() if family.name == "dcnet_interfaces_cut"]
    assert cut == [2]


async def test_names_do_not_depend_on_the_selection(make_inventory: MakeInventory) -> None:
    """A name that two interfaces share keeps its index also where only one of them is published."""
    both = dict(PORTS)
    PORTS[12] = ("lo0", "second", 24, 1, 1)
    try:
        outcome = await scrape(
            make_inventory, "", ", interfaces: {rules: [{action: include, alias: second}], otherwise: exclude}"
        )
    finally:
        PORTS.clear()
        PORTS.update(both)
    assert names(outcome) == ["lo0#12"]


MISTAKES = {
    "{rules: [{action: include}]}": "rules[0]: give name, alias, type, admin or oper",
    "{rules: [{action: drop, name: a}]}": "rules[0].action: found 'drop', expected one of 'include' or 'exclude'",
    "{rules: [{action: include, name: '('}]}": "rules[0].name: ",
    "{limit: 0}": "limit: found 0, expected at least 1",
    "{otherwise: maybe}": "otherwise: found 'maybe', expected one of 'include' or 'exclude'",
}


@pytest.mark.parametrize("settings", MISTAKES)
def test_mistakes(make_inventory: MakeInventory, settings: str) -> None:
    """A wrong rule is told with its place."""
    with pytest.raises(ConfigurationError) as caught:
        make_inventory(f"interfaces: {settings}\n")
    assert f"interfaces.{MISTAKES[settings]}" in caught.value.words.en


def test_unknown_profile_and_collector(make_inventory: MakeInventory) -> None:
    """A profile or collector that does not exist is told, with those that do."""
    access = "snmp: {credential: agent, profile: cisco, collectors: [cpus]}"
    with pytest.raises(ConfigurationError) as caught:
        make_inventory(f"devices: [{{name: d, address: 127.0.0.1, role: r, {access}}}]\n")
    told = caught.value.words.en
    assert "devices[0].snmp.profile: found 'cisco', expected one of " in told
    assert "devices[0].snmp.collectors[0]: found 'cpus', expected one of bgp, " in told
