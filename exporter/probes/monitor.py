"""All probes of the inventory, running by themselves; a reload keeps the counters of what did not change.

Owns the tasks. It must not know how a probe works.
"""

import asyncio
import time
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass

from exporter.inventory.link_models import EchoProbe, Link, Probe
from exporter.inventory.models import Inventory
from exporter.probes.disturbance import Clocks
from exporter.probes.echo_engine import EchoEngine
from exporter.probes.echo_target import EchoTarget
from exporter.probes.link_source import LinkSource
from exporter.probes.name_lookup import NameLookup
from exporter.probes.outcome import ProbeFailure
from exporter.probes.recent_minutes import MinuteFigures
from exporter.probes.running import RunningPeriodic
from exporter.probes.trust import TrustStores
from exporter.sample_set import SampleSet

SPREAD_SECONDS = 30.0
"""First rounds are spread over the interval, but no longer than this: a fault should show soon after the start."""


@dataclass(frozen=True, slots=True)
class ProbeKey:
    """What makes a probe the same one after a reload."""

    link: str
    probe: str
    kind: str
    target: str


@dataclass(frozen=True, slots=True)
class ProbeState:
    """How a probe stands, for the landing page."""

    link: str
    probe: str
    kind: str
    target: str
    failure: ProbeFailure | None
    summary: str
    minutes: tuple[MinuteFigures, ...] = ()
    """The last minutes of a continuous probe, oldest first."""


@dataclass(frozen=True, slots=True)
class _Entry:
    link: Link
    probe: Probe
    running: EchoTarget | RunningPeriodic
    task: asyncio.Task[None]


class LinkMonitor:
    """The running probes. To be used inside a running loop."""

    def __init__(self, lookup: NameLookup | None = None, clocks: Clocks | None = None) -> None:
        self._lookup = lookup or NameLookup()
        self._clocks = clocks or Clocks()
        self._trust = TrustStores()
        self._engine = EchoEngine(self._clocks)
        self._entries: dict[ProbeKey, _Entry] = {}

    async def apply(self, inventory: Inventory) -> None:
        """Run the probes of `inventory`: start new ones, end removed ones, keep the counters of the others."""
        wanted = {
            ProbeKey(link.name, probe.name, probe.kind, probe.label): (link, probe)
            for link in inventory.links
            for probe in link.probes
        }
        kept = {key: entry for key, entry in self._entries.items() if _is_unchanged(entry, wanted.get(key))}
        await _end([entry for key, entry in self._entries.items() if key not in kept])
        before, self._entries = self._entries, {}
        for position, (key, (link, probe)) in enumerate(wanted.items()):
            if key in kept:
                entry = kept[key]
                self._entries[key] = _Entry(link, probe, entry.running, entry.task)
                continue
            delay = min(probe.interval_seconds, SPREAD_SECONDS) * position / len(wanted)
            old = before[key].running if key in before else None
            self._entries[key] = self._start(link, probe, delay, old)
        targets = [entry.running for entry in self._entries.values() if isinstance(entry.running, EchoTarget)]
        self._engine.sockets.keep_only({target.socket_key for target in targets})

    async def stop(self) -> None:
        """End all probes."""
        await _end(list(self._entries.values()))
        self._entries.clear()
        self._engine.stop()

    def add_samples(self, samples: SampleSet) -> None:
        """Add what every probe found, and what disturbed them."""
        for entry in self._entries.values():
            labels = (entry.link.name, entry.link.provider, entry.probe.name, entry.probe.label)
            match entry.running:
                case EchoTarget():
                    entry.running.counts.add_samples(samples, labels)
                case RunningPeriodic():
                    entry.running.add_samples(samples, labels)
        self._engine.watch.add_samples(samples)

    def states(self) -> Iterator[ProbeState]:
        """How every probe stands."""
        minute = int(time.time() // 60)
        for key, entry in self._entries.items():
            running = entry.running
            about = (key.link, key.probe, key.kind, key.target)
            match running:
                case EchoTarget():
                    counts = running.counts
                    minutes = counts.minutes.figures(minute)
                    yield ProbeState(*about, counts.failure, running.summary, minutes)
                case RunningPeriodic():
                    yield ProbeState(*about, running.failure, running.summary)

    def _start(self, link: Link, probe: Probe, delay: float, before: EchoTarget | RunningPeriodic | None) -> _Entry:
        source = LinkSource.of(link, self._lookup, self._trust)
        if isinstance(probe, EchoProbe):
            target = EchoTarget(link, probe, source, before.counts if isinstance(before, EchoTarget) else None)
            self._engine.add(target, delay)
            return _Entry(link, probe, target, asyncio.create_task(target.keep_resolved()))
        running = RunningPeriodic(link, probe, source, before if isinstance(before, RunningPeriodic) else None)
        return _Entry(link, probe, running, asyncio.create_task(running.run(delay)))


def _is_unchanged(entry: _Entry, wanted: tuple[Link, Probe] | None) -> bool:
    if wanted is None:
        return False
    link, probe = wanted
    return (
        probe == entry.probe
        and link.source_address == entry.link.source_address
        and link.source_interface == entry.link.source_interface
    )


async def _end(entries: list[_Entry]) -> None:
    for entry in entries:
        if isinstance(entry.running, EchoTarget):
            entry.running.active = False
        entry.task.cancel()
    for entry in entries:
        with suppress(asyncio.CancelledError):
            await entry.task
