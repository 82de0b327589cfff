"""The bench of a pull measures what it says: its made-up months hold what a pull asks for, and faults to find."""

import json
from collections import Counter
from datetime import datetime
from itertools import pairwise
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from bench import month_store
from bench.month_store import NOVEMBER, OCTOBER, SEPTEMBER, TOLD_BY, all_series, read_by_month, write_month
from bench.sample_patterns import steady, within
from dcnet.catalogue import load_catalogue
from lab.backfill import blocks_in

CATALOGUE = load_catalogue()
NOT_THERE = {"dcnet_trap_last_timestamp_seconds"}
"""No trap came."""

PROBED = {
    "dcnet:indicator",
    "dcnet:indicator_threshold",
    "dcnet:degraded",
    "dcnet:degraded:count1h",
    "dcnet_maintenance",
}


def test_the_months_are_those_of_the_site() -> None:
    """September and October 2026 as they begin in Asia/Jakarta."""
    zone = ZoneInfo("Asia/Jakarta")
    begins = [datetime(2026, month, 1, tzinfo=zone).timestamp() for month in (9, 10, 11)]
    assert begins == [SEPTEMBER, OCTOBER, NOVEMBER]


def test_every_series_that_a_pull_reads_is_there() -> None:
    """What the catalogue's months read of scraped series, the recorded ones, their limits and rollups; none twice."""
    series = [tuple(sorted(one.labels.items())) for one in all_series(CATALOGUE, 5)]
    names = {dict(one)["__name__"] for one in series}
    assert read_by_month(CATALOGUE) - NOT_THERE <= names
    assert names >= PROBED | {f"dcnet:indicator:{rollup}" for rollup in ("avg1h", "max1h", "count1h")}
    assert len(set(series)) == len(series)


def test_every_indicator_but_those_of_traps_has_values() -> None:
    """An indicator that is added to the catalogue is added to the fleet's month, too."""
    told = {indicator.id for indicator in CATALOGUE.indicators if not indicator.id.startswith("trap_")}
    assert told == set(TOLD_BY)
    found = {one.labels["indicator"] for one in all_series(CATALOGUE, 2) if one.labels["__name__"] == "dcnet:indicator"}
    assert found == told


def test_the_number_of_series_follows_the_number_of_interfaces() -> None:
    """Twice the devices are twice the ports, with about nine indicators each."""
    counts = [
        Counter(
            one.labels["indicator"]
            for one in all_series(CATALOGUE, devices)
            if one.labels["__name__"] == "dcnet:indicator"
        )
        for devices in (5, 10)
    ]
    assert counts[0]["interface_errors"] * 2 == counts[1]["interface_errors"] == 500
    ports = sum(count for name, count in counts[1].items() if name.startswith(("interface_", "duplex_", "optic_")))
    assert 8 <= ports / 500 <= 10


def test_blocks_hold_each_month_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The blocks follow each other without overlap, as Prometheus would have cut them, and leave no sample out."""
    monkeypatch.setattr(month_store, "all_series", _two_series)
    samples = write_month(CATALOGUE, 50, tmp_path)
    metas = [json.loads((block / "meta.json").read_text()) for block in blocks_in(tmp_path)]
    assert all(one["maxTime"] <= other["minTime"] for one, other in pairwise(metas))
    hours = (NOVEMBER - SEPTEMBER + 2 * month_store.AROUND_SECONDS) // 3600
    assert samples == sum(meta["stats"]["numSamples"] for meta in metas) == hours + 2 * 120


def _two_series(*_: object) -> list[month_store.StoredSeries]:
    """An hourly one and a planned window of two hours a minute."""
    hourly = month_store.StoredSeries({"__name__": "a"}, month_store.HOURLY, steady(1))
    window = within(((OCTOBER, OCTOBER + 2 * 7200),))
    return [hourly, month_store.StoredSeries({"__name__": "b"}, month_store.RECORDED, window)]
