"""Receives SNMP traps and informs by itself; a flood costs its sender its own traps, and nobody else anything.

Owns the way of a datagram: who sent it and with which community (cheap, for each), how often (before any decoding),
in which turn (source by source), decoding (in a thread, for at most half of the time), the book, the answer.
"""

import asyncio
import hmac
import logging
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress

from exporter.errors import TrapReason
from exporter.inventory.models import Inventory
from exporter.inventory.trap_models import TrapReceiverSettings
from exporter.probes.name_lookup import NameLookup
from exporter.sample_set import SampleSet
from exporter.traps.ber import BerError
from exporter.traps.book import NO_SOURCE, Interfaces, ReceivedTrap, TrapBook
from exporter.traps.decoding import Decoded, Waiting, decode_all
from exporter.traps.envelope import CommunityEnvelope, Envelope, Pdu, read_envelope
from exporter.traps.fair_queue import FairQueue
from exporter.traps.known import CONFIGURATION_KINDS
from exporter.traps.sources import Source, Sources
from exporter.traps.trap_socket import LONGEST_DATAGRAM, Arrival, TrapSocket
from exporter.traps.user_security import LocalEngine, UserSecurity, make_engine_id

READ_AT_ONCE = 64
PAUSE_SECONDS = 0.002
"""After so many datagrams read at once the loop is left to others for so long; the kernel keeps what comes."""

HOLD_SECONDS = 0.2
"""How often it is looked whether a trap beyond its device's limit may pass now."""

QUEUE_CAPACITY = 2000
DECODE_AT_ONCE = 16
UNKNOWN_LOG_SECONDS = 60.0

_V1_PDUS = {Pdu.TRAP_V1}
_V2_PDUS = {Pdu.TRAP_V2, Pdu.INFORM}
_log = logging.getLogger(__name__)


class TrapReceiver:
    """Takes traps while the inventory wants them. To be used inside a running loop.

    `interfaces` names a device's interfaces by ifIndex; `on_config_change` is called with the name of a device that
    told that its configuration or its parts changed.
    """

    def __init__(
        self,
        interfaces: Interfaces,
        on_config_change: Callable[[str], None] = lambda _device: None,
        lookup: NameLookup | None = None,
    ) -> None:
        self._sources = Sources(lookup or NameLookup(), time.monotonic)
        self._book = TrapBook(interfaces)
        self._on_config_change = on_config_change
        self._queue: FairQueue[Waiting] = FairQueue(QUEUE_CAPACITY)
        self._settings: TrapReceiverSettings | None = None
        self._socket: TrapSocket | None = None
        self._security: UserSecurity | None = None
        self._lost_before = 0
        self._worker = ThreadPoolExecutor(1, "traps")
        self._decoding: asyncio.Task[None] | None = None
        self._resuming: asyncio.TimerHandle | None = None
        self._held: dict[str, Waiting] = {}
        self._releasing: asyncio.TimerHandle | None = None
        self._unknown_told_at = -UNKNOWN_LOG_SECONDS

    def open(self, inventory: Inventory) -> TrapSocket | None:
        """The socket that `inventory` wants where it is not the open one. Raises ExporterError, and changes nothing."""
        wanted = inventory.traps
        if wanted is None or (self._settings is not None and _place(wanted) == _place(self._settings)):
            return None
        return TrapSocket(wanted)

    def apply(self, inventory: Inventory, opened: TrapSocket | None) -> None:
        """Take over `inventory`, with the socket that `open` gave for it."""
        settings = inventory.traps
        if settings is None or opened is not None:
            self._close_socket()
        names = self._sources.apply(inventory)
        self._book.keep_only(names)
        self._settings = settings
        if settings is None:
            self._security = None
            return
        engine_id = bytes.fromhex(settings.engine_id) if settings.engine_id else make_engine_id(inventory.site.name)
        if self._security is None or self._security.local.engine_id != engine_id:
            self._security = UserSecurity(LocalEngine(engine_id, time.time, time.monotonic), time.monotonic)
        # In the thread that owns what is remembered of engines.
        self._worker.submit(self._security.keep_only, set(names))
        if opened is not None:
            self._socket = opened
            asyncio.get_running_loop().add_reader(opened.fileno(), self._read)
            place = f"{settings.listen} port={settings.port}/udp"
            _log.info("receiving traps address=%s devices=%d engine_id=%s", place, len(names), engine_id.hex())
        if self._decoding is None:
            self._decoding = asyncio.create_task(self._decode())

    async def stop(self) -> None:
        """Close the port and end what runs."""
        self._close_socket()
        if self._releasing is not None:
            self._releasing.cancel()
        await self._sources.stop()
        if self._decoding is not None:
            self._decoding.cancel()
            with suppress(asyncio.CancelledError):
                await self._decoding
        self._worker.shutdown(wait=False, cancel_futures=True)

    def add_samples(self, samples: SampleSet) -> None:
        """Add what was received, where traps are wanted."""
        if self._settings is not None:
            lost = self._socket.lost() if self._socket is not None else 0
            self._book.add_samples(samples, self._lost_before + lost)

    def recent(self) -> Iterator[ReceivedTrap] | None:
        """The last traps of each device; None where no traps are wanted."""
        return self._book.recent() if self._settings is not None else None

    def _close_socket(self) -> None:
        if self._resuming is not None:
            self._resuming.cancel()
            self._resuming = None
        if self._socket is not None:
            asyncio.get_running_loop().remove_reader(self._socket.fileno())
            self._lost_before += self._socket.lost()
            self._socket.close()
            self._socket = None

    def _read(self) -> None:
        if self._socket is None:
            return
        for _ in range(READ_AT_ONCE):
            arrival = self._socket.receive()
            if arrival is None:
                return
            self._take(arrival)
        loop = asyncio.get_running_loop()
        loop.remove_reader(self._socket.fileno())
        self._resuming = loop.call_later(PAUSE_SECONDS, self._resume)

    def _resume(self) -> None:
        self._resuming = None
        if self._socket is not None:
            asyncio.get_running_loop().add_reader(self._socket.fileno(), self._read)

    def _take(self, arrival: Arrival) -> None:
        source = self._sources[arrival.address]
        if source is None:
            self._book.drop(NO_SOURCE, TrapReason.UNKNOWN_SOURCE)
            self._tell_unknown(arrival.address)
            return
        try:
            reason, envelope = _check(arrival.data, source)
        except BerError:
            reason, envelope = TrapReason.MALFORMED, None
        if reason is not None or envelope is None:
            self._book.drop(source.name, reason or TrapReason.MALFORMED)
            return
        waiting = Waiting(arrival.data, envelope, source, arrival.sender, time.time())
        if source.bucket.take(time.monotonic()):
            self._enqueue(waiting)
        else:
            self._hold(waiting)

    def _enqueue(self, waiting: Waiting) -> None:
        loser = self._queue.put(waiting.source.name, waiting)
        if loser is not None:
            self._book.drop(loser, TrapReason.QUEUE_FULL)

    def _hold(self, waiting: Waiting) -> None:
        """Keep the last trap beyond a device's limit until the limit lets it through: it is the state after a flood."""
        name = waiting.source.name
        if name in self._held:
            self._book.drop(name, TrapReason.RATE_LIMIT)
        self._held[name] = waiting
        if self._releasing is None:
            self._releasing = asyncio.get_running_loop().call_later(HOLD_SECONDS, self._release)

    def _release(self) -> None:
        now = time.monotonic()
        for name in [name for name, waiting in self._held.items() if waiting.source.bucket.take(now)]:
            self._enqueue(self._held.pop(name))
        again = asyncio.get_running_loop().call_later(HOLD_SECONDS, self._release) if self._held else None
        self._releasing = again

    def _tell_unknown(self, address: str) -> None:
        now = time.monotonic()
        if now - self._unknown_told_at >= UNKNOWN_LOG_SECONDS:
            self._unknown_told_at = now
            _log.warning(
                "trap from an address that is no device's address=%s; told once in %g s, counted each time",
                *(address, UNKNOWN_LOG_SECONDS),
            )

    async def _decode(self) -> None:
        loop = asyncio.get_running_loop()
        while True:
            batch = [waiting for _, waiting in await self._queue.take(DECODE_AT_ONCE)]
            security = self._security
            if security is None:
                continue
            started = loop.time()
            for decoded in await loop.run_in_executor(self._worker, decode_all, batch, security):
                try:
                    self._note(decoded)
                except Exception:  # noqa: BLE001 - one trap must not end the receiving of all others
                    _log.exception("trap not noted device=%s", decoded.waiting.source.name)
                    self._book.drop(decoded.waiting.source.name, TrapReason.INTERNAL)
            await asyncio.sleep(loop.time() - started)

    def _note(self, decoded: Decoded) -> None:
        source, event = decoded.waiting.source.name, decoded.event
        if decoded.reason is not None:
            self._book.drop(source, decoded.reason)
        if event is not None:
            self._book.receive(source, event.kind, event.oid, event.subject, decoded.waiting.wall_time)
            if event.kind in CONFIGURATION_KINDS:
                self._on_config_change(source)
        if decoded.reply is not None and self._socket is not None:
            self._socket.answer(decoded.reply, decoded.waiting.sender)


def _place(settings: TrapReceiverSettings) -> tuple[str, int]:
    return settings.listen, settings.port


def _check(data: bytes, source: Source) -> tuple[TrapReason | None, Envelope | None]:
    """What can be said against a datagram without decoding it, and its head. Raises BerError."""
    if len(data) > LONGEST_DATAGRAM:
        return TrapReason.TOO_LONG, None
    envelope = read_envelope(data)
    if isinstance(envelope, CommunityEnvelope):
        if data[envelope.pdu_at] not in (_V2_PDUS if envelope.version else _V1_PDUS):
            return TrapReason.UNWANTED, None
        known = [hmac.compare_digest(envelope.community, community) for community in source.communities]
        return (None, envelope) if any(known) else (TrapReason.COMMUNITY, None)
    # Discovery has no user yet, or not a known one.
    if envelope.user and all(keys.user != envelope.user for keys in source.users):
        return TrapReason.USER, None
    return None, envelope
