"""A non-blocking ICMP socket, unprivileged where the kernel lets us and raw otherwise.

Owns its opening, its options, and the kernel's instant of receipt. It must not match replies to requests:
echo_engine.py does.
"""

import ctypes
import secrets
import socket
import struct
from collections.abc import Iterator
from typing import NamedTuple

from exporter.errors import ProbeReason
from exporter.probes.icmp_packet import EchoMark, EchoType, parse_reply
from exporter.probes.link_source import LinkSource
from exporter.probes.outcome import ProbeFailure, failure_of

NO_PERMISSION = (
    "this process may not send ICMP: give it CAP_NET_RAW, or include its group in net.ipv4.ping_group_range (sysctl)"
)
IPV6 = 6
READ_BYTES = 128
"""Of a reply: its headers and its mark are enough, whatever follows them."""

_ANCILLARY_BYTES = 64
_RECEIVE_BUFFER_BYTES = 1 << 20

# From asm-generic/socket.h and linux/in6.h of Linux; Python's socket module does not name them.
_SO_ATTACH_FILTER = 26
_SO_RCVBUFFORCE = 33
_SO_TIMESTAMPNS = 35
_SO_MEMINFO = 55
_MEMINFO_DROPS = 8
"""The index of SK_MEMINFO_DROPS in linux/sock_diag.h."""

_TIMESPEC = struct.Struct("@qq")
_INSTRUCTION = struct.Struct("@HBBI")
"""sock_filter of linux/filter.h: code, jump if true, jump if false, constant."""


class Arrival(NamedTuple):
    """A reply as it came."""

    mark: EchoMark
    wall_ns: int | None
    """Unix time in nanoseconds at which the kernel took it in; None where it did not say."""


class IcmpSocket:
    """A socket for echoes of one IP version, source and DSCP. Raises ProbeFailure when it may not be opened."""

    def __init__(self, version: int, source: LinkSource, dscp: int) -> None:
        self.version = version
        self.identifier = secrets.randbits(16)
        """Of raw sockets; the kernel writes its own into what leaves by unprivileged ones."""

        self._socket, self.is_raw = open_icmp(version)
        try:
            source.bind(self._socket)
            self._set_options(dscp)
        except OSError as error:
            self._socket.close()
            raise failure_of(error) from error
        except ProbeFailure:
            self._socket.close()
            raise

    def _set_options(self, dscp: int) -> None:
        opened = self._socket
        opened.setblocking(False)
        opened.setsockopt(socket.SOL_SOCKET, _SO_TIMESTAMPNS, 1)
        widen_receive_buffer(opened, _RECEIVE_BUFFER_BYTES)
        if dscp:
            set_dscp(opened, self.version, dscp)
        if self.is_raw:
            # Otherwise each raw socket is given every ICMP message that this host receives.
            _attach_filter(opened, self.version, self.identifier)

    def fileno(self) -> int:
        """The file descriptor, for the event loop."""
        return self._socket.fileno()

    def close(self) -> None:
        """Give the socket back."""
        self._socket.close()

    def send(self, packet: bytes, address: str) -> None:
        """Hand one message to the kernel. Raises OSError."""
        self._socket.sendto(packet, (address, 0))

    def receive(self) -> Iterator[Arrival]:
        """All replies that are there."""
        has_ip_header = self.is_raw and self.version != IPV6
        while True:
            try:
                data, ancillary, _flags, _sender = self._socket.recvmsg(READ_BYTES, _ANCILLARY_BYTES)
            except (BlockingIOError, InterruptedError):
                return
            except OSError:
                # An ICMP error that the kernel pins on the socket says nothing about which echo: its silence will.
                continue
            mark = parse_reply(data, self.version, has_ip_header)
            if mark is not None:
                yield Arrival(mark, _kernel_wall_ns(ancillary))

    def dropped(self) -> int:
        """How many messages the kernel has dropped because they were not read in time."""
        return count_dropped(self._socket)


def count_dropped(opened: socket.socket) -> int:
    """How many datagrams the kernel has dropped at `opened` because they were not read in time."""
    values = opened.getsockopt(socket.SOL_SOCKET, _SO_MEMINFO, 64)
    return int(struct.unpack_from("@I", values, _MEMINFO_DROPS * 4)[0])


def widen_receive_buffer(opened: socket.socket, size: int) -> None:
    """Give `opened` room for `size` bytes, as far as this process may."""
    try:
        opened.setsockopt(socket.SOL_SOCKET, _SO_RCVBUFFORCE, size)
    except PermissionError:
        opened.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, size)


def open_icmp(version: int) -> tuple[socket.socket, bool]:
    """An ICMP socket, and whether it is raw. Raises ProbeFailure where neither kind is permitted."""
    family, protocol = (
        (socket.AF_INET6, socket.IPPROTO_ICMPV6) if version == IPV6 else (socket.AF_INET, socket.IPPROTO_ICMP)
    )
    try:
        return socket.socket(family, socket.SOCK_DGRAM, protocol), False
    except OSError:
        pass
    try:
        return socket.socket(family, socket.SOCK_RAW, protocol), True
    except PermissionError as error:
        raise ProbeFailure(ProbeReason.PERMISSION, NO_PERMISSION) from error
    except OSError as error:
        raise failure_of(error) from error


def set_dscp(opened: socket.socket, version: int, dscp: int) -> None:
    """Let all that leaves by `opened` carry the code point `dscp` (RFC 2474). Raises OSError."""
    if version == IPV6:
        opened.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_TCLASS, dscp << 2)
    else:
        opened.setsockopt(socket.IPPROTO_IP, socket.IP_TOS, dscp << 2)


def _kernel_wall_ns(ancillary: list[tuple[int, int, bytes]]) -> int | None:
    for level, kind, data in ancillary:
        if level == socket.SOL_SOCKET and kind == _SO_TIMESTAMPNS:
            seconds, nanoseconds = _TIMESPEC.unpack_from(data)
            return int(seconds) * 1_000_000_000 + int(nanoseconds)
    return None


def _attach_filter(opened: socket.socket, version: int, identifier: int) -> None:
    """Let only echo replies of `identifier` into a raw socket (classic BPF, linux/filter.h)."""
    if version == IPV6:
        program = [
            (0x30, 0, 0, 0),  # load byte 0: ICMPv6 type
            (0x15, 0, 3, EchoType.REPLY_V6),
            (0x28, 0, 0, 4),  # load half word 4: identifier
            (0x15, 0, 1, identifier),
        ]
    else:
        program = [
            (0xB1, 0, 0, 0),  # index = length of the IP header
            (0x50, 0, 0, 0),  # load byte index + 0: ICMP type
            (0x15, 0, 3, EchoType.REPLY_V4),
            (0x48, 0, 0, 4),  # load half word index + 4: identifier
            (0x15, 0, 1, identifier),
        ]
    program += [(0x06, 0, 0, 0xFFFF_FFFF), (0x06, 0, 0, 0)]
    code = ctypes.create_string_buffer(b"".join(_INSTRUCTION.pack(*instruction) for instruction in program))
    opened.setsockopt(socket.SOL_SOCKET, _SO_ATTACH_FILTER, struct.pack("@HP", len(program), ctypes.addressof(code)))
