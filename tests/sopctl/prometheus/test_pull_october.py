"""The month of conftest.py, pulled from a real Prometheus and compared with what was written by hand."""

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from dcnet.catalogue import Catalogue, Component, Severity, load_catalogue
from sopctl.adapters.prometheus_client import PrometheusClient
from sopctl.checklist.month_window import PeriodError, parse_month
from sopctl.checklist.planned_time import Span
from sopctl.checklist.queries import worst_of_hour
from sopctl.checklist.samples import Question, RawSeries, Sample
from sopctl.checklist.serialise import checklist_from_json, checklist_to_json
from sopctl.errors import SopctlError
from sopctl.evidence import Checklist, ChecklistRow, LinkContract, Status
from sopctl.workflow.month_outages import fetch_outages
from sopctl.workflow.pull_checklist import NoEvidence, pull_checklist
from tests.sopctl.prometheus.conftest import DOWN

WIB = ZoneInfo("Asia/Jakarta")
MINUTES = 31 * 24 * 60
NOW = datetime(2026, 11, 2, 3, 0, tzinfo=UTC)


@pytest.fixture(scope="session")
def checklist(october: Checklist) -> Checklist:
    return october


def row(checklist: Checklist, name: str, indicator: str) -> ChecklistRow:
    (found,) = [one for one in checklist.rows if (one.object, one.indicator) == (name, indicator)]
    return found


def test_every_object_has_a_row_for_every_indicator_that_applies(checklist: Checklist) -> None:
    """What should have been measured is on the list, measured or not; a battery that a switch never had is not."""
    assert [(one.object, one.indicator) for one in checklist.rows] == [
        ("core-1", "availability"),
        ("core-2", "availability"),
        ("core-3", "availability"),
        ("core-4", "availability"),
        ("core-1:cpu:0", "cpu"),
        ("core-4:cpu:0", "cpu"),
        ("core-2:Gi1/0/1", "utilisation"),
        ("core-4:Gi1", "utilisation"),
        ("core-2:Te1", "light"),
        ("core-2:bgp:192.0.2.1", "flaps"),
        ("core-4", "battery"),
        ("isp-a", "loss"),
        ("isp-a", "latency"),
        ("isp-b", "loss"),
        ("isp-b", "latency"),
        ("isp-a:portal", "certificate"),
    ]
    assert [(one.name, one.kind, one.parent) for one in checklist.objects] == [
        ("core-1", Component.DEVICE, ""),
        ("core-2", Component.DEVICE, "core-1"),
        ("core-3", Component.DEVICE, "core-1"),
        ("core-4", Component.DEVICE, "core-1"),
        ("isp-a", Component.LINK, "core-2"),
        ("isp-b", Component.LINK, "core-2"),
    ]


def test_the_month_ends_and_begins_at_the_sites_midnight(checklist: Checklist) -> None:
    """Minutes down on 30 September and 1 November, site's time, are not October's; September's are the value before."""
    core = row(checklist, "core-1", "availability")
    assert core.value == pytest.approx((MINUTES - 40) / MINUTES, abs=1e-12)
    assert core.coverage == 1.0
    assert core.previous_value == pytest.approx(0.5)
    assert core.degraded_minutes == 40


def test_an_outage_is_one_incident_with_its_times(checklist: Checklist) -> None:
    """Forty minutes down are one critical incident from its first minute to the end of its last."""
    core = row(checklist, "core-1", "availability")
    (incident,) = core.incidents
    assert incident.start == datetime(2026, 10, 5, 10, 0, tzinfo=WIB)
    assert incident.end == datetime(2026, 10, 5, 10, 40, tzinfo=WIB)
    assert (incident.severity, incident.planned) == (Severity.CRITICAL, False)
    assert core.status is Status.DEGRADED


def test_planned_work_is_left_out_of_the_value(checklist: Checklist) -> None:
    """A device down only in its own window is worth 100 % and says that the rest was planned."""
    core = row(checklist, "core-2", "availability")
    assert core.value == 1.0
    assert core.status is Status.PLANNED
    assert (core.degraded_minutes, core.critical_minutes, core.planned_minutes) == (0, 0, 240)
    (incident,) = core.incidents
    assert incident.planned
    (work,) = checklist.planned_work
    assert (work.object, work.name) == ("core-2", "W-1")
    assert (work.start, work.end) == (
        datetime(2026, 10, 10, 22, 0, tzinfo=WIB),
        datetime(2026, 10, 11, 2, 0, tzinfo=WIB),
    )


def test_a_window_covers_the_devices_interfaces(checklist: Checklist) -> None:
    """The 99.9th percentile of a port is that of the samples outside of its device's window."""
    port = row(checklist, "core-2:Gi1/0/1", "utilisation")
    assert port.value == pytest.approx(0.2)
    assert port.planned_minutes == 240
    assert port.status is Status.GOOD


def test_a_window_covers_the_link_that_its_device_carries(checklist: Checklist) -> None:
    """A ratio outside of planned work is the growth of both counters there: 3,600 echoes lost of 2,664,000 sent."""
    link = row(checklist, "isp-a", "loss")
    assert link.value == pytest.approx(3600 / (60 * (MINUTES - 240)), rel=1e-3)
    assert link.degraded_minutes == link.critical_minutes == 120
    assert [incident.planned for incident in link.incidents] == [True, False]
    assert link.status is Status.CRITICAL


def test_a_histogram_outside_planned_work_is_added_before_its_quantile_is_taken(checklist: Checklist) -> None:
    """Half-way between 10 ms and 100 ms, as the buckets were filled."""
    assert row(checklist, "isp-a", "latency").value == pytest.approx(0.055)


def test_too_little_data_is_no_data(checklist: Checklist) -> None:
    """Two recorded days of thirty-one do not speak for the month."""
    latency = row(checklist, "isp-a", "latency")
    assert latency.status is Status.NO_DATA
    assert latency.coverage == pytest.approx(2 / 31)
    assert latency.unknown_minutes == 29 * 24 * 60


def test_an_object_without_any_data_is_listed_as_such(checklist: Checklist) -> None:
    """A device of the inventory that never answered anybody is not left out, and not good."""
    core = row(checklist, "core-3", "availability")
    assert core.status is Status.NO_DATA
    assert (core.value, core.coverage, core.unknown_minutes) == (None, 0.0, MINUTES)
    assert (core.warning_limit, core.critical_limit) == (0.9995, 0.99)


def test_a_gap_is_unknown_time_and_not_good_time(checklist: Checklist) -> None:
    """A day without samples leaves the value as measured and is shown as 1,440 unknown minutes."""
    core = row(checklist, "core-4", "availability")
    assert core.value == 1.0
    assert core.coverage == pytest.approx(30 / 31)
    assert core.unknown_minutes == 1440
    assert core.status is Status.GOOD


def test_an_override_of_the_inventory_is_the_limit_of_the_month(checklist: Checklist) -> None:
    """0.3 is past the port's own limit of 0.25, though far from the catalogue's 0.7."""
    port = row(checklist, "core-4:Gi1", "utilisation")
    assert (port.warning_limit, port.critical_limit) == (0.25, 0.8)
    assert port.value == pytest.approx(0.3)
    assert port.status is Status.DEGRADED


def test_findings_stand_in_the_order_of_severity_then_object(checklist: Checklist) -> None:
    """The worst comes first."""
    assert [(one.id, one.row.object, one.row.status) for one in checklist.findings] == [
        ("F01", "core-1:cpu:0", Status.CRITICAL),
        ("F02", "isp-a", Status.CRITICAL),
        ("F03", "core-1", Status.DEGRADED),
        ("F04", "core-2:Te1", Status.DEGRADED),
        ("F05", "core-2:bgp:192.0.2.1", Status.DEGRADED),
        ("F06", "core-4", Status.DEGRADED),
        ("F07", "core-4:Gi1", Status.DEGRADED),
        ("F08", "isp-a:portal", Status.DEGRADED),
    ]


@pytest.mark.parametrize(
    ("name", "indicator", "value"),
    [
        ("core-1:cpu:0", "cpu", 0.97),
        ("core-2:Te1", "light", -22.0),
        ("core-2:bgp:192.0.2.1", "flaps", 2.0),
        ("core-4", "battery", 120 / MINUTES),
        ("isp-a:portal", "certificate", 10 * 86_400 + 60),
    ],
)
def test_every_summary_gives_its_value_without_planned_work(
    checklist: Checklist, name: str, indicator: str, value: float
) -> None:
    """Greatest, least, counted, average and last value of the month, each of an object of its own kind."""
    found = row(checklist, name, indicator)
    assert found.value == pytest.approx(value)
    assert found.coverage == 1.0


def test_what_was_measured_the_month_before_and_no_more_is_listed(checklist: Checklist) -> None:
    """A processor that stopped answering is no data, and not forgotten."""
    gone = row(checklist, "core-4:cpu:0", "cpu")
    assert (gone.status, gone.value, gone.device) == (Status.NO_DATA, None, "core-4")


def test_contracts_are_those_on_record(checklist: Checklist) -> None:
    """What was promised is told, what was not stays open; of a link that changed its provider, the last promise."""
    assert checklist.contracts == (
        LinkContract("isp-a", "PT Contoh", 0.995, None, None),
        LinkContract("isp-b", "PT Baru", 0.999, None, None),
    )


def test_planned_work_alone_makes_no_link_bad(checklist: Checklist) -> None:
    """Rates that still look back into a window, also one of the month before, are not counted against the link."""
    link = row(checklist, "isp-b", "loss")
    assert (link.degraded_minutes, link.critical_minutes, link.planned_minutes) == (0, 0, 240)
    assert [incident.planned for incident in link.incidents] == [True, True]
    assert link.status is Status.PLANNED


def test_a_link_that_moved_is_measured_all_month(checklist: Checklist) -> None:
    """What was recorded under two devices covers the month, and the limits are the newest, not the widest."""
    assert row(checklist, "isp-b", "loss").coverage == 1.0
    assert row(checklist, "isp-b", "latency").warning_limit == 0.09


def test_the_inventorys_limits_of_a_month_come_first(checklist: Checklist) -> None:
    """The object's before the site's, a device's for its ports, each limit by itself; one taken back counts no more."""
    limits = {
        (one.object, one.indicator): (one.warning_limit, one.critical_limit)
        for one in checklist.rows
        if one.object in {"isp-a", "isp-b", "core-2:Gi1/0/1", "core-1"}
    }
    assert limits == {
        ("isp-b", "loss"): (0.001, 0.02),
        ("isp-a", "loss"): (0.9, 0.02),
        ("core-2:Gi1/0/1", "utilisation"): (0.7, 0.99),
        ("isp-a", "latency"): (0.1, 0.4),
        ("isp-b", "latency"): (0.09, 0.4),
        ("core-1", "availability"): (0.9995, 0.99),
    }


def test_the_checklist_survives_its_json(checklist: Checklist) -> None:
    """Written, read and written again it is the same, to the byte."""
    text = checklist_to_json(checklist)
    assert checklist_from_json(text) == checklist
    assert checklist_to_json(checklist_from_json(text)) == text


def test_what_is_open_outlives_its_indicator(
    client: PrometheusClient, catalogue: Catalogue, october: Checklist
) -> None:
    """A finding of an indicator that the catalogue no longer has is carried over, and hinders no pull."""
    earlier = replace(october.findings[0], row=replace(october.findings[0].row, indicator="of_old"), since="2026-09")
    period, still_open = parse_month("2026-10", WIB), {("of_old", earlier.row.object): earlier}
    findings = pull_checklist(client, catalogue, period, lambda: NOW, still_open=still_open).findings
    assert (findings[-1].row.indicator, findings[-1].since, findings[-1].is_gone) == ("of_old", "2026-09", True)


def test_a_month_that_is_not_over_is_refused(client: PrometheusClient, catalogue: Catalogue) -> None:
    """Half a month is not judged as a whole one."""
    period = parse_month("2026-10", WIB)
    with pytest.raises(PeriodError, match="not over; it can be pulled from 2026-11-01 00:00 WIB"):
        pull_checklist(client, catalogue, period, lambda: period.end - timedelta(seconds=1))


def test_a_month_without_inventory_is_an_error(client: PrometheusClient, catalogue: Catalogue) -> None:
    """An empty checklist would say that all is well."""
    with pytest.raises(NoEvidence, match=r"no dcnet_inventory_info in 2026-08"):
        pull_checklist(client, catalogue, parse_month("2026-08", WIB), lambda: NOW)


class Listening:
    """The real client, remembering what it was asked."""

    def __init__(self, client: PrometheusClient) -> None:
        self._client = client
        self.asked: list[str] = []

    @property
    def source(self) -> str:
        return self._client.source

    @property
    def warnings(self) -> tuple[str, ...]:
        return self._client.warnings

    def query_at(self, expression: str, at: float) -> Sequence[Sample]:
        self.asked.append(expression)
        return self._client.query_at(expression, at)

    def query_all(self, questions: Sequence[Question]) -> list[Sequence[Sample]]:
        return [self.query_at(*one) for one in questions]

    def fetch_samples(self, selector: str, start: float, end: float, about: float | None = None) -> Sequence[RawSeries]:
        self.asked.append(selector)
        return self._client.fetch_samples(selector, start, end, about)

    def fetch_hourly(self, expression: str, start: float, end: float) -> Sequence[RawSeries]:
        self.asked.append(expression)
        return self._client.fetch_hourly(expression, start, end)


def test_raw_samples_of_many_objects_are_asked_in_pieces(client: PrometheusClient) -> None:
    """How many samples a day's outages are is told: a whole site that was down is no answer of millions of them."""

    class Sized(Listening):
        def __init__(self, client: PrometheusClient) -> None:
            super().__init__(client)
            self.a_second: list[float] = []

        def fetch_samples(
            self, selector: str, start: float, end: float, about: float | None = None
        ) -> Sequence[RawSeries]:
            self.a_second.append((about or 0.0) / (end - start))
            return super().fetch_samples(selector, start, end, about)

    source = Sized(client)
    found = fetch_outages(source, load_catalogue(), parse_month("2026-10", WIB))
    assert Span(*DOWN) in found["device_availability", "core-1"]
    assert source.a_second == [pytest.approx(1 / 30)] * len(source.a_second)


def test_an_hour_that_is_no_number_is_an_hour_without_data(client: PrometheusClient, catalogue: Catalogue) -> None:
    """A finding's chart has no place for NaN, nor has the list's JSON."""

    class Blank(Listening):
        def fetch_hourly(self, expression: str, start: float, end: float) -> Sequence[RawSeries]:
            found = super().fetch_hourly(expression, start, end)
            return [replace(one, points=tuple((at, float("nan")) for at, _value in one.points)) for one in found]

    checklist = pull_checklist(Blank(client), catalogue, parse_month("2026-10", WIB), lambda: NOW)
    assert {hour for one in checklist.series for hour in one.worst} == {None}
    assert checklist_from_json(checklist_to_json(checklist)) == checklist


@dataclass
class Foreign:
    """The real client, and one series more whose labels are not dcnet's."""

    client: PrometheusClient
    series: str
    labels: dict[str, str]
    source: str = "http://prometheus"
    warnings: tuple[str, ...] = ()

    def query_at(self, expression: str, at: float) -> Sequence[Sample]:
        more = [Sample(self.labels, 1.0)] if self.series in expression else []
        return [*self.client.query_at(expression, at), *more]

    def query_all(self, questions: Sequence[Question]) -> list[Sequence[Sample]]:
        return [self.query_at(*one) for one in questions]

    def fetch_samples(self, selector: str, start: float, end: float, about: float | None = None) -> Sequence[RawSeries]:
        more = [RawSeries(self.labels, ((start, 1.0),))] if self.series == selector else []
        return [*self.client.fetch_samples(selector, start, end, about), *more]

    def fetch_hourly(self, expression: str, start: float, end: float) -> Sequence[RawSeries]:
        return self.client.fetch_hourly(expression, start, end)


@pytest.mark.parametrize(
    ("series", "labels", "told"),
    [
        ("dcnet_inventory_info", {"object": "r", "kind": "rack"}, "kind 'rack', expected device, link"),
        ("dcnet_inventory_info", {"kind": "device"}, "without the label object"),
        ("count_over_time(dcnet:indicator[", {"indicator": "loss"}, "without the label object"),
        (
            "dcnet:indicator_threshold",
            {"indicator": "loss", "object": "isp-a", "severity": "page"},
            "severity 'page', expected warning, critical",
        ),
        ("dcnet:degraded", {"indicator": "loss", "object": "isp-a", "severity": "page"}, "severity 'page'"),
        ("dcnet_maintenance", {"window": "W"}, "without the label object"),
        ("dcnet_link_rtt_seconds_bucket", {"link": "isp-a", "le": "many"}, "le 'many', expected a number"),
    ],
)
def test_a_foreign_series_is_named(
    client: PrometheusClient, catalogue: Catalogue, series: str, labels: dict[str, str], told: str
) -> None:
    """Series under dcnet's names with other labels end the pull with the series and what is wrong with it."""
    with pytest.raises(SopctlError) as caught:
        pull_checklist(Foreign(client, series, labels), catalogue, parse_month("2026-10", WIB), lambda: NOW)
    assert told in str(caught.value)
    assert all(f"{name}={value!r}" in str(caught.value) for name, value in labels.items())


def test_questions_do_not_grow_with_the_fleet(client: PrometheusClient, catalogue: Catalogue) -> None:
    """No question names an object, but those for findings' charts and for what lay in planned work."""
    listening = Listening(client)
    checklist = pull_checklist(listening, catalogue, parse_month("2026-10", WIB), lambda: NOW)
    charted = {
        worst_of_hour(
            catalogue.by_id()[name], [one.row.object for one in checklist.findings if one.row.indicator == name]
        )
        for name in {one.row.indicator for one in checklist.findings}
    }
    assert charted <= set(listening.asked)
    others = "\n".join(set(listening.asked) - charted).replace("\\", "")
    named = {one.name for one in checklist.objects if re.search(rf"(?<![\w-]){one.name}(?![\w-])", others)}
    assert named == {"core-2", "isp-a", "isp-b"}
