"""The checklist of a made-up month against what happened in it: no miss, no false finding, right to the minute.

The month is loaded into a real Prometheus and its indicators are recorded by dcnet's own rules. What is right is
worked out from the scenario alone. `make truth` makes 50 months.
"""

from datetime import UTC, datetime

import pytest

from dcnet.catalogue import Catalogue
from sopctl.adapters.prometheus_client import PrometheusClient
from sopctl.checklist.month_window import parse_month
from sopctl.checklist.samples import RawSeries
from sopctl.evidence import Checklist, ChecklistRow
from sopctl.settings import PrometheusSettings
from sopctl.workflow.pull_checklist import pull_checklist
from tests.sopctl.truth.conftest import Served
from tests.sopctl.truth.expected import bucket_of, measured, month_of
from tests.sopctl.truth.world import seconds

pytestmark = pytest.mark.timeout(900)
LATER = datetime(2026, 1, 1, tzinfo=UTC)
Key = tuple[str, str]


class WithoutRollups(PrometheusClient):
    """A store whose rules recorded no hours: everything is asked of the samples."""

    def fetch_samples(self, selector: str, start: float, end: float, about: float | None = None) -> list[RawSeries]:
        return [] if selector == "dcnet:hour" else super().fetch_samples(selector, start, end, about)


@pytest.fixture(scope="module", params=[PrometheusClient, WithoutRollups], ids=["rollups", "samples"])
def checklist(request: pytest.FixtureRequest, served: Served, judged: Catalogue) -> Checklist:
    client = request.param(PrometheusSettings(url=served.url))
    return pull_checklist(client, judged, parse_month(served.world.month, served.world.zone), lambda: LATER)


@pytest.fixture(scope="module")
def rows(checklist: Checklist) -> dict[Key, ChecklistRow]:
    return {(row.object, row.indicator): row for row in checklist.rows}


def test_exactly_what_declined_is_named(served: Served, checklist: Checklist) -> None:
    """Findings and what is folded under them are the objects that declined, each as bad as it was: none more."""
    found = {
        (row.object, row.indicator): row.status.value
        for finding in checklist.findings
        for row in (finding.row, *finding.consequences)
    }
    assert found == {key: one.status for key, one in served.truth.items() if one.status != "good"}


def test_minutes_are_those_that_passed(served: Served, rows: dict[Key, ChecklistRow]) -> None:
    """Minutes down are the outages' within a scrape each; a rate's rise and fall within its window."""

    def rounding(indicator: str) -> float:
        # Recorded minutes are whole ones; outages are told to the hundredth.
        return 0.01 if indicator.endswith("_availability") else 0.5

    wrong = {
        key: (row.degraded_minutes, one.low, one.high)
        for key, one in served.truth.items()
        if (row := rows.get(key))
        and not one.low - rounding(key[1]) <= row.degraded_minutes <= one.high + rounding(key[1])
    }
    assert not wrong


def test_values_are_those_of_the_scenario(served: Served, rows: dict[Key, ChecklistRow]) -> None:
    """Shares of time and of packets within their tolerance, percentiles within one bucket; none where none was."""
    wrong = {}
    for key, one in served.truth.items():
        value = rows[key].value if key in rows else None
        if one.value is None or value is None:
            right = one.value is value
        elif key[1] == "link_latency":
            right = abs(bucket_of(value) - bucket_of(one.value)) <= 1
        else:
            right = abs(value - one.value) <= one.tolerance
        if not right:
            wrong[key] = (value, one)
    assert not wrong


def test_coverage_is_the_share_that_was_measured(served: Served, rows: dict[Key, ChecklistRow]) -> None:
    """Within 0.1 points of the month, through gaps, restarts, and of what came or went."""
    whole = seconds((month_of(served.world),))
    for device in served.world.life:
        truth = seconds(measured(served.world, device)) / whole
        assert rows[device, "device_availability"].coverage == pytest.approx(truth, abs=0.001)
