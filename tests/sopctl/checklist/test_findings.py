"""What is one fault among several rows: folded where the time and the network say so, and only there."""

from dataclasses import replace
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from dcnet.catalogue import Severity, load_catalogue
from sopctl.checklist.causes import likely_cause
from sopctl.checklist.changes import changes_between
from sopctl.checklist.findings import Topology, find_findings, status_of
from sopctl.checklist.month_window import parse_month
from sopctl.evidence import Checklist, ChecklistRow, Finding, Incident, Status

WIB = ZoneInfo("Asia/Jakarta")
TOPOLOGY = Topology({"core": "", "access": "core", "edge": "access", "isp": "access"}, {"isp": "access:Gi1"})
OCTOBER = parse_month("2024-10", WIB)
COMPONENTS = {indicator.id: indicator.component for indicator in load_catalogue().indicators}


def row(
    name: str, indicator: str, *hours: tuple[int, int], status: Status = Status.DEGRADED, device: str = ""
) -> ChecklistRow:
    """A row whose incidents lie between these hours of the month."""
    begin = datetime(2024, 10, 1, tzinfo=WIB)
    incidents = tuple(
        Incident(begin + timedelta(hours=first), begin + timedelta(hours=last), Severity.WARNING, planned=False)
        for first, last in hours
    )
    minutes = 60 * sum(last - first for first, last in hours)
    return ChecklistRow(
        object=name,
        device=device or name.partition(":")[0],
        component=COMPONENTS[indicator],
        indicator=indicator,
        status=status,
        value=0.5,
        previous_value=None,
        warning_limit=0.1,
        critical_limit=None,
        coverage=1.0,
        degraded_minutes=minutes,
        critical_minutes=0,
        planned_minutes=0,
        unknown_minutes=0,
        incidents=incidents,
    )


def found(*rows: ChecklistRow) -> list[tuple[str, str, list[str]]]:
    """(object, indicator, what is folded under it) of each finding."""
    return [
        (one.row.object, one.row.indicator, [each.object for each in one.consequences])
        for one in find_findings(rows, load_catalogue(), TOPOLOGY, {}, OCTOBER)
    ]


def test_what_stands_behind_a_dead_device_is_no_fault_of_its_own() -> None:
    """Devices, ports and links behind it fold under the farthest that was down at the time."""
    assert found(
        row("core", "device_availability", (10, 20)),
        row("access", "device_availability", (10, 20)),
        row("edge", "device_availability", (10, 20)),
        row("access:Gi1", "interface_down", (10, 20)),
        row("isp", "link_loss", (10, 20), device="access"),
    ) == [("core", "device_availability", ["access", "edge", "access:Gi1", "isp"])]


def test_devices_that_stand_before_each_other_are_faults_of_their_own() -> None:
    """Of a month in which two devices changed places each may be told behind the other; neither fault is lost."""
    circle = Topology({"a": "b", "b": "a", "c": "b"}, {})
    rows = [row(name, "device_availability", (10, 20)) for name in ("a", "b", "c")]
    findings = find_findings(rows, load_catalogue(), circle, {}, OCTOBER)
    assert [one.row.object for one in findings] == ["a", "b", "c"]


def test_another_time_is_another_fault() -> None:
    """A device that was down while its parent stood has a fault of its own, also where both overlap a little."""
    assert found(
        row("core", "device_availability", (10, 12)),
        row("access", "device_availability", (10, 12), (100, 110)),
    ) == [("access", "device_availability", []), ("core", "device_availability", [])]


def test_a_links_loss_folds_under_its_carrying_ports_errors() -> None:
    """The port that carries the link explains its loss; a port that does not, explains nothing."""
    loss = row("isp", "link_loss", (10, 20), device="access")
    assert found(row("access:Gi1", "interface_errors", (10, 20)), loss) == [("access:Gi1", "interface_errors", ["isp"])]
    assert len(found(row("access:Gi2", "interface_errors", (10, 20)), loss)) == 2


def test_one_links_indicators_are_one_fault() -> None:
    """Latency and names that fail while the link loses packets are its loss."""
    assert found(
        row("isp", "link_latency", (10, 20), device="access"),
        row("isp", "link_loss", (10, 20), device="access"),
        row("isp", "link_dns", (11, 20), device="access"),
    ) == [("isp", "link_loss", ["isp", "isp"])]


def test_a_value_without_incidents_stays_a_finding() -> None:
    """What declined slowly, never past the limit of a moment, coincides with nothing."""
    assert len(found(row("core", "device_availability", (10, 20)), row("isp", "link_loss", device="access"))) == 2


def test_the_worst_of_a_fault_orders_it() -> None:
    """A fault whose consequence is Kritis stands among the Kritis."""
    rows = (
        row("aaa", "device_availability", (30, 40)),
        row("core", "device_availability", (10, 20)),
        row("access", "device_availability", (10, 20), status=Status.CRITICAL),
    )
    findings = find_findings(rows, load_catalogue(), TOPOLOGY, {}, OCTOBER)
    assert [(one.id, one.row.object, status_of(one)) for one in findings] == [
        ("F01", "core", Status.CRITICAL),
        ("F02", "aaa", Status.DEGRADED),
    ]


def test_what_nobody_closed_is_carried_over() -> None:
    """A finding of an earlier month stands at the end while its row is well, and keeps its month while it is not."""
    opened = {
        ("device_availability", "core"): Finding("F07", row("core", "device_availability", (1, 9)), since="2024-08"),
        ("link_loss", "isp"): Finding("F03", row("isp", "link_loss", (1, 9)), since="2024-09"),
    }
    rows = (row("isp", "link_loss", (1, 9), device="access"), row("core", "device_availability", status=Status.GOOD))
    findings = find_findings(rows, load_catalogue(), TOPOLOGY, opened, OCTOBER)
    assert [(one.row.object, one.since) for one in findings] == [("isp", "2024-09"), ("core", "2024-08")]
    assert "tidak menurun" in likely_cause(findings[1]).id


def test_what_is_open_outlives_its_object() -> None:
    """A component that was taken out of the network stays a finding without data until somebody closes it."""
    earlier = Finding("F01", row("edge:Gi9", "interface_errors", (1, 9)), since="2024-08")
    (finding,) = find_findings((), load_catalogue(), TOPOLOGY, {("interface_errors", "edge:Gi9"): earlier}, OCTOBER)
    assert (finding.id, finding.is_gone, finding.since) == ("F01", True, "2024-08")
    assert (finding.row.object, finding.row.status, finding.row.incidents) == ("edge:Gi9", Status.NO_DATA, ())
    assert finding.row.unknown_minutes == 31 * 1440
    assert "no longer in the inventory" in likely_cause(finding).en


def test_blips_told_as_one_incident_are_still_many() -> None:
    """A link that came and went all night is unstable, however its incidents are counted."""
    begin = datetime(2024, 10, 1, tzinfo=WIB)
    night = Incident(begin, begin + timedelta(hours=3), Severity.WARNING, planned=False, stretches=40)
    flapping = replace(row("isp", "link_availability", device="access"), incidents=(night,))
    assert "unstable" in likely_cause(Finding("F01", flapping)).en
    once = replace(flapping, incidents=(replace(night, stretches=1),))
    assert "unstable" not in likely_cause(Finding("F01", once)).en


def test_a_cause_is_guessed_from_what_declined_together() -> None:
    """The guess names what went with it, and blames the provider only where the own network was well."""
    dead = Finding("F01", row("core", "device_availability", (1, 9)), (row("access", "device_availability", (1, 9)),))
    assert likely_cause(dead).en.endswith("out of reach with it: access")
    alone = Finding("F01", row("isp", "link_loss", (1, 9), device="access"))
    assert "provider" in likely_cause(alone).en
    port = Finding("F01", row("access:Gi1", "interface_errors", (1, 9)), (alone.row,))
    assert likely_cause(port).en == "cable, connector or optic of the carrying port; link isp declined because of it"


def test_a_second_pull_tells_what_changed() -> None:
    """New, changed and gone findings; what is as it was is not told."""

    def pulled(*rows: ChecklistRow) -> Checklist:
        findings = find_findings(rows, load_catalogue(), TOPOLOGY, {}, OCTOBER)
        return Checklist(OCTOBER, OCTOBER.end, "http://p", (), rows, findings, ())

    same = row("access", "cpu_usage", (50, 60))
    before = pulled(row("core", "device_availability", (1, 9)), row("isp", "link_loss", (20, 30)), same)
    after = pulled(
        row("core", "device_availability", (1, 9), status=Status.CRITICAL), row("edge", "cpu_usage", (90, 99)), same
    )
    told = [
        tuple(None if one is None else (one.id, one.row.object) for one in (change.before, change.after))
        for change in changes_between(before, after)
    ]
    assert told == [(("F02", "core"), ("F01", "core")), (None, ("F03", "edge")), (("F03", "isp"), None)]
    assert not list(changes_between(before, before))
