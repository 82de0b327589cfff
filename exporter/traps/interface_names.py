"""What /probe last published of each device's interfaces, by ifIndex: the names under which traps are told."""

from collections.abc import Iterable, Mapping

from exporter import metrics
from exporter.sample_set import SampleSet
from exporter.traps.subject import KnownInterface

_NOTHING: Mapping[int, KnownInterface] = {}


class InterfaceNames:
    """Kept of the last scrape of each device that found interfaces."""

    def __init__(self) -> None:
        self._devices: dict[str, dict[int, KnownInterface]] = {}

    def note(self, device: str, samples: SampleSet) -> None:
        """Take over the interfaces among `samples`, where there are any."""
        for found in samples.samples:
            if found.metric is metrics.INTERFACE_INFO:
                self._devices[device] = {
                    int(index): KnownInterface(label, description)
                    for label, _alias, index, description, _type, _mac in found.values
                    if index.isdecimal()
                }

    def of(self, device: str) -> Mapping[int, KnownInterface]:
        """The interfaces of `device`; empty until it was scraped."""
        return self._devices.get(device, _NOTHING)

    def keep_only(self, devices: Iterable[str]) -> None:
        """Forget other devices."""
        wanted = set(devices)
        self._devices = {name: known for name, known in self._devices.items() if name in wanted}
