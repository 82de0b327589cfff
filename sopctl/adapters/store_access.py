"""Who may reach into the store: the login that made it and its group, whatever the umask of each login.

Owns the modes of the store's folders and files. The folders are setgid, so that what one login makes belongs to the
group of the store and not to its own.
"""

import os
from pathlib import Path

FOLDER_MODE = 0o2770
LEDGER_MODE = 0o660
"""Also of SQLite's files beside the ledger: it gives them the ledger's mode."""

KEPT_MODE = 0o640
"""Of files that are written once."""


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
