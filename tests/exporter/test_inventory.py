"""inventory.yml: each mistake told with its line, all of them at once."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from dcnet.language import Language
from dcnet.located_yaml import ConfigurationError
from exporter.inventory.load import load_inventory
from exporter.inventory.models import Inventory
from exporter.inventory_samples import add_inventory_samples
from exporter.sample_set import SampleSet
from tests.exporter.conftest import SECRETS

MakeInventory = Callable[[str], Inventory]
WriteInventory = Callable[[str], Path]

DEVICES = """devices:
  - {name: edge-1, address: 192.0.2.1, role: edge}
  - {name: core-1, address: core-1.example.org, role: core, parent: edge-1}
"""
LINK = "links:\n  - {name: isp-a, provider: A, circuit: C, device: edge-1, interface: ge-0/0/0"

MISTAKES = {
    "unknown key": (
        "devices:\n  - {name: a, address: 192.0.2.1, role: r, adress: x}",
        "16: devices[0].adress: unknown key; did you mean address?",
    ),
    "name taken by a link": (
        DEVICES + "links:\n  - {name: core-1, provider: A, circuit: C, device: edge-1, interface: x}",
        "19: links[0].name: name 'core-1' is already taken by devices[1]; names are unique",
    ),
    "name twice": (
        DEVICES + "  - {name: edge-1, address: 192.0.2.9, role: r}",
        "18: devices[2].name: name 'edge-1' is already taken by devices[0]; names are unique",
    ),
    "probe name twice": (
        DEVICES + LINK + ", probes: [{name: p, kind: icmp, target: a}, {name: p, kind: icmp, target: b}]}",
        "19: links[0].probes[1].name: name 'p' is already taken by links[0].probes[0]; names are unique",
    ),
    "name with a colon": (
        "devices:\n  - {name: 'a:b', address: 192.0.2.1, role: r}",
        "16: devices[0].name: found 'a:b', expected",
    ),
    "unknown parent": (
        "devices:\n  - {name: a, address: 192.0.2.1, role: r, parent: b}",
        "16: devices[0].parent: found 'b', expected a device",
    ),
    "parent of itself": (
        "devices:\n  - {name: a, address: 192.0.2.1, role: r, parent: a}",
        "16: devices[0].parent: parents go in a circle: a -> a",
    ),
    "circle of parents": (
        (
            "devices:\n  - {name: a, address: 192.0.2.1, role: r, parent: b}\n"
            "  - {name: b, address: 192.0.2.2, role: r, parent: a}"
        ),
        "17: devices[1].parent: parents go in a circle: b -> a -> b",
    ),
    "link on an unknown device": (
        DEVICES + LINK.replace("edge-1", "edge-9") + "}",
        "19: links[0].device: found 'edge-9', expected a device",
    ),
    "unknown credential": (
        "devices:\n  - {name: a, address: 192.0.2.1, role: r, snmp: {credential: none}}",
        "16: devices[0].snmp.credential: found 'none', expected a name of credentials.snmp",
    ),
    "unknown SSH credential": (
        "devices:\n  - {name: a, address: 192.0.2.1, role: r, ssh: {credential: x, platform: cisco_ios}}",
        "16: devices[0].ssh.credential: found 'x', expected a name of credentials.ssh",
    ),
    "unknown indicator": (
        "thresholds: [{indicator: speed, warning: 1}]",
        "15: thresholds[0].indicator: found 'speed', expected one of device_availability,",
    ),
    "limits in the wrong order": (
        "thresholds: [{indicator: link_loss, warning: 0.2, critical: 0.1}]",
        "15: thresholds[0].warning: warning 0.2 is greater than critical 0.1; link_loss is bad above its limit",
    ),
    "limit beyond the default of the other": (
        "thresholds: [{indicator: device_availability, critical: 2}]",
        "15: thresholds[0].critical: warning 1 is less than critical 2; device_availability is bad below its limit",
    ),
    "month's limits in the wrong order": (
        "thresholds: [{indicator: link_loss, month_warning: 0.2, month_critical: 0.1}]",
        "15: thresholds[0].month_warning: month_warning 0.2 is greater than month_critical 0.1; link_loss is bad above",
    ),
    "month's limit beyond the catalogue's other": (
        "thresholds: [{indicator: device_availability, month_critical: 0.9995}]",
        "15: thresholds[0].month_critical: month_warning 0.999 is less than month_critical 0.9995; device_availability",
    ),
    "month's limit beyond the other of the moment, which holds for the month too": (
        "thresholds: [{indicator: interface_errors, critical: 0.02, month_warning: 0.03}]",
        "15: thresholds[0].month_warning: month_warning 0.03 is greater than month_critical 0.02; interface_errors",
    ),
    "interface's limit beyond its device's other": (
        (
            "devices:\n  - {name: a, address: 192.0.2.1, role: r, thresholds: ["
            "{indicator: interface_utilisation, warning: 0.4, critical: 0.5}, "
            "{indicator: interface_utilisation, warning: 0.6, interface: x}]}"
        ),
        "16: devices[0].thresholds[1].warning: warning 0.6 is greater than critical 0.5; interface_utilisation",
    ),
    "no limit": (
        "thresholds: [{indicator: link_loss}]",
        "15: thresholds[0]: give at least one of warning, critical, month_warning, month_critical",
    ),
    "critical limit of what is never critical": (
        "thresholds: [{indicator: config_changed, critical: 1}]",
        "15: thresholds[0].critical: config_changed knows no critical limit; remove this key",
    ),
    "probe's indicator on a device": (
        "devices:\n  - {name: a, address: 192.0.2.1, role: r, thresholds: [{indicator: path_mtu, warning: 1400}]}",
        "16: devices[0].thresholds[0].indicator: path_mtu judges a probe; its limits do not belong here",
    ),
    "interface on a link's threshold": (
        DEVICES + LINK + ", thresholds: [{indicator: link_loss, warning: 0.01, interface: x}]}",
        "19: links[0].thresholds[0].interface: unknown key",
    ),
    "interface for a device's indicator": (
        (
            "devices:\n  - {name: a, address: 192.0.2.1, role: r, "
            "thresholds: [{indicator: device_availability, warning: 1, interface: x}]}"
        ),
        "16: devices[0].thresholds[0].interface: device_availability does not judge interfaces; remove this key",
    ),
    "link's indicator on a device": (
        "devices:\n  - {name: a, address: 192.0.2.1, role: r, thresholds: [{indicator: link_loss, warning: 0.01}]}",
        "16: devices[0].thresholds[0].indicator: link_loss judges a link; its limits do not belong here",
    ),
    "planned work on nothing": (
        "planned_work:\n  - {name: w, objects: [x], start: 2026-10-04T22:00, end: 2026-10-05T02:00, reason: r}",
        "16: planned_work[0].objects[0]: found 'x', expected a device, a link or DEVICE:INTERFACE",
    ),
    "planned work on a port of nothing": (
        "planned_work:\n  - {name: w, objects: ['x:Te1'], start: 2026-10-04T22:00, end: 2026-10-05T02:00, reason: r}",
        "16: planned_work[0].objects[0]: found 'x:Te1', expected a device, a link or DEVICE:INTERFACE",
    ),
    "planned work that ends before it starts": (
        DEVICES + "planned_work:\n  - {name: w, objects: [edge-1], start: 2026-10-04T22:00, "
        "end: '2026-10-04T14:00+00:00', reason: r}",
        "19: planned_work[0].end: end must be after start",
    ),
    "planned work of dates that ends before it starts": (
        DEVICES + "planned_work:\n  - {name: w, objects: [edge-1], start: 2026-12-06, end: 2026-12-05, reason: r}",
        "19: planned_work[0].end: end must be after start",
    ),
    "planned work from a date to a time before it": (
        DEVICES + "planned_work:\n  - {name: w, objects: [edge-1], start: 2026-12-06, "
        "end: '2026-12-05T23:00', reason: r}",
        "19: planned_work[0].end: end must be after start",
    ),
    "planned work from a number": (
        DEVICES + "planned_work:\n  - {name: w, objects: [edge-1], start: 20261206, end: 2026-12-07, reason: r}",
        "19: planned_work[0].start: found 20261206, expected a time such as 2026-10-04T22:00, or a date",
    ),
    "planned work from text that is no time": (
        DEVICES + "planned_work:\n  - {name: w, objects: [edge-1], start: besok, end: 1.5, reason: r}",
        "19: planned_work[0].start: found 'besok', expected a time such as 2026-10-04T22:00, or a date",
    ),
    "planned work on a day that there is not": (
        DEVICES + "planned_work:\n  - name: w\n    start: 2026-02-30 22:00:00\n",
        "20: this value cannot be read as timestamp; correct it, or quote it if it is text",
    ),
    "no address": (
        "devices:\n  - {name: a, address: 10.0.0.256, role: r}",
        "16: devices[0].address: found '10.0.0.256', expected an IP address or a host name",
    ),
    "probe's target with a path": (
        DEVICES + LINK + ", probes: [{name: p, kind: icmp, target: 'a/b'}]}",
        "19: links[0].probes[0].target: found 'a/b', expected an IP address or a host name",
    ),
    "no URL": (
        DEVICES + LINK + ", probes: [{name: p, kind: http, url: 'ftp://x/'}]}",
        "19: links[0].probes[0].url: expected a full URL, for example https://example.org/",
    ),
    "URL with a password": (
        DEVICES + LINK + ", probes: [{name: p, kind: http, url: 'http://u:hunter2@x/'}]}",
        "19: links[0].probes[0].url: a URL must not hold a user or password; remove the part before the @",
    ),
    "pattern that is none": (
        DEVICES + LINK + ", probes: [{name: p, kind: http, url: 'http://x/', body_pattern: '('}]}",
        "19: links[0].probes[0].body_pattern: not a regular expression:",
    ),
    "unknown kind of probe": (
        DEVICES + LINK + ", probes: [{name: p, kind: ping, target: a}]}",
        "19: links[0].probes[0]: found 'ping', expected one of 'icmp', 'dns', 'http', 'tcp', 'tls', 'path', ",
    ),
}


def refusal(file: Path, environment: dict[str, str] | None = None) -> list[str]:
    with pytest.raises(ConfigurationError) as caught:
        load_inventory(file, SECRETS if environment is None else environment)
    return caught.value.in_language(Language.ENGLISH).replace(f"{file}:", "").splitlines()


@pytest.mark.parametrize(("mistake", "message"), MISTAKES.values(), ids=MISTAKES.keys())
def test_mistake(write_inventory: WriteInventory, mistake: str, message: str) -> None:
    """Each mistake is told with its line and place, what was found and what was expected."""
    found = refusal(write_inventory(mistake))
    assert any(line.startswith(message) for line in found), found


def test_all_mistakes_at_once(write_inventory: WriteInventory) -> None:
    """Mistakes of a field and mistakes between entries are told together, in the order of their lines."""
    found = refusal(
        write_inventory(
            "devices:\n  - {name: a, address: 192.0.2.1, role: r, parent: nobody, typo: 1}\n"
            "  - {name: a, address: '', role: r}\nlinks:\n  - {name: l, provider: P, device: b, interface: x}\n"
        )
    )
    lines = [int(line.partition(":")[0]) for line in found]
    assert len(found) == 6
    assert lines == sorted(lines)


def test_missing_secrets(write_inventory: WriteInventory) -> None:
    """A secret that is not there is an error for each place that refers to it, never an empty password."""
    found = refusal(write_inventory(DEVICES), {"COMMUNITY": ""})
    assert any("credentials.snmp.community.community: environment variable COMMUNITY" in line for line in found)
    assert sum("PRIVACY" in line for line in found) == 3


def test_short_key(write_inventory: WriteInventory, tmp_path: Path) -> None:
    """SNMPv3 keys below 8 characters are refused; the short key is not quoted."""
    (tmp_path / "key").write_text("s3cr3t\n")
    file = write_inventory("    x: {version: 3, user: u, auth: {protocol: sha, password: '${file:key}'}}\n")
    text = file.read_text()
    file.write_text(text[: text.index("    wrong-community")] + text[text.rindex("    x:") :])
    found = refusal(file)
    assert any("SNMPv3 password is too short; it needs at least 8 characters" in line for line in found), found
    assert "s3cr3t" not in "\n".join(found)


def test_time_zone(tmp_path: Path) -> None:
    """A time zone that does not exist is refused with an example of one that does."""
    file = tmp_path / "inventory.yml"
    file.write_text("site: {name: s, time_zone: Asia/Batavia}\n")
    found = refusal(file)
    assert found == ["1: site.time_zone: found 'Asia/Batavia', expected an IANA time zone, for example Asia/Jakarta"]


def test_strange_documents_are_refused_not_crashed_on(tmp_path: Path) -> None:
    """A document of any shape ends in told problems."""
    file = tmp_path / "inventory.yml"
    for text in ("[]", "7", "devices: x", "devices: [[]]\nlinks: {}", "site: []\nplanned_work: [{start: 1, end: []}]"):
        file.write_text(text)
        assert refusal(file)


@pytest.mark.parametrize(
    ("now", "is_open"),
    [
        ("2026-10-04T14:59:59+00:00", False),
        ("2026-10-04T15:00:00+00:00", True),
        ("2026-10-04T18:59:59+00:00", True),
        ("2026-10-04T19:00:00+00:00", False),
    ],
)
def test_planned_work_is_meant_in_the_site_s_time(make_inventory: MakeInventory, now: str, is_open: bool) -> None:
    """A window without offset is in the site's zone (UTC+7): its start is in it, its end is not."""
    inventory = make_inventory(
        DEVICES + "planned_work:\n"
        "  - {name: w, objects: [edge-1], start: 2026-10-04T22:00, end: 2026-10-05T02:00, reason: r}\n"
    )
    assert bool(inventory.open_windows(datetime.fromisoformat(now))) is is_open


def test_a_date_means_its_midnight(make_inventory: MakeInventory) -> None:
    """Planned work from a date to a date lasts from midnight to midnight in the site's zone (UTC+7)."""
    inventory = make_inventory(
        DEVICES + "planned_work:\n  - {name: w, objects: [edge-1], start: 2026-12-05, end: '2026-12-06', reason: r}\n"
    )
    opening, closing = (datetime(2026, 12, day, 17, tzinfo=UTC) for day in (4, 5))
    second = timedelta(seconds=1)
    instants = (opening - second, opening, closing - second, closing)
    assert [bool(inventory.open_windows(now)) for now in instants] == [False, True, True, False]


def test_inventory_as_metrics(make_inventory: MakeInventory) -> None:
    """Objects, contracts, overrides and open windows become the series that rules join on."""
    inventory = make_inventory(
        "thresholds: [{indicator: link_loss, critical: 0.2, month_warning: 0.004, month_critical: 0.03}]\n"
        "devices:\n  - {name: edge-1, address: 192.0.2.1, role: edge, thresholds: ["
        "{indicator: interface_errors, warning: 0.001, interface: ge-0/0/0}, "
        "{indicator: interface_errors, critical: 0.5}]}\n"
        + LINK
        + ", contract: {bandwidth_mbps: 100, availability_percent: 99.5, latency_ms: 30, loss_percent: 0.5}}\n"
        "planned_work:\n  - {name: w, objects: [isp-a], start: '2026-10-04', end: 2026-10-05T02:00, reason: r}\n"
    )
    samples = SampleSet()
    add_inventory_samples(samples, inventory, datetime(2026, 10, 4, 12, tzinfo=UTC))
    found = {
        (sample.name, *sorted(sample.labels.items())): sample.value
        for family in samples.collect()
        for sample in family.samples
    }
    link = (("link", "isp-a"), ("provider", "A"))
    assert found[("dcnet_link_contract_availability_ratio", *link)] == 0.995
    assert found[("dcnet_link_contract_loss_ratio", *link)] == 0.005
    assert found[("dcnet_link_contract_latency_seconds", *link)] == 0.03
    assert found[("dcnet_link_contract_bandwidth_bits_per_second", *link)] == 100_000_000
    assert found[("dcnet_maintenance", ("object", "isp-a"), ("window", "w"))] == 1

    def limit(indicator: str, severity: str, name: str, period: str = "") -> float:
        told = (("period", period), ("severity", severity))
        return found[("dcnet_threshold", ("indicator", indicator), ("object", name), *told)]

    assert limit("link_loss", "critical", "") == 0.2
    assert limit("link_loss", "warning", "", "month") == 0.004
    assert limit("link_loss", "critical", "", "month") == 0.03
    assert sum(name == "dcnet_threshold" for name, *_ in found) == 5
    assert limit("interface_errors", "warning", "edge-1:ge-0/0/0") == 0.001
    assert limit("interface_errors", "critical", "edge-1") == 0.5
    roles = {
        sample.labels["object"]: sample.labels["role"]
        for family in samples.collect()
        for sample in family.samples
        if sample.name == "dcnet_inventory_info"
    }
    assert roles == {"edge-1": "edge", "isp-a": "internet_link"}
