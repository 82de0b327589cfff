"""Whether a month's percentiles are taken over ten-minute samples, or over each minute's."""

from collections.abc import Sequence
from zoneinfo import ZoneInfo

import pytest

from dcnet.catalogue import load_catalogue
from sopctl.checklist.month_window import parse_month
from sopctl.checklist.planned_time import PlannedTime, Span
from sopctl.checklist.rollups import Rollups
from sopctl.checklist.samples import Question, RawSeries, Sample
from sopctl.workflow.month_values import fetch_figures

OCTOBER = parse_month("2026-10", ZoneInfo("Asia/Jakarta"))
START, END = OCTOBER.start.timestamp(), OCTOBER.end.timestamp()
DAY = 86_400


class Recorded:
    """A source whose ten-minute samples began on the 16th, and which has so many days of samples before."""

    source = "http://prometheus"
    warnings = ()

    def __init__(self, days_before: int) -> None:
        self.days_before = days_before
        self.asked: list[str] = []

    def query_at(self, expression: str, at: float) -> Sequence[Sample]:
        self.asked.append(expression)
        if "dcnet:ten_minutes" in expression:
            return [Sample({}, (END - START - 15 * DAY) / 600)]
        if expression.startswith("max(count_over_time(dcnet:indicator["):
            return [Sample({}, self.days_before * DAY / 60)] if self.days_before and at < START + 16 * DAY else []
        return []

    def query_all(self, questions: Sequence[Question]) -> list[Sequence[Sample]]:
        return [self.query_at(*one) for one in questions]

    def fetch_samples(self, *_asked: object) -> Sequence[RawSeries]:
        return []

    def fetch_hourly(self, *_asked: object) -> Sequence[RawSeries]:
        return []


@pytest.mark.parametrize(("days_before", "over_ten_minutes"), [(15, False), (0, True)])
def test_a_percentile_speaks_for_all_that_was_measured(days_before: int, over_ten_minutes: bool) -> None:
    """Rollups that began midway are not taken for the whole of a month that was measured before."""
    source = Recorded(days_before)
    hours = tuple(START + 15 * DAY + 1800 + 3600 * number for number in range(1, 16 * 24))
    month = Span(START, END)
    planned = PlannedTime(month, ())
    fetch_figures(source, load_catalogue(), OCTOBER, planned, {}, outages={}, rollups=Rollups(hours))
    assert any("dcnet:indicator:10m" in one for one in source.asked) == over_ten_minutes
