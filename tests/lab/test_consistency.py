import sys
from collections.abc import Mapping
from datetime import timedelta
from pathlib import Path
from typing import TypeAlias

import pytest
from prometheus_client.parser import text_string_to_metric_families

from lab.inventory import inventory_document, write_inventory
from lab.model import Model
from lab.samples import DEVICE_JOB, Series, device_labels, series_between
from lab.timeline import Month
from lab.topology import DEVICES
from tests.lab.conftest import StartLab

SeriesKey: TypeAlias = tuple[str, frozenset[tuple[str, str]]]

ADDED_BY_PROMETHEUS = {"up"}
"""Series of a device that the exporter does not send: Prometheus writes them of its own."""


@pytest.mark.parametrize("device", ["edge-1", "core-1", "access-1", "ups-1"])
@pytest.mark.usefixtures("secrets_in_environment")
async def test_exporter_and_history_tell_the_same(
    start_lab: StartLab, model: Model, month: Month, tmp_path: Path, device: str
) -> None:
    """At a frozen instant every sample of a device in the history is what the real exporter reads from the agent."""
    instant = int((month.start + timedelta(days=11, hours=9, minutes=10)).timestamp())
    async with start_lab(instant) as lab:
        write_inventory(tmp_path / "inventory.yml", model.timeline, lab.ports)
        command = [str(Path(sys.executable).parent / "dcnet-exporter"), "probe", "--inventory"]
        status, out, err = await lab.run(*command, str(tmp_path / "inventory.yml"), device)
    assert status == 0, err
    history = _history_of(model, device, instant)
    scraped = _scraped(out, device)
    assert len(history) > 10
    assert {key: scraped.get(key) for key in history} == history


def _history_of(model: Model, device: str, instant: int) -> dict[SeriesKey, float]:
    document = inventory_document(model.timeline)
    return {
        _key(series.name, series.labels): _only_value(series)
        for series in series_between(model, document, [instant])
        if series.labels["job"] == DEVICE_JOB
        and series.labels["instance"] == device
        and series.name not in ADDED_BY_PROMETHEUS
    }


def _only_value(series: Series) -> float:
    return float(series.values) if isinstance(series.values, int | float) else float(series.values[0])


def _scraped(text: str, device: str) -> dict[SeriesKey, float]:
    target = device_labels(DEVICES[device], "dc-lab")
    return {
        _key(sample.name, {**sample.labels, **target}): sample.value
        for family in text_string_to_metric_families(text)
        for sample in family.samples
    }


def _key(name: str, labels: Mapping[str, str]) -> SeriesKey:
    return name, frozenset((key, value) for key, value in labels.items() if value)
