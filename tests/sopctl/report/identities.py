"""A made-up authority with officials' keys, revocations and the certificate of a timestamp service."""

from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from asn1crypto import keys as asn1_keys
from asn1crypto import x509 as asn1_x509
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID
from pyhanko.sign.signers import SimpleSigner
from pyhanko_certvalidator.registry import SimpleCertificateStore

from sopctl.adapters.demo_identities import DemoAuthority

SINCE = datetime(2026, 1, 1, tzinfo=UTC)
VALID = timedelta(days=3650)


@dataclass(frozen=True)
class Holder:
    """A key with its certificate and its issuer's."""

    key: ec.EllipticCurvePrivateKey
    certificate: x509.Certificate
    issuer: x509.Certificate

    @property
    def der(self) -> bytes:
        return self.certificate.public_bytes(Encoding.DER)

    def signer(self) -> SimpleSigner:
        """The key as pyHanko signs with it."""
        store = SimpleCertificateStore()  # type: ignore[no-untyped-call]
        store.register(asn1_x509.Certificate.load(self.issuer.public_bytes(Encoding.DER)))
        key = self.key.private_bytes(Encoding.DER, PrivateFormat.PKCS8, NoEncryption())
        return SimpleSigner(
            asn1_x509.Certificate.load(self.der), asn1_keys.PrivateKeyInfo.load(key), cert_registry=store
        )


@dataclass
class Authority:
    """Issues certificates and revokes them."""

    made: DemoAuthority = field(default_factory=lambda: DemoAuthority.make(SINCE))
    revoked: list[tuple[x509.Certificate, datetime]] = field(default_factory=list)

    @property
    def der(self) -> bytes:
        return self.made.certificate.public_bytes(Encoding.DER)

    def official(self, name: str, valid: timedelta = VALID) -> Holder:
        """A key with its certificate, valid since SINCE."""
        return Holder(*self.made.issue(name, SINCE, valid), self.made.certificate)

    def timestamp_service(self) -> Holder:
        """A key whose certificate is for timestamps alone (RFC 3161, 2.3)."""
        key = ec.generate_private_key(ec.SECP256R1())
        usage = x509.ExtendedKeyUsage([ExtendedKeyUsageOID.TIME_STAMPING])
        certificate = (
            x509.CertificateBuilder()
            .subject_name(x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "Penanda waktu uji")]))
            .issuer_name(self.made.certificate.subject)
            .public_key(key.public_key())
            .serial_number(x509.random_serial_number())
            .not_valid_before(SINCE)
            .not_valid_after(SINCE + VALID)
            .add_extension(usage, critical=True)
            .sign(self.made.key, SHA256())
        )
        return Holder(key, certificate, self.made.certificate)

    def revocation_list(self) -> bytes:
        """The CRL (DER)."""
        return self.made.revocation_list(SINCE, self.revoked).public_bytes(Encoding.DER)
