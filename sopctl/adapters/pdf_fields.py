"""Signature boxes of a set document made into the form fields that signatures fill.

Owns how a document of typst becomes one that can be signed. The same document gives the same bytes; whatever is signed
later is appended behind them.
"""

import hashlib
from io import BytesIO
from typing import Any

from pyhanko.pdf_utils import generic
from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter
from pyhanko.pdf_utils.reader import PdfFileReader
from pyhanko.sign.fields import SigFieldSpec, append_signature_field

from sopctl.adapters.typesetting import SetDocument


class _RepeatableWriter(IncrementalPdfFileWriter):
    """Appends an update that depends on what it updates alone: no clock, no chance."""

    @classmethod
    def _handle_id(cls, prev: PdfFileReader) -> Any:
        first = prev.trailer["/ID"][0]
        second = hashlib.sha256(first.original_bytes).digest()[:16]
        return generic.ArrayObject([generic.ByteStringObject(first.original_bytes), generic.ByteStringObject(second)])

    def _update_meta(self) -> None:
        """The document keeps the dates that it was set with."""


def with_fields(document: SetDocument) -> bytes:
    """The PDF with an empty signature field for each of its boxes, named as they are; still PDF/A-3b."""
    # typst ends without a newline; the update's first object must not begin on the line of %%EOF (ISO 19005-3, 6.1.2).
    writer = _RepeatableWriter(BytesIO(document.pdf + b"\n"))
    for place in document.fields:
        page = writer.find_page_for_modification(place.page - 1)[0].get_object()  # type: ignore[no-untyped-call]
        top = float(page["/MediaBox"][3])
        box = (place.x, top - place.y - place.height, place.x + place.width, top - place.y)
        left, bottom, right, upper = (round(one) for one in box)
        append_signature_field(
            writer,
            SigFieldSpec(place.name, on_page=place.page - 1, box=(left, bottom, right, upper)),
        )
    out = BytesIO()
    writer.write(out)  # type: ignore[no-untyped-call]
    return out.getvalue()
