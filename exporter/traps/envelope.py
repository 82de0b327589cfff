"""The head of a datagram: which version, who says that he sent it, which kind of PDU. Read without decoding the PDU.

Pure and cheap: it is done to every datagram, also in a flood. Nothing here is proven yet; user_security.py does that
for version 3. Sources: RFC 1157 (v1), RFC 1901 (v2c), RFC 3412 section 6 and RFC 3414 section 2.4 (v3).
"""

from enum import IntEnum
from typing import NamedTuple, TypeAlias

from exporter.traps.ber import OCTETS, SEQUENCE, BerError, expect, expect_integer, read_head

USER_SECURITY_MODEL = 3
FLAG_AUTH = 1
FLAG_PRIVACY = 2
FLAG_REPORTABLE = 4


class Pdu(IntEnum):
    """Tags of the PDUs that concern a receiver of notifications."""

    RESPONSE = 0xA2
    TRAP_V1 = 0xA4
    INFORM = 0xA6
    TRAP_V2 = 0xA7
    REPORT = 0xA8


class CommunityEnvelope(NamedTuple):
    """The head of an SNMP v1 or v2c message."""

    version: int
    """As in the message: 0 for v1, 1 for v2c."""

    community: bytes
    pdu_at: int
    """Where the PDU's tag stands in the datagram."""


class UserEnvelope(NamedTuple):
    """The head of an SNMPv3 message of the User-based Security Model."""

    message_id: int
    flags: int
    engine_id: bytes
    """The authoritative engine: the sender's for traps, ours for informs."""

    boots: int
    time: int
    user: bytes
    authentication: bytes
    authentication_at: int
    """Where those bytes stand in the datagram."""

    salt: bytes
    body_at: int
    """Where msgData stands in the datagram: a ScopedPDU, or an OCTET STRING that hides one."""


Envelope: TypeAlias = CommunityEnvelope | UserEnvelope

_VERSIONS = {0, 1}
_VERSION_3 = 3


def read_envelope(data: bytes) -> Envelope:
    """The head of `data`. Raises BerError when it is no SNMP message."""
    start, end = expect(data, 0, len(data), SEQUENCE)
    version, at = expect_integer(data, start, end)
    if version in _VERSIONS:
        community_start, community_end = expect(data, at, end, OCTETS)
        read_head(data, community_end, end)
        return CommunityEnvelope(version, data[community_start:community_end], community_end)
    if version == _VERSION_3:
        return _read_user_envelope(data, at, end)
    raise BerError(f"version {version}")


def scoped_pdu_at(data: bytes) -> int:
    """Where the PDU's tag stands in the ScopedPDU `data`. Raises BerError."""
    start, end = expect(data, 0, len(data), SEQUENCE)
    _, at = expect(data, start, end, OCTETS)
    _, at = expect(data, at, end, OCTETS)
    read_head(data, at, end)
    return at


def _read_user_envelope(data: bytes, at: int, end: int) -> UserEnvelope:
    start, header_end = expect(data, at, end, SEQUENCE)
    message_id, at = expect_integer(data, start, header_end)
    _, at = expect_integer(data, at, header_end)
    flags_start, flags_end = expect(data, at, header_end, OCTETS)
    if flags_end - flags_start != 1:
        raise BerError("bad flags")
    model, _ = expect_integer(data, flags_end, header_end)
    if model != USER_SECURITY_MODEL:
        raise BerError(f"security model {model}")
    security_start, security_end = expect(data, header_end, end, OCTETS)
    start, inner_end = expect(data, security_start, security_end, SEQUENCE)
    engine_start, engine_end = expect(data, start, inner_end, OCTETS)
    boots, at = expect_integer(data, engine_end, inner_end)
    time, at = expect_integer(data, at, inner_end)
    user_start, user_end = expect(data, at, inner_end, OCTETS)
    proof_start, proof_end = expect(data, user_end, inner_end, OCTETS)
    salt_start, salt_end = expect(data, proof_end, inner_end, OCTETS)
    read_head(data, security_end, end)
    return UserEnvelope(
        message_id,
        data[flags_start],
        data[engine_start:engine_end],
        boots,
        time,
        data[user_start:user_end],
        data[proof_start:proof_end],
        proof_start,
        data[salt_start:salt_end],
        security_end,
    )
