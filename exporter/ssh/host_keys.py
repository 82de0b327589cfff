"""Host keys, checked against a known_hosts file and never accepted by themselves.

Owns what is said of an unknown and of a changed key. Source of the file's form: sshd(8).
"""

import base64
import hashlib
import hmac
from fnmatch import fnmatchcase
from pathlib import Path
from typing import NamedTuple

import paramiko

from exporter.errors import CollectionFailure, CollectionReason


class UnknownHostKey(paramiko.SSHException):
    """The device's key is not in the file, or is there as one not to be trusted any more."""

    def __init__(self, key: paramiko.PKey, *, revoked: bool) -> None:
        super().__init__("host key is unknown")
        self.key = key
        self.revoked = revoked


class RefuseUnknown(paramiko.MissingHostKeyPolicy):
    """Accepts no key that is not in the file. `revoked`: the keys that it names as such, as SSH sends them."""

    def __init__(self, revoked: frozenset[bytes]) -> None:
        self._revoked = revoked

    def missing_host_key(self, client: paramiko.SSHClient, hostname: str, key: paramiko.PKey) -> None:  # noqa: ARG002
        """Refuse. Raises UnknownHostKey."""
        raise UnknownHostKey(key, revoked=key.asbytes() in self._revoked)


def load_known_hosts(client: paramiko.SSHClient, file: Path, host: str, port: int) -> None:
    """Let `client` know what `file` says of a host; a file that is not there says nothing. Raises CollectionFailure.

    Not paramiko's own loading: one line that it cannot read, or with a marker, would cost every device its visits.
    """
    try:
        lines = file.read_text(encoding="utf-8", errors="replace").splitlines() if file.is_file() else []
    except OSError as error:
        # Without the file nobody can be trusted: a defect of this host, told as such.
        detail = f"{file} cannot be read: {type(error).__name__}"
        raise CollectionFailure(CollectionReason.HOST_KEY, detail) from error
    place = _place(host, port)
    of_host = [entry for entry in map(_parse_line, lines) if entry is not None and _fits(entry.names, place)]
    revoked = frozenset(entry.key.asbytes() for entry in of_host if entry.marker == "@revoked")
    known = client.get_host_keys()
    for entry in of_host:
        kind = entry.key.get_name()
        if not entry.marker and entry.key.asbytes() not in revoked and kind not in (known.lookup(place) or {}):
            known.add(place, kind, entry.key)
    client.set_missing_host_key_policy(RefuseUnknown(revoked))


class _Entry(NamedTuple):
    """A line of the file."""

    marker: str
    """"@revoked", "@cert-authority" or nothing."""

    names: str
    key: paramiko.PKey


def _parse_line(line: str) -> _Entry | None:
    """What a line says; None where it is a comment or cannot be read, which ssh passes over too."""
    words = line.split()
    marker = words.pop(0) if words and words[0].startswith("@") else ""
    if len(words) < 3 or words[0].startswith("#"):  # noqa: PLR2004 - names, kind, key
        return None
    try:
        return _Entry(marker, words[0], paramiko.PKey.from_type_string(words[1], base64.b64decode(words[2])))
    except Exception:  # noqa: BLE001 - the library raises whatever a damaged key makes it stumble over
        return None


def _fits(names: str, place: str) -> bool:
    """Whether a line's names, patterns and hashes mean `place`."""
    fits = False
    for name in names.lower().split(",") if not names.startswith("|") else [names]:
        if name.startswith("|"):
            fits = fits or _is_hash_of(name, place)
        elif fnmatchcase(place.lower(), name.removeprefix("!").replace("[", "[[]")):
            if name.startswith("!"):
                return False
            fits = True
    return fits


def _is_hash_of(name: str, place: str) -> bool:
    try:
        _, version, salt, digest = name.split("|")
        wanted = hmac.digest(base64.b64decode(salt), place.encode(), "sha1")
        return version == "1" and hmac.compare_digest(wanted, base64.b64decode(digest))
    except ValueError:
        return False


def explain_unknown(error: UnknownHostKey, host: str, port: int, file: Path) -> CollectionFailure:
    """What to do about a key that is not in `file`, or not to be trusted any more."""
    found = f"the {error.key.get_name()} key {fingerprint(error.key)} of {host} port {port}"
    if error.revoked:
        detail = f"{found} is revoked in {file}; give the device a new key, and add that one to the file"
        return CollectionFailure(CollectionReason.HOST_KEY, detail)
    return CollectionFailure(
        CollectionReason.HOST_KEY,
        f"{found} is not in {file}; compare it with the device's own, then add it: "
        f"ssh-keyscan -p {port} {host} >> {file}",
    )


def explain_changed(changed: paramiko.BadHostKeyException, host: str, port: int, file: Path) -> CollectionFailure:
    """What to do about a key other than the one in `file`."""
    return CollectionFailure(
        CollectionReason.HOST_KEY,
        f"the host key of {host} port {port} has CHANGED: found {changed.key.get_name()} {fingerprint(changed.key)}, "
        f"expected {fingerprint(changed.expected_key)}; somebody may stand in between. If the device was exchanged, "
        f"remove the old key: ssh-keygen -f {file} -R '{_place(host, port)}', then add the new one",
    )


def _place(host: str, port: int) -> str:
    """As the file names a host."""
    return f"[{host}]:{port}" if port != paramiko.config.SSH_PORT else host


def fingerprint(key: paramiko.PKey) -> str:
    """As ssh-keygen -l prints it: SHA256 in base64 without padding."""
    return "SHA256:" + base64.b64encode(hashlib.sha256(key.asbytes()).digest()).decode().rstrip("=")
