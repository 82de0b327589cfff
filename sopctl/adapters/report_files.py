"""The report's three files: PDF/A-3b with the data attached, JSON, CSV.

Owns which files there are and their writing. What they say is `sopctl.report`'s, how a page is set `typesetting`'s.
"""

import os
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, time
from pathlib import Path

from dcnet.catalogue import Catalogue
from dcnet.language import Language, Words
from dcnet.os_errors import reason_of
from sopctl.adapters.typesetting import SetDocument, Template, set_document
from sopctl.errors import SopctlError
from sopctl.evidence import ReportContent
from sopctl.report.checklist_csv import checklist_to_csv
from sopctl.report.document import build_document
from sopctl.report.report_json import report_to_json
from sopctl.settings import Settings

NAMES = ("report.pdf", "report.json", "report.csv")


class ReportError(SopctlError):
    """The report's files cannot be written."""


@dataclass(frozen=True, slots=True)
class SetReport:
    """A Laporan as set, with the data that it carries along."""

    document: SetDocument
    data: bytes
    table: bytes


def set_report(content: ReportContent, settings: Settings, catalogue: Catalogue, language: Language) -> SetReport:
    """The Laporan with its boxes still empty, its JSON and its CSV. Raises TypesettingError."""
    data = report_to_json(content, catalogue).encode()
    table = checklist_to_csv(content.checklist, catalogue, language)
    pictures = {f"panel-{index}.png": one.png for index, one in enumerate(content.panels) if one.png is not None}
    document = set_document(
        Template.LAPORAN,
        build_document(content, settings, catalogue, language),
        midnight_of(content.issued_on),
        {NAMES[1]: data, NAMES[2]: table, **pictures},
    )
    return SetReport(document, data, table)


def midnight_of(day: date) -> datetime:
    """The time that a document of `day` carries in its metadata: its content alone decides its bytes."""
    return datetime.combine(day, time(), tzinfo=UTC)


def write_report(
    content: ReportContent, settings: Settings, catalogue: Catalogue, language: Language, folder: Path
) -> tuple[Path, Path, Path]:
    """Write `report.pdf`, `report.json` and `report.csv` into `folder` and give their paths.

    Each appears whole or not at all; a file of that name is replaced. Raises ReportError or TypesettingError.
    """
    made = set_report(content, settings, catalogue, language)
    pdf, data, table = write_files(dict(zip(NAMES, (made.document.pdf, made.data, made.table), strict=True)), folder)
    return pdf, data, table


def write_files(files: Mapping[str, bytes], folder: Path) -> tuple[Path, ...]:
    """Write `files`, by name, into `folder`, each whole or not at all. Raises ReportError."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
        for name, body in files.items():
            _write_whole(folder / name, body)
    except OSError as error:
        why = reason_of(error)
        raise ReportError(
            Words(
                f"{folder}: laporan tidak dapat ditulis: {why.id}; pilih folder lain atau perbaiki izinnya",
                f"{folder}: the report cannot be written: {why.en}; choose another folder or its permissions",
            )
        ) from error
    return tuple(folder / name for name in files)


def _write_whole(path: Path, body: bytes) -> None:
    """Under a temporary name, to the disk, then under its own: a reader never sees half a file."""
    descriptor, temporary = tempfile.mkstemp(prefix=f".{path.name}.", dir=path.parent)
    try:
        with os.fdopen(descriptor, "wb") as file:
            file.write(body)
            file.flush()
            os.fsync(file.fileno())
            # mkstemp makes files for the owner alone; a report is as readable as the umask allows.
            os.fchmod(file.fileno(), 0o666 & ~_umask())
        Path(temporary).replace(path)
    except BaseException:
        Path(temporary).unlink(missing_ok=True)
        raise
    directory = os.open(path.parent, os.O_RDONLY)
    try:
        os.fsync(directory)
    finally:
        os.close(directory)


def _umask() -> int:
    current = os.umask(0o077)
    os.umask(current)
    return current
