"""SNMPv3 as a receiver of notifications: whose a message is, whether it is fresh, and what it says.

A trap's authoritative engine is its sender's. It needs no discovery: the keys are made from the engine ID that the
message itself names, and nothing is remembered of an engine before one of its messages proved to be the user's. Of
informs this receiver is the authoritative engine, and answers discovery. Sources: RFC 3412 section 7.2, RFC 3414
sections 2.3, 3.2 and 4.
"""

import hashlib
from collections import OrderedDict
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from exporter.errors import TrapReason
from exporter.traps import ber
from exporter.traps.envelope import FLAG_AUTH, FLAG_PRIVACY, FLAG_REPORTABLE, Pdu, UserEnvelope, scoped_pdu_at
from exporter.traps.message import Notification, decode_notification
from exporter.traps.user_keys import DecryptionError, UserKeys
from exporter.traps.user_reply import make_report, make_response

TIME_WINDOW_SECONDS = 150
LAST_BOOTS = 2**31 - 1
ENGINES_OF_A_DEVICE = 16
"""Remembered at most; the one silent for longest goes."""

ENTERPRISE_OF_PYSNMP = bytes.fromhex("80004fb8")
"""The engine ID that we make for ourselves starts as pysnmp's: RFC 3411 wants a registered enterprise there."""

_BOOTS_SINCE = 1_577_836_800
"""2020 in Unix time: seconds since then, at the start, serve as boots, so that they grow from start to start."""


class RefusedError(Exception):
    """A message that is not taken. `reason` is None where that belongs to SNMPv3's own course: discovery."""

    def __init__(self, reason: TrapReason | None, reply: bytes | None = None) -> None:
        super().__init__(reason)
        self.reason = reason
        self.reply = reply


class Opened(NamedTuple):
    """What an authentic message said, and the answer to it if it is an inform."""

    notification: Notification
    reply: bytes | None


@dataclass(slots=True)
class RemoteEngine:
    """The clock of an engine as its last fresh message told it (RFC 3414 section 2.3), and its keys."""

    keys: UserKeys
    auth_key: bytes
    privacy_key: bytes
    boots: int
    time: int
    heard_at: float


class LocalEngine:
    """This receiver as an authoritative engine: of informs. `steady` and `wall` are clocks in seconds."""

    def __init__(self, engine_id: bytes, wall: Callable[[], float], steady: Callable[[], float]) -> None:
        self.engine_id = engine_id
        self.boots = max(1, int(wall()) - _BOOTS_SINCE)
        self._steady = steady
        self._started_at = steady()

    @property
    def time(self) -> int:
        """Seconds since the start."""
        return int(self._steady() - self._started_at)


def make_engine_id(site: str) -> bytes:
    """An engine ID of this receiver that stays the same from start to start (RFC 3411, SnmpEngineID, format 5)."""
    return ENTERPRISE_OF_PYSNMP + b"\x05" + hashlib.sha256(f"dcnet traps {site}".encode()).digest()[:12]


class UserSecurity:
    """The engines that send to this one. For one thread."""

    def __init__(self, local: LocalEngine, steady: Callable[[], float]) -> None:
        self.local = local
        self._steady = steady
        self._devices: dict[str, OrderedDict[tuple[bytes, bytes], RemoteEngine]] = {}

    def keep_only(self, devices: set[str]) -> None:
        """Forget the engines of other devices."""
        for name in [name for name in self._devices if name not in devices]:
            del self._devices[name]

    def open(
        self, device: str, data: bytes, envelope: UserEnvelope, users: Sequence[UserKeys], pinned: bytes | None
    ) -> Opened:
        """What `device` told. `pinned`: the only engine of it that is accepted. Raises RefusedError and BerError."""
        to_us = envelope.engine_id == self.local.engine_id
        if not envelope.engine_id and envelope.flags & FLAG_REPORTABLE:
            # The sender of an inform looks for our engine ID (RFC 3414 section 4).
            raise RefusedError(None, make_report(self.local, envelope, None))
        if not envelope.engine_id or (not to_us and pinned is not None and envelope.engine_id != pinned):
            raise RefusedError(TrapReason.ENGINE_ID)
        engine = self._authenticate(device, data, envelope, users)
        if to_us:
            self._check_our_time(envelope, engine)
        scoped = self._scoped_pdu(data, envelope, engine)
        at = scoped_pdu_at(scoped)
        if scoped[at] == Pdu.TRAP_V2:
            return Opened(decode_notification(scoped, at), None)
        if scoped[at] != Pdu.INFORM:
            raise RefusedError(TrapReason.UNWANTED)
        if not to_us:
            # An inform to an engine ID that we had once, or that its sender was told wrongly.
            raise RefusedError(None, make_report(self.local, envelope, None))
        return Opened(decode_notification(scoped, at), make_response(self.local, envelope, engine, scoped, at))

    def _authenticate(
        self, device: str, data: bytes, envelope: UserEnvelope, users: Sequence[UserKeys]
    ) -> RemoteEngine:
        """The engine with the keys of the user whose message this is. Raises RefusedError."""
        named = [keys for keys in users if keys.user == envelope.user]
        if not named:
            raise RefusedError(TrapReason.USER)
        wanted = (bool(envelope.flags & FLAG_AUTH), bool(envelope.flags & FLAG_PRIVACY))
        levelled = [keys for keys in named if (keys.has_auth, keys.has_privacy) == wanted]
        if not levelled:
            raise RefusedError(TrapReason.LEVEL)
        engines = self._devices.get(device, OrderedDict())
        known = engines.get((envelope.engine_id, envelope.user))
        for keys in levelled:
            same = known is not None and known.keys is keys
            auth_key = known.auth_key if same and known is not None else keys.auth_key(envelope.engine_id)
            if keys.has_auth and not keys.is_proven(
                auth_key, data, envelope.authentication_at, envelope.authentication
            ):
                continue
            if known is None or not same:
                privacy_key = keys.privacy_key(envelope.engine_id)
                boots, time = (known.boots, known.time) if known is not None else (envelope.boots, envelope.time)
                heard_at = known.heard_at if known is not None else self._steady()
                known = RemoteEngine(keys, auth_key, privacy_key, boots, time, heard_at)
            self._remember(device, envelope, known)
            return known
        raise RefusedError(TrapReason.AUTH)

    def _remember(self, device: str, envelope: UserEnvelope, engine: RemoteEngine) -> None:
        """Note an authentic message's clock. Raises RefusedError when it is stale (RFC 3414 section 3.2, 7b)."""
        if not engine.keys.has_auth:
            # Anybody can send such a one: it must not push out the clock of an engine that proved itself.
            return
        engines = self._devices.setdefault(device, OrderedDict())
        key = (envelope.engine_id, envelope.user)
        engines[key] = engine
        engines.move_to_end(key)
        if len(engines) > ENGINES_OF_A_DEVICE:
            engines.popitem(last=False)
        if envelope.engine_id == self.local.engine_id:
            return
        now = self._steady()
        if (envelope.boots, envelope.time) > (engine.boots, engine.time):
            engine.boots, engine.time, engine.heard_at = envelope.boots, envelope.time, now
        elapsed = engine.time + (now - engine.heard_at)
        late = envelope.boots == engine.boots and envelope.time < elapsed - TIME_WINDOW_SECONDS
        if engine.boots == LAST_BOOTS or envelope.boots < engine.boots or late:
            raise RefusedError(TrapReason.TIME_WINDOW)

    def _check_our_time(self, envelope: UserEnvelope, engine: RemoteEngine) -> None:
        """Raise RefusedError, with the report that tells our clock, when the sender does not know it."""
        near = abs(envelope.time - self.local.time) <= TIME_WINDOW_SECONDS
        if engine.keys.has_auth and not (envelope.boots == self.local.boots and near):
            raise RefusedError(None, make_report(self.local, envelope, engine))

    @staticmethod
    def _scoped_pdu(data: bytes, envelope: UserEnvelope, engine: RemoteEngine) -> bytes:
        """The ScopedPDU in the clear. Raises RefusedError and BerError."""
        tag, start, end = ber.read_head(data, envelope.body_at, len(data))
        if not engine.keys.has_privacy:
            return data[envelope.body_at : end]
        if tag != ber.OCTETS:
            raise RefusedError(TrapReason.DECRYPTION)
        try:
            opened = engine.keys.decrypt(
                engine.privacy_key, envelope.boots, envelope.time, envelope.salt, data[start:end]
            )
            # DES pads: what follows the ScopedPDU is left alone.
            _, _, scoped_end = ber.read_head(opened, 0, len(opened))
            scoped_pdu_at(opened[:scoped_end])
        except (DecryptionError, ber.BerError) as error:
            raise RefusedError(TrapReason.DECRYPTION) from error
        return opened[:scoped_end]
