"""What a ledger's signatures are held against: officials with their terms and certificates, authorities, revocations.

Owns reading it from the files that `sopctl.yml` names, and its form in an archive. It must not judge anything.
"""

import base64
import binascii
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding

from dcnet.language import Words
from dcnet.os_errors import reason_of
from sopctl.chain.event import canonical_json, sha256_of
from sopctl.chain.roster import Roster, Term
from sopctl.errors import SopctlError
from sopctl.model import Capacity, Position
from sopctl.settings import Settings

PEM = b"-----BEGIN"


@dataclass(frozen=True, slots=True)
class TrustAnchors:
    """The trust of one site."""

    time_zone: str
    titles: Mapping[Position, str]
    terms: Mapping[str, tuple[Term, ...]]
    recorders: frozenset[str]
    pins: Mapping[str, tuple[bytes, ...]]
    """Certificates (DER) of each official that has any."""

    authorities: tuple[bytes, ...]
    """Certificates (DER)."""

    revocation_lists: tuple[bytes, ...]
    """CRL (DER)."""

    signed_since: date | None

    @property
    def roster(self) -> Roster:
        """Who may act for which position, and when."""
        return Roster(ZoneInfo(self.time_zone), self.terms, self.recorders)

    @property
    def fingerprint(self) -> str:
        """SHA-256 over all of it: two people who read the same figure hold the same trust."""
        return sha256_of(canonical_json(self.as_json()))

    def as_json(self) -> dict[str, Any]:
        """The form in an archive."""
        return {
            "authorities": [_text(one) for one in self.authorities],
            "officials": {
                official: {
                    "certificates": [_text(one) for one in self.pins.get(official, ())],
                    "terms": [_term_as_json(term) for term in terms],
                }
                for official, terms in self.terms.items()
            },
            "paper_recorders": sorted(self.recorders),
            "revocation_lists": [_text(one) for one in self.revocation_lists],
            "signed_since": self.signed_since.isoformat() if self.signed_since else None,
            "time_zone": self.time_zone,
            "titles": {position.value: title for position, title in self.titles.items()},
        }


def trust_from_json(data: Any) -> TrustAnchors:
    """The inverse of TrustAnchors.as_json. Raises KeyError, TypeError or ValueError."""
    officials = data["officials"]
    since = data["signed_since"]
    ZoneInfo(data["time_zone"])
    return TrustAnchors(
        time_zone=data["time_zone"],
        titles={Position(code): str(title) for code, title in data["titles"].items()},
        terms={official: tuple(_term_from_json(term) for term in one["terms"]) for official, one in officials.items()},
        recorders=frozenset(data["paper_recorders"]),
        pins={
            official: tuple(_bytes(text) for text in one["certificates"])
            for official, one in officials.items()
            if one["certificates"]
        },
        authorities=tuple(_bytes(text) for text in data["authorities"]),
        revocation_lists=tuple(_bytes(text) for text in data["revocation_lists"]),
        signed_since=date.fromisoformat(since) if since is not None else None,
    )


def load_trust(settings: Settings) -> TrustAnchors:
    """The trust that `sopctl.yml` names. Raises SopctlError where a file is missing or is no certificate."""
    return TrustAnchors(
        time_zone=settings.time_zone,
        titles={position: settings.positions.of(position) for position in Position},
        terms=settings.roster.terms,
        recorders=settings.roster.recorders,
        pins={
            official.id: tuple(load_certificate(file) for file in official.certificates)
            for official in settings.officials
            if official.certificates
        },
        authorities=tuple(load_certificate(file) for file in settings.trust.authorities),
        revocation_lists=tuple(_revocation_list(file) for file in settings.trust.revocation_lists),
        signed_since=settings.trust.signed_since,
    )


def load_certificate(file: Path) -> bytes:
    """The certificate (DER) in a PEM or DER file. Raises SopctlError."""
    content = _read(file)
    try:
        found = (
            x509.load_pem_x509_certificate(content)
            if content.lstrip().startswith(PEM)
            else x509.load_der_x509_certificate(content)
        )
    except ValueError as error:
        raise _unusable(file, Words("bukan sertifikat PEM atau DER", "no PEM or DER certificate")) from error
    return found.public_bytes(Encoding.DER)


def _revocation_list(file: Path) -> bytes:
    content = _read(file)
    try:
        found = x509.load_pem_x509_crl(content) if content.lstrip().startswith(PEM) else x509.load_der_x509_crl(content)
    except ValueError as error:
        raise _unusable(file, Words("bukan CRL PEM atau DER", "no PEM or DER CRL")) from error
    return found.public_bytes(Encoding.DER)


def _read(file: Path) -> bytes:
    try:
        return file.read_bytes()
    except OSError as error:
        raise _unusable(file, reason_of(error)) from error


def _unusable(file: Path, why: Words) -> SopctlError:
    return SopctlError(
        Words(
            f"{file}: {why.id}; perbaiki certificates atau trust di sopctl.yml",
            f"{file}: {why.en}; correct certificates or trust in sopctl.yml",
        )
    )


def _term_as_json(term: Term) -> dict[str, Any]:
    return {
        "basis": term.basis,
        "capacity": term.capacity.value,
        "from": term.begins.isoformat() if term.begins else None,
        "position": term.position.value,
        "until": term.until.isoformat() if term.until else None,
    }


def _term_from_json(data: Any) -> Term:
    begins, until = data["from"], data["until"]
    return Term(
        Position(data["position"]),
        Capacity(data["capacity"]),
        date.fromisoformat(begins) if begins is not None else None,
        date.fromisoformat(until) if until is not None else None,
        str(data["basis"]),
    )


def _text(content: bytes) -> str:
    return base64.b64encode(content).decode()


def _bytes(text: str) -> bytes:
    try:
        return base64.b64decode(text, validate=True)
    except binascii.Error as error:
        raise ValueError("no base64") from error
