"""Where a link's probes leave this host: by its address, by its interface, or as the routes say.

Owns binding and connecting, so that every kind of probe is measured over its own link.
"""

import asyncio
import socket
from dataclasses import dataclass, field

from exporter.errors import ProbeReason
from exporter.inventory.link_models import Link
from exporter.probes.name_lookup import FoundAddress, NameLookup
from exporter.probes.outcome import ProbeFailure, failure_of
from exporter.probes.trust import TrustStores

_SO_BINDTODEVICE = 25
"""asm-generic/socket.h; Python's socket module has it on some platforms only."""


@dataclass(frozen=True, slots=True)
class LinkSource:
    """The near end of a link's probes."""

    address: str | None = None
    interface: str | None = None
    lookup: NameLookup = field(default_factory=NameLookup, compare=False)
    trust: TrustStores = field(default_factory=TrustStores, compare=False)

    @classmethod
    def of(cls, link: Link, lookup: NameLookup, trust: TrustStores) -> "LinkSource":
        """The source that the inventory gives `link`."""
        return cls(link.source_address, link.source_interface, lookup, trust)

    def bind(self, opened: socket.socket) -> None:
        """Let `opened` send by this source only. Raises ProbeFailure."""
        try:
            if self.interface is not None:
                opened.setsockopt(socket.SOL_SOCKET, _SO_BINDTODEVICE, self.interface.encode() + b"\0")
            if self.address is not None:
                opened.bind((self.address, 0))
        except OSError as error:
            raise self.explain(error) from error

    async def find(self, host: str, version: int | None) -> FoundAddress:
        """An address of `host` that can be reached from this source. Raises ProbeFailure."""
        if self.address is not None:
            version = 6 if ":" in self.address else 4
        return await self.lookup.find(host, version)

    async def open_socket(self, kind: socket.SocketKind, address: str, port: int) -> socket.socket:
        """A non-blocking socket of this source, connected to `address`. Raises ProbeFailure."""
        opened = socket.socket(socket.AF_INET6 if ":" in address else socket.AF_INET, kind)
        try:
            opened.setblocking(False)
            self.bind(opened)
            await asyncio.get_running_loop().sock_connect(opened, (address, port))
        except OSError as error:
            opened.close()
            raise self.explain(error) from error
        except BaseException:
            opened.close()
            raise
        return opened

    def explain(self, error: OSError) -> ProbeFailure:
        """What an error of a socket of this source means."""
        failure = failure_of(error)
        if failure.reason is ProbeReason.SOURCE:
            return ProbeFailure(ProbeReason.SOURCE, f"this host has no {self}")
        return failure

    def __str__(self) -> str:
        parts = (("address", self.address), ("interface", self.interface))
        return " with ".join(f"{name} {value}" for name, value in parts if value is not None) or "route"
