"""One scrape of one device: deadline, isolation of collectors, outcome.

Owns timing and success; collectors only collect. It must not know HTTP.
"""

import asyncio
import logging
import math
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

from exporter import metrics
from exporter.collectors.access import DeviceAccess
from exporter.collectors.table import COLLECTORS, CollectorEntry
from exporter.errors import CollectionFailure, CollectionReason
from exporter.inventory.models import Device, Inventory
from exporter.sample_set import SampleSet
from exporter.snmp.exchange import WorkDone
from exporter.snmp.session import SnmpSession, Trace, open_session

DEFAULT_TIMEOUT_SECONDS = 10.0
LONGEST_TIMEOUT_SECONDS = 300.0
MARGIN_SECONDS = 0.5
"""Kept from Prometheus' timeout for rendering and the way back."""

_log = logging.getLogger(__name__)

_SESSION_ENDING = frozenset(
    {CollectionReason.TIMEOUT, CollectionReason.UNREACHABLE, CollectionReason.AUTH, CollectionReason.DECODE}
)
"""Where the device never answered at all, these make asking it the next thing pointless."""


@dataclass(frozen=True, slots=True)
class CollectorOutcome:
    """How one collector fared."""

    collector: str
    failure: CollectionFailure | None
    duration_seconds: float
    work: WorkDone


@dataclass(frozen=True, slots=True)
class DeviceOutcome:
    """How one scrape of a device fared, with its samples."""

    device: str
    wall_time: float
    """Unix time of the start, in seconds."""

    duration_seconds: float
    collectors: tuple[CollectorOutcome, ...]
    samples: SampleSet = field(repr=False)

    @property
    def up(self) -> bool:
        """Whether the device answered at least one collector with a value."""
        return any(outcome.work.varbinds for outcome in self.collectors)

    @property
    def failures(self) -> tuple[CollectorOutcome, ...]:
        """The collectors that did not finish whole."""
        return tuple(outcome for outcome in self.collectors if outcome.failure is not None)


def timeout_of(header: str | None) -> float:
    """Seconds for a scrape from `X-Prometheus-Scrape-Timeout-Seconds`, less the margin."""
    try:
        seconds = float(header) if header is not None else DEFAULT_TIMEOUT_SECONDS
    except ValueError:
        seconds = DEFAULT_TIMEOUT_SECONDS
    if not math.isfinite(seconds) or seconds <= 0:
        seconds = DEFAULT_TIMEOUT_SECONDS
    seconds = min(seconds, LONGEST_TIMEOUT_SECONDS)
    return max(seconds - MARGIN_SECONDS, seconds / 2)


async def scrape_device(
    inventory: Inventory,
    device: Device,
    timeout_seconds: float,
    *,
    trace: Trace | None = None,
    wall_clock: Callable[[], float] = time.time,
) -> DeviceOutcome:
    """Run every collector on `device` within `timeout_seconds`. Never raises for what the device does."""
    loop = asyncio.get_running_loop()
    started, wall_time = loop.time(), wall_clock()
    samples = SampleSet()
    outcomes: list[CollectorOutcome] = []
    if device.snmp is not None:
        try:
            async with _session(inventory, device, started + timeout_seconds, trace) as session:
                access = DeviceAccess(session, samples, wall_time)
                for entry in COLLECTORS:
                    if trace is not None:
                        trace(f"== {entry.name}")
                    earlier = _failure_for_all(outcomes, session)
                    outcomes.append(
                        await _run(entry, access)
                        if earlier is None
                        else CollectorOutcome(entry.name, earlier, 0.0, WorkDone())
                    )
        except CollectionFailure as failure:
            spent = loop.time() - started
            outcomes = [CollectorOutcome(entry.name, failure, spent, WorkDone()) for entry in COLLECTORS]
    outcome = DeviceOutcome(device.name, wall_time, loop.time() - started, tuple(outcomes), samples)
    _add_outcome(samples, outcome)
    for failed in outcome.failures:
        _log.info("collector failed device=%s collector=%s %s", device.name, failed.collector, failed.failure)
    return outcome


@asynccontextmanager
async def _session(
    inventory: Inventory, device: Device, deadline: float, trace: Trace | None
) -> AsyncIterator[SnmpSession]:
    access = device.snmp
    if access is None:
        raise CollectionFailure(CollectionReason.NO_DATA, f"{device.name} has no SNMP access")
    credential = inventory.credentials.snmp[access.credential]
    async with open_session(device, access, credential, deadline, trace) as session:
        yield session


def _failure_for_all(outcomes: list[CollectorOutcome], session: SnmpSession) -> CollectionFailure | None:
    """The failure of the first collector, when the device never answered and the others need not wait for it."""
    if session.work.varbinds or not outcomes:
        return None
    failure = outcomes[0].failure
    return failure if failure is not None and failure.reason in _SESSION_ENDING else None


async def _run(entry: CollectorEntry, access: DeviceAccess) -> CollectorOutcome:
    loop = asyncio.get_running_loop()
    started, before, faults = loop.time(), access.snmp.work.copy(), len(access.snmp.faults)
    failure: CollectionFailure | None = None
    try:
        await entry.collect(access)
    except CollectionFailure as error:
        failure = error
    except Exception as error:  # noqa: BLE001 - a defect met on one device must not stop the others
        _log.exception("collector broke collector=%s", entry.name)
        failure = CollectionFailure(CollectionReason.INTERNAL, type(error).__name__)
    if failure is None and len(access.snmp.faults) > faults:
        failure = access.snmp.faults[faults]
    return CollectorOutcome(entry.name, failure, loop.time() - started, access.snmp.work.since(before))


def _add_outcome(samples: SampleSet, outcome: DeviceOutcome) -> None:
    samples.add(metrics.UP, outcome.up)
    for collector in outcome.collectors:
        name = collector.collector
        samples.add(metrics.COLLECTOR_SUCCESS, collector.failure is None, name)
        if collector.failure is not None:
            samples.add(metrics.COLLECTOR_FAILURE, 1, name, collector.failure.reason)
        samples.add(metrics.COLLECTOR_DURATION, collector.duration_seconds, name)
        samples.add(metrics.COLLECTOR_PACKETS, collector.work.packets, name)
        samples.add(metrics.COLLECTOR_RETRIES, collector.work.retries, name)
        samples.add(metrics.COLLECTOR_VARBINDS, collector.work.varbinds, name)
