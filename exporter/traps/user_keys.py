"""The keys of an SNMPv3 user: from passwords, for one engine; the proof of a message, and what hides its content.

Owns the cryptography of the User-based Security Model: pysnmp makes the keys and encrypts, the standard library
compares proofs in constant time. Sources: RFC 3414 (section 2.6 and appendix A), RFC 3826, RFC 7860.
"""

import hmac
from collections.abc import Mapping
from functools import cached_property
from typing import Any

from pyasn1.type.univ import OctetString  # type: ignore[import-untyped]
from pysnmp.proto.error import StatusInformation  # type: ignore[import-untyped]
from pysnmp.proto.secmod.rfc3414.service import SnmpUSMSecurityModel  # type: ignore[import-untyped]

from exporter.inventory.models import AuthProtocol, UserCredential
from exporter.snmp.context_session import AUTH, PRIVACY

PROOFS: Mapping[AuthProtocol, tuple[str, int]] = {
    AuthProtocol.MD5: ("md5", 12),
    AuthProtocol.SHA: ("sha1", 12),
    AuthProtocol.SHA224: ("sha224", 16),
    AuthProtocol.SHA256: ("sha256", 24),
    AuthProtocol.SHA384: ("sha384", 32),
    AuthProtocol.SHA512: ("sha512", 48),
}
"""The hash of each protocol, and how many bytes of it a message carries."""


class DecryptionError(ValueError):
    """Content that the key does not open."""


class UserKeys:
    """What a credential's passwords become. The keys are made when first needed: that takes some 10 ms."""

    def __init__(self, credential: UserCredential) -> None:
        self.credential = credential
        self.user = credential.user.encode()
        auth, privacy = credential.auth, credential.privacy
        self._hash, self.proof_bytes = PROOFS[auth.protocol] if auth is not None else ("", 0)
        self._auth_service = None if auth is None else SnmpUSMSecurityModel.AUTH_SERVICES[AUTH[auth.protocol]]
        self._privacy_service = (
            None if privacy is None else SnmpUSMSecurityModel.PRIV_SERVICES[PRIVACY[privacy.protocol]]
        )

    @property
    def has_auth(self) -> bool:
        """Whether messages prove their sender."""
        return self.credential.auth is not None

    @property
    def has_privacy(self) -> bool:
        """Whether messages are encrypted."""
        return self.credential.privacy is not None

    def auth_key(self, engine_id: bytes) -> bytes:
        """The key of proofs for `engine_id`; empty where the user has none."""
        if self._auth_service is None:
            return b""
        return bytes(self._auth_service.localize_key(self._auth_master, OctetString(engine_id)))

    def privacy_key(self, engine_id: bytes) -> bytes:
        """The key of encryption for `engine_id`; empty where the user has none."""
        auth = self.credential.auth
        if self._privacy_service is None or auth is None:
            return b""
        return bytes(
            self._privacy_service.localize_key(AUTH[auth.protocol], self._privacy_master, OctetString(engine_id))
        )

    def prove(self, key: bytes, message: bytes, at: int) -> bytes:
        """The proof of `message`, in which the bytes of the proof, at `at`, are counted as zeros."""
        blank = message[:at] + bytes(self.proof_bytes) + message[at + self.proof_bytes :]
        return hmac.digest(key, blank, self._hash)[: self.proof_bytes]

    def is_proven(self, key: bytes, message: bytes, at: int, proof: bytes) -> bool:
        """Whether `proof`, which stands at `at`, is the user's."""
        return len(proof) == self.proof_bytes and hmac.compare_digest(self.prove(key, message, at), proof)

    def decrypt(self, key: bytes, boots: int, time: int, salt: bytes, content: bytes) -> bytes:
        """What `content` hides. Raises DecryptionError."""
        if self._privacy_service is None:
            raise DecryptionError("no privacy")
        try:
            opened = self._privacy_service.decrypt_data(
                OctetString(key), (boots, time, OctetString(salt)), OctetString(content)
            )
        except (StatusInformation, ValueError) as error:
            raise DecryptionError(type(error).__name__) from error
        return bytes(opened)

    def encrypt(self, key: bytes, boots: int, time: int, content: bytes) -> tuple[bytes, bytes]:
        """`content` hidden, and the salt that the message must carry."""
        if self._privacy_service is None:
            return content, b""
        hidden, salt = self._privacy_service.encrypt_data(OctetString(key), (boots, time, None), content)
        return bytes(hidden), bytes(salt)

    @cached_property
    def _auth_master(self) -> Any:
        auth = self.credential.auth
        if auth is None or self._auth_service is None:
            return OctetString()
        return self._auth_service.hash_passphrase(auth.password.get_secret_value())

    @cached_property
    def _privacy_master(self) -> Any:
        auth, privacy = self.credential.auth, self.credential.privacy
        if auth is None or privacy is None or self._privacy_service is None:
            return OctetString()
        return self._privacy_service.hash_passphrase(AUTH[auth.protocol], privacy.password.get_secret_value())
