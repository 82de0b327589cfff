"""The month's charts: an hour is its worst value, what was not measured stays empty, limits and work stand in place."""

from dataclasses import replace

import pytest

from dcnet.catalogue import Catalogue
from dcnet.language import Language
from sopctl.checklist.samples import RawSeries
from sopctl.evidence import Checklist, HourlySeries, ReportContent
from sopctl.model import Note
from sopctl.report.chart import chart_of
from sopctl.report.measures import measure_rows
from sopctl.workflow.finding_series import hours_of

HOURS = 744


def series_of(checklist: Checklist, finding: int, values: dict[int, float | None], rest: float) -> HourlySeries:
    row = checklist.findings[finding].row
    return HourlySeries(row.object, row.indicator, tuple(values.get(hour, rest) for hour in range(HOURS)))


def test_an_hour_is_told_at_its_end(checklist: Checklist) -> None:
    """The value at an hour is that of the hour before; one without a value is empty, not good."""
    start = checklist.period.start.timestamp()
    found = hours_of([RawSeries({}, ((start, 0.9), (start + 3600, 0.3), (start + 10800, 0.1)))], checklist.period)
    assert len(found) == HOURS
    assert found[:3] == (0.3, None, 0.1)
    assert set(found[3:]) == {None}


def test_a_chart_holds_limits_gaps_and_planned_work(checklist: Checklist, catalogue: Catalogue) -> None:
    """Everything lies inside the frame, the gap divides the line, and the critical limit is above the declined one."""
    row = checklist.findings[0].row
    series = series_of(checklist, 0, {**dict.fromkeys(range(10, 20)), 30: 0.05}, 0.002)
    chart = chart_of(series, row, catalogue.by_id()[row.indicator], checklist, Language.INDONESIAN)
    assert chart is not None
    assert [len(run) for run in chart["lines"][0]["runs"]] == [10, HOURS - 20]
    assert all(0 <= x <= 1 and 0 <= y <= 1 for run in chart["lines"][0]["runs"] for x, y in run)
    assert max(y for run in chart["lines"][0]["runs"] for _x, y in run) > 0.8
    assert chart["gaps"] == [{"from": 10 / HOURS, "to": 20 / HOURS}]
    warning, critical = chart["limits"]
    assert warning["at"] < critical["at"] < 1
    assert [tick["label"] for tick in chart["x_ticks"]] == ["1", "6", "11", "16", "21", "26", "31"]
    assert len({tick["label"] for tick in chart["y_ticks"]}) == len(chart["y_ticks"])


@pytest.mark.parametrize(
    ("indicator", "values", "labels"),
    [
        ("device_availability", {30: 0.0, 31: 1.0}, ["0", "20", "40", "60", "80", "100"]),
        ("device_availability", {30: 0.9988, 31: 1.0}, ["98", "98,5", "99", "99,5", "100"]),
        ("interface_errors", {30: 0.043}, ["0", "1", "2", "3", "4", "5"]),
        ("link_latency", {30: 0.251}, ["0", "100", "200", "300"]),
        ("link_latency", {30: 86400 * 14.0}, ["0", "5", "10", "15"]),
    ],
)
def test_the_scale_stands_at_round_figures(
    checklist: Checklist, catalogue: Catalogue, indicator: str, values: dict[int, float], labels: list[str]
) -> None:
    """Nobody reads 77 % and 103 % off an axis, and no share is below nought or above the whole."""
    limits = (0.99, 0.98) if indicator == "device_availability" else (None, None)
    row = replace(checklist.findings[0].row, indicator=indicator, warning_limit=limits[0], critical_limit=limits[1])
    series = HourlySeries(row.object, indicator, tuple(values.get(hour) for hour in range(HOURS)))
    chart = chart_of(series, row, catalogue.by_id()[indicator], checklist, Language.INDONESIAN)
    assert chart is not None
    assert [tick["label"].split("\u00a0")[0] for tick in chart["y_ticks"]] == labels
    assert (chart["y_ticks"][0]["at"], chart["y_ticks"][-1]["at"]) == (0, 1)


def test_planned_work_shades_its_own_hours(checklist: Checklist, catalogue: Catalogue) -> None:
    """10 October 22.00 to 11 October 02.00 of that object, and of no other."""
    row = replace(checklist.findings[0].row, object="core-3", device="core-3")
    series = replace(series_of(checklist, 0, {}, 0.5), object="core-3")
    chart = chart_of(series, row, catalogue.by_id()[row.indicator], checklist, Language.INDONESIAN)
    assert chart is not None
    assert chart["planned"] == [{"from": round((9 * 24 + 22) / HOURS, 5), "to": round((10 * 24 + 2) / HOURS, 5)}]


def test_a_month_without_a_sample_has_no_chart(checklist: Checklist, catalogue: Catalogue) -> None:
    """An empty frame would look like a quiet month."""
    row = checklist.findings[0].row
    series = HourlySeries(row.object, row.indicator, (None,) * HOURS)
    assert chart_of(series, row, catalogue.by_id()[row.indicator], checklist, Language.INDONESIAN) is None


def test_an_action_stands_between_its_before_and_after(
    checklist: Checklist, catalogue: Catalogue, content: ReportContent
) -> None:
    """Before: the worst hour, with its time; after: the worst of the month's last day."""
    charted = replace(checklist, series=(series_of(checklist, 0, {30: 0.05, 740: 0.003}, 0.002),))
    notes: dict[str, Note] = content.notes
    (measure,) = measure_rows(charted, notes, catalogue.by_id(), Language.INDONESIAN)
    assert measure["before"] == "5,00\u00a0% (2 Okt 2026 06.00)"
    assert measure["after"] == "0,30\u00a0%"
    assert measure["action"] == ["Modul diganti; kabel serat optik dibersihkan."]
