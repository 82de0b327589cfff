"""Demo identities: a certification authority, a key for each official, its passphrase, an empty revocation list.

Owns what `sopctl init --demo-ca` writes. Every certificate says that it is uncertified ("tidak tersertifikasi"); none
of this belongs where reports count.
"""

import os
import secrets
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import (
    BestAvailableEncryption,
    Encoding,
    NoEncryption,
    PrivateFormat,
    pkcs12,
)
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

UNCERTIFIED = "TIDAK TERSERTIFIKASI (demo)"
VALID = timedelta(days=365 * 3)
CLOCK_MARGIN = timedelta(minutes=5)
SECRET_MODE = 0o600
FOLDER_MODE = 0o755
PUBLIC_MODE = 0o644
PASSPHRASE_BYTES = 18


@dataclass(frozen=True, slots=True)
class DemoAuthority:
    """A certification authority that certifies nothing."""

    key: ec.EllipticCurvePrivateKey
    certificate: x509.Certificate

    @classmethod
    def make(cls, now: datetime, name: str = f"CA Demo dcnet {UNCERTIFIED}") -> "DemoAuthority":
        """A new authority, valid from `now`."""
        key = ec.generate_private_key(ec.SECP256R1())
        subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
        certificate = (
            _begin(subject, subject, key, now, VALID)
            .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
            .add_extension(_usage(authority=True), critical=True)
            .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
            .sign(key, hashes.SHA256())
        )
        return cls(key, certificate)

    def issue(
        self, name: str, now: datetime, valid: timedelta = VALID
    ) -> tuple[ec.EllipticCurvePrivateKey, x509.Certificate]:
        """A key and its certificate for the person `name`."""
        key = ec.generate_private_key(ec.SECP256R1())
        subject = x509.Name(
            [
                x509.NameAttribute(NameOID.COMMON_NAME, name),
                x509.NameAttribute(NameOID.ORGANIZATIONAL_UNIT_NAME, UNCERTIFIED),
            ]
        )
        certificate = (
            _begin(subject, self.certificate.subject, key, now, valid)
            .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
            .add_extension(_usage(authority=False), critical=True)
            .add_extension(x509.ExtendedKeyUsage([ExtendedKeyUsageOID.EMAIL_PROTECTION]), critical=False)
            .add_extension(
                x509.AuthorityKeyIdentifier.from_issuer_public_key(self.key.public_key()),
                critical=False,
            )
            .sign(self.key, hashes.SHA256())
        )
        return key, certificate

    def revocation_list(
        self, now: datetime, revoked: Iterable[tuple[x509.Certificate, datetime]] = ()
    ) -> x509.CertificateRevocationList:
        """The list of certificates that were revoked, and when."""
        builder = (
            x509.CertificateRevocationListBuilder()
            .issuer_name(self.certificate.subject)
            .last_update(now)
            .next_update(now + VALID)
        )
        for certificate, moment in revoked:
            entry = x509.RevokedCertificateBuilder().serial_number(certificate.serial_number)
            builder = builder.add_revoked_certificate(entry.revocation_date(moment).build())
        return builder.sign(self.key, hashes.SHA256())


def write_demo_identities(folder: Path, officials: Iterable[tuple[str, str]], now: datetime) -> None:
    """Write `ca.crt`, `ca.key`, `ca.crl` and ID.crt, ID.p12, ID.passphrase for each (id, name). Raises OSError.

    Nothing that is there is overwritten.
    """
    folder.mkdir(mode=FOLDER_MODE, parents=True, exist_ok=True)
    authority = DemoAuthority.make(now)
    private = authority.key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    _write_new(folder / "ca.key", private, SECRET_MODE)
    _write_new(folder / "ca.crt", authority.certificate.public_bytes(Encoding.PEM), PUBLIC_MODE)
    _write_new(folder / "ca.crl", authority.revocation_list(now).public_bytes(Encoding.PEM), PUBLIC_MODE)
    for identity, name in officials:
        key, certificate = authority.issue(name, now)
        passphrase = secrets.token_urlsafe(PASSPHRASE_BYTES).encode()
        _write_new(folder / f"{identity}.passphrase", passphrase, SECRET_MODE)
        _write_new(folder / f"{identity}.p12", as_pkcs12(authority, key, certificate, passphrase), SECRET_MODE)
        _write_new(folder / f"{identity}.crt", certificate.public_bytes(Encoding.PEM), PUBLIC_MODE)


def as_pkcs12(
    authority: DemoAuthority, key: ec.EllipticCurvePrivateKey, certificate: x509.Certificate, passphrase: bytes
) -> bytes:
    """The PKCS#12 file of a key with its certificate and the authority's."""
    return pkcs12.serialize_key_and_certificates(
        b"demo", key, certificate, [authority.certificate], BestAvailableEncryption(passphrase)
    )


def _begin(
    subject: x509.Name, issuer: x509.Name, key: ec.EllipticCurvePrivateKey, now: datetime, valid: timedelta
) -> x509.CertificateBuilder:
    return (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - CLOCK_MARGIN)
        .not_valid_after(now + valid)
    )


def _usage(*, authority: bool) -> x509.KeyUsage:
    return x509.KeyUsage(
        digital_signature=not authority,
        content_commitment=not authority,
        key_encipherment=False,
        data_encipherment=False,
        key_agreement=False,
        key_cert_sign=authority,
        crl_sign=authority,
        encipher_only=False,
        decipher_only=False,
    )


def _write_new(file: Path, content: bytes, mode: int) -> None:
    descriptor = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, mode)
    with os.fdopen(descriptor, "wb") as writing:
        # Whatever the login's umask says.
        os.fchmod(descriptor, mode)
        writing.write(content)
        writing.flush()
        os.fsync(descriptor)
