"""Which hours the rollups tell, and that they and the rest are the whole stretch, once."""

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dcnet.catalogue import DAY_DELAY_SECONDS
from sopctl.checklist.planned_time import Span
from sopctl.checklist.rollups import HOUR, NO_ROLLUPS, Rollups, read_rollups
from sopctl.checklist.samples import RawSeries

FIRST = 1_700_000_123.456


def hourly(*numbers: float) -> Rollups:
    return Rollups(tuple(round(FIRST + number * HOUR, 3) for number in numbers))


def test_hours_in_a_row_are_one_run() -> None:
    """From the first sample of the first hour to the last one of the last; what remains is less than an hour a side."""
    day = Span(FIRST - 2.5 * HOUR, FIRST + 2.25 * HOUR)
    cover = hourly(-1, 0, 1, 2, 3).cover(day)
    (run,) = cover.runs
    assert (run.first, run.last, run.hours, run.suffix) == (
        round(FIRST - HOUR, 3),
        round(FIRST + 2 * HOUR, 3),
        4,
        "1h",
    )
    assert [round(one.length) for one in cover.rest] == [1800, 900]
    assert 3 * HOUR <= run.range_seconds < 4 * HOUR


def test_whole_days_are_told_by_the_day() -> None:
    """Hours beside the days stay hours; a day that misses one, or ends outside, is told by its hours."""
    hours = [FIRST + number * HOUR for number in range(1, 101)]
    days = [FIRST + DAY_DELAY_SECONDS + 60 + number * 24 * HOUR for number in range(6)]
    span = Span(FIRST, FIRST + 100 * HOUR + 0.001)
    told = [(run.suffix, run.hours) for run in Rollups(tuple(hours), tuple(days)).cover(span).runs]
    assert told == [("1d", 96), ("1h", 4)]
    later = Span(FIRST + 10 * HOUR, FIRST + 100 * HOUR + 0.001)
    told = [(run.suffix, run.hours) for run in Rollups(tuple(hours), tuple(days)).cover(later).runs]
    assert told == [("1h", 14), ("1d", 72), ("1h", 4)]
    missing = [at for at in hours if at != hours[30]]
    told = [(run.suffix, run.hours) for run in Rollups(tuple(missing), tuple(days)).cover(span).runs]
    assert told == [("1d", 24), ("1h", 5), ("1h", 16), ("1d", 48), ("1h", 4)]


def test_no_range_holds_what_is_told_elsewhere() -> None:
    """Hours and days of two minutes of the hour, mixed: the ranges asked for hold those that count, and no others."""
    hours = sorted(
        [FIRST + number * HOUR for number in range(60)] + [FIRST + number * HOUR + 900 for number in (7, 40)]
    )
    days = sorted([FIRST + number * 24 * HOUR for number in range(3)] + [FIRST + 24 * HOUR + 5000])
    rollups = Rollups(tuple(hours), tuple(days))
    for run in rollups.cover(Span(FIRST, FIRST + 60 * HOUR)).runs:
        instants = hours if run.suffix == "1h" else days
        held = [at for at in instants if run.at - run.range_seconds <= at <= run.at]
        assert len(held) * (1 if run.suffix == "1h" else 24) == run.hours


def test_a_missed_hour_is_asked_of_the_samples() -> None:
    """Where the recording stood still, the samples of that time are asked, and of an hour on each side."""
    cover = hourly(1, 2, 5, 6, 7).cover(Span(round(FIRST + 0.001, 3), FIRST + 9 * HOUR))
    assert [(run.first, run.last) for run in cover.runs] == [
        (round(FIRST + a * HOUR, 3), round(FIRST + b * HOUR, 3)) for a, b in ((1, 1), (6, 6))
    ]
    assert [round(one.length / HOUR, 2) for one in cover.rest] == [4.0, 3.0]


def test_an_hour_that_overlaps_another_is_left_out() -> None:
    """After the recording moved to another minute, the hour that is partly told already is asked of the samples.

    So is the one after it, whose growth may be counted from before.
    """
    cover = hourly(1, 2, 2.4, 3.4, 4.4).cover(Span(FIRST, FIRST + 5 * HOUR))
    assert [(run.first, run.last) for run in cover.runs] == [
        (round(FIRST + a * HOUR, 3), round(FIRST + b * HOUR, 3)) for a, b in ((1, 1), (4.4, 4.4))
    ]


@given(
    st.lists(st.floats(0, 40) | st.integers(0, 60), max_size=60).map(sorted), st.floats(-2, 20), st.floats(0.001, 20)
)
def test_every_instant_is_told_once(numbers: list[float], start: float, length: float) -> None:
    """Whatever was recorded when: runs and rest lie in the stretch, do not overlap, and leave nothing out."""
    begin = round(FIRST + start * HOUR, 3)
    span = Span(begin, round(begin + length * HOUR, 3))
    hours = tuple(sorted({round(FIRST + number * HOUR, 3) for number in numbers}))
    cover = Rollups(hours, hours[::5]).cover(span)
    parts = sorted((*(run.span for run in cover.runs), *cover.rest))
    assert parts[0].start == pytest.approx(span.start, abs=0.002)
    assert parts[-1].end == pytest.approx(span.end, abs=0.002)
    for one, following in pairwise(parts):
        assert one.end == pytest.approx(following.start, abs=0.002)
    assert all(run.span.start >= span.start - 0.0005 for run in cover.runs)
    assert all(run.last < span.end for run in cover.runs if run.suffix == "1h")


def test_without_rollups_everything_is_asked() -> None:
    """A store that never recorded any is asked for its samples."""
    assert NO_ROLLUPS.cover(Span(0.0, 7200.0)).rest == (Span(0.0, 7200.0),)
    assert read_rollups([], []) == NO_ROLLUPS


def test_a_pair_counts_while_it_agrees() -> None:
    """Two Prometheus with the same rules record at the same instant; where they do not, nothing could be added up."""
    hours = [FIRST + number * HOUR for number in range(20)]

    def series(replica: str, shift: float) -> RawSeries:
        return RawSeries({"replica": replica}, tuple((round(at + shift, 3), 1.0) for at in hours))

    assert len(read_rollups([series("a", 0), series("b", 0)], []).hours) == 20
    assert read_rollups([series("a", 0), series("b", 700)], []) == NO_ROLLUPS
