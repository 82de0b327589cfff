"""All probes of the inventory, running by themselves; a reload keeps the counters of what did not change.

Owns the tasks. It must not know how a probe works.
"""

import asyncio
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass

from exporter.inventory.link_models import DnsProbe, EchoProbe, HttpProbe, Link, Probe
from exporter.inventory.models import Inventory
from exporter.probes.echo_socket import EchoSockets
from exporter.probes.outcome import ProbeFailure
from exporter.probes.running import RunningEcho, RunningPeriodic, RunningProbe
from exporter.sample_set import SampleSet


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


@dataclass(frozen=True, slots=True)
class _Entry:
    link: Link
    probe: Probe
    running: RunningProbe
    task: asyncio.Task[None]


class LinkMonitor:
    """The running probes. To be used inside a running loop."""

    def __init__(self) -> None:
        self._sockets = EchoSockets()
        self._entries: dict[ProbeKey, _Entry] = {}

    async def apply(self, inventory: Inventory) -> None:
        """Run the probes of `inventory`: start new ones, end removed ones, keep the counters of the others."""
        wanted = {
            ProbeKey(link.name, probe.name, probe.kind, probe.label): (link, probe)
            for link in inventory.links
            for probe in link.probes
        }
        ended = [entry for key, entry in self._entries.items() if not _is_unchanged(entry, wanted.get(key))]
        await _end(ended)
        before, self._entries = self._entries, {}
        for position, (key, (link, probe)) in enumerate(wanted.items()):
            entry = before.get(key)
            if entry is not None and not entry.task.done():
                self._entries[key] = _Entry(link, probe, entry.running, entry.task)
                continue
            # Starts are spread over an interval: echoes that leave together lose replies.
            delay = probe.interval_seconds * position / len(wanted)
            running = self._make(link, probe, entry.running if entry is not None else None)
            self._entries[key] = _Entry(link, probe, running, asyncio.create_task(running.run(delay)))

    async def stop(self) -> None:
        """End all probes."""
        await _end(list(self._entries.values()))
        self._entries.clear()
        self._sockets.close()

    def add_samples(self, samples: SampleSet) -> None:
        """Add what every probe found."""
        for entry in self._entries.values():
            labels = (entry.link.name, entry.link.provider, entry.probe.name, entry.probe.label)
            entry.running.add_samples(samples, labels)

    def states(self) -> Iterator[ProbeState]:
        """How every probe stands."""
        for key, entry in self._entries.items():
            yield ProbeState(key.link, key.probe, key.kind, key.target, entry.running.failure, entry.running.summary)

    def _make(self, link: Link, probe: Probe, before: RunningProbe | None) -> RunningProbe:
        match probe:
            case EchoProbe():
                counts = before.counts if isinstance(before, RunningEcho) else None
                return RunningEcho(link, probe, self._sockets, counts)
            case DnsProbe() | HttpProbe():
                running = RunningPeriodic(link, probe)
                running.last = before.last if isinstance(before, RunningPeriodic) else None
                return running


def _is_unchanged(entry: _Entry, wanted: tuple[Link, Probe] | None) -> bool:
    if wanted is None:
        return False
    link, probe = wanted
    return probe == entry.probe and link.source_address == entry.link.source_address


async def _end(entries: list[_Entry]) -> None:
    for entry in entries:
        entry.task.cancel()
    for entry in entries:
        with suppress(asyncio.CancelledError):
            await entry.task
