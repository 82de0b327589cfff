"""The last outcome of what runs by itself, as a scrape publishes it. Pure; it must not know how it was obtained."""

from dataclasses import dataclass, field

from exporter import metrics
from exporter.errors import CollectionFailure
from exporter.outcome import CollectorOutcome
from exporter.sample_set import SampleSet

COLLECTOR = "ssh"


@dataclass(frozen=True, slots=True)
class SshReading:
    """One visit of a device over SSH."""

    ended_at: float
    """Unix time."""

    duration_seconds: float
    failure: CollectionFailure | None
    logged_in: bool
    configuration: SampleSet = field(repr=False)
    """dcnet_config_*: of the last configuration that was read, with the time at which it was."""

    facts: SampleSet = field(repr=False)
    """What is published where SNMP gave none of it."""

    @property
    def outcome(self) -> CollectorOutcome:
        """As a collector's."""
        return CollectorOutcome(COLLECTOR, self.failure, self.duration_seconds, answered_by_itself=self.logged_in)


def add_reading(samples: SampleSet, reading: SshReading, *, with_facts: bool) -> None:
    """Add `reading` to what SNMP gave. A metric that SNMP gave is left as it is.

    `with_facts`: whether SNMP told all it can, so that what is missing is not merely late.
    """
    samples.add(metrics.COLLECTOR_LAST_RUN, reading.ended_at, COLLECTOR)
    samples.fill(reading.configuration)
    if with_facts:
        samples.complete_labels(metrics.DEVICE_INFO, reading.facts)
        samples.fill(reading.facts)
