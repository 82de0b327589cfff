"""The one table of collectors, in the order in which they run."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import TypeAlias

from exporter.collectors.access import DeviceAccess
from exporter.collectors.interfaces import collect_interfaces
from exporter.collectors.system import collect_system

Collect: TypeAlias = Callable[[DeviceAccess], Awaitable[None]]


@dataclass(frozen=True, slots=True)
class CollectorEntry:
    """A collector by its name, the value of the label `collector`."""

    name: str
    collect: Collect
    """Reads the device and adds samples. Raises CollectionFailure; samples added before stay."""


COLLECTORS = (
    CollectorEntry("system", collect_system),
    CollectorEntry("interfaces", collect_interfaces),
)
