"""What a collector is given. Collectors read through it and write samples; they own neither time nor outcome."""

from dataclasses import dataclass

from exporter.sample_set import SampleSet
from exporter.snmp.session import SnmpSession


@dataclass(frozen=True, slots=True)
class DeviceAccess:
    """One device during one scrape."""

    snmp: SnmpSession
    samples: SampleSet
    wall_time: float
    """Unix time of the scrape's start, in seconds."""
