"""Documents set by typst as PDF/A-3b, with the fonts of this distribution, and where their signature boxes stand.

Owns typst. What the pages say is `sopctl.report`'s. The same document gives the same bytes: its time is given, fonts
come from `sopctl/report/fonts` alone, data comes in as a file.
"""

import json
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
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
TAGS = False
"""Whoever checks a signature walks the whole tree of tags of every version: 500 pages would take minutes."""

FIELD_WIDTH, FIELD_HEIGHT = 204.09, 82.2
"""Of a signature box in points: 7.2 cm by 2.9 cm, as `pages/style.typ` draws it."""

STAMP_DOTS_AN_INCH = 200


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


@dataclass(frozen=True, slots=True)
class Stamp:
    """What a signature shows, of the size of its box."""

    pdf: bytes
    png: bytes


def set_document(
    template: Template, document: Mapping[str, Any], at: datetime, files: Mapping[str, bytes] | None = None
) -> SetDocument:
    """`document` on the pages of `template`; `files` are what it attaches or shows. Raises TypesettingError."""
    with _pages(template, document, files or {}) as compiler:
        pdf = compiler.compile(format="pdf", pdf_standards=STANDARD, timestamp=at, pdf_tags=TAGS)
        places = json.loads(compiler.query("<signature-field>", field="value"))
    return SetDocument(_whole(pdf), tuple(FieldPlace(**place) for place in places))


def set_stamp(document: Mapping[str, Any], at: datetime) -> Stamp:
    """The stamp of a box of FIELD_WIDTH by FIELD_HEIGHT. Raises TypesettingError."""
    sized = {**document, "width": FIELD_WIDTH, "height": FIELD_HEIGHT}
    with _pages(Template.STAMP, sized, {}) as compiler:
        pdf = compiler.compile(format="pdf", pdf_standards=STANDARD, timestamp=at, pdf_tags=TAGS)
        png = compiler.compile(format="png", ppi=STAMP_DOTS_AN_INCH)
    return Stamp(_whole(pdf), _whole(png))


@contextmanager
def _pages(template: Template, document: Mapping[str, Any], files: Mapping[str, bytes]) -> Iterator[typst.Compiler]:
    """A compiler over the template with its data beside it."""
    with tempfile.TemporaryDirectory(prefix="sopctl-pages-") as name:
        folder = Path(name)
        for page in resources.files("sopctl.report").joinpath("pages").iterdir():
            (folder / page.name).write_bytes(page.read_bytes())
        (folder / "data.json").write_text(json.dumps(document, ensure_ascii=False), encoding="utf-8")
        if "qr" in document:
            (folder / "qr.svg").write_bytes(qr_svg(document["qr"]))
        for file, content in files.items():
            (folder / file).write_bytes(content)
        with resources.as_file(resources.files("sopctl.report").joinpath("fonts")) as fonts:
            own = typst.Fonts(include_system_fonts=False, include_embedded_fonts=False, font_paths=[str(fonts)])
            try:
                yield typst.Compiler(str(folder / template.value), root=str(folder), font_paths=own)
            except typst.TypstError as error:
                raise TypesettingError(
                    Words(
                        f"{template.value}: halaman tidak dapat dibuat: {error.message}; beri tahu pengelola sopctl",
                        f"{template.value}: the pages cannot be set: {error.message}; tell whoever maintains sopctl",
                    )
                ) from error


def _whole(made: bytes | list[bytes] | None) -> bytes:
    if not isinstance(made, bytes):
        raise TypeError("typst gives a document as one piece")
    return made
