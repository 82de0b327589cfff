"""Documents set by typst as PDF/A-3b, with the fonts of this distribution, and where their signature boxes stand.

Owns typst. What the pages say is `sopctl.report`'s. The same document gives the same bytes: its time is given, fonts
come from `sopctl/report/fonts` alone, data comes in as a file.
"""

import json
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from importlib import resources
from pathlib import Path
from typing import Any, Literal

import typst

from dcnet.language import Words
from sopctl.errors import SopctlError
from sopctl.report.qr import qr_svg

STANDARD: Literal["a-3b"] = "a-3b"
POINTS_A_PAGE_HEIGHT = {False: 841.89, True: 595.276}
"""Height of an A4 page in points, upright and flipped: typst measures from the top, PDF from the bottom."""


class Template(StrEnum):
    """A document's page; the value is its file in `sopctl/report/pages`."""

    LAPORAN = "laporan.typ"
    CHECKLIST = "checklist.typ"
    DISPOSITION = "disposition.typ"
    STAMP = "stamp.typ"


class TypesettingError(SopctlError):
    """The pages cannot be set."""


@dataclass(frozen=True, slots=True)
class FieldPlace:
    """A signature box on a page; points, from the page's upper left corner."""

    name: str
    page: int
    """1 for the first."""

    x: float
    y: float
    width: float
    height: float


@dataclass(frozen=True, slots=True)
class SetDocument:
    """A document as typst gives it: no form fields yet."""

    pdf: bytes
    fields: tuple[FieldPlace, ...]


def set_document(
    template: Template, document: Mapping[str, Any], at: datetime, files: Mapping[str, bytes] | None = None
) -> SetDocument:
    """`document` on the pages of `template`; `files` are what it attaches or shows. Raises TypesettingError."""
    with tempfile.TemporaryDirectory(prefix="sopctl-pages-") as name:
        folder = Path(name)
        for page in resources.files("sopctl.report").joinpath("pages").iterdir():
            (folder / page.name).write_bytes(page.read_bytes())
        (folder / "data.json").write_text(json.dumps(document, ensure_ascii=False), encoding="utf-8")
        if "qr" in document:
            (folder / "qr.svg").write_bytes(qr_svg(document["qr"]))
        for file, content in (files or {}).items():
            (folder / file).write_bytes(content)
        with resources.as_file(resources.files("sopctl.report").joinpath("fonts")) as fonts:
            own = typst.Fonts(include_system_fonts=False, include_embedded_fonts=False, font_paths=[str(fonts)])
            try:
                compiler = typst.Compiler(str(folder / template.value), root=str(folder), font_paths=own)
                pdf = compiler.compile(format="pdf", pdf_standards=STANDARD, timestamp=at)
                places = json.loads(compiler.query("<signature-field>", field="value"))
            except typst.TypstError as error:
                raise TypesettingError(
                    Words(
                        f"{template.value}: halaman tidak dapat dibuat: {error.message}; beri tahu pengelola sopctl",
                        f"{template.value}: the pages cannot be set: {error.message}; tell whoever maintains sopctl",
                    )
                ) from error
    if not isinstance(pdf, bytes):
        raise TypeError("typst gives a PDF as bytes")
    return SetDocument(pdf, tuple(FieldPlace(**place) for place in places))
