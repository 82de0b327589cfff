"""Identities are opened from a PKCS#12 file and from a real PKCS#11 token, and every failure is told."""

import asyncio
from datetime import UTC, datetime
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding
from pydantic import TypeAdapter

from dcnet.secret import SecretSources
from sopctl.adapters.demo_identities import DemoAuthority, write_demo_identities
from sopctl.adapters.identity import IdentityError, open_signer
from sopctl.settings_officials import OfficialSettings
from tests.sopctl.signing.tokens import PIN, SOFTHSM, make_token, prepare_tokens

NOW = datetime(2026, 11, 2, tzinfo=UTC)


def _official(folder: Path, identity: dict[str, str], environment: dict[str, str] | None = None) -> OfficialSettings:
    document = {
        "id": "kabag",
        "name": "Nama",
        "position": "kabag",
        "identity": identity,
        "certificates": ["kabag.crt"],
    }
    return TypeAdapter(OfficialSettings).validate_python(document, context=SecretSources(folder, environment or {}))


def _signed_by(official: OfficialSettings) -> bytes:
    """The certificate in a signature that the official's key made."""
    with open_signer(official) as signer:
        signed = asyncio.run(signer.async_sign_general_data(b"isi", "sha256"))
        assert signer.signing_cert is not None
        certificate: bytes = signer.signing_cert.dump()
    assert certificate in [one.chosen.dump() for one in signed["content"]["certificates"]]
    return certificate


def _der(file: Path) -> bytes:
    return x509.load_pem_x509_certificate(file.read_bytes()).public_bytes(Encoding.DER)


def test_a_demo_identity_signs(tmp_path: Path) -> None:
    """The PKCS#12 file that the demo makes signs with the certificate beside it; secrets are the owner's alone."""
    write_demo_identities(tmp_path, [("kabag", "Nama Kabag")], NOW)
    official = _official(tmp_path, {"kind": "pkcs12", "file": "kabag.p12", "passphrase": "${file:kabag.passphrase}"})
    assert _signed_by(official) == _der(tmp_path / "kabag.crt")
    for name in ("ca.key", "kabag.p12", "kabag.passphrase"):
        assert (tmp_path / name).stat().st_mode & 0o777 == 0o600
    assert "TIDAK TERSERTIFIKASI" in str(x509.load_pem_x509_certificate((tmp_path / "kabag.crt").read_bytes()).subject)


@pytest.mark.parametrize(
    ("spoil", "told"),
    [
        ({"passphrase": "${env:WRONG}"}, "the passphrase is wrong"),
        ({"passphrase": "${env:ABSENT}"}, "ABSENT is missing or empty"),
        ({"file": "absent.p12"}, "absent.p12"),
        ({"file": "kabag.crt"}, "cannot be used"),
    ],
    ids=["wrong passphrase", "no passphrase", "no file", "another file"],
)
def test_an_identity_that_cannot_be_opened_is_told(tmp_path: Path, spoil: dict[str, str], told: str) -> None:
    """What is missing or wrong is said without the secret."""
    write_demo_identities(tmp_path, [("kabag", "Nama Kabag")], NOW)
    identity = {"kind": "pkcs12", "file": "kabag.p12", "passphrase": "${file:kabag.passphrase}", **spoil}
    with pytest.raises(IdentityError) as caught, open_signer(_official(tmp_path, identity, {"WRONG": "rahasia-salah"})):
        pass
    assert told in caught.value.words.en
    assert "rahasia-salah" not in caught.value.words.en


@pytest.fixture
def token(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A SoftHSM token with a key and its certificate."""
    prepare_tokens(tmp_path, monkeypatch)
    key, certificate = DemoAuthority.make(NOW).issue("Nama Kabag", NOW)
    (tmp_path / "kabag.crt").write_bytes(certificate.public_bytes(Encoding.PEM))
    make_token("kabag", key, certificate)
    return tmp_path


def test_a_key_in_a_token_signs(token: Path) -> None:
    """The same interface signs with a key that never leaves its PKCS#11 token."""
    identity = {
        "kind": "pkcs11",
        "module": str(SOFTHSM),
        "token": "kabag",
        "key": "kabag",
        "pin": "${env:PIN}",
    }
    assert _signed_by(_official(token, identity, {"PIN": PIN})) == _der(token / "kabag.crt")
    for spoil in ({"token": "lain"}, {"key": "lain"}, {"pin": "${env:WRONG}"}):
        official = _official(token, {**identity, **spoil}, {"PIN": PIN, "WRONG": "999999"})
        with pytest.raises(IdentityError) as caught, open_signer(official):
            pass
        assert "nothing was signed" in caught.value.words.en
