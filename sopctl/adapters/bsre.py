"""BSrE's signing server: a document goes there whole and comes back signed with the key that BSrE keeps.

Owns the exchange `POST /api/v2/sign/pdf` of the esign client service: basic auth; JSON with `nik`, `passphrase`,
`signatureProperties` and `file` (base64); the answer's `file`, or `error` with `status_code`. The contract was taken
from programs that use it; no server of BSrE was there to try it on. The server makes a signature field of its own and
draws our stamp over the pre-placed box, which stays empty.
"""

import base64
import binascii
import io
from collections.abc import Sequence
from contextlib import suppress
from typing import Any

import requests
from cryptography import x509
from cryptography.exceptions import InvalidSignature
from pyhanko.pdf_utils.reader import PdfFileReader
from pyhanko.sign.fields import enumerate_sig_fields

from dcnet.errors import PublicError
from dcnet.language import Words
from sopctl.adapters.pdf_signing import FieldSignature, SigningFailed
from sopctl.adapters.web_service import excerpt_of, failure_of, open_session
from sopctl.settings import Settings
from sopctl.settings_officials import BsreIdentity, OfficialSettings
from sopctl.settings_services import BoxOrigin, BsreSettings

PATH = "/api/v2/sign/pdf"


class BsreSigner:
    """A DocumentSigner (see pdf_signing) with a key that BSrE keeps."""

    def __init__(self, settings: BsreSettings, identity: BsreIdentity) -> None:
        self._settings = settings
        self._identity = identity

    def sign(self, pdf: bytes, what: FieldSignature) -> bytes:
        """`pdf` with one signature more, its stamp over the box `what.field`. Raises SigningFailed."""
        return self._sign(pdf, self._visible(pdf, what))

    def sign_pdf(self, pdf: bytes) -> bytes:
        """`pdf` with one signature more that shows nothing. Raises SigningFailed."""
        return self._sign(pdf, {"tampilan": "INVISIBLE"})

    def _sign(self, pdf: bytes, properties: dict[str, Any]) -> bytes:
        answer = self._exchange(
            {
                "nik": self._identity.nik,
                "passphrase": self._passphrase(),
                "signatureProperties": [properties],
                "file": [base64.b64encode(pdf).decode()],
            }
        )
        try:
            (file,) = answer["file"]
            signed = base64.b64decode(file, validate=True)
        except (KeyError, TypeError, ValueError, binascii.Error) as error:
            raise self._failed(Words("jawabannya tanpa berkas", "its answer holds no file")) from error
        if not signed.startswith(pdf) or len(signed) == len(pdf):
            why = Words(
                "berkas yang kembali bukan lanjutan dokumen yang dikirim",
                "the file that came back does not continue the document that was sent",
            )
            raise self._failed(why)
        return signed

    def _exchange(self, body: dict[str, Any]) -> dict[str, Any]:
        settings = self._settings
        with open_session(settings.basic_auth, None, settings.ca_file) as session:
            try:
                response = session.post(
                    settings.url + PATH, json=body, timeout=settings.timeout_seconds, allow_redirects=False
                )
                answer = response.json()
            except (requests.RequestException, ValueError) as error:
                raise self._failed(failure_of(error)) from error
        if response.ok and isinstance(answer, dict) and "error" not in answer:
            return answer
        said = answer.get("error") or answer.get("message") if isinstance(answer, dict) else answer
        code = answer.get("status_code", response.status_code) if isinstance(answer, dict) else response.status_code
        told = excerpt_of(str(said)).replace(body["passphrase"], "***")
        raise self._failed(Words(f"menolak ({code}): {told}", f"refused ({code}): {told}"))

    def _visible(self, pdf: bytes, what: FieldSignature) -> dict[str, Any]:
        page, (left, bottom, right, top), height = _box_of(pdf, what.field)
        from_top = self._settings.origin is BoxOrigin.UPPER_LEFT
        return {
            "tampilan": "VISIBLE",
            "imageBase64": base64.b64encode(what.picture).decode(),
            "page": page,
            "originX": left,
            "originY": height - top if from_top else bottom,
            "width": right - left,
            "height": top - bottom,
            "location": what.location,
            "reason": what.reason,
        }

    def _passphrase(self) -> str:
        try:
            return self._identity.passphrase.reveal().get_secret_value()
        except PublicError as error:
            raise self._failed(error.words) from error

    def _failed(self, why: Words) -> SigningFailed:
        return SigningFailed(
            Words(
                f"BSrE ({self._settings.url}): {why.id}; tidak ada yang ditandatangani",
                f"BSrE ({self._settings.url}): {why.en}; nothing was signed",
            )
        )


def open_bsre(settings: Settings, official: OfficialSettings) -> BsreSigner:
    """The official's key at BSrE. Raises SigningFailed where sopctl.yml does not say how to reach it."""
    if settings.bsre is None or not isinstance(official.identity, BsreIdentity):
        raise SigningFailed(
            Words(
                f"kunci {official.id} berada di BSrE, tetapi sopctl.yml tidak memuat `bsre` (url, basic_auth)",
                f"the key of {official.id} is at BSrE, but sopctl.yml has no `bsre` (url, basic_auth)",
            )
        )
    return BsreSigner(settings.bsre, official.identity)


def is_bsre_certificate(certificate: bytes, authorities: Sequence[bytes]) -> bool:
    """Whether one of BSrE's `authorities` issued `certificate` (all DER); a name in a certificate proves nothing."""
    own = x509.load_der_x509_certificate(certificate)
    for authority in authorities:
        with suppress(ValueError, TypeError, InvalidSignature):
            own.verify_directly_issued_by(x509.load_der_x509_certificate(authority))
            return True
    return False


def _box_of(pdf: bytes, field: str) -> tuple[int, tuple[float, float, float, float], float]:
    """Page number (1 for the first), rectangle (left, bottom, right, top) and page height of a field, in points."""
    reader = PdfFileReader(io.BytesIO(pdf))
    for name, _value, reference in enumerate_sig_fields(reader):
        if name != field:
            continue
        widget = reference.get_object()
        left, bottom, right, top = (float(one) for one in widget["/Rect"])
        place = widget.raw_get("/P")
        for number in range(int(reader.root["/Pages"]["/Count"])):
            page = reader.find_page_for_modification(number)[0]  # type: ignore[no-untyped-call]
            if page.reference == place.reference:
                return number + 1, (left, bottom, right, top), float(page.get_object()["/MediaBox"][3])
    raise SigningFailed(Words(f"kotak {field} tidak ada", f"there is no box {field}"))
