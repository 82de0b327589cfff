"""`heads`: a line of text for each event of a ledger, its second witness, easy to copy to a place out of reach.

Owns the file's lines and what they prove. It must not read the ledger.
"""

import errno
import os
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import TypeAlias

from dcnet.language import Words
from dcnet.os_errors import reason_of
from sopctl.adapters.store_access import LEDGER_MODE, share
from sopctl.chain.event import Event
from sopctl.errors import StoreError

Known: TypeAlias = Mapping[tuple[str, int], str]
"""The hash of each event by cycle and sequence, in the order of recording."""


class Heads:
    """The file `heads` of a store."""

    def __init__(self, store: Path) -> None:
        self.file = store / "heads"

    def open(self) -> int:
        """Open it for the next event: a login that may not write it must know before it records anything."""
        try:
            descriptor = os.open(self.file, os.O_WRONLY | os.O_CREAT | os.O_APPEND, LEDGER_MODE)
            share(descriptor, LEDGER_MODE)
        except OSError as error:
            raise self._not_written(error) from error
        return descriptor

    def complete(self, descriptor: int, known: Known) -> None:
        """Write the lines that killed processes left unwritten. Called while nobody else can record.

        Raises StoreError: only the newest event may lack its line, so that none is recorded after one that lacks it.
        """
        try:
            content = self.file.read_bytes()
            present = set(content.splitlines())
            missing = [line for line in _lines(known) if line not in present]
            if missing:
                torn = b"\n" if content and not content.endswith(b"\n") else b""
                _write_whole(descriptor, torn + b"".join(line + b"\n" for line in missing))
        except OSError as error:
            raise self._not_written(error) from error

    def note(self, descriptor: int, event: Event) -> None:
        """Write the event's line. Raises OSError where it is not written whole; the next event brings it."""
        _write_whole(descriptor, _line(event.cycle, event.sequence, event.hash) + b"\n")

    def problems(self, known: Known) -> Iterator[Words]:
        """Lines of events that the ledger does not have, and events without a line; the newest may lack its own."""
        try:
            found = self.file.read_bytes().splitlines()
        except FileNotFoundError:
            found = []
        except OSError as error:
            why = reason_of(error)
            yield Words(f"{self.file} tidak terbaca: {why.id}", f"{self.file} is unreadable: {why.en}")
            return
        expected = list(_lines(known))
        whole = set(expected)
        for number, line in enumerate(found, start=1):
            # A power cut leaves the beginning of a line, or zeros.
            begun = line.rstrip(b"\0")
            if begun and line not in whole and not any(one.startswith(begun) for one in expected):
                shown = line.decode(errors="replace")
                yield Words(
                    f"{self.file}:{number}: kejadian ini tidak ada di buku besar: {shown}",
                    f"{self.file}:{number}: this event is not in the ledger: {shown}",
                )
        for line in expected[:-1]:
            if line not in found:
                shown = " ".join(line.decode().split()[:2])
                yield Words(
                    f"{self.file}: baris kejadian {shown} tidak ada",
                    f"{self.file}: the line of event {shown} is missing",
                )

    def _not_written(self, error: OSError) -> StoreError:
        why = reason_of(error)
        return StoreError(
            Words(
                f"{self.file} tidak dapat ditulis: {why.id}; tidak ada yang dicatat. Login ini memerlukan izin "
                f"menulis di {self.file.parent} melalui grupnya",
                f"{self.file} cannot be written: {why.en}; nothing was recorded. This login needs write "
                f"permission in {self.file.parent} through its group",
            )
        )


def _write_whole(descriptor: int, content: bytes) -> None:
    if os.write(descriptor, content) != len(content):
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
    os.fsync(descriptor)


def _lines(known: Known) -> Iterator[bytes]:
    for (cycle, sequence), found in known.items():
        yield _line(cycle, sequence, found)


def _line(cycle: str, sequence: int, found: str) -> bytes:
    return f"{cycle} {sequence} {found}".encode()
