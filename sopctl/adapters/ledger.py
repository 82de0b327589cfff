"""The append-only ledger: one SQLite file, one hash chain a cycle.

Owns durability, the one-writer rule and the guards against change. It must not judge what events mean.
Not for network file systems: SQLite's write-ahead log needs shared memory.
"""

import json
import os
import re
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

from dcnet.language import Words
from dcnet.os_errors import reason_of
from sopctl.adapters.store_access import LEDGER_MODE, make_shared_folder, share
from sopctl.chain.event import (
    NO_EVENT,
    Draft,
    Event,
    EventKind,
    actor_as_json,
    actor_from_json,
    body_of,
    canonical_json,
    seal,
    time_as_text,
    time_from_text,
)
from sopctl.errors import Conflict, StoreError
from sopctl.workflow.chain_integrity import chain_problems
from sopctl.workflow.ports import StoredEvent

BUSY_SECONDS = 20.0
"""How long a writer waits for another one."""

HEAD = re.compile(r"(?P<cycle>\S+) (?P<sequence>\d+) (?P<hash>[0-9a-f]{64})")
"""A line of `heads`."""

COLUMNS = "cycle, sequence, previous_hash, time, kind, position, official, os_user, actor, payload, hash"
TABLE = """CREATE TABLE event (
    cycle TEXT NOT NULL,
    sequence INTEGER NOT NULL CHECK (sequence > 0),
    previous_hash TEXT NOT NULL,
    time TEXT NOT NULL,
    kind TEXT NOT NULL,
    position TEXT NOT NULL,
    official TEXT NOT NULL,
    os_user TEXT NOT NULL,
    actor TEXT NOT NULL,
    payload TEXT NOT NULL,
    hash TEXT NOT NULL UNIQUE,
    PRIMARY KEY (cycle, sequence)
)"""
GUARDS = {
    f"event_refuses_{action.lower()}": f"CREATE TRIGGER event_refuses_{action.lower()} BEFORE {action} ON event "
    "BEGIN SELECT RAISE(ABORT, 'the ledger is append-only'); END"
    for action in ("UPDATE", "DELETE")
}


class Ledger:
    """The ledger `ledger.sqlite` of a store. Beside it, `heads` repeats each event's hash as a line of text.

    The second file makes a shortened ledger visible, and is easy to copy to a place out of reach.
    """

    def __init__(self, store: Path) -> None:
        """Open the ledger of `store`. Raises StoreError when it is missing or no ledger."""
        self.file = store / "ledger.sqlite"
        self.heads = store / "heads"
        _require_readable(self.file)
        with _told(self.file):
            self._database = sqlite3.connect(self.file, timeout=BUSY_SECONDS, isolation_level=None)
            self._database.execute("PRAGMA synchronous=FULL")
            self._database.execute("SELECT count(*) FROM event").fetchone()

    @classmethod
    def create(cls, store: Path) -> "Ledger":
        """Make the ledger of `store` where there is none, and open it. Raises StoreError."""
        file = store / "ledger.sqlite"
        try:
            make_shared_folder(store)
            _touch(file)
            _touch(store / "heads")
        except OSError as error:
            why = reason_of(error)
            raise StoreError(
                Words(f"folder {store} tidak dapat dibuat: {why.id}", f"folder {store} cannot be made: {why.en}")
            ) from error
        with _told(file):
            database = sqlite3.connect(file, timeout=BUSY_SECONDS, isolation_level=None)
            try:
                database.execute("PRAGMA journal_mode=WAL")
                database.execute("PRAGMA synchronous=FULL")
                database.execute("BEGIN IMMEDIATE")
                if not database.execute("SELECT 1 FROM sqlite_master WHERE name = 'event'").fetchone():
                    for statement in (TABLE, *GUARDS.values()):
                        database.execute(statement)
                database.execute("COMMIT")
            finally:
                database.close()
        return cls(store)

    def close(self) -> None:
        """Let go of the file."""
        self._database.close()

    def cycles(self) -> tuple[str, ...]:
        """Names of all cycles, in the order in which they were opened."""
        rows = self._rows("SELECT cycle FROM event WHERE sequence = 1 ORDER BY rowid")
        return tuple(str(cycle) for (cycle,) in rows)

    def events(self, cycle: str) -> tuple[Event, ...]:
        """The cycle's events in order. Raises StoreError where one is not what was recorded, saying which."""
        entries = self._stored("WHERE cycle = ?", cycle)
        for problem in chain_problems(cycle, entries):
            raise StoreError(
                Words(
                    f"buku besar {self.file} tidak utuh: {problem.id}.\nTidak ada yang dibaca atau dicatat. Lihat "
                    "semuanya dengan `sopctl verify`, lalu pulihkan folder store dari cadangan.",
                    f"ledger {self.file} is not whole: {problem.en}.\nNothing was read or recorded. See everything "
                    "with `sopctl verify`, then restore the folder of the store from a backup.",
                )
            )
        return tuple(entry.event for entry in entries if entry.event is not None)

    def newest_hash(self) -> str:
        """Hash of the ledger's newest event; NO_EVENT while it is empty."""
        rows = self._rows("SELECT hash FROM event ORDER BY rowid DESC LIMIT 1")
        return str(rows[0][0]) if rows else NO_EVENT

    def append(self, draft: Draft, expected_version: int, newest: str) -> Event:
        """Record `draft` after event `expected_version` of its cycle. Raises Conflict or StoreError."""
        head = self._open_head()
        try:
            event = self._insert(draft, expected_version, newest)
            _note_head(head, event)
        finally:
            os.close(head)
        return event

    def _insert(self, draft: Draft, expected_version: int, newest: str) -> Event:
        with _told(self.file):
            # IMMEDIATE takes the write lock before reading: what is read here stays true until COMMIT.
            self._database.execute("BEGIN IMMEDIATE")
            try:
                previous = self._expect(draft.cycle, expected_version, newest)
                event = seal(draft, expected_version + 1, previous)
                marks = ", ".join("?" * len(COLUMNS.split(",")))
                self._database.execute(f"INSERT INTO event ({COLUMNS}) VALUES ({marks})", _row_of(event))  # noqa: S608
                self._database.execute("COMMIT")
            finally:
                if self._database.in_transaction:
                    self._database.execute("ROLLBACK")
        return event

    def stored(self) -> tuple[StoredEvent, ...]:
        """Every row, by cycle and sequence, also damaged ones."""
        return self._stored("")

    def _stored(self, which: str, *values: str) -> tuple[StoredEvent, ...]:
        found = []
        for row in self._rows(f"SELECT {COLUMNS} FROM event {which} ORDER BY cycle, sequence", *values):  # noqa: S608
            try:
                found.append(StoredEvent(str(row[0]), int(row[1]), _event_of(row), None))
            except (KeyError, TypeError, ValueError, RecursionError) as error:
                problem = Words(f"tidak terbaca: {error}", f"unreadable: {error}")
                found.append(StoredEvent(str(row[0]), int(row[1]), None, problem))
        return tuple(found)

    def problems(self) -> tuple[Words, ...]:
        """Damaged pages, missing guards, and heads that the ledger no longer has."""
        found: list[Words] = []
        for (answer,) in self._rows("PRAGMA integrity_check"):
            if answer != "ok":
                found.append(Words(f"berkas SQLite rusak: {answer}", f"damaged SQLite file: {answer}"))
        guards = dict(self._rows("SELECT name, sql FROM sqlite_master WHERE type = 'trigger'"))
        for name, statement in GUARDS.items():
            if guards.get(name) != statement:
                found.append(Words(f"penjaga {name} hilang atau diubah", f"guard {name} is missing or was changed"))
        return (*found, *self._lost_heads())

    def _lost_heads(self) -> Iterator[Words]:
        try:
            # Whatever is no text is no head either.
            lines = self.heads.read_text(encoding="utf-8", errors="replace").splitlines()
        except FileNotFoundError:
            lines = []
        except OSError as error:
            why = reason_of(error)
            yield Words(f"{self.heads} tidak terbaca: {why.id}", f"{self.heads} is unreadable: {why.en}")
            return
        known = {
            (str(cycle), str(sequence)): str(found)
            for cycle, sequence, found in self._rows("SELECT cycle, sequence, hash FROM event")
        }
        for number, line in enumerate(lines, start=1):
            # A line that a power cut tore has another shape; it witnesses nothing, and accuses nobody.
            head = HEAD.fullmatch(line)
            if head is not None and known.get((head["cycle"], head["sequence"])) != head["hash"]:
                yield Words(
                    f"{self.heads}:{number}: kejadian {head['cycle']}/{head['sequence']} dengan hash {head['hash']} "
                    "tidak ada di buku besar",
                    f"{self.heads}:{number}: event {head['cycle']}/{head['sequence']} with hash {head['hash']} "
                    "is not in the ledger",
                )

    def _expect(self, cycle: str, version: int, newest: str) -> str:
        """The previous hash for the event after `version`; raises Conflict when the ledger has moved on."""
        last = self._database.execute(
            "SELECT sequence, hash FROM event WHERE cycle = ? ORDER BY sequence DESC LIMIT 1", (cycle,)
        ).fetchone()
        found_version, found_hash = last or (0, self.newest_hash())
        if found_version != version or (version == 0 and found_hash != newest):
            raise Conflict(
                Words(
                    f"proses lain baru saja mencatat sesuatu pada siklus {cycle}; langkah ini tidak dicatat.\n"
                    "Lihat keadaannya dengan `sopctl status`, lalu ulangi bila masih perlu.",
                    f"another process has just recorded something in cycle {cycle}; this step was not recorded.\n"
                    "See how things are with `sopctl status`, then repeat it if it is still needed.",
                )
            )
        return str(found_hash)

    def _open_head(self) -> int:
        """`heads`, open for the next event: a login that may not write it must know before it records anything."""
        try:
            descriptor = os.open(self.heads, os.O_WRONLY | os.O_CREAT | os.O_APPEND, LEDGER_MODE)
            share(descriptor, LEDGER_MODE)
        except OSError as error:
            why = reason_of(error)
            raise StoreError(
                Words(
                    f"{self.heads} tidak dapat ditulis: {why.id}; tidak ada yang dicatat. Login ini memerlukan izin "
                    f"menulis di {self.file.parent} melalui grupnya",
                    f"{self.heads} cannot be written: {why.en}; nothing was recorded. This login needs write "
                    f"permission in {self.file.parent} through its group",
                )
            ) from error
        return descriptor

    def _rows(self, query: str, *values: str) -> list[Any]:
        with _told(self.file):
            return self._database.execute(query, values).fetchall()


def _require_readable(file: Path) -> None:
    try:
        file.stat()
    except FileNotFoundError as error:
        raise StoreError(
            Words(
                f"buku besar {file} tidak ada; buat dengan `sopctl init`, atau periksa `store` di sopctl.yml",
                f"ledger {file} does not exist; make it with `sopctl init`, or check `store` in sopctl.yml",
            )
        ) from error
    except PermissionError as error:
        raise StoreError(_not_allowed(file)) from error
    except OSError as error:
        why = reason_of(error)
        raise StoreError(
            Words(
                f"buku besar {file} tidak dapat dibuka: {why.id}; periksa `store` di sopctl.yml",
                f"ledger {file} cannot be opened: {why.en}; check `store` in sopctl.yml",
            )
        ) from error


def _not_allowed(file: Path) -> Words:
    return Words(
        f"login ini tidak boleh membaca dan menulis buku besar {file}; sopctl memerlukan izin menulis di folder "
        f"{file.parent}, juga untuk melihat. Masukkan login ini ke dalam grup folder itu",
        f"this login may not read and write ledger {file}; sopctl needs write permission in folder {file.parent}, "
        "also for looking. Make this login a member of that folder's group",
    )


def _touch(file: Path) -> None:
    descriptor = os.open(file, os.O_WRONLY | os.O_CREAT, LEDGER_MODE)
    try:
        share(descriptor, LEDGER_MODE)
    finally:
        os.close(descriptor)


def _note_head(descriptor: int, event: Event) -> None:
    """Repeat the event's hash in `heads`.

    After COMMIT the event stands. A head that a crash or a full disk leaves unwritten weakens only this second
    witness, and must not make a recorded step look failed.
    """
    with suppress(OSError):
        os.write(descriptor, f"{event.cycle} {event.sequence} {event.hash}\n".encode())
        os.fsync(descriptor)


@contextmanager
def _told(file: Path) -> Iterator[None]:
    """Tell SQLite's errors as StoreError."""
    try:
        yield
    except sqlite3.Error as error:
        if "locked" in str(error) or "busy" in str(error):
            raise Conflict(
                Words(
                    f"buku besar {file} sedang dipakai proses lain lebih dari {BUSY_SECONDS:.0f} detik; ulangi nanti",
                    f"ledger {file} has been in use by another process for over {BUSY_SECONDS:.0f} seconds; try again",
                )
            ) from error
        if "readonly" in str(error) or "unable to open" in str(error):
            raise StoreError(_not_allowed(file)) from error
        raise StoreError(
            Words(
                f"buku besar {file} tidak dapat dipakai (SQLite: {error}). Periksa `store` di sopctl.yml; bila benar, "
                "pulihkan folder itu dari cadangan",
                f"ledger {file} cannot be used (SQLite: {error}). Check `store` in sopctl.yml; if it is right, "
                "restore that folder from a backup",
            )
        ) from error


def _row_of(event: Event) -> tuple[str | int, ...]:
    return (
        event.cycle,
        event.sequence,
        event.previous_hash,
        time_as_text(event.time),
        event.kind.value,
        event.actor.official.position.value,
        event.actor.official.id,
        event.actor.os_user,
        canonical_json(actor_as_json(event.actor)).decode(),
        canonical_json(event.payload).decode(),
        event.hash,
    )


def _event_of(row: Any) -> Event:
    """The event of a row. Raises KeyError, TypeError, ValueError or RecursionError for a row that is none."""
    cycle, sequence, previous, time, kind, position, official, os_user, actor, payload, found_hash = row
    if not all(isinstance(text, str) for text in (cycle, previous, time, official, os_user, found_hash)):
        raise TypeError("a column that is no text")
    event = Event(
        cycle=cycle,
        sequence=sequence,
        previous_hash=previous,
        time=time_from_text(time),
        kind=EventKind(kind),
        actor=actor_from_json(json.loads(actor), official, position, os_user),
        payload=json.loads(payload),
        hash=found_hash,
    )
    # What cannot be hashed, such as half a character, cannot have been recorded.
    body_of(event)
    return event
