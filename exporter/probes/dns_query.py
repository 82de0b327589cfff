"""One DNS query to one server (RFC 1035), over UDP and, where the answer is cut or TCP is wanted, over TCP."""

import asyncio
import socket

import dns.exception
import dns.flags
import dns.message
import dns.rcode
import dns.rdatatype

from exporter.errors import ProbeReason
from exporter.inventory.link_models import DnsProbe
from exporter.probes.link_source import LinkSource
from exporter.probes.outcome import Phase, ProbeFailure, ProbeRound, failure_of
from exporter.probes.stream import close_stream, open_stream

LONGEST_DATAGRAM_BYTES = 65_535


async def query_dns(probe: DnsProbe, source: LinkSource, found: ProbeRound) -> None:
    """Ask `probe.server` and compare the answer with what is expected. Raises ProbeFailure.

    Every expected text must be among the answers of the wanted type; without any, one answer is enough.
    """
    query = dns.message.make_query(probe.query, probe.record, use_edns=True)
    try:
        async with asyncio.timeout(probe.timeout_seconds):
            response = await _exchange(query, probe, source, found)
    except TimeoutError as error:
        raise ProbeFailure(ProbeReason.TIMEOUT, f"no answer from {probe.server}") from error
    except dns.exception.DNSException as error:
        raise ProbeFailure(ProbeReason.PROTOCOL, f"answer of {probe.server}: {type(error).__name__}") from error
    except asyncio.IncompleteReadError as error:
        raise ProbeFailure(ProbeReason.PROTOCOL, f"{probe.server} ended the answer early") from error
    except OSError as error:
        raise failure_of(error) from error
    judge_response(response, probe)


async def _exchange(
    query: dns.message.Message, probe: DnsProbe, source: LinkSource, found: ProbeRound
) -> dns.message.Message:
    if probe.transport == "udp":
        with found.timed(Phase.PROCESSING):
            response = await _ask_udp(query, probe, source)
        if not response.flags & dns.flags.TC:
            return response
    with found.timed(Phase.CONNECT):
        reader, writer = await open_stream(source, probe.server, probe.port)
    try:
        with found.timed(Phase.PROCESSING):
            wire = query.to_wire()
            # RFC 1035 section 4.2.2: two octets of length go before the message.
            writer.write(len(wire).to_bytes(2, "big") + wire)
            length = int.from_bytes(await reader.readexactly(2), "big")
            response = dns.message.from_wire(await reader.readexactly(length))
    finally:
        await close_stream(writer)
    if not query.is_response(response):
        raise ProbeFailure(ProbeReason.PROTOCOL, f"{probe.server} answered another question")
    return response


async def _ask_udp(query: dns.message.Message, probe: DnsProbe, source: LinkSource) -> dns.message.Message:
    loop = asyncio.get_running_loop()
    opened = await source.open_socket(socket.SOCK_DGRAM, probe.server, probe.port)
    with opened:
        await loop.sock_sendall(opened, query.to_wire())
        while True:
            data = await loop.sock_recv(opened, LONGEST_DATAGRAM_BYTES)
            response = dns.message.from_wire(data, ignore_trailing=True)
            # An answer to an earlier query, or a forged one, is not the one that is waited for.
            if query.is_response(response):
                return response


def judge_response(response: dns.message.Message, probe: DnsProbe) -> None:
    """Raise ProbeFailure unless `response` is what `probe` expects."""
    rcode = dns.rcode.to_text(response.rcode())
    if rcode != probe.rcode:
        reason = ProbeReason.REFUSED if rcode == "REFUSED" else ProbeReason.ANSWER
        raise ProbeFailure(reason, f"{probe.server}: found {rcode} for {probe.query}, expected {probe.rcode}")
    if probe.rcode != "NOERROR":
        return
    wanted = dns.rdatatype.from_text(probe.record)
    answers = {
        normalise_answer(record.to_text()) for rrset in response.answer if rrset.rdtype == wanted for record in rrset
    }
    if not answers:
        raise ProbeFailure(ProbeReason.ANSWER, f"no {probe.record} in the answer for {probe.query}")
    missing = [text for text in probe.expect if normalise_answer(text) not in answers]
    if missing:
        raise ProbeFailure(
            ProbeReason.ANSWER, f"found {', '.join(sorted(answers))}, expected {', '.join(missing)} among them"
        )


def normalise_answer(text: str) -> str:
    """An answer's text with names in lower case and without final dot, TXT without its quotes."""
    if text.startswith('"'):
        return text.strip('"')
    return text.lower().removesuffix(".")
