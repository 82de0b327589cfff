"""A flood costs its sender its own traps: not another device's, not the measuring of links, not memory."""

from collections.abc import Callable

import pytest

from bench.traps import run_flood
from exporter.traps.fair_queue import FairQueue, TokenBucket

MOST_MEMORY_MIB = 250


@pytest.mark.alone
def test_a_flood_of_one_device(share: Callable[[int, int], int]) -> None:
    """5,000 traps a second: all accounted for, the other device's trap gets through, no echo is lost by our doing.

    For two seconds daily, for ten in full.
    """
    found = run_flood(5000, share(2, 10))
    assert found.received + found.rate_limited + found.lost_by_kernel == found.sent
    assert found.dropped_otherwise == 0
    assert 100 <= found.received < found.sent / 10
    assert found.other_received == 1
    assert found.echoes_lost == 0
    assert "overload" not in found.echoes_suppressed
    assert found.memory_mib < MOST_MEMORY_MIB


async def test_sources_are_served_in_turns() -> None:
    """A source with many traps waiting does not delay one with a single trap, and keeps its own order."""
    queue: FairQueue[int] = FairQueue(10)
    for number in range(5):
        assert queue.put("loud", number) is None
    queue.put("soft", 100)
    assert await queue.take(3) == [("loud", 0), ("soft", 100), ("loud", 1)]
    assert await queue.take(10) == [("loud", 2), ("loud", 3), ("loud", 4)]


async def test_a_full_queue_takes_from_the_loudest() -> None:
    """Where there is no more room, the source with most waiting loses its oldest; the queue never grows beyond."""
    queue: FairQueue[int] = FairQueue(4)
    for number in range(4):
        queue.put("loud", number)
    assert queue.put("soft", 100) == "loud"
    assert queue.put("loud", 4) == "loud"
    assert len(queue) == 4
    assert await queue.take(10) == [("loud", 2), ("soft", 100), ("loud", 3), ("loud", 4)]


def test_a_bucket_lets_a_burst_and_then_its_rate_through() -> None:
    """After the burst, as many pass as the rate allows, and a quiet time fills the bucket no further than the burst."""
    bucket = TokenBucket(per_second=8, burst=5, at=0.0, tokens=5.0)
    assert [bucket.take(0.0) for _ in range(7)] == [True] * 5 + [False] * 2
    assert sum(bucket.take(tick / 64) for tick in range(1, 65)) == 8
    assert [bucket.take(1000.0) for _ in range(7)] == [True] * 5 + [False] * 2
