"""The seven steps as they were carried out, and who stands under the report.

Pure.
"""

from collections.abc import Sequence

from dcnet.language import Language
from sopctl.evidence import ReportContent, SignatureKind
from sopctl.model import Position, StepRecord
from sopctl.report import labels
from sopctl.report.figures import ABSENT, format_instant, format_minutes
from sopctl.report.sop_text import ACTIVITIES
from sopctl.settings import Settings

SHOWN_HASH_DIGITS = 12
WORK_STEP = 4

SIGNERS = ((Position.STAF, 4, "made_by"), (Position.KASUBAG, 5, "checked_by"), (Position.KABAG, 6, "forwarded_by"))
APPROVER = (Position.SDM, 7, "approved_by")


def step_rows(
    steps: Sequence[StepRecord], settings: Settings, language: Language, *, awaited: bool = False
) -> list[dict[str, str]]:
    """A line for each step: standard time, actual time, or that it has not been carried out.

    `awaited`: the document waits for the signatures of the steps to come, which then tell of them.
    """
    rows = []
    before: StepRecord | None = None
    for step in steps:
        done = step.done_at is not None
        rows.append(
            {
                "number": f"{step.number}.",
                "activity": ACTIVITIES[step.number].in_language(language),
                "actor": title_of(step, settings),
                "official": step.official.name if step.official is not None else "",
                "standard": standard_time(step.standard_minutes, language),
                "actual": actual_time(before, step, language),
                "done": str(done).lower(),
                "done_at": _done_at(step, settings, language, awaited=awaited),
                "record": step.event_hash[:SHOWN_HASH_DIGITS] if step.event_hash is not None else ABSENT,
            }
        )
        before = step
    return rows


def signature_blocks(content: ReportContent, settings: Settings, language: Language) -> list[dict[str, str]]:
    """Who compiled, examined, reported and approved, each under the printed title; the approver stands last."""
    by_number = {step.number: step for step in content.steps}
    signed = content.signatures is not SignatureKind.NONE
    return [
        signature_block(
            by_number[number],
            label,
            settings,
            language,
            field=position.value if signed and number > WORK_STEP else "",
            how="signed_elsewhere" if signed else "recorded",
        )
        for position, number, label in (*SIGNERS, APPROVER)
    ]


def signature_block(
    step: StepRecord, label: str, settings: Settings, language: Language, *, field: str, how: str = "recorded"
) -> dict[str, str]:
    """One box: to be filled by a signature named `field`, or telling what the ledger recorded."""
    official = step.official
    return {
        "label": labels.LABELS[label].in_language(language),
        "title": title_of(step, settings),
        "field": field,
        "how": labels.LABELS["on_paper" if step.on_paper else how].in_language(language),
        "name": official.name if official is not None else "",
        "nip": f"NIP {official.nip}" if official is not None and official.nip else "",
        "recorded": _done_at(step, settings, language) if official is not None else "",
        "record": (step.event_hash or "")[:SHOWN_HASH_DIGITS],
    }


def title_of(step: StepRecord, settings: Settings) -> str:
    """The position's printed title, with the capacity of whoever took the step."""
    title = settings.positions.of(step.position)
    return title if step.official is None else labels.acting_title(title, step.official.capacity)


def standard_time(minutes: int | None, language: Language) -> str:
    """The SOP's standard time in words; None: one month."""
    if minutes is None:
        return "1\u00a0bulan" if language is Language.INDONESIAN else "1\u00a0month"
    return format_minutes(minutes, language)


def actual_time(before: StepRecord | None, step: StepRecord, language: Language) -> str:
    """Time since the step before; the first has none, and a step repeated out of order has none that means anything."""
    if step.done_at is None or before is None or before.done_at is None or step.done_at < before.done_at:
        return ABSENT
    minutes = (step.done_at - before.done_at).total_seconds() / 60
    if 0 < minutes < 1:
        return "< " + format_minutes(1, language)
    return format_minutes(round(minutes), language)


def _done_at(step: StepRecord, settings: Settings, language: Language, *, awaited: bool = False) -> str:
    if step.done_at is None:
        return labels.LABELS["on_signature" if awaited else "not_done"].in_language(language)
    local = step.done_at.astimezone(settings.zone)
    return f"{format_instant(local, language)} {local.tzname()}"
