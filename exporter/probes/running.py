"""One periodic probe of one link as it runs: a loop that survives whatever a round meets, and its samples.

Owns pace and timeout. It must not know the other probes: monitor.py does.
"""

import asyncio
import logging
import time
from dataclasses import dataclass

from exporter import metrics
from exporter.errors import ProbeReason
from exporter.inventory.link_models import Link, PeriodicProbe
from exporter.probes.link_source import LinkSource
from exporter.probes.outcome import ProbeFailure, ProbeRound
from exporter.probes.table import PERIODIC_PROBERS, SERVICE_KINDS
from exporter.probes.told import tell_change
from exporter.sample_set import SampleSet

_log = logging.getLogger(__name__)


@dataclass(slots=True)
class RoundMemory:
    """What outlives a round, and a reload."""

    last: ProbeRound | None = None
    hops: tuple[str | None, ...] = ()
    """The last path that was found."""

    path_changes: int = 0


class RunningPeriodic:
    """A probe of any kind but ICMP echoes; `before` is the one that it goes on for, after a reload."""

    def __init__(
        self, link: Link, probe: PeriodicProbe, source: LinkSource, before: "RunningPeriodic | None" = None
    ) -> None:
        self._link = link
        self._probe = probe
        self._source = source
        self.memory: RoundMemory = before.memory if before is not None else RoundMemory()

    async def run(self, first_delay_seconds: float) -> None:
        """Probe each interval; a round ends before the next begins."""
        loop = asyncio.get_running_loop()
        due = loop.time() + first_delay_seconds
        while True:
            await asyncio.sleep(due - loop.time())
            found = await self._round()
            found.ended_at = time.time()
            tell_change(self._link.name, self._probe.name, self.failure, found.failure)
            self._note_path(found)
            self.memory.last = found
            due = max(due + self._probe.interval_seconds, loop.time())

    async def _round(self) -> ProbeRound:
        found = ProbeRound()
        limit_seconds = self._probe.round_seconds
        try:
            async with asyncio.timeout(limit_seconds):
                await PERIODIC_PROBERS[self._probe.kind](self._probe, self._source, found)
        except ProbeFailure as failure:
            found.failure = failure
        except TimeoutError:
            found.failure = ProbeFailure(ProbeReason.TIMEOUT, f"not finished within {limit_seconds:g} s")
        except Exception as error:  # noqa: BLE001 - a defect met on one probe must not stop the others
            _log.exception("probe broke link=%s probe=%s", self._link.name, self._probe.name)
            found.failure = ProbeFailure(ProbeReason.INTERNAL, type(error).__name__)
        return found

    def _note_path(self, found: ProbeRound) -> None:
        if not found.hops:
            return
        if self.memory.hops and paths_differ(self.memory.hops, found.hops):
            self.memory.path_changes += 1
            way = " ".join(hop or "*" for hop in found.hops)
            _log.info("path changed link=%s probe=%s hops=%s", self._link.name, self._probe.name, way)
        self.memory.hops = found.hops

    def add_samples(self, samples: SampleSet, labels: tuple[str, ...]) -> None:
        """Add what the last round found; nothing before the first. `labels`: link, provider, probe, target."""
        last = self.memory.last
        if last is None:
            return
        if self._probe.kind in SERVICE_KINDS:
            samples.add(metrics.LINK_SUCCESS, last.failure is None, *labels)
        if last.failure is not None:
            samples.add(metrics.LINK_FAILURE, 1, *labels, last.failure.reason)
        for phase, seconds in last.phases.items():
            samples.add(metrics.LINK_DURATION, seconds, *labels, phase)
        if self._probe.kind == "path":
            samples.add(metrics.LINK_PATH_CHANGES, self.memory.path_changes, *labels)
        single = (
            (metrics.LINK_LAST_ROUND, last.ended_at),
            (metrics.LINK_HTTP_STATUS, last.status_code),
            (metrics.LINK_TLS_EXPIRY, last.tls_expiry),
            (metrics.LINK_PATH_HOPS, len(last.hops) or None),
            (metrics.LINK_PATH_MTU, last.path_mtu_bytes),
            (metrics.LINK_THROUGHPUT, last.throughput_bits_per_second),
            (metrics.LINK_THROUGHPUT_BYTES, last.throughput_read_bytes),
        )
        for metric, value in single:
            if value is not None:
                samples.add(metric, value, *labels)

    @property
    def failure(self) -> ProbeFailure | None:
        """Why the last round failed; None when it passed or none ended yet."""
        return self.memory.last.failure if self.memory.last is not None else None

    @property
    def summary(self) -> str:
        """What the last round found, for the landing page; empty before the first."""
        last = self.memory.last
        if last is None:
            return ""
        if last.throughput_bits_per_second is not None:
            return f"{last.throughput_bits_per_second / 1e6:.1f} Mbit/s"
        if last.hops:
            mtu = f", MTU {last.path_mtu_bytes}" if last.path_mtu_bytes is not None else ""
            return f"{len(last.hops)} hops{mtu}"
        return f"{sum(last.phases.values()) * 1000:.1f} ms"


def paths_differ(before: tuple[str | None, ...], now: tuple[str | None, ...]) -> bool:
    """Whether two paths differ in length or in a hop; a silent hop may be any."""
    if len(before) != len(now):
        return True
    return any(old is not None and new is not None and old != new for old, new in zip(before, now, strict=True))
