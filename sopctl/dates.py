"""Dates, times and spans in words, for messages.

Owns the few words that a message needs; the report's typography is the renderer's. Babel would do the
same at ten times the start-up time of a command.
"""

from datetime import date, datetime, timedelta, tzinfo

from dcnet.language import Words

MONTHS_ID = (
    "Januari Februari Maret April Mei Juni Juli Agustus September Oktober November Desember".split()  # noqa: SIM905
)
MONTHS_EN = (
    "January February March April May June July August September October November December".split()  # noqa: SIM905
)
ROMAN_MONTHS = ("I", "II", "III", "IV", "V", "VI", "VII", "VIII", "IX", "X", "XI", "XII")
MINUTES_OF_AN_HOUR = 60
HOURS_OF_TWO_DAYS = 48


def day_in_words(day: date) -> Words:
    """`1 November 2026` in both languages."""
    return Words(f"{day.day} {MONTHS_ID[day.month - 1]} {day.year}", f"{day.day} {MONTHS_EN[day.month - 1]} {day.year}")


def month_in_words(moment: datetime) -> Words:
    """`Oktober 2026` / `October 2026`."""
    return Words(f"{MONTHS_ID[moment.month - 1]} {moment.year}", f"{MONTHS_EN[moment.month - 1]} {moment.year}")


def moment_in_words(moment: datetime, zone: tzinfo) -> Words:
    """`1 November 2026 pukul 09.12 WIB` / `1 November 2026 09:12 WIB`, in `zone`."""
    local = moment.astimezone(zone)
    day = day_in_words(local.date())
    return Words(f"{day.id} pukul {local:%H.%M} {local:%Z}", f"{day.en} {local:%H:%M} {local:%Z}")


def short_moment(moment: datetime, zone: tzinfo) -> str:
    """`2026-11-01 09:12`, for tables; both languages."""
    return f"{moment.astimezone(zone):%Y-%m-%d %H:%M}"


def span_in_words(span: timedelta) -> Words:
    """A span in its largest fitting unit: minutes below an hour, hours below two days, then days."""
    minutes = max(0, int(span.total_seconds() // 60))
    if minutes < MINUTES_OF_AN_HOUR:
        return Words(f"{minutes} menit", f"{minutes} minute{'' if minutes == 1 else 's'}")
    hours = minutes // MINUTES_OF_AN_HOUR
    if hours < HOURS_OF_TWO_DAYS:
        return Words(f"{hours} jam", f"{hours} hour{'' if hours == 1 else 's'}")
    return Words(f"{hours // 24} hari", f"{hours // 24} days")
