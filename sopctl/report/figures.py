"""Figures as people read them: percent, milliseconds, dates and durations in the report's language.

Pure formatting. A rounding must not change what a figure says: a value that is not 100 % never reads so,
and a value past its limit never reads like the limit.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from functools import lru_cache
from typing import assert_never

from babel.dates import format_date
from babel.numbers import format_decimal

from dcnet.catalogue import Unit
from dcnet.language import Language, Words

ABSENT = "–"
MOST_DECIMALS = 6
TEN = 10
SECONDS_A_MINUTE, SECONDS_AN_HOUR, SECONDS_A_DAY = 60, 3600, 86_400
TOLD_IN_GREATER_UNITS = 2
"""So many of the next unit of time and more are told in it: 90 seconds, but 2 minutes."""

_LOCALES = {Language.INDONESIAN: "id_ID", Language.ENGLISH: "en_GB"}


def format_number(value: float, decimals: int, language: Language) -> str:
    """`1234.5` with two decimals as `1.234,50` (Indonesian) or `1,234.50`."""
    return _formatted(value, "#,##0" + ("." + "0" * decimals if decimals else ""), language)


@lru_cache(maxsize=4096)
def _formatted(value: float, pattern: str, language: Language) -> str:
    # Most of a long checklist's figures are noughts, limits and whole shares. Nought has no sign, whoever asked first.
    return format_decimal(value + 0.0, format=pattern, locale=_LOCALES[language])


@dataclass(frozen=True, slots=True)
class _Form:
    """How a figure is written: times `factor`, with at least `decimals`, then `suffix`."""

    factor: float
    decimals: int
    suffix: Words


def _form(value: float, unit: Unit) -> _Form:
    match unit:
        case Unit.RATIO | Unit.STATE:
            return _Form(100, 2, Words("%", "%"))
        case Unit.COUNT:
            return _Form(1, 0 if value == round(value) else 2, Words("", ""))
        case Unit.SECONDS:
            return _form_of_time(abs(value))
        case Unit.CELSIUS:
            return _Form(1, 1, Words("°C", "°C"))
        case Unit.DECIBELS:
            return _Form(1, 1, Words("dB", "dB"))
        case Unit.DBM:
            return _Form(1, 1, Words("dBm", "dBm"))
        case Unit.BYTES:
            return _Form(1, 0, Words("byte", "bytes"))
        case _:
            assert_never(unit)


def _form_of_time(seconds: float) -> _Form:
    if seconds < 1:
        return _Form(1000, 1, Words("ms", "ms"))
    for length, words in (
        (SECONDS_A_DAY, Words("hari", "days")),
        (SECONDS_AN_HOUR, Words("jam", "hours")),
        (SECONDS_A_MINUTE, Words("menit", "minutes")),
    ):
        if seconds >= TOLD_IN_GREATER_UNITS * length:
            return _Form(1 / length, 1, words)
    return _Form(1, 2, Words("s", "s"))


def shown_factor(value: float, unit: Unit) -> float:
    """By how much a figure near `value` is multiplied to be shown: 100 for percent, 1/3600 for hours."""
    return _form(value, unit).factor


def format_value(value: float | None, unit: Unit, language: Language, apart_from: Sequence[float | None] = ()) -> str:
    """`value` in its unit with as many decimals as it takes to differ from whatever it is not.

    That is 0, 100 % for a ratio, and every figure of `apart_from`. None reads as a dash.
    """
    if value is None:
        return ABSENT
    form = _form(value, unit)
    decimals = form.decimals
    others = [
        other * form.factor for other in (*apart_from, 0.0, *([1.0] if unit is Unit.RATIO else [])) if other is not None
    ]
    shown = value * form.factor
    while decimals < MOST_DECIMALS and any(
        round(other, decimals) == round(shown, decimals) and abs(other - shown) > 10**-MOST_DECIMALS for other in others
    ):
        decimals += 1
    return _with_suffix(format_number(shown, decimals, language), form, language)


def format_limit(limit: float | None, unit: Unit, language: Language) -> str:
    """A limit without idle zeros: `99,9 %`, `0,01 %`, `100 ms`, `14 hari`."""
    if limit is None:
        return ABSENT
    form = _form(limit, unit)
    # Through a rounded figure: 86,400 times 1/86,400 is not always 1.
    shown = round(limit * form.factor, MOST_DECIMALS)
    return _with_suffix(_formatted(shown, "#,##0." + "#" * MOST_DECIMALS, language), form, language)


def _with_suffix(number: str, form: _Form, language: Language) -> str:
    # Not broken between the number and its unit.
    return f"{number}\u00a0{form.suffix.in_language(language)}".rstrip("\u00a0")


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


def format_minutes(minutes: float, language: Language) -> str:
    """`1 hari 3 jam`, `2 jam 5 menit`, `12 menit 30 detik`: the two greatest units that are not nought.

    Seconds are told below an hour only.
    """
    seconds = round(minutes * SECONDS_A_MINUTE)
    if seconds >= SECONDS_AN_HOUR:
        seconds = round(seconds / SECONDS_A_MINUTE) * SECONDS_A_MINUTE
    days, rest = divmod(seconds, SECONDS_A_DAY)
    hours, rest = divmod(rest, SECONDS_AN_HOUR)
    whole, left = divmod(rest, SECONDS_A_MINUTE)
    units = [
        (days, Words("hari", "day" if days == 1 else "days")),
        (hours, Words("jam", "hour" if hours == 1 else "hours")),
        (whole, Words("menit", "minute" if whole == 1 else "minutes")),
        (left, Words("detik", "second" if left == 1 else "seconds")),
    ]
    told = [f"{amount}\u00a0{unit.in_language(language)}" for amount, unit in units if amount]
    return " ".join(told[:2]) if told else f"0\u00a0{units[2][1].in_language(language)}"


def format_minutes_cell(minutes: float, language: Language) -> str:
    """Minutes as a table's figure: whole ones, with a decimal where less than ten are not."""
    return format_number(minutes, 0 if minutes >= TEN or minutes == int(minutes) else 1, language)
