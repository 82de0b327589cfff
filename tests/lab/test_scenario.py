from datetime import UTC, datetime
from pathlib import Path

import pytest

from dcnet.located_yaml import ConfigurationError
from lab.errors import LabError
from lab.inventory import inventory_document, site_zone, write_inventory
from lab.scenario import Scenario, load_scenario
from lab.timeline import Month, place_in_month, place_live
from lab.topology import DEVICES, LINKS

OUTAGE = "  - {name: one, kind: device_outage, device: core-1, why: x"

MISTAKES = {
    "unknown-kind": ("  - {name: one, kind: fire, why: x}", "3: faults[0]", "expected one of"),
    "unknown-key": (f"{OUTAGE}, size: 3}}", "3: faults[0].size", "unknown key"),
    "unknown-device": (
        "  - {name: one, kind: device_outage, device: core-9, why: x}",
        "faults[0].device",
        "not in the lab",
    ),
    "unknown-interface": (
        "  - {name: one, kind: interface_errors, device: core-1, interface: eth9, ratio: 0.1, why: x}",
        "faults[0].interface",
        "it has: Te1/0/1",
    ),
    "unknown-link": ("  - {name: one, kind: link_loss, link: isp-z, ratio: 0.1, why: x}", "faults[0].link", "isp-a"),
    "ratio": ("  - {name: one, kind: link_loss, link: isp-a, ratio: 3, why: x}", "faults[0].ratio", "at most 1"),
    "day": (f"{OUTAGE}, month: [{{day: 29, at: '01:00', minutes: 5}}]}}", "faults[0].month[0].day", "28"),
    "names": (f"{OUTAGE}}}\n{OUTAGE}}}", "4: faults[1].name", "used already"),
    "overlap": (
        f"{OUTAGE}, month: [{{day: 2, at: '01:00', minutes: 50}}, {{day: 2, at: '01:30', minutes: 5}}]}}",
        "faults[0].month",
        "must not overlap",
    ),
    "repetition": (
        f"{OUTAGE}, live: {{after_minutes: 1, minutes: 9, every_minutes: 9}}}}",
        "faults[0].live",
        "should be more than minutes",
    ),
}


@pytest.mark.parametrize(("fault", "place", "says"), MISTAKES.values(), ids=MISTAKES)
def test_mistake_in_a_scenario_is_told_with_its_place(tmp_path: Path, fault: str, place: str, says: str) -> None:
    """Each mistake of a scenario file is told with line, path, what was found and what was expected."""
    file = tmp_path / "scenario.yml"
    file.write_text(f"seed: 1\nfaults:\n{fault}\n", encoding="utf-8")
    with pytest.raises(ConfigurationError) as caught:
        load_scenario(file)
    assert str(file) in str(caught.value)
    assert place in str(caught.value)
    assert says in str(caught.value)


def test_unquoted_time_of_day_means_the_same_as_a_quoted_one(tmp_path: Path) -> None:
    """YAML 1.1 reads 13:30 as a number; a scenario still means half past one."""
    file = tmp_path / "scenario.yml"
    file.write_text(f"seed: 1\nfaults:\n{OUTAGE}, month: [{{day: 2, at: 13:30, minutes: 5}}]}}\n", encoding="utf-8")
    (fault,) = load_scenario(file).faults
    assert (fault.month[0].at.hour, fault.month[0].at.minute) == (13, 30)


def test_two_faults_of_a_kind_on_one_component_may_not_overlap(tmp_path: Path, month: Month) -> None:
    """What two faults of one kind do to one component at once is not defined, so it is refused by name."""
    file = tmp_path / "scenario.yml"
    one = f"{OUTAGE}, month: [{{day: 2, at: '01:00', minutes: 50}}]}}"
    file.write_text(f"seed: 1\nfaults:\n{one}\n{one.replace('name: one', 'name: two')}\n", encoding="utf-8")
    with pytest.raises(LabError, match="one and two overlap on device_outage core-1"):
        place_in_month(load_scenario(file), month)


def test_fault_happens_at_the_sites_time_of_day(scenario: Scenario, month: Month) -> None:
    """A fault of the ninth at 01:20 begins at 01:20 on the clocks of the site, in whatever month is asked."""
    timeline = place_in_month(scenario, month)
    (stretch,) = next(placed.stretches for placed in timeline.faults if placed.fault.name == "power-of-access-3")
    assert datetime.fromtimestamp(stretch.start, site_zone()).isoformat() == "2026-02-09T01:20:00+07:00"


def test_live_faults_repeat(scenario: Scenario) -> None:
    """In the live lab a fault comes again and again at its interval."""
    started = datetime(2026, 3, 1, tzinfo=UTC)
    timeline = place_live(scenario, started)
    stretches = next(placed.stretches for placed in timeline.faults if placed.fault.name == "power-of-access-3")
    first, second = stretches[:2]
    assert first.start == started.timestamp() + 12 * 60
    assert second.start - first.start == 60 * 60


@pytest.mark.parametrize("text", ["2026-13", "2026-1", "oktober", ""])
def test_month_of_another_form_is_refused(text: str) -> None:
    """A month is YYYY-MM; anything else is told with an example."""
    with pytest.raises(LabError, match="expected YYYY-MM"):
        Month.parse(text, site_zone())


def test_inventory_lists_what_the_lab_has() -> None:
    """Every device and link of the lab stands in its inventory with the same address, role, parent and carrier."""
    document = inventory_document()
    assert {d["name"]: (d["address"], d["role"], d.get("parent", "")) for d in document["devices"]} == {
        d.name: (d.address, d.role, d.parent) for d in DEVICES.values()
    }
    assert {
        one["name"]: (one["provider"], one["circuit"], one["device"], one["interface"]) for one in document["links"]
    } == {one.name: (one.provider, one.circuit, one.device, one.interface) for one in LINKS.values()}
    assert {
        device["snmp"]["credential"] == "lab-v3" for device in document["devices"] if DEVICES[device["name"]].secure
    } == {True}


def test_written_inventory_has_the_months_planned_window(tmp_path: Path, scenario: Scenario, month: Month) -> None:
    """The planned work of the scenario becomes a window of that month, wider than the outage by its margin."""
    write_inventory(tmp_path / "inventory.yml", place_in_month(scenario, month))
    text = (tmp_path / "inventory.yml").read_text(encoding="utf-8")
    assert "2026-02-25T22:00+07:00" in text
    assert "2026-02-26T00:30+07:00" in text
    assert "${file:secrets/community}" in text
