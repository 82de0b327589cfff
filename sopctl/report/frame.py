"""What every document has on its pages: letterhead, title, number, running head and foot, the QR code's words.

Owns the frame only, as plain strings for the pages of `sopctl.report.pages`. Pure.
"""

from dataclasses import dataclass
from datetime import date
from typing import Any

from dcnet.language import Language, Words
from sopctl.evidence import SignatureKind
from sopctl.model import Period
from sopctl.report import labels
from sopctl.report.figures import format_day, format_month
from sopctl.report.printable import make_printable
from sopctl.report.signature_words import authenticity_text
from sopctl.settings import Settings


@dataclass(frozen=True, slots=True)
class Frame:
    """What is told of a document on all its pages."""

    title: Words
    number: str
    period: Period
    issued_on: date
    chain_head: str
    """Hash of the ledger's last event before this document."""

    signatures: SignatureKind
    draft: bool = False
    revision: int = 1
    attaches: bool = True
    """Whether data files travel inside the document."""


def framed(frame: Frame, content: dict[str, Any], settings: Settings, language: Language) -> dict[str, Any]:
    """The whole document: its frame and its `content`, every text fit for the page."""
    head = settings.letterhead
    month = format_month(frame.period.start.date(), language)
    title = frame.title.in_language(language)
    words = {name: one.in_language(language) for name, one in labels.LABELS.items()}
    document: dict[str, Any] = {
        "language": language.value,
        "draft": frame.draft,
        "words": words,
        "letterhead": [head.ministry, head.directorate, head.secretariat, head.division, head.subdivision],
        "address": head.address,
        "place_and_date": f"{head.city}, {format_day(frame.issued_on, language)}",
        "title": title,
        "subtitle": words["subtitle"],
        "document_title": f"{title} – {month}",
        "running": f"{title} – {words['month']} {month}",
        "month": month,
        "number": frame.number,
        "revision": str(frame.revision) if frame.revision > 1 else "",
        "chain_head": frame.chain_head,
        "qr": f"{frame.number}\n{frame.period.name}\nsha256:{frame.chain_head}",
        "author": head.subdivision,
        "authenticity": authenticity_text(frame.signatures, attaches=frame.attaches).in_language(language),
        **content,
    }
    printable: dict[str, Any] = _printable(document)
    return printable


def _printable(value: Any) -> Any:
    if isinstance(value, str):
        return make_printable(value)
    if isinstance(value, dict):
        return {key: _printable(item) for key, item in value.items()}
    return [_printable(item) for item in value] if isinstance(value, list) else value
