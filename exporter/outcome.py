"""How a scrape of a device fared, and how that is told in its metrics. Pure."""

from dataclasses import dataclass, field

from exporter import metrics
from exporter.errors import CollectionFailure, CollectionReason
from exporter.sample_set import SampleSet
from exporter.snmp.exchange import WorkDone

_SESSION_ENDING = frozenset(
    {CollectionReason.TIMEOUT, CollectionReason.UNREACHABLE, CollectionReason.AUTH, CollectionReason.DECODE}
)
"""Where the device never answered at all, these make asking it the next thing pointless."""


@dataclass(frozen=True, slots=True)
class CollectorOutcome:
    """How one collector fared."""

    collector: str
    failure: CollectionFailure | None
    duration_seconds: float
    work: WorkDone = field(default_factory=WorkDone)
    supported: bool = True
    """Whether the device has anything that this collector asks for; a failing one counts as supported."""

    answered_by_itself: bool | None = None
    """Of a collector that runs by itself, not in scrapes and not over SNMP: whether the device answered it last."""

    @property
    def ends_session(self) -> bool:
        """Whether the device never answered, so that asking it the next thing is pointless."""
        return self.failure is not None and self.failure.reason in _SESSION_ENDING and not self.work.varbinds


@dataclass(frozen=True, slots=True)
class DeviceOutcome:
    """How one scrape of a device fared, with its samples."""

    device: str
    wall_time: float
    """Unix time of the start, in seconds."""

    duration_seconds: float
    collectors: tuple[CollectorOutcome, ...]
    profile: str | None
    """The profile that was used; None where nothing was asked."""

    samples: SampleSet = field(repr=False)

    @property
    def up(self) -> bool:
        """Whether the device answered at least one collector with a value.

        What ran by itself counts only where nothing else asks the device: it tells of some time ago.
        """
        asked = [outcome for outcome in self.collectors if outcome.answered_by_itself is None]
        if asked:
            return any(outcome.work.varbinds for outcome in asked)
        return any(outcome.answered_by_itself for outcome in self.collectors)

    @property
    def failures(self) -> tuple[CollectorOutcome, ...]:
        """The collectors that did not finish whole."""
        return tuple(outcome for outcome in self.collectors if outcome.failure is not None)


def add_outcome(samples: SampleSet, outcome: DeviceOutcome) -> None:
    """Add the metrics of the collection itself.

    A collector that the device does not support neither succeeds nor fails: dcnet_collector_supported says so.
    """
    samples.add(metrics.UP, outcome.up)
    for collector in outcome.collectors:
        name = collector.collector
        samples.add(metrics.COLLECTOR_SUPPORTED, collector.supported, name)
        if collector.supported:
            samples.add(metrics.COLLECTOR_SUCCESS, collector.failure is None, name)
        if collector.failure is not None:
            samples.add(metrics.COLLECTOR_FAILURE, 1, name, collector.failure.reason)
        samples.add(metrics.COLLECTOR_DURATION, collector.duration_seconds, name)
        if collector.answered_by_itself is None:
            samples.add(metrics.COLLECTOR_PACKETS, collector.work.packets, name)
            samples.add(metrics.COLLECTOR_RETRIES, collector.work.retries, name)
            samples.add(metrics.COLLECTOR_VARBINDS, collector.work.varbinds, name)
