"""verify finds whatever was done to a real ledger behind sopctl's back."""

import sqlite3
from collections.abc import Callable
from typing import Any

import pytest

from sopctl.chain.event import Draft, EventKind, canonical_json, hash_of, seal
from sopctl.workflow.verify_ledger import verify_ledger

MONTH = "2024-10"
GUARDS = ("event_refuses_update", "event_refuses_delete")


def _tamper(walk: Any, change: Callable[[sqlite3.Connection], Any]) -> None:
    """Change the ledger as someone with the store in hand would: guards off, change, guards on, sealed anew."""
    database = sqlite3.connect(walk.ledger.file)
    guards = [
        database.execute("SELECT sql FROM sqlite_master WHERE name = ?", (name,)).fetchone()[0] for name in GUARDS
    ]
    for name in GUARDS:
        database.execute(f"DROP TRIGGER {name}")
    change(database)
    for guard in guards:
        database.execute(guard)
    database.commit()
    database.close()
    _seal(walk)


def _seal(walk: Any) -> None:
    walk.ledger.seal.renew(walk.ledger.newest().hash)


def _problems(walk: Any) -> list[str]:
    problems: list[str] = walk.problems()
    return problems


def _rewrite(database: sqlite3.Connection, event: Any) -> None:
    """Put a consistent event in place of the one of its number, hash and all."""
    database.execute(
        "UPDATE event SET kind = ?, payload = ?, previous_hash = ?, hash = ? WHERE cycle = ? AND sequence = ?",
        (
            event.kind.value,
            canonical_json(event.payload).decode(),
            event.previous_hash,
            event.hash,
            event.cycle,
            event.sequence,
        ),
    )


def test_an_untouched_ledger_is_whole(walk: Any) -> None:
    """Two walked cycles with a return between verify without a fault, every file counted."""
    walk.until(7).act("sekretaris", EventKind.RETURNED)
    walk.act("kabag", EventKind.FORWARDED)
    walk.act("sekretaris", EventKind.APPROVED)
    walk.act("sekretaris", EventKind.OPENED, month="2024-11")
    found = verify_ledger(walk.ledger, walk.files, walk.site, walk.judge)
    assert (found.problems, found.cycles, found.events, found.files) == ((), 2, 12, 2)


def test_a_changed_event_is_found(walk: Any) -> None:
    """A changed word in a payload breaks its hash, and verify says which event."""
    walk.until(8)
    _tamper(
        walk, lambda db: db.execute("UPDATE event SET payload = replace(payload, 'kabel', 'tikus') WHERE sequence = 5")
    )
    problems = _problems(walk)
    assert len(problems) == 1
    assert problems[0].startswith("cycle 2024-10, event 5: content was changed: recorded hash ")


@pytest.mark.parametrize("column", ["time", "official", "os_user", "actor"])
def test_a_changed_column_is_found(walk: Any, column: str) -> None:
    """Who and when are under the hash too."""
    walk.until(4)
    value = {
        "time": "2024-11-04T02:00:00Z",
        "official": "kasubag2",
        "os_user": "lain",
        "actor": canonical_json({"name": "Orang Lain", "nip": "", "title": "Kepala Sub Bagian"}).decode(),
    }[column]
    _tamper(walk, lambda db: db.execute(f"UPDATE event SET {column} = ? WHERE sequence = 3", (value,)))  # noqa: S608
    assert any(problem.startswith("cycle 2024-10, event 3: content was changed") for problem in _problems(walk))


def test_a_removed_event_is_found(walk: Any) -> None:
    """A gap is named with its number, and the event after it no longer continues the one before."""
    walk.until(8)
    _tamper(walk, lambda db: db.execute("DELETE FROM event WHERE sequence = 5"))
    problems = _problems(walk)
    assert "cycle 2024-10, event 6: events 5 to 5 are missing" in problems
    assert any("event 6: does not continue the event before it" in problem for problem in problems)


def test_a_removed_last_event_is_found(walk: Any) -> None:
    """A ledger cut short still hashes well; the heads beside it know what is missing."""
    walk.until(8)
    last = walk.ledger.newest().hash
    _tamper(walk, lambda db: db.execute("DELETE FROM event WHERE sequence = 9"))
    assert _problems(walk) == [f"{walk.ledger.heads.file}:9: this event is not in the ledger: 2024-10 9 {last}"]


def test_a_removed_cycle_is_found_by_the_next(walk: Any) -> None:
    """Without heads, a cycle that is gone is missed by the one that was opened after it."""
    walk.until(8)
    walk.act("sekretaris", EventKind.OPENED, month="2024-11")
    heads = walk.ledger.heads.file
    heads.write_text(heads.read_text().splitlines()[-1] + "\n")
    _tamper(walk, lambda db: db.execute("DELETE FROM event WHERE cycle = '2024-10'"))
    problems = _problems(walk)
    assert len(problems) == 1
    assert problems[0].startswith("cycle 2024-11, event 1: continues event ")


def test_reordered_events_are_found(walk: Any) -> None:
    """Two events that changed places break both hashes and the chain."""
    walk.until(8)

    def swap(database: sqlite3.Connection) -> None:
        for old, new in ((2, 90), (3, 2), (90, 3)):
            database.execute("UPDATE event SET sequence = ? WHERE sequence = ?", (new, old))

    _tamper(walk, swap)
    problems = _problems(walk)
    assert any("event 2: content was changed" in problem for problem in problems)
    assert any("event 3: content was changed" in problem for problem in problems)
    assert any("event 2: does not continue" in problem for problem in problems)
    assert any("event 2: breaks the SOP's order" in problem for problem in problems)


def test_a_forged_chain_that_breaks_the_sop_is_found(walk: Any) -> None:
    """An approval by the Kabag, well hashed and well chained, is still no approval."""
    walk.until(7)
    last = walk.cycle.last_move
    forged = Draft(MONTH, EventKind.APPROVED, walk.time, last.actor, last.payload)
    walk.record(forged)
    problems = _problems(walk)
    assert len(problems) == 1
    assert problems[0].startswith("cycle 2024-10, event 9: breaks the SOP's order: `approve` is done by")


def test_an_approval_of_another_report_is_found(walk: Any) -> None:
    """An approval must name the report that was examined."""
    walk.until(7)
    actor = walk.cycle.done[1].actor
    other = walk.files.put(b"{}")
    walk.record(Draft(MONTH, EventKind.APPROVED, walk.time, actor, {"report": other}))
    assert _problems(walk) == [
        "cycle 2024-10, event 9: breaks the SOP's order: refers to another report than the one examined"
    ]


def test_one_person_in_a_row_without_record_is_found(walk: Any) -> None:
    """A second step in a row by one login must say so in its event."""
    walk.until(2)
    walk.allow_same_person = True
    walk.logins["kabag"] = "login-sekretaris"
    event = walk.act("kabag", EventKind.ASSIGNED).event
    assert _problems(walk) == []
    unmarked = seal(Draft(MONTH, event.kind, event.time, event.actor, {"instruction": ""}), 2, event.previous_hash)
    heads = walk.ledger.heads.file
    heads.write_text(heads.read_text().replace(event.hash, unmarked.hash))
    _tamper(walk, lambda db: _rewrite(db, unmarked))
    assert hash_of(unmarked) == walk.ledger.newest().hash
    assert _problems(walk) == [
        "cycle 2024-10, event 2: breaks the SOP's order: two steps in a row by the same person, unrecorded"
    ]


@pytest.mark.parametrize(("harm", "told"), [("swap", "was changed: the SHA-256"), ("remove", "is missing")])
def test_a_swapped_or_missing_file_is_found(walk: Any, harm: str, told: str) -> None:
    """The checklist in the store is the one that was pulled, or verify names the event and the file."""
    walk.until(8)
    path = walk.files.path_of(walk.cycle.checklist.file)
    if harm == "swap":
        path.write_bytes(path.read_bytes().replace(b"critical", b"good", 1))
    else:
        path.unlink()
    problems = _problems(walk)
    assert len(problems) == 1
    assert problems[0].startswith("cycle 2024-10, event 4: file ")
    assert told in problems[0]


def test_a_missing_guard_is_found(walk: Any) -> None:
    """A ledger whose triggers are gone says so even while its events are whole."""
    walk.until(3)
    database = sqlite3.connect(walk.ledger.file)
    database.execute("DROP TRIGGER event_refuses_update")
    database.commit()
    database.close()
    _seal(walk)
    assert _problems(walk) == ["guard event_refuses_update is missing or was changed"]


def test_rubbish_in_a_row_is_told_not_thrown(walk: Any) -> None:
    """A payload that is no JSON, a kind that does not exist: named as unreadable."""
    walk.until(8)

    def spoil(database: sqlite3.Connection) -> None:
        database.execute("UPDATE event SET payload = '{' WHERE sequence = 2")
        database.execute("UPDATE event SET kind = 'blessed' WHERE sequence = 3")
        database.execute("UPDATE event SET payload = '{\"evidence\":3}' WHERE sequence = 5")

    _tamper(walk, spoil)
    problems = _problems(walk)
    assert any(problem.startswith("cycle 2024-10, event 2: unreadable") for problem in problems)
    assert any(problem.startswith("cycle 2024-10, event 3: unreadable") for problem in problems)
    assert any(problem.startswith("cycle 2024-10, event 5: content was changed") for problem in problems)


@pytest.mark.parametrize("torn", [lambda line: line[:20], lambda line: b"\0" * len(line)], ids=["cut", "zeros"])
def test_a_torn_line_of_heads_accuses_nobody(walk: Any, torn: Callable[[bytes], bytes]) -> None:
    """What a power cut leaves of the newest line is no fault, and the next event brings the line again."""
    walk.until(2)
    sealed = walk.ledger.seal.file.read_bytes()
    walk.act("kabag", EventKind.ASSIGNED)
    lines = walk.ledger.heads.file.read_bytes().splitlines(keepends=True)
    walk.ledger.heads.file.write_bytes(b"".join(lines[:-1]) + torn(lines[-1]))
    walk.ledger.seal.file.write_bytes(sealed)
    assert _problems(walk) == []
    walk.act("kasubag", EventKind.ASSIGNED)
    assert _problems(walk) == []
    assert lines[-1] in walk.ledger.heads.file.read_bytes()


def test_a_missing_line_of_heads_is_found(walk: Any) -> None:
    """Only the newest event may lack its line: an older one that is gone was taken away."""
    walk.until(8)
    lines = walk.ledger.heads.file.read_bytes().splitlines(keepends=True)
    walk.ledger.heads.file.write_bytes(b"".join(lines[:2] + lines[3:]))
    _seal(walk)
    assert _problems(walk) == [f"{walk.ledger.heads.file}: the line of event 2024-10 3 is missing"]
