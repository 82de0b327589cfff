"""A session with one SNMP agent: scalars by GET, table columns by GETBULK.

Owns the size of bulk requests, the end of a walk, and the trace for --debug. It
must not know what the objects mean.
"""

import asyncio
import ipaddress
import socket as sockets
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from typing import TypeAlias

from gufo.snmp._fast import GetIter
from gufo.snmp.typing import ValueType

from exporter.errors import CollectionFailure, CollectionReason
from exporter.inventory.models import CommunityCredential, Device, SnmpAccess, UserCredential
from exporter.snmp.channel import Channel
from exporter.snmp.exchange import WorkDone
from exporter.snmp.sockets import SnmpSocket

Trace: TypeAlias = Callable[[str], None]
SHRUNK_SECONDS = 600
"""So long requests stay small after large ones got lost; then one large one is tried again."""

_TOO_LARGE_PERHAPS = frozenset({CollectionReason.TIMEOUT, CollectionReason.DECODE})
GROWTH = 2
"""So many times its first size a GETBULK grows while whole answers come: counters are smaller than texts."""

Varbind: TypeAlias = tuple[str, ValueType]
"""An OID without leading dot, and its value: int, float, bytes of an octet string, or text of an OID or address."""


class SnmpSession:
    """An open session; made by open_session().

    `faults` gathers what went wrong without ending the work: the scrape tells it beside the samples.
    """

    def __init__(self, channel: Channel, bulk_size: int) -> None:
        self._channel = channel
        self._trace: Trace | None = None
        self._first_bulk = bulk_size
        self._bulk_size = bulk_size
        self._largest_bulk = bulk_size * GROWTH
        self._shrunk_at = 0.0
        self.faults: list[CollectionFailure] = []

    @property
    def work(self) -> WorkDone:
        """Packets, retries and values so far."""
        return self._channel.exchange.work

    def begin(self, deadline: float, trace: Trace | None) -> None:
        """A new scrape over the same socket: nothing is awaited beyond `deadline`."""
        self._channel.exchange.begin(deadline)
        self._trace = trace
        if asyncio.get_running_loop().time() - self._shrunk_at > SHRUNK_SECONDS:
            self._largest_bulk = self._first_bulk * GROWTH

    def close(self) -> None:
        """Stop watching the socket."""
        self._channel.close()

    async def get(self, oids: Sequence[str]) -> dict[str, ValueType]:
        """The scalars that exist among `oids` (without leading dot). Raises CollectionFailure."""
        self.tell(f"get {' '.join(oids)}")
        wanted = list(oids)
        found = await self._channel.ask(
            lambda socket: socket.send_get_many(wanted), lambda socket: socket.recv_get_many(), self.tell
        )
        self.work.varbinds += len(found)
        for oid, value in found.items():
            self.tell(f"  {oid} = {value!r}")
        if found:
            return found
        if not self._channel.has_bulk:
            # Version 1 answers with an error alone when one of several objects is missing (RFC 1157, 4.1.2).
            for oid in wanted if len(wanted) > 1 else ():
                found |= await self.get([oid])
        else:
            await self._check_refusal(oids[0].rpartition(".")[0])
        return found

    async def walk(self, column: str, expected_rows: int | None = None) -> dict[str, ValueType]:
        """The values of a table's column by row index ("7", "1.2.3"), in the agent's order.

        `expected_rows` keeps the requests small. A request that is not answered is repeated with half the
        values, as is one that ended without saying so. Raises CollectionFailure; an agent whose OIDs do
        not increase ends the walk with what came before, and a fault.
        """
        if not self._channel.has_bulk:
            return await self._walk_one_by_one(column)
        left = self._channel.exchange.retries
        size = self._bulk_size if expected_rows is None else min(self._bulk_size, expected_rows + 1)
        before: dict[str, ValueType] | None = None
        while True:
            # The same request is repeated once: a packet may get lost. Lost again, it may be too large.
            repetitions = min(1, left)
            try:
                rows, ended = await self._walk_with(column, max(1, size), repetitions)
            except CollectionFailure as failure:
                left -= repetitions
                if failure.reason not in _TOO_LARGE_PERHAPS or left <= 0:
                    raise
                left -= 1
                self.work.retries += 1
                size = self._shrink(size)
                self.tell(f"  no answer; again with {size} values a request")
                continue
            if ended and size == self._bulk_size < len(rows):
                self._bulk_size = min(size * 2, self._largest_bulk)
            if ended or size <= 1 or (rows and before is not None and len(rows) <= len(before)):
                return rows
            # Neither the next column nor the end of the MIB was seen: the answer may have been too big.
            before = rows
            size = max(1, size // 2)
            if not rows:
                self._bulk_size = size
            self.tell(f"  ended without an end; again with {size} values a request")

    def _shrink(self, size: int) -> int:
        """Half of `size`, to which requests keep for a while."""
        self._bulk_size = self._largest_bulk = max(1, size // 2)
        self._shrunk_at = asyncio.get_running_loop().time()
        return self._bulk_size

    async def _walk_with(self, column: str, size: int, retries: int) -> tuple[dict[str, ValueType], bool]:
        """One walk with `size` values a request, and whether its end was certain."""
        rows: dict[str, ValueType] = {}
        place = GetIter(column, size)
        previous: tuple[int, ...] = ()
        last = column
        while True:
            self.tell(f"getbulk {column} ({size}) after {'.'.join(map(str, previous)) or 'start'}")
            answer = await self.ask_bulk(place, retries)
            if answer is None:
                if not rows:
                    return rows, not await self._check_refusal(column)
                # Empty after rows: the end of the MIB, or an answer that did not fit. An error repeats the OID.
                following = await self.ask_next(place)
                return rows, following is None or following[0] == last
            last = answer[-1][0] if answer[-1] is not None else last
            for varbind in answer:
                if varbind is None:
                    return rows, True
                oid, value = varbind
                index = oid[len(column) + 1 :]
                place_of_row = tuple(map(int, index.split("."))) if index else ()
                if place_of_row <= previous:
                    self._note_loop(oid)
                    return rows, True
                previous = place_of_row
                rows[index] = value
                self.work.varbinds += 1
                if self._trace is not None:
                    self._trace(f"  {oid} = {value!r}")

    async def _walk_one_by_one(self, column: str) -> dict[str, ValueType]:
        """A column by GETNEXT, which is all that version 1 has."""
        rows: dict[str, ValueType] = {}
        place = GetIter(column)
        previous: tuple[int, ...] = ()
        while True:
            self.tell(f"getnext {column} after {'.'.join(map(str, previous)) or 'start'}")
            answer = await self.ask_next(place)
            if answer is None:
                return rows
            oid, value = answer
            index = oid[len(column) + 1 :]
            place_of_row = tuple(map(int, index.split("."))) if index else ()
            if place_of_row <= previous:
                if index:
                    self._note_loop(oid)
                return rows
            previous = place_of_row
            rows[index] = value
            self.work.varbinds += 1
            self.tell(f"  {oid} = {value!r}")

    def _note_loop(self, oid: str) -> None:
        fault = CollectionFailure(CollectionReason.DECODE, f"OID does not increase at {oid}")
        self.tell(f"  {fault.detail}")
        self.faults.append(fault)

    async def ask_bulk(self, place: GetIter, retries: int) -> list[Varbind | None] | None:
        """The values after `place`, ended by None where its subtree ends; None for an answer without values."""
        return await self._channel.ask(
            lambda socket: socket.send_get_bulk(place), lambda socket: _until_stop(socket, place), self.tell, retries
        )

    async def ask_next(self, place: GetIter) -> Varbind | None:
        """The value after `place`; None beyond its subtree. An error answer repeats the OID, without a value."""
        return await self._channel.ask(
            lambda socket: socket.send_get_next(place), lambda socket: _next_until_stop(socket, place), self.tell
        )

    async def _check_refusal(self, subtree: str) -> bool:
        """Whether a GETNEXT into `subtree` finds something that a request before it did not.

        gufo-snmp does not tell error answers: they look like emptiness. An agent that answers with an error
        repeats the request's OID without a value (RFC 3416 section 4.2), which this recognises. Raises
        CollectionFailure for a refusal.
        """
        place = GetIter(subtree)
        answer = await self.ask_next(place)
        if answer is None:
            return False
        oid, value = answer
        if oid == subtree and value is None:
            reason = CollectionReason.AUTH if self._channel.is_secure else CollectionReason.NO_DATA
            raise CollectionFailure(reason, f"the device answered {subtree} with an error: no access to it")
        return True

    def tell(self, line: str) -> None:
        """Write a line of the trace, where one is wanted."""
        if self._trace is not None:
            self._trace(line)


@asynccontextmanager
async def open_session(
    device: Device,
    access: SnmpAccess,
    credential: CommunityCredential | UserCredential,
    deadline: float,
    trace: Trace | None,
) -> AsyncIterator[SnmpSession]:
    """A session with `device`, ended on leaving.

    `deadline` is an instant of the running loop's clock. `trace`, where given, gets what is asked and
    answered, never a community or key. Raises CollectionFailure where no session comes about.
    """
    address = await resolve(device.address, access.port, deadline)
    session = connect(address, access, credential)
    session.begin(deadline, trace)
    session.tell(f"{device.name} is {address} port {access.port}, version {credential.version}")
    try:
        yield session
    finally:
        session.close()


def connect(address: str, access: SnmpAccess, credential: CommunityCredential | UserCredential) -> SnmpSession:
    """A session with the agent at `address`, to be begun and closed. Raises CollectionFailure for no socket."""
    return SnmpSession(Channel(address, access, credential), access.bulk_size)


async def resolve(host: str, port: int, deadline: float) -> str:
    """The first address of `host`. Raises CollectionFailure."""
    try:
        return str(ipaddress.ip_address(host))
    except ValueError:
        pass
    try:
        async with asyncio.timeout_at(deadline):
            found = await asyncio.get_running_loop().getaddrinfo(host, port, type=sockets.SOCK_DGRAM)
    except TimeoutError as error:
        raise CollectionFailure(CollectionReason.DEADLINE, f"{host} did not resolve in time") from error
    except OSError as error:
        raise CollectionFailure(CollectionReason.UNREACHABLE, f"{host} does not resolve: {error.strerror}") from error
    return str(found[0][4][0])


def _until_stop(socket: SnmpSocket, place: GetIter) -> list[Varbind | None] | None:
    """The values of a GETBULK's answer, ended by None where the column ends; None when it holds no value."""
    try:
        return socket.recv_get_bulk(place)
    except StopAsyncIteration:
        return None


def _next_until_stop(socket: SnmpSocket, place: GetIter) -> Varbind | None:
    try:
        return socket.recv_get_next(place)
    except StopAsyncIteration:
        return None
