"""Damaged datagrams: whatever arrives, the receiver lives on, remembers no more than its bounds, and takes the next."""

import gc
import os
import random
from collections import Counter
from collections.abc import Callable
from pathlib import Path

from pysnmp.proto.api import v2c  # type: ignore[import-untyped]

from exporter.inventory.models import UserCredential
from exporter.traps.ber import BerError
from exporter.traps.decoding import Decoded, Waiting, decode_all
from exporter.traps.envelope import read_envelope
from exporter.traps.fair_queue import TokenBucket
from exporter.traps.sources import Source
from exporter.traps.user_keys import UserKeys
from exporter.traps.user_security import ENGINES_OF_A_DEVICE, LocalEngine, UserSecurity
from tests.exporter.traps.conftest import Listen
from tests.exporter.traps.senders import COLD_START, IF_INDEX, LINK_DOWN, Capture, make_v1, make_v2, net_snmp, send

MOST_GROWTH_BYTES = 4_000_000
BINDINGS = [
    (f"{IF_INDEX}.7", v2c.Integer32(7)),
    ("1.3.6.1.2.1.31.1.1.1.1.7", v2c.OctetString("eth7")),
    ("1.3.6.1.2.1.15.3.1.7.192.0.2.9", v2c.IpAddress("192.0.2.9")),
]


async def v3_datagram() -> bytes:
    with Capture() as capture:
        await net_snmp("snmptrap", capture.port, "-v3", "-u", "open", "-l", "noAuthNoPriv", "--", "", LINK_DOWN)
        return capture.take()


def mutated(datagram: bytes, chance: random.Random) -> bytes:
    """`datagram` with bytes changed, cut out, doubled or cut off."""
    data = bytearray(datagram)
    for _ in range(chance.randint(1, 4)):
        at = chance.randrange(max(1, len(data)))
        match chance.randrange(5):
            case 0:
                data[at : at + 1] = bytes((chance.randrange(256),))
            case 1:
                data[at : at + 1] = bytes((data[at] ^ 1 << chance.randrange(8),)) if data else b""
            case 2:
                del data[at : at + chance.randint(1, 8)]
            case 3:
                data[at:at] = data[at : at + chance.randint(1, 16)]
            case _:
                del data[at:]
    return bytes(data)


async def test_damaged_datagrams(share: Callable[[int, int], int]) -> None:
    """Each ends as a trap or with a reason, none as a defect, and memory does not grow with their number."""
    mutations = share(2_500, 10_000)
    chance = random.Random(20261122)
    originals = [make_v2(LINK_DOWN, BINDINGS), make_v1("1.3.6.1.4.1.9", 6, 3), await v3_datagram()]
    users = (UserKeys(UserCredential(version=3, user="open")),)
    source = Source("dev-1", (), users, None, TokenBucket(1, 1, 0, 1))
    security = UserSecurity(LocalEngine(b"engine", lambda: 2e9, lambda: 0.0), lambda: 0.0)
    ended: Counter[str] = Counter()

    def feed(count: int) -> None:
        for number in range(count):
            data = mutated(originals[number % 3], chance)
            try:
                envelope = read_envelope(data)
            except BerError:
                ended["no head"] += 1
                continue
            (found,) = decode_all([Waiting(data, envelope, source, (), 0.0)], security)
            ended[_end_of(found)] += 1

    feed(mutations // 10)
    before = resident_bytes()
    feed(mutations * 9 // 10)
    assert resident_bytes() - before < MOST_GROWTH_BYTES
    assert sum(ended.values()) == mutations
    assert ended["internal"] == 0, ended
    assert min(ended[end] for end in ("trap", "malformed", "no head")) > mutations // 100, ended
    assert all(len(engines) <= ENGINES_OF_A_DEVICE for engines in security._devices.values())


def resident_bytes() -> int:
    gc.collect()
    pages = int(Path("/proc/self/statm").read_text(encoding="ascii").split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE")


def _end_of(found: Decoded) -> str:
    if found.event is not None:
        return "trap"
    return found.reason or "discovery"


async def test_a_receiver_after_damaged_datagrams(listen: Listen, share: Callable[[int, int], int]) -> None:
    """After hundreds of damaged datagrams on its port the receiver takes the next sound one."""
    listening = await listen()
    chance = random.Random(1)
    sound = make_v2(LINK_DOWN, BINDINGS)
    for _ in range(share(300, 1500)):
        send(mutated(sound, chance), listening.port)
    send(make_v2(COLD_START), listening.port)
    await listening.until(lambda: listening.received("coldStart") == 1)
    assert listening.dropped("internal") == 0
