"""The calendar month as a stretch of time in the site's zone, and where its queries are evaluated.

Pure; the time of day is passed in.
"""

import re
from datetime import MAXYEAR, datetime
from zoneinfo import ZoneInfo

from dcnet.errors import PublicError
from dcnet.language import Words
from sopctl.model import Period

BEFORE_END_SECONDS = 0.001
"""A range `[D]` evaluated this long before the end holds exactly the samples of [start, end).

Prometheus 2 includes both ends of a range and Prometheus 3 leaves its beginning out; samples are stamped
in whole milliseconds.
"""

DECEMBER = 12


class PeriodError(PublicError):
    """A text that names no month, or a month that cannot be reported yet."""

    exit_code = 2


def parse_month(text: str, zone: ZoneInfo) -> Period:
    """The month `YYYY-MM` in `zone`. Raises PeriodError."""
    found = re.fullmatch(r"(\d{4})-(0[1-9]|1[0-2])", text, re.ASCII)
    # The month before year 1 and the one after year 9999 cannot be told in datetime.
    if found is None or not 1 < int(found[1]) < MAXYEAR:
        raise PeriodError(
            Words(
                f"bulan {text!r} tidak dikenal; seharusnya TAHUN-BULAN, misalnya 2026-10",
                f"unknown month {text!r}; expected YEAR-MONTH, for example 2026-10",
            )
        )
    return _month(int(found[1]), int(found[2]), zone)


def previous_month(period: Period) -> Period:
    """The month before `period`, in the same zone."""
    first = period.start
    zone = zone_of(period)
    return _month(first.year - 1, DECEMBER, zone) if first.month == 1 else _month(first.year, first.month - 1, zone)


def zone_of(period: Period) -> ZoneInfo:
    """The site's time zone."""
    zone = period.start.tzinfo
    if not isinstance(zone, ZoneInfo):
        raise TypeError(f"period {period.name} carries {zone!r} in place of a ZoneInfo")
    return zone


def require_over(period: Period, now: datetime) -> None:
    """Raise PeriodError while `period` is not over: half a month must not be judged as a whole one."""
    if now < period.end:
        end = period.end.strftime("%Y-%m-%d %H:%M %Z")
        raise PeriodError(
            Words(
                f"bulan {period.name} belum selesai; data dapat ditarik mulai {end}",
                f"month {period.name} is not over; it can be pulled from {end} on",
            )
        )


def evaluation_time(end: float) -> float:
    """Where to evaluate a range that ends at `end` (both seconds since the epoch)."""
    return end - BEFORE_END_SECONDS


def _month(year: int, month: int, zone: ZoneInfo) -> Period:
    following = (year + 1, 1) if month == DECEMBER else (year, month + 1)
    return Period(
        name=f"{year:04}-{month:02}",
        start=datetime(year, month, 1, tzinfo=zone),
        end=datetime(*following, 1, tzinfo=zone),
    )
