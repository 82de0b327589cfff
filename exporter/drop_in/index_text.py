"""The parts of a row's index as text (RFC 2578 section 7.7), as snmp_exporter writes them. Pure.

Indexes that are too short are filled with zeros: some routers leave trailing zeros out.
"""

import re
from collections.abc import Mapping
from typing import NamedTuple, TypeAlias

from exporter.drop_in.config import ValueType

Subids: TypeAlias = tuple[int, ...]

_NOT_UTF8 = re.compile("[\udc80-\udcff]+")
_NO_ENUM: Mapping[int, str] = {}
PREFIXED: Mapping[ValueType, Mapping[int, ValueType]] = {
    ValueType.INET_ADDRESS: {1: ValueType.IPV4, 2: ValueType.IPV6},
    ValueType.INET_ADDRESS_MISSING_SIZE: {1: ValueType.IPV4, 2: ValueType.IPV6},
    ValueType.LLDP_PORT_ID: {
        1: ValueType.DISPLAY_STRING,
        2: ValueType.DISPLAY_STRING,
        3: ValueType.PHYS_ADDRESS,
        5: ValueType.DISPLAY_STRING,
        7: ValueType.DISPLAY_STRING,
    },
}
"""Types whose real one depends on a number before them (RFC 4001 InetAddressType, LLDP-MIB LldpPortIdSubtype)."""


class IndexPart(NamedTuple):
    """One part of an index."""

    text: str
    used: Subids
    """The subidentifiers that it stands on."""

    rest: Subids
    """Those of the parts after it."""


def read_index(
    subids: Subids,
    kind: ValueType,
    *,
    fixed_size: int = 0,
    implied: bool = False,
    enum_values: Mapping[int, str] = _NO_ENUM,
) -> IndexPart:
    """The part of `kind` at the beginning of `subids`; its length comes first unless `fixed_size` or `implied`."""
    if kind in PREFIXED:
        return _read_prefixed(subids, kind)
    match kind:
        case ValueType.OCTET_STRING | ValueType.DISPLAY_STRING:
            return _read_string(subids, kind, len(subids) if implied else fixed_size)
        case ValueType.PHYS_ADDRESS:
            used, rest = _split(subids, 6)
            return IndexPart(":".join(f"{part:02X}" for part in used), used, rest)
        case ValueType.IPV4:
            used, rest = _split(subids, 4)
            return IndexPart(".".join(map(str, used)), used, rest)
        case ValueType.IPV6:
            used, rest = _split(subids, 16)
            pairs = zip(used[::2], used[1::2], strict=True)
            return IndexPart(":".join(f"{high:02X}{low:02X}" for high, low in pairs), used, rest)
        case _:
            used, rest = _split(subids, 1)
            return IndexPart(enum_values.get(used[0]) or str(used[0]), used, rest)


def _read_prefixed(subids: Subids, kind: ValueType) -> IndexPart:
    """A number that tells the type, then (but for the missing size) a length, then the value."""
    head_size = 1 if kind is ValueType.INET_ADDRESS_MISSING_SIZE else 2
    head, rest = _split(subids, head_size)
    real = PREFIXED[kind].get(head[0])
    if real is not None:
        part = read_index(rest, real)
        return IndexPart(part.text, head + part.used, part.rest)
    if head_size == 1:
        return _read_string(subids, ValueType.OCTET_STRING, len(subids))
    return _read_string(subids, ValueType.OCTET_STRING, head[1] + 2)


def _read_string(subids: Subids, kind: ValueType, size: int) -> IndexPart:
    length: Subids = ()
    if size == 0:
        length, subids = _split(subids, 1)
        size = length[0]
    if size > len(subids):
        # A length of a broken index may be anything up to 2**32: no more octets are made than it can mean.
        size = min(size, 128)
    content, rest = _split(subids, size)
    octets = bytes(part & 0xFF for part in content)
    text = octets_as_hex(octets) if kind is ValueType.OCTET_STRING else octets_as_text(octets)
    return IndexPart(text, length + content, rest)


def octets_as_hex(octets: bytes) -> str:
    """`0x0A1B`; empty for no octets."""
    return f"0x{octets.hex().upper()}" if octets else ""


def octets_as_text(octets: bytes) -> str:
    """UTF-8; each run of octets that is none becomes one replacement character."""
    try:
        return octets.decode()
    except UnicodeDecodeError:
        return _NOT_UTF8.sub("\ufffd", octets.decode(errors="surrogateescape"))


def _split(subids: Subids, count: int) -> tuple[Subids, Subids]:
    """The first `count`, filled with zeros, and the rest."""
    head = subids[:count]
    return head + (0,) * (count - len(head)), subids[count:]
