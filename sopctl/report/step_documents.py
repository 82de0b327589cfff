"""What the papers beside the Laporan say: Lembar Disposisi, Data Check List, Lembar Pengesahan, for their pages.

Pure.
"""

from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from dcnet.catalogue import Catalogue
from dcnet.language import Language
from sopctl.evidence import Checklist, SignatureKind
from sopctl.model import Note, Position, StepRecord
from sopctl.report import labels, wording
from sopctl.report.checklist_table import checklist_groups, summary_of
from sopctl.report.figures import format_day, format_instant, format_month
from sopctl.report.frame import Frame, framed
from sopctl.report.sop_text import ACTIVITIES, LEGAL_BASES, SOP_NAME, SOP_NUMBER
from sopctl.report.step_table import signature_block, standard_time, step_rows, title_of
from sopctl.settings import Settings

RECEIVERS: dict[int, Position] = {1: Position.KABAG, 2: Position.KASUBAG, 3: Position.STAF}
"""Whom each disposition charges."""


@dataclass(frozen=True, slots=True)
class DispositionContent:
    """All that a Lembar Disposisi says."""

    frame: Frame
    step: StepRecord
    """The step of its giver."""

    instruction: str
    standard_minutes: int | None
    """Of the receiver's own step; None: one month."""

    due: datetime | None
    """Until when that step is due; None: not computed."""


@dataclass(frozen=True, slots=True)
class ApprovalContent:
    """All that a Lembar Pengesahan says."""

    frame: Frame
    steps: tuple[StepRecord, ...]
    """All seven, the last just taken."""

    laporan_number: str
    laporan_sha256: str
    """Of the Laporan with its three signatures."""


@dataclass(frozen=True, slots=True)
class ChecklistContent:
    """All that the Data Check List says."""

    frame: Frame
    step: StepRecord
    checklist: Checklist
    notes: dict[str, Note]


def build_disposition(content: DispositionContent, settings: Settings, language: Language) -> dict[str, Any]:
    """The sheet of a step from 1 to 3."""
    step = content.step
    month = format_month(content.frame.period.start.date(), language)
    frame = replace(content.frame, title=labels.LABELS["disposition_title"], attaches=False)
    receiver = settings.positions.of(RECEIVERS[step.number])
    rows = [
        ("date", format_day(frame.issued_on, language)),
        ("from", _named(step, settings)),
        ("to", receiver),
        ("subject", wording.disposition_subject(month).in_language(language)),
        (
            "step_of_sop",
            f"{step.number} – {ACTIVITIES[step.number].in_language(language)} (SOP {SOP_NUMBER}, {SOP_NAME})",
        ),
        ("receivers_time", standard_time(content.standard_minutes, language)),
    ]
    if content.due is not None:
        rows.append(("due", f"{format_instant(content.due, language)} {content.due.tzname()}"))
    document = {
        "rows": [{"label": labels.LABELS[name].in_language(language), "value": value} for name, value in rows],
        "instruction": content.instruction.split("\n") if content.instruction else [],
        "bases": list(LEGAL_BASES),
        "signature": _signature(step, "given_by", frame, settings, language),
    }
    return framed(frame, document, settings, language)


def build_approval(content: ApprovalContent, settings: Settings, language: Language) -> dict[str, Any]:
    """The sheet that ends a cycle: all seven steps with their real times, and the report that was approved."""
    frame = replace(content.frame, title=labels.LABELS["approval_title"], attaches=False)
    month = format_month(frame.period.start.date(), language)
    rows = (
        ("approved_report", content.laporan_number),
        ("approved_file", content.laporan_sha256),
        ("returns", wording.returns_text(frame.revision - 1).in_language(language)),
    )
    document = {
        "general": wording.approval_text(content.laporan_number, month).in_language(language),
        "rows": [{"label": labels.LABELS[name].in_language(language), "value": value} for name, value in rows],
        "steps": step_rows(content.steps, settings, language),
        "steps_note": wording.actual_time_note(awaited=False).in_language(language),
        "signature": _signature(content.steps[-1], "approved_by", frame, settings, language),
    }
    return framed(frame, document, settings, language)


def build_checklist(
    content: ChecklistContent, settings: Settings, catalogue: Catalogue, language: Language
) -> dict[str, Any]:
    """The Data Check List Kinerja Sistem that Staf hands over."""
    frame = replace(content.frame, title=labels.LABELS["checklist_title"])
    indicators = catalogue.by_id()
    month = format_month(frame.period.start.date(), language)
    document = {
        "general": wording.checklist_general_text(month).in_language(language),
        **summary_of(content.checklist, language),
        "checklist": checklist_groups(content.checklist, catalogue, language),
        "work": [
            {
                "id": finding.id,
                "object": finding.row.object,
                "indicator": indicators[finding.row.indicator].title.in_language(language),
                "cause": note.cause.split("\n"),
                "action": note.action.split("\n"),
                "follow_up": note.follow_up.split("\n"),
            }
            for finding in content.checklist.findings
            for note in [content.notes.get(finding.id)]
            if note is not None
        ],
        "signature": _signature(content.step, "made_by", frame, settings, language),
    }
    return framed(frame, document, settings, language)


def _named(step: StepRecord, settings: Settings) -> str:
    title = title_of(step, settings)
    return title if step.official is None else f"{title} ({step.official.name})"


def _signature(step: StepRecord, label: str, frame: Frame, settings: Settings, language: Language) -> dict[str, str]:
    field = "" if frame.signatures is SignatureKind.NONE else step.position.value
    return signature_block(step, label, settings, language, field=field)
