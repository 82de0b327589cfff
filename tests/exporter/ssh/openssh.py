"""Debian's OpenSSH server on a loopback port, with users of its own.

It runs in a mount namespace in which /etc/passwd and /etc/shadow are the test's: nothing of this host's accounts is
touched. The user's shell is a real interactive bash.
"""

import shutil
import socket
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from tests.exporter.conftest import free_port
from tests.exporter.ssh.conftest import PASSWORD, wait_until

USER = "pengamat"


@dataclass(frozen=True)
class OpenSsh:
    """A running sshd."""

    port: int
    folder: Path

    @property
    def history(self) -> list[str]:
        """The commands that the user's shell got."""
        file = self.folder / "home" / "history"
        return file.read_text().splitlines() if file.exists() else []


def keygen(*arguments: str) -> str:
    """What ssh-keygen prints."""
    return subprocess.run(["ssh-keygen", *arguments], capture_output=True, check=True, text=True).stdout


@contextmanager
def running_sshd(folder: Path) -> Iterator[OpenSsh]:
    """An sshd that takes USER with PASSWORD, or with the key `folder`/user_key (its passphrase is PASSWORD too)."""
    home = folder / "home"
    (home / ".ssh").mkdir(parents=True)
    # sshd refuses keys below folders that others may write to.
    for part in (home, home / ".ssh"):
        part.chmod(0o700)
    (home / ".bash_profile").write_text(
        "PS1='\\u@\\h:\\w\\$ '; HISTFILE=~/history; HISTCONTROL=; PROMPT_COMMAND='history -a'; unset HISTIGNORE\n"
    )
    keygen("-q", "-t", "ed25519", "-N", "", "-f", str(folder / "host_key"))
    keygen("-q", "-t", "ed25519", "-N", PASSWORD, "-f", str(folder / "user_key"))
    shutil.copy(folder / "user_key.pub", home / ".ssh" / "authorized_keys")
    hashed = subprocess.run(
        ["openssl", "passwd", "-6", PASSWORD], capture_output=True, check=True, text=True
    ).stdout.strip()
    (folder / "passwd").write_text(
        f"root:x:0:0::/root:/bin/sh\nsshd:x:105:65534::/run/sshd:/usr/sbin/nologin\n{USER}:x:0:0::{home}:/bin/bash\n"
    )
    (folder / "shadow").write_text(f"root:*:19000::::::\nsshd:*:19000::::::\n{USER}:{hashed}:19000::::::\n")
    port = free_port(socket.SOCK_STREAM)
    (folder / "sshd_config").write_text(
        f"Port {port}\nListenAddress 127.0.0.1\nHostKey {folder / 'host_key'}\nPidFile none\nUsePAM no\n"
        "PermitRootLogin yes\nPasswordAuthentication yes\nKbdInteractiveAuthentication no\nStrictModes no\n"
        f"AuthorizedKeysFile {home / '.ssh' / 'authorized_keys'}\nPrintMotd no\nPrintLastLog no\nUseDNS no\n"
    )
    script = (
        f"mount --bind {folder}/passwd /etc/passwd && mount --bind {folder}/shadow /etc/shadow && "
        "mount -t tmpfs none /run && mkdir -m 755 /run/sshd && "
        f"exec /usr/sbin/sshd -D -e -f {folder}/sshd_config"
    )
    with (folder / "log").open("w") as log:
        process = subprocess.Popen(["unshare", "--mount", "sh", "-c", script], stdout=log, stderr=log)
        try:
            wait_until(lambda: "Server listening" in (folder / "log").read_text() or process.poll() is not None)
            assert process.poll() is None, (folder / "log").read_text()
            yield OpenSsh(port, folder)
        finally:
            process.terminate()
            process.wait(10)
