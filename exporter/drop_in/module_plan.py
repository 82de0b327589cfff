"""A module of snmp.yml made ready: which object becomes which metric, and which rows share their labels. Pure.

Made once a reload, so that a scrape of 20,000 objects only looks things up.
"""

from dataclasses import dataclass

from exporter.drop_in.config import Index, Lookup, Metric, Module, ValueType

_PLAIN = frozenset({ValueType.GAUGE, ValueType.COUNTER})


@dataclass(frozen=True, slots=True)
class MetricPlan:
    """A metric and where its labels come from."""

    metric: Metric
    labels: int
    """The place of its indexes and lookups in ModulePlan.labels."""

    is_plain: bool
    """Whether the object's number is the sample's value as it is."""


class ModulePlan:
    """A module with its metrics by OID."""

    def __init__(self, name: str, module: Module) -> None:
        self.name = name
        self.module = module
        self.labels: list[tuple[tuple[Index, ...], tuple[Lookup, ...]]] = []
        self._metrics: dict[str, MetricPlan] = {}
        places: dict[str, int] = {}
        for metric in module.metrics:
            key = repr((metric.indexes, metric.lookups))
            place = places.setdefault(key, len(self.labels))
            if place == len(self.labels):
                self.labels.append((metric.indexes, metric.lookups))
            is_plain = metric.type in _PLAIN and not metric.scale and not metric.offset
            self._metrics[metric.oid] = MetricPlan(metric, place, is_plain)
        self._depths = sorted({oid.count(".") + 1 for oid in self._metrics})

    def find(self, oid: str) -> MetricPlan | None:
        """The metric of the object `oid`; of two metrics above it, the one nearer to the root."""
        subids = oid.split(".")
        for depth in self._depths:
            if depth > len(subids):
                return None
            found = self._metrics.get(".".join(subids[:depth]))
            if found is not None:
                return found
        return None
