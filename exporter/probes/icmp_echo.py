"""What a continuous ICMP probe has counted: sent, received, duplicates, round-trip times, jitter.

Owns the counters and their arithmetic, and one echo's course. It must not schedule: monitor.py does.
"""

from bisect import bisect_left
from dataclasses import dataclass, field

from exporter import metrics
from exporter.inventory.link_models import EchoProbe
from exporter.metrics import RTT_BUCKETS_SECONDS
from exporter.probes.echo_socket import EchoSockets
from exporter.probes.outcome import ProbeFailure
from exporter.sample_set import SampleSet

JITTER_GAIN = 1 / 16
"""RFC 3550 section 6.4.1: the noise reduction of the interarrival jitter."""


@dataclass(slots=True)
class EchoCounts:
    """The counters of one probe, from the start of the exporter."""

    sent: int = 0
    received: int = 0
    duplicates: int = 0
    rtt_counts: list[int] = field(default_factory=lambda: [0] * (len(RTT_BUCKETS_SECONDS) + 1))
    rtt_sum: float = 0.0
    jitter_seconds: float | None = None
    """None until two replies came."""

    last_rtt_seconds: float | None = None
    failure: ProbeFailure | None = None
    """Why the last echo could not be sent; None where it was sent, answered or not."""

    def count_reply(self, rtt_seconds: float) -> None:
        """Take one reply into received, histogram and jitter."""
        self.received += 1
        self.rtt_counts[bisect_left(RTT_BUCKETS_SECONDS, rtt_seconds)] += 1
        self.rtt_sum += rtt_seconds
        if self.last_rtt_seconds is not None:
            difference = abs(rtt_seconds - self.last_rtt_seconds)
            before = self.jitter_seconds or 0.0
            self.jitter_seconds = before + (difference - before) * JITTER_GAIN
        self.last_rtt_seconds = rtt_seconds

    def count_duplicate(self) -> None:
        """Take one more reply to a request that was answered already."""
        self.duplicates += 1

    def add_samples(self, samples: SampleSet, labels: tuple[str, ...]) -> None:
        """Add this probe's metrics; `labels` are link, provider, probe and target."""
        samples.add(metrics.LINK_SENT, self.sent, *labels)
        samples.add(metrics.LINK_RECEIVED, self.received, *labels)
        samples.add(metrics.LINK_DUPLICATE, self.duplicates, *labels)
        samples.add_histogram(metrics.LINK_RTT, self.rtt_counts, self.rtt_sum, *labels)
        if self.jitter_seconds is not None:
            samples.add(metrics.LINK_JITTER, self.jitter_seconds, *labels)
        if self.failure is not None:
            samples.add(metrics.LINK_FAILURE, 1, *labels, self.failure.reason)


async def send_echo(
    probe: EchoProbe, source_address: str | None, sockets: EchoSockets, address: str, counts: EchoCounts
) -> None:
    """Send one echo to `address` and count what comes of it; a failure to send is kept in `counts`.

    An echo that the network refuses to take is sent and lost: the link did not carry it. One for which no
    socket may be opened says nothing about the link and is not counted.
    """
    try:
        socket = sockets.socket_for(address, source_address)
    except ProbeFailure as failure:
        counts.failure = failure
        return
    counts.sent += 1
    try:
        rtt_seconds = await socket.echo(address, probe.timeout_seconds, counts.count_duplicate)
    except ProbeFailure as failure:
        counts.failure = failure
        return
    counts.failure = None
    if rtt_seconds is not None:
        counts.count_reply(rtt_seconds)
