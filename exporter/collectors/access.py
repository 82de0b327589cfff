"""What a collector is given. Collectors read through it and write samples; they own neither time nor outcome."""

from dataclasses import dataclass

from exporter.collectors.columns import ColumnReader
from exporter.collectors.interface_selection import Selection
from exporter.sample_set import SampleSet
from exporter.snmp.lanes import SnmpView


@dataclass(frozen=True, slots=True)
class DeviceAccess:
    """One device during one scrape, for one collector."""

    snmp: SnmpView
    columns: ColumnReader
    """What was read already, by whichever collector."""

    samples: SampleSet
    wall_time: float
    """Unix time of the scrape's start, in seconds."""

    interfaces: Selection
    """Which interfaces are wanted."""
