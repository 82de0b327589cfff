"""`python -m bench.trap_flood PORT SOURCE PER_SECOND SECONDS COMMUNITY`: send linkDown traps; print how many.

A process of its own, so that sending does not take the receiver's time.
"""

import socket
import sys
import time

LINK_DOWN = bytes.fromhex("2b0601060301010503")
TICK_SECONDS = 0.005
_BURST_SECONDS = 0.1


def make_link_down(community: str, index: int) -> bytes:
    """A v2c linkDown of the interface `index`, below 128."""

    def write(tag: int, content: bytes) -> bytes:
        return bytes((tag, len(content))) + content

    def bind(name: str, value: bytes) -> bytes:
        return write(0x30, write(6, bytes.fromhex(name)) + value)

    bindings = (
        bind("2b06010201010300", write(0x43, b"\x01"))
        + bind("2b060106030101040100", write(6, LINK_DOWN))
        + bind(f"2b0601020102020101{index:02x}", write(2, bytes((index,))))
    )
    pdu = write(0xA7, write(2, b"\x01") + write(2, b"\0") * 2 + write(0x30, bindings))
    return write(0x30, write(2, b"\x01") + write(4, community.encode()) + pdu)


def flood(port: int, source: str, per_second: float, seconds: float, community: str) -> int:
    """Send; how many datagrams the kernel took."""
    datagrams = [make_link_down(community, index) for index in range(1, 65)]
    sent = 0
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sender:
        sender.bind((source, 0))
        sender.connect(("127.0.0.1", port))
        started = time.monotonic()
        while (elapsed := time.monotonic() - started) < seconds:
            # What a loaded machine made us miss is caught up with, but not all in one burst.
            for _ in range(min(int(elapsed * per_second) - sent, int(per_second * _BURST_SECONDS))):
                sender.send(datagrams[sent % len(datagrams)])
                sent += 1
            time.sleep(TICK_SECONDS)
    return sent


if __name__ == "__main__":
    _, port, source, per_second, seconds, community = sys.argv
    sys.stdout.write(str(flood(int(port), source, float(per_second), float(seconds), community)))
