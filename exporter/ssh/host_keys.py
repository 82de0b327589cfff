"""Host keys, checked against a known_hosts file and never accepted by themselves.

Owns what is said of an unknown and of a changed key. Source of the file's form: sshd(8).
"""

import base64
import hashlib
from pathlib import Path

import paramiko

from exporter.errors import CollectionFailure, CollectionReason


class UnknownHostKey(paramiko.SSHException):
    """The device's key is not in the file."""

    def __init__(self, key: paramiko.PKey) -> None:
        super().__init__("host key is unknown")
        self.key = key


class RefuseUnknown(paramiko.MissingHostKeyPolicy):
    """Accepts no key that is not in the file."""

    def missing_host_key(self, client: paramiko.SSHClient, hostname: str, key: paramiko.PKey) -> None:  # noqa: ARG002
        """Refuse. Raises UnknownHostKey."""
        raise UnknownHostKey(key)


def load_known_hosts(client: paramiko.SSHClient, file: Path) -> None:
    """Let `client` know the keys of `file`; a file that is not there knows none. Raises CollectionFailure."""
    try:
        if file.is_file():
            # Not load_host_keys(): that one would let paramiko write to the file.
            client.load_system_host_keys(str(file))
    except (OSError, UnicodeDecodeError, paramiko.SSHException) as error:
        # Without the file nobody can be trusted: a defect of this host, told as such.
        detail = f"{file} cannot be read: {type(error).__name__}"
        raise CollectionFailure(CollectionReason.HOST_KEY, detail) from error


def explain_unknown(key: paramiko.PKey, host: str, port: int, file: Path) -> CollectionFailure:
    """What to do about a key that is not in `file`."""
    return CollectionFailure(
        CollectionReason.HOST_KEY,
        f"the {key.get_name()} key {fingerprint(key)} of {host} port {port} is not in {file}; compare it with the "
        f"device's own, then add it: ssh-keyscan -p {port} {host} >> {file}",
    )


def explain_changed(changed: paramiko.BadHostKeyException, host: str, port: int, file: Path) -> CollectionFailure:
    """What to do about a key other than the one in `file`."""
    wanted = f"[{host}]:{port}" if port != paramiko.config.SSH_PORT else host
    return CollectionFailure(
        CollectionReason.HOST_KEY,
        f"the host key of {host} port {port} has CHANGED: found {changed.key.get_name()} {fingerprint(changed.key)}, "
        f"expected {fingerprint(changed.expected_key)}; somebody may stand in between. If the device was exchanged, "
        f"remove the old key: ssh-keygen -f {file} -R '{wanted}', then add the new one",
    )


def fingerprint(key: paramiko.PKey) -> str:
    """As ssh-keygen -l prints it: SHA256 in base64 without padding."""
    return "SHA256:" + base64.b64encode(hashlib.sha256(key.asbytes()).digest()).decode().rstrip("=")
