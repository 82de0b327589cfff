"""A checklist row's figures and a finding's block, as the report shows them.

Pure.
"""

from collections.abc import Iterator, Mapping, Sequence
from datetime import date, tzinfo
from typing import Any

from dcnet.catalogue import Direction, Indicator, Unit
from dcnet.language import Language
from sopctl.checklist.causes import likely_cause
from sopctl.evidence import ChecklistRow, Finding, Incident
from sopctl.model import Note
from sopctl.report import labels, wording
from sopctl.report.figures import (
    ABSENT,
    format_instant,
    format_limit,
    format_minutes,
    format_minutes_cell,
    format_month,
    format_number,
    format_value,
)

MOST_CONSEQUENCES = 12
MOST_INCIDENTS = 12
"""As many as a finding's table shows; the data file holds them all."""


def row_figures(row: ChecklistRow, indicator: Indicator, language: Language) -> dict[str, str]:
    """The cells of one row."""
    limits = (row.warning_limit, row.critical_limit)
    sign = "<" if indicator.direction is Direction.BELOW else ">"

    def limit(value: float | None) -> str:
        return ABSENT if value is None else f"{sign}\u00a0{format_limit(value, indicator.unit, language)}"

    return {
        "object": row.object,
        "indicator": indicator.title.in_language(language),
        "status": row.status.value,
        "status_name": labels.STATUSES[row.status].in_language(language),
        "value": format_value(row.value, indicator.unit, language, limits),
        "previous": format_value(row.previous_value, indicator.unit, language, limits),
        "warning_limit": limit(row.warning_limit),
        "critical_limit": limit(row.critical_limit),
        "coverage": format_value(row.coverage, Unit.RATIO, language),
        "degraded": format_minutes_cell(row.degraded_minutes, language),
        "critical": format_minutes_cell(row.critical_minutes, language),
        "planned": format_number(row.planned_minutes, 0, language),
        "unknown": format_number(row.unknown_minutes, 0, language),
    }


def finding_block(
    finding: Finding, indicators: Mapping[str, Indicator], note: Note | None, language: Language, zone: tzinfo | None
) -> dict[str, Any]:
    """All that is told of one finding; when its note was written in `zone`."""
    indicator = indicators[finding.row.indicator]
    incidents = finding.row.incidents
    longest = sorted(incidents, key=lambda one: (-one.seconds, one.start))[:MOST_INCIDENTS]
    left_out = len(incidents) - len(longest)
    return {
        "id": finding.id,
        **row_figures(finding.row, indicator, language),
        "meaning": indicator.explanation.in_language(language),
        "advice": indicator.action.in_language(language),
        "incidents": [_incident(one, language) for one in sorted(longest, key=lambda one: one.start)],
        "more": wording.more_incidents_text(left_out).in_language(language) if left_out else "",
        "guess": likely_cause(finding).in_language(language),
        "since": _since(finding, language),
        "consequences": _consequences(finding.consequences, indicators, language),
        "note": None if note is None else _note(note, language, zone),
    }


def _since(finding: Finding, language: Language) -> str:
    """The month that first told a finding that is carried over; empty for a new one."""
    if not finding.since:
        return ""
    year, month = finding.since.split("-")
    return format_month(date(int(year), int(month), 1), language)


def _consequences(
    rows: Sequence[ChecklistRow], indicators: Mapping[str, Indicator], language: Language
) -> dict[str, Any]:
    """What declined because of a finding; the annex tells all of it."""
    shown = [
        {
            "object": row.object,
            "indicator": indicators[row.indicator].title.in_language(language),
            "status": row.status.value,
            "status_name": labels.STATUSES[row.status].in_language(language),
            "degraded": format_minutes(row.degraded_minutes, language),
        }
        for row in rows[:MOST_CONSEQUENCES]
    ]
    left_out = len(rows) - len(shown)
    more = wording.more_consequences_text(left_out).in_language(language) if left_out else ""
    return {"rows": shown, "more": more}


def _incident(incident: Incident, language: Language) -> dict[str, str]:
    return {
        "start": format_instant(incident.start, language),
        "end": format_instant(incident.end, language),
        "duration": format_minutes(incident.seconds / 60, language),
        "severity": incident.severity.value,
        "severity_name": labels.SEVERITIES[incident.severity].in_language(language),
        "remark": "; ".join(_remarks(incident, language)),
    }


def _remarks(incident: Incident, language: Language) -> Iterator[str]:
    if incident.planned:
        yield labels.LABELS["planned_work"].in_language(language)
    if incident.stretches > 1:
        pauses = format_minutes(incident.pause_seconds / 60, language)
        yield wording.pauses_text(incident.stretches, pauses).in_language(language)


def _note(note: Note, language: Language, zone: tzinfo | None) -> dict[str, Any]:
    written = note.written_at.astimezone(zone)
    return {
        "cause": note.cause.split("\n"),
        "action": note.action.split("\n"),
        "follow_up": note.follow_up.split("\n"),
        "evidence": list(note.evidence),
        "noted": f"{note.author}, {format_instant(written, language)} {written.tzname()}",
    }
