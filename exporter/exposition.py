"""Samples as text for Prometheus. prometheus-client owns registry and formats; this only chooses."""

from prometheus_client import CollectorRegistry, generate_latest
from prometheus_client.exposition import choose_encoder
from prometheus_client.registry import Collector


def render_text(*collectors: Collector) -> str:
    """The classic text format."""
    return generate_latest(_registry_of(collectors)).decode()


def render_accepted(accept: str, *collectors: Collector) -> tuple[bytes, str]:
    """The body in the format that an `Accept` header asks for, and its Content-Type."""
    encoder, content_type = choose_encoder(accept)
    return encoder(_registry_of(collectors)), content_type


def _registry_of(collectors: tuple[Collector, ...]) -> CollectorRegistry:
    # A registry per request: what one scrape found must not appear in another.
    registry = CollectorRegistry(auto_describe=False)
    for collector in collectors:
        registry.register(collector)
    return registry
