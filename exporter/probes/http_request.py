"""One HTTP/1.1 GET whose phases are timed apart: resolve, connect, TLS, processing, transfer (RFC 9112).

Follows no redirect and reads a bounded part of the body. It must not schedule or time out: monitor.py does.
"""

import asyncio
import re
import ssl
from contextlib import suppress
from pathlib import Path
from urllib.parse import urlsplit

import h11

from exporter.errors import ProbeReason
from exporter.inventory.link_models import HttpProbe
from exporter.probes.outcome import Phase, ProbeFailure, ProbeRound, failure_of, resolve_host

LONGEST_BODY_BYTES = 1 << 20
READ_BYTES = 65_536
DEFAULT_PORTS = {"http": 80, "https": 443}
USER_AGENT = "dcnet-exporter"


async def request_http(probe: HttpProbe, source_address: str | None, found: ProbeRound) -> None:
    """Get `probe.url` and compare status and body with what is expected. Raises ProbeFailure."""
    url = urlsplit(probe.url)
    host, port = url.hostname or "", url.port or DEFAULT_PORTS[url.scheme]
    with found.timed(Phase.RESOLVE):
        address = await resolve_host(host, source_address)
    local = (source_address, 0) if source_address is not None else None
    try:
        with found.timed(Phase.CONNECT):
            reader, writer = await asyncio.open_connection(address, port, local_addr=local)
    except OSError as error:
        raise failure_of(error) from error
    try:
        if url.scheme == "https":
            await _start_tls(writer, host, probe.ca_file, found)
        body = await _exchange(reader, writer, probe, found)
    except ssl.SSLError as error:
        raise ProbeFailure(ProbeReason.TLS, error.reason or "TLS failed") from error
    except OSError as error:
        raise failure_of(error) from error
    except h11.ProtocolError as error:
        raise ProbeFailure(ProbeReason.PROTOCOL, f"not HTTP/1.1: {error}") from error
    finally:
        await _close(writer)
    if found.status_code not in probe.status:
        expected = ", ".join(map(str, probe.status))
        raise ProbeFailure(ProbeReason.STATUS, f"found status {found.status_code}, expected {expected}")
    if probe.body_pattern is not None and not re.search(probe.body_pattern, body.decode(errors="replace")):
        raise ProbeFailure(ProbeReason.BODY, f"no match of {probe.body_pattern!r} in {len(body)} bytes of body")


async def _start_tls(writer: asyncio.StreamWriter, host: str, ca_file: Path | None, found: ProbeRound) -> None:
    context = ssl.create_default_context(cafile=ca_file)
    context.set_alpn_protocols(["http/1.1"])
    try:
        with found.timed(Phase.TLS):
            await writer.start_tls(context, server_hostname=host)
    except ssl.SSLCertVerificationError as error:
        raise ProbeFailure(ProbeReason.TLS, f"certificate: {error.verify_message}") from error
    except (ConnectionError, EOFError) as error:
        raise ProbeFailure(ProbeReason.TLS, "the server ended the TLS handshake") from error
    certificate = writer.get_extra_info("peercert") or {}
    if "notAfter" in certificate:
        found.tls_expiry = float(ssl.cert_time_to_seconds(certificate["notAfter"]))


async def _exchange(
    reader: asyncio.StreamReader, writer: asyncio.StreamWriter, probe: HttpProbe, found: ProbeRound
) -> bytes:
    """Send the request; the body's first LONGEST_BODY_BYTES."""
    url = urlsplit(probe.url)
    connection = h11.Connection(our_role=h11.CLIENT)
    target = (url.path or "/") + (f"?{url.query}" if url.query else "")
    headers = [("Host", url.netloc), ("User-Agent", USER_AGENT), ("Accept", "*/*"), ("Connection", "close")]
    request = connection.send(h11.Request(method="GET", target=target, headers=headers)) or b""
    with found.timed(Phase.PROCESSING):
        writer.write(request + (connection.send(h11.EndOfMessage()) or b""))
        await writer.drain()
        connection.receive_data(await reader.read(READ_BYTES))
    body = bytearray()
    with found.timed(Phase.TRANSFER):
        while len(body) < LONGEST_BODY_BYTES:
            event = connection.next_event()
            if event is h11.NEED_DATA:
                connection.receive_data(await reader.read(READ_BYTES))
            elif isinstance(event, h11.Response):
                found.status_code = event.status_code
            elif isinstance(event, h11.Data):
                body += event.data
            elif isinstance(event, h11.EndOfMessage | h11.ConnectionClosed) or event is h11.PAUSED:
                break
    if found.status_code is None:
        raise ProbeFailure(ProbeReason.PROTOCOL, "the server closed the connection without an answer")
    return bytes(body[:LONGEST_BODY_BYTES])


async def _close(writer: asyncio.StreamWriter) -> None:
    # What was wanted has been read: how the other side ends the connection is of no interest.
    writer.transport.abort()
    with suppress(OSError):
        await writer.wait_closed()
