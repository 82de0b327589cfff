"""Runs one collector of a profile: reads what its rules need and adds their samples.

Owns what a missing or failing column means for the rest, and unique labels. Rules are the profile's.
"""

import asyncio
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field, replace

from exporter.collectors.access import DeviceAccess
from exporter.collectors.profile_plan import Planned, PlannedFirst, PlannedRule
from exporter.collectors.profile_rows import ProfileData, ScalarRow, TableRow, as_index
from exporter.errors import CollectionFailure
from exporter.metrics import MetricDefinition
from exporter.profiles.composed import SampleRule
from exporter.profiles.expressions import Result

NAMING_LABELS = ("cpu", "pool", "volume", "sensor", "name", "phase", "lane")
"""Labels that tell rows apart; where two rows have the same, these get the row's index."""


@dataclass(frozen=True, slots=True)
class _Sample:
    metric: MetricDefinition
    value: float
    labels: tuple[str, ...]
    table: str
    index: str


@dataclass(slots=True)
class _Found:
    samples: list[_Sample] = field(default_factory=list)
    failure: CollectionFailure | None = None
    answered: bool = False
    """Whether the device has anything of what was asked for."""


async def collect_rules(device: DeviceAccess, data: ProfileData, rules: Sequence[Planned]) -> bool:
    """Add the samples of `rules`. False where the device has nothing that they ask for.

    Raises CollectionFailure after adding what could be had.
    """
    found = await _run_all(device, data, rules)
    for sample in _with_unique_labels(found.samples):
        device.samples.add(sample.metric, sample.value, *sample.labels)
    if found.failure is not None:
        raise found.failure
    return found.answered


async def _run_all(device: DeviceAccess, data: ProfileData, rules: Sequence[Planned]) -> _Found:
    together = _Found()
    for found in await asyncio.gather(*(_run(device, data, rule) for rule in rules)):
        together.samples += found.samples
        together.failure = together.failure or found.failure
        together.answered = together.answered or found.answered
    return together


async def _run(device: DeviceAccess, data: ProfileData, planned: Planned) -> _Found:
    if isinstance(planned, PlannedRule):
        return await _run_rule(device, data, planned)
    return await _run_first(device, data, planned)


async def _run_first(device: DeviceAccess, data: ProfileData, planned: PlannedFirst) -> _Found:
    answered = False
    for alternative in planned.alternatives:
        found = await _run_all(device, data, alternative)
        answered = answered or found.answered
        # After a failure the next alternative would publish other series in place of the missing ones.
        if found.samples or found.failure is not None:
            return found
    return _Found(answered=answered)


async def _run_rule(device: DeviceAccess, data: ProfileData, planned: PlannedRule) -> _Found:
    needs, table = planned.needs, planned.rule.table
    failures: dict[str, CollectionFailure] = {}
    if table is None:
        failures |= await device.columns.read_scalars(device.snmp, needs.scalars)
        answered = any(device.columns.scalar(oid) is not None for oid in needs.scalars)
        indexes = [""] if answered else []
    else:
        failures |= await device.columns.read(device.snmp, needs.own)
        indexes = data.rows(table, needs.columns)
        answered = bool(indexes)
        if answered:
            failures |= await device.columns.read(device.snmp, needs.joined)
            failures |= await device.columns.read_scalars(device.snmp, needs.scalars)
    failure = next(iter(failures.values()), None)
    if failures.keys() & planned.naming:
        # Rows whose names are missing would appear as other series for this one scrape.
        return _Found(failure=failure, answered=answered)
    samples: list[_Sample] = []
    for index in indexes:
        row = ScalarRow(data) if table is None else TableRow(data, table, index)
        if planned.rule.where is not None and not planned.rule.where.evaluate(row):
            continue
        for rule in planned.rule.samples:
            sample = _evaluate(rule, row, table or "", index)
            if sample is not None:
                samples.append(sample)
    return _Found(samples, failure, answered)


def _evaluate(rule: SampleRule, row: ScalarRow | TableRow, table: str, index: str) -> _Sample | None:
    if rule.where is not None and not rule.where.evaluate(row):
        return None
    value = rule.value.evaluate(row)
    if not isinstance(value, int | float):
        return None
    return _Sample(rule.metric, value, tuple(_label(part.evaluate(row)) for part in rule.labels), table, index)


def _label(value: Result) -> str:
    return "" if value is None else as_index(value)


def _with_unique_labels(samples: list[_Sample]) -> list[_Sample]:
    """Samples whose labels meet get their row's index, all of them, so that none depends on the others' order."""
    for suffix in ("#{index}", "#{table}"):
        count = Counter((sample.metric.name, sample.labels) for sample in samples)
        if len(count) == len(samples):
            break
        samples = [
            sample
            if count[sample.metric.name, sample.labels] == 1
            else replace(sample, labels=_suffixed(sample, suffix.format(index=sample.index, table=sample.table)))
            for sample in samples
        ]
    return samples


def _suffixed(sample: _Sample, suffix: str) -> tuple[str, ...]:
    for label in NAMING_LABELS:
        if label in sample.metric.labels:
            at = sample.metric.labels.index(label)
            return (*sample.labels[:at], sample.labels[at] + suffix, *sample.labels[at + 1 :])
    return sample.labels
