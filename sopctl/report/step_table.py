"""The seven steps as they were carried out, and who stands under the report.

Pure.
"""

from collections.abc import Sequence

from dcnet.language import Language
from sopctl.model import Position, StepRecord
from sopctl.report import wording
from sopctl.report.figures import ABSENT, format_instant, format_minutes
from sopctl.report.sop_text import ACTIVITIES
from sopctl.settings import Settings

SHOWN_HASH_DIGITS = 12

SIGNERS = ((Position.STAF, 4, "made_by"), (Position.KASUBAG, 5, "checked_by"), (Position.KABAG, 6, "forwarded_by"))
APPROVER = (Position.SDM, 7, "approved_by")


def step_rows(steps: Sequence[StepRecord], settings: Settings, language: Language) -> list[dict[str, str]]:
    """A line for each step: standard time, actual time, or that it has not been carried out."""
    rows = []
    before: StepRecord | None = None
    for step in steps:
        done = step.done_at is not None
        rows.append(
            {
                "number": f"{step.number}.",
                "activity": ACTIVITIES[step.number].in_language(language),
                "actor": settings.positions.of(step.position),
                "official": step.official.name if step.official is not None else "",
                "standard": _standard(step.standard_minutes, language),
                "actual": _actual(before, step, language),
                "done": str(done).lower(),
                "done_at": _done_at(step, settings, language),
                "record": step.event_hash[:SHOWN_HASH_DIGITS] if step.event_hash is not None else ABSENT,
            }
        )
        before = step
    return rows


def signature_blocks(steps: Sequence[StepRecord], settings: Settings, language: Language) -> list[dict[str, str]]:
    """Who compiled, examined, reported and approved, each under the printed title; the approver stands last."""
    by_number = {step.number: step for step in steps}
    blocks = []
    for position, number, label in (*SIGNERS, APPROVER):
        step = by_number.get(number)
        official = step.official if step is not None else None
        blocks.append(
            {
                "label": wording.LABELS[label].in_language(language),
                "title": settings.positions.of(position),
                "name": official.name if official is not None else "",
                "nip": f"NIP {official.nip}" if official is not None and official.nip else "",
                "recorded": _done_at(step, settings, language) if official is not None and step is not None else "",
                "record": (step.event_hash or "")[:SHOWN_HASH_DIGITS] if step is not None else "",
            }
        )
    return blocks


def _standard(minutes: int | None, language: Language) -> str:
    if minutes is None:
        return "1\u00a0bulan" if language is Language.INDONESIAN else "1\u00a0month"
    return format_minutes(minutes, language)


def _actual(before: StepRecord | None, step: StepRecord, language: Language) -> str:
    """Time since the step before; the first has none, and a step repeated out of order has none that means anything."""
    if step.done_at is None or before is None or before.done_at is None or step.done_at < before.done_at:
        return ABSENT
    minutes = (step.done_at - before.done_at).total_seconds() / 60
    if 0 < minutes < 1:
        return "< " + format_minutes(1, language)
    return format_minutes(round(minutes), language)


def _done_at(step: StepRecord, settings: Settings, language: Language) -> str:
    if step.done_at is None:
        return wording.LABELS["not_done"].in_language(language)
    local = step.done_at.astimezone(settings.zone)
    return f"{format_instant(local, language)} {local.tzname()}"
