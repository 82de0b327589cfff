"""Signatures over events: made with an official's key, and judged together with who may act.

Owns the two forms of a signature: a detached CMS (RFC 5652, CAdES attributes) over the event's canonical JSON, and
for keys that sign only PDF an event sheet. It must not record or order events.
"""

import asyncio
import hashlib
from collections.abc import Iterator, Sequence

from asn1crypto import cms
from asn1crypto import x509 as asn1_x509
from pyhanko.sign.general import SigningError
from pyhanko.sign.signers import Signer
from pyhanko.sign.validation.generic_cms import validate_sig_integrity

from dcnet.language import Words
from sopctl.adapters.certificates import PinnedCertificates
from sopctl.adapters.event_sheet import SHEET_MARK, sheet_signature_problem
from sopctl.adapters.identity import IdentityError
from sopctl.adapters.paper_verification import paper_problems
from sopctl.adapters.pdf_verification import SignedDocuments
from sopctl.adapters.trust import TrustAnchors
from sopctl.chain.event import Event, body_of
from sopctl.chain.payload import signer_of
from sopctl.workflow.ports import CheckedFiles

DIGEST = "sha256"


def sign_bytes(signer: Signer, body: bytes, official: str) -> bytes:
    """A detached CMS over `body` (DER). Raises IdentityError."""
    try:
        signed: cms.ContentInfo = asyncio.run(signer.async_sign_general_data(body, DIGEST, use_cades=True))
    except Exception as error:  # a token fails in ways of its own
        known = isinstance(error, SigningError)
        why = str(error) if known else type(error).__name__
        raise IdentityError(
            Words(
                f"kunci {official} tidak dapat menandatangani ({why}); tidak ada yang dicatat",
                f"the key of {official} cannot sign ({why}); nothing was recorded",
            )
        ) from error
    der: bytes = signed.dump()
    return der


class Judge:
    """Judges actors and signatures of events by a site's trust (an EventJudge)."""

    def __init__(self, trust: TrustAnchors) -> None:
        self._roster = trust.roster
        self._since = trust.signed_since
        self._certificates = PinnedCertificates(trust)
        self._documents = SignedDocuments(trust)

    def paper_problems(self, events: Sequence[Event], files: CheckedFiles) -> Iterator[tuple[int, Words]]:
        """What is wrong with the signed papers of one cycle's events, each with its event's sequence."""
        return paper_problems(events, files, self._documents)

    def problems(self, event: Event) -> tuple[Words, ...]:
        """What is wrong with the event's actor, his term and his signature."""
        found = (self._roster.problem(event), self._signature_problem(event))
        return tuple(problem for problem in found if problem is not None)

    def _signature_problem(self, event: Event) -> Words | None:
        signer = signer_of(event)
        if not event.signature:
            return self._unsigned(signer, event)
        if not self._certificates.of(signer):
            return Words(
                f"bertanda tangan, tetapi sopctl.yml tidak menyebut sertifikat {signer}",
                f"is signed, but sopctl.yml names no certificate of {signer}",
            )
        if event.signature.startswith(SHEET_MARK):
            return sheet_signature_problem(event, signer, self._certificates)
        return cms_problem(event.signature, body_of(event), signer, self._certificates, event)

    def _unsigned(self, signer: str, event: Event) -> Words | None:
        since = self._since
        before = since is not None and event.time.astimezone(self._roster.zone).date() < since
        if before or (since is None and not self._certificates.of(signer)):
            return None
        return Words(f"tanda tangan {signer} tidak ada", f"the signature of {signer} is missing")


def cms_problem(
    signature: bytes, body: bytes, signer: str, certificates: PinnedCertificates, event: Event
) -> Words | None:
    """What is wrong with a detached CMS over `body`; None: it is `signer`'s, and believed at the event's time."""
    try:
        content = cms.ContentInfo.load(signature, strict=True)
        signed = content["content"]
        (info,) = signed["signer_infos"]
        embedded = [one.chosen for one in signed["certificates"] if isinstance(one.chosen, asn1_x509.Certificate)]
        certificate = next(one for one in embedded if _signed_with(info, one))
        detached = signed["encap_content_info"]["content"].native is None
        same_digest = info["digest_algorithm"]["algorithm"].native == DIGEST
        intact, valid = validate_sig_integrity(info, certificate, "data", hashlib.sha256(body).digest())
    except Exception as error:  # noqa: BLE001  # whatever a damaged structure makes its parser raise
        return Words(
            f"tanda tangan rusak ({type(error).__name__})", f"the signature is damaged ({type(error).__name__})"
        )
    if not (intact and valid and detached and same_digest):
        return Words("tanda tangan tidak cocok dengan isinya", "the signature does not fit the content")
    return certificates.problem(signer, certificate.dump(), event.time)


def _signed_with(info: cms.SignerInfo, certificate: asn1_x509.Certificate) -> bool:
    named = info["sid"].chosen
    return bool(named["issuer"] == certificate.issuer and named["serial_number"].native == certificate.serial_number)
