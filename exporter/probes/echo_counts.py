"""What a continuous ICMP probe has counted: sent, received, late, duplicates, round-trip times, jitter.

Owns the counters and their arithmetic. It must not send or wait: echo_engine.py does.
"""

from bisect import bisect_left
from dataclasses import dataclass, field

from exporter import metrics
from exporter.errors import SuppressedReason
from exporter.metrics import RTT_BUCKETS_SECONDS
from exporter.probes.outcome import ProbeFailure
from exporter.probes.recent_minutes import RecentMinutes
from exporter.sample_set import SampleSet

JITTER_GAIN = 1 / 16
"""RFC 3550 section 6.4.1: the noise reduction of the interarrival jitter."""


@dataclass(slots=True)
class EchoCounts:
    """The counters of one probe, from the start of the exporter. Sent less received is lost, at every instant."""

    sent: int = 0
    """Requests whose outcome is known: one that is still out is in no counter."""

    received: int = 0
    late: int = 0
    duplicates: int = 0
    suppressed: dict[SuppressedReason, int] = field(default_factory=dict)
    rtt_counts: list[int] = field(default_factory=lambda: [0] * (len(RTT_BUCKETS_SECONDS) + 1))
    rtt_sum: float = 0.0
    jitter_seconds: float | None = None
    """None until two replies came."""

    last_rtt_seconds: float | None = None
    failure: ProbeFailure | None = None
    """Why the last echo could not be sent; None where it was sent, answered or not."""

    minutes: RecentMinutes = field(default_factory=RecentMinutes)

    def count_reply(self, rtt_seconds: float, minute: int) -> None:
        """Take a reply in time into sent, received, histogram and jitter."""
        self.sent += 1
        self.received += 1
        self.rtt_counts[bisect_left(RTT_BUCKETS_SECONDS, rtt_seconds)] += 1
        self.rtt_sum += rtt_seconds
        if self.last_rtt_seconds is not None:
            difference = abs(rtt_seconds - self.last_rtt_seconds)
            before = self.jitter_seconds or 0.0
            self.jitter_seconds = before + (difference - before) * JITTER_GAIN
        self.last_rtt_seconds = rtt_seconds
        self.minutes.count(minute, rtt_seconds)

    def count_lost(self, minute: int) -> None:
        """Take a request without a reply in time."""
        self.sent += 1
        self.minutes.count(minute, None)

    def count_suppressed(self, reason: SuppressedReason, number: int = 1) -> None:
        """Take requests that this host, not the link, kept from being measured."""
        self.suppressed[reason] = self.suppressed.get(reason, 0) + number

    def add_samples(self, samples: SampleSet, labels: tuple[str, ...]) -> None:
        """Add this probe's metrics; `labels` are link, provider, probe and target."""
        samples.add(metrics.LINK_SENT, self.sent, *labels)
        samples.add(metrics.LINK_RECEIVED, self.received, *labels)
        samples.add(metrics.LINK_LATE, self.late, *labels)
        samples.add(metrics.LINK_DUPLICATE, self.duplicates, *labels)
        for reason, number in self.suppressed.items():
            samples.add(metrics.LINK_SUPPRESSED, number, *labels, reason)
        samples.add_histogram(metrics.LINK_RTT, self.rtt_counts, self.rtt_sum, *labels)
        if self.jitter_seconds is not None:
            samples.add(metrics.LINK_JITTER, self.jitter_seconds, *labels)
        if self.failure is not None:
            samples.add(metrics.LINK_FAILURE, 1, *labels, self.failure.reason)
