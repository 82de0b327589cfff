"""What stands behind the internet links: a DNS server and a web portal for each, on loopback addresses.

Degrades them as the scenario says. The gateways need no server: the kernel answers echoes on 127/8,
which is why the live lab cannot lose or delay them without root.
"""

import asyncio
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from typing import cast

import dns.exception
import dns.flags
import dns.message
import dns.rcode
import dns.rdatatype
import dns.rrset
from aiohttp import web

from lab.link_state import symptom_at
from lab.model import Model
from lab.scenario import Service, Symptom
from lab.snmp_agents import Clock, bind_udp, port_error
from lab.topology import DNS_PORT, HTTP_PORT, LINKS, Link

ZONE = {"layanan.dcnet.test.": "192.0.2.80", "dcnet.test.": "192.0.2.1"}
"""Address records; 192.0.2.0/24 is for documentation (RFC 5737)."""

TIME_TO_LIVE_SECONDS = 60
SLOW_SECONDS = 1.0
SILENT_SECONDS = 60.0
"""Longer than any probe waits."""


def answer_query(wire: bytes, symptom: Symptom | None) -> bytes | None:
    """The DNS answer to a query, both in wire format (RFC 1035); None: nothing that can be answered."""
    try:
        query = dns.message.from_wire(wire)
    except dns.exception.DNSException:
        return None
    if not query.question or symptom is Symptom.SILENT:
        return None
    answer = dns.message.make_response(query, recursion_available=True)
    if symptom is Symptom.FAILING:
        answer.set_rcode(dns.rcode.SERVFAIL)
        return answer.to_wire()
    question = query.question[0]
    address = ZONE.get(question.name.to_text().lower())
    if address is None:
        answer.set_rcode(dns.rcode.NXDOMAIN)
    elif question.rdtype == dns.rdatatype.A:
        answer.answer.append(dns.rrset.from_text(question.name, TIME_TO_LIVE_SECONDS, "IN", "A", address))
    return answer.to_wire()


class _Resolver(asyncio.DatagramProtocol):
    """A link's DNS server over UDP."""

    def __init__(self, link: Link, model: Model, clock: Clock) -> None:
        self._link, self._model, self._clock = link, model, clock
        self._transport: asyncio.DatagramTransport | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast(asyncio.DatagramTransport, transport)  # asyncio's, for a datagram protocol

    def datagram_received(self, data: bytes, addr: tuple[str, int]) -> None:
        symptom = symptom_at(self._model.timeline, self._link.name, Service.DNS, self._clock())
        answer = answer_query(data, symptom)
        if answer is None or self._transport is None:
            return
        delay = SLOW_SECONDS if symptom is Symptom.SLOW else 0
        asyncio.get_running_loop().call_later(delay, self._send, answer, addr)

    def _send(self, answer: bytes, address: tuple[str, int]) -> None:
        if self._transport is not None and not self._transport.is_closing():
            self._transport.sendto(answer, address)


@asynccontextmanager
async def running_endpoints(
    model: Model, clock: Clock, dns_port: int = DNS_PORT, http_port: int = HTTP_PORT
) -> AsyncIterator[None]:
    """DNS (UDP and TCP) and HTTP servers of all links, bound when this enters. Raises LabError for a port in use."""
    async with AsyncExitStack() as stack:
        for link in LINKS.values():
            await stack.enter_async_context(_dns_over_udp(link, model, clock, dns_port))
            await stack.enter_async_context(_dns_over_tcp(link, model, clock, dns_port))
            await stack.enter_async_context(_portal(link, model, clock, http_port))
        yield


@asynccontextmanager
async def _dns_over_udp(link: Link, model: Model, clock: Clock, port: int) -> AsyncIterator[None]:
    bound = bind_udp(link.resolver, port)
    transport, _ = await asyncio.get_running_loop().create_datagram_endpoint(
        lambda: _Resolver(link, model, clock), sock=bound
    )
    try:
        yield
    finally:
        transport.close()


@asynccontextmanager
async def _dns_over_tcp(link: Link, model: Model, clock: Clock, port: int) -> AsyncIterator[None]:
    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            # RFC 1035 section 4.2.2: two octets of length go before the message.
            length = int.from_bytes(await reader.readexactly(2), "big")
            query = await reader.readexactly(length)
            symptom = symptom_at(model.timeline, link.name, Service.DNS, clock())
            await _dawdle(symptom)
            answer = answer_query(query, symptom)
            if answer is not None:
                writer.write(len(answer).to_bytes(2, "big") + answer)
                await writer.drain()
        except (asyncio.IncompleteReadError, ConnectionError):
            return
        finally:
            writer.close()

    try:
        server = await asyncio.start_server(serve, link.resolver, port)
    except OSError as error:
        raise port_error("TCP", link.resolver, port, error) from error
    async with server:
        yield


@asynccontextmanager
async def _portal(link: Link, model: Model, clock: Clock, port: int) -> AsyncIterator[None]:
    async def serve(_request: web.Request) -> web.Response:
        symptom = symptom_at(model.timeline, link.name, Service.HTTP, clock())
        await _dawdle(symptom)
        if symptom is Symptom.FAILING:
            return web.Response(status=503, text="Layanan terganggu\n")
        return web.Response(text=f"Layanan tersedia lewat {link.provider}\n")

    application = web.Application()
    application.router.add_get("/", serve)
    runner = web.AppRunner(application, access_log=None, handle_signals=False, shutdown_timeout=1)
    await runner.setup()
    try:
        try:
            await web.TCPSite(runner, link.portal, port).start()
        except OSError as error:
            raise port_error("TCP", link.portal, port, error) from error
        yield
    finally:
        await runner.cleanup()


async def _dawdle(symptom: Symptom | None) -> None:
    match symptom:
        case Symptom.SLOW:
            await asyncio.sleep(SLOW_SECONDS)
        case Symptom.SILENT:
            await asyncio.sleep(SILENT_SECONDS)
        case Symptom.FAILING | None:
            return
