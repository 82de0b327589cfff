"""Samples as text for Prometheus. prometheus-client owns registry and formats; this chooses, and is fast for devices.

prometheus-client takes as long to write a device's thousands of samples as reading them took. A set without
histograms is written here, byte for byte the same.
"""

from collections.abc import Callable, Iterator

from prometheus_client import CollectorRegistry, generate_latest
from prometheus_client.exposition import choose_encoder
from prometheus_client.registry import Collector
from prometheus_client.utils import floatToGoString

from exporter.metrics import Kind
from exporter.sample_set import Samples, SampleSet

_number: Callable[[float], str] = floatToGoString
OPEN_METRICS = "application/openmetrics-text"


def render_text(*collectors: Collector) -> str:
    """The classic text format."""
    plain = _plain_sets(collectors)
    if plain is not None:
        return "".join(_render(plain, open_metrics=False))
    return generate_latest(_registry_of(collectors)).decode()


def render_accepted(accept: str, *collectors: Collector) -> tuple[bytes, str]:
    """The body in the format that an `Accept` header asks for, and its Content-Type."""
    encoder, content_type = choose_encoder(accept)
    plain = _plain_sets(collectors)
    if plain is not None:
        return "".join(_render(plain, open_metrics=content_type.startswith(OPEN_METRICS))).encode(), content_type
    return encoder(_registry_of(collectors)), content_type


def _plain_sets(collectors: tuple[Collector, ...]) -> SampleSet | None:
    """The one set of gauges and counters that is to be written; None where there is more to it."""
    match collectors:
        case (SampleSet() as samples,) if not samples.has_histograms:
            return samples
        case _:
            return None


def _render(samples: SampleSet, *, open_metrics: bool) -> Iterator[str]:
    for family in samples.samples:
        yield _head(family, open_metrics=open_metrics)
        name, order = family.metric.name, sorted(range(len(family.metric.labels)), key=family.metric.labels.__getitem__)
        keys = [family.metric.labels[at] for at in order]
        for labels, value in family.values.items():
            if labels:
                inner = ",".join([f'{key}="{_escape(labels[at])}"' for key, at in zip(keys, order, strict=True)])
                yield f"{name}{{{inner}}} {_number(value)}\n"
            else:
                yield f"{name} {_number(value)}\n"
    if open_metrics:
        yield "# EOF\n"


def _head(family: Samples, *, open_metrics: bool) -> str:
    name, text = family.metric.name, family.metric.help.replace("\\", r"\\").replace("\n", r"\n")
    if open_metrics:
        # OpenMetrics names a counter's family without the _total of its samples.
        name = name.removesuffix("_total") if family.metric.kind is Kind.COUNTER else name
        text = text.replace('"', r"\"")
    return f"# HELP {name} {text}\n# TYPE {name} {family.metric.kind.value}\n"


def _escape(text: str) -> str:
    if "\\" in text or '"' in text or "\n" in text:
        return text.replace("\\", r"\\").replace("\n", r"\n").replace('"', r"\"")
    return text


def _registry_of(collectors: tuple[Collector, ...]) -> CollectorRegistry:
    # A registry per request: what one scrape found must not appear in another.
    registry = CollectorRegistry(auto_describe=False)
    for collector in collectors:
        registry.register(collector)
    return registry
