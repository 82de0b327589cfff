"""What was done about each finding, beside its state before and after.

Pure.
"""

from collections.abc import Mapping
from datetime import UTC, timedelta
from typing import Any

from dcnet.catalogue import Direction, Indicator
from dcnet.language import Language
from sopctl.evidence import Checklist, ChecklistRow, HourlySeries
from sopctl.model import Note
from sopctl.report import labels
from sopctl.report.figures import ABSENT, format_instant, format_value

HOURS_OF_A_DAY = 24


def measure_rows(
    checklist: Checklist, notes: Mapping[str, Note], indicators: Mapping[str, Indicator], language: Language
) -> list[dict[str, Any]]:
    """A line for each finding that has a note."""
    series = {(one.object, one.indicator): one for one in checklist.series}
    rows = []
    for finding in checklist.findings:
        note = notes.get(finding.id)
        if note is None:
            continue
        row = finding.row
        before, after = _before_and_after(
            series.get((row.object, row.indicator)), row, checklist, indicators[row.indicator], language
        )
        rows.append(
            {
                "id": finding.id,
                "object": row.object,
                "before": before,
                "action": note.action.split("\n"),
                "after": after,
            }
        )
    return rows


def _before_and_after(
    series: HourlySeries | None, row: ChecklistRow, checklist: Checklist, indicator: Indicator, language: Language
) -> tuple[str, str]:
    measured = [] if series is None else [(hour, one) for hour, one in enumerate(series.worst) if one is not None]
    if series is None or not measured:
        return format_value(row.value, indicator.unit, language), ABSENT
    worst_of = min if indicator.direction is Direction.BELOW else max
    limits = (row.warning_limit, row.critical_limit)
    hour, worst = worst_of(measured, key=lambda one: one[1])
    at = format_instant(
        (checklist.period.start.astimezone(UTC) + timedelta(hours=hour)).astimezone(checklist.period.start.tzinfo),
        language,
    )
    before = f"{format_value(worst, indicator.unit, language, limits)} ({at})"
    last = [value for place, value in measured if place >= len(series.worst) - HOURS_OF_A_DAY]
    if not last:
        return before, labels.LABELS["no_measurement"].in_language(language)
    return before, format_value(worst_of(last), indicator.unit, language, limits)
