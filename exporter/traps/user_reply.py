"""What an SNMPv3 receiver answers: reports, which tell its engine ID and its clock, and responses to informs.

Pure. Sources: RFC 3412 section 6, RFC 3414 sections 2.4, 3.2 and 4, RFC 3416 section 4.2.7.
"""

from typing import Protocol

from exporter.traps import ber
from exporter.traps.envelope import (
    FLAG_AUTH,
    FLAG_PRIVACY,
    USER_SECURITY_MODEL,
    Pdu,
    UserEnvelope,
    read_envelope,
)
from exporter.traps.user_keys import UserKeys

LARGEST_MESSAGE = 65507
_NOT_IN_TIME_WINDOWS = bytes.fromhex("2b060106030f01010200")
"""usmStatsNotInTimeWindows.0, 1.3.6.1.6.3.15.1.1.2.0."""

_UNKNOWN_ENGINE_IDS = bytes.fromhex("2b060106030f01010400")
"""usmStatsUnknownEngineIDs.0, 1.3.6.1.6.3.15.1.1.4.0."""


class Local(Protocol):
    """The engine that answers."""

    engine_id: bytes
    boots: int

    @property
    def time(self) -> int:
        """Seconds since its start."""
        ...


class Remote(Protocol):
    """Whom it answers: the user's keys, made for the engine that answers."""

    keys: UserKeys
    auth_key: bytes
    privacy_key: bytes


def make_report(local: Local, envelope: UserEnvelope, remote: Remote | None) -> bytes:
    """To an unknown user: our engine ID. To a user, `remote`, whose clock is not ours: our clock, proven."""
    counter = _UNKNOWN_ENGINE_IDS if remote is None else _NOT_IN_TIME_WINDOWS
    # The value of the counter is nobody's concern here; its name tells what is wrong.
    binding = ber.write(ber.SEQUENCE, ber.write(ber.OBJECT_ID, counter) + ber.write_integer(1, ber.COUNTER32))
    pdu = ber.write(Pdu.REPORT, ber.write_integer(0) * 3 + ber.write(ber.SEQUENCE, binding))
    scoped = ber.write(ber.SEQUENCE, ber.write(ber.OCTETS, local.engine_id) + ber.write(ber.OCTETS, b"") + pdu)
    return _message(local, envelope, remote, scoped, FLAG_AUTH if remote is not None else 0)


def make_response(local: Local, envelope: UserEnvelope, remote: Remote, scoped: bytes, at: int) -> bytes:
    """The answer to the inform `scoped`, whose PDU stands at `at`: the same under the tag of a response."""
    return _message(local, envelope, remote, respond(scoped, at), envelope.flags & (FLAG_AUTH | FLAG_PRIVACY))


def respond(data: bytes, at: int) -> bytes:
    """`data` with the inform at `at` made a response: it carries the same request ID, bindings and no error."""
    return data[:at] + bytes((Pdu.RESPONSE,)) + data[at + 1 :]


def _message(local: Local, envelope: UserEnvelope, remote: Remote | None, scoped: bytes, flags: int) -> bytes:
    boots, time = local.boots, local.time
    body, salt, user, proof = scoped, b"", b"", b""
    if remote is not None:
        user = remote.keys.user
        if flags & FLAG_AUTH:
            proof = bytes(remote.keys.proof_bytes)
        if flags & FLAG_PRIVACY:
            hidden, salt = remote.keys.encrypt(remote.privacy_key, boots, time, scoped)
            body = ber.write(ber.OCTETS, hidden)
    header = (
        ber.write_integer(envelope.message_id)
        + ber.write_integer(LARGEST_MESSAGE)
        + ber.write(ber.OCTETS, bytes((flags,)))
        + ber.write_integer(USER_SECURITY_MODEL)
    )
    security = (
        ber.write(ber.OCTETS, local.engine_id)
        + ber.write_integer(boots)
        + ber.write_integer(time)
        + b"".join(ber.write(ber.OCTETS, part) for part in (user, proof, salt))
    )
    message = ber.write(
        ber.SEQUENCE,
        ber.write_integer(3)
        + ber.write(ber.SEQUENCE, header)
        + ber.write(ber.OCTETS, ber.write(ber.SEQUENCE, security))
        + body,
    )
    if remote is None or not flags & FLAG_AUTH:
        return message
    written = read_envelope(message)
    if not isinstance(written, UserEnvelope):
        raise TypeError("an SNMPv3 message was written, another was read")
    at = written.authentication_at
    return message[:at] + remote.keys.prove(remote.auth_key, message, at) + message[at + remote.keys.proof_bytes :]
