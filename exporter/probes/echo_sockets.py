"""The ICMP sockets in use: one for each IP version, source and DSCP, shared by all targets that agree in these."""

import asyncio
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from exporter.probes.icmp_socket import IcmpSocket
from exporter.probes.link_source import LinkSource
from exporter.probes.outcome import ProbeFailure

IDLE_SECONDS = 20.0
"""A socket that nobody sends by any more is kept this long: what is out may still come home."""


@dataclass(frozen=True, slots=True)
class SocketKey:
    """What echoes must agree in to share a socket."""

    version: int
    source: LinkSource
    dscp: int


@dataclass(slots=True)
class SharedSocket:
    """A socket, and how many of its replies the kernel had dropped when last asked."""

    socket: IcmpSocket
    dropped: int = 0

    def has_dropped_more(self) -> bool:
        """Whether the kernel has dropped replies since this was last asked."""
        before, self.dropped = self.dropped, self.socket.dropped()
        return self.dropped != before


class EchoSockets:
    """Opened when first needed; `on_readable` is called by the loop with the socket that has replies."""

    def __init__(self, on_readable: Callable[[IcmpSocket], None]) -> None:
        self._on_readable = on_readable
        self._open: dict[SocketKey, SharedSocket] = {}
        self._unwanted: dict[SocketKey, float] = {}

    def __iter__(self) -> Iterator[SharedSocket]:
        return iter(self._open.values())

    def get(self, key: SocketKey) -> SharedSocket:
        """The socket of `key`. Raises ProbeFailure when it may not be opened."""
        self._unwanted.pop(key, None)
        known = self._open.get(key)
        if known is not None:
            return known
        opened = IcmpSocket(key.version, key.source, key.dscp)
        asyncio.get_running_loop().add_reader(opened.fileno(), self._on_readable, opened)
        shared = self._open[key] = SharedSocket(opened)
        return shared

    def can_open(self, key: SocketKey) -> bool:
        """Whether a socket of `key` could be opened now."""
        try:
            IcmpSocket(key.version, key.source, key.dscp).close()
        except ProbeFailure:
            return False
        return True

    def drop(self, key: SocketKey) -> None:
        """Close the socket of `key`: the next echo opens another."""
        known = self._open.pop(key, None)
        if known is not None:
            asyncio.get_running_loop().remove_reader(known.socket.fileno())
            known.socket.close()

    def keep_only(self, wanted: set[SocketKey]) -> None:
        """Let go of the sockets of other keys as soon as nothing sent by them can be out any more."""
        now = asyncio.get_running_loop().time()
        self._unwanted = {key: self._unwanted.get(key, now) for key in self._open if key not in wanted}

    def close_idle(self) -> None:
        """Close the sockets whose time is over."""
        now = asyncio.get_running_loop().time()
        for key in [key for key, since in self._unwanted.items() if now - since > IDLE_SECONDS]:
            del self._unwanted[key]
            self.drop(key)

    def close(self) -> None:
        """Close all of them."""
        for key in list(self._open):
            self.drop(key)
