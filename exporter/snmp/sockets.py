"""gufo-snmp's sockets, opened with an inventory's credential.

Owns the pairing of protocol names with gufo-snmp's key classes. It must not wait or retry: session.py does.

The socket layer is used in place of gufo's own SnmpSession, which cannot tell the end of a table from an
error answer, sends nothing twice and counts nothing.
"""

from typing import TypeAlias, assert_never

from gufo.snmp import (
    Aes128Key,
    Aes192Key,
    Aes256Key,
    BaseAuthKey,
    BasePrivKey,
    DesKey,
    KeyExpansion,
    Md5Key,
    Sha1Key,
    Sha224Key,
    Sha256Key,
    Sha384Key,
    Sha512Key,
    User,
)
from gufo.snmp._fast import SnmpV1ClientSocket, SnmpV2cClientSocket, SnmpV3ClientSocket
from gufo.snmp.utils import format_sock_addr

from exporter.inventory.models import AuthProtocol, CommunityCredential, PrivacyProtocol, UserCredential

SnmpSocket: TypeAlias = SnmpV1ClientSocket | SnmpV2cClientSocket | SnmpV3ClientSocket

AUTH_KEYS: dict[AuthProtocol, type[BaseAuthKey]] = {
    AuthProtocol.MD5: Md5Key,
    AuthProtocol.SHA: Sha1Key,
    AuthProtocol.SHA224: Sha224Key,
    AuthProtocol.SHA256: Sha256Key,
    AuthProtocol.SHA384: Sha384Key,
    AuthProtocol.SHA512: Sha512Key,
}

PRIVACY_KEYS: dict[PrivacyProtocol, tuple[type[BasePrivKey], KeyExpansion]] = {
    PrivacyProtocol.DES: (DesKey, KeyExpansion.Blumenthal),
    PrivacyProtocol.AES128: (Aes128Key, KeyExpansion.Blumenthal),
    PrivacyProtocol.AES192: (Aes192Key, KeyExpansion.Blumenthal),
    PrivacyProtocol.AES256: (Aes256Key, KeyExpansion.Blumenthal),
    PrivacyProtocol.AES192_CISCO: (Aes192Key, KeyExpansion.Cisco),
    PrivacyProtocol.AES256_CISCO: (Aes256Key, KeyExpansion.Cisco),
}


def open_socket(address: str, port: int, credential: CommunityCredential | UserCredential) -> SnmpSocket:
    """A non-blocking UDP socket to `address`. For v3 the user's keys are set after discovery. Raises OSError."""
    where = format_sock_addr(address, port)
    match credential:
        case CommunityCredential():
            kind = SnmpV2cClientSocket if credential.version == "2c" else SnmpV1ClientSocket
            community = credential.community.get_secret_value()
            return kind(where, f"{community}@{credential.context}" if credential.context else community, 0, 0, 0, 0)
        case UserCredential():
            # Without an engine id, keys cannot be localised: the first exchange goes without a user (RFC 3414, 4).
            return SnmpV3ClientSocket(where, b"", "", 0, b"", 0, b"", 0, 0, 0, 0)
        case _:
            assert_never(credential)


def set_user(socket: SnmpV3ClientSocket, credential: UserCredential) -> None:
    """Localise the user's keys to the engine that discovery found."""
    auth = privacy = None
    expansion = KeyExpansion.Blumenthal
    if credential.auth is not None:
        auth = AUTH_KEYS[credential.auth.protocol](credential.auth.password.get_secret_value().encode())
    if credential.privacy is not None:
        kind, expansion = PRIVACY_KEYS[credential.privacy.protocol]
        privacy = kind(credential.privacy.password.get_secret_value().encode())
    user = User(credential.user, auth_key=auth, priv_key=privacy, key_expansion=expansion)
    socket.set_keys(user.name, user.get_auth_alg(), user.get_auth_key(), user.get_priv_alg(), user.get_priv_key())
