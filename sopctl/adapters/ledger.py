"""The append-only ledger: one SQLite file, one hash chain a cycle.

Owns durability, the one-writer rule and the guards against change. It must not judge what events mean.
Not for network file systems, whose locks cannot be relied on.

SQLite keeps a rollback journal: between two steps the ledger is one file whose every byte is settled, which `seal`
holds to; a step that was killed is undone byte for byte.
"""

import fcntl
import os
import sqlite3
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path
from typing import Any

from dcnet.language import Words
from dcnet.os_errors import reason_of
from sopctl.adapters.ledger_heads import Heads
from sopctl.adapters.ledger_rows import COLUMNS, GUARDS, MARKS, SCHEMA_VERSION, TABLE, row_of, stored_event
from sopctl.adapters.ledger_seal import Seal
from sopctl.adapters.store_access import LEDGER_MODE, locked, make_shared_folder, share
from sopctl.chain.event import NO_EVENT, Event, time_from_text
from sopctl.errors import Conflict, StoreError
from sopctl.workflow.chain_integrity import chain_problems
from sopctl.workflow.ports import Newest, StoredEvent

BUSY_SECONDS = 20.0
"""How long a writer waits for another one."""

DURABLE = "PRAGMA synchronous=EXTRA"
"""Also the journal's removal is synced: a power cut after COMMIT must not undo an event that `heads` repeats."""


class Ledger:
    """The ledger `ledger.sqlite` of a store. Beside it, `heads` repeats each event's hash as a line of text.

    The second file makes a shortened ledger visible, and is easy to copy to a place out of reach. A third, `seal`,
    holds the hashes of both.
    """

    def __init__(self, store: Path) -> None:
        """Open the ledger of `store`. Raises StoreError when it is missing or no ledger."""
        self.file = store / "ledger.sqlite"
        self.heads = Heads(store)
        self.seal = Seal(store)
        _require_readable(self.file)
        with _told(self.file):
            self._database = sqlite3.connect(self.file, timeout=BUSY_SECONDS, isolation_level=None)
            self._database.execute(DURABLE)
            self._database.execute("SELECT count(*) FROM event").fetchone()
            self._checked: dict[str, tuple[Event, ...]] = {}
            self._checked_in = self._state()
            (version,) = self._database.execute("PRAGMA user_version").fetchone()
        if version != SCHEMA_VERSION:
            raise StoreError(
                Words(
                    f"buku besar {self.file} berbentuk versi {version}; sopctl ini memakai versi {SCHEMA_VERSION}. "
                    "Pakai sopctl yang membuatnya, atau pulihkan folder itu dari cadangan",
                    f"ledger {self.file} has the form of version {version}; this sopctl uses version "
                    f"{SCHEMA_VERSION}. Use the sopctl that made it, or restore that folder from a backup",
                )
            )

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
                database.execute(DURABLE)
                database.execute("BEGIN IMMEDIATE")
                if not database.execute("SELECT 1 FROM sqlite_master WHERE name = 'event'").fetchone():
                    for statement in (TABLE, *GUARDS.values(), f"PRAGMA user_version={SCHEMA_VERSION}"):
                        database.execute(statement)
                database.execute("COMMIT")
            finally:
                database.close()
        ledger = cls(store)
        with ledger._in_turn(fcntl.LOCK_EX):
            ledger._require_seal()
        return ledger

    def close(self) -> None:
        """Let go of the file."""
        self._database.close()

    def cycles(self) -> tuple[str, ...]:
        """Names of all cycles, in the order in which they were opened."""
        rows = self._rows("SELECT cycle FROM event WHERE sequence = 1 ORDER BY rowid")
        return tuple(str(cycle) for (cycle,) in rows)

    def events(self, cycle: str) -> tuple[Event, ...]:
        """The cycle's events in order. Raises StoreError where one is not what was recorded, saying which.

        They are checked once for as long as nobody changes the ledger: a command asks for each cycle several times.
        """
        with _told(self.file):
            state = self._state()
        if state != self._checked_in:
            self._checked, self._checked_in = {}, state
        if cycle not in self._checked:
            self._checked[cycle] = self._checked_events(cycle)
        return self._checked[cycle]

    def _state(self) -> tuple[int, int]:
        """What changes whenever another connection, or this one, changes the ledger (SQLite's PRAGMA data_version)."""
        (version,) = self._database.execute("PRAGMA data_version").fetchone()
        return version, self._database.total_changes

    def _checked_events(self, cycle: str) -> tuple[Event, ...]:
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

    def newest(self) -> Newest:
        """The ledger's newest event."""
        rows = self._rows("SELECT hash, time FROM event ORDER BY rowid DESC LIMIT 1")
        if not rows:
            return Newest(NO_EVENT, None)
        found, time = rows[0]
        try:
            return Newest(str(found), time_from_text(str(time)))
        except ValueError:
            # Whoever reads the event itself tells what is wrong with it.
            return Newest(str(found), None)

    def append(self, event: Event) -> None:
        """Record `event` if it still continues its cycle. Raises Conflict or StoreError."""
        with self._in_turn(fcntl.LOCK_EX):
            head = self.heads.open()
            try:
                self._require_seal()
                with _told(self.file):
                    self._insert(head, event)
                # After COMMIT the event stands. What a full disk leaves unwritten weakens only these two witnesses, and
                # must not make a recorded step look failed. A seal is of whole heads alone.
                with suppress(OSError):
                    self.heads.note(head, event)
                    self.seal.renew(event.hash)
            finally:
                os.close(head)

    def _require_seal(self) -> None:
        """Raises StoreError where something was changed since the newest event: the next seal would hide it."""
        known = self._hashes()
        for problem in self.seal.problems(known):
            raise StoreError(
                Words(
                    f"penyimpanan tidak utuh: {problem.id}.\nTidak ada yang dicatat. Lihat semuanya dengan `sopctl "
                    "verify`, lalu pulihkan folder store dari cadangan.",
                    f"the store is not whole: {problem.en}.\nNothing was recorded. See everything with `sopctl "
                    "verify`, then restore the folder of the store from a backup.",
                )
            )
        if not known:
            try:
                self.seal.renew(NO_EVENT)
            except OSError as error:
                why = reason_of(error)
                raise StoreError(
                    Words(
                        f"{self.seal.file} tidak dapat ditulis: {why.id}; tidak ada yang dicatat",
                        f"{self.seal.file} cannot be written: {why.en}; nothing was recorded",
                    )
                ) from error

    @contextmanager
    def _in_turn(self, how: int) -> Iterator[None]:
        """Nobody records meanwhile: alone with LOCK_EX, beside others who look with LOCK_SH. Raises StoreError."""
        with ExitStack() as held:
            try:
                held.enter_context(locked(self.file.parent, how, BUSY_SECONDS))
            except BlockingIOError as error:
                raise _busy(self.file) from error
            except OSError as error:
                raise _not_allowed(self.file) from error
            yield

    def _insert(self, head: int, event: Event) -> None:
        # IMMEDIATE takes the write lock before reading: what is read here stays true until COMMIT.
        self._database.execute("BEGIN IMMEDIATE")
        try:
            self._expect(event)
            self.heads.complete(head, self._known())
            self._database.execute(f"INSERT INTO event ({COLUMNS}) VALUES ({MARKS})", row_of(event))  # noqa: S608
            self._database.execute("COMMIT")
        finally:
            if self._database.in_transaction:
                self._database.execute("ROLLBACK")

    def stored(self) -> tuple[StoredEvent, ...]:
        """Every row, by cycle and sequence, also damaged ones."""
        return self._stored("")

    def _stored(self, which: str, *values: str) -> tuple[StoredEvent, ...]:
        rows = self._rows(f"SELECT {COLUMNS} FROM event {which} ORDER BY cycle, sequence", *values)  # noqa: S608
        return tuple(stored_event(row) for row in rows)

    def recorded(self) -> tuple[Event, ...]:
        """Every event in the order of recording. Raises StoreError where a cycle is damaged."""
        by_hash = {event.hash: event for cycle in self.cycles() for event in self.events(cycle)}
        return tuple(by_hash[found] for found in self._known().values())

    def problems(self) -> tuple[Words, ...]:
        """Damaged pages, missing guards, heads that the ledger no longer has, bytes changed since the newest event."""
        with self._in_turn(fcntl.LOCK_SH):
            return tuple(self._problems())

    def newest_is_sealed(self) -> bool:
        """Whether the process that recorded the newest event also sealed it; where not, it was killed."""
        with self._in_turn(fcntl.LOCK_SH):
            return self.seal.is_of(self._hashes())

    def _problems(self) -> Iterator[Words]:
        for (answer,) in self._rows("PRAGMA integrity_check"):
            if answer != "ok":
                yield Words(f"berkas SQLite rusak: {answer}", f"damaged SQLite file: {answer}")
        made = dict(self._rows("SELECT name, sql FROM sqlite_master WHERE sql IS NOT NULL"))
        if made.pop("event", None) != TABLE:
            yield Words("tabel event diubah", "table event was changed")
        for name, statement in GUARDS.items():
            if made.pop(name, None) != statement:
                yield Words(f"penjaga {name} hilang atau diubah", f"guard {name} is missing or was changed")
        for name in made:
            yield Words(f"{name} bukan bagian buku besar", f"{name} is no part of the ledger")
        known = self._known()
        yield from self.heads.problems(known)
        yield from self.seal.problems(tuple(known.values()))

    def _hashes(self) -> tuple[str, ...]:
        return tuple(self._known().values())

    def _known(self) -> dict[tuple[str, int], str]:
        rows = self._rows("SELECT cycle, sequence, hash FROM event ORDER BY rowid")
        return {(str(cycle), sequence): str(found) for cycle, sequence, found in rows}

    def _expect(self, event: Event) -> None:
        """Raises Conflict when the ledger has moved on since `event` was sealed."""
        last = self._database.execute(
            "SELECT sequence, hash FROM event WHERE cycle = ? ORDER BY sequence DESC LIMIT 1", (event.cycle,)
        ).fetchone()
        if (last or (0, self.newest().hash)) != (event.sequence - 1, event.previous_hash):
            cycle = event.cycle
            raise Conflict(
                Words(
                    f"proses lain baru saja mencatat sesuatu pada siklus {cycle}; langkah ini tidak dicatat.\n"
                    "Lihat keadaannya dengan `sopctl status`, lalu ulangi bila masih perlu.",
                    f"another process has just recorded something in cycle {cycle}; this step was not recorded.\n"
                    "See how things are with `sopctl status`, then repeat it if it is still needed.",
                )
            )

    def _rows(self, query: str, *values: str) -> list[Any]:
        with _told(self.file):
            return self._database.execute(query, values).fetchall()


def _require_readable(file: Path) -> None:
    try:
        file.stat()
    except FileNotFoundError as error:
        raise StoreError(
            Words(
                f"buku besar {file} tidak ada; periksa `store` di sopctl.yml. Bila hilang, pulihkan dengan "
                "`sopctl restore ARSIP`; bila memang belum pernah ada, buat dengan `sopctl init`",
                f"ledger {file} does not exist; check `store` in sopctl.yml. If it was lost, bring it back with "
                "`sopctl restore ARCHIVE`; if there never was one, make it with `sopctl init`",
            )
        ) from error
    except PermissionError as error:
        raise _not_allowed(file) from error
    except OSError as error:
        why = reason_of(error)
        raise StoreError(
            Words(
                f"buku besar {file} tidak dapat dibuka: {why.id}; periksa `store` di sopctl.yml",
                f"ledger {file} cannot be opened: {why.en}; check `store` in sopctl.yml",
            )
        ) from error


def _not_allowed(file: Path) -> StoreError:
    return StoreError(
        Words(
            f"login ini tidak boleh membaca dan menulis buku besar {file}; sopctl memerlukan izin menulis di folder "
            f"{file.parent}, juga untuk melihat. Masukkan login ini ke dalam grup folder itu",
            f"this login may not read and write ledger {file}; sopctl needs write permission in folder {file.parent}, "
            "also for looking. Make this login a member of that folder's group",
        )
    )


def _busy(file: Path) -> Conflict:
    return Conflict(
        Words(
            f"buku besar {file} sedang dipakai proses lain lebih dari {BUSY_SECONDS:.0f} detik; ulangi nanti",
            f"ledger {file} has been in use by another process for over {BUSY_SECONDS:.0f} seconds; try again",
        )
    )


def _touch(file: Path) -> None:
    descriptor = os.open(file, os.O_WRONLY | os.O_CREAT, LEDGER_MODE)
    try:
        share(descriptor, LEDGER_MODE)
    finally:
        os.close(descriptor)


@contextmanager
def _told(file: Path) -> Iterator[None]:
    """Tell SQLite's errors as StoreError."""
    try:
        yield
    # A message that repeats a damaged name of the schema is no UTF-8.
    except (sqlite3.Error, UnicodeDecodeError) as error:
        if "locked" in str(error) or "busy" in str(error):
            raise _busy(file) from error
        if "full" in str(error) or "I/O" in str(error):
            raise StoreError(
                Words(
                    f"{file.parent} penuh atau tidak dapat ditulis (SQLite: {error}); tidak ada yang dicatat. "
                    "Kosongkan tempat, lalu ulangi",
                    f"{file.parent} is full or cannot be written (SQLite: {error}); nothing was recorded. Make room, "
                    "then repeat",
                )
            ) from error
        if "readonly" in str(error) or "unable to open" in str(error):
            raise _not_allowed(file) from error
        raise StoreError(
            Words(
                f"buku besar {file} tidak dapat dipakai (SQLite: {error}). Periksa `store` di sopctl.yml; bila benar, "
                "pulihkan folder itu dari cadangan",
                f"ledger {file} cannot be used (SQLite: {error}). Check `store` in sopctl.yml; if it is right, "
                "restore that folder from a backup",
            )
        ) from error
