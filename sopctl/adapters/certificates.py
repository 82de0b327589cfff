"""Whether a certificate may sign as an official at a moment: pinned, issued, in time, not revoked.

Owns this judgement for events and PDF alike. It must not check signatures over content.
"""

from datetime import datetime

from cryptography import x509
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.hashes import SHA256

from dcnet.language import Words
from sopctl.adapters.trust import TrustAnchors
from sopctl.chain.event import time_as_text


class PinnedCertificates:
    """The certificates that a site believes."""

    def __init__(self, trust: TrustAnchors) -> None:
        self._pins = trust.pins
        self._authorities = tuple(x509.load_der_x509_certificate(one) for one in trust.authorities)
        self._lists = tuple(x509.load_der_x509_crl(one) for one in trust.revocation_lists)

    def of(self, official: str) -> tuple[bytes, ...]:
        """The official's pinned certificates (DER); empty: he has no key."""
        return self._pins.get(official, ())

    def problem(self, official: str, certificate_der: bytes, moment: datetime) -> Words | None:
        """Why a signature of `official` with this certificate is not believed at `moment`; None: it is."""
        try:
            certificate = x509.load_der_x509_certificate(certificate_der)
        except ValueError:
            return Words("sertifikat penanda tangan rusak", "the signer's certificate is damaged")
        if certificate_der not in self.of(official):
            return self._wrong_pin(official, certificate, certificate_der)
        named = certificate_in_words(certificate)
        if not certificate.not_valid_before_utc <= moment <= certificate.not_valid_after_utc:
            begins, ends = time_as_text(certificate.not_valid_before_utc), time_as_text(certificate.not_valid_after_utc)
            return Words(
                f"sertifikat {named} berlaku {begins} sampai {ends}, tidak pada saat itu",
                f"certificate {named} is valid from {begins} to {ends}, not at that time",
            )
        return self._issuer_problem(certificate, moment, named)

    def _wrong_pin(self, official: str, certificate: x509.Certificate, certificate_der: bytes) -> Words:
        named = certificate_in_words(certificate)
        for other, pins in self._pins.items():
            if certificate_der in pins:
                return Words(
                    f"ditandatangani dengan sertifikat milik {other} ({named}), bukan milik {official}",
                    f"signed with the certificate of {other} ({named}), not of {official}",
                )
        made = " " if certificate.subject != certificate.issuer else " buatan sendiri "
        self_made = " " if certificate.subject != certificate.issuer else " self-made "
        return Words(
            f"ditandatangani dengan sertifikat{made}yang tidak terdaftar untuk {official}: {named}",
            f"signed with a{self_made}certificate that is not pinned for {official}: {named}",
        )

    def _issuer_problem(self, certificate: x509.Certificate, moment: datetime, named: str) -> Words | None:
        if not self._authorities:
            return None
        issuer = next((one for one in self._authorities if _issued(certificate, one)), None)
        if issuer is None:
            return Words(
                f"sertifikat {named} tidak diterbitkan oleh otoritas di trust.authorities",
                f"certificate {named} was not issued by an authority of trust.authorities",
            )
        if not issuer.not_valid_before_utc <= moment <= issuer.not_valid_after_utc:
            return Words(
                f"otoritas penerbit {named} tidak berlaku pada saat itu",
                f"the authority that issued {named} was not valid at that time",
            )
        for one in self._lists:
            if one.issuer != issuer.subject or not one.is_signature_valid(issuer.public_key()):  # type: ignore[arg-type]
                continue
            entry = one.get_revoked_certificate_by_serial_number(certificate.serial_number)
            if entry is not None and entry.revocation_date_utc <= moment:
                since = time_as_text(entry.revocation_date_utc)
                return Words(
                    f"sertifikat {named} telah dicabut sejak {since}",
                    f"certificate {named} was revoked as of {since}",
                )
        return None


def certificate_in_words(certificate: x509.Certificate) -> str:
    """The certificate's subject and the beginning of its SHA-256, as people compare them."""
    return f"{certificate.subject.rfc4514_string()} [{certificate.fingerprint(SHA256()).hex()[:16]}]"


def _issued(certificate: x509.Certificate, issuer: x509.Certificate) -> bool:
    try:
        certificate.verify_directly_issued_by(issuer)
        return issuer.extensions.get_extension_for_class(x509.BasicConstraints).value.ca
    except (ValueError, TypeError, InvalidSignature, x509.ExtensionNotFound):
        return False
