"""The ICMP sockets in use: one for each IP version, source and DSCP, shared by all targets that agree in these."""

import asyncio
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from exporter.probes.icmp_socket import IcmpSocket
from exporter.probes.link_source import LinkSource
from exporter.probes.outcome import ProbeFailure

OPEN_AGAIN_SECONDS = 2.0
"""How long a socket that may not be opened is left alone: an echo each 100 ms need not ask each time."""


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
        self._refused: dict[SocketKey, tuple[float, ProbeFailure]] = {}

    def __iter__(self) -> Iterator[SharedSocket]:
        return iter(self._open.values())

    def get(self, key: SocketKey) -> SharedSocket:
        """The socket of `key`. Raises ProbeFailure when it may not be opened."""
        known = self._open.get(key)
        if known is not None:
            return known
        loop = asyncio.get_running_loop()
        refused = self._refused.get(key)
        if refused is not None and loop.time() < refused[0]:
            raise refused[1]
        try:
            opened = IcmpSocket(key.version, key.source, key.dscp)
        except ProbeFailure as failure:
            self._refused[key] = (loop.time() + OPEN_AGAIN_SECONDS, failure)
            raise
        self._refused.pop(key, None)
        loop.add_reader(opened.fileno(), self._on_readable, opened)
        shared = self._open[key] = SharedSocket(opened)
        return shared

    def drop(self, key: SocketKey) -> None:
        """Close the socket of `key`: the next echo opens another."""
        known = self._open.pop(key, None)
        if known is not None:
            asyncio.get_running_loop().remove_reader(known.socket.fileno())
            known.socket.close()

    def close_all_but(self, wanted: set[SocketKey]) -> None:
        """Close the sockets that nobody uses any more."""
        for key in set(self._open) - wanted:
            self.drop(key)
