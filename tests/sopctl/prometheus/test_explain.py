"""Questions behind a finding, asked again of the Prometheus of conftest.py: their answers make up the row's figures."""

from datetime import UTC, datetime

import pytest

from dcnet.catalogue import Catalogue
from sopctl.adapters.prometheus_client import PrometheusClient
from sopctl.checklist.explanation import ask_again, current
from sopctl.checklist.month_window import parse_month
from sopctl.evidence import Checklist
from sopctl.workflow.pull_checklist import pull_checklist
from tests.sopctl.prometheus.conftest import DOWN, WIB

NOW = datetime(2026, 11, 2, 3, 0, tzinfo=UTC)


@pytest.mark.parametrize(("name", "indicator"), [("core-1", "availability"), ("isp-a", "loss"), ("isp-b", "latency")])
def test_a_row_is_repeated_from_its_questions(
    client: PrometheusClient, catalogue: Catalogue, october: Checklist, name: str, indicator: str
) -> None:
    """Every question is about the one object, and minutes, coverage and parts come back as the row has them."""
    period = october.period
    (row,) = [one for one in october.rows if (one.object, one.indicator) == (name, indicator)]
    asked = list(ask_again(client, row, catalogue.by_id()[indicator], period))
    for one in asked:
        assert (
            not one.samples or len({tuple((k, v) for k, v in s.labels.items() if k != "le") for s in one.samples}) == 1
        )
    # Anyone who adds these up gets the value only where no planned work was left out of it.
    parts = [one.what.en for one in asked if one.what.en.startswith("part of")]
    assert parts
    assert all(("planned work included" in one) == (name != "core-1") for one in parts), parts
    figures = {one.what.en: one.samples[0].value for one in asked if len(one.samples) == 1}
    if row.coverage:
        assert figures["minutes measured"] * 60 / period.seconds == pytest.approx(row.coverage)
    if indicator == "availability":
        value = figures["part of the month's value (sum)"] / figures["part of the month's value (count)"]
        assert value == row.value
        assert figures["minutes recorded past the warning limit (planned work included)"] == row.degraded_minutes


def test_now_is_asked_with_the_worst_of_the_hour(client: PrometheusClient, catalogue: Catalogue) -> None:
    """Ten minutes after an outage the value is good, and the hour says what was."""
    questions = current(catalogue.by_id()["availability"], "core-1")
    answers = [client.query_at(expression, DOWN[1] + 600)[0].value for _what, expression in questions]
    assert answers == [1.0, 0.0, 0.0]


def test_a_limit_that_is_no_number_is_none(client: PrometheusClient, catalogue: Catalogue) -> None:
    """NaN and Inf in place of a limit leave the next limit in force, and the list can still be written."""
    from sopctl.checklist.samples import Sample  # noqa: PLC0415
    from sopctl.checklist.serialise import checklist_to_json  # noqa: PLC0415
    from tests.sopctl.prometheus.test_pull_october import Foreign  # noqa: PLC0415

    labels = {"indicator": "loss", "object": "isp-a", "severity": "warning"}

    class NoNumber(Foreign):
        def query_at(self, expression: str, at: float) -> list[Sample]:
            samples = list(self.client.query_at(expression, at))
            wrong = [Sample(labels, float("nan"))] if self.series in expression else []
            return [one for one in samples if not wrong or one.labels.get("object") != "isp-a"] + wrong

    source = NoNumber(client, "dcnet:indicator_threshold", labels)
    checklist = pull_checklist(source, catalogue, parse_month("2026-10", WIB), lambda: NOW)
    assert "NaN" not in checklist_to_json(checklist)
