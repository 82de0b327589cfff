"""From a datagram to what it tells: the slow part, done in a thread of its own so that echoes are not kept waiting.

Owns what happens to a message whose decoding breaks. It must not touch the event loop, counters or sockets.
"""

import logging
from collections.abc import Iterable
from typing import NamedTuple

from pyasn1.error import PyAsn1Error  # type: ignore[import-untyped]

from exporter.errors import TrapReason
from exporter.traps.ber import BerError
from exporter.traps.envelope import CommunityEnvelope, Envelope, Pdu
from exporter.traps.known import TrapKind, identify
from exporter.traps.message import NotANotificationError, Notification, decode_notification
from exporter.traps.sources import Source
from exporter.traps.subject import WHOLE_DEVICE, Subject, subject_of
from exporter.traps.user_reply import respond
from exporter.traps.user_security import RefusedError, UserSecurity

_log = logging.getLogger(__name__)


class Waiting(NamedTuple):
    """A datagram that passed the cheap checks."""

    data: bytes
    envelope: Envelope
    source: Source
    sender: tuple[object, ...]
    wall_time: float


class Event(NamedTuple):
    """What a notification says."""

    kind: TrapKind | None
    oid: str
    subject: Subject


class Decoded(NamedTuple):
    """What became of a datagram: an event, or a reason why there is none, or neither; and what to answer."""

    waiting: Waiting
    event: Event | None
    reason: TrapReason | None
    reply: bytes | None


def decode_all(batch: Iterable[Waiting], security: UserSecurity) -> list[Decoded]:
    """Decode each; never raises for what a datagram holds."""
    return [_decode(waiting, security) for waiting in batch]


def _decode(waiting: Waiting, security: UserSecurity) -> Decoded:
    try:
        notification, reply = _open(waiting, security)
        kind = identify(notification)
        subject = subject_of(kind, notification) if kind is not None else WHOLE_DEVICE
    except RefusedError as refused:
        return Decoded(waiting, None, refused.reason, refused.reply)
    except (BerError, NotANotificationError, PyAsn1Error):
        return Decoded(waiting, None, TrapReason.MALFORMED, None)
    except Exception as error:  # noqa: BLE001 - one datagram must not end the receiver, whatever a library makes of it
        _log.error("trap not decoded device=%s error=%s", waiting.source.name, type(error).__name__)
        return Decoded(waiting, None, TrapReason.INTERNAL, None)
    return Decoded(waiting, Event(kind, notification.oid, subject), None, reply)


def _open(waiting: Waiting, security: UserSecurity) -> tuple[Notification, bytes | None]:
    data, envelope, source = waiting.data, waiting.envelope, waiting.source
    if isinstance(envelope, CommunityEnvelope):
        notification = decode_notification(data, envelope.pdu_at)
        is_inform = data[envelope.pdu_at] == Pdu.INFORM
        return notification, respond(data, envelope.pdu_at) if is_inform else None
    return security.open(source.name, data, envelope, source.users, source.engine_id)
