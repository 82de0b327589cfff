"""What a CLI's answer says, as samples: rows by ntc-templates or by a pattern, metrics as the platform's file says.

Pure but for reading the template. A field that is no number gives no sample.
"""

import re
from collections.abc import Iterator, Mapping
from importlib.resources import files

import textfsm  # type: ignore[import-untyped]

from exporter.errors import CollectionFailure, CollectionReason
from exporter.metrics import BY_NAME
from exporter.platforms.models import Fact, FactMetric
from exporter.sample_set import SampleSet

Row = Mapping[str, str]
_PLACE = re.compile(r"\{(\w+)\}")


def add_facts(samples: SampleSet, fact: Fact, answer: str) -> None:
    """Add what `answer` tells. Raises CollectionFailure where the template does not fit it."""
    for row in _rows(fact, answer):
        for metric in fact.metrics:
            value = _value(metric, row)
            if value is not None and all(re.search(pattern, row[field]) for field, pattern in metric.where.items()):
                samples.add(BY_NAME[metric.metric], value, *_labels(metric, row))


def _labels(metric: FactMetric, row: Row) -> Iterator[str]:
    for label in BY_NAME[metric.metric].labels:
        yield _PLACE.sub(lambda place: row[place[1]], metric.labels.get(label, "")).strip()


def _rows(fact: Fact, answer: str) -> Iterator[Row]:
    if fact.template is None:
        for found in re.finditer(fact.pattern or "", answer):
            yield {name: text or "" for name, text in found.groupdict().items()}
        return
    with (files("ntc_templates") / "templates" / f"{fact.template}.textfsm").open(encoding="utf-8") as template:
        reader = textfsm.TextFSM(template)
    try:
        rows = reader.ParseText(answer)
    except textfsm.TextFSMError as error:
        # Its own words quote the answer.
        detail = f"the answer to {fact.command!r} does not fit the template {fact.template}"
        raise CollectionFailure(CollectionReason.DECODE, detail) from error
    names = [name.lower() for name in reader.header]
    for row in rows:
        yield {
            name: " ".join(cell) if isinstance(cell, list) else str(cell) for name, cell in zip(names, row, strict=True)
        }


def _value(metric: FactMetric, row: Row) -> float | None:
    if metric.state is not None:
        return float(re.search(metric.healthy or "", row[metric.state]) is not None)
    if metric.value is None:
        return 1
    try:
        return float(row[metric.value]) * metric.scale
    except ValueError:
        return None
