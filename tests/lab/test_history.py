import subprocess
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import requests

from lab.backfill import blocks_in
from lab.errors import LabError
from lab.history import HistoryReport, build_history
from lab.scenario import load_scenario
from lab.timeline import Month
from lab.topology import DEVICES
from tests.lab.conftest import free_port

DAYS = 2
OUTAGE_MINUTES, GAP_MINUTES = 30, 90
SCENARIO = f"""seed: 7
faults:
  - {{name: o, kind: device_outage, device: core-1, why: x, month: [{{day: 1, at: 10:00, minutes: {OUTAGE_MINUTES}}}]}}
  - {{name: g, kind: measurement_gap, why: x, month: [{{day: 1, at: "20:00", minutes: {GAP_MINUTES}}}]}}
"""
PASSES = ("test:up", "dcnet_up * 1"), ("test:down", "test:up == 0")


@pytest.fixture(scope="module")
def passes(tmp_path_factory: pytest.TempPathFactory) -> list[list[Path]]:
    folder = tmp_path_factory.mktemp("rules")
    files = []
    for number, (record, expression) in enumerate(PASSES, start=1):
        file = folder / f"{number}.yml"
        file.write_text(f'groups: [{{name: g, rules: [{{record: "{record}", expr: "{expression}"}}]}}]\n', "utf-8")
        files.append([file])
    return files


@pytest.fixture(scope="module")
def work(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("history")
    (folder / "scenario.yml").write_text(SCENARIO, encoding="utf-8")
    return folder


@pytest.fixture(scope="module")
def built(work: Path, month: Month, passes: list[list[Path]]) -> HistoryReport:
    """Two days of a month, taken in and worked out by Prometheus."""
    scenario = load_scenario(work / "scenario.yml")
    return build_history(scenario, month, passes, work / "data", work / "work", days=DAYS)


@pytest.fixture(scope="module")
def prometheus(built: HistoryReport, work: Path) -> Iterator[str]:
    """A real Prometheus over the result, as the demo runs it."""
    (work / "prometheus.yml").write_text("global: {}\n", encoding="utf-8")
    url = f"http://127.0.0.1:{free_port()}"
    with (work / "prometheus.log").open("w", encoding="utf-8") as log:
        server = subprocess.Popen(
            [
                *("prometheus", f"--config.file={work / 'prometheus.yml'}", f"--storage.tsdb.path={built.data_dir}"),
                *("--storage.tsdb.retention.time=10y", f"--web.listen-address={url.removeprefix('http://')}"),
            ],
            stdout=log,
            stderr=log,
        )
    try:
        deadline = time.monotonic() + 30
        while not _is_ready(url):
            assert server.poll() is None, (work / "prometheus.log").read_text()
            assert time.monotonic() < deadline
            time.sleep(0.05)
        yield url
    finally:
        server.terminate()
        server.wait()


def _is_ready(url: str) -> bool:
    try:
        return requests.get(f"{url}/-/ready", timeout=2).ok
    except requests.ConnectionError:
        return False


def _ask(url: str, expression: str, month: Month) -> list[dict[str, Any]]:
    instant = month.start.timestamp() + DAYS * 86400 - 0.001
    answer = requests.get(f"{url}/api/v1/query", params={"query": expression, "time": str(instant)}, timeout=30).json()
    assert answer["status"] == "success", answer
    found: list[dict[str, Any]] = answer["data"]["result"]
    return found


def _number(url: str, expression: str, month: Month) -> float:
    (result,) = _ask(url, expression, month)
    return float(result["value"][1])


def test_every_minute_is_there_but_the_gap(prometheus: str, month: Month) -> None:
    """A device has a sample for every minute, except while nothing was measured."""
    minutes = _number(prometheus, f'count_over_time(dcnet_up{{instance="edge-1"}}[{DAYS}d])', month)
    assert minutes == DAYS * 1440 - GAP_MINUTES


def test_outage_is_down_and_its_tables_are_absent(prometheus: str, month: Month) -> None:
    """While a device is off its dcnet_up is 0, and what it cannot tell is absent."""
    selector = 'instance="core-1"'
    up = _number(prometheus, f"sum_over_time(dcnet_up{{{selector}}}[{DAYS}d])", month)
    told = _number(
        prometheus, f'count_over_time(dcnet_interface_oper_up{{{selector}, interface="Te1/0/1"}}[{DAYS}d])', month
    )
    assert up == told == DAYS * 1440 - GAP_MINUTES - OUTAGE_MINUTES
    restarts = _number(
        prometheus, f'resets(dcnet_interface_receive_bytes_total{{{selector}, interface="Te1/0/1"}}[{DAYS}d])', month
    )
    assert restarts == 1


def test_two_hours_before_the_month_are_there(prometheus: str, month: Month) -> None:
    """The month's first rates have a past."""
    before = _number(prometheus, f'count_over_time(up{{job="dcnet-exporter"}}[{DAYS}d] offset {DAYS}d)', month)
    assert before == 120


def test_later_pass_sees_the_earlier_ones_result(prometheus: str, month: Month) -> None:
    """A rule of the second pass reads what the first recorded, and neither paints over gap or outage."""
    (down,) = _ask(prometheus, f"count_over_time(test:down[{DAYS}d])", month)
    assert down["metric"]["instance"] == "core-1"
    assert float(down["value"][1]) == pytest.approx(OUTAGE_MINUTES, abs=2)
    recorded = _number(prometheus, f'count_over_time(test:up{{instance="edge-1"}}[{DAYS}d])', month)
    assert recorded == pytest.approx(DAYS * 1440 - GAP_MINUTES, abs=3)


def test_what_is_recorded_is_what_the_rule_gives(prometheus: str, month: Month) -> None:
    """Minute by minute, for every object, a recorded series has the labels and values that its expression gives."""
    begin = month.start.timestamp() + 86400
    record, expression = PASSES[0]

    def series(asked: str) -> dict[frozenset[tuple[str, str]], list[list[object]]]:
        span = {"start": str(begin), "end": str(begin + 86400 - 60), "step": "60"}
        answer = requests.get(f"{prometheus}/api/v1/query_range", params={"query": asked, **span}, timeout=30).json()
        assert answer["status"] == "success", answer
        return {
            frozenset((name, value) for name, value in one["metric"].items() if name != "__name__"): one["values"]
            for one in answer["data"]["result"]
        }

    recorded = series(record)
    assert len(recorded) == len(DEVICES)
    assert {len(values) for values in recorded.values()} == {1440}
    assert recorded == series(expression)


def test_finished_month_is_used_again(
    built: HistoryReport, work: Path, month: Month, passes: list[list[Path]], tmp_path: Path
) -> None:
    """The same month of the same scenario, code and rules is only copied the second time."""
    again = build_history(load_scenario(work / "scenario.yml"), month, passes, tmp_path / "data", work / "work", days=2)
    assert not built.reused
    assert again.reused
    assert again.samples == built.samples > 1_000_000
    assert len(blocks_in(tmp_path / "data")) == built.blocks
    assert len(list((work / "work").iterdir())) == 1


def test_broken_rule_is_told(work: Path, month: Month, built: HistoryReport, tmp_path: Path) -> None:
    """A rule that Prometheus cannot evaluate ends the work with Prometheus' own words; nothing half-made is kept."""
    assert built.blocks
    rule = tmp_path / "rule.yml"
    rule.write_text("groups: [{name: g, rules: [{record: test:bad, expr: 'up +'}]}]\n", "utf-8")
    scenario = load_scenario(work / "scenario.yml")
    with pytest.raises(LabError, match=r"evaluating the rule test:bad failed: .*parse error"):
        build_history(scenario, month, [[rule]], tmp_path / "data", tmp_path / "work", days=1)
    assert list((tmp_path / "work").iterdir()) == []
    assert not (tmp_path / "data").exists()


def test_missing_program_is_named(work: Path, month: Month, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Without Prometheus' programs the error names the program and the package."""
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(LabError, match="program promtool is not on PATH; install the package prometheus"):
        build_history(load_scenario(work / "scenario.yml"), month, [], tmp_path / "data", tmp_path / "work")
