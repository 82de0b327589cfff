from pathlib import Path
from typing import Any

import pytest

from dcnet.catalogue import Catalogue, load_catalogue
from lab.errors import LabError
from lab.evidence import Range
from lab.inventory import inventory_document, site_zone
from lab.scenario import Scenario, load_scenario
from lab.timeline import Month
from lab.truth import ExpectedFinding, FindingStatus, differences, expected_findings

CRITICAL, DEGRADED = FindingStatus.CRITICAL, FindingStatus.DEGRADED

SHIPPED = {
    ("access-1:Gi1/0/2", "interface_errors"): (CRITICAL, 180),
    ("access-2:cpu:Processor 1", "cpu_usage"): (CRITICAL, 600),
    ("access-3", "device_availability"): (CRITICAL, 520),
    ("access-4", "device_availability"): (DEGRADED, 620),
    ("core-1:Te1/0/3", "interface_errors"): (DEGRADED, 1800),
    ("core-2:Te1/0/2", "interface_utilisation"): (CRITICAL, 600),
    ("core-2:Te1/0/3", "interface_down"): (CRITICAL, 520),
    ("core-2:Te1/0/4", "interface_down"): (CRITICAL, 620),
    ("core-2:Te1/0/4", "optic_receive_drop"): (DEGRADED, 1800),
    ("edge-1:ge-0/0/0", "interface_utilisation"): (DEGRADED, 1200),
    ("edge-2:bgp:192.0.2.9", "bgp_down"): (DEGRADED, 60),
    ("edge-2:bgp:192.0.2.9", "bgp_flaps"): (DEGRADED, 180),
    ("edge-2:temperature:Routing Engine 0", "temperature"): (DEGRADED, 240),
    ("fw-1:storage:Disk", "storage_usage"): (CRITICAL, 2880),
    ("isp-a", "link_http"): (CRITICAL, 100),
    ("isp-a", "link_loss"): (DEGRADED, 120),
    ("isp-b", "link_latency"): (DEGRADED, 300),
    ("isp-b", "link_loss"): (CRITICAL, 90),
    ("ups-1", "ups_on_battery"): (DEGRADED, 50),
}


@pytest.fixture(scope="module")
def catalogue() -> Catalogue:
    return load_catalogue()


@pytest.mark.parametrize("name", ["2026-02", "2024-02", "2026-10", "2026-04"])
def test_shipped_scenario_has_the_same_findings_in_every_month(
    scenario: Scenario, catalogue: Catalogue, name: str
) -> None:
    """In short and long months the shipped scenario must yield these findings and none of its decoys."""
    findings = expected_findings(scenario, Month.parse(name, site_zone()), catalogue, inventory_document())
    assert {(one.object, one.indicator): one.status for one in findings} == {
        key: status for key, (status, _) in SHIPPED.items()
    }
    for one in findings:
        minutes = SHIPPED[one.object, one.indicator][1]
        assert one.degraded_minutes.low < minutes < one.degraded_minutes.high
        assert one.reasons


def test_override_of_the_inventory_makes_the_finding(scenario: Scenario, month: Month, catalogue: Catalogue) -> None:
    """Without the inventory's own limit for the port of edge-1, its 65 % would be no finding."""
    document = inventory_document()
    del document["devices"][0]["thresholds"]
    found = {(one.object, one.indicator) for one in expected_findings(scenario, month, catalogue, document)}
    assert set(SHIPPED) - found == {("edge-1:ge-0/0/0", "interface_utilisation")}


def test_override_for_the_month_makes_the_status(scenario: Scenario, month: Month, catalogue: Catalogue) -> None:
    """Without the inventory's own limit for the month of access-4, its ten hours off would be critical."""
    document = inventory_document()
    (access_4,) = (device for device in document["devices"] if device["name"] == "access-4")
    del access_4["thresholds"]
    found = {(one.object, one.indicator): one.status for one in expected_findings(scenario, month, catalogue, document)}
    assert found["access-4", "device_availability"] is CRITICAL
    access_4["thresholds"] = [{"indicator": "device_availability", "month_warning": 0.9, "month_critical": 0.5}]
    found = {(one.object, one.indicator): one.status for one in expected_findings(scenario, month, catalogue, document)}
    assert found["access-4", "device_availability"] is DEGRADED, "by its minutes: the month's value is good"


def test_scenario_too_close_to_a_limit_is_refused(tmp_path: Path, month: Month, catalogue: Catalogue) -> None:
    """Where a minute more or less would change the judgement, there is no truth to hold a report against."""
    file = tmp_path / "scenario.yml"
    outage = "{name: one, kind: device_outage, device: core-1, why: x, month: [{day: 2, at: '01:00', minutes: 15}]}"
    file.write_text(f"seed: 1\nfaults:\n  - {outage}\n", encoding="utf-8")
    with pytest.raises(LabError, match="interface_down of access-1:Te1/0/1 is too close to a limit"):
        expected_findings(load_scenario(file), month, catalogue, inventory_document())


def test_time_that_nobody_measured_does_not_count(tmp_path: Path, month: Month, catalogue: Catalogue) -> None:
    """Of an outage that lies half in a measurement gap only the other half can be found."""
    file = tmp_path / "scenario.yml"
    file.write_text(
        "seed: 1\nfaults:\n"
        "  - {name: o, kind: device_outage, device: core-1, why: x, month: [{day: 2, at: '01:00', minutes: 120}]}\n"
        "  - {name: g, kind: measurement_gap, why: x, month: [{day: 2, at: '02:00', minutes: 300}]}\n",
        encoding="utf-8",
    )
    findings = expected_findings(load_scenario(file), month, catalogue, inventory_document())
    (finding,) = (one for one in findings if one.indicator == "device_availability")
    assert finding.degraded_minutes.low < 60 < finding.degraded_minutes.high < 70


RIGHT = {"object": "isp-a", "indicator": "link_loss", "status": "degraded", "degraded_minutes": 121}
DIFFERENCES: dict[str, tuple[list[dict[str, Any]], list[str]]] = {
    "equal": ([RIGHT], []),
    "missed": ([], ["isp-a link_loss: missing; expected degraded"]),
    "worse": ([{**RIGHT, "status": "critical"}], ["isp-a link_loss: found critical; expected degraded"]),
    "longer": (
        [{**RIGHT, "degraded_minutes": 128}],
        ["isp-a link_loss: found 128 degraded minutes; expected 113 to 127"],
    ),
    "false": (
        [RIGHT, {**RIGHT, "object": "isp-b"}],
        ["isp-b link_loss: found degraded (121 minutes); expected no finding"],
    ),
}


@pytest.mark.parametrize(("found", "says"), DIFFERENCES.values(), ids=DIFFERENCES)
def test_difference_of_a_report_is_told(found: list[dict[str, Any]], says: list[str]) -> None:
    """A missed, wrong, too long or false finding is told by name with what was found and expected."""
    truth = [ExpectedFinding("isp-a", "link_loss", DEGRADED, Range(113, 127), ("why",))]
    assert differences(truth, {"findings": found}) == says
