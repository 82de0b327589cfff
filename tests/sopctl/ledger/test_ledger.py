"""The ledger on a real SQLite file."""

import hashlib
import json
import sqlite3
from pathlib import Path
from typing import Any

import pytest

from sopctl.adapters.ledger import Ledger
from sopctl.chain.event import NO_EVENT, Draft, EventKind, body_of, seal
from sopctl.errors import Conflict, StoreError

MONTH = "2024-10"


def test_events_are_chained_by_sha256_over_canonical_json(walk: Any) -> None:
    """Each hash is the SHA-256 of sorted, spaceless UTF-8 JSON that holds the hash before it."""
    walk.until(4)
    previous = NO_EVENT
    for event in walk.ledger.events(MONTH):
        body = body_of(event)
        said = json.loads(body)
        assert said["previous"] == event.previous_hash == previous
        assert (said["cycle"], said["sequence"], said["kind"]) == (MONTH, event.sequence, event.kind.value)
        assert said["time"].endswith("Z")
        assert body == json.dumps(said, sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode()
        assert event.hash == hashlib.sha256(body).hexdigest()
        previous = event.hash


def test_an_event_reads_back_as_it_was_written(walk: Any) -> None:
    """What a new connection reads equals what was recorded, down to the hash."""
    event = walk.act("sekretaris", EventKind.OPENED, instruction="Segera – “penting”").event
    again = Ledger(walk.ledger.file.parent)
    assert again.events(MONTH) == (event,)
    again.close()


def test_a_second_cycle_continues_the_ledger(walk: Any) -> None:
    """The first event of a cycle holds the hash of the newest event of the cycles before it."""
    walk.until(3)
    newest = walk.ledger.newest().hash
    opened = walk.act("sekretaris", EventKind.OPENED, month="2024-11").event
    assert opened.previous_hash == newest
    assert opened.sequence == 1
    assert walk.ledger.cycles() == (MONTH, "2024-11")


@pytest.mark.parametrize("statement", ["UPDATE event SET payload = '{}'", "DELETE FROM event"])
def test_the_ledger_refuses_change(walk: Any, statement: str) -> None:
    """SQLite itself refuses to change or delete an event."""
    walk.until(3)
    database = sqlite3.connect(walk.ledger.file)
    with pytest.raises(sqlite3.IntegrityError, match="append-only"):
        database.execute(statement)
    database.close()
    assert len(walk.ledger.events(MONTH)) == 2


def test_events_are_checked_once_until_the_ledger_changes(walk: Any) -> None:
    """Who asks twice gets the very same events; a change by anybody, also past the guards, is seen at once."""
    read = walk.until(3).ledger.events(MONTH)
    assert walk.ledger.events(MONTH) is read
    walk.act("kasubag", EventKind.ASSIGNED)
    assert len(walk.ledger.events(MONTH)) == 3
    other = sqlite3.connect(walk.ledger.file)
    other.execute("DROP TRIGGER event_refuses_update")
    other.execute("UPDATE event SET payload = '{}' WHERE sequence = 2")
    other.commit()
    other.close()
    with pytest.raises(StoreError, match="cycle 2024-10, event 2"):
        walk.ledger.events(MONTH)


def test_every_commit_is_synced(walk: Any) -> None:
    """A rollback journal is used; ledger, journal and the journal's removal are synced at each commit."""
    assert walk.ledger._database.execute("PRAGMA journal_mode").fetchone() == ("delete",)
    assert walk.ledger._database.execute("PRAGMA synchronous").fetchone() == (3,)


def test_the_slower_of_two_writers_is_told(walk: Any) -> None:
    """Who expects an older version records nothing and learns that another was first."""
    opened = walk.until(2).cycle.last_move
    draft = Draft(MONTH, EventKind.ASSIGNED, walk.time, opened.actor, {"instruction": ""})
    walk.ledger.append(seal(draft, 2, opened.hash))
    with pytest.raises(Conflict, match="another process has just recorded something in cycle 2024-10"):
        walk.ledger.append(seal(draft, 2, opened.hash))
    assert len(walk.ledger.events(MONTH)) == 2


def test_two_first_cycles_do_not_both_continue_the_same_event(walk: Any) -> None:
    """An opening that has not seen the newest event of the ledger is refused."""
    opened = walk.act("sekretaris", EventKind.OPENED).event
    draft = Draft("2024-11", EventKind.OPENED, walk.time, opened.actor, opened.payload)
    with pytest.raises(Conflict):
        walk.ledger.append(seal(draft, 1, NO_EVENT))


def test_a_missing_ledger_names_init(tmp_path: Path) -> None:
    """A store without ledger is not made in silence."""
    with pytest.raises(StoreError, match="sopctl init"):
        Ledger(tmp_path)
    assert list(tmp_path.iterdir()) == []


def test_a_file_that_is_no_ledger_is_told(tmp_path: Path) -> None:
    """Another file under the ledger's name is refused with its path."""
    (tmp_path / "ledger.sqlite").write_text("this is not a database, but long enough to be looked at as one" * 20)
    with pytest.raises(
        StoreError, match=r"ledger\.sqlite cannot be used \(SQLite: file is not a database\).*restore that folder"
    ):
        Ledger(tmp_path)


def test_create_twice_keeps_the_events(walk: Any) -> None:
    """Making the ledger again where one is does nothing to it."""
    walk.until(3)
    Ledger.create(walk.ledger.file.parent).close()
    assert len(walk.ledger.events(MONTH)) == 2
