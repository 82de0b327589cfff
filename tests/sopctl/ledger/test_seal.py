"""The seal names every changed byte of the ledger's files, and accuses nobody whose process was killed."""

import shutil
import sqlite3
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from sopctl.adapters.ledger import Ledger
from sopctl.chain.event import EventKind
from sopctl.errors import StoreError

VERSION_BYTE = 99
"""Of the SQLite that wrote last (file format, 1.3): no reader looks at it."""


def _flip(file: Path, place: int) -> None:
    content = bytearray(file.read_bytes())
    content[place] ^= 1
    file.write_bytes(content)


@pytest.mark.parametrize(("name", "place"), [("ledger.sqlite", VERSION_BYTE), ("heads", -1)])
def test_a_byte_that_nobody_reads_is_named_and_stops_the_next_step(walk: Any, name: str, place: int) -> None:
    """Verify names the file; no step is recorded, for its seal would hide the change."""
    walk.until(4)
    file = walk.ledger.file.with_name(name)
    _flip(file, place)
    assert any(
        problem.startswith(f"file {file} was changed since the last step: its SHA-256 is ")
        for problem in walk.problems()
    )
    with pytest.raises(StoreError, match=f"{name} was changed since the last step.*\n.*Nothing was recorded"):
        walk.act("staf", EventKind.PULLED)
    _flip(file, place)
    assert walk.problems() == []
    walk.act("staf", EventKind.PULLED)
    assert walk.problems() == []


@pytest.mark.parametrize("place", [0, 63, 64, 65, 129, 130, 194])
def test_a_changed_seal_is_named(walk: Any, place: int) -> None:
    """Event, hashes, spaces, end: none of its bytes may differ."""
    walk.until(3)
    _flip(walk.ledger.seal.file, place)
    assert len(walk.problems()) == 1


def test_a_missing_seal_is_named(walk: Any) -> None:
    """Without it the unused bytes prove nothing: it is a fault, and no step makes it good."""
    walk.until(3)
    walk.ledger.seal.file.unlink()
    assert walk.problems() == [f"seal {walk.ledger.seal.file} is missing"]
    with pytest.raises(StoreError, match="Nothing was recorded"):
        walk.act("kasubag", EventKind.ASSIGNED)


def test_a_ledger_whose_making_was_killed_is_whole(walk: Any) -> None:
    """Without events and without a seal nothing is wrong; the first event comes under one."""
    seal = walk.ledger.seal.file
    seal.unlink()
    assert walk.problems() == []
    walk.until(2)
    assert seal.exists()
    assert walk.problems() == []


def test_an_older_ledger_under_its_seal_is_named_by_heads(walk: Any, tmp_path: Path) -> None:
    """Ledger and seal of yesterday beside the heads of today: both witnesses tell."""
    walk.until(3)
    for name in ("ledger.sqlite", "seal"):
        shutil.copy(walk.ledger.file.with_name(name), tmp_path / name)
    walk.act("kasubag", EventKind.ASSIGNED)
    walk.ledger.close()
    for name in ("ledger.sqlite", "seal"):
        shutil.copy(tmp_path / name, walk.ledger.file.with_name(name))
    walk.ledger = Ledger(walk.ledger.file.parent)
    told = walk.problems()
    assert any("this event is not in the ledger" in problem for problem in told)
    assert any("heads was changed since the last step" in problem for problem in told)


def test_a_step_killed_before_its_seal_accuses_nobody(walk_commands: Callable[[int], Any]) -> None:
    """Recorded, not sealed: verify says which bytes it could not check, and the next step seals."""
    line = walk_commands(2)
    seal = line.store / "seal"
    sealed = seal.read_bytes()
    line.done("--as", "kasubag", "assign")
    seal.write_bytes(sealed)
    (line.store / ".seal").write_bytes(b"half")
    assert "dihentikan sebelum menyegel" in line.done("verify")
    line.done("--as", "staf", "pull")
    assert "dihentikan" not in line.done("verify")
    assert not (line.store / ".seal").exists()


def test_a_step_killed_half_written_is_undone_byte_for_byte(walk: Any, tmp_path: Path) -> None:
    """A store as it stands with half an event in its pages: whoever comes next takes it back; the seal fits."""
    walk.until(5)
    half, rows = half_written(walk.ledger.file.parent, tmp_path / "half")
    whole = walk.ledger.file.read_bytes()
    assert (half / "ledger.sqlite").read_bytes() != whole
    walk.ledger.close()
    walk.ledger = Ledger(half)
    assert walk.problems() == []
    assert walk.ledger.newest_is_sealed()
    assert (half / "ledger.sqlite").read_bytes() == whole
    assert len(walk.ledger.stored()) == rows


def half_written(store: Path, copy: Path) -> tuple[Path, int]:
    """A copy of the store as a process killed in the middle of COMMIT leaves it, and how many events it has."""
    writing = sqlite3.connect(store / "ledger.sqlite", isolation_level=None)
    # So small a cache writes pages before COMMIT, as COMMIT itself does.
    writing.execute("PRAGMA cache_size=1")
    (rows,) = writing.execute("SELECT count(*) FROM event").fetchone()
    writing.execute("BEGIN IMMEDIATE")
    writing.execute(
        "INSERT INTO event SELECT '2099-01', sequence, previous_hash, time, kind, position, official, os_user, actor, "
        "hex(zeroblob(50000)), signature, hash || 'x' FROM event LIMIT 1"
    )
    shutil.copytree(store, copy)
    writing.execute("ROLLBACK")
    writing.close()
    return copy, rows
