"""Visits over SSH by themselves: at once, then at a slow interval, and soon after something was told of a device.

Owns when a device is visited, how many are at a time, and the last reading of each. netmiko blocks, so visits run in
a few threads, which end with stop(). It must not know HTTP. The libraries of SSH are imported only where a device is
asked over it: they cost memory and half a second.
"""

import asyncio
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from importlib import import_module
from zoneinfo import ZoneInfo

from exporter import metrics
from exporter.configuration.archive import Archive
from exporter.configuration.compliance import rules_for
from exporter.errors import CollectionFailure, CollectionReason
from exporter.inventory.models import CommunityCredential, Device, Inventory
from exporter.platforms.library import shipped_platforms
from exporter.sample_set import SampleSet
from exporter.self_run import SshReading
from exporter.snmp.session import resolve

SETTLE_SECONDS = 3.0
"""From word of a change to the visit: changes come in series."""

SOONEST_AGAIN_SECONDS = 30.0
"""Between the end of a visit and one for word of a change: a device that tells without end is not visited so."""

RETRY_SECONDS = 300.0
"""After a visit that failed for what may pass by itself. A refused login is not tried again so soon: accounts lock."""

_PASSING = frozenset({CollectionReason.TIMEOUT, CollectionReason.UNREACHABLE, CollectionReason.DEADLINE})

CUT_SECONDS = 1.0
"""After the visit's time, its socket is cut: some waiting of the libraries has no limit of its own."""

Trace = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class SshPlan:
    """What an inventory asks of the runner; made by prepare()."""

    inventory: Inventory
    devices: tuple[Device, ...]
    archive: Archive | None


@dataclass(slots=True)
class _Follower:
    """What goes on for one device."""

    key: tuple[object, ...]
    wake: asyncio.Event = field(default_factory=asyncio.Event)
    first: asyncio.Event = field(default_factory=asyncio.Event)
    """Set once there is a reading."""

    task: asyncio.Task[None] | None = None
    reading: SshReading | None = None


class SshRunner:
    """Visits the devices of an inventory that are asked over SSH. `wall_clock`: Unix time."""

    def __init__(
        self,
        wall_clock: Callable[[], float] = time.time,
        settle_seconds: float = SETTLE_SECONDS,
        soonest_again_seconds: float = SOONEST_AGAIN_SECONDS,
        retry_seconds: float = RETRY_SECONDS,
    ) -> None:
        self._wall_clock = wall_clock
        self._settle_seconds = settle_seconds
        self._soonest_again_seconds = soonest_again_seconds
        self._retry_seconds = retry_seconds
        self._followers: dict[str, _Follower] = {}
        self._pool: tuple[int, ThreadPoolExecutor, asyncio.Semaphore] | None = None

    async def prepare(self, inventory: Inventory) -> SshPlan:
        """Everything that can be refused about `inventory`. Raises PublicError and changes nothing that runs."""
        return await asyncio.to_thread(_prepare, inventory)

    async def apply(self, plan: SshPlan) -> None:
        """Visit the devices of `plan` from now on; those that are asked as before are not visited anew for it."""
        keys = {device.name: _key_of(device, plan.inventory) for device in plan.devices}
        ended = [name for name, follower in self._followers.items() if follower.key != keys.get(name)]
        await self._end(ended)
        if not plan.devices:
            await self._close_pool()
            return
        await self._open_pool(plan.inventory.ssh.sessions_in_all)
        for place, device in enumerate(plan.devices):
            if device.name not in self._followers:
                follower = self._followers[device.name] = _Follower(keys[device.name])
                share = (place + 1) / len(plan.devices)
                follower.task = asyncio.create_task(self._follow(follower, plan, device, share))

    def run_soon(self, device_name: str) -> None:
        """Visit a device soon, because something was told of it. Of others nothing is done. On the loop's thread."""
        follower = self._followers.get(device_name)
        if follower is not None:
            follower.wake.set()

    def reading(self, device_name: str) -> SshReading | None:
        """The last visit of a device; None where there was none."""
        follower = self._followers.get(device_name)
        return follower.reading if follower is not None else None

    async def first_reading(self, device_name: str, timeout_seconds: float) -> SshReading | None:
        """As reading(), awaiting the end of the first visit. Raises TimeoutError; None of a device not visited."""
        follower = self._followers.get(device_name)
        if follower is None:
            return None
        await asyncio.wait_for(follower.first.wait(), timeout_seconds)
        return follower.reading

    async def stop(self) -> None:
        """End all visits, sessions and threads."""
        await self._end(list(self._followers))
        await self._close_pool()

    async def _end(self, names: list[str]) -> None:
        followers = [self._followers.pop(name) for name in names]
        tasks = [follower.task for follower in followers if follower.task is not None]
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    async def _open_pool(self, size: int) -> None:
        if self._pool is not None and self._pool[0] == size:
            return
        await self._close_pool()
        self._pool = (size, ThreadPoolExecutor(size, thread_name_prefix="ssh"), asyncio.Semaphore(size))

    async def _close_pool(self) -> None:
        if self._pool is not None:
            _, pool, _ = self._pool
            self._pool = None
            await asyncio.to_thread(pool.shutdown)

    async def _follow(self, follower: _Follower, plan: SshPlan, device: Device, share: float) -> None:
        """At once; then spread over the interval by `share` (0 to 1), so that devices do not come in one burst."""
        loop = asyncio.get_running_loop()
        interval = plan.inventory.ssh.interval_seconds
        due = loop.time() + interval * share
        while True:
            await self._visit(follower, plan, device)
            follower.first.set()
            ended = loop.time()
            while due <= ended:
                due += interval
            reading = follower.reading
            passing = reading is not None and reading.failure is not None and reading.failure.reason in _PASSING
            try:
                async with asyncio.timeout_at(min(due, ended + self._retry_seconds) if passing else due):
                    await follower.wake.wait()
                    await asyncio.sleep(max(self._settle_seconds, ended + self._soonest_again_seconds - loop.time()))
            except TimeoutError:
                pass  # it is time
            follower.wake.clear()

    async def _visit(self, follower: _Follower, plan: SshPlan, device: Device) -> None:
        if self._pool is None or device.ssh is None:
            return
        _, pool, places = self._pool
        async with places:
            last = follower.reading.configuration if follower.reading is not None else None
            follower.reading = await run_visit(plan, device, pool, self._wall_clock, last=last)


async def visit_now(inventory: Inventory, device: Device, trace: Trace | None = None) -> SshReading:
    """One visit of one device; its configuration is judged and not kept. Raises PublicError."""
    await asyncio.to_thread(_load)
    with ThreadPoolExecutor(1) as pool:
        return await run_visit(SshPlan(inventory, (device,), None), device, pool, time.time, trace=trace)


async def run_visit(
    plan: SshPlan,
    device: Device,
    pool: ThreadPoolExecutor,
    wall_clock: Callable[[], float],
    *,
    last: SampleSet | None = None,
    trace: Trace | None = None,
) -> SshReading:
    """Visit `device` in a thread of `pool`; `last`: what its configuration said before, for want of news.

    Cancelled, it ends the session and waits for the thread.
    """
    from exporter.collectors.cli_visit import Visit, VisitOrder, visit_device  # noqa: PLC0415 - see above
    from exporter.ssh.interrupt import Interrupt  # noqa: PLC0415
    from exporter.ssh.session import Target  # noqa: PLC0415

    access = device.ssh
    if access is None:
        raise TypeError(f"{device.name} has no SSH access")
    loop = asyncio.get_running_loop()
    started, interrupt, visit = loop.time(), Interrupt(), Visit()
    cut = loop.call_later(access.visit_seconds + CUT_SECONDS, interrupt.set)
    try:
        address = await resolve(device.address, access.port, started + min(access.read_seconds, access.visit_seconds))
        target = Target(
            device.address,
            address,
            access.port,
            plan.inventory.credentials.ssh[access.credential],
            plan.inventory.ssh.known_hosts,
            access.read_seconds,
            time.monotonic() + access.visit_seconds,
        )
        order = VisitOrder(
            device.name,
            target,
            shipped_platforms()[access.platform],
            rules_for(device, plan.inventory.configuration.rules),
            plan.archive,
            ZoneInfo(plan.inventory.site.time_zone),
            known_secrets(plan.inventory),
        )
        running = loop.run_in_executor(pool, visit_device, order, interrupt, trace, wall_clock)
        try:
            visit = await asyncio.shield(running)
        except asyncio.CancelledError:
            interrupt.set()
            await asyncio.wait([running])
            raise
    except CollectionFailure as error:
        visit.failures.append(CollectionFailure(error.reason, error.detail))
    finally:
        cut.cancel()
    configuration = SampleSet()
    if plan.archive is not None:
        configuration.add(metrics.CONFIG_BACKUP_SUCCESS, visit.kept)
        kept_at = plan.archive.read_at(device.name)
        if kept_at is not None:
            configuration.add(metrics.CONFIG_BACKUP_TIMESTAMP, kept_at)
    said = visit.configuration if visit.configuration_read else last
    if said is not None:
        configuration.fill(said)
    failure = visit.failures[0] if visit.failures else None
    return SshReading(wall_clock(), loop.time() - started, failure, visit.logged_in, configuration, visit.facts)


def known_secrets(inventory: Inventory) -> tuple[str, ...]:
    """What the inventory itself knows of secrets: no device's configuration may be kept with one."""
    credentials = inventory.credentials
    found = [
        *(one.community for one in credentials.snmp.values() if isinstance(one, CommunityCredential)),
        *(
            part.password
            for one in credentials.snmp.values()
            if not isinstance(one, CommunityCredential)
            for part in (one.auth, one.privacy)
            if part is not None
        ),
        *(secret for one in credentials.ssh.values() for secret in (one.password, one.key_passphrase) if secret),
    ]
    return tuple(secret.get_secret_value() for secret in found)


def _prepare(inventory: Inventory) -> SshPlan:
    devices = tuple(device for device in inventory.devices if device.ssh is not None)
    folder = inventory.configuration.folder
    if not devices:
        return SshPlan(inventory, (), None)
    _load()
    archive = Archive(folder) if folder is not None else None
    if archive is not None:
        archive.prepare()
    return SshPlan(inventory, devices, archive)


def _load() -> None:
    """What the first visit needs, off the loop: importing it there would delay everything else."""
    shipped_platforms()
    import_module("exporter.collectors.cli_visit")


def _key_of(device: Device, inventory: Inventory) -> tuple[object, ...]:
    """How a device is visited; with another key, what is known of it does not hold."""
    access = device.ssh
    credential = inventory.credentials.ssh[access.credential] if access is not None else None
    return (
        device.name,
        device.address,
        device.role,
        access,
        credential,
        inventory.ssh,
        inventory.configuration,
        inventory.site,
    )
