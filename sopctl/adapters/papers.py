"""The papers of the SOP's steps: dispositions, Data Check List, Laporan, Lembar Pengesahan; set, signed and kept.

Owns which paper a step makes, who signs it, and what its event says of it. It must not decide whether a step is
allowed. A paper is signed by the official who takes the step; the Laporan of step 5 is signed on by steps 6 and 7, so
that each version is the beginning of the next.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime

from dcnet.catalogue import Catalogue
from sopctl.adapters.panels import kept_panels
from sopctl.adapters.pdf_fields import with_fields
from sopctl.adapters.pdf_signing import DocumentSigner, FieldSignature
from sopctl.adapters.report_files import midnight_of, set_report
from sopctl.adapters.typesetting import Template, set_document, set_stamp
from sopctl.chain.cycle import Cycle, advance, opened_by
from sopctl.chain.event import Draft, EventKind, Payload, seal
from sopctl.checklist.month_window import parse_month
from sopctl.checklist.serialise import checklist_from_json, checklist_to_json
from sopctl.evidence import SignatureKind
from sopctl.model import StepRecord
from sopctl.report.checklist_csv import checklist_to_csv
from sopctl.report.frame import Frame
from sopctl.report.labels import LABELS
from sopctl.report.sop_text import ACTIVITIES
from sopctl.report.stamp import StampContent, build_stamp
from sopctl.report.step_documents import (
    ApprovalContent,
    ChecklistContent,
    DispositionContent,
    build_approval,
    build_checklist,
    build_disposition,
)
from sopctl.settings import Settings
from sopctl.workflow.paper_trail import APPROVAL, CHECKLIST, LAPORAN, WITH_PAPER, disposition_name, latest_laporan
from sopctl.workflow.ports import FileStore
from sopctl.workflow.report_content import report_content, report_number


@dataclass(frozen=True, slots=True)
class PaperDesk:
    """What papers are made with, and who signs them."""

    settings: Settings
    catalogue: Catalogue
    files: FileStore
    signer: DocumentSigner
    kind: SignatureKind
    issued_by_bsre: bool
    """Whether the signer's certificate is BSrE's."""

    due_of: Callable[[Cycle], datetime | None]
    """Until when a cycle's turn should be taken."""


def make_paper(desk: PaperDesk, cycle: Cycle | None, draft: Draft, newest: str) -> Payload:
    """Set, sign and keep the paper of the step that `draft` takes; gives what its event says of it.

    `draft` holds its whole payload but the papers; `newest` is the hash of the event that it will continue. Empty for
    what makes no paper. Raises SigningFailed, TypesettingError or StoreError.
    """
    if draft.kind not in WITH_PAPER:
        return {}
    # As if it were recorded: the paper tells the step as taken. Its own hash cannot be in what it will hash.
    step_event = seal(draft, cycle.version + 1 if cycle else 1, newest)
    taken = advance(cycle, step_event) if cycle else opened_by(step_event)
    steps = tuple(
        replace(step, event_hash=None) if step.event_hash == step_event.hash else step for step in taken.step_records()
    )
    match draft.kind:
        case EventKind.OPENED | EventKind.ASSIGNED:
            step = steps[(taken.next_step or 2) - 2]
            sheet = _disposition(desk, taken, steps, step, newest)
            return _kept(desk, disposition_name(step.number), sheet, steps, step)
        case EventKind.SUBMITTED:
            return _kept(desk, CHECKLIST, _checklist(desk, taken, steps[3], newest), steps, steps[3])
        case EventKind.CHECKED:
            return _kept(desk, LAPORAN, _laporan(desk, taken, steps, newest), steps, steps[4])
        case EventKind.FORWARDED | EventKind.APPROVED:
            before = latest_laporan(cycle) if cycle else None
            if before is None:
                return {}
            step = steps[5 if draft.kind is EventKind.FORWARDED else 6]
            signed = _kept(desk, LAPORAN, desk.files.read(before.sha256), steps, step)
            if draft.kind is EventKind.FORWARDED:
                return signed
            approval = _kept(desk, APPROVAL, _approval(desk, taken, steps, signed, newest), steps, step)
            return {"documents": [*signed["documents"], *approval["documents"]]}
    raise ValueError(draft.kind)


def _kept(desk: PaperDesk, name: str, pdf: bytes, steps: tuple[StepRecord, ...], step: StepRecord) -> Payload:
    """Sign `pdf` as the official of `step` and keep it."""
    if step.official is None or step.done_at is None:
        raise ValueError("a paper is of a step that was taken")
    language = desk.settings.language
    before = steps[step.number - 2] if step.number > 1 else None
    stamp = set_stamp(
        build_stamp(StampContent(step, before, desk.issued_by_bsre), desk.settings, language),
        midnight_of(step.done_at.date()),
    )
    signed = desk.signer.sign(
        pdf,
        FieldSignature(
            field=step.position.value,
            stamp=stamp.pdf,
            picture=stamp.png,
            name=step.official.name,
            reason=f"SOP {step.number}: {ACTIVITIES[step.number].in_language(language)}",
            location=desk.settings.letterhead.city,
        ),
    )
    sha256 = desk.files.put(signed)
    return {"documents": [{"name": name, "sha256": sha256, "size_bytes": len(signed)}]}


def _frame(desk: PaperDesk, cycle: Cycle, number: str, newest: str, step: StepRecord) -> Frame:
    zone = desk.settings.zone
    taken_at = step.done_at or cycle.since
    return Frame(
        title=LABELS["title"],
        number=number,
        period=parse_month(cycle.name, zone),
        issued_on=taken_at.astimezone(zone).date(),
        chain_head=newest,
        signatures=desk.kind,
        revision=cycle.revision,
    )


def _disposition(desk: PaperDesk, cycle: Cycle, steps: tuple[StepRecord, ...], step: StepRecord, newest: str) -> bytes:
    settings = desk.settings
    number = f"{report_number(cycle, settings.letterhead.number_format)}/D{step.number}"
    frame = _frame(desk, cycle, number, newest, step)
    due = desk.due_of(cycle)
    instruction = str(cycle.done[step.number].payload.get("instruction", ""))
    until = due.astimezone(settings.zone) if due else None
    content = DispositionContent(frame, step, instruction, steps[step.number].standard_minutes, until)
    document = build_disposition(content, settings, settings.language)
    return with_fields(set_document(Template.DISPOSITION, document, midnight_of(frame.issued_on)))


def _checklist(desk: PaperDesk, cycle: Cycle, step: StepRecord, newest: str) -> bytes:
    settings, language = desk.settings, desk.settings.language
    checklist = checklist_from_json(desk.files.read(cycle.done[step.number].payload["checklist"]).decode())
    number = f"{report_number(cycle, settings.letterhead.number_format)}/DCL"
    frame = _frame(desk, cycle, number, newest, step)
    content = ChecklistContent(frame, step, checklist, cycle.notes_by_finding())
    document = build_checklist(content, settings, desk.catalogue, language)
    files = {
        "checklist.json": checklist_to_json(checklist).encode(),
        "checklist.csv": checklist_to_csv(checklist, desk.catalogue, language),
    }
    return with_fields(set_document(Template.CHECKLIST, document, midnight_of(frame.issued_on), files))


def _approval(desk: PaperDesk, cycle: Cycle, steps: tuple[StepRecord, ...], signed: Payload, newest: str) -> bytes:
    number = report_number(cycle, desk.settings.letterhead.number_format)
    frame = _frame(desk, cycle, f"{number}/P", newest, steps[6])
    content = ApprovalContent(frame, steps, number, signed["documents"][0]["sha256"])
    document = build_approval(content, desk.settings, desk.settings.language)
    return with_fields(set_document(Template.APPROVAL, document, midnight_of(frame.issued_on)))


def _laporan(desk: PaperDesk, cycle: Cycle, steps: tuple[StepRecord, ...], newest: str) -> bytes:
    settings = desk.settings
    pulled = cycle.checklist
    if pulled is None:
        raise ValueError("nothing is examined before it was pulled")
    checklist = checklist_from_json(desk.files.read(pulled.file).decode())
    content = replace(
        report_content(cycle, checklist, settings.letterhead.number_format, settings.zone),
        steps=steps,
        chain_head=newest,
        panels=kept_panels(desk.files, cycle.done[steps[4].number].payload.get("panels", ())),
        signatures=desk.kind,
    )
    return with_fields(set_report(content, settings, desk.catalogue, settings.language).document)
