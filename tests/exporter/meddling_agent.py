"""Simulated devices on real UDP sockets whose right answers a test meddles with before they leave."""

import random
import socket
import threading
import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from types import TracebackType

from bench.fleet_agent import answer

Meddle = Callable[[bytes, int], Sequence[bytes]]
"""The right answer, and the requests answered before it: the datagrams to send, in their order."""


class MeddlingAgent:
    """The switch of bench.fleet_agent with 50 interfaces, each answer passed through `meddle`.

    `delay_seconds` lies before each answer. `requests` counts what came.
    """

    def __init__(self, meddle: Meddle, delay_seconds: float = 0) -> None:
        self._meddle = meddle
        self._delay_seconds = delay_seconds
        self.requests = 0
        self.sent = 0

    def __enter__(self) -> "MeddlingAgent":
        self._socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self._socket.bind(("127.0.0.1", 0))
        self.port: int = self._socket.getsockname()[1]
        self._ended = threading.Event()
        self._thread = threading.Thread(target=self._serve)
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._ended.set()
        with suppress(OSError), socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as waker:
            waker.sendto(b"end", ("127.0.0.1", self.port))
        self._thread.join()
        self._socket.close()

    def _serve(self) -> None:
        while True:
            request, sender = self._socket.recvfrom(65535)
            if self._ended.is_set():
                return
            datagrams = self._meddle(answer(request), self.requests)
            self.requests += 1
            if self._delay_seconds:
                time.sleep(self._delay_seconds)
            for datagram in datagrams:
                with suppress(OSError):
                    self._socket.sendto(datagram, sender)
                    self.sent += 1


def mutate(datagram: bytes, chance: random.Random) -> bytes:
    """`datagram` with some of its octets changed, lost, doubled or cut off, as `chance` has it."""
    octets = bytearray(datagram)
    for _ in range(chance.randint(1, 4)):
        place = chance.randrange(len(octets))
        match chance.randrange(6):
            case 0:
                octets[place] = chance.randrange(256)
            case 1:
                octets[place] ^= 1 << chance.randrange(8)
            case 2:
                del octets[place : place + chance.randint(1, 8)]
            case 3:
                octets[place:place] = chance.randbytes(chance.randint(1, 8))
            case 4:
                # A length that is far too large, or indefinite.
                octets[place] = chance.choice((0x80, 0x84, 0xFF))
            case _:
                del octets[place:]
        if not octets:
            return b"\x30"
    return bytes(octets)
