"""ICMP echo messages as bytes (RFC 792, RFC 4443 section 4). Pure."""

import struct
from enum import IntEnum
from typing import NamedTuple

_FORM = struct.Struct("!BBHHHII")
"""Type, code, checksum, identifier, sequence; then, of the payload, cookie and number."""

_WORD = 0xFFFF
MASK_32 = 0xFFFF_FFFF
ICMP_HEADER_BYTES = 8
MARK_BYTES = 8
"""The least payload: cookie and number."""

IP_HEADER_BYTES = {4: 20, 6: 40}


class EchoType(IntEnum):
    """The types of the four echo messages."""

    REPLY_V4 = 0
    REQUEST_V4 = 8
    REQUEST_V6 = 128
    REPLY_V6 = 129


class EchoMark(NamedTuple):
    """What tells an echo from all others: it stands in the payload, which the kernel never rewrites."""

    cookie: int
    """32 bits, one for each run of the exporter: other programs' replies do not have it."""

    number: int
    """32 bits, another for each request."""


class EchoTemplate:
    """Echo requests that differ by number only; their checksum (RFC 1071) is added up once."""

    def __init__(self, version: int, identifier: int, cookie: int, payload_bytes: int) -> None:
        self._type = EchoType.REQUEST_V6 if version == 6 else EchoType.REQUEST_V4  # noqa: PLR2004 - IP version
        self._identifier = identifier
        self._cookie = cookie
        self._filler = bytes(index & 0xFF for index in range(payload_bytes - MARK_BYTES))
        self._sum = (self._type << 8) + identifier + (cookie >> 16) + (cookie & _WORD) + _sum_words(self._filler)

    def request(self, number: int) -> bytes:
        """The request of that number."""
        sequence = number & _WORD
        checksum = _fold(self._sum + sequence + (number >> 16) + sequence)
        return _FORM.pack(self._type, 0, checksum, self._identifier, sequence, self._cookie, number) + self._filler


def parse_reply(data: bytes, version: int, has_ip_header: bool) -> EchoMark | None:
    """The mark of an echo reply as an ICMP socket gives it; None for anything else."""
    offset = (data[0] & 0x0F) * 4 if has_ip_header and data else 0
    if len(data) < offset + _FORM.size:
        return None
    kind, _code, _checksum, _identifier, _sequence, cookie, number = _FORM.unpack_from(data, offset)
    wanted = EchoType.REPLY_V6 if version == 6 else EchoType.REPLY_V4  # noqa: PLR2004 - IP version
    return EchoMark(cookie, number) if kind == wanted else None


def _sum_words(data: bytes) -> int:
    padded = data + b"\0" * (len(data) % 2)
    return sum(struct.unpack(f"!{len(padded) // 2}H", padded))


def _fold(total: int) -> int:
    total = (total & _WORD) + (total >> 16)
    total = (total & _WORD) + (total >> 16)
    return ~total & _WORD
