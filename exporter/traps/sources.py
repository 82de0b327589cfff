"""Whose an address is: the devices of the inventory by their addresses, names looked up again as they move.

Owns what is accepted of each device. It must not read datagrams.
"""

import asyncio
import ipaddress
import logging
from collections.abc import Callable, Iterable, Mapping
from contextlib import suppress
from dataclasses import dataclass

from exporter.inventory.models import Device, Inventory, SnmpCredential, UserCredential
from exporter.probes.name_lookup import NameLookup
from exporter.probes.outcome import ProbeFailure
from exporter.traps.fair_queue import TokenBucket
from exporter.traps.user_keys import UserKeys

RETRY_SECONDS = 30.0
SHORTEST_SLEEP_SECONDS = 1.0

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Source:
    """A device that may send traps, and what is accepted of it."""

    name: str
    communities: tuple[bytes, ...]
    users: tuple[UserKeys, ...]
    engine_id: bytes | None
    bucket: TokenBucket


class Sources:
    """The devices by address. `lookup` resolves the names among them, in a task of its own."""

    def __init__(self, lookup: NameLookup, clock: Callable[[], float]) -> None:
        self._lookup = lookup
        self._clock = clock
        self._by_address: dict[str, Source] = {}
        self._keys: dict[str, UserKeys] = {}
        self._resolved: dict[str, set[str]] = {}
        self._told_unresolved: set[str] = set()
        self._resolving: asyncio.Task[None] | None = None

    def __getitem__(self, address: str) -> Source | None:
        return self._by_address.get(address)

    def apply(self, inventory: Inventory) -> frozenset[str]:
        """Take over the devices of `inventory`; their names. Keys of unchanged credentials are kept."""
        settings = inventory.traps
        before, self._by_address = self._by_address, {}
        if self._resolving is not None:
            self._resolving.cancel()
            self._resolving = None
        if settings is None:
            return frozenset()
        credentials = inventory.credentials.snmp
        self._keys = {
            name: self._kept_keys(name, credential)
            for name, credential in credentials.items()
            if isinstance(credential, UserCredential)
        }
        buckets = {source.name: source.bucket for source in before.values()}
        named: dict[str, Source] = {}
        accepted = [device for device in inventory.devices if device.traps.accepted]
        for device in accepted:
            names = dict.fromkeys((*_polled_with(device), *device.traps.credentials, *settings.credentials))
            # A reload must not refill the bucket of a flood.
            known = buckets.get(device.name)
            at, tokens = (known.at, known.tokens) if known is not None else (self._clock(), float(settings.burst))
            source = Source(
                device.name,
                _communities(credentials[name] for name in names),
                tuple(self._keys[name] for name in names if name in self._keys),
                bytes.fromhex(device.traps.engine_id) if device.traps.engine_id else None,
                TokenBucket(settings.per_second, settings.burst, at, tokens),
            )
            for address in (device.address, *device.traps.addresses):
                plain = _plain_address(address)
                if plain is not None:
                    self._by_address[plain] = source
                else:
                    named[address] = source
        if named:
            # Until a name is looked up again, what it was known to mean holds.
            self._resolved = {name: self._resolved.get(name, set()) for name in named}
            self._told_unresolved &= named.keys()
            for name, source in named.items():
                for address in self._resolved[name]:
                    self._by_address.setdefault(address, source)
            self._resolving = asyncio.create_task(self._keep_resolved(named))
        return frozenset(device.name for device in accepted)

    async def stop(self) -> None:
        """End the lookups."""
        if self._resolving is not None:
            self._resolving.cancel()
            with suppress(asyncio.CancelledError):
                await self._resolving

    def _kept_keys(self, name: str, credential: UserCredential) -> UserKeys:
        known = self._keys.get(name)
        return known if known is not None and known.credential == credential else UserKeys(credential)

    async def _keep_resolved(self, named: Mapping[str, Source]) -> None:
        due = dict.fromkeys(named, 0.0)
        while True:
            for name in [name for name, at in due.items() if at <= self._clock()]:
                due[name] = self._clock() + await self._resolve(name, named[name])
            await asyncio.sleep(max(SHORTEST_SLEEP_SECONDS, min(due.values()) - self._clock()))

    async def _resolve(self, name: str, source: Source) -> float:
        """Look `name` up in both IP versions; for how many seconds that holds."""
        addresses: set[str] = set()
        holds: list[float] = []
        for version in (4, 6):
            try:
                answer = await self._lookup.find(name, version)
            except ProbeFailure:
                continue
            addresses.add(str(ipaddress.ip_address(answer.address)))
            holds.append(answer.holds_seconds)
        if not addresses:
            if name not in self._told_unresolved:
                self._told_unresolved.add(name)
                _log.warning("address of a device cannot be looked up host=%s device=%s", name, source.name)
            return RETRY_SECONDS
        self._told_unresolved.discard(name)
        for address in self._resolved[name] - addresses:
            if self._by_address.get(address) is source:
                del self._by_address[address]
        for address in addresses:
            self._by_address.setdefault(address, source)
        self._resolved[name] = addresses
        return min(holds)


def _polled_with(device: Device) -> tuple[str, ...]:
    return (device.snmp.credential,) if device.snmp is not None else ()


def _communities(credentials: Iterable[SnmpCredential]) -> tuple[bytes, ...]:
    return tuple(
        credential.community.get_secret_value().encode()
        for credential in credentials
        if not isinstance(credential, UserCredential)
    )


def _plain_address(text: str) -> str | None:
    """`text` when it is an address, in the form that the kernel gives; None when it is a name."""
    try:
        return str(ipaddress.ip_address(text))
    except ValueError:
        return None
