"""ICMP echo requests and their replies over gufo-ping's sockets.

Owns one socket for each source address, the matching of replies to requests, and duplicates. It must not
pace or count: icmp_echo.py does.

gufo-ping's own Ping class hides duplicates and takes a failed send for a lost packet; the layer below it
tells both.
"""

import asyncio
from collections import OrderedDict
from collections.abc import Callable
from typing import cast

from gufo.ping import SelectionPolicy
from gufo.ping._fast import PS_IPV4, PS_IPV6, SocketWrapper
from gufo.ping.proto import SocketProto

from exporter.errors import ProbeReason
from exporter.probes.outcome import ProbeFailure, failure_of

SOCKET_TIMEOUT_NANOSECONDS = 60 * 1_000_000_000
"""gufo-ping's own timeout, beyond every probe's: a reply is late by the probe's clock, not by the socket's."""

PACKET_BYTES = 64
REMEMBERED_REPLIES = 10_000
"""Answered requests kept for recognising duplicates."""

NO_PERMISSION = "this process may not send ICMP: give it CAP_NET_RAW, or include its group in net.ipv4.ping_group_range"


class EchoSocket:
    """A socket for ICMP echoes from one source address. Raises ProbeFailure when it may not be opened."""

    def __init__(self, version: int, source_address: str | None) -> None:
        shift = PS_IPV6 if version == 6 else PS_IPV4  # noqa: PLR2004 - IP version
        try:
            opened = SocketWrapper(shift + SelectionPolicy.RAW_DGRAM, SOCKET_TIMEOUT_NANOSECONDS, False)
            self._socket = cast(SocketProto, opened)
            if source_address is not None:
                self._socket.bind(source_address)
        except PermissionError as error:
            raise ProbeFailure(ProbeReason.PERMISSION, NO_PERMISSION) from error
        except OSError as error:
            raise failure_of(error) from error
        self._waiting: dict[int, asyncio.Future[float]] = {}
        self._answered: OrderedDict[int, Callable[[], None]] = OrderedDict()
        self._loop = asyncio.get_running_loop()
        self._loop.add_reader(self._socket.get_fd(), self._read)

    def close(self) -> None:
        """Stop reading; the file descriptor goes with the object."""
        self._loop.remove_reader(self._socket.get_fd())

    async def echo(self, address: str, timeout_seconds: float, on_duplicate: Callable[[], None]) -> float | None:
        """Seconds until the reply to one echo request; None when none came in time.

        `on_duplicate` is called for each further reply, at any time. Raises ProbeFailure when the request
        could not be sent.
        """
        try:
            request = self._socket.send(address, PACKET_BYTES)
        except OSError as error:
            raise failure_of(error) from error
        reply: asyncio.Future[float] = self._loop.create_future()
        self._waiting[request] = reply
        try:
            async with asyncio.timeout(timeout_seconds):
                rtt_seconds = await reply
        except TimeoutError:
            return None
        finally:
            self._waiting.pop(request, None)
        self._answered[request] = on_duplicate
        if len(self._answered) > REMEMBERED_REPLIES:
            self._answered.popitem(last=False)
        return rtt_seconds

    def _read(self) -> None:
        for request, nanoseconds in (self._socket.recv() or {}).items():
            waiting = self._waiting.get(request)
            if waiting is not None and not waiting.done():
                # Zero is gufo-ping's word for its own timeout.
                if nanoseconds:
                    waiting.set_result(nanoseconds / 1e9)
            elif waiting is not None or request in self._answered:
                self._answered.get(request, _ignore)()


class EchoSockets:
    """The sockets in use, one for each IP version and source address, opened when first needed."""

    def __init__(self) -> None:
        self._sockets: dict[tuple[int, str | None], EchoSocket] = {}

    def socket_for(self, address: str, source_address: str | None) -> EchoSocket:
        """The socket for echoes to `address`. Raises ProbeFailure."""
        version = 6 if ":" in address else 4
        key = (version, source_address)
        if key not in self._sockets:
            self._sockets[key] = EchoSocket(version, source_address)
        return self._sockets[key]

    def close(self) -> None:
        """Close all of them."""
        for socket in self._sockets.values():
            socket.close()
        self._sockets.clear()


def _ignore() -> None:
    pass
