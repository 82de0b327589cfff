"""What `component`, `memory` and `storage` stand for, written out as metrics. Pure."""

from collections.abc import Callable, Iterator

from dcnet.language import Words
from dcnet.located_yaml import KeyPath
from exporter.metrics import (
    COMPONENT_HEALTHY,
    COMPONENT_INFO,
    MEMORY_SIZE,
    MEMORY_USAGE,
    MEMORY_USED,
    STORAGE_SIZE,
    STORAGE_USED,
)
from exporter.profiles.models import ComponentRule, MetricRule, PoolRule, Rule


def expand_shorthands(
    rule: Rule, note: Callable[[KeyPath, Words], None], path: KeyPath
) -> Iterator[tuple[KeyPath, MetricRule]]:
    """Every metric of `rule`, with its place below the rule."""
    for at, metric in enumerate(rule.metrics):
        yield ("metrics", at), metric
    if rule.component is not None:
        yield from ((("component",), metric) for metric in _component(rule.component))
    for key, pool in (("memory", rule.memory), ("storage", rule.storage)):
        if pool is not None:
            expanded = list(_pool(key, pool))
            if not expanded:
                words = Words(
                    "isi dua di antara used, free, size, usage, atau usage saja",
                    "give two of used, free, size, usage, or usage alone",
                )
                note((*path, key), words)
            yield from (((key,), metric) for metric in expanded)


def _component(component: ComponentRule) -> Iterator[MetricRule]:
    labels = {"component": component.kind, "name": component.name}
    word = f"word({component.state}, '{component.states}')"
    health = f"healthy({component.state}, '{component.states}')"
    yield MetricRule(metric=COMPONENT_HEALTHY.name, value=health, labels=labels)
    yield MetricRule(metric=COMPONENT_INFO.name, value="1", labels={**labels, "state": word}, where=f"present({word})")


def _pool(kind: str, pool: PoolRule) -> Iterator[MetricRule]:
    used = size = usage = None
    if pool.size is not None:
        size = f"({pool.size})"
    elif pool.used is not None and pool.free is not None:
        size = f"(({pool.used}) + ({pool.free}))"
    if pool.used is not None:
        used = f"({pool.used})"
    elif size is not None and pool.free is not None:
        used = f"({size} - ({pool.free}))"
    elif size is not None and pool.usage is not None:
        used = f"({size} * ({pool.usage}))"
    if pool.usage is not None:
        usage = f"({pool.usage})"
    elif used is not None and size is not None:
        usage = f"({used} / {size})"
    wanted = (
        ((MEMORY_USED, used), (MEMORY_SIZE, size), (MEMORY_USAGE, usage))
        if kind == "memory"
        else ((STORAGE_USED, used), (STORAGE_SIZE, size))
    )
    # An agent that says 0 bytes has no such pool.
    exists = None if size is None else f"{size} > 0"
    if usage is not None:
        for metric, value in wanted:
            if value is not None:
                yield MetricRule(metric=metric.name, value=value, labels={metric.labels[0]: pool.name}, where=exists)
