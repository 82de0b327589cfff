"""DNS and HTTP probes against real servers on loopback."""

import asyncio
import datetime as dt
import ipaddress
import socket
import ssl
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from pathlib import Path
from typing import cast

import dns.flags
import dns.message
import dns.rcode
import dns.rrset
import pytest
from aiohttp import web
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from exporter.errors import ProbeReason
from exporter.inventory.link_models import DnsProbe, HttpProbe
from exporter.probes.dns_query import query_dns
from exporter.probes.http_request import LONGEST_BODY_BYTES, request_http
from exporter.probes.link_source import LinkSource
from exporter.probes.outcome import Phase, ProbeFailure, ProbeRound
from tests.exporter.conftest import free_port

EXPIRY = dt.datetime(2031, 5, 6, tzinfo=dt.UTC)


class DnsServer(asyncio.DatagramProtocol):
    """A DNS server over UDP and TCP that answers as its names say."""

    def __init__(self) -> None:
        self.senders: list[str] = []

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport = cast(asyncio.DatagramTransport, transport)

    def datagram_received(self, data: bytes, addr: tuple[str, int]) -> None:
        self.senders.append(addr[0])
        query = dns.message.from_wire(data)
        name = query.question[0].name.to_text()
        if name == "silent.test.":
            return
        response = self.answer(query)
        if name == "cut.test.":
            response.answer.clear()
            response.flags |= dns.flags.TC
        wire = response.to_wire()
        self.transport.sendto(b"\x00" * 3 if name == "garbled.test." else wire, addr)

    def answer(self, query: dns.message.Message) -> dns.message.Message:
        name = query.question[0].name.to_text()
        response = dns.message.make_response(query)
        match name:
            case "missing.test.":
                response.set_rcode(dns.rcode.NXDOMAIN)
            case "refused.test.":
                response.set_rcode(dns.rcode.REFUSED)
            case "alias.test.":
                response.answer.append(dns.rrset.from_text(name, 60, "IN", "CNAME", "Target.TEST."))
            case "text.test.":
                response.answer.append(dns.rrset.from_text(name, 60, "IN", "TXT", '"v=spf1 -all"'))
            case "empty.test.":
                pass
            case _:
                response.answer.append(dns.rrset.from_text(name, 60, "IN", "A", "192.0.2.7", "192.0.2.8"))
        return response

    async def serve_stream(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        length = int.from_bytes(await reader.readexactly(2), "big")
        wire = self.answer(dns.message.from_wire(await reader.readexactly(length))).to_wire()
        writer.write(len(wire).to_bytes(2, "big") + wire)
        await writer.drain()
        writer.close()
        await writer.wait_closed()


@pytest.fixture
async def dns_server() -> AsyncIterator[tuple[DnsServer, int]]:
    async def serve_stream(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await server.serve_stream(reader, writer)

    loop = asyncio.get_running_loop()
    stream = await asyncio.start_server(serve_stream, "127.0.0.1", 0)
    port = stream.sockets[0].getsockname()[1]
    transport, server = await loop.create_datagram_endpoint(DnsServer, local_addr=("127.0.0.1", port))
    yield server, port
    transport.close()
    stream.close()
    await stream.wait_closed()


def dns_probe(port: int, query: str, record: str = "A", expect: tuple[str, ...] = (), timeout: float = 2) -> DnsProbe:
    return DnsProbe.model_validate(
        {
            "name": "p",
            "kind": "dns",
            "server": "127.0.0.1",
            "port": port,
            "query": query,
            "record": record,
            "expect": expect,
            "timeout_seconds": timeout,
        }
    )


async def probed(probing: Callable[[ProbeRound], Awaitable[None]]) -> ProbeRound:
    found = ProbeRound()
    try:
        await probing(found)
    except ProbeFailure as failure:
        found.failure = failure
    return found


@pytest.mark.parametrize(
    ("query", "record", "expect", "reason"),
    [
        ("good.test", "A", (), None),
        ("good.test", "A", ("192.0.2.8",), None),
        ("good.test", "A", ("192.0.2.9",), ProbeReason.ANSWER),
        ("alias.test", "CNAME", ("target.test",), None),
        ("text.test", "TXT", ("v=spf1 -all",), None),
        ("cut.test", "A", ("192.0.2.7",), None),
        ("missing.test", "A", (), ProbeReason.ANSWER),
        ("empty.test", "A", (), ProbeReason.ANSWER),
        ("refused.test", "A", (), ProbeReason.REFUSED),
        ("silent.test", "A", (), ProbeReason.TIMEOUT),
    ],
)
async def test_dns(
    dns_server: tuple[DnsServer, int], query: str, record: str, expect: tuple[str, ...], reason: ProbeReason | None
) -> None:
    """A DNS probe passes with the expected answers and tells apart how else it ends."""
    timeout = 0.2 if reason is ProbeReason.TIMEOUT else 2
    probe = dns_probe(dns_server[1], query, record, expect, timeout)
    found = await probed(lambda found: query_dns(probe, LinkSource(), found))
    assert (found.failure.reason if found.failure else None) == reason
    assert (Phase.PROCESSING in found.phases) is (reason is not ProbeReason.TIMEOUT)


async def test_dns_leaves_from_the_source_address(dns_server: tuple[DnsServer, int]) -> None:
    """A query leaves from the link's source address."""
    found = await probed(lambda found: query_dns(dns_probe(dns_server[1], "good.test"), LinkSource("127.0.0.9"), found))
    assert found.failure is None
    assert dns_server[0].senders == ["127.0.0.9"]


async def test_foreign_source_address() -> None:
    """A source address that is not this host's is told as such, not as a fault of the link."""
    for probing in (
        lambda found: query_dns(dns_probe(53, "good.test"), LinkSource("192.0.2.200"), found),
        lambda found: request_http(http_probe("http://127.0.0.1:9/"), LinkSource("192.0.2.200"), found),
    ):
        found = await probed(probing)
        assert found.failure is not None
        assert found.failure.reason is ProbeReason.SOURCE


@asynccontextmanager
async def web_server(context: ssl.SSLContext | None = None) -> AsyncIterator[str]:
    async def body(request: web.Request) -> web.Response:
        return web.Response(text=f"Kementerian ESDM dari {request.remote} {request.query_string}")

    async def failing(_request: web.Request) -> web.Response:
        return web.Response(status=503, text="down")

    async def large(_request: web.Request) -> web.Response:
        return web.Response(body=b"x" * (2 * LONGEST_BODY_BYTES) + b"end")

    async def slow(_request: web.Request) -> web.Response:
        await asyncio.sleep(0.15)
        return web.Response(text="late")

    application = web.Application()
    application.add_routes(
        [web.get("/", body), web.get("/503", failing), web.get("/large", large), web.get("/slow", slow)]
    )
    runner = web.AppRunner(application, access_log=None, shutdown_timeout=0.1)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0, ssl_context=context)
    await site.start()
    port = runner.addresses[0][1]
    yield f"{'https' if context else 'http'}://localhost:{port}"
    await runner.cleanup()


def http_probe(url: str, **settings: object) -> HttpProbe:
    return HttpProbe.model_validate({"name": "p", "kind": "http", "url": url, **settings})


@pytest.mark.parametrize(
    ("path", "settings", "status", "reason"),
    [
        ("/", {}, 200, None),
        ("/?a=1&b=2", {"body_pattern": "a=1&b=2"}, 200, None),
        ("/", {"body_pattern": "ESDM"}, 200, None),
        ("/", {"body_pattern": "Kehutanan"}, 200, ProbeReason.BODY),
        ("/503", {}, 503, ProbeReason.STATUS),
        ("/503", {"status": [503]}, 503, None),
        ("/large", {"body_pattern": "end"}, 200, ProbeReason.BODY),
    ],
)
async def test_http(path: str, settings: dict[str, object], status: int, reason: ProbeReason | None) -> None:
    """An HTTP probe compares status and the bounded body, and times its phases apart."""
    async with web_server() as base:
        found = await probed(
            lambda found: request_http(http_probe(base + path, **settings), LinkSource("127.0.0.1"), found)
        )
    assert (found.failure.reason if found.failure else None) == reason
    assert found.status_code == status
    assert set(found.phases) == {Phase.RESOLVE, Phase.CONNECT, Phase.PROCESSING, Phase.TRANSFER}


async def test_http_phases_are_honest() -> None:
    """The time that the server thinks is told as processing, not as anything else."""
    async with web_server() as base:
        found = await probed(lambda found: request_http(http_probe(base + "/slow"), LinkSource("127.0.0.1"), found))
    assert found.phases[Phase.PROCESSING] >= 0.15
    assert found.phases[Phase.TRANSFER] < 0.1


async def test_http_leaves_from_the_source_address() -> None:
    """A request leaves from the link's source address."""
    async with web_server() as base:
        probe = http_probe(base, body_pattern=r"dari 127\.0\.0\.9")
        found = await probed(lambda found: request_http(probe, LinkSource("127.0.0.9"), found))
    assert found.failure is None


@pytest.mark.parametrize(("trusted", "reason"), [(True, None), (False, ProbeReason.TLS_SELF_SIGNED)])
async def test_https(tmp_path: Path, trusted: bool, reason: ProbeReason | None) -> None:
    """A TLS session with a trusted certificate tells its expiry; an untrusted one fails as tls."""
    certificate = write_certificate(tmp_path)
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(certificate, tmp_path / "key.pem")
    settings: dict[str, object] = {"ca_file": certificate} if trusted else {}
    async with web_server(context) as base:
        found = await probed(lambda found: request_http(http_probe(base, **settings), LinkSource("127.0.0.1"), found))
    assert (found.failure.reason if found.failure else None) == reason
    assert found.tls_expiry == EXPIRY.timestamp()
    assert (Phase.TLS in found.phases) is trusted


def write_certificate(folder: Path) -> Path:
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "localhost")])
    names = x509.SubjectAlternativeName([x509.DNSName("localhost"), x509.IPAddress(ipaddress.ip_address("127.0.0.1"))])
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(dt.datetime(2020, 1, 1, tzinfo=dt.UTC))
        .not_valid_after(EXPIRY)
        .add_extension(names, critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    (folder / "key.pem").write_bytes(
        key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    )
    file = folder / "certificate.pem"
    file.write_bytes(certificate.public_bytes(serialization.Encoding.PEM))
    return file


def answering(data: bytes) -> Callable[[], AbstractAsyncContextManager[int]]:
    @asynccontextmanager
    async def serve() -> AsyncIterator[int]:
        async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            await reader.readuntil(b"\r\n\r\n")
            writer.write(data)
            writer.close()
            await writer.wait_closed()

        server = await asyncio.start_server(answer, "127.0.0.1", 0)
        yield server.sockets[0].getsockname()[1]
        server.close()
        await server.wait_closed()

    return serve


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (b"SSH-2.0-x\r\n\r\n", ProbeReason.PROTOCOL),
        (b"", ProbeReason.PROTOCOL),
        (b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nshort", ProbeReason.PROTOCOL),
        (b"HTTP/1.0 200 OK\r\n\r\nold but fine", None),
        (b"HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 204 No Content\r\n\r\n", ProbeReason.STATUS),
    ],
)
async def test_servers_that_speak_otherwise(data: bytes, reason: ProbeReason | None) -> None:
    """What is not HTTP, or ends too early, is told as protocol; HTTP/1.0 is fine."""
    async with answering(data)() as port:
        found = await probed(lambda found: request_http(http_probe(f"http://127.0.0.1:{port}/"), LinkSource(), found))
    assert (found.failure.reason if found.failure else None) == reason


async def test_nobody_listens() -> None:
    """A closed port is refused; a name that does not exist is resolve."""
    port = free_port(socket.SOCK_STREAM)
    refused = await probed(lambda found: request_http(http_probe(f"http://127.0.0.1:{port}/"), LinkSource(), found))
    assert refused.failure is not None
    assert refused.failure.reason is ProbeReason.REFUSED
    unknown = await probed(lambda found: request_http(http_probe("http://nowhere.invalid/"), LinkSource(), found))
    assert unknown.failure is not None
    assert unknown.failure.reason is ProbeReason.RESOLVE
    closed = free_port(socket.SOCK_DGRAM)
    silent = await probed(lambda found: query_dns(dns_probe(closed, "x.test", timeout=0.2), LinkSource(), found))
    assert silent.failure is not None
    assert silent.failure.reason in {ProbeReason.REFUSED, ProbeReason.TIMEOUT}
