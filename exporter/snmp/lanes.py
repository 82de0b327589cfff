"""The sockets to one device, kept from scrape to scrape, and what a collector sees of them.

Owns how many requests are under way at once, to one device and in all, and whose turn it is: whoever waited
longest. A socket that is kept keeps what discovery of SNMPv3 found. It must not know what is asked.
"""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from typing import Protocol, TypeVar

from gufo.snmp.typing import ValueType

from exporter.errors import CollectionFailure, CollectionReason
from exporter.snmp.exchange import WorkDone

Found = TypeVar("Found")
Trace = Callable[[str], None]


class Session(Protocol):
    """One socket to an agent, asking one thing at a time."""

    faults: list[CollectionFailure]
    """What went wrong without ending the work."""

    @property
    def work(self) -> WorkDone:
        """Packets, retries and values so far."""
        ...

    def begin(self, deadline: float, trace: Trace | None) -> None:
        """A new scrape: nothing is awaited beyond `deadline`, an instant of the running loop's clock."""

    async def get(self, oids: Sequence[str]) -> Mapping[str, ValueType]:
        """The scalars that exist among `oids`. Raises CollectionFailure."""
        ...

    async def walk(self, column: str, expected_rows: int | None = None) -> Mapping[str, ValueType]:
        """A column's values by row index. Raises CollectionFailure."""
        ...

    def close(self) -> None:
        """End the watch over the socket."""


Open = Callable[[], Session]


class Lanes:
    """Up to `at_once` sessions with one device, opened when they are first needed."""

    def __init__(self, open_session: Open, at_once: int, in_all: asyncio.Semaphore) -> None:
        self._open = open_session
        self._places = asyncio.Semaphore(at_once)
        self._in_all = in_all
        self._idle: list[Session] = []

    async def run(self, ask: Callable[[Session], Awaitable[Found]], view: "SnmpView") -> Found:
        """What `ask` gives on the next free session; its work and faults are told to `view`."""
        async with self._turn(view):
            view.check_turn()
            kept = bool(self._idle)
            session = self._idle.pop() if kept else self._open()
            try:
                return await self._run_on(session, ask, view)
            except CollectionFailure as failure:
                if not kept or failure.reason is not CollectionReason.AUTH:
                    raise
            # Another engine answers at this address: what an earlier scrape discovered holds no more.
            return await self._run_on(self._open(), ask, view)

    @asynccontextmanager
    async def _turn(self, view: "SnmpView") -> AsyncIterator[None]:
        """Wait for a place at this device and one in all, no longer than the scrape lasts."""
        async with AsyncExitStack() as places:
            try:
                async with asyncio.timeout_at(view.deadline):
                    await places.enter_async_context(self._places)
                    await places.enter_async_context(self._in_all)
            except TimeoutError as error:
                detail = "the time for this scrape ran out before its turn came"
                raise CollectionFailure(CollectionReason.DEADLINE, detail) from error
            yield

    async def _run_on(self, session: Session, ask: Callable[[Session], Awaitable[Found]], view: "SnmpView") -> Found:
        session.begin(view.deadline, view.trace)
        before, faults = session.work.copy(), len(session.faults)
        healthy = False
        try:
            found = await ask(session)
            healthy = True
        except CollectionFailure as failure:
            healthy = failure.reason is CollectionReason.NO_DATA
            raise
        else:
            return found
        finally:
            view.work.add(session.work.since(before))
            view.faults += session.faults[faults:]
            session.faults.clear()
            if healthy:
                self._idle.append(session)
            else:
                # Answers may still be under way to it, or its discovery may be outdated.
                session.close()

    def close(self) -> None:
        """End every session."""
        for session in self._idle:
            session.close()
        self._idle.clear()


SILENT_AFTER = 3
"""Tables in a row that timed out, each with all of its retries, before the rest is not waited for."""


class Pulse:
    """Whether a device still answers in this scrape."""

    def __init__(self) -> None:
        self._silent = 0

    def check(self) -> None:
        """Raise CollectionFailure where the device stopped answering."""
        if self._silent >= SILENT_AFTER:
            raise CollectionFailure(CollectionReason.TIMEOUT, "the device stopped answering during this scrape")

    def note(self, *, silent: bool) -> None:
        """How the last question fared."""
        self._silent = self._silent + 1 if silent else 0


class SnmpView:
    """What one collector sees of a device: it asks here, and what that cost and what failed is counted here.

    `deadline` is an instant of the running loop's clock. `trace`, where given, gets what is asked and answered,
    never a community or key.
    """

    def __init__(self, lanes: Lanes, deadline: float, trace: Trace | None, pulse: Pulse | None = None) -> None:
        self._lanes = lanes
        self._pulse = pulse or Pulse()
        self.deadline = deadline
        self.trace = trace
        self.work = WorkDone()
        self.faults: list[CollectionFailure] = []

    def tell(self, line: str) -> None:
        """Write a line of the trace, where one is wanted."""
        if self.trace is not None:
            self.trace(line)

    def check_turn(self) -> None:
        """Raise CollectionFailure where, after waiting for a turn, asking has no point any more."""
        self._pulse.check()

    def another(self, name: str) -> "SnmpView":
        """The same device for the collector `name`, whose lines in the trace begin with it."""
        trace = self.trace
        named = None if trace is None else lambda line: trace(f"{name}: {line}")
        return SnmpView(self._lanes, self.deadline, named, self._pulse)

    async def get(self, oids: Sequence[str]) -> Mapping[str, ValueType]:
        """The scalars that exist among `oids` (without leading dot). Raises CollectionFailure."""
        return await self._ask(lambda session: session.get(oids))

    async def walk(self, column: str, expected_rows: int | None = None) -> Mapping[str, ValueType]:
        """The values of a table's column by row index ("7", "1.2.3"), in the agent's order.

        `expected_rows` keeps the requests small. Raises CollectionFailure.
        """
        return await self._ask(lambda session: session.walk(column, expected_rows))

    async def _ask(self, ask: Callable[[Session], Awaitable[Found]]) -> Found:
        try:
            found = await self._lanes.run(ask, self)
        except CollectionFailure as failure:
            self._pulse.note(silent=failure.reason is CollectionReason.TIMEOUT)
            raise
        self._pulse.note(silent=False)
        return found
