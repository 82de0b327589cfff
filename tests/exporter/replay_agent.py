"""An SNMP v1 and v2c agent on a real UDP socket that answers from a recording, ten thousand objects and more.

`python -m tests.exporter.replay_agent FILE.snmprec [PORT]` serves one by hand, with any community string.
"""

import asyncio
import sys
from bisect import bisect_left, bisect_right
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import cast

from tests.exporter.snmprec import COUNTER64, OBJECT_IDENTIFIER, Oid, Varbind, encode, encode_oid, read_snmprec

GET, GET_NEXT, RESPONSE, GET_BULK = 0xA0, 0xA1, 0xA2, 0xA5
NO_SUCH_NAME = 2
NO_SUCH_OBJECT, NO_SUCH_INSTANCE, END_OF_MIB_VIEW = 0x80, 0x81, 0x82
V1 = 0
LARGEST_ANSWER = 8000
"""Bytes of varbinds in one answer; a GETBULK gets as many as fit (RFC 3416 section 4.2.3)."""


class ReplayAgent(asyncio.DatagramProtocol):
    """Answers GET, GETNEXT and GETBULK in lexicographic order; anything else, and garbage, gets no answer."""

    def __init__(self, recording: str) -> None:
        self._objects = read_snmprec(recording)
        self._narrow = [varbind for varbind in self._objects if varbind.tag != COUNTER64]

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Keep the socket."""
        self._transport = cast("asyncio.DatagramTransport", transport)

    def datagram_received(self, data: bytes, addr: tuple[str, int]) -> None:
        """Answer one request."""
        try:
            answer = self.answer(data)
        except (IndexError, ValueError):
            return
        if answer is not None:
            self._transport.sendto(answer, addr)

    def answer(self, request: bytes) -> bytes | None:
        """The datagram that answers `request`."""
        _, message = next(_elements(request))
        (_, version), (_, community), (kind, pdu) = _elements(message)
        (_, request_id), (_, first), (_, second), (_, bindings) = _elements(pdu)
        names = [_decode_oid(next(_elements(binding))[1]) for _, binding in _elements(bindings)]
        old = int.from_bytes(version, "big") == V1
        objects = self._narrow if old else self._objects
        if kind == GET:
            found = [_find(objects, name) for name in names]
        elif kind == GET_NEXT:
            found = [_follow(objects, name, 1)[0] for name in names]
        elif kind == GET_BULK and not old:
            found = _bulk(objects, names, int.from_bytes(first, "big"), int.from_bytes(second, "big"))
        else:
            return None
        missing = next((place for place, varbind in enumerate(found, 1) if varbind.tag >= NO_SUCH_OBJECT), 0)
        if old and missing:
            status, failed, values = NO_SUCH_NAME, missing, bindings
        else:
            status, failed, values = 0, 0, b"".join(varbind.encoded for varbind in found)
        head = encode(2, request_id) + encode(2, bytes([status])) + encode(2, bytes([failed]))
        body = encode(RESPONSE, head + encode(0x30, values))
        return encode(0x30, encode(2, version) + encode(4, community) + body)


@asynccontextmanager
async def replay(recording: str, port: int = 0) -> AsyncIterator[int]:
    """Serve `recording` on the loopback; gives the UDP port."""
    loop = asyncio.get_running_loop()
    transport, _ = await loop.create_datagram_endpoint(lambda: ReplayAgent(recording), ("127.0.0.1", port))
    try:
        yield int(transport.get_extra_info("sockname")[1])
    finally:
        transport.close()


def _find(objects: list[Varbind], name: Oid) -> Varbind:
    place = bisect_left(objects, name, key=lambda varbind: varbind.oid)
    if place < len(objects) and objects[place].oid == name:
        return objects[place]
    return _exception(name, NO_SUCH_INSTANCE)


def _follow(objects: list[Varbind], name: Oid, count: int) -> list[Varbind]:
    """The `count` objects after `name`; where they end, endOfMibView under the last name."""
    start = bisect_right(objects, name, key=lambda varbind: varbind.oid)
    found = objects[start : start + count]
    end = _exception(found[-1].oid if found else name, END_OF_MIB_VIEW)
    return found + [end] * (count - len(found))


def _bulk(objects: list[Varbind], names: list[Oid], non_repeaters: int, repetitions: int) -> list[Varbind]:
    single = [_follow(objects, name, 1)[0] for name in names[:non_repeaters]]
    columns = [_follow(objects, name, repetitions) for name in names[non_repeaters:]]
    rows = list(zip(*columns, strict=True))
    # Like others, this agent ends its answer where every column has ended (RFC 3416 section 4.2.3).
    end = next((at for at, row in enumerate(rows, 1) if all(one.tag == END_OF_MIB_VIEW for one in row)), len(rows))
    answer = [*single, *(varbind for row in rows[:end] for varbind in row)]
    size = 0
    for place, varbind in enumerate(answer):
        size += len(varbind.encoded)
        if size > LARGEST_ANSWER:
            return answer[: max(place, 1)]
    return answer


def _exception(name: Oid, tag: int) -> Varbind:
    return Varbind(name, tag, encode(0x30, encode(OBJECT_IDENTIFIER, encode_oid(name)) + encode(tag, b"")))


def _elements(data: bytes) -> Iterator[tuple[int, bytes]]:
    """The BER elements that stand one after the other in `data`: tag and content."""
    place = 0
    while place < len(data):
        tag, size = data[place], data[place + 1]
        place += 2
        if size & 0x80:
            octets = size & 0x7F
            size = int.from_bytes(data[place : place + octets], "big")
            place += octets
        yield tag, data[place : place + size]
        place += size


def _decode_oid(content: bytes) -> Oid:
    numbers = [0]
    for octet in content:
        numbers[-1] = numbers[-1] << 7 | octet & 0x7F
        if not octet & 0x80:
            numbers.append(0)
    first = min(numbers[0] // 40, 2)
    return (first, numbers[0] - first * 40, *numbers[1:-1])


async def _serve_for_good(recording: str, port: int) -> None:
    async with replay(recording, port) as bound:
        print(bound, flush=True)  # noqa: T201 - the one line that tells the port
        await asyncio.Event().wait()


if __name__ == "__main__":
    asyncio.run(
        _serve_for_good(Path(sys.argv[1]).read_text(encoding="latin-1"), int(sys.argv[2]) if len(sys.argv) > 2 else 0)
    )
