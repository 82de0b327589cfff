"""Recorded MIB objects (`OID|TYPE|VALUE`, the form of snmpsim's .snmprec) as BER-encoded varbinds.

Owns reading and encoding; who asks for them is replay_agent.py's. Types are the BER tag in decimal (2 INTEGER,
4 OCTET STRING, 5 NULL, 6 OBJECT IDENTIFIER, 64 IpAddress, 65 Counter32, 66 Gauge32, 67 TimeTicks, 68 Opaque,
70 Counter64, 128 to 130 the exceptions of RFC 3416), with `x` behind it when the value stands in hexadecimal.
"""

import re
from dataclasses import dataclass
from ipaddress import IPv4Address

Oid = tuple[int, ...]

OCTET_STRING, NULL, OBJECT_IDENTIFIER = 4, 5, 6
IP_ADDRESS, COUNTER64 = 64, 70
NUMBERS = frozenset({2, 65, 66, 67, COUNTER64})
TEXTS = frozenset({OCTET_STRING, 68})
_LINE = re.compile(r"\.?(\d+(?:\.\d+)+)\|(\d+)(x?)[^|]*\|(.*)", re.DOTALL)


@dataclass(frozen=True, slots=True)
class Varbind:
    """One object: its name, its BER tag and the whole varbind as it goes over the wire."""

    oid: Oid
    tag: int
    encoded: bytes


def parse_oid(text: str) -> Oid:
    """The numbers of a dotted OID, with or without a leading dot."""
    return tuple(int(part) for part in text.strip().lstrip(".").split("."))


def read_snmprec(text: str) -> list[Varbind]:
    """The objects of a recording in lexicographic order; a line that is none, or a name twice, is passed over."""
    found: dict[Oid, Varbind] = {}
    for line in text.splitlines():
        match = _LINE.fullmatch(line)
        if match is None:
            continue
        name, tag, is_hex, value = match.groups()
        oid = parse_oid(name)
        if oid not in found:
            found[oid] = _encode_varbind(oid, int(tag), bool(is_hex), value)
    return [found[oid] for oid in sorted(found)]


def _encode_varbind(oid: Oid, tag: int, is_hex: bool, value: str) -> Varbind:
    content = bytes.fromhex(value) if is_hex else _encode_value(tag, value)
    return Varbind(oid, tag, encode(0x30, encode(OBJECT_IDENTIFIER, encode_oid(oid)) + encode(tag, content)))


def _encode_value(tag: int, value: str) -> bytes:
    if tag in NUMBERS:
        return encode_integer(int(value) if tag == 2 else int(value) % (2**64 if tag == COUNTER64 else 2**32))
    if tag == OBJECT_IDENTIFIER:
        return encode_oid(parse_oid(value)) if value.strip(".") else b"\x00"
    if tag == IP_ADDRESS:
        return IPv4Address(value).packed
    return value.encode("latin-1", "replace") if tag in TEXTS else b""


def encode(tag: int, content: bytes) -> bytes:
    """A BER element in definite form; exceptions (128 and up) carry their tag as it is."""
    size = len(content)
    if size < 0x80:
        return bytes((tag, size)) + content
    length = size.to_bytes((size.bit_length() + 7) // 8, "big")
    return bytes((tag, 0x80 | len(length))) + length + content


def encode_integer(value: int) -> bytes:
    """The content of an INTEGER: two's complement, as short as it goes."""
    return value.to_bytes((value if value >= 0 else ~value).bit_length() // 8 + 1, "big", signed=True)


def encode_oid(oid: Oid) -> bytes:
    """The content of an OBJECT IDENTIFIER."""
    first, second, *rest = (*oid, 0) if len(oid) == 1 else oid
    content = bytearray()
    for number in (first * 40 + second, *rest):
        septets = [number & 0x7F]
        while number := number >> 7:
            septets.append(number & 0x7F | 0x80)
        content.extend(reversed(septets))
    return bytes(content)
