"""One HTTP/1.1 request and the head of its answer, each phase timed (RFC 9112). The body is read by its user.

It must not judge what it gets.
"""

import asyncio
import ssl
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

import h11

from exporter.errors import ProbeReason
from exporter.probes.link_source import LinkSource
from exporter.probes.outcome import Phase, ProbeFailure, ProbeRound, failure_of
from exporter.probes.stream import close_stream, open_stream
from exporter.probes.tls_session import note_refused_expiry, start_tls

READ_BYTES = 65_536
DEFAULT_PORTS = {"http": 80, "https": 443}
USER_AGENT = "dcnet-exporter"


@dataclass(frozen=True, slots=True)
class Wanted:
    """A request to be made."""

    url: str
    ip_version: int | None
    ca_file: Path | None
    headers: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class Answer:
    """The head of an answer, and the way to its body."""

    status_code: int
    location: str | None
    connection: h11.Connection
    reader: asyncio.StreamReader

    async def read(self, most_bytes: int) -> bytes:
        """Some bytes of the body, at most `most_bytes` from the network at a time; empty at its end."""
        while True:
            event = self.connection.next_event()
            if event is h11.NEED_DATA:
                self.connection.receive_data(await self.reader.read(min(READ_BYTES, most_bytes)))
            elif isinstance(event, h11.Data):
                return bytes(event.data)
            else:
                return b""


@asynccontextmanager
async def requested(wanted: Wanted, source: LinkSource, found: ProbeRound) -> AsyncIterator[Answer]:
    """Ask for `wanted.url` and give the answer's head; the connection ends with the block. Raises ProbeFailure."""
    url = urlsplit(wanted.url)
    host, port = url.hostname or "", url.port or DEFAULT_PORTS[url.scheme]
    with found.timed(Phase.RESOLVE):
        address = (await source.find(host, wanted.ip_version)).address
    context = await source.trust.context_for(wanted.ca_file) if url.scheme == "https" else None
    with found.timed(Phase.CONNECT):
        reader, writer = await open_stream(source, address, port)
    try:
        if context is not None:
            await _start_tls(writer, source, (address, port, host), context, found)
        with found.timed(Phase.PROCESSING):
            connection = h11.Connection(our_role=h11.CLIENT)
            writer.write(_request_bytes(connection, wanted))
            await writer.drain()
            connection.receive_data(await reader.read(READ_BYTES))
        head = await _read_head(connection, reader)
        headers = {name.lower(): value for name, value in head.headers}
        location = headers.get(b"location")
        yield Answer(head.status_code, location.decode("latin-1") if location is not None else None, connection, reader)
    except ssl.SSLError as error:
        raise ProbeFailure(ProbeReason.TLS, error.reason or "TLS failed") from error
    except OSError as error:
        raise failure_of(error) from error
    except h11.ProtocolError as error:
        raise ProbeFailure(ProbeReason.PROTOCOL, f"not HTTP/1.1: {error}") from error
    finally:
        await close_stream(writer)


async def _start_tls(
    writer: asyncio.StreamWriter,
    source: LinkSource,
    server: tuple[str, int, str],
    context: ssl.SSLContext,
    found: ProbeRound,
) -> None:
    address, port, host = server
    try:
        await start_tls(writer, host, context, found)
    except ProbeFailure:
        await note_refused_expiry(source, address, port, host, found)
        raise


def _request_bytes(connection: h11.Connection, wanted: Wanted) -> bytes:
    url = urlsplit(wanted.url)
    target = (url.path or "/") + (f"?{url.query}" if url.query else "")
    headers = [("Host", url.netloc), ("User-Agent", USER_AGENT), ("Accept", "*/*"), ("Connection", "close")]
    request = h11.Request(method="GET", target=target, headers=[*headers, *wanted.headers])
    return (connection.send(request) or b"") + (connection.send(h11.EndOfMessage()) or b"")


async def _read_head(connection: h11.Connection, reader: asyncio.StreamReader) -> h11.Response:
    while True:
        event = connection.next_event()
        if event is h11.NEED_DATA:
            connection.receive_data(await reader.read(READ_BYTES))
        elif isinstance(event, h11.Response):
            return event
        elif not isinstance(event, h11.InformationalResponse):
            raise ProbeFailure(ProbeReason.PROTOCOL, "the server closed the connection without an answer")
