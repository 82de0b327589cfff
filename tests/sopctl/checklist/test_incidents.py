"""Incidents and planned work from raw samples."""

from datetime import datetime
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dcnet.catalogue import Severity
from sopctl.checklist.incidents import BadTime, find_incidents, read_degraded
from sopctl.checklist.month_window import parse_month
from sopctl.checklist.planned_time import PlannedTime, Span, device_of, merge_spans, outside, read_windows
from sopctl.checklist.samples import RawSeries

WIB = ZoneInfo("Asia/Jakarta")
OCTOBER = parse_month("2026-10", WIB)
START, END = OCTOBER.start.timestamp(), OCTOBER.end.timestamp()
WARNING, CRITICAL = Severity.WARNING, Severity.CRITICAL


def minute(number: float) -> float:
    return START + 60 * number


def recorded(*numbers: float, critical: tuple[float, ...] = ()) -> BadTime:
    """What `dcnet:degraded` tells with samples at these minutes of the month."""
    labels = {"indicator": "loss", "object": "isp-a"}
    series = [
        RawSeries({**labels, "severity": severity.value}, tuple((minute(number), 1.0) for number in many))
        for severity, many in ((WARNING, numbers), (CRITICAL, critical))
    ]
    return read_degraded(series)["loss", "isp-a"]


def told(bad: BadTime, *planned: Span, pause: float = 0) -> list[tuple[float, float, Severity, bool]]:
    """Incidents as (first minute, last minute, severity, planned)."""
    return [
        ((one.start.timestamp() - START) / 60, (one.end.timestamp() - START) / 60, one.severity, one.planned)
        for one in find_incidents(bad, planned, OCTOBER, 60 * pause).incidents
    ]


def test_samples_in_a_row_are_one_incident() -> None:
    """From the first sample to one interval past the last."""
    assert told(recorded(5, 6, 7)) == [(5, 8, WARNING, False)]


def test_a_missed_evaluation_ends_an_incident() -> None:
    """A step of two intervals is a gap; one of one and a half is not."""
    assert told(recorded(5, 7)) == [(5, 6, WARNING, False), (7, 8, WARNING, False)]
    assert told(recorded(5, 6.5)) == [(5, 7.5, WARNING, False)]


def test_an_incident_is_as_bad_as_its_worst_minute() -> None:
    """One critical minute makes it critical, and is counted as one."""
    bad = recorded(5, 6, 7, critical=(6,))
    assert told(bad) == [(5, 8, CRITICAL, False)]
    found = find_incidents(bad, (), OCTOBER)
    assert (found.degraded_minutes, found.critical_minutes) == (3, 1)


def test_an_incident_ends_with_the_month() -> None:
    """The last minute's interval does not reach into November, and samples outside of October do not count."""
    last = (END - START) / 60 - 0.5
    found = find_incidents(recorded(-2, last, last + 1), (), OCTOBER)
    assert [(one.start.timestamp(), one.end) for one in found.incidents] == [(END - 30, OCTOBER.end)]
    assert found.degraded_minutes == 0.5


def test_planned_work_divides_an_incident() -> None:
    """What goes on before and after the window is counted; what lies within is told as planned."""
    bad = recorded(*range(20))
    assert told(bad, Span(minute(5), minute(15))) == [
        (0, 5, WARNING, False),
        (5, 15, WARNING, True),
        (15, 20, WARNING, False),
    ]
    assert find_incidents(bad, (Span(minute(5), minute(15)),), OCTOBER).degraded_minutes == 10


def test_a_short_pause_does_not_end_an_incident() -> None:
    """Blips closer together than the set length are one incident, its pauses told and not counted as minutes."""
    bad = recorded(5, 6, 10, 20)
    assert told(bad, pause=5) == [(5, 11, WARNING, False), (20, 21, WARNING, False)]
    found = find_incidents(bad, (), OCTOBER, 300)
    assert [(one.stretches, one.pause_seconds) for one in found.incidents] == [(2, 180), (1, 0)]
    assert found.degraded_minutes == 4
    assert told(bad, pause=3) == [(5, 7, WARNING, False), (10, 11, WARNING, False), (20, 21, WARNING, False)]


def test_planned_work_between_two_blips_keeps_them_apart() -> None:
    """What lies before and after a window is not one incident, however short the window."""
    assert told(recorded(5, 8), Span(minute(6), minute(8)), pause=5) == [(5, 6, WARNING, False), (8, 9, WARNING, False)]


@given(st.sets(st.integers(0, 300)), st.integers(0, 300), st.integers(0, 300), st.integers(0, 20))
def test_minutes_are_those_of_the_incidents(numbers: set[int], first: int, length: int, pause: int) -> None:
    """Whatever happens when: the incidents outside planned work, without their pauses, are the minutes counted."""
    window = Span(minute(first), minute(first + length))
    found = find_incidents(recorded(*sorted(numbers)), (window,), OCTOBER, 60 * pause)
    minutes = sum((one.seconds - one.pause_seconds) / 60 for one in found.incidents if not one.planned)
    assert minutes == pytest.approx(found.degraded_minutes)
    assert found.degraded_minutes == sum(not first <= number < first + length for number in numbers)


def test_two_series_of_one_object_count_once() -> None:
    """A link that moved to another device, or a pair of Prometheus, does not double the minutes."""
    labels = {"indicator": "loss", "object": "isp-a"}
    series = [
        RawSeries({**labels, "severity": "critical", "device": "a"}, ((minute(1), 1.0),)),
        RawSeries({**labels, "severity": "warning", "device": "a"}, ((minute(1), 1.0), (minute(2), 1.0))),
        RawSeries({**labels, "severity": "warning", "device": "b"}, ((minute(1) + 7, 1.0),)),
    ]
    found = find_incidents(read_degraded(series)["loss", "isp-a"], (), OCTOBER)
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
    (incident,) = find_incidents(recorded(0), (), OCTOBER).incidents
    assert incident.start.isoformat() == datetime(2026, 10, 1, tzinfo=WIB).isoformat()
