"""PKCS#11 tokens of SoftHSM, with keys and certificates put into them."""

import os
import subprocess
from pathlib import Path

import pkcs11
import pytest
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from pkcs11.util.ec import decode_ec_private_key
from pkcs11.util.rsa import decode_rsa_private_key
from pkcs11.util.x509 import decode_x509_certificate

SOFTHSM = Path("/usr/lib/softhsm/libsofthsm2.so")
PIN = "123456"


def prepare_tokens(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Keep SoftHSM's tokens in `folder`, for this process and those that it starts."""
    configuration = folder / "softhsm2.conf"
    (folder / "tokens").mkdir()
    configuration.write_text(f"directories.tokendir = {folder / 'tokens'}\nobjectstore.backend = file\n")
    monkeypatch.setenv("SOFTHSM2_CONF", str(configuration))


def make_token(label: str, key: ec.EllipticCurvePrivateKey | rsa.RSAPrivateKey, certificate: x509.Certificate) -> None:
    """A token `label` with PIN that holds `key` and its certificate, both under that label."""
    initialise = ["softhsm2-util", "--init-token", "--free", "--label", label, "--so-pin", PIN, "--pin", PIN]
    subprocess.run(initialise, check=True, capture_output=True, env=os.environ)
    library = pkcs11.lib(str(SOFTHSM))
    library.reinitialize()
    private = key.private_bytes(Encoding.DER, PrivateFormat.TraditionalOpenSSL, NoEncryption())
    decode = decode_rsa_private_key if isinstance(key, rsa.RSAPrivateKey) else decode_ec_private_key
    about = {pkcs11.Attribute.LABEL: label, pkcs11.Attribute.TOKEN: True, pkcs11.Attribute.ID: b"1"}
    with library.get_token(token_label=label).open(rw=True, user_pin=PIN) as session:
        session.create_object({**decode(private), **about, pkcs11.Attribute.SIGN: True})
        session.create_object({**decode_x509_certificate(certificate.public_bytes(Encoding.DER)), **about})
