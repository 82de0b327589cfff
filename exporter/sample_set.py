"""The set that samples go to on their way to an exposition. It must not know how a value is obtained."""

import math
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field

from prometheus_client.core import (
    CounterMetricFamily,
    GaugeMetricFamily,
    HistogramMetricFamily,
    Metric,
)
from prometheus_client.registry import Collector

from exporter.metrics import BY_NAME, RTT_BUCKETS_SECONDS, Kind, MetricDefinition


@dataclass(frozen=True, slots=True)
class Samples:
    """The samples of one gauge or counter: value by label values, in the metric's order."""

    metric: MetricDefinition
    values: dict[tuple[str, ...], float] = field(default_factory=dict)


class SampleSet(Collector):
    """Samples on their way to an exposition. Each label set of a metric is kept once: the first."""

    def __init__(self) -> None:
        self._samples: dict[str, Samples] = {}
        self._histograms: dict[str, dict[tuple[str, ...], tuple[list[tuple[str, float]], float]]] = {}

    @property
    def samples(self) -> Iterable[Samples]:
        """Gauges and counters, in the order of their first sample."""
        return self._samples.values()

    @property
    def has_histograms(self) -> bool:
        """Whether there is more than `samples`."""
        return bool(self._histograms)

    def add(self, metric: MetricDefinition, value: float, *labels: str) -> None:
        """Add a sample of a gauge or counter; `labels` in the metric's order. A label set twice is ignored."""
        _check(metric, labels)
        if metric.kind is Kind.HISTOGRAM:
            raise TypeError(f"{metric.name} is a {metric.kind.value}")
        if not math.isfinite(value):
            return
        samples = self._samples.get(metric.name)
        if samples is None:
            samples = self._samples[metric.name] = Samples(metric)
        samples.values.setdefault(labels, value)

    def add_histogram(self, metric: MetricDefinition, counts: Sequence[int], sum_value: float, *labels: str) -> None:
        """Add a histogram over RTT_BUCKETS_SECONDS; `counts` holds one count a bucket and one beyond the last."""
        _check(metric, labels)
        if metric.kind is not Kind.HISTOGRAM:
            raise TypeError(f"{metric.name} is a {metric.kind.value}")
        cumulative = 0
        buckets: list[tuple[str, float]] = []
        for bound, count in zip((*RTT_BUCKETS_SECONDS, math.inf), counts, strict=True):
            cumulative += count
            buckets.append(("+Inf" if math.isinf(bound) else repr(bound), cumulative))
        self._histograms.setdefault(metric.name, {}).setdefault(labels, (buckets, sum_value))

    def extend(self, other: "SampleSet") -> None:
        """Add another set's gauges and counters after this one's."""
        for samples in other.samples:
            own = self._samples.setdefault(samples.metric.name, samples)
            if own is not samples:
                for labels, value in samples.values.items():
                    own.values.setdefault(labels, value)

    def family(self, metric: MetricDefinition) -> Samples | None:
        """The samples of one gauge or counter; None where there are none."""
        return self._samples.get(metric.name)

    def fill(self, other: "SampleSet") -> None:
        """Add those gauges and counters of another set of which this one has no sample at all."""
        for samples in other.samples:
            self._samples.setdefault(samples.metric.name, samples)

    def complete_labels(self, metric: MetricDefinition, other: "SampleSet") -> None:
        """Where both have one sample of `metric`, take for its empty labels those of the other set."""
        own, more = self._samples.get(metric.name), other.family(metric)
        if own is None or more is None or len(own.values) != 1 or len(more.values) != 1:
            return
        ((labels, value),), (others,) = own.values.items(), more.values
        whole = tuple(mine or theirs for mine, theirs in zip(labels, others, strict=True))
        self._samples[metric.name] = Samples(metric, {whole: value})

    def collect(self) -> Iterator[Metric]:
        """The families that have samples, in the order of their first sample, histograms last."""
        for samples in self.samples:
            metric = samples.metric
            kind = GaugeMetricFamily if metric.kind is Kind.GAUGE else CounterMetricFamily
            family = kind(metric.name, metric.help, labels=metric.labels)
            for labels, value in samples.values.items():
                family.add_metric(labels, value)
            yield family
        for name, rows in self._histograms.items():
            histogram = HistogramMetricFamily(name, BY_NAME[name].help, labels=BY_NAME[name].labels)
            for labels, (buckets, sum_value) in rows.items():
                histogram.add_metric(labels, buckets=buckets, sum_value=sum_value)
            yield histogram


def _check(metric: MetricDefinition, labels: tuple[str, ...]) -> None:
    if len(labels) != len(metric.labels):
        raise ValueError(f"{metric.name} takes the labels {metric.labels}")
