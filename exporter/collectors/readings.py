"""SNMP values and row indexes read as a profile says. Pure; what does not fit is absent.

Sources: SNMPv2-TC (RFC 2579), INET-ADDRESS-MIB (RFC 4001).
"""

import ipaddress
from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta
from typing import assert_never

from exporter.collectors.values import Value, parse_mac, parse_text
from exporter.profiles.expressions import Result
from exporter.profiles.functions import parse_number
from exporter.profiles.models import Column, IndexKind, IndexPart, Reading

INET_BYTES = {1: 4, 2: 16, 3: 8, 4: 20}
"""Bytes of an InetAddress by InetAddressType: ipv4, ipv6, ipv4z, ipv6z."""

ZONE_BYTES = 4
_OCTET = range(256)
DATE_BYTES = (8, 11)
"""DateAndTime without and with its zone."""


def read_value(value: Value, column: Column) -> Result:
    """`value` as the profile reads this column; None: absent."""
    found = _read(value, column.reading)
    return None if found is None or found in column.skip else found


def _read(value: Value, reading: Reading) -> Result:
    match reading:
        case Reading.AUTO:
            return parse_text(value) if isinstance(value, bytes) else value
        case Reading.NUMBER:
            return parse_number(parse_text(value) if isinstance(value, bytes) else value)
        case Reading.TEXT:
            return str(value) if isinstance(value, int | float) else parse_text(value)
        case Reading.MAC:
            return parse_mac(value) or None
        case Reading.IP:
            return read_address(value) if isinstance(value, bytes) else value if isinstance(value, str) else None
        case Reading.HEX:
            return value.hex() if isinstance(value, bytes) else None
        case Reading.TIMESTAMP:
            return _read_date(value) if isinstance(value, bytes) else None
        case _:
            assert_never(reading)


def read_address(octets: bytes) -> str | None:
    """An InetAddress as text; its zone, where it has one, is left out."""
    if len(octets) in {8, 20}:
        octets = octets[:-ZONE_BYTES]
    return str(ipaddress.ip_address(octets)) if len(octets) in {4, 16} else None


def _read_date(octets: bytes) -> float | None:
    """DateAndTime as Unix time; without a zone it is taken for UTC."""
    if len(octets) not in DATE_BYTES:
        return None
    year, (month, day, hour, minute, second, tenth) = int.from_bytes(octets[:2], "big"), octets[2:8]
    try:
        local = datetime(year, month, day, hour, minute, min(second, 59), tenth * 100_000, tzinfo=UTC)
    except ValueError:
        return None
    if len(octets) == DATE_BYTES[1]:
        away = timedelta(hours=octets[9], minutes=octets[10])
        local = local - away if octets[8:9] == b"+" else local + away
    return local.timestamp()


def read_index(index: str, parts: Sequence[IndexPart]) -> dict[str, Result]:
    """The parts of a row's dotted index by name; what does not fit, and all after it, is absent."""
    try:
        numbers = [int(number) for number in index.split(".")]
    except ValueError:
        return {}
    found: dict[str, Result] = {}
    for part in parts:
        taken = _take(numbers, part.kind)
        if taken is None:
            break
        found[part.name], used = taken
        numbers = numbers[used:]
    return found


def _take(numbers: list[int], kind: IndexKind) -> tuple[Result, int] | None:
    """The value of one part and how many numbers it takes; None where it does not fit."""
    if not numbers:
        return None
    match kind:
        case IndexKind.INTEGER:
            return numbers[0], 1
        case IndexKind.REST:
            return ".".join(map(str, numbers)), len(numbers)
        case IndexKind.IMPLIED:
            return _octets(numbers, 0, len(numbers), _as_text)
        case IndexKind.STRING:
            return _octets(numbers, 1, numbers[0], _as_text)
        case IndexKind.IP:
            return _octets(numbers, 0, 4, read_address)
        case IndexKind.MAC:
            return _octets(numbers, 0, 6, parse_mac)
        case IndexKind.ADDRESS:
            return _octets(numbers, 1, numbers[0], read_address)
        case IndexKind.INET:
            return _octets(numbers, 2, numbers[1], read_address) if len(numbers) > 1 else None
        case IndexKind.INET_UNSIZED:
            return _octets(numbers, 1, INET_BYTES.get(numbers[0], len(numbers)), read_address)
        case _:
            assert_never(kind)


def _octets(numbers: list[int], start: int, count: int, read: Callable[[bytes], Result]) -> tuple[Result, int] | None:
    taken = numbers[start : start + count]
    if len(taken) != count or not all(number in _OCTET for number in taken):
        return None
    return read(bytes(taken)), start + count


def _as_text(octets: bytes) -> str:
    return parse_text(octets)
