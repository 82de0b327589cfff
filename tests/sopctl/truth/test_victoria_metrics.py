"""The same month in VictoriaMetrics, the real one of Debian's package: the same checklist as from Prometheus."""

import json
import subprocess
import time
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
import requests

from dcnet.catalogue import Catalogue
from sopctl.adapters.prometheus_client import PrometheusClient
from sopctl.checklist.month_window import parse_month
from sopctl.evidence import Checklist
from sopctl.settings import PrometheusSettings
from sopctl.workflow.pull_checklist import pull_checklist
from tests.sopctl.prometheus.conftest import free_port
from tests.sopctl.truth.conftest import Served
from tests.sopctl.truth.world import AFTER_SECONDS, DAY, WARM_UP_SECONDS

pytestmark = pytest.mark.timeout(900)
LATER = datetime(2026, 1, 1, tzinfo=UTC)
READY_SECONDS = 60


@pytest.fixture(scope="module")
def victoria_url(served: Served, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """A VictoriaMetrics into which the served month was imported, sample by sample."""
    folder = tmp_path_factory.mktemp("victoria")
    url = f"http://127.0.0.1:{free_port()}"
    # The month is long past: it must not be taken for late data, nor kept from answers as not settled.
    options = (f"-storageDataPath={folder}/data", f"-httpListenAddr={url[7:]}", "-retentionPeriod=100y")
    with (folder / "log").open("wb") as log:
        process = subprocess.Popen(["victoria-metrics", *options], stdout=log, stderr=subprocess.STDOUT)
    try:
        _wait(url, process, folder / "log")
        _copy(served, url)
        yield url
    finally:
        process.terminate()
        process.wait(timeout=30)


def test_victoria_metrics_gives_the_same_checklist(served: Served, victoria_url: str, judged: Catalogue) -> None:
    """Statuses, minutes, coverage, incidents and findings are the same; values but for what differs by design.

    `increase` of VictoriaMetrics begins with the sample before a range and does not extrapolate to its ends: a month's
    ratio differs by less than a thousandth of itself, or by what two scrapes tell for each stretch that is asked of
    the samples. It does not keep NaN: a latency without one echo counts as unmeasured there. `resets` and `changes`
    look there at the sample before a range, too: a count may hold one event more for each stretch that is counted, the
    month's own and one after each planned window; where it does, the status follows it.
    """
    ours, theirs = (_pull(served, url, judged) for url in (served.url, victoria_url))
    more = set()
    for one, other in zip(ours.rows, theirs.rows, strict=True):
        if judged.by_id()[one.indicator].month.summary.method == "count" and one.value != other.value:
            stretches = 1 + sum(planned.object == one.device for planned in ours.planned_work)
            assert one.value is not None
            assert other.value is not None
            assert 0 < other.value - one.value <= stretches, (one.object, one.indicator)
            more.add((one.object, one.indicator))
    told = [
        [_facts(row) for row in checklist.rows if (row.object, row.indicator) not in more]
        for checklist in (ours, theirs)
    ]
    assert told[0] == told[1]
    found = [
        {(each.object, each.indicator) for one in checklist.findings for each in (one.row, *one.consequences)} - more
        for checklist in (ours, theirs)
    ]
    assert found[0] == found[1]
    for one, other in zip(ours.rows, theirs.rows, strict=True):
        if (one.object, one.indicator) in more:
            continue
        assert one.value == pytest.approx(other.value, rel=1e-3, abs=_at_ends(served)), (one.object, one.indicator)
        if one.indicator != "link_latency":
            assert one.coverage == other.coverage, (one.object, one.indicator)


def _at_ends(served: Served) -> float:
    """The share of the month that two scrapes are, for each planned window, each hole, and the month itself."""
    world = served.world
    stretches = len(world.planned) + len(world.gaps) + 1
    return 2 * world.scrape * stretches / (world.end - world.start)


def _facts(row: object) -> dict[str, object]:
    fields = ("object", "indicator", "status", "degraded_minutes", "critical_minutes", "incidents")
    return {name: getattr(row, name) for name in fields}


def _pull(served: Served, url: str, judged: Catalogue) -> Checklist:
    period = parse_month(served.world.month, served.world.zone)
    return pull_checklist(PrometheusClient(PrometheusSettings(url=url)), judged, period, lambda: LATER)


def _wait(url: str, process: "subprocess.Popen[bytes]", log: Path) -> None:
    deadline = time.monotonic() + READY_SECONDS
    while time.monotonic() < deadline:
        assert process.poll() is None, log.read_text(encoding="utf-8")
        try:
            if requests.get(f"{url}/health", timeout=1).ok:
                return
        except requests.ConnectionError:
            time.sleep(0.05)
    pytest.fail(log.read_text(encoding="utf-8"))


def _copy(served: Served, url: str) -> None:
    """Every sample of the Prometheus, a day at a time, through VictoriaMetrics' import of JSON lines."""
    at, end = served.world.start - WARM_UP_SECONDS, served.world.end + AFTER_SECONDS
    while at < end:
        until = min(at + DAY, end)
        question = {"query": f'{{__name__=~".+"}}[{until - at}s]', "time": f"{until - 0.001:.3f}"}
        found = requests.post(f"{served.url}/api/v1/query", data=question, timeout=120).json()["data"]["result"]
        lines = "\n".join(json.dumps(_line(series)) for series in found)
        requests.post(f"{url}/api/v1/import", data=lines.encode(), timeout=120).raise_for_status()
        at = until
    # What was imported is looked for only once it is flushed.
    requests.get(f"{url}/internal/force_flush", timeout=60).raise_for_status()


def _line(series: dict[str, list[tuple[float, str]]]) -> dict[str, object]:
    values = [None if value == "NaN" else float(value) for _at, value in series["values"]]
    return {
        "metric": series["metric"],
        "values": values,
        "timestamps": [round(at * 1000) for at, _ in series["values"]],
    }
