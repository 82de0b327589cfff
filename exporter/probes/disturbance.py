"""Notices when this host, not a link, is at fault: the process stood still, was too busy, or the clock jumped.

Owns the clocks and the counting of disturbances. It must not know echoes.
"""

import time
from collections.abc import Callable
from dataclasses import dataclass, field
from enum import StrEnum

from exporter import metrics
from exporter.sample_set import SampleSet

GAP_SECONDS = 0.25
"""A wake-up this late is told; replies are stamped by the kernel, so that less than this distorts nothing."""

STEP_SECONDS = 0.01
"""A wall clock that moved this much against the steady one between two looks was set: slewing is at most 500 ppm."""

BUSY_SHARE = 0.5
NANOSECONDS = 1_000_000_000


class DisturbanceKind(StrEnum):
    """What disturbed the measuring: the label `kind`."""

    SUSPENDED = "suspended"
    OVERLOAD = "overload"
    CLOCK_STEP = "clock_step"


@dataclass(frozen=True, slots=True)
class Clocks:
    """The clocks that measuring needs, in nanoseconds."""

    steady: Callable[[], int] = time.monotonic_ns
    wall: Callable[[], int] = time.time_ns
    since_boot: Callable[[], int] = lambda: time.clock_gettime_ns(time.CLOCK_BOOTTIME)
    """Runs on while the machine sleeps; the steady clock does not."""

    cpu: Callable[[], int] = time.process_time_ns
    """CPU time of this process."""


@dataclass(slots=True)
class Tally:
    """How often, and for how long."""

    times: int = 0
    seconds: float = 0.0


@dataclass(slots=True)
class DisturbanceWatch:
    """Compares the clocks from look to look."""

    clocks: Clocks
    tallies: dict[DisturbanceKind, Tally] = field(default_factory=lambda: {kind: Tally() for kind in DisturbanceKind})
    _steady: int = 0
    _wall: int = 0
    _since_boot: int = 0
    _cpu: int = 0

    def look(self, due_ns: int) -> DisturbanceKind | None:
        """SUSPENDED or OVERLOAD when this look, due at `due_ns` of the steady clock, comes too late; else None.

        Time without CPU of ours is time in which we were not let run. A step of the wall clock is counted only.
        """
        steady, wall, boot, cpu = (
            self.clocks.steady(),
            self.clocks.wall(),
            self.clocks.since_boot(),
            self.clocks.cpu(),
        )
        first = self._steady == 0
        asleep_ns = (boot - self._since_boot) - (steady - self._steady)
        # What passed before the last look was judged then.
        gap_ns = max(0, steady - max(due_ns, self._steady)) + max(0, asleep_ns)
        busy_ns = cpu - self._cpu
        step_ns = abs((wall - self._wall) - (boot - self._since_boot))
        self._steady, self._wall, self._since_boot, self._cpu = steady, wall, boot, cpu
        if first:
            return None
        if step_ns > STEP_SECONDS * NANOSECONDS:
            self._count(DisturbanceKind.CLOCK_STEP, step_ns)
        if gap_ns <= GAP_SECONDS * NANOSECONDS:
            return None
        kind = DisturbanceKind.OVERLOAD if busy_ns > gap_ns * BUSY_SHARE else DisturbanceKind.SUSPENDED
        self._count(kind, gap_ns)
        return kind

    def add_samples(self, samples: SampleSet) -> None:
        """Add the counters of disturbances, those that never occurred as 0."""
        for kind, tally in self.tallies.items():
            samples.add(metrics.DISTURBANCE, tally.times, kind)
            samples.add(metrics.DISTURBANCE_SECONDS, tally.seconds, kind)

    def _count(self, kind: DisturbanceKind, nanoseconds: int) -> None:
        self.tallies[kind].times += 1
        self.tallies[kind].seconds += nanoseconds / NANOSECONDS
