"""Columns of one device during one scrape: each is asked for once, whoever needs it, several at a time.

Owns the sharing between collectors and the memory of what a device does not have. It must not know what the
columns mean.
"""

import asyncio
from collections.abc import Callable, Coroutine, Iterable, Mapping
from typing import Any

from exporter.collectors.values import Column, Value
from exporter.errors import CollectionFailure, CollectionReason
from exporter.snmp.lanes import SnmpView

_NOTHING: Column = {}
YOUNG_SECONDS = 300


class DeviceMemory:
    """What is known of a device from earlier scrapes.

    Columns that it was found not to have are asked for again only now and then; those that it once had, always.
    """

    def __init__(self, retry_seconds: float, clock: Callable[[], float]) -> None:
        self._retry_seconds = retry_seconds
        self._clock = clock
        self._until: dict[str, float] = {}
        self._had: set[str] = set()
        self._missed: set[str] = set()
        """Columns that were found empty: once may be a damaged answer, twice running is not."""

        self._kind: tuple[object, ...] = ()
        self._uptime_seconds = 0.0
        self.chassis: str | None = None
        """The chassis' entPhysicalIndex; empty where it has none; None where that is not known."""

    def meet(self, object_id: str, description: str, uptime_seconds: float | None) -> None:
        """Forget everything when the device is another one now, has other software, or started again."""
        kind, uptime = (object_id, description), uptime_seconds or 0.0
        if kind != self._kind or uptime < self._uptime_seconds:
            self._until.clear()
            self._had.clear()
            self._missed.clear()
            self.chassis = None
        self._kind, self._uptime_seconds = kind, uptime

    def holds(self, column: str) -> bool:
        """Whether `column` need not be asked for now."""
        return self._until.get(column, 0) > self._clock()

    def note(self, column: str, *, empty: bool) -> None:
        """Remember how `column` was found."""
        if not empty:
            self._had.add(column)
            self._missed.discard(column)
        # Just started, an agent may not have filled its tables yet; and rows come back after a fault, or in a new slot.
        if not empty or self._uptime_seconds <= YOUNG_SECONDS or column in self._had:
            self._until.pop(column, None)
        elif column in self._missed:
            self._until[column] = self._clock() + self._retry_seconds
        else:
            self._missed.add(column)


class ColumnReader:
    """The columns and scalars read in this scrape."""

    def __init__(self, memory: DeviceMemory) -> None:
        self._memory = memory
        self._tasks: dict[str, asyncio.Task[Column]] = {}
        self.count_read = 0
        """How many columns and scalars were answered, or failed, until now."""

    async def read(self, view: SnmpView, columns: Iterable[str]) -> dict[str, CollectionFailure]:
        """Have `columns` read: the first alone, for its number of rows, then the rest together.

        Gives the failures by column. A column that the device refuses to show is one that it does not have.
        """
        wanted = list(dict.fromkeys(columns))
        failures: dict[str, CollectionFailure] = {}
        await self._read(view, wanted[:1], None, failures)
        rows = len(self[wanted[0]]) if wanted else 0
        await self._read(view, wanted[1:], rows or None, failures)
        return failures

    async def read_scalars(self, view: SnmpView, oids: Iterable[str]) -> dict[str, CollectionFailure]:
        """Have the scalars `oids` (with their .0) read in one request."""
        missing = [oid for oid in dict.fromkeys(oids) if oid not in self._tasks and not self._memory.holds(oid)]
        if missing:
            asked = asyncio.create_task(view.get(missing))
            for oid in missing:
                self._start(oid, self._scalar(oid, asked))
        return await self._gather(oids)

    def __getitem__(self, column: str) -> Column:
        """The column as it was read; empty where it was not, or failed."""
        task = self._tasks.get(column)
        if task is None or not task.done() or task.cancelled() or task.exception() is not None:
            return _NOTHING
        return task.result()

    def is_read(self, column: str) -> bool:
        """Whether `column` was asked for and answered, or failed."""
        task = self._tasks.get(column)
        return task is not None and task.done()

    def scalar(self, oid: str) -> Value:
        """A scalar as it was read."""
        return self[oid].get("")

    def close(self) -> None:
        """End what still runs."""
        for task in self._tasks.values():
            task.cancel()

    def _start(self, key: str, reading: Coroutine[Any, Any, Column]) -> None:
        task = self._tasks[key] = asyncio.create_task(reading)
        task.add_done_callback(self._count)

    def _count(self, _task: "asyncio.Task[Column]") -> None:
        self.count_read += 1

    async def _read(
        self, view: SnmpView, columns: list[str], rows: int | None, failures: dict[str, CollectionFailure]
    ) -> None:
        for column in columns:
            if column not in self._tasks and not self._memory.holds(column):
                self._start(column, self._walk(view, column, rows))
        failures.update(await self._gather(columns))

    async def _gather(self, keys: Iterable[str]) -> dict[str, CollectionFailure]:
        known = [(key, self._tasks[key]) for key in keys if key in self._tasks]
        results = await asyncio.gather(*(task for _, task in known), return_exceptions=True)
        failures: dict[str, CollectionFailure] = {}
        for (key, _), result in zip(known, results, strict=True):
            if isinstance(result, CollectionFailure):
                failures[key] = result
            elif isinstance(result, BaseException):
                raise result
        return failures

    async def _walk(self, view: SnmpView, column: str, rows: int | None) -> Column:
        faults = len(view.faults)
        try:
            found = await view.walk(column, rows)
        except CollectionFailure as failure:
            if failure.reason is not CollectionReason.NO_DATA:
                raise
            found = _NOTHING
        self._memory.note(column, empty=not found and len(view.faults) == faults)
        return found

    async def _scalar(self, oid: str, asked: "asyncio.Task[Mapping[str, Value]]") -> Column:
        try:
            found = await asked
        except CollectionFailure as failure:
            if failure.reason is not CollectionReason.NO_DATA:
                raise
            found = _NOTHING
        value = found.get(oid)
        self._memory.note(oid, empty=value is None)
        return _NOTHING if value is None else {"": value}
