"""Incidents and planned work from raw samples."""

from datetime import datetime
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dcnet.catalogue import Severity
from sopctl.checklist.incidents import find_incidents, read_degraded
from sopctl.checklist.month_window import parse_month
from sopctl.checklist.planned_time import PlannedTime, Span, device_of, merge_spans, outside, read_windows
from sopctl.checklist.samples import RawSeries

WIB = ZoneInfo("Asia/Jakarta")
OCTOBER = parse_month("2026-10", WIB)
START, END = OCTOBER.start.timestamp(), OCTOBER.end.timestamp()
WARNING, CRITICAL = Severity.WARNING, Severity.CRITICAL


def minute(number: float) -> float:
    return START + 60 * number


def warning_at(*numbers: float) -> dict[float, Severity]:
    return {minute(number): WARNING for number in numbers}


def told(instants: dict[float, Severity], *planned: Span) -> list[tuple[float, float, Severity, bool]]:
    """Incidents as (first minute, last minute, severity, planned)."""
    return [
        ((one.start.timestamp() - START) / 60, (one.end.timestamp() - START) / 60, one.severity, one.planned)
        for one in find_incidents(instants, planned, OCTOBER).incidents
    ]


def test_samples_in_a_row_are_one_incident() -> None:
    """From the first sample to one interval past the last."""
    assert told(warning_at(5, 6, 7)) == [(5, 8, WARNING, False)]


def test_a_missed_evaluation_ends_an_incident() -> None:
    """A step of two intervals is a gap; one of one and a half is not."""
    assert told(warning_at(5, 7)) == [(5, 6, WARNING, False), (7, 8, WARNING, False)]
    assert told(warning_at(5, 6.5)) == [(5, 7.5, WARNING, False)]


def test_an_incident_is_as_bad_as_its_worst_minute() -> None:
    """One critical minute makes it critical, and is counted as one."""
    instants = warning_at(5, 6, 7) | {minute(6): CRITICAL}
    assert told(instants) == [(5, 8, CRITICAL, False)]
    found = find_incidents(instants, (), OCTOBER)
    assert (found.degraded_minutes, found.critical_minutes) == (3, 1)


def test_an_incident_ends_with_the_month() -> None:
    """The last minute's interval does not reach into November, and samples outside of October do not count."""
    last = END - 30
    found = find_incidents({START - 60: WARNING, last: WARNING, END: WARNING}, (), OCTOBER)
    assert [(one.start.timestamp(), one.end) for one in found.incidents] == [(last, OCTOBER.end)]
    assert found.degraded_minutes == 1


def test_planned_work_divides_an_incident() -> None:
    """What goes on before and after the window is counted; what lies within is told as planned."""
    instants = warning_at(*range(20))
    assert told(instants, Span(minute(5), minute(15))) == [
        (0, 5, WARNING, False),
        (5, 15, WARNING, True),
        (15, 20, WARNING, False),
    ]
    assert find_incidents(instants, (Span(minute(5), minute(15)),), OCTOBER).degraded_minutes == 10


@given(st.sets(st.integers(0, 300)), st.integers(0, 300), st.integers(0, 300))
def test_minutes_are_those_of_the_incidents(numbers: set[int], first: int, length: int) -> None:
    """Whatever happens when: the incidents outside planned work add up to the minutes counted."""
    window = Span(minute(first), minute(first + length))
    found = find_incidents(warning_at(*numbers), (window,), OCTOBER)
    minutes = sum((one.end - one.start).total_seconds() / 60 for one in found.incidents if not one.planned)
    assert minutes == found.degraded_minutes


def test_two_series_of_one_object_count_once() -> None:
    """A link that moved to another device, or a pair of Prometheus, does not double the minutes."""
    labels = {"indicator": "loss", "object": "isp-a"}
    series = [
        RawSeries({**labels, "severity": "critical", "device": "a"}, ((minute(1), 1.0),)),
        RawSeries({**labels, "severity": "warning", "device": "a"}, ((minute(1), 1.0), (minute(2), 1.0))),
        RawSeries({**labels, "severity": "warning", "device": "b"}, ((minute(1) + 7, 1.0),)),
    ]
    instants = read_degraded(series)[("loss", "isp-a")]
    assert instants[minute(1)] is CRITICAL
    found = find_incidents(instants, (), OCTOBER)
    assert (found.degraded_minutes, found.critical_minutes, len(found.incidents)) == (2, 1, 1)


def maintenance(*times: float) -> RawSeries:
    return RawSeries({"object": "core-2", "window": "W"}, tuple((START + time, 1.0) for time in times))


@pytest.mark.parametrize(
    ("times", "expected"),
    [
        pytest.param((13, 43, 73), [(0, 120)], id="edges are the minutes around"),
        pytest.param((0, 300), [(0, 360)], id="five minutes apart is one window"),
        pytest.param((0, 301), [(0, 60), (300, 360)], id="more is two"),
        pytest.param((), [], id="none"),
    ],
)
def test_windows_are_read_from_samples(times: tuple[float, ...], expected: list[tuple[float, float]]) -> None:
    """The scrape interval is not known: samples close to each other are one window."""
    found = read_windows([maintenance(*times)], Span(START, END))
    assert [(one.span.start - START, one.span.end - START) for one in found.windows] == expected


def test_a_device_lends_its_window_to_what_it_carries() -> None:
    """Its interfaces and the link on it are in planned work with it; another device is not."""
    planned: PlannedTime = read_windows([maintenance(0)], Span(START, END))
    carriers = {"isp-a": "core-2"}

    def covered(name: str) -> bool:
        return bool(planned.spans_of(name, device_of(name, carriers)))

    assert covered("core-2")
    assert covered("core-2:Gi1/0/1")
    assert covered("core-2:bgp:192.0.2.1")
    assert covered("isp-a")
    assert covered("isp-a:portal")
    assert not covered("core-20")
    assert not covered("isp-b")


def test_a_links_own_window_covers_its_probes() -> None:
    """What was announced for the link is no fault of a service behind it."""
    work = RawSeries({"object": "isp-b", "window": "W"}, ((START, 1.0),))
    planned = read_windows([work], Span(START, END))
    assert planned.spans_of("isp-b:portal", device_of("isp-b:portal", {"isp-b": "core-1"}))


Spans = st.lists(
    st.tuples(st.integers(-5, 40), st.integers(0, 15)).map(lambda pair: Span(pair[0], sum(pair))), max_size=6
)


@given(Spans)
def test_planned_time_and_the_rest_make_the_month(spans: list[Span]) -> None:
    """Every second of the month is either in planned work or outside of it, never both."""
    month = Span(0, 30)
    rest = outside(month, merge_spans(spans))
    for second in range(30):
        assert any(span.holds(second) for span in rest) != any(span.holds(second) for span in spans)


def test_a_months_times_are_the_sites() -> None:
    """An incident is told in the zone of the month."""
    (incident,) = find_incidents(warning_at(0), (), OCTOBER).incidents
    assert incident.start.isoformat() == datetime(2026, 10, 1, tzinfo=WIB).isoformat()
