"""A made-up certificate authority with officials' keys, revocations and a timestamp service's certificate."""

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

SINCE = datetime(2026, 1, 1, tzinfo=UTC)
UNTIL = datetime(2046, 1, 1, tzinfo=UTC)


def name_of(common_name: str) -> x509.Name:
    return x509.Name(
        [
            x509.NameAttribute(NameOID.COUNTRY_NAME, "ID"),
            x509.NameAttribute(NameOID.ORGANIZATION_NAME, "Uji Coba"),
            x509.NameAttribute(NameOID.COMMON_NAME, common_name),
        ]
    )


class Authority:
    """Issues certificates and revokes them."""

    def __init__(self, common_name: str = "CA Uji") -> None:
        self.key = ec.generate_private_key(ec.SECP256R1())
        self.name = name_of(common_name)
        builder = self._builder(self.name, self.key, SINCE, UNTIL)
        builder = builder.add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        self.certificate = builder.add_extension(_usage(signs_certificates=True), critical=True).sign(
            self.key, SHA256()
        )
        self._revoked: list[x509.RevokedCertificate] = []

    @property
    def der(self) -> bytes:
        return self.certificate.public_bytes(Encoding.DER)

    def official(
        self, common_name: str, since: datetime = SINCE, until: datetime = UNTIL, *, timestamps: bool = False
    ) -> "Holder":
        """A key with its certificate."""
        key = ec.generate_private_key(ec.SECP256R1())
        builder = self._builder(name_of(common_name), key, since, until)
        builder = builder.add_extension(_usage(signs_certificates=False), critical=True)
        if timestamps:
            usage = x509.ExtendedKeyUsage([ExtendedKeyUsageOID.TIME_STAMPING])
            builder = builder.add_extension(usage, critical=True)
        return Holder(key, builder.sign(self.key, SHA256()), self.certificate)

    def revoke(self, holder: "Holder", since: datetime) -> None:
        """From `since` on the holder's certificate is void."""
        entry = x509.RevokedCertificateBuilder().serial_number(holder.certificate.serial_number)
        self._revoked.append(entry.revocation_date(since).build())

    def revocation_list(self) -> bytes:
        """The CRL (DER)."""
        builder = x509.CertificateRevocationListBuilder().issuer_name(self.name)
        builder = builder.last_update(SINCE).next_update(datetime.now(UTC) + timedelta(days=365))
        for one in self._revoked:
            builder = builder.add_revoked_certificate(one)
        return builder.sign(self.key, SHA256()).public_bytes(Encoding.DER)

    def _builder(
        self, subject: x509.Name, key: ec.EllipticCurvePrivateKey, since: datetime, until: datetime
    ) -> x509.CertificateBuilder:
        return (
            x509.CertificateBuilder()
            .subject_name(subject)
            .issuer_name(self.name)
            .public_key(key.public_key())
            .serial_number(x509.random_serial_number())
            .not_valid_before(since)
            .not_valid_after(until)
        )


class Holder:
    """A key with its certificate."""

    def __init__(
        self, key: ec.EllipticCurvePrivateKey, certificate: x509.Certificate, issuer: x509.Certificate
    ) -> None:
        self.key = key
        self.certificate = certificate
        self.issuer = issuer

    @property
    def der(self) -> bytes:
        return self.certificate.public_bytes(Encoding.DER)

    @property
    def key_pem(self) -> bytes:
        return self.key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())

    def signer(self) -> SimpleSigner:
        """The key as pyHanko signs with it."""
        store = SimpleCertificateStore()
        store.register(asn1_x509.Certificate.load(self.issuer.public_bytes(Encoding.DER)))
        key = self.key.private_bytes(Encoding.DER, PrivateFormat.PKCS8, NoEncryption())
        return SimpleSigner(
            asn1_x509.Certificate.load(self.der), asn1_keys.PrivateKeyInfo.load(key), cert_registry=store
        )


def _usage(*, signs_certificates: bool) -> x509.KeyUsage:
    return x509.KeyUsage(
        digital_signature=not signs_certificates,
        content_commitment=not signs_certificates,
        key_encipherment=False,
        data_encipherment=False,
        key_agreement=False,
        key_cert_sign=signs_certificates,
        crl_sign=signs_certificates,
        encipher_only=False,
        decipher_only=False,
    )
