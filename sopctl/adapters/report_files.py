"""The report's three files: PDF/A-3b with the data attached, JSON, CSV.

Owns typst and the writing. What the files say is `sopctl.report`'s. The same content gives the same
bytes: the timestamp is the report's date, fonts are typst's own, the data comes in as a file.
"""

import json
import os
import tempfile
from collections.abc import Mapping
from datetime import UTC, date, datetime, time
from importlib import resources
from pathlib import Path
from typing import Any, Literal

import typst

from dcnet.catalogue import Catalogue
from dcnet.language import Language, Words
from dcnet.os_errors import reason_of
from sopctl.errors import SopctlError
from sopctl.model import ReportContent
from sopctl.report.checklist_csv import checklist_to_csv
from sopctl.report.document import build_document
from sopctl.report.report_json import report_to_json
from sopctl.settings import Settings

NAMES = ("report.pdf", "report.json", "report.csv")
TEMPLATE = "report.typ"
STANDARD: Literal["a-3b"] = "a-3b"


class ReportError(SopctlError):
    """The report's files cannot be made."""


def write_report(
    content: ReportContent, settings: Settings, catalogue: Catalogue, language: Language, folder: Path
) -> tuple[Path, Path, Path]:
    """Write `report.pdf`, `report.json` and `report.csv` into `folder` and give their paths.

    Each appears whole or not at all; a file of that name is replaced. Raises ReportError.
    """
    data = report_to_json(content, catalogue).encode()
    table = checklist_to_csv(content.checklist, catalogue, language)
    document = build_document(content, settings, catalogue, language)
    pdf = render_pdf(document, content.issued_on, data, table)
    try:
        folder.mkdir(parents=True, exist_ok=True)
        paths = [folder / name for name in NAMES]
        for path, body in zip(paths, (pdf, data, table), strict=True):
            _write_whole(path, body)
    except OSError as error:
        why = reason_of(error)
        raise ReportError(
            Words(
                f"{folder}: laporan tidak dapat ditulis: {why.id}; pilih folder lain atau perbaiki izinnya",
                f"{folder}: the report cannot be written: {why.en}; choose another folder or its permissions",
            )
        ) from error
    return paths[0], paths[1], paths[2]


def render_pdf(document: Mapping[str, Any], issued_on: date, data: bytes, table: bytes) -> bytes:
    """`document` (of `build_document`) as PDF/A-3b, with `data` (JSON) and `table` (CSV) attached.

    Raises ReportError.
    """
    midnight = datetime.combine(issued_on, time(), tzinfo=UTC)
    with tempfile.TemporaryDirectory(prefix="sopctl-report-") as name:
        folder = Path(name)
        template = resources.files("sopctl.report").joinpath(TEMPLATE)
        (folder / TEMPLATE).write_bytes(template.read_bytes())
        (folder / "data.json").write_text(json.dumps(document, ensure_ascii=False), encoding="utf-8")
        (folder / NAMES[1]).write_bytes(data)
        (folder / NAMES[2]).write_bytes(table)
        try:
            return typst.compile(
                str(folder / TEMPLATE),
                root=str(folder),
                format="pdf",
                ignore_system_fonts=True,
                pdf_standards=STANDARD,
                timestamp=midnight,
            )
        except typst.TypstError as error:
            raise ReportError(
                Words(
                    f"halaman laporan tidak dapat dibuat: {error.message}; laporkan bersama berkas report.json",
                    f"the report's pages cannot be set: {error.message}; report this together with report.json",
                )
            ) from error


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
