"""One scrape of one device: deadline, isolation of collectors, what is kept until the next scrape.

Owns timing and success; collectors only collect. It must not know HTTP.
"""

import asyncio
import logging
import math
import time
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, replace
from functools import partial
from typing import TypeAlias

from exporter.collectors.access import DeviceAccess
from exporter.collectors.columns import ColumnReader, DeviceMemory
from exporter.collectors.interface_selection import Selection
from exporter.collectors.interfaces import collect_interfaces
from exporter.collectors.profile_plan import Planned, ProfilePlan, plan_profile
from exporter.collectors.profile_rows import ProfileData
from exporter.collectors.profile_rules import collect_rules
from exporter.collectors.system import DeviceFacts, add_identity, fetch_facts
from exporter.errors import CollectionFailure, CollectionReason
from exporter.inventory.models import Device, Inventory
from exporter.outcome import CollectorOutcome, DeviceOutcome, add_outcome
from exporter.profiles.expressions import Result
from exporter.profiles.library import ProfileLibrary, shipped_profiles
from exporter.sample_set import SampleSet
from exporter.self_run import SshReading, add_reading
from exporter.snmp.lanes import Lanes, SnmpView, Trace
from exporter.snmp.open_lane import open_lane
from exporter.snmp.session import resolve

DEFAULT_TIMEOUT_SECONDS = 10.0
LONGEST_TIMEOUT_SECONDS = 300.0
MARGIN_SECONDS = 0.5
"""Kept from Prometheus' timeout for rendering and the way back."""

Collect: TypeAlias = Callable[[DeviceAccess], Awaitable[bool]]
"""Reads the device and adds samples; False where the device has nothing of the kind. Raises CollectionFailure;
samples added before stay."""

_log = logging.getLogger(__name__)


@dataclass(slots=True)
class KeptDevice:
    """What one scrape of a device learns for the next."""

    key: tuple[object, ...]
    """How the device is asked; with another key, nothing of this holds."""

    lanes: Lanes
    memory: DeviceMemory
    plan: ProfilePlan | None = None


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


class Scraper:
    """Scrapes devices, and keeps what one scrape of a device learns for the next. `wall_clock`: Unix time."""

    def __init__(self, profiles: ProfileLibrary, wall_clock: Callable[[], float] = time.time) -> None:
        self._profiles = profiles
        self._plans: dict[str, ProfilePlan] = {}
        self._wall_clock = wall_clock
        self._kept: dict[str, KeptDevice] = {}
        self._in_all: tuple[int, asyncio.Semaphore] | None = None

    async def scrape(
        self,
        inventory: Inventory,
        device: Device,
        timeout_seconds: float,
        trace: Trace | None = None,
        ssh: SshReading | None = None,
    ) -> DeviceOutcome:
        """Run every collector on `device` within `timeout_seconds`. Never raises for what the device does.

        `trace`, where given, gets what is asked and answered, never a secret. `ssh`, the last visit over SSH, is
        published beside.
        """
        loop = asyncio.get_running_loop()
        started, wall_time = loop.time(), self._wall_clock()
        samples = SampleSet()
        outcomes: list[CollectorOutcome] = []
        plan: ProfilePlan | None = None
        if device.snmp is not None:
            try:
                kept = await self._keep(inventory, device, started + timeout_seconds)
            except CollectionFailure as error:
                failure = CollectionFailure(error.reason, error.detail)
                outcomes = [CollectorOutcome("system", failure, loop.time() - started)]
            else:
                columns = ColumnReader(kept.memory)
                selection = Selection(device.interfaces.over(inventory.interfaces))
                view = SnmpView(kept.lanes, started + timeout_seconds, trace)
                access = DeviceAccess(view, columns, samples, wall_time, selection)
                try:
                    plan, outcomes = await self._collect(device, kept, access)
                finally:
                    columns.close()
        if ssh is not None:
            add_reading(samples, ssh, with_facts=all(one.failure is None for one in outcomes))
            outcomes = [*outcomes, ssh.outcome]
        outcome = DeviceOutcome(
            device.name,
            wall_time,
            loop.time() - started,
            tuple(outcomes),
            plan.profile.name if plan is not None else None,
            samples,
        )
        add_outcome(samples, outcome)
        for failed in outcome.failures:
            _log.info("collector failed device=%s collector=%s %s", device.name, failed.collector, failed.failure)
        return outcome

    def forget_unlisted(self, inventory: Inventory) -> None:
        """Drop what is known of devices that are no longer in the inventory."""
        names = {device.name for device in inventory.devices}
        for name in [name for name in self._kept if name not in names]:
            self._kept.pop(name).lanes.close()

    def close(self) -> None:
        """End all sessions."""
        for kept in self._kept.values():
            kept.lanes.close()
        self._kept.clear()

    async def _keep(self, inventory: Inventory, device: Device, deadline: float) -> KeptDevice:
        """What is kept of `device`, begun anew where it is asked otherwise now. Raises CollectionFailure."""
        access = device.snmp
        if access is None:
            raise CollectionFailure(CollectionReason.NO_DATA, f"{device.name} has no SNMP access")
        credential = inventory.credentials.snmp[access.credential]
        address = await resolve(device.address, access.port, deadline)
        key = (address, access, credential)
        limit = inventory.collection.requests_in_all
        if self._in_all is None or self._in_all[0] != limit:
            self._in_all = (limit, asyncio.Semaphore(limit))
        kept = self._kept.get(device.name)
        if kept is None or kept.key != key:
            if kept is not None:
                kept.lanes.close()
            lanes = Lanes(lambda: open_lane(address, access, credential), access.requests_at_once, self._in_all[1])
            memory = DeviceMemory(inventory.collection.retry_empty_seconds, asyncio.get_running_loop().time)
            kept = self._kept[device.name] = KeptDevice(key, lanes, memory)
        return kept

    async def _collect(
        self, device: Device, kept: KeptDevice, access: DeviceAccess
    ) -> tuple[ProfilePlan, list[CollectorOutcome]]:
        """First who it is, then everything else at once: a slow table does not hold up the others."""
        met: list[ProfileData] = []

        async def meet(own: DeviceAccess) -> bool:
            facts = await fetch_facts(own)
            kept.memory.meet(facts.object_id, facts.description, facts.uptime_seconds)
            data = ProfileData(self._plan(device, facts).profile, own.columns, scalars_of(facts, own.wall_time))
            met.append(data)
            await add_identity(own, facts, data, kept.memory)
            return True

        system = await _run("system", meet, access)
        if met:
            data = met[0]
        else:
            unknown = DeviceFacts("", "", "", None)
            profile = kept.plan.profile if kept.plan is not None else self._plan(device, unknown).profile
            data = ProfileData(profile, access.columns, scalars_of(unknown, access.wall_time))
        plan = self._plans[data.profile.name]
        if met:
            kept.plan = plan
        entries: dict[str, Collect] = {
            "interfaces": collect_interfaces,
            **{name: partial(_collect_rules, data=data, rules=rules) for name, rules in plan.collectors.items()},
        }
        wanted = device.snmp.collectors if device.snmp is not None else ()
        entries = {name: collect for name, collect in entries.items() if not wanted or name in wanted}
        if system.ends_session:
            return plan, [system, *(CollectorOutcome(name, system.failure, 0.0) for name in entries)]
        own_samples = {name: replace(access, snmp=access.snmp.another(name), samples=SampleSet()) for name in entries}
        rest = await asyncio.gather(*(_run(name, collect, own_samples[name]) for name, collect in entries.items()))
        for own in own_samples.values():
            access.samples.extend(own.samples)
        return plan, [system, *rest]

    def _plan(self, device: Device, facts: DeviceFacts) -> ProfilePlan:
        """The profile that the inventory names, or that fits what the device says of itself."""
        wanted = device.snmp.profile if device.snmp is not None else None
        profile = (
            self._profiles.profiles[wanted]
            if wanted is not None
            else self._profiles.choose(facts.object_id, facts.description)
        )
        if profile.name not in self._plans:
            self._plans[profile.name] = plan_profile(profile)
        return self._plans[profile.name]


async def scrape_device(
    inventory: Inventory,
    device: Device,
    timeout_seconds: float,
    *,
    trace: Trace | None = None,
    ssh: SshReading | None = None,
    wall_clock: Callable[[], float] = time.time,
) -> DeviceOutcome:
    """One scrape of one device, of which nothing is kept."""
    scraper = Scraper(shipped_profiles(), wall_clock)
    try:
        return await scraper.scrape(inventory, device, timeout_seconds, trace, ssh)
    finally:
        scraper.close()


def scalars_of(facts: DeviceFacts, wall_time: float) -> dict[str, Result]:
    """The scalars that every profile may use."""
    return {
        "sys_object_id": facts.object_id,
        "sys_descr": facts.description,
        "sys_name": facts.name,
        "uptime_seconds": facts.uptime_seconds,
        "wall_time": wall_time,
    }


async def _collect_rules(access: DeviceAccess, data: ProfileData, rules: Sequence[Planned]) -> bool:
    return await collect_rules(access, data, rules)


async def _run(name: str, collect: Collect, access: DeviceAccess) -> CollectorOutcome:
    loop = asyncio.get_running_loop()
    started, view = loop.time(), access.snmp
    failure: CollectionFailure | None = None
    supported = True
    try:
        supported = await collect(access)
    except CollectionFailure as error:
        # Its traceback would keep sockets open for as long as the outcome is kept.
        failure = CollectionFailure(error.reason, error.detail)
    except Exception as error:  # noqa: BLE001 - a defect met on one device must not stop the others
        _log.exception("collector broke collector=%s", name)
        failure = CollectionFailure(CollectionReason.INTERNAL, type(error).__name__)
    if failure is None and view.faults:
        failure = view.faults[0]
    return CollectorOutcome(name, failure, loop.time() - started, view.work, supported)
