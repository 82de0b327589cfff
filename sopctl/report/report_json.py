"""The report as JSON: every figure of the document, for machines.

Owns the shape and its version. Values are in the indicator's base unit; times carry their offset.
"""

import json
from typing import Any

from dcnet.catalogue import Catalogue, Indicator
from dcnet.language import Words
from sopctl.checklist.causes import likely_cause
from sopctl.evidence import ChecklistRow, Incident, LinkContract, ReportContent, SignatureKind
from sopctl.model import Note, StepRecord
from sopctl.report.sop_text import LEGAL_BASES, SOP_NUMBER

SCHEMA_VERSION = 1
"""Raised whenever a key changes its meaning or goes away; new keys may come without."""


def report_to_json(content: ReportContent, catalogue: Catalogue) -> str:
    """The whole report, keys in a fixed order, ending in a newline; equal content gives equal text."""
    checklist = content.checklist
    indicators = catalogue.by_id()
    document = {
        "schema_version": SCHEMA_VERSION,
        "sop": SOP_NUMBER,
        "number": content.number,
        "revision": content.revision,
        "period": {
            "name": content.period.name,
            "start": content.period.start.isoformat(),
            "end": content.period.end.isoformat(),
        },
        "issued_on": content.issued_on.isoformat(),
        # A document that waits for signatures is approved by them.
        "approved": content.approved if content.signatures is SignatureKind.NONE else None,
        "signatures": content.signatures.value,
        "chain_head": content.chain_head,
        "source": checklist.source,
        "pulled_at": checklist.pulled_at.astimezone(checklist.period.start.tzinfo).isoformat(),
        "warnings": list(checklist.warnings),
        "legal_bases": list(LEGAL_BASES),
        "objects": [
            {"name": one.name, "kind": one.kind.value, "site": one.site, "role": one.role, "parent": one.parent}
            for one in checklist.objects
        ],
        "findings": [
            {
                "id": finding.id,
                **_row(finding.row, indicators[finding.row.indicator]),
                "since": finding.since or None,
                "is_gone": finding.is_gone,
                "likely_cause": _words(likely_cause(finding)),
                "consequences": [
                    {"object": row.object, "indicator": row.indicator, "status": row.status.value}
                    for row in finding.consequences
                ],
                "note": _note(content.notes.get(finding.id)),
            }
            for finding in checklist.findings
        ],
        "checklist": [_row(row, indicators[row.indicator]) for row in checklist.rows],
        "planned_work": [
            {
                "object": work.object,
                "name": work.name,
                "start": work.start.isoformat(),
                "end": work.end.isoformat(),
            }
            for work in checklist.planned_work
        ],
        "contracts": [_contract(contract) for contract in checklist.contracts],
        "hourly_worst": [
            {"object": one.object, "indicator": one.indicator, "values": list(one.worst)} for one in checklist.series
        ],
        "panels": [
            {"name": one.name, "title": one.title, "link": one.link, "drawn": one.png is not None}
            for one in content.panels
        ],
        "conclusion": content.conclusion,
        "suggestion": content.suggestion,
        "steps": [_step(step) for step in content.steps],
    }
    return json.dumps(document, ensure_ascii=False, allow_nan=False, indent=2) + "\n"


def _row(row: ChecklistRow, indicator: Indicator) -> dict[str, Any]:
    return {
        "object": row.object,
        "device": row.device,
        "component": row.component.value,
        "indicator": row.indicator,
        "title": _words(Words(indicator.title.id, indicator.title.en)),
        "unit": indicator.unit.value,
        "direction": indicator.direction.value,
        "status": row.status.value,
        "value": row.value,
        "previous_value": row.previous_value,
        "limits": {"warning": row.warning_limit, "critical": row.critical_limit},
        "coverage": row.coverage,
        "degraded_minutes": row.degraded_minutes,
        "critical_minutes": row.critical_minutes,
        "planned_minutes": row.planned_minutes,
        "unknown_minutes": row.unknown_minutes,
        "incidents": [_incident(incident) for incident in row.incidents],
    }


def _incident(incident: Incident) -> dict[str, Any]:
    return {
        "start": incident.start.isoformat(),
        "end": incident.end.isoformat(),
        "severity": incident.severity.value,
        "planned": incident.planned,
        "stretches": incident.stretches,
        "pause_seconds": incident.pause_seconds,
    }


def _note(note: Note | None) -> dict[str, Any] | None:
    if note is None:
        return None
    return {
        "cause": note.cause,
        "action": note.action,
        "follow_up": note.follow_up,
        "evidence": list(note.evidence),
        "author": note.author,
        "written_at": note.written_at.isoformat(),
    }


def _contract(contract: LinkContract) -> dict[str, Any]:
    return {
        "link": contract.link,
        "provider": contract.provider,
        "availability": contract.availability,
        "latency_seconds": contract.latency_seconds,
        "loss": contract.loss,
    }


def _step(step: StepRecord) -> dict[str, Any]:
    official = step.official
    return {
        "number": step.number,
        "position": step.position.value,
        "official": None if official is None else {"id": official.id, "name": official.name, "nip": official.nip},
        "done_at": None if step.done_at is None else step.done_at.isoformat(),
        "event_hash": step.event_hash,
        "standard_minutes": step.standard_minutes,
    }


def _words(words: Words) -> dict[str, str]:
    return {"id": words.id, "en": words.en}
