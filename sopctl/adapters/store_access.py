"""Who may reach into the store: the login that made it and its group, whatever the umask of each login.

Owns the modes of the store's folders and files, and how processes wait for each other at a folder. The folders are
setgid, so that what one login makes belongs to the group of the store and not to its own.
"""

import fcntl
import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

FOLDER_MODE = 0o2770
LEDGER_MODE = 0o660
"""Also of SQLite's files beside the ledger: it gives them the ledger's mode."""

KEPT_MODE = 0o640
"""Of files that are written once."""

LOOK_AGAIN_SECONDS = 0.01


def make_shared_folder(folder: Path) -> None:
    """Make `folder`, and those above it, where it is missing. A folder that is there keeps its mode. Raises OSError."""
    try:
        folder.mkdir(parents=True)
    except FileExistsError:
        if not folder.is_dir():
            raise
        return
    folder.chmod(FOLDER_MODE)


def share(descriptor: int, mode: int) -> None:
    """Give an open file of this login `mode`; another login's file is left as its owner made it."""
    if os.fstat(descriptor).st_uid == os.geteuid():
        os.fchmod(descriptor, mode)


@contextmanager
def locked(folder: Path, how: int, patience_seconds: float | None = None) -> Iterator[None]:
    """Hold the folder's lock, `fcntl.LOCK_SH` or `LOCK_EX`. The kernel frees it with the process.

    Waits for ever; with `patience_seconds` so long, then raises BlockingIOError. Raises OSError where it cannot be had.
    """
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        if patience_seconds is None:
            fcntl.flock(descriptor, how)
        else:
            _wait_for(descriptor, how, time.monotonic() + patience_seconds)
        yield
    finally:
        os.close(descriptor)


def _wait_for(descriptor: int, how: int, until: float) -> None:
    while True:
        try:
            fcntl.flock(descriptor, how | fcntl.LOCK_NB)
        except BlockingIOError:
            if time.monotonic() > until:
                raise
            time.sleep(LOOK_AGAIN_SECONDS)
        else:
            return


def sync_folder(folder: Path) -> None:
    """Make the names in `folder` durable, not only the bytes of its files. Raises OSError."""
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
