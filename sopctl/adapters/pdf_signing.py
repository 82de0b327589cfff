"""PAdES signatures in a document's fields, by local keys (PKCS#12, PKCS#11).

Owns how a signature is made: form, stamp, timestamps. It must not know steps or judge certificates. Sources: ETSI EN
319 142-1 (PAdES baseline profiles), ISO 19005-3 (what a signed PDF/A keeps to).
"""

import logging
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path
from typing import Protocol

from asn1crypto import crl as asn1_crl
from asn1crypto import x509 as asn1_x509
from pyhanko.pdf_utils.content import ImportedPdfPage
from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter
from pyhanko.pdf_utils.layout import AxisAlignment, Margins, SimpleBoxLayoutRule
from pyhanko.pdf_utils.misc import PdfError
from pyhanko.sign.fields import SigSeedSubFilter
from pyhanko.sign.general import SigningError
from pyhanko.sign.signers import PdfSignatureMetadata, PdfSigner, Signer
from pyhanko.sign.timestamps import TimeStamper, TimestampRequestError
from pyhanko.stamp import StaticStampStyle
from pyhanko_certvalidator import ValidationContext
from pyhanko_certvalidator.errors import ValidationError

from dcnet.language import Words
from sopctl.errors import SopctlError

DIGEST = "sha256"
KEY_USAGES = frozenset({"digital_signature", "non_repudiation"})
"""Either of them lets a certificate sign documents (RFC 5280, 4.2.1.3)."""


class SigningFailed(SopctlError):  # noqa: N818  # what happened, as people say it
    """A document that could not be signed; nothing of it is kept."""


@dataclass(frozen=True, slots=True)
class FieldSignature:
    """What is to be signed where."""

    field: str
    """Name of the pre-placed field."""

    stamp: bytes
    """A PDF of one page, of the field's size: what the signature shows."""

    picture: bytes
    """The same as PNG."""

    name: str
    reason: str
    location: str


class DocumentSigner(Protocol):
    """Signs documents as one official: with a local key, or on BSrE's server."""

    def sign(self, pdf: bytes, what: FieldSignature) -> bytes:
        """`pdf` with one signature more; begins with `pdf`, byte for byte. Raises SigningFailed."""


@dataclass(frozen=True, slots=True)
class TimestampSource:
    """Who vouches for the time, and what is believed of him: certificates and CRL in DER."""

    stamper: TimeStamper
    authorities: tuple[bytes, ...]
    """Roots of the signers' and of the timestamps' certificates."""

    revocation_lists: tuple[bytes, ...] = ()


class LocalSigner:
    """A DocumentSigner with a local key: PAdES B-LTA with timestamps, else B-B."""

    def __init__(self, signer: Signer, timestamps: TimestampSource | None = None) -> None:
        self._signer = signer
        self._timestamps = timestamps

    def sign(self, pdf: bytes, what: FieldSignature) -> bytes:
        """See DocumentSigner."""
        # What the library would print for its programmers is raised here, or is meant.
        logging.getLogger("pyhanko").setLevel(logging.ERROR)
        with tempfile.TemporaryDirectory(prefix="sopctl-stamp-") as folder:
            stamp = Path(folder) / "stamp.pdf"
            stamp.write_bytes(what.stamp)
            maker = PdfSigner(
                self._metadata(what),
                self._signer,
                timestamper=self._timestamps.stamper if self._timestamps else None,
                stamp_style=stamp_style(stamp),
            )
            out = BytesIO()
            try:
                maker.sign_pdf(IncrementalPdfFileWriter(BytesIO(pdf)), existing_fields_only=True, output=out)
            except TimestampRequestError as error:
                raise _no_timestamp(error) from error
            except (SigningError, ValidationError, PdfError, ValueError) as error:
                raise _failed(what, str(error)) from error
        signed = out.getvalue()
        if not signed.startswith(pdf):
            raise _failed(what, "the signed version does not continue the version before")
        return signed

    def _metadata(self, what: FieldSignature) -> PdfSignatureMetadata:
        trusted = self._timestamps
        return PdfSignatureMetadata(
            field_name=what.field,
            md_algorithm=DIGEST,
            subfilter=SigSeedSubFilter.PADES,
            name=what.name,
            reason=what.reason,
            location=what.location,
            signer_key_usage=set(),
            embed_validation_info=trusted is not None,
            use_pades_lta=trusted is not None,
            validation_context=None if trusted is None else trusting(trusted.authorities, trusted.revocation_lists),
        )


def stamp_style(page: Path) -> StaticStampStyle:
    """What a signature shows: the page as it was set, with its own embedded fonts."""
    return StaticStampStyle(
        background=ImportedPdfPage(str(page)),  # type: ignore[no-untyped-call]
        border_width=0,
        background_layout=SimpleBoxLayoutRule(AxisAlignment.ALIGN_MID, AxisAlignment.ALIGN_MID, Margins(0, 0, 0, 0)),
    )


def trusting(authorities: Sequence[bytes], revocation_lists: Sequence[bytes]) -> ValidationContext:
    """What a signature that carries its own proof is checked against before it is made."""
    return ValidationContext(
        trust_roots=[asn1_x509.Certificate.load(one) for one in authorities],
        crls=[asn1_crl.CertificateList.load(one) for one in revocation_lists],
        allow_fetching=False,
        revocation_mode="soft-fail",
    )


def _no_timestamp(error: Exception) -> SigningFailed:
    why = error.__cause__ or error
    return SigningFailed(
        Words(
            f"otoritas penanda waktu tidak menjawab dengan benar ({why}); tidak ada yang ditandatangani. Ulangi nanti, "
            "atau periksa `timestamp` di sopctl.yml",
            f"the timestamp authority gave no usable answer ({why}); nothing was signed. Try again later, or check "
            "`timestamp` in sopctl.yml",
        )
    )


def _failed(what: FieldSignature, why: str) -> SigningFailed:
    return SigningFailed(
        Words(
            f"dokumen tidak dapat ditandatangani pada kotak {what.field}: {why}",
            f"the document cannot be signed in the box {what.field}: {why}",
        )
    )
