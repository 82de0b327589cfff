"""The functions of the profiles' language. Pure; absent arguments make most of them absent.

docs/profiles.md explains each to who writes profiles.
"""

import math
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

STATE_FUNCTIONS: Mapping[str, bool] = {"word": True, "healthy": False}
"""Functions that look a number up in a profile's `states`, and whether they give the word."""

MANY = 32
SI_UNITS = 9
"""SnmpEntitySensorDataScale counts in steps of a thousand from units(9)."""


@dataclass(frozen=True, slots=True)
class Function:
    """A function by how it is used and what it does."""

    usage: str
    apply: Callable[..., Any]
    least: int
    most: int
    takes_absent: bool = False
    pattern_at: int | None = None
    """Which argument is a regular expression."""

    def check_pattern(self, pattern: str) -> None:
        """Raise ValueError where `pattern` is no regular expression."""
        try:
            re.compile(pattern)
        except re.error as error:
            raise ValueError(str(error)) from error


def _first(*values: Any) -> Any:
    return next((value for value in values if value is not None and value != ""), None)


def _text(value: Any) -> str:
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    return str(value)


def _join(separator: Any, *values: Any) -> str | None:
    texts = [_text(value) for value in values if value is not None and value != ""]
    return str(separator).join(texts) if texts else None


_NUMBER = re.compile(r"\s*([-+]?\d+(?:\.\d*)?(?:[eE][-+]?\d+)?)")


def parse_number(value: Any) -> float | int | None:
    """A number, or the number that a text starts with; None where there is none."""
    if isinstance(value, int | float):
        return value
    found = _NUMBER.match(value) if isinstance(value, str) else None
    return float(found.group(1)) if found else None


@lru_cache(maxsize=1024)
def _compiled(pattern: str) -> re.Pattern[str]:
    return re.compile(pattern)


def _capture(value: Any, pattern: str, group: Any = 1) -> str | None:
    compiled = _compiled(pattern)
    found = compiled.search(_text(value))
    return found.group(int(group) if compiled.groups else 0) if found else None


def _dbm(milliwatts: float) -> float | None:
    return 10 * math.log10(milliwatts) if milliwatts > 0 else None


def _signed(value: int, bits: int = 32) -> int:
    return value - (1 << bits) if value >= 1 << (bits - 1) else value


def _sensor_value(value: float, scale: int, precision: int = 0) -> float:
    # Divided and multiplied separately: 10 ** -3 is not exact, and 36.2 should not become 36.200000000000003.
    exponent = 3 * (scale - SI_UNITS) - precision
    factor: int = 10 ** abs(exponent)
    return value * factor if exponent >= 0 else value / factor


def _byte(value: Any, number: int) -> int:
    """A byte of a value read as hex."""
    return bytes.fromhex(value)[int(number)]


FUNCTIONS: Mapping[str, Function] = {
    "first": Function("first(a, b, …)", _first, 1, MANY, takes_absent=True),
    "present": Function("present(a)", lambda value: int(value is not None and value != ""), 1, 1, takes_absent=True),
    "text": Function("text(a)", _text, 1, 1),
    "number": Function("number(a)", parse_number, 1, 1),
    "join": Function("join(separator, a, b, …)", _join, 2, MANY, takes_absent=True),
    "lower": Function("lower(a)", lambda value: _text(value).lower(), 1, 1),
    "matches": Function(
        "matches(a, 'pattern')",
        lambda value, pattern: int(_compiled(pattern).search(_text(value)) is not None),
        least=2,
        most=2,
        pattern_at=1,
    ),
    "capture": Function("capture(a, 'pattern'[, group])", _capture, 2, 3, pattern_at=1),
    "replace": Function(
        "replace(a, 'pattern', 'by')",
        lambda value, pattern, by: _compiled(pattern).sub(by, _text(value)),
        least=3,
        most=3,
        pattern_at=1,
    ),
    "abs": Function("abs(a)", abs, 1, 1),
    "round": Function("round(a[, digits])", lambda value, digits=0: round(value, int(digits)), 1, 2),
    "min": Function("min(a, b, …)", min, 2, MANY),
    "max": Function("max(a, b, …)", max, 2, MANY),
    "log10": Function("log10(a)", math.log10, 1, 1),
    "dbm": Function("dbm(milliwatts)", _dbm, 1, 1),
    "signed": Function("signed(a[, bits])", _signed, 1, 2),
    "bit": Function("bit(a, number)", lambda value, number: (int(value) >> int(number)) & 1, 2, 2),
    "byte": Function("byte(hex, number)", _byte, 2, 2),
    "sensor_value": Function("sensor_value(value, scale[, precision])", _sensor_value, 2, 3),
}
