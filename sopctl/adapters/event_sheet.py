"""Event sheets: a one-page PDF that carries an event, for keys that sign nothing but PDF (BSrE).

Owns the sheet's making and its judgement. The signed sheet is the event's signature; its only attachment is the
event's canonical JSON, byte for byte.
"""

import io
from typing import Any

from pyhanko.pdf_utils import embed, generic
from pyhanko.pdf_utils.reader import PdfFileReader
from pyhanko.pdf_utils.writer import PageObject, PdfFileWriter
from pyhanko.sign.diff_analysis import DiffResult, ModificationLevel
from pyhanko.sign.validation.generic_cms import validate_sig_integrity
from pyhanko.sign.validation.pdf_embedded import EmbeddedPdfSignature
from pyhanko.sign.validation.status import SignatureCoverageLevel

from dcnet.language import Words
from sopctl.adapters.certificates import PinnedCertificates
from sopctl.chain.event import Event, body_of, sha256_of

SHEET_MARK = b"%PDF-"
ATTACHMENT = "event.json"
A4 = (0, 0, 595, 842)
LINE_POINTS = 14
TOP_POINTS = 780


def event_sheet(body: bytes) -> bytes:
    """An unsigned sheet of the event whose canonical JSON is `body`."""
    writer = PdfFileWriter()  # type: ignore[no-untyped-call]
    resources = _dictionary({"/Font": _dictionary({"/F1": _font()})})
    lines = (
        "Lembar kejadian / Event sheet",
        "SOP 12052/70/SOM/2016, sopctl",
        f"SHA-256 {sha256_of(body)}",
        f"Isi lengkap pada lampiran / full content in the attachment: {ATTACHMENT}",
    )
    shown = [f"1 0 0 1 60 {TOP_POINTS - LINE_POINTS * row} Tm ({line}) Tj" for row, line in enumerate(lines)]
    drawn = generic.StreamObject(stream_data=f"BT /F1 10 Tf {' '.join(shown)} ET".encode("ascii"))
    page = PageObject(contents=writer.add_object(drawn), media_box=A4, resources=resources)  # type: ignore[no-untyped-call]
    writer.insert_page(page)  # type: ignore[no-untyped-call]
    kept = embed.EmbeddedFileObject.from_file_data(writer, body, compress=False, mime_type="application/json")
    embed.embed_file(writer, embed.FileSpec(ATTACHMENT, file_name=ATTACHMENT, embedded_data=kept))
    made = io.BytesIO()
    writer.write(made)  # type: ignore[no-untyped-call]
    return made.getvalue()


def sheet_signature_problem(event: Event, signer: str, certificates: PinnedCertificates) -> Words | None:
    """What is wrong with the signed sheet that is the event's signature; None: it is `signer`'s, over this event."""
    try:
        reader = PdfFileReader(io.BytesIO(event.signature))
        (signature,) = reader.embedded_regular_signatures
        digest = signature.compute_digest()
        intact, valid = validate_sig_integrity(signature.signer_info, signature.signer_cert, "data", digest)
        untouched = _untouched(signature)
        said = _attachment(reader.get_historical_root(signature.signed_revision))
        certificate = signature.signer_cert.dump()
    except Exception as error:  # noqa: BLE001  # whatever a damaged PDF makes its parser raise
        kind = type(error).__name__
        return Words(f"lembar kejadian bertanda tangan rusak ({kind})", f"the signed event sheet is damaged ({kind})")
    if not (intact and valid and untouched):
        return Words(
            "lembar kejadian berubah setelah ditandatangani", "the event sheet was changed after it was signed"
        )
    if said != body_of(event):
        return Words(
            "lembar kejadian yang ditandatangani memuat kejadian lain", "the signed event sheet holds another event"
        )
    return certificates.problem(signer, certificate, event.time)


def _untouched(signature: EmbeddedPdfSignature) -> bool:
    """Whether nothing follows the signature but what proves it for the long term (DSS, document timestamps)."""
    signature.compute_integrity_info()  # type: ignore[no-untyped-call]
    if signature.coverage == SignatureCoverageLevel.ENTIRE_FILE:
        return True
    added = signature.diff_result
    return isinstance(added, DiffResult) and added.modification_level <= ModificationLevel.LTA_UPDATES


def _attachment(root: Any) -> bytes:
    names = root["/Names"]["/EmbeddedFiles"]["/Names"]
    (_name, specification) = (names[0], names[1])
    if len(names) != 2:  # noqa: PLR2004  # one pair of name and file
        raise ValueError("not one attachment")
    content: bytes = specification["/EF"]["/F"].data
    return content


def _font() -> generic.DictionaryObject:
    name = generic.NameObject
    return _dictionary({"/Type": name("/Font"), "/Subtype": name("/Type1"), "/BaseFont": name("/Helvetica")})


def _dictionary(entries: dict[str, Any]) -> generic.DictionaryObject:
    content = {generic.NameObject(name): value for name, value in entries.items()}
    return generic.DictionaryObject(content)  # type: ignore[no-untyped-call]
