"""A checklist row's figures and a finding's block, as the report shows them.

Pure.
"""

from typing import Any

from dcnet.catalogue import Direction, Indicator, Unit
from dcnet.language import Language
from sopctl.evidence import ChecklistRow, Finding, Incident
from sopctl.model import Note
from sopctl.report import labels, wording
from sopctl.report.figures import ABSENT, format_instant, format_limit, format_minutes, format_number, format_value

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
        "degraded": format_number(row.degraded_minutes, 0, language),
        "critical": format_number(row.critical_minutes, 0, language),
        "planned": format_number(row.planned_minutes, 0, language),
        "unknown": format_number(row.unknown_minutes, 0, language),
    }


def finding_block(finding: Finding, indicator: Indicator, note: Note | None, language: Language) -> dict[str, Any]:
    """All that is told of one finding."""
    incidents = finding.row.incidents
    longest = sorted(incidents, key=lambda one: (one.start - one.end, one.start))[:MOST_INCIDENTS]
    left_out = len(incidents) - len(longest)
    return {
        "id": finding.id,
        **row_figures(finding.row, indicator, language),
        "meaning": indicator.explanation.in_language(language),
        "advice": indicator.action.in_language(language),
        "incidents": [_incident(one, language) for one in sorted(longest, key=lambda one: one.start)],
        "more": wording.more_incidents_text(left_out).in_language(language) if left_out else "",
        "note": None if note is None else _note(note, finding, language),
    }


def _incident(incident: Incident, language: Language) -> dict[str, str]:
    minutes = round((incident.end - incident.start).total_seconds() / 60)
    return {
        "start": format_instant(incident.start, language),
        "end": format_instant(incident.end, language),
        "duration": format_minutes(minutes, language),
        "severity": incident.severity.value,
        "severity_name": labels.SEVERITIES[incident.severity].in_language(language),
        "remark": labels.LABELS["planned_work"].in_language(language) if incident.planned else "",
    }


def _note(note: Note, finding: Finding, language: Language) -> dict[str, Any]:
    # Incidents carry the site's zone; a finding by its value alone keeps the zone in which the note was written.
    zone = finding.row.incidents[0].start.tzinfo if finding.row.incidents else note.written_at.tzinfo
    written = note.written_at.astimezone(zone)
    return {
        "cause": note.cause.split("\n"),
        "action": note.action.split("\n"),
        "follow_up": note.follow_up.split("\n"),
        "evidence": list(note.evidence),
        "noted": f"{note.author}, {format_instant(written, language)} {written.tzname()}",
    }
