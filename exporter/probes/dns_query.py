"""One DNS query to one server (RFC 1035), over UDP and, where the answer is cut, over TCP."""

import asyncio

import dns.asyncquery
import dns.exception
import dns.flags
import dns.message
import dns.rcode
import dns.rdatatype

from exporter.errors import ProbeReason
from exporter.inventory.link_models import DnsProbe
from exporter.probes.outcome import Phase, ProbeFailure, ProbeRound, failure_of


async def query_dns(probe: DnsProbe, source_address: str | None, found: ProbeRound) -> None:
    """Ask `probe.server` and compare the answer with what is expected. Raises ProbeFailure.

    Every expected text must be among the answers of the wanted type; without any, one answer is enough.
    """
    query = dns.message.make_query(probe.query, probe.record)
    try:
        with found.timed(Phase.PROCESSING):
            response, _over_tcp = await dns.asyncquery.udp_with_fallback(
                query, probe.server, probe.timeout_seconds, probe.port, source_address, ignore_unexpected=True
            )
    except dns.exception.Timeout as error:
        raise ProbeFailure(ProbeReason.TIMEOUT, f"no answer from {probe.server}") from error
    except dns.exception.DNSException as error:
        raise ProbeFailure(ProbeReason.PROTOCOL, f"answer of {probe.server}: {type(error).__name__}") from error
    except asyncio.IncompleteReadError as error:
        raise ProbeFailure(ProbeReason.PROTOCOL, f"{probe.server} ended the answer early") from error
    except (OSError, EOFError) as error:
        raise failure_of(error if isinstance(error, OSError) else ConnectionError("connection ended")) from error
    judge_response(response, probe)


def judge_response(response: dns.message.Message, probe: DnsProbe) -> None:
    """Raise ProbeFailure unless `response` is what `probe` expects."""
    rcode = response.rcode()
    if rcode == dns.rcode.REFUSED:
        raise ProbeFailure(ProbeReason.REFUSED, f"{probe.server} refuses {probe.query}")
    if rcode != dns.rcode.NOERROR:
        raise ProbeFailure(ProbeReason.ANSWER, f"found {dns.rcode.to_text(rcode)}, expected NOERROR")
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
