"""`seal`: the SHA-256 of `ledger.sqlite` and `heads` as the newest step left them.

Owns that file and what it proves: SQLite keeps bytes that no reader sees (free parts of pages, counters of its header),
and each of them counts too. Whoever can write the store can seal it anew: what events say rests on hashes and
signatures, never on this file. It must not read events.
"""

import hashlib
import os
import re
from collections.abc import Iterator, Sequence
from pathlib import Path

from dcnet.language import Words
from dcnet.os_errors import reason_of
from sopctl.adapters.store_access import KEPT_MODE, share, sync_folder
from sopctl.chain.event import NO_EVENT

FORM = re.compile(rb"([0-9a-f]{64}) ([0-9a-f]{64}) ([0-9a-f]{64})\n")


class Seal:
    """The file `seal` of a store: the newest event's hash, then the hash of each of the two files, on one line.

    All of it is called while nobody else can record, and outside of transactions of this process: closing a file drops
    every lock that the process holds on it (POSIX), SQLite's too.
    """

    def __init__(self, store: Path) -> None:
        self.file = store / "seal"
        self._sealed = (store / "ledger.sqlite", store / "heads")

    def renew(self, newest: str) -> None:
        """Seal the files as they are, with `newest` as the ledger's newest event. Raises OSError; then it is as before.

        Whatever stops it leaves the seal of an earlier event, which proves nothing and accuses nobody.
        """
        line = " ".join((newest, *map(_sha256, self._sealed))) + "\n"
        temporary = self.file.with_name(".seal")
        # What a killed process of another login left could not be written.
        temporary.unlink(missing_ok=True)
        with temporary.open("xb") as writing:
            share(writing.fileno(), KEPT_MODE)
            writing.write(line.encode())
            writing.flush()
            os.fsync(writing.fileno())
        temporary.replace(self.file)
        sync_folder(self.file.parent)

    def is_of(self, known: Sequence[str]) -> bool:
        """Whether the newest of the `known` events is sealed: not where the process that recorded it was killed."""
        try:
            return self.file.read_bytes().startswith(_newest(known).encode())
        except OSError:
            return False

    def problems(self, known: Sequence[str]) -> Iterator[Words]:
        """What was changed since the newest event; `known` are the hashes of all events, in the order of recording."""
        try:
            found = FORM.fullmatch(self.file.read_bytes())
        except FileNotFoundError:
            # The making of a ledger may have been broken off; its first event is recorded under a seal.
            if known:
                yield Words(f"segel {self.file} tidak ada", f"seal {self.file} is missing")
            return
        except OSError as error:
            yield _unreadable(self.file, error)
            return
        event, *expected = (part.decode() for part in found.groups()) if found else ("",)
        if event not in (NO_EVENT, *known):
            yield Words(
                f"segel {self.file} diubah: menyebut kejadian yang tidak ada di buku besar",
                f"seal {self.file} was changed: it names an event that is not in the ledger",
            )
        elif event == _newest(known):
            for file, sha256 in zip(self._sealed, expected, strict=True):
                yield from _file_problems(file, sha256)


def _newest(known: Sequence[str]) -> str:
    return known[-1] if known else NO_EVENT


def _file_problems(file: Path, sha256: str) -> Iterator[Words]:
    try:
        found = _sha256(file)
    except OSError as error:
        yield _unreadable(file, error)
        return
    if found != sha256:
        yield Words(
            f"berkas {file} diubah sejak langkah terakhir: SHA-256-nya {found}, menurut segel {sha256}",
            f"file {file} was changed since the last step: its SHA-256 is {found}, by the seal {sha256}",
        )


def _unreadable(file: Path, error: OSError) -> Words:
    why = reason_of(error)
    return Words(f"{file} tidak terbaca: {why.id}", f"{file} is unreadable: {why.en}")


def _sha256(file: Path) -> str:
    with file.open("rb") as reading:
        return hashlib.file_digest(reading, "sha256").hexdigest()
