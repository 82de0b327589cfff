"""One TCP connection, opened and closed (RFC 9293)."""

from exporter.inventory.link_models import TcpProbe
from exporter.probes.link_source import LinkSource
from exporter.probes.outcome import Phase, ProbeRound
from exporter.probes.stream import close_stream, open_stream


async def connect_tcp(probe: TcpProbe, source: LinkSource, found: ProbeRound) -> None:
    """Connect to `probe.target`. Raises ProbeFailure."""
    with found.timed(Phase.RESOLVE):
        address = (await source.find(probe.target, probe.ip_version)).address
    with found.timed(Phase.CONNECT):
        _reader, writer = await open_stream(source, address, probe.port)
    await close_stream(writer)
