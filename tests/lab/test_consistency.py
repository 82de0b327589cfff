import asyncio
import sys
from collections.abc import Mapping
from contextlib import suppress
from datetime import timedelta
from pathlib import Path
from typing import TypeAlias

import pytest
from aiohttp import ClientConnectionError, ClientSession
from prometheus_client.parser import text_string_to_metric_families

from lab.inventory import inventory_document, write_inventory
from lab.model import Model
from lab.samples import DEVICE_JOB, EXPORTER_JOB, Series, device_labels, series_between
from lab.timeline import Month
from lab.topology import DEVICES
from tests.lab.conftest import StartLab, free_port, write_secrets

SeriesKey: TypeAlias = tuple[str, frozenset[tuple[str, str]]]

ADDED_BY_PROMETHEUS = {"up"}
"""Series of a device that the exporter does not send: Prometheus writes them of its own."""


@pytest.mark.parametrize("device", ["edge-1", "core-1", "access-1", "fw-1", "ups-1"])
async def test_exporter_and_history_tell_the_same(
    start_lab: StartLab, model: Model, month: Month, tmp_path: Path, device: str
) -> None:
    """At a frozen instant every sample of a device in the history is what the real exporter reads from the agent."""
    instant = int((month.start + timedelta(days=11, hours=9, minutes=10)).timestamp())
    async with start_lab(instant) as lab:
        write_inventory(tmp_path / "inventory.yml", model.timeline, lab.ports)
        write_secrets(tmp_path / "secrets")
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


async def test_exporter_and_history_name_links_and_inventory_the_same(
    start_lab: StartLab, model: Model, month: Month, tmp_path: Path
) -> None:
    """Every series of /metrics in the history is one of the real exporter's, and what stands still is equal."""
    instant = int((month.start + timedelta(days=11, hours=9)).timestamp())
    port = free_port()
    async with start_lab(instant) as lab:
        file = tmp_path / "inventory.yml"
        write_inventory(file, model.timeline, lab.ports)
        write_secrets(file.parent / "secrets")
        # The exporter spreads first probes over their interval: a short one has them all at once.
        file.write_text(file.read_text("utf-8").replace("interval_seconds: 30", "interval_seconds: 1"), "utf-8")
        command = [str(Path(sys.executable).parent / "dcnet-exporter"), "serve"]
        history = {
            _key(series.name, _without_target(series.labels)): _only_value(series)
            for series in series_between(model, inventory_document(model.timeline, lab.ports), [instant])
            if series.labels["job"] == EXPORTER_JOB and series.name not in ADDED_BY_PROMETHEUS
        }
        server = await asyncio.create_subprocess_exec(
            *(*command, "--inventory", str(file), "--listen", f"127.0.0.1:{port}"),
            stdout=asyncio.subprocess.DEVNULL,
            stderr=asyncio.subprocess.DEVNULL,
        )
        try:
            exposed = await _metrics_with(set(history), f"http://127.0.0.1:{port}/metrics")
        finally:
            server.terminate()
            await server.wait()
    assert set(history) - set(exposed) == set()
    still = {key for key in history if "probe" not in dict(key[1])}
    assert {key: exposed[key] for key in still} == {key: pytest.approx(history[key]) for key in still}


async def _metrics_with(wanted: set[SeriesKey], url: str) -> dict[SeriesKey, float]:
    """The exporter's /metrics as soon as all that is wanted is there, else as it stands after some seconds."""
    exposed: dict[SeriesKey, float] = {}
    deadline = asyncio.get_running_loop().time() + 20
    async with ClientSession() as http:
        while asyncio.get_running_loop().time() < deadline and wanted - set(exposed):
            with suppress(ClientConnectionError):
                async with http.get(url) as response:
                    families = text_string_to_metric_families(await response.text())
                exposed = {_key(s.name, s.labels): s.value for family in families for s in family.samples}
            await asyncio.sleep(0.1)
    return exposed


def _without_target(labels: Mapping[str, str]) -> dict[str, str]:
    return {key: value for key, value in labels.items() if key not in {"job", "instance"}}
