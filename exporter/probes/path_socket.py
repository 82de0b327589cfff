"""ICMP echoes whose fate on the way is told: by the target's reply, or by the error of a hop (RFC 792, RFC 4443).

Owns one socket with the kernel's error queue (IP_RECVERR), which works for unprivileged ICMP sockets as for
raw ones. It must not search: path_trace.py does.
"""

import asyncio
import errno
import secrets
import socket
import struct
from collections.abc import Iterator
from dataclasses import dataclass

from exporter.probes.icmp_packet import ICMP_HEADER_BYTES, IP_HEADER_BYTES, EchoTemplate, parse_reply
from exporter.probes.icmp_socket import IPV6, open_icmp
from exporter.probes.link_source import LinkSource
from exporter.probes.outcome import ProbeFailure, failure_of

# From linux/in.h, linux/in6.h and linux/errqueue.h; Python's socket module does not name them.
_IP_MTU_DISCOVER, _IPV6_MTU_DISCOVER = 10, 23
_IP_RECVERR, _IPV6_RECVERR = 11, 25
_PMTUDISC_PROBE = 3
"""Don't fragment, and ignore what the kernel believes of the path."""

_MSG_ERRQUEUE = 0x2000
_ORIGIN_ICMP, _ORIGIN_ICMP6 = 2, 3
_TIME_EXCEEDED = frozenset({(_ORIGIN_ICMP, 11), (_ORIGIN_ICMP6, 3)})
"""Origin and ICMP type (RFC 792, RFC 4443)."""

_EXTENDED_ERROR = struct.Struct("@IBBBBII")
"""sock_extended_err: errno, origin, type, code, padding, info, data; the offender's sockaddr follows."""

_ADDRESS_OFFSET = {socket.AF_INET: (4, 4), socket.AF_INET6: (8, 16)}
LONGEST_MESSAGE_BYTES = 65_535
ANCILLARY_BYTES = 512
POLL_SECONDS = 0.05
"""The loop tells of replies and errors; should it miss one, it is found after this."""


@dataclass(frozen=True, slots=True)
class HopAnswer:
    """What became of one echo."""

    address: str
    """Who answered."""

    reached: bool
    """It was the target itself, with a reply."""

    expired: bool = False
    """It was a hop at which the echo's time to live ended."""

    error: int = 0
    """The errno that the hop's ICMP error stands for: EMSGSIZE for too big."""

    next_mtu_bytes: int = 0
    """With EMSGSIZE: the largest packet that the hop passes on, 0 where it does not say."""


class PathSocket:
    """Echoes to one target, one at a time. Raises ProbeFailure when it may not be opened."""

    def __init__(self, version: int, source: LinkSource, address: str) -> None:
        self._version = version
        self._address = address
        self._socket, self._is_raw = open_icmp(version)
        self._identifier = secrets.randbits(16)
        self._cookie = secrets.randbits(32)
        self._number = 0
        try:
            source.bind(self._socket)
            self._socket.setblocking(False)
            self._socket.setsockopt(*self._option(_IP_RECVERR, _IPV6_RECVERR), 1)
            self._socket.setsockopt(*self._option(_IP_MTU_DISCOVER, _IPV6_MTU_DISCOVER), _PMTUDISC_PROBE)
            # Connected: the kernel keeps other hosts' messages away, and knows the device's own limit.
            self._socket.connect((address, 0))
        except OSError as error:
            self._socket.close()
            raise failure_of(error) from error
        except ProbeFailure:
            self._socket.close()
            raise

    def _option(self, for_v4: int, for_v6: int) -> tuple[int, int]:
        return (socket.IPPROTO_IPV6, for_v6) if self._version == IPV6 else (socket.IPPROTO_IP, for_v4)

    def close(self) -> None:
        """Give the socket back."""
        self._socket.close()

    async def echo(self, hops: int, packet_bytes: int, timeout_seconds: float) -> HopAnswer | None:
        """What became of an echo that lives for `hops` hops and is `packet_bytes` long with its IP header.

        None for silence. Raises ProbeFailure when it cannot be sent; a packet larger than this host's own device
        takes is answered by this host.
        """
        self._drain()
        self._number += 1
        payload = packet_bytes - IP_HEADER_BYTES[self._version] - ICMP_HEADER_BYTES
        packet = EchoTemplate(self._version, self._identifier, self._cookie, payload).request(self._number)
        try:
            self._socket.setsockopt(*self._option(socket.IP_TTL, socket.IPV6_UNICAST_HOPS), hops)
            self._socket.send(packet)
        except OSError as error:
            if error.errno == errno.EMSGSIZE:
                return HopAnswer("", reached=False, error=errno.EMSGSIZE)
            raise failure_of(error) from error
        loop = asyncio.get_running_loop()
        deadline = loop.time() + timeout_seconds
        while True:
            for answer in self._answers():
                return answer
            left = deadline - loop.time()
            if left <= 0:
                return None
            await self._wait(min(left, POLL_SECONDS))

    async def _wait(self, seconds: float) -> None:
        """Until there is something to read, at most `seconds`."""
        loop = asyncio.get_running_loop()
        ready = asyncio.Event()
        loop.add_reader(self._socket.fileno(), ready.set)
        try:
            async with asyncio.timeout(seconds):
                await ready.wait()
        except TimeoutError:
            pass
        finally:
            loop.remove_reader(self._socket.fileno())

    def _drain(self) -> None:
        for _answer in self._answers():
            pass

    def _answers(self) -> Iterator[HopAnswer]:
        """What there is to the last echo, errors first."""
        for flags in (_MSG_ERRQUEUE, 0):
            while True:
                try:
                    data, ancillary, _flags, _sender = self._socket.recvmsg(
                        LONGEST_MESSAGE_BYTES, ANCILLARY_BYTES, flags
                    )
                except (BlockingIOError, InterruptedError):
                    break
                except OSError:
                    # The error queue has told it already, or will.
                    if flags:
                        break
                    continue
                answer = self._error_answer(data, ancillary) if flags else self._reply_answer(data)
                if answer is not None:
                    yield answer

    def _reply_answer(self, data: bytes) -> HopAnswer | None:
        mark = parse_reply(data, self._version, self._is_raw and self._version != IPV6)
        if mark is None or mark != (self._cookie, self._number):
            return None
        return HopAnswer(self._address, reached=True)

    def _error_answer(self, data: bytes, ancillary: list[tuple[int, int, bytes]]) -> HopAnswer | None:
        # Routers return at least the first 8 bytes of what they refuse: the sequence number tells which it was.
        sequence = int.from_bytes(data[6:8], "big")
        if len(data) < ICMP_HEADER_BYTES or sequence != self._number & 0xFFFF:
            return None
        for level, kind, content in ancillary:
            if (level, kind) != self._option(_IP_RECVERR, _IPV6_RECVERR):
                continue
            number, origin, kind_of_error, _code, _padding, info, _data = _EXTENDED_ERROR.unpack_from(content)
            if origin not in {_ORIGIN_ICMP, _ORIGIN_ICMP6}:
                return None
            mtu = info if number == errno.EMSGSIZE else 0
            offender = _offender(content[_EXTENDED_ERROR.size :])
            expired = (origin, kind_of_error) in _TIME_EXCEEDED
            return HopAnswer(offender, reached=False, expired=expired, error=number, next_mtu_bytes=mtu)
        return None


def _offender(sockaddr: bytes) -> str:
    family = int.from_bytes(sockaddr[:2], "little" if struct.pack("@H", 1)[0] else "big")
    offset, length = _ADDRESS_OFFSET.get(socket.AddressFamily(family), (0, 0)) if family else (0, 0)
    return socket.inet_ntop(family, sockaddr[offset : offset + length]) if length else ""
