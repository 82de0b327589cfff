"""A ledger that somebody changed is trusted by no command."""

import json
import sqlite3
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from sopctl.adapters.ledger import Ledger
from sopctl.chain.event import canonical_json, hash_of

READERS: tuple[tuple[str, ...], ...] = (
    ("status",),
    ("log",),
    ("checklist",),
    ("report",),
    ("--as", "kabag", "forward"),
    ("--as", "sekretaris", "open", "--period", "2024-10"),
)


def _change(line: Any, statement: str, *values: Any) -> None:
    database = sqlite3.connect(line.store / "ledger.sqlite")
    for (name,) in database.execute("SELECT name FROM sqlite_master WHERE type = 'trigger'").fetchall():
        database.execute(f"DROP TRIGGER {name}")
    database.execute(statement, values)
    database.commit()
    database.close()


def _forge(line: Any, sequence: int, payload: Any) -> None:
    """Another payload, with a hash that fits it and a chain that goes on from it."""
    ledger = Ledger(line.store)
    events = ledger.events("2024-10")
    ledger.close()
    before = events[sequence - 1].previous_hash
    for event in events[sequence - 1 :]:
        changed = replace(event, previous_hash=before, payload=payload if event.sequence == sequence else event.payload)
        before = hash_of(changed)
        _change(
            line,
            "UPDATE event SET payload = ?, previous_hash = ?, hash = ? WHERE sequence = ?",
            canonical_json(changed.payload).decode(),
            changed.previous_hash,
            before,
            event.sequence,
        )


@pytest.mark.parametrize("command", READERS, ids=lambda command: command[-1] if command[0] != "--as" else command[2])
def test_no_command_trusts_a_changed_event(walk_commands: Callable[[int], Any], command: tuple[str, ...]) -> None:
    """A payload changed behind sopctl's back stops every command, which says which event it is."""
    line = walk_commands(7)
    _change(line, "UPDATE event SET payload = replace(payload, 'Menurun', 'Baik') WHERE sequence = 7")
    result = line.run(*command)
    assert result.exit_code == 1
    assert "siklus 2024-10, kejadian 7: isi berubah" in result.output
    assert "cadangan" in result.output


def test_no_report_of_a_forged_examination(walk_commands: Callable[[int], Any]) -> None:
    """A whole chain forged anew still differs from the content that was frozen at the examination."""
    line = walk_commands(7)
    ledger = Ledger(line.store)
    payload = dict(ledger.events("2024-10")[6].payload)
    ledger.close()
    _forge(line, 7, payload | {"conclusion": "Semua baik"})
    result = line.run("report", "--output", str(line.folder / "out"))
    assert result.exit_code == 1
    assert "tidak sama dengan yang dibekukan" in result.output
    assert not (line.folder / "out").exists()


@pytest.mark.parametrize(
    ("sequence", "payload"),
    [
        (1, {}),
        (1, [1]),
        (1, {"instruction": "", "period_start": "2024-10-01T00:00:00+07:00", "period_end": "2024-11-01T00:00:00"}),
        (2, {}),
        (4, {"checklist": "x", "findings": [{"id": "F01"}], "warnings": 0}),
        (5, {"evidence": 3}),
        (6, []),
        (7, {"conclusion": 1}),
    ],
)
def test_an_event_without_its_content_is_told(walk_commands: Callable[[int], Any], sequence: int, payload: Any) -> None:
    """Well hashed and well chained, but not what such an event holds: every command and verify name it."""
    line = walk_commands(7)
    _forge(line, sequence, payload)
    for command in (*READERS, ("verify",)):
        result = line.run(*command)
        assert result.exit_code == 1, (command, result.output)
        assert f"siklus 2024-10, kejadian {sequence}: isi tidak lengkap" in result.output, (command, result.exception)


@pytest.mark.parametrize(
    ("column", "value"),
    [
        ("time", "kemarin"),
        ("time", "9999-12-31T23:59:59Z"),
        ("actor", "[]"),
        ("actor", json.dumps({"name": 1, "nip": "", "title": ""})),
        ("payload", '"\\ud800"'),
        ("payload", "[" * 100_000),
        ("os_user", b"\xff"),
    ],
)
def test_rubbish_in_a_column_is_told(walk_commands: Callable[[int], Any], column: str, value: Any) -> None:
    """What is no event at all is unreadable to every command, and named."""
    line = walk_commands(7)
    _change(line, f"UPDATE event SET {column} = ? WHERE sequence = 3", value)  # noqa: S608
    for command in (*READERS, ("verify",)):
        result = line.run(*command)
        assert result.exit_code == 1, (command, result.output)
        assert "siklus 2024-10, kejadian 3: tidak terbaca" in result.output, (command, result.exception)


def test_heads_that_cannot_be_read_are_told(walk_commands: Callable[[int], Any]) -> None:
    """A folder in its place is a problem that verify tells, and so is a line that no event has."""
    line = walk_commands(3)
    heads = line.store / "heads"
    heads.write_bytes(heads.read_bytes() + b"\xff\xfe\n")
    assert "heads:4: kejadian ini tidak ada di buku besar" in line.run("verify").output
    heads.unlink()
    heads.mkdir()
    result = line.run("verify")
    assert result.exit_code == 1
    assert "heads tidak terbaca: adalah folder" in result.output
    result = line.run("--as", "staf", "pull")
    assert result.exit_code == 1
    assert "heads tidak dapat ditulis: adalah folder; tidak ada yang dicatat" in result.output


def test_a_ledger_without_its_table_says_what_to_do(command_line: Any) -> None:
    """SQLite's own words come with a way out."""
    _change(command_line, "DROP TABLE event")
    result = command_line.run("status")
    assert result.exit_code == 1
    assert "no such table: event" in result.output
    assert "pulihkan folder itu dari cadangan" in result.output
    assert "Periksa `store` di sopctl.yml" in result.output
