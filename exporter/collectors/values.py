"""SNMP values of whatever type an agent sends, read as what the MIB promises, or not at all.

Pure. It must not raise: an agent's wrong type is a value that the device does not give.
"""

from collections.abc import Mapping
from typing import TypeAlias

Value: TypeAlias = str | bytes | int | float | None
Column: TypeAlias = Mapping[str, Value]
"""A table's column: value by row index."""

LONGEST_TEXT = 255
"""SNMPv2-TC::DisplayString holds up to 255 characters; longer text is cut."""

MAC_BYTES = 6


def parse_text(value: Value) -> str:
    """A string of any encoding as one clean line; empty where there is none.

    UTF-8 where it is valid, else Latin-1, which every byte has; control characters become spaces.
    """
    if isinstance(value, str):
        text = value
    elif isinstance(value, bytes):
        try:
            text = value.decode()
        except UnicodeDecodeError:
            text = value.decode("latin-1")
    else:
        return ""
    if text.isprintable() and "  " not in text:
        return text.strip()[:LONGEST_TEXT]
    text = text.partition("\0")[0]
    return " ".join("".join(character if character.isprintable() else " " for character in text).split())[:LONGEST_TEXT]


def parse_count(value: Value) -> int | None:
    """A Counter, Gauge, TimeTicks or non-negative INTEGER; None where it is none."""
    return value if isinstance(value, int) and not isinstance(value, bool) and value >= 0 else None


def parse_mac(value: Value) -> str:
    """An Ethernet address as aa:bb:cc:dd:ee:ff, another physical address likewise; empty where there is none."""
    return value.hex(":") if isinstance(value, bytes) and any(value) else ""
