"""The UDP socket on which traps arrive. Owns its opening, its buffer and the words for a port that cannot be had."""

import errno
import ipaddress
import socket
from typing import NamedTuple

from dcnet.language import Words
from exporter.errors import ExporterError
from exporter.inventory.trap_models import TrapReceiverSettings
from exporter.probes.icmp_socket import count_dropped, widen_receive_buffer

LONGEST_DATAGRAM = 8192
"""Longer ones are not taken: real traps keep within one Ethernet frame."""

RECEIVE_BUFFER_BYTES = 1 << 22
FIRST_FREE_PORT = 1024
_V4_MAPPED = "::ffff:"


class Arrival(NamedTuple):
    """A datagram as it came."""

    data: bytes
    address: str
    """The sender's, IPv4 also where it came to an IPv6 socket."""

    sender: tuple[object, ...]
    """Where an answer goes."""


class TrapSocket:
    """A socket bound to where the inventory says. Raises ExporterError."""

    def __init__(self, settings: TrapReceiverSettings) -> None:
        family = socket.AF_INET6 if ":" in settings.listen else socket.AF_INET
        self._socket = socket.socket(family, socket.SOCK_DGRAM)
        try:
            if family == socket.AF_INET6:
                self._socket.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, settings.listen != "::")
            self._socket.setblocking(False)
            widen_receive_buffer(self._socket, RECEIVE_BUFFER_BYTES)
            self._socket.bind((settings.listen, settings.port))
        except OSError as error:
            self._socket.close()
            raise _refused(settings, error) from error

    def fileno(self) -> int:
        """The file descriptor, for the event loop."""
        return self._socket.fileno()

    def close(self) -> None:
        """Give the port back."""
        self._socket.close()

    def receive(self) -> Arrival | None:
        """The next datagram, None when there is none. One that is too long has LONGEST_DATAGRAM + 1 bytes."""
        while True:
            try:
                data, sender = self._socket.recvfrom(LONGEST_DATAGRAM + 1)
            except (BlockingIOError, InterruptedError):
                return None
            except OSError:
                # The kernel tells of an answer of ours that nobody took; what arrives is not touched by it.
                continue
            return Arrival(data, _plain(sender[0]), sender)

    def answer(self, data: bytes, sender: tuple[object, ...]) -> None:
        """Send `data`, unless the kernel has no room or no way: the sender will ask again."""
        try:
            self._socket.sendto(data, sender)
        except OSError:
            return

    def lost(self) -> int:
        """How many datagrams the kernel had no room for (as SO_RXQ_OVFL counts them)."""
        return count_dropped(self._socket)


def _plain(address: str) -> str:
    if address.startswith(_V4_MAPPED) and "." in address:
        return address.removeprefix(_V4_MAPPED)
    # A scope belongs to this host, not to the sender.
    return str(ipaddress.ip_address(address.partition("%")[0])) if ":" in address else address


def _refused(settings: TrapReceiverSettings, error: OSError) -> ExporterError:
    place = f"{settings.listen} port {settings.port}/udp"
    if error.errno in (errno.EACCES, errno.EPERM) and settings.port < FIRST_FREE_PORT:
        return ExporterError(
            Words(
                f"traps: {place} memerlukan hak: jalankan dengan CAP_NET_BIND_SERVICE, atau tulis port lain "
                "(misalnya 1162) dan teruskan 162/udp ke sana",
                f"traps: {place} needs privilege: run with CAP_NET_BIND_SERVICE, or write another port "
                "(for example 1162) and forward 162/udp to it",
            )
        )
    if error.errno == errno.EADDRINUSE:
        return ExporterError(
            Words(
                f"traps: {place} sudah dipakai proses lain (mungkin snmptrapd); "
                "hentikan proses itu atau tulis port lain",
                f"traps: {place} is in use by another process (snmptrapd perhaps); stop it or write another port",
            )
        )
    if error.errno == errno.EADDRNOTAVAIL:
        return ExporterError(
            Words(
                f"traps: {settings.listen} bukan alamat mesin ini; tulis salah satu alamatnya, atau 0.0.0.0",
                f"traps: {settings.listen} is no address of this host; write one of its own, or 0.0.0.0",
            )
        )
    return ExporterError(
        Words(
            f"traps: tidak dapat mendengarkan di {place}: {error.strerror}",
            f"traps: cannot listen on {place}: {error.strerror}",
        )
    )
