"""What a signature's stamp says: who, in which position, when, how long the step took, what the certificate is worth.

Pure.
"""

from dataclasses import dataclass
from typing import Any

from dcnet.language import Language
from sopctl.model import StepRecord
from sopctl.report import labels
from sopctl.report.figures import format_instant
from sopctl.report.printable import make_printable
from sopctl.report.signature_words import certificate_text, stamp_duration
from sopctl.report.step_table import actual_time, standard_time, title_of
from sopctl.settings import Settings


@dataclass(frozen=True, slots=True)
class StampContent:
    """The step that a signature ends, and the one before it."""

    step: StepRecord
    """With its official and the time of signing."""

    before: StepRecord | None
    issued_by_bsre: bool


def build_stamp(content: StampContent, settings: Settings, language: Language) -> dict[str, Any]:
    """The words in a signature's box."""
    step = content.step
    if step.official is None or step.done_at is None:
        raise ValueError("a stamp is of a step that was taken")
    local = step.done_at.astimezone(settings.zone)
    duration = ""
    if content.before is not None:
        took = actual_time(content.before, step, language)
        duration = stamp_duration(step.number, took, standard_time(step.standard_minutes, language)).in_language(
            language
        )
    words = {
        "signed": labels.LABELS["signed"].in_language(language),
        "position": title_of(step, settings),
        "name": step.official.name,
        "nip": f"NIP {step.official.nip}" if step.official.nip else "",
        "time": f"{format_instant(local, language)} {local.tzname()}",
        "duration": duration,
        "certificate": certificate_text(content.issued_by_bsre).in_language(language),
    }
    return {"language": language.value, **{name: make_printable(text) for name, text in words.items()}}
