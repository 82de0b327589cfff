"""What is wrong with a signed document: fields, order, certificates, and every change since a signature.

Owns the judgement of one PDF. Who had to sign comes from the ledger; whether a certificate is believed is
`certificates`'. A library's verdict alone is not enough: it finds the rest of a document valid when a signature was
stripped, and another official's signature valid in any box.
"""

import io
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from asn1crypto import crl as asn1_crl
from asn1crypto import x509 as asn1_x509
from pyhanko.pdf_utils.reader import PdfFileReader
from pyhanko.sign.diff_analysis import DiffResult, ModificationLevel
from pyhanko.sign.fields import enumerate_sig_fields
from pyhanko.sign.validation import EmbeddedPdfSignature, SignatureCoverageLevel, validate_pdf_signature
from pyhanko.sign.validation.settings import KeyUsageConstraints
from pyhanko.sign.validation.status import PdfSignatureStatus
from pyhanko_certvalidator import ValidationContext

from dcnet.language import Words
from sopctl.adapters.certificates import PinnedCertificates
from sopctl.adapters.pdf_signing import KEY_USAGES
from sopctl.adapters.trust import TrustAnchors
from sopctl.chain.event import sha256_of
from sopctl.model import Position

BOXES = frozenset(position.value for position in Position)
"""Names of the pre-placed fields: each is its own position's."""


@dataclass(frozen=True, slots=True)
class DemandedSignature:
    """A signature that the document must carry."""

    field: str
    """Name of the box; a signature made by BSrE's server stands in a box of its own instead."""

    official: str
    """Id: his pinned certificates alone may fill the box."""

    at: datetime
    """When the ledger says that it was made."""


class SignedDocuments:
    """Judges documents by a site's trust."""

    def __init__(self, trust: TrustAnchors) -> None:
        self._certificates = PinnedCertificates(trust)
        self._authorities = [asn1_x509.Certificate.load(one) for one in trust.authorities]
        self._lists = [asn1_crl.CertificateList.load(one) for one in trust.revocation_lists]

    def problems(self, pdf: bytes, demanded: Sequence[DemandedSignature]) -> tuple[Words, ...]:
        """What is wrong with `pdf`, which must carry exactly the signatures of `demanded`, in their order."""
        try:
            reader = PdfFileReader(io.BytesIO(pdf))
            fields = {name: value for name, value, _field in enumerate_sig_fields(reader)}
            signatures = tuple(reader.embedded_regular_signatures)
            return tuple(self._faults(reader, fields, signatures, demanded))
        except Exception as error:  # noqa: BLE001  # whatever a damaged PDF makes its parser raise
            kind = type(error).__name__
            return (Words(f"PDF rusak dan tidak terbaca ({kind})", f"the PDF is damaged and unreadable ({kind})"),)

    def _faults(
        self,
        reader: PdfFileReader,
        fields: Mapping[str, Any],
        signatures: Sequence[EmbeddedPdfSignature],
        demanded: Sequence[DemandedSignature],
    ) -> Iterator[Words]:
        by_field = {signature.field_name: signature for signature in signatures}
        used: list[EmbeddedPdfSignature] = []
        for wanted in demanded:
            signature = by_field.get(wanted.field) or self._elsewhere(wanted, fields, signatures)
            if signature is None:
                yield _absent(wanted, fields)
                continue
            if used and signature.signed_revision <= used[-1].signed_revision:
                yield Words(
                    f"tanda tangan {wanted.field} mendahului tanda tangan {used[-1].field_name}; urutannya terbalik",
                    f"the signature {wanted.field} comes before {used[-1].field_name}: the order is wrong",
                )
            used.append(signature)
            yield from self._signature_faults(reader, signature, wanted)
        for signature in signatures:
            if signature not in used:
                yield Words(
                    f"ada tanda tangan yang tidak diminta pada kotak {signature.field_name}",
                    f"there is a signature that nobody asked for in the box {signature.field_name}",
                )
        last = max(reader.embedded_signatures, key=lambda one: one.signed_revision, default=None)
        if last is not None and not _reaches_the_end(last):
            yield Words(
                "ada isi yang ditambahkan sesudah tanda tangan terakhir",
                "something was appended after the last signature",
            )

    def _elsewhere(
        self, wanted: DemandedSignature, fields: Mapping[str, Any], signatures: Sequence[EmbeddedPdfSignature]
    ) -> EmbeddedPdfSignature | None:
        """The official's signature in a box that a signing server made; a pre-placed box is its own position's."""
        pins = self._certificates.of(wanted.official)
        found = [one for one in signatures if one.field_name not in BOXES and one.signer_cert.dump() in pins]
        return found[0] if found and fields.get(wanted.field) is None else None

    def _signature_faults(
        self, reader: PdfFileReader, signature: EmbeddedPdfSignature, wanted: DemandedSignature
    ) -> Iterator[Words]:
        certificate = signature.signer_cert.dump()
        not_believed = self._certificates.problem(wanted.official, certificate, wanted.at)
        if not_believed is not None:
            yield _at(wanted, not_believed)
        status = validate_pdf_signature(
            signature,
            signer_validation_context=self._context(certificate, wanted.at, reader),
            key_usage_settings=KeyUsageConstraints(key_usage=set(KEY_USAGES), match_all_key_usages=False),
        )
        if not status.intact:
            yield _at(
                wanted, Words("isi yang ditandatangani telah berubah", "the content that was signed has been changed")
            )
        elif not status.valid:
            yield _at(wanted, Words("tanda tangannya tidak cocok dengan kuncinya", "it does not fit its key"))
        else:
            changes = tuple(_changes_since(reader, signature))
            for change in changes:
                yield _at(wanted, change)
            if not status.bottom_line and not changes and not_believed is None:
                yield _at(wanted, _verdict(status))

    def _context(self, certificate: bytes, at: datetime, reader: PdfFileReader) -> ValidationContext:
        """Believes the authorities; without any, the pinned certificate itself. `problem` has judged the pin."""
        own = asn1_x509.Certificate.load(certificate)
        other = [one for signature in reader.embedded_signatures for one in signature.other_embedded_certs]
        return ValidationContext(
            trust_roots=self._authorities or [own],
            other_certs=other,
            crls=self._lists,
            moment=at,
            allow_fetching=False,
            revocation_mode="soft-fail",
            retroactive_revinfo=True,
        )


def continuation_problem(before: bytes, after: bytes) -> Words | None:
    """Why `after` is not `before` with a signature more; None: it is, byte for byte."""
    if after.startswith(before) and len(after) > len(before):
        return None
    return Words(
        f"versi ini bukan lanjutan versi sebelumnya (sha256 {sha256_of(before)[:16]}…, {len(before)} bita)",
        f"this version does not continue the one before (sha256 {sha256_of(before)[:16]}…, {len(before)} bytes)",
    )


def _reaches_the_end(signature: EmbeddedPdfSignature) -> bool:
    """Whether nothing follows but what proves the signature for the long term (DSS, document timestamps)."""
    signature.compute_integrity_info()  # type: ignore[no-untyped-call]
    if signature.coverage is SignatureCoverageLevel.ENTIRE_FILE:
        return True
    added = signature.diff_result
    return isinstance(added, DiffResult) and added.modification_level is ModificationLevel.LTA_UPDATES


def _absent(wanted: DemandedSignature, fields: Mapping[str, Any]) -> Words:
    if wanted.field in fields:
        return Words(
            f"tanda tangan {wanted.field} ({wanted.official}) tidak ada: kotaknya kosong",
            f"the signature {wanted.field} ({wanted.official}) is missing: its box is empty",
        )
    return Words(
        f"kotak tanda tangan {wanted.field} ({wanted.official}) tidak ada",
        f"the signature box {wanted.field} ({wanted.official}) is not there",
    )


def _at(wanted: DemandedSignature, what: Words) -> Words:
    return Words(f"tanda tangan {wanted.field}: {what.id}", f"signature {wanted.field}: {what.en}")


def _verdict(status: PdfSignatureStatus) -> Words:
    timestamp = status.timestamp_validity
    if timestamp is not None and not (timestamp.intact and timestamp.valid):
        return Words("penanda waktunya tidak sah", "its timestamp is not valid")
    if timestamp is not None and not timestamp.trusted:
        return Words(
            "penanda waktunya tidak dari otoritas di trust.authorities",
            "its timestamp is not from an authority of trust.authorities",
        )
    if status.revoked:
        return Words("sertifikatnya telah dicabut", "its certificate was revoked")
    if not status.trusted:
        return Words("sertifikatnya tidak dipercaya", "its certificate is not trusted")
    return Words(
        "dokumen diubah sesudahnya, lebih dari menambah tanda tangan",
        "the document was changed afterwards by more than further signatures",
    )


def _changes_since(reader: PdfFileReader, signature: EmbeddedPdfSignature) -> Iterator[Words]:
    then, now = reader.get_historical_root(signature.signed_revision), reader.root
    pages_then, pages_now = int(then["/Pages"]["/Count"]), int(now["/Pages"]["/Count"])
    if pages_then != pages_now:
        yield Words(
            f"sesudahnya jumlah halaman menjadi {pages_now} dari {pages_then}",
            f"afterwards the number of pages became {pages_now} from {pages_then}",
        )
    files_then, files_now = _attachments(then), _attachments(now)
    for name in sorted(files_then.keys() | files_now.keys()):
        if files_then.get(name) != files_now.get(name):
            yield Words(f"sesudahnya lampiran {name} diubah", f"afterwards the attachment {name} was changed")


def attached_files(pdf: bytes) -> dict[str, bytes]:
    """The files that travel inside `pdf`, by name."""
    return _attachments(PdfFileReader(io.BytesIO(pdf)).root)


def _attachments(root: Any) -> dict[str, bytes]:
    names = root.get("/Names", {})
    if "/EmbeddedFiles" not in names:
        return {}
    return dict(_named_files(names["/EmbeddedFiles"]))


def _named_files(node: Any) -> Iterator[tuple[str, bytes]]:
    for kid in node.get("/Kids", ()):
        yield from _named_files(kid.get_object())
    pairs = node.get("/Names", ())
    for index in range(0, len(pairs), 2):
        yield str(pairs[index]), pairs[index + 1]["/EF"]["/F"].data
