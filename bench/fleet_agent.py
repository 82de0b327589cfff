"""`python -m bench.fleet_agent COUNT`: that many simulated devices on UDP ports of loopback, in one process.

Each answers SNMPv2c from answers made beforehand: 50 interfaces with ifTable and ifXTable, and the system
group. Only what the bench needs of BER (X.690) is here; a request that is not understood is not answered.
"""

import selectors
import socket
import sys
from bisect import bisect_right
from collections.abc import Iterator
from functools import cache
from itertools import product

INTERFACES = 50
_INTEGER, _OCTETS, _OID, _SEQUENCE = 0x02, 0x04, 0x06, 0x30
_COUNTER, _GAUGE, _TICKS, _COUNTER64 = 0x41, 0x42, 0x43, 0x46
_GET, _GET_NEXT, _RESPONSE, _GET_BULK = 0xA0, 0xA1, 0xA2, 0xA5
_NO_SUCH_INSTANCE, _END_OF_MIB = b"\x81\x00", b"\x82\x00"
_LONGEST = 1400
"""Octets of values in one answer: an Ethernet frame's worth."""

Oid = tuple[int, ...]


def _block(tag: int, content: bytes) -> bytes:
    size = len(content)
    if size < 0x80:  # noqa: PLR2004 - the short form of a length
        return bytes([tag, size]) + content
    octets = size.to_bytes((size.bit_length() + 7) // 8, "big")
    return bytes([tag, 0x80 | len(octets)]) + octets + content


def _number(tag: int, value: int) -> bytes:
    return _block(tag, value.to_bytes(value.bit_length() // 8 + 1, "big"))


def _oid(value: Oid) -> bytes:
    content = bytearray([value[0] * 40 + value[1]])
    for part in value[2:]:
        septets = [part & 0x7F]
        while part := part >> 7:
            septets.append(part & 0x7F | 0x80)
        content += bytes(reversed(septets))
    return _block(_OID, bytes(content))


def _read_oid(content: bytes) -> Oid:
    parts = [content[0] // 40, content[0] % 40] if content else []
    part = 0
    for octet in content[1:]:
        part = part << 7 | octet & 0x7F
        if octet < 0x80:  # noqa: PLR2004 - the last septet of a part
            parts.append(part)
            part = 0
    return tuple(parts)


def _objects() -> Iterator[tuple[Oid, bytes]]:
    """What a device has, in the order of its OIDs."""
    system, interfaces, more = (1, 3, 6, 1, 2, 1, 1), (1, 3, 6, 1, 2, 1, 2), (1, 3, 6, 1, 2, 1, 31, 1, 1, 1)
    yield (*system, 1, 0), _block(_OCTETS, b"Simulated switch, version 1.0")
    yield (*system, 2, 0), _oid((1, 3, 6, 1, 4, 1, 99999, 1))
    yield (*system, 3, 0), _number(_TICKS, 123_456_789)
    yield (*system, 5, 0), _block(_OCTETS, b"simulated")
    yield (*interfaces, 1, 0), _number(_INTEGER, INTERFACES)
    rows = range(1, INTERFACES + 1)
    for column, row in product(range(1, 23), rows):
        yield (*interfaces, 2, 1, column, row), _if_value(column, row)
    for column, row in product(range(1, 20), rows):
        yield (*more, column, row), _ifx_value(column, row)


def _if_value(column: int, row: int) -> bytes:
    """IF-MIB::ifTable."""
    fixed = {
        1: _number(_INTEGER, row),
        2: _block(_OCTETS, b"GigabitEthernet1/0/%d" % row),
        3: _number(_INTEGER, 6),
        5: _number(_GAUGE, 1_000_000_000),
        6: _block(_OCTETS, bytes([2, 0, 0, 0, 1, row])),
        7: _number(_INTEGER, 1),
        8: _number(_INTEGER, 1),
        9: _number(_TICKS, 1000 + row),
        22: _oid((0, 0)),
    }
    return fixed.get(column) or _number(_COUNTER, 1_000_000 * column + row)


def _ifx_value(column: int, row: int) -> bytes:
    """IF-MIB::ifXTable."""
    fixed = {
        1: _block(_OCTETS, b"Gi1/0/%d" % row),
        14: _number(_INTEGER, 1),
        15: _number(_GAUGE, 1000),
        16: _number(_INTEGER, 2),
        17: _number(_INTEGER, 1),
        18: _block(_OCTETS, b"uplink to rack %d" % row),
        19: _number(_TICKS, 0),
    }
    return fixed.get(column) or _number(_COUNTER if column < 6 else _COUNTER64, 1_000_000 * column + row)  # noqa: PLR2004


_VALUES = dict(_objects())
_ORDER = sorted(_VALUES)


@cache
def _varbinds(kind: int, names: tuple[bytes, ...], repetitions: int) -> bytes:
    """The encoded values of an answer; the same for every device, so made once."""
    found: list[bytes] = []
    for name in names:
        oid = _read_oid(name)
        if kind == _GET:
            found.append(_block(_SEQUENCE, _block(_OID, name) + _VALUES.get(oid, _NO_SUCH_INSTANCE)))
            continue
        start = bisect_right(_ORDER, oid)
        following = _ORDER[start : start + (repetitions if kind == _GET_BULK else 1)]
        size = 0
        for next_oid in following:
            varbind = _block(_SEQUENCE, _oid(next_oid) + _VALUES[next_oid])
            size += len(varbind)
            if size > _LONGEST:
                break
            found.append(varbind)
        if not following:
            found.append(_block(_SEQUENCE, _block(_OID, name) + _END_OF_MIB))
    return _block(_SEQUENCE, b"".join(found))


def _take(data: bytes, place: int) -> tuple[int, bytes, int]:
    """Tag and content of the block at `place`, and the place after it."""
    tag, size, start = data[place], data[place + 1], place + 2
    if size & 0x80:
        count = size & 0x7F
        size, start = int.from_bytes(data[start : start + count], "big"), start + count
    return tag, data[start : start + size], start + size


def answer(request: bytes) -> bytes:
    """The answer to a v2c request. Raises IndexError for what is none."""
    _, message, _ = _take(request, 0)
    _, _, after_version = _take(message, 0)
    _, _, after_community = _take(message, after_version)
    kind, pdu, _ = _take(message, after_community)
    _, _, after_id = _take(pdu, 0)
    _, _, after_status = _take(pdu, after_id)
    _, repetitions, after_index = _take(pdu, after_status)
    _, asked, _ = _take(pdu, after_index)
    names: list[bytes] = []
    place = 0
    while place < len(asked):
        _, varbind, place = _take(asked, place)
        names.append(_take(varbind, 0)[1])
    values = _varbinds(kind, tuple(names), int.from_bytes(repetitions, "big"))
    head = message[:after_community]
    return _block(_SEQUENCE, head + _block(_RESPONSE, pdu[:after_id] + b"\x02\x01\x00\x02\x01\x00" + values))


def main(count: int) -> None:
    """Answer until the process is ended; the first line printed is the ports."""
    selector = selectors.DefaultSelector()
    ports: list[int] = []
    for _ in range(count):
        device = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        device.bind(("127.0.0.1", 0))
        device.setblocking(False)
        ports.append(device.getsockname()[1])
        selector.register(device, selectors.EVENT_READ, device)
    print(*ports, flush=True)  # noqa: T201 - whoever started it reads this
    while True:
        for key, _ in selector.select():
            device = key.data
            try:
                request, sender = device.recvfrom(65535)
                device.sendto(answer(request), sender)
            except (BlockingIOError, IndexError):
                continue


if __name__ == "__main__":
    main(int(sys.argv[1]))
