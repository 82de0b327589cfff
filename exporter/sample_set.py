"""The set that samples go to on their way to an exposition. It must not know how a value is obtained."""

import math
from collections.abc import Iterator, Sequence
from typing import assert_never

from prometheus_client.core import (
    CounterMetricFamily,
    GaugeMetricFamily,
    HistogramMetricFamily,
    Metric,
)
from prometheus_client.registry import Collector

from exporter.metrics import BY_NAME, RTT_BUCKETS_SECONDS, Kind, MetricDefinition


class SampleSet(Collector):
    """Samples on their way to an exposition. Each label set of a metric is kept once: the first."""

    def __init__(self) -> None:
        self._families: dict[str, Metric] = {}
        self._seen: dict[str, set[tuple[str, ...]]] = {}

    def add(self, metric: MetricDefinition, value: float, *labels: str) -> None:
        """Add a sample of a gauge or counter; `labels` in the metric's order. A label set twice is ignored."""
        if not self._is_new(metric, labels) or not math.isfinite(value):
            return
        family = self._family(metric)
        match family:
            case GaugeMetricFamily() | CounterMetricFamily():
                family.add_metric(labels, value)
            case _:
                raise TypeError(f"{metric.name} is a {metric.kind.value}")

    def add_histogram(self, metric: MetricDefinition, counts: Sequence[int], sum_value: float, *labels: str) -> None:
        """Add a histogram over RTT_BUCKETS_SECONDS; `counts` holds one count a bucket and one beyond the last."""
        if not self._is_new(metric, labels):
            return
        cumulative = 0
        buckets: list[tuple[str, float]] = []
        for bound, count in zip((*RTT_BUCKETS_SECONDS, math.inf), counts, strict=True):
            cumulative += count
            buckets.append(("+Inf" if math.isinf(bound) else repr(bound), cumulative))
        family = self._family(metric)
        if not isinstance(family, HistogramMetricFamily):
            raise TypeError(f"{metric.name} is a {metric.kind.value}")
        family.add_metric(labels, buckets=buckets, sum_value=sum_value)

    def extend(self, other: "SampleSet") -> None:
        """Add another set's samples of gauges and counters after this one's."""
        for family in other.collect():
            definition = BY_NAME[family.name if family.name in BY_NAME else f"{family.name}_total"]
            for sample in family.samples:
                self.add(definition, sample.value, *(sample.labels[label] for label in definition.labels))

    def collect(self) -> Iterator[Metric]:
        """The families that have samples, in the order of their first sample."""
        yield from self._families.values()

    def _is_new(self, metric: MetricDefinition, labels: tuple[str, ...]) -> bool:
        if len(labels) != len(metric.labels):
            raise ValueError(f"{metric.name} takes the labels {metric.labels}")
        seen = self._seen.setdefault(metric.name, set())
        if labels in seen:
            return False
        seen.add(labels)
        return True

    def _family(self, metric: MetricDefinition) -> Metric:
        family = self._families.get(metric.name)
        if family is None:
            family = self._families[metric.name] = _new_family(metric)
        return family


def _new_family(metric: MetricDefinition) -> Metric:
    match metric.kind:
        case Kind.GAUGE:
            return GaugeMetricFamily(metric.name, metric.help, labels=metric.labels)
        case Kind.COUNTER:
            return CounterMetricFamily(metric.name, metric.help, labels=metric.labels)
        case Kind.HISTOGRAM:
            return HistogramMetricFamily(metric.name, metric.help, labels=metric.labels)
        case _:
            assert_never(metric.kind)
