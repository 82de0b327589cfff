"""An object's value as a number and as text, by the type that snmp.yml gives it. Pure."""

import struct
from collections.abc import Mapping

from exporter.drop_in.config import ValueType
from exporter.drop_in.display_hint import apply_display_hint
from exporter.drop_in.index_text import PREFIXED, octets_as_hex, octets_as_text, read_index

WRAP = 2**53
"""Counters of 64 bits start again here, where the samples' 64-bit floats begin to lose units."""

ObjectValue = int | float | bytes | str | None
Objects = Mapping[str, ObjectValue]
"""OID without leading dot, and its value."""


def as_number(value: ObjectValue) -> int | float:
    """The number of `value`; 0 where it is text or octets that hold none."""
    if isinstance(value, int):
        return value % WRAP if value >= WRAP else value
    if isinstance(value, float):
        return value
    if isinstance(value, str) and value.lstrip("+-").isdecimal() and value.isascii():
        return int(value)
    return 0


def as_integer(value: ObjectValue) -> int:
    """The integer that stands for a state or a chained lookup; 0 where `value` holds none."""
    if isinstance(value, float):
        return 0
    return int(as_number(value))


def as_text(value: ObjectValue, kind: ValueType | str, display_hint: str = "") -> str:
    """`value` as the text of a label."""
    match value:
        case None:
            return ""
        case bytes():
            return _octets(value, kind, display_hint)
        case float():
            return _shortest(value)
        case _:
            return str(value)


def real_type(kind: ValueType, oid: str, index: str, objects: Objects) -> ValueType | None:
    """The type that the object one column before tells, for a type that depends on it; None when it does not.

    `oid` is the column's, `index` the row's with its leading dot, or empty.
    """
    column, _, last = oid.rpartition(".")
    before = objects.get(f"{column}.{int(last) - 1}{index}")
    return None if before is None else PREFIXED[kind].get(as_integer(before))


def _octets(value: bytes, kind: ValueType | str, display_hint: str) -> str:
    if kind in {"", ValueType.OCTET_STRING, ValueType.BITS}:
        shown = apply_display_hint(display_hint, value)
        return octets_as_hex(value) if shown is None else shown
    if kind == ValueType.DISPLAY_STRING:
        return octets_as_text(value)
    return read_index(tuple(value), ValueType(kind)).text


def _shortest(value: float) -> str:
    """Without exponent, with the fewest digits that give the same value; opaque floats have 32 bits."""
    try:
        single = struct.unpack("f", struct.pack("f", value))[0] == value
    except OverflowError:
        single = False
    if not single:
        return f"{value:.17f}".rstrip("0").rstrip(".") if "e" in repr(value) else repr(value).removesuffix(".0")
    for digits in range(1, 10):
        text = f"{value:.{digits}g}"
        if struct.unpack("f", struct.pack("f", float(text)))[0] == value:
            break
    return f"{float(text):f}".rstrip("0").rstrip(".") if "e" in text else text
