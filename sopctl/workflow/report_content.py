"""What a report says, gathered from a cycle and its checklist.

Pure. Owns the report's number, its date and the document that `check` freezes.
"""

import json
from collections.abc import Mapping
from datetime import tzinfo
from typing import Any

from dcnet.language import Words
from sopctl.chain.cycle import Cycle
from sopctl.chain.event import canonical_json, time_as_text
from sopctl.dates import ROMAN_MONTHS
from sopctl.errors import StoreError
from sopctl.evidence import Checklist, ReportContent
from sopctl.model import Note


def report_number(cycle: Cycle, number_format: str) -> str:
    """The report's number: as `check` recorded it, else as `number_format` gives it."""
    if cycle.checked is not None:
        return str(cycle.checked.payload["number"])
    return number_format.format(
        sequence=cycle.number_in_year,
        month=cycle.period_start.month,
        month_roman=ROMAN_MONTHS[cycle.period_start.month - 1],
        year=cycle.period_start.year,
    )


def examined_document(cycle: Cycle, examined: Mapping[str, Any], form: Mapping[str, Any]) -> dict[str, Any]:
    """All that the Kasubag examines, as JSON: the content whose hash the Kabag and the Sekretaris refer to.

    `examined`: number, conclusion, suggestion and panels, as the event of the examination says them.
    `form`: the letterhead, titles, time zone and catalogue with which the report is written, whenever that is.
    """
    return {
        "checklist": cycle.checklist.file if cycle.checklist else None,
        "conclusion": examined["conclusion"],
        "cycle": cycle.name,
        "form": form,
        "notes": {finding: _note_as_json(note) for finding, note in cycle.notes_by_finding().items()},
        "number": examined["number"],
        "panels": examined["panels"],
        "revision": cycle.revision,
        "schema_version": 1,
        "suggestion": examined["suggestion"],
    }


def frozen_form(cycle: Cycle, document: bytes) -> dict[str, Any]:
    """The form that `check` froze, from its `document`. Raises StoreError where the ledger says something else now."""
    checked = cycle.checked.payload if cycle.checked else {}
    try:
        form: dict[str, Any] = json.loads(document)["form"]
        said = examined_document(cycle, checked, form)
        same = canonical_json(said) == document
    except (KeyError, TypeError, ValueError):
        same = False
    if not same:
        raise StoreError(
            Words(
                f"isi laporan siklus {cycle.name} tidak sama dengan yang dibekukan saat diperiksa; laporan tidak "
                "ditulis. Lihat `sopctl verify`, lalu pulihkan folder store dari cadangan.",
                f"the content of the report of cycle {cycle.name} is not what was frozen when it was examined; no "
                "report was written. See `sopctl verify`, then restore the folder of the store from a backup.",
            )
        )
    return form


def report_content(cycle: Cycle, checklist: Checklist, number_format: str, zone: tzinfo) -> ReportContent:
    """The report of `cycle` as it stands; its date is that of the cycle's latest move, in `zone`."""
    examined: Mapping[str, Any] = cycle.checked.payload if cycle.checked else {}
    return ReportContent(
        number=report_number(cycle, number_format),
        period=checklist.period,
        issued_on=cycle.since.astimezone(zone).date(),
        revision=cycle.revision,
        checklist=checklist,
        notes=cycle.notes_by_finding(),
        conclusion=examined.get("conclusion", ""),
        suggestion=examined.get("suggestion", ""),
        steps=cycle.step_records(),
        chain_head=cycle.head,
        approved=cycle.approved,
    )


def _note_as_json(note: Note) -> dict[str, Any]:
    return {
        "action": note.action,
        "author": note.author,
        "cause": note.cause,
        "evidence": list(note.evidence),
        "follow_up": note.follow_up,
        "written_at": time_as_text(note.written_at),
    }
