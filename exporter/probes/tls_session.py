"""A TLS session on an open connection, its certificate's end, and why a certificate is refused."""

import asyncio
import ssl

from cryptography import x509

from exporter.errors import ProbeReason
from exporter.inventory.link_models import TlsProbe
from exporter.probes.link_source import LinkSource
from exporter.probes.outcome import Phase, ProbeFailure, ProbeRound, failure_of
from exporter.probes.stream import close_stream, open_stream

_REASONS = {
    9: ProbeReason.TLS_NOT_YET_VALID,
    10: ProbeReason.TLS_EXPIRED,
    18: ProbeReason.TLS_SELF_SIGNED,
    19: ProbeReason.TLS_SELF_SIGNED,
    20: ProbeReason.TLS_UNKNOWN_ISSUER,
    21: ProbeReason.TLS_UNKNOWN_ISSUER,
    62: ProbeReason.TLS_WRONG_NAME,
    64: ProbeReason.TLS_WRONG_NAME,
}
"""X509_V_ERR_* of openssl/x509_vfy.h."""


async def open_tls(probe: TlsProbe, source: LinkSource, found: ProbeRound) -> None:
    """Open a TLS session with `probe.target` and close it. Raises ProbeFailure unless its certificate holds."""
    with found.timed(Phase.RESOLVE):
        address = (await source.find(probe.target, probe.ip_version)).address
    context = await source.trust.context_for(probe.ca_file)
    with found.timed(Phase.CONNECT):
        _reader, writer = await open_stream(source, address, probe.port)
    try:
        await start_tls(writer, probe.server_name or probe.target, context, found)
    except ProbeFailure:
        await close_stream(writer)
        await note_refused_expiry(source, address, probe.port, probe.server_name or probe.target, found)
        raise
    await close_stream(writer)


async def start_tls(writer: asyncio.StreamWriter, host: str, context: ssl.SSLContext, found: ProbeRound) -> None:
    """Start TLS on `writer` with the server named `host`, timed, its certificate verified. Raises ProbeFailure."""
    try:
        with found.timed(Phase.TLS):
            await writer.start_tls(context, server_hostname=host)
    except ssl.SSLCertVerificationError as error:
        reason = _REASONS.get(error.verify_code, ProbeReason.TLS)
        raise ProbeFailure(reason, f"certificate: {error.verify_message}") from error
    except ssl.SSLError as error:
        raise ProbeFailure(ProbeReason.TLS, error.reason or "TLS failed") from error
    except (ConnectionError, EOFError) as error:
        raise ProbeFailure(ProbeReason.TLS, "the server ended the TLS handshake") from error
    except OSError as error:
        raise failure_of(error) from error
    certificate = writer.get_extra_info("peercert") or {}
    if "notAfter" in certificate:
        found.tls_expiry = float(ssl.cert_time_to_seconds(certificate["notAfter"]))


async def note_refused_expiry(source: LinkSource, address: str, port: int, host: str, found: ProbeRound) -> None:
    """Learn the end of a certificate that was refused: Python shows only those that it accepted.

    Connects once more without verifying, and keeps nothing but the date; a failure leaves `found` as it is.
    """
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    try:
        _reader, writer = await open_stream(source, address, port)
    except ProbeFailure:
        return
    try:
        await writer.start_tls(context, server_hostname=host)
        opened = writer.get_extra_info("ssl_object")
        found.tls_expiry = x509.load_der_x509_certificate(opened.getpeercert(True)).not_valid_after_utc.timestamp()
    except (OSError, EOFError, ValueError, TypeError):
        return
    finally:
        await close_stream(writer)
