"""One download of bounded size: bits per second of its body. Only for those who ask for it in the inventory."""

import asyncio

from exporter.errors import ProbeReason
from exporter.inventory.link_models import ThroughputProbe
from exporter.probes.http_exchange import READ_BYTES, Wanted, requested
from exporter.probes.link_source import LinkSource
from exporter.probes.outcome import Phase, ProbeFailure, ProbeRound

PASSING = frozenset({200, 206})
LEAST_BYTES = 1000
"""Below, the time measured is the machine's and not the link's."""


async def measure_throughput(probe: ThroughputProbe, source: LinkSource, found: ProbeRound) -> None:
    """Read `probe.url` until its end, `most_bytes` or `most_seconds`, whichever comes first. Raises ProbeFailure."""
    loop = asyncio.get_running_loop()
    # A server that knows ranges (RFC 9110 section 14) sends no more than we want; of others we hang up.
    ranges = (("Range", f"bytes=0-{probe.most_bytes - 1}"), ("Accept-Encoding", "identity"))
    wanted = Wanted(probe.url, probe.ip_version, probe.ca_file, ranges)
    async with requested(wanted, source, found) as answer:
        found.status_code = answer.status_code
        if answer.status_code not in PASSING:
            raise ProbeFailure(ProbeReason.STATUS, f"found status {answer.status_code}, expected 200 or 206")
        read = 0
        started = loop.time()
        deadline = started + probe.most_seconds
        with found.timed(Phase.TRANSFER):
            try:
                async with asyncio.timeout_at(deadline):
                    while read < probe.most_bytes and (
                        data := await answer.read(min(READ_BYTES, probe.most_bytes - read))
                    ):
                        read += len(data)
            except TimeoutError:
                pass
        seconds = loop.time() - started
    if read < LEAST_BYTES:
        raise ProbeFailure(ProbeReason.BODY, f"only {read} bytes in {seconds:.2f} s, expected at least {LEAST_BYTES}")
    found.throughput_read_bytes = read
    found.throughput_bits_per_second = read * 8 / seconds
