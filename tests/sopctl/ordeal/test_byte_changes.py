"""Random byte changes over everything that is kept: each one is named by verify."""

import random
import shutil
import sqlite3
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pytest

from sopctl.adapters.archive import read_archive, write_archive
from sopctl.adapters.ledger import Ledger
from sopctl.chain.event import EventKind
from sopctl.errors import SopctlError
from sopctl.workflow.verify_ledger import verify_ledger
from tests.sopctl.conftest import give_keys
from tests.sopctl.ledger.test_seal import half_written


def _walked(walk: Any) -> None:
    walk.until(7).act("sekretaris", EventKind.RETURNED)
    walk.act("kabag", EventKind.FORWARDED)
    walk.act("sekretaris", EventKind.APPROVED)
    walk.act("sekretaris", EventKind.OPENED, month="2024-11")


def _content(store: Path) -> Any:
    """All that anybody can read in the store, or that it cannot be read."""
    files = {
        str(path.relative_to(store)): path.read_bytes()
        for path in sorted(store.rglob("*"))
        if path.is_file() and not path.name.startswith((".", "ledger.sqlite", "seal"))
    }
    try:
        database = sqlite3.connect(store / "ledger.sqlite")
        try:
            rows = database.execute("SELECT rowid, *, typeof(payload), typeof(signature) FROM event").fetchall()
            made = database.execute("SELECT name, sql FROM sqlite_master ORDER BY name").fetchall()
            version = database.execute("PRAGMA user_version").fetchone()
        finally:
            database.close()
    except (sqlite3.Error, UnicodeDecodeError) as error:
        return type(error)
    return rows, made, version, files


def _accused(store: Path, walk: Any) -> list[str]:
    try:
        ledger = Ledger(store)
    except SopctlError as error:
        return [error.words.en]
    try:
        found = verify_ledger(ledger, type(walk.files)(store), walk.site, walk.judge)
        return [problem.en for problem in found.problems]
    except SopctlError as error:
        return [error.words.en]
    finally:
        ledger.close()


def _change_a_byte(chance: random.Random, file: Path) -> str:
    content = bytearray(file.read_bytes())
    place = chance.randrange(len(content))
    content[place] ^= chance.randrange(1, 256)
    file.write_bytes(content)
    return f"{file.name}:{place}"


def _changed_copies(store: Path, copy: Path, count: int, chance: random.Random) -> Iterator[str]:
    """`copy` again and again, each time with another byte changed; tells which."""
    for _change in range(count):
        shutil.rmtree(copy, ignore_errors=True)
        shutil.copytree(store, copy)
        files = [path for path in sorted(copy.rglob("*")) if path.is_file() and path.stat().st_size]
        yield _change_a_byte(chance, chance.choice(files))


@pytest.mark.timeout(1800)
def test_every_changed_byte_of_the_store_is_named(
    signed_walk: Any, tmp_path: Path, share: Callable[[int, int], int]
) -> None:
    """A byte of ledger, heads, seal or files, whether or not anybody reads it: verify names it."""
    _walked(signed_walk)
    assert signed_walk.problems() == []
    copy = tmp_path / "copy"
    for where in _changed_copies(signed_walk.ledger.file.parent, copy, share(40, 1000), random.Random(11)):
        assert _accused(copy, signed_walk), where


def _recorded_not_sealed(store: Path, copy: Path, sealed: bytes) -> Path:
    shutil.copytree(store, copy)
    (copy / "seal").write_bytes(sealed)
    (copy / ".seal").write_bytes(sealed[:60])
    return copy


UNREAD = ("ledger.sqlite", "seal", ".seal", ".writing-1-deadbeef", "ledger.sqlite-journal")


@pytest.mark.timeout(1800)
@pytest.mark.parametrize("killed", ["before the seal", "in the middle of COMMIT"])
def test_of_a_killed_store_what_is_not_named_holds_nothing(
    killed: str, signed_walk: Any, tmp_path: Path, share: Callable[[int, int], int], capsys: pytest.CaptureFixture[str]
) -> None:
    """Until the next step: verify names a changed byte, or all that can be read is as it was.

    Killed before its seal, the newest step leaves the seal of an earlier one: bytes of SQLite that hold nothing are
    checked by nobody, nor is that seal's word on them. Killed in the middle of COMMIT, the seal still fits, but what
    SQLite throws away when it takes the step back (its journal, pages that the journal restores) can be anything.
    """
    _walked(signed_walk)
    store, killed_store, copy = signed_walk.ledger.file.parent, tmp_path / "killed", tmp_path / "copy"
    if killed == "before the seal":
        sealed = (store / "seal").read_bytes()
        signed_walk.act("kabag", EventKind.ASSIGNED, month="2024-11")
        _recorded_not_sealed(store, killed_store, sealed)
    else:
        half_written(store, killed_store)
    (killed_store / "files" / ".writing-1-deadbeef").write_bytes(b"half")
    assert _accused(_copied(killed_store, tmp_path), signed_walk) == []
    whole = _content(_copied(killed_store, tmp_path))
    named, unread = 0, Counter[str]()
    for where in _changed_copies(killed_store, copy, share(15, 1000), random.Random(11)):
        # Looking already takes back a step that was killed.
        looked_at = _copied(copy, tmp_path)
        if _accused(copy, signed_walk):
            named += 1
            continue
        assert _content(looked_at) == whole, where
        unread[where.rpartition(":")[0]] += 1
    with capsys.disabled():
        print(f" [{named} named, in bytes that hold nothing: {dict(unread)}]", end="")  # noqa: T201
    assert unread.keys() <= set(UNREAD)
    assert killed == "before the seal" or not unread["seal"]


def _copied(store: Path, tmp_path: Path) -> Path:
    copy = tmp_path / "looked-at"
    shutil.rmtree(copy, ignore_errors=True)
    shutil.copytree(store, copy)
    return copy


@pytest.mark.timeout(1800)
def test_every_changed_byte_of_an_archive_is_named(
    signed_walk: Any, tmp_path: Path, share: Callable[[int, int], int]
) -> None:
    """An archive can be written in one way only: no byte of it can differ, be added or be missing."""
    _walked(signed_walk)
    target = tmp_path / "archive.tar"
    write_archive(target, signed_walk.ledger.recorded(), signed_walk.files.folder, signed_walk.trust, excerpt=False)
    assert _archive_problems(target, signed_walk) == []
    content, chance, changed = target.read_bytes(), random.Random(13), tmp_path / "changed.tar"
    for _change in range(share(60, 1000)):
        changed.write_bytes(content)
        where = _change_a_byte(chance, changed)
        assert _archive_problems(changed, signed_walk), where
    for other in (content[:-1], content + b"\0", content[:-1024], content[: len(content) // 2], b""):
        changed.write_bytes(other)
        assert _archive_problems(changed, signed_walk), len(other)


def _archive_problems(file: Path, walk: Any) -> list[str]:
    try:
        with read_archive(file) as archive:
            found = verify_ledger(archive, archive, archive.site, walk.judge, excerpt=archive.excerpt)
            return [problem.en for problem in found.problems]
    except SopctlError as error:
        return [error.words.en]


@pytest.mark.timeout(1800)
def test_no_whole_ledger_or_archive_is_accused(walk: Any, tmp_path: Path, share: Callable[[int, int], int]) -> None:
    """A walk by login, then walks with keys, with returns, repeated pulls and notes: all of it verifies."""
    chance = random.Random(17)
    walk.time = datetime(2024, 11, 4, tzinfo=UTC)
    _random_walk(walk, "2010-01", chance)
    give_keys(walk)
    walk.trust = replace(walk.trust, signed_since=date(2024, 11, 6))
    walk.time = datetime(2024, 11, 6, tzinfo=UTC)
    for number in range(1, share(4, 100)):
        month = f"{2010 + number // 12}-{number % 12 + 1:02d}"
        _random_walk(walk, month, chance)
        excerpt = tmp_path / f"{month}.tar"
        write_archive(excerpt, walk.ledger.events(month), walk.files.folder, walk.trust, excerpt=True)
        assert _archive_problems(excerpt, walk) == []
    assert walk.problems() == []
    whole = tmp_path / "whole.tar"
    write_archive(whole, walk.ledger.recorded(), walk.files.folder, walk.trust, excerpt=False)
    assert _archive_problems(whole, walk) == []


def _random_walk(walk: Any, month: str, chance: random.Random) -> None:
    """From opening to approval, with whatever the SOP lets people do in between."""
    act = walk.act
    act("sekretaris", EventKind.OPENED, month=month)
    act("kabag", EventKind.ASSIGNED, month=month)
    act("kasubag", EventKind.ASSIGNED, month=month)
    while True:
        for _pull in range(chance.randint(1, 2)):
            act("staf", EventKind.PULLED, month=month)
        for _note in range(chance.randint(0, 3)):
            act("staf", EventKind.NOTED, month=month, finding=chance.choice(["F01", "F02"]))
        act("staf", EventKind.SUBMITTED, month=month)
        if chance.random() < 0.3:
            act("kasubag", EventKind.RETURNED, month=month)
            continue
        act("kasubag", EventKind.CHECKED, month=month)
        act("kabag", EventKind.FORWARDED, month=month)
        if chance.random() < 0.3:
            act("sekretaris", EventKind.RETURNED, month=month)
            act("kabag", EventKind.FORWARDED, month=month)
        act("sekretaris", EventKind.APPROVED, month=month)
        return
