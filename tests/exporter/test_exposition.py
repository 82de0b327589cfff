"""Our own writing of samples against prometheus-client's, byte for byte."""

import math

import pytest
from prometheus_client import CollectorRegistry, generate_latest
from prometheus_client.exposition import choose_encoder

from exporter import metrics
from exporter.exposition import render_accepted, render_text
from exporter.sample_set import SampleSet

ACCEPTS = (
    "text/plain;version=0.0.4",
    "application/openmetrics-text;version=1.0.0,application/openmetrics-text;version=0.0.1;q=0.75,text/plain",
    "application/openmetrics-text;version=1.0.0;escaping=allow-utf-8;q=0.6,text/plain;version=1.0.0;q=0.5",
    "",
)


def samples() -> SampleSet:
    found = SampleSet()
    for at, value in enumerate((0, 1, -1.5, 1234567, 6_000_000_000_000, 2**64 - 1, 1e-9, 0.1 + 0.2, 1e300, True)):
        found.add(metrics.TEMPERATURE, value, f"sensor {at}")
    for alias in ("plain", 'quoted "A"', "back\\slash", "two\nlines", "é — ✓", ""):
        found.add(metrics.INTERFACE_RECEIVE_BYTES, 7, "eth0", alias)
        found.add(metrics.INTERFACE_INFO, 1, "eth0", alias, "1", "d", "t", "m")
    found.add(metrics.UP, 1)
    found.add(metrics.TEMPERATURE, math.nan, "not finite")
    found.add(metrics.TEMPERATURE, 99, "sensor 0")
    return found


@pytest.mark.parametrize("accept", ACCEPTS)
def test_same_bytes_as_the_library(accept: str) -> None:
    """What we write in each format is what prometheus-client writes."""
    registry = CollectorRegistry(auto_describe=False)
    registry.register(samples())
    encoder, content_type = choose_encoder(accept)
    assert render_accepted(accept, samples()) == (encoder(registry), content_type)
    assert render_text(samples()) == generate_latest(registry).decode()


def test_sets_joined_keep_the_first(samples_of_two: tuple[SampleSet, SampleSet]) -> None:
    """A set added to another comes after it; a label set that both have keeps its first value."""
    one, other = samples_of_two
    one.extend(other)
    assert [line for line in render_text(one).splitlines() if not line.startswith("#")] == [
        'dcnet_temperature_celsius{sensor="a"} 1.0',
        'dcnet_temperature_celsius{sensor="b"} 3.0',
        "dcnet_up 1.0",
    ]


@pytest.fixture
def samples_of_two() -> tuple[SampleSet, SampleSet]:
    one, other = SampleSet(), SampleSet()
    one.add(metrics.TEMPERATURE, 1, "a")
    other.add(metrics.TEMPERATURE, 2, "a")
    other.add(metrics.TEMPERATURE, 3, "b")
    other.add(metrics.UP, 1)
    return one, other
