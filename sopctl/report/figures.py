"""Figures as people read them: percent, milliseconds, dates and durations in the report's language.

Pure formatting. A rounding must not change what a figure says: a value that is not 100 % never reads so,
and a value past its limit never reads like the limit.
"""

from collections.abc import Sequence
from datetime import date, datetime
from typing import assert_never

from babel.dates import format_date
from babel.numbers import format_decimal

from dcnet.catalogue import Unit
from dcnet.language import Language, Words

ABSENT = "–"
MOST_DECIMALS = 6
MINUTES_AN_HOUR = 60
MINUTES_A_DAY = 1440
PERCENT = 100
MILLISECONDS = 1000

_LOCALES = {Language.INDONESIAN: "id_ID", Language.ENGLISH: "en_GB"}


def format_number(value: float, decimals: int, language: Language) -> str:
    """`1234.5` with two decimals as `1.234,50` (Indonesian) or `1,234.50`."""
    pattern = "#,##0" + ("." + "0" * decimals if decimals else "")
    return format_decimal(value, format=pattern, locale=_LOCALES[language])


def format_value(value: float | None, unit: Unit, language: Language, apart_from: Sequence[float | None] = ()) -> str:
    """`value` in its unit with as many decimals as it takes to differ from whatever it is not.

    That is 0 and 100 % for a ratio, and every figure of `apart_from`. None reads as a dash.
    """
    if value is None:
        return ABSENT
    match unit:
        case Unit.RATIO:
            scale, decimals, suffix = PERCENT, 2, "%"
        case Unit.SECONDS:
            in_seconds = abs(value) >= 1
            scale, decimals, suffix = (1, 2, "s") if in_seconds else (MILLISECONDS, 1, "ms")
        case _:
            assert_never(unit)
    others = [
        other * scale for other in (*apart_from, 0.0, *([1.0] if unit is Unit.RATIO else [])) if other is not None
    ]
    shown = value * scale
    while decimals < MOST_DECIMALS and any(
        round(other, decimals) == round(shown, decimals) and abs(other - shown) > 10**-MOST_DECIMALS for other in others
    ):
        decimals += 1
    # Not broken between the number and its unit.
    return f"{format_number(shown, decimals, language)}\u00a0{suffix}"


def format_limit(limit: float | None, unit: Unit, language: Language) -> str:
    """A limit without idle zeros: `99,9 %`, `0,01 %`, `100 ms`."""
    if limit is None:
        return ABSENT
    scale, suffix = (PERCENT, "%") if unit is Unit.RATIO else (MILLISECONDS, "ms") if abs(limit) < 1 else (1, "s")
    number = format_decimal(limit * scale, format="#,##0." + "#" * MOST_DECIMALS, locale=_LOCALES[language])
    return f"{number}\u00a0{suffix}"


def format_day(day: date, language: Language) -> str:
    """`8 Februari 2026`."""
    return format_date(day, "d MMMM y", locale=_LOCALES[language])


def format_month(day: date, language: Language) -> str:
    """`Oktober 2026`."""
    return format_date(day, "MMMM y", locale=_LOCALES[language])


def format_instant(instant: datetime, language: Language) -> str:
    """`5 Okt 2026 10.00`, in the zone that `instant` carries."""
    clock = instant.strftime("%H.%M" if language is Language.INDONESIAN else "%H:%M")
    return f"{format_date(instant.date(), 'd MMM y', locale=_LOCALES[language])} {clock}"


def format_minutes(minutes: int, language: Language) -> str:
    """`1 hari 3 jam`, `2 jam 5 menit`, `40 menit`: the two greatest units that are not nought."""
    days, rest = divmod(minutes, MINUTES_A_DAY)
    hours, left = divmod(rest, MINUTES_AN_HOUR)
    units = [
        (days, Words("hari", "day" if days == 1 else "days")),
        (hours, Words("jam", "hour" if hours == 1 else "hours")),
        (left, Words("menit", "minute" if left == 1 else "minutes")),
    ]
    told = [f"{amount}\u00a0{unit.in_language(language)}" for amount, unit in units if amount]
    return " ".join(told[:2]) if told else f"0\u00a0{units[-1][1].in_language(language)}"
