"""A real UDP hop between the exporter and an agent that delays, repeats, reorders or ends as a test says."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Any, TypeAlias, cast

Deliver: TypeAlias = Callable[[int, bytes], list[tuple[float, bytes]]]
"""The number of an answer (from 0) and its bytes to what is delivered instead: (after seconds, bytes)."""


class _Upstream(asyncio.DatagramProtocol):
    def __init__(self, take: Callable[[bytes], None]) -> None:
        self._take = take

    def datagram_received(self, data: bytes, _addr: tuple[str, int]) -> None:
        self._take(data)


class _Hop(asyncio.DatagramProtocol):
    """Every client socket gets its own socket towards the agent, as a NAT would do it."""

    def __init__(self, agent_port: int, deliver: Deliver) -> None:
        self._agent_port = agent_port
        self._deliver = deliver
        self._count = 0
        self._upstreams: dict[Any, asyncio.DatagramTransport] = {}
        self._tasks: set[asyncio.Task[None]] = set()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast("asyncio.DatagramTransport", transport)

    def datagram_received(self, data: bytes, addr: Any) -> None:
        task = asyncio.create_task(self._pass_on(data, addr))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _pass_on(self, data: bytes, client: Any) -> None:
        if client not in self._upstreams:
            loop = asyncio.get_running_loop()
            transport, _ = await loop.create_datagram_endpoint(
                lambda: _Upstream(lambda answer: self._return(answer, client)),
                remote_addr=("127.0.0.1", self._agent_port),
            )
            self._upstreams[client] = transport
        self._upstreams[client].sendto(data)

    def _return(self, answer: bytes, client: Any) -> None:
        number, self._count = self._count, self._count + 1
        for seconds, datagram in self._deliver(number, answer):
            asyncio.get_running_loop().call_later(seconds, self._send, datagram, client)

    def _send(self, datagram: bytes, client: Any) -> None:
        if not self._transport.is_closing():
            self._transport.sendto(datagram, client)

    def close(self) -> None:
        for transport in (self._transport, *self._upstreams.values()):
            transport.close()


@asynccontextmanager
async def relay(agent_port: int, deliver: Deliver) -> AsyncIterator[int]:
    """A port of the loopback behind which the agent is."""
    loop = asyncio.get_running_loop()
    transport, hop = await loop.create_datagram_endpoint(lambda: _Hop(agent_port, deliver), local_addr=("127.0.0.1", 0))
    try:
        yield int(transport.get_extra_info("sockname")[1])
    finally:
        hop.close()
