"""A wire between two network namespaces that drops, delays, duplicates and reorders on command.

Runs as a program of its own: `forwarder.py NAMESPACE_A NAMESPACE_B DEVICE` makes a TUN device of that name in each
namespace and passes IP packets between them. Each line of JSON on standard input is a command; each is answered by
a line of JSON with what was done so far, counted from the start. Randomness is seeded.
"""

import ctypes
import fcntl
import heapq
import json
import os
import random
import select
import struct
import sys
import time
from pathlib import Path
from typing import Any

TUNSETIFF = 0x400454CA
IFF_TUN, IFF_NO_PI = 0x0001, 0x1000
CLONE_NEWNET = 0x40000000
LONGEST_PACKET = 65_535
REORDER_SECONDS = 0.01


def enter_namespace(name: str) -> None:
    """Move this thread into a namespace of `ip netns`."""
    libc = ctypes.CDLL(None, use_errno=True)
    with Path("/run/netns", name).open("rb") as namespace:
        if libc.setns(namespace.fileno(), CLONE_NEWNET) != 0:
            raise OSError(ctypes.get_errno(), f"setns {name}")


def open_tun(namespace: str, device: str) -> int:
    """The file descriptor of a new TUN device in `namespace`."""
    enter_namespace(namespace)
    opened = os.open("/dev/net/tun", os.O_RDWR | os.O_NONBLOCK)
    fcntl.ioctl(opened, TUNSETIFF, struct.pack("16sH22x", device.encode(), IFF_TUN | IFF_NO_PI))
    return opened


def is_echo(packet: bytes) -> bool:
    """Whether `packet` is an ICMP echo request or reply."""
    if packet[0] >> 4 == 4:
        return packet[9] == 1 and packet[(packet[0] & 15) * 4] in {0, 8}
    return packet[6] == 58 and packet[40] in {128, 129}


class Direction:
    """One way over the wire: what is to be done to packets, and what was done."""

    def __init__(self, out: int, seed: int) -> None:
        self.out = out
        self.random = random.Random(seed)
        self.orders: dict[str, Any] = {}
        self.seen = self.dropped = self.duplicated = self.reordered = self.delivered = 0
        self.holds: list[float] = []
        self.times: dict[str, list[float]] = {}
        self.traffic_classes: set[int] = set()
        self.waiting: list[tuple[float, int, float, bytes]] = []

    def take(self, packet: bytes) -> None:
        """Do to `packet` what is ordered, if it is an echo; pass on and leave uncounted all else."""
        now = time.monotonic()
        if not is_echo(packet):
            self._write(packet)
            return
        self.seen += 1
        self._note(packet, now)
        if self.random.random() < self.orders.get("drop", 0):
            self.dropped += 1
            return
        delays = self.orders.get("delays") or [0]
        hold = self.random.choice(delays)
        if self.random.random() < self.orders.get("reorder", 0):
            self.reordered += 1
            hold += REORDER_SECONDS
        copies = 1
        if self.random.random() < self.orders.get("duplicate", 0):
            self.duplicated += 1
            copies = 2
        for _ in range(copies):
            heapq.heappush(self.waiting, (now + hold, self.seen, now, packet))
        self.release()

    def _note(self, packet: bytes, now: float) -> None:
        version = packet[0] >> 4
        target = packet[16:20].hex() if version == 4 else packet[24:40].hex()
        self.times.setdefault(target, []).append(now)
        self.traffic_classes.add(packet[1] if version == 4 else (packet[0] & 15) << 4 | packet[1] >> 4)

    def release(self) -> None:
        """Deliver what has been held long enough."""
        while self.waiting and self.waiting[0][0] <= time.monotonic():
            _, _, since, packet = heapq.heappop(self.waiting)
            if self._write(packet):
                self.delivered += 1
                self.holds.append(time.monotonic() - since)

    def _write(self, packet: bytes) -> bool:
        try:
            os.write(self.out, packet)
        except OSError:
            return False  # the device is down
        return True

    def told(self) -> dict[str, Any]:
        """What was done, for the answer to a command."""
        names = ("seen", "dropped", "duplicated", "reordered", "delivered", "holds", "times")
        return {**{name: getattr(self, name) for name in names}, "traffic_classes": sorted(self.traffic_classes)}


def main(namespace_a: str, namespace_b: str, device: str) -> None:
    """Forward until standard input ends."""
    here, there = open_tun(namespace_a, device), open_tun(namespace_b, device)
    ways = {here: Direction(there, 1), there: Direction(here, 2)}
    sys.stdout.write("ready\n")
    sys.stdout.flush()
    while True:
        due = min((way.waiting[0][0] for way in ways.values() if way.waiting), default=time.monotonic() + 1)
        readable, _, _ = select.select([here, there, sys.stdin], [], [], max(0, due - time.monotonic()))
        for way in ways.values():
            way.release()
        for device_fd in (here, there):
            if device_fd in readable:
                ways[device_fd].take(os.read(device_fd, LONGEST_PACKET))
        if sys.stdin in readable:
            line = sys.stdin.readline()
            if not line:
                return
            command = json.loads(line)
            for name, way in (("there", ways[here]), ("back", ways[there])):
                if name in command:
                    way.orders = command[name]
            told = {"there": ways[here].told(), "back": ways[there].told()}
            sys.stdout.write(json.dumps(told) + "\n")
            sys.stdout.flush()


if __name__ == "__main__":
    main(*sys.argv[1:])
