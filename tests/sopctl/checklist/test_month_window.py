"""Months in the site's time zone."""

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from sopctl.checklist.month_window import PeriodError, evaluation_time, parse_month, previous_month, require_over

WIB = ZoneInfo("Asia/Jakarta")


@pytest.mark.parametrize(
    ("text", "zone", "start", "end", "seconds"),
    [
        ("2026-10", "Asia/Jakarta", "2026-10-01T00:00:00+07:00", "2026-11-01T00:00:00+07:00", 31 * 86400),
        ("2026-12", "Asia/Jayapura", "2026-12-01T00:00:00+09:00", "2027-01-01T00:00:00+09:00", 31 * 86400),
        ("2028-02", "Asia/Makassar", "2028-02-01T00:00:00+08:00", "2028-03-01T00:00:00+08:00", 29 * 86400),
        # Clocks change within these two: the month is an hour longer, and shorter.
        ("2026-10", "Europe/Berlin", "2026-10-01T00:00:00+02:00", "2026-11-01T00:00:00+01:00", 31 * 86400 + 3600),
        ("2026-03", "Europe/Berlin", "2026-03-01T00:00:00+01:00", "2026-04-01T00:00:00+02:00", 31 * 86400 - 3600),
    ],
)
def test_a_month_is_that_of_the_sites_calendar(text: str, zone: str, start: str, end: str, seconds: int) -> None:
    """From midnight to midnight there, however long that is."""
    period = parse_month(text, ZoneInfo(zone))
    assert (period.start.isoformat(), period.end.isoformat(), period.seconds) == (start, end, seconds)
    assert period.name == text


@pytest.mark.parametrize(
    "text", ["2026-13", "2026-00", "2026-1", "26-10", "2026-10-01", " 2026-10", "٢٠٢٦-10", "9999-12", ""]
)
def test_what_is_no_month_is_refused(text: str) -> None:
    """The message shows the form."""
    with pytest.raises(PeriodError, match="expected YEAR-MONTH, for example 2026-10"):
        parse_month(text, WIB)


def test_the_month_before_january_is_december() -> None:
    """Of the year before, in the same zone."""
    before = previous_month(parse_month("2026-01", WIB))
    assert (before.name, before.end) == ("2025-12", datetime(2026, 1, 1, tzinfo=WIB))


def test_a_month_is_over_at_its_last_midnight() -> None:
    """Not a second before."""
    period = parse_month("2026-10", WIB)
    require_over(period, period.end)
    with pytest.raises(PeriodError, match="month 2026-10 is not over"):
        require_over(period, period.end - timedelta(seconds=1))


def test_a_range_is_evaluated_a_millisecond_before_its_end() -> None:
    """The sample at the end belongs to the next range."""
    assert evaluation_time(1000.0) == pytest.approx(999.999)
