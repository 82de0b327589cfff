"""One HTTP probe: a GET, its redirects up to a limit, its status and the bounded start of its body (RFC 9110).

It must not schedule or time out: running.py does.
"""

import re
from urllib.parse import urljoin, urlsplit

from exporter.errors import ProbeReason
from exporter.inventory.link_models import HttpProbe
from exporter.probes.http_exchange import READ_BYTES, Wanted, requested
from exporter.probes.link_source import LinkSource
from exporter.probes.outcome import Phase, ProbeFailure, ProbeRound

LONGEST_BODY_BYTES = 1 << 20
REDIRECTS = frozenset({301, 302, 303, 307, 308})


async def request_http(probe: HttpProbe, source: LinkSource, found: ProbeRound) -> None:
    """Get `probe.url` and compare status and body with what is expected. Raises ProbeFailure."""
    url = probe.url
    for followed in range(probe.redirects + 1):
        body = bytearray()
        async with requested(Wanted(url, probe.ip_version, probe.ca_file), source, found) as answer:
            found.status_code = answer.status_code
            location = answer.location
            with found.timed(Phase.TRANSFER):
                while len(body) < LONGEST_BODY_BYTES and (data := await answer.read(READ_BYTES)):
                    body += data
        if not (probe.redirects and found.status_code in REDIRECTS and location is not None):
            break
        if followed == probe.redirects:
            raise ProbeFailure(ProbeReason.REDIRECTS, f"still redirected after {probe.redirects} redirects")
        url = _next_url(url, location)
    judge_answer(probe, found.status_code, bytes(body[:LONGEST_BODY_BYTES]))


def judge_answer(probe: HttpProbe, status_code: int | None, body: bytes) -> None:
    """Raise ProbeFailure unless status and body are what `probe` expects."""
    if status_code not in probe.status:
        expected = ", ".join(map(str, probe.status))
        raise ProbeFailure(ProbeReason.STATUS, f"found status {status_code}, expected {expected}")
    if probe.body_pattern is not None and not re.search(probe.body_pattern, body.decode(errors="replace")):
        raise ProbeFailure(ProbeReason.BODY, f"no match of {probe.body_pattern!r} in {len(body)} bytes of body")


def _next_url(url: str, location: str) -> str:
    try:
        joined = urljoin(url, location)
        parts = urlsplit(joined)
        usable = parts.scheme in {"http", "https"} and bool(parts.hostname) and parts.port != 0
    except ValueError:
        usable = False
    if not usable:
        raise ProbeFailure(ProbeReason.REDIRECTS, "redirected to what is no HTTP URL")
    return joined
