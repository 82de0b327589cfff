"""The signing identities of officials, opened as pyHanko signers: one identity for events and for PDF.

Owns opening keys (PKCS#12 files, PKCS#11 tokens) and every way in which that fails. It must not decide what is signed
or whether a certificate is believed. An identity at BSrE has no key here: it signs PDF on BSrE's server.
"""

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import assert_never

from pyhanko.config.pkcs11 import TokenCriteria
from pyhanko.sign.pkcs11 import PKCS11Signer, open_pkcs11_session
from pyhanko.sign.signers import Signer, SimpleSigner

from dcnet.errors import PublicError
from dcnet.language import Words
from dcnet.os_errors import reason_of
from dcnet.secret import SecretReference
from sopctl.errors import SopctlError
from sopctl.settings_officials import BsreIdentity, OfficialSettings, Pkcs11Identity, Pkcs12Identity

LARGEST_PKCS12_BYTES = 1 << 20
WRONG_OR_DAMAGED = Words(
    "frasa sandinya salah, atau berkasnya rusak", "the passphrase is wrong, or the file is damaged"
)


class IdentityError(SopctlError):
    """A signing identity that cannot be used; nothing was signed."""


@contextmanager
def open_signer(official: OfficialSettings) -> Iterator[Signer]:
    """The official's local key, ready to sign bytes and PDF; closed afterwards. Raises IdentityError."""
    match official.identity:
        case Pkcs12Identity():
            yield _open_pkcs12(official.id, official.identity)
        case Pkcs11Identity():
            with _open_pkcs11(official.id, official.identity) as signer:
                yield signer
        case BsreIdentity():
            raise IdentityError(
                Words(
                    f"kunci {official.id} berada di BSrE dan hanya menandatangani PDF",
                    f"the key of {official.id} is at BSrE and signs only PDF",
                )
            )
        case None:
            raise IdentityError(
                Words(
                    f"{official.id} tidak mempunyai kunci: isi `identity` dan `certificates` di sopctl.yml",
                    f"{official.id} has no key: give `identity` and `certificates` in sopctl.yml",
                )
            )
        case _:
            assert_never(official.identity)


def _open_pkcs12(official: str, identity: Pkcs12Identity) -> SimpleSigner:
    passphrase = _reveal(official, identity.passphrase)
    content = _read(official, identity.file)
    try:
        signer: SimpleSigner | None = SimpleSigner.load_pkcs12_data(
            content, other_certs=[], passphrase=passphrase.encode()
        )
    except Exception as error:  # a damaged file fails in whatever way its parser happens to
        raise _unusable(official, identity.file, WRONG_OR_DAMAGED) from error
    # pyHanko logs a wrong passphrase and gives nothing.
    if signer is None or signer.signing_cert is None:
        raise _unusable(official, identity.file, WRONG_OR_DAMAGED)
    return signer


@contextmanager
def _open_pkcs11(official: str, identity: Pkcs11Identity) -> Iterator[PKCS11Signer]:
    pin = _reveal(official, identity.pin)
    where = Words(f"token {identity.token!r}", f"token {identity.token!r}")
    try:
        session = open_pkcs11_session(
            str(identity.module), token_criteria=TokenCriteria(label=identity.token), user_pin=pin
        )
    except Exception as error:  # each module has errors of its own; none may end in a traceback
        why = Words(
            f"tidak terbuka ({type(error).__name__}); periksa module, token dan pin",
            f"does not open ({type(error).__name__}); check module, token and pin",
        )
        raise _unusable(official, where, why) from error
    try:
        # Hashing here, signing there: tokens differ in which hashes they know.
        signer = PKCS11Signer(
            session, cert_label=identity.certificate or identity.key, key_label=identity.key, use_raw_mechanism=True
        )
        _load(signer, official, where)
        yield signer
    finally:
        session.close()


def _load(signer: PKCS11Signer, official: str, where: Words) -> None:
    try:
        asyncio.run(signer.ensure_objects_loaded())  # type: ignore[no-untyped-call]
    except Exception as error:  # as above
        why = Words("kunci atau sertifikatnya tidak ada", "its key or certificate is not there")
        raise _unusable(official, where, why) from error


def _read(official: str, file: Path) -> bytes:
    try:
        with file.open("rb") as opened:
            return opened.read(LARGEST_PKCS12_BYTES)
    except OSError as error:
        raise _unusable(official, file, reason_of(error)) from error


def _reveal(official: str, secret: SecretReference) -> str:
    try:
        return secret.reveal().get_secret_value()
    except PublicError as error:
        why = error.words
        raise IdentityError(Words(f"identitas {official}: {why.id}", f"identity of {official}: {why.en}")) from error


def _unusable(official: str, where: Path | Words, why: Words) -> IdentityError:
    place = Words(str(where), str(where)) if isinstance(where, Path) else where
    return IdentityError(
        Words(
            f"identitas {official} tidak dapat dipakai: {place.id}: {why.id}; tidak ada yang ditandatangani",
            f"the identity of {official} cannot be used: {place.en}: {why.en}; nothing was signed",
        )
    )
