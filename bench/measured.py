"""Time and CPU of two ways to do the same, taken in turns so that the machine's moods fall on both.

Owns the clock and the table; what is measured stands in the module of its subject.
"""

import resource
import statistics
import time
from collections.abc import Callable
from dataclasses import dataclass

ROUNDS = 15


@dataclass(frozen=True, slots=True)
class Cost:
    """What one round took, in seconds."""

    wall: float
    cpu: float
    """User and system time of this process and of the children that it waited for."""


def cost_of(work: Callable[[], None]) -> Cost:
    """The cost of one call of `work`."""
    before_cpu, before = _cpu_seconds(), time.perf_counter()
    work()
    return Cost(time.perf_counter() - before, _cpu_seconds() - before_cpu)


def compare(title: str, ours: tuple[str, Callable[[], None]], peer: tuple[str, Callable[[], None]]) -> None:
    """Print medians of both and the median of the ratios ours/peer, over ROUNDS rounds after one warm-up."""
    costs: list[tuple[Cost, Cost]] = []
    for number in range(ROUNDS + 1):
        pair = (cost_of(ours[1]), cost_of(peer[1]))
        if number:
            costs.append(pair)
    print(f"\n{title} ({ROUNDS} rounds, medians)")  # noqa: T201 - a bench speaks to a terminal
    for name, index in ((ours[0], 0), (peer[0], 1)):
        wall = statistics.median(pair[index].wall for pair in costs)
        cpu = statistics.median(pair[index].cpu for pair in costs)
        print(f"  {name:<34} wall {wall * 1000:9.2f} ms   cpu {cpu * 1000:9.2f} ms")  # noqa: T201
    wall_ratio = statistics.median(mine.wall / other.wall for mine, other in costs)
    cpu_ratio = statistics.median(mine.cpu / other.cpu for mine, other in costs)
    print(f"  {'ratio':<34} wall {wall_ratio:9.2f} x    cpu {cpu_ratio:9.2f} x")  # noqa: T201


def _cpu_seconds() -> float:
    own, children = resource.getrusage(resource.RUSAGE_SELF), resource.getrusage(resource.RUSAGE_CHILDREN)
    return own.ru_utime + own.ru_stime + children.ru_utime + children.ru_stime
