"""Who may speak how often, and in which turn: a token bucket a source, and a bounded queue served source by source.

Pure, but for the event that says that something waits.
"""

import asyncio
from collections import OrderedDict, deque
from dataclasses import dataclass
from typing import Generic, TypeVar

T = TypeVar("T")


@dataclass(slots=True)
class TokenBucket:
    """Lets `per_second` through in the long run, and `burst` at once."""

    per_second: float
    burst: int
    at: float
    """When it was last looked at, in seconds of a steady clock."""

    tokens: float

    def take(self, now: float) -> bool:
        """Whether one more may pass at `now`."""
        self.tokens = min(self.burst, self.tokens + (now - self.at) * self.per_second)
        self.at = now
        if self.tokens < 1:
            return False
        self.tokens -= 1
        return True


class FairQueue(Generic[T]):
    """Holds `capacity` items of all sources; each source's in their order, the sources in turns."""

    def __init__(self, capacity: int) -> None:
        self._capacity = capacity
        self._queues: OrderedDict[str, deque[T]] = OrderedDict()
        self._size = 0
        self._filled = asyncio.Event()

    def __len__(self) -> int:
        return self._size

    def put(self, source: str, item: T) -> str | None:
        """Add an item. Where there is no room the source with most items loses its oldest: its name, else None."""
        self._queues.setdefault(source, deque()).append(item)
        self._size += 1
        self._filled.set()
        if self._size <= self._capacity:
            return None
        loser = max(self._queues, key=lambda name: len(self._queues[name]))
        self._queues[loser].popleft()
        self._size -= 1
        if not self._queues[loser]:
            del self._queues[loser]
        return loser

    async def take(self, most: int) -> list[tuple[str, T]]:
        """Up to `most` items, one of each source in turn; waits for the first."""
        await self._filled.wait()
        taken: list[tuple[str, T]] = []
        while self._queues and len(taken) < most:
            source, queue = self._queues.popitem(last=False)
            taken.append((source, queue.popleft()))
            self._size -= 1
            if queue:
                self._queues[source] = queue
        if not self._queues:
            self._filled.clear()
        return taken
