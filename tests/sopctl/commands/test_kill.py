"""kill -9 in the middle of a step, at moments that are waited for, then a clean continuation."""

import os
import signal
import sqlite3
import subprocess
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from sopctl.adapters.ledger import Ledger
from sopctl.cli import main

WAIT_SECONDS = 30
NOTE = ("--as", "staf", "note", "F01", "--cause", "a", "--action", "b", "--follow-up", "c", "--evidence")


def _wait_for(condition: Callable[[], Any], pause_seconds: float = 0.001) -> None:
    deadline = time.monotonic() + WAIT_SECONDS
    while not condition():
        assert time.monotonic() < deadline, "the moment never came"
        time.sleep(pause_seconds)


def _has_open(process: "subprocess.Popen[bytes]", file: Path) -> bool:
    """Whether the process has opened the file, or has ended."""
    with suppress(OSError):
        return any(Path(link).resolve() == file for link in Path(f"/proc/{process.pid}/fd").iterdir())
    return process.poll() is not None


def _kill(process: "subprocess.Popen[bytes]") -> None:
    process.send_signal(signal.SIGKILL)
    assert process.wait() == -signal.SIGKILL


def _temporaries(line: Any) -> list[Path]:
    return [path for path in (line.store / "files").glob(".writing-*") if path.stat().st_size > 0]


def _kept(line: Any) -> set[Path]:
    return {path for path in (line.store / "files").rglob("*") if path.is_file()}


def _events(line: Any) -> int:
    database = sqlite3.connect(line.store / "ledger.sqlite")
    (count,) = database.execute("SELECT count(*) FROM event").fetchone()
    database.close()
    return int(count)


def test_killed_while_evidence_is_half_written(walk_commands: Callable[[int], Any], tmp_path: Path) -> None:
    """A file too large to be copied in a moment: killed there, nothing is recorded, nothing remains."""
    line = walk_commands(4)
    evidence = tmp_path / "bukti"
    with evidence.open("wb") as hole:
        hole.truncate(8 << 30)
    process = line.start(*NOTE, str(evidence))
    _wait_for(lambda: _temporaries(line))
    _kill(process)
    assert _events(line) == 4
    assert _temporaries(line)
    assert "Utuh" in line.done("verify")
    evidence.write_bytes(b"utuh")
    line.done(*NOTE, str(evidence))
    assert not _temporaries(line)
    assert "5 kejadian, 2 berkas" in line.done("verify")


def test_killed_between_file_and_event(walk_commands: Callable[[int], Any], tmp_path: Path) -> None:
    """With the ledger held by another writer, the file is kept and the event waits: killed there, repeat works."""
    line = walk_commands(4)
    evidence = tmp_path / "bukti"
    evidence.write_bytes(b"bukti")
    before = _kept(line)
    holder = sqlite3.connect(line.store / "ledger.sqlite", isolation_level=None)
    holder.execute("BEGIN IMMEDIATE")
    process = line.start(*NOTE, str(evidence))
    _wait_for(lambda: {path for path in _kept(line) - before if not path.name.startswith(".")})
    _kill(process)
    holder.execute("ROLLBACK")
    holder.close()
    assert _events(line) == 4
    assert "4 kejadian, 1 berkas" in line.done("verify")
    line.done(*NOTE, str(evidence))
    assert "5 kejadian, 2 berkas" in line.done("verify")


def test_killed_after_the_event_before_the_answer(walk_commands: Callable[[int], Any]) -> None:
    """The process cannot print into a full pipe: killed there, the step stands and a repeat says so."""
    line = walk_commands(8)
    reading, writing = os.pipe()
    os.set_blocking(writing, False)
    with suppress(BlockingIOError):
        while True:
            os.write(writing, b"x" * 4096)
    os.set_blocking(writing, True)
    process = line.start("--as", "sekretaris", "approve", stdout=writing)
    _wait_for(lambda: _events(line) == 9)
    _kill(process)
    os.close(reading)
    os.close(writing)
    result = line.run("--as", "sekretaris", "approve")
    assert result.exit_code == 1
    assert "sudah selesai: disetujui" in result.output
    assert "9 kejadian" in line.done("verify")


@pytest.mark.parametrize("moment", ["journal", "pages", "committed", "heads", "seal"])
def test_killed_around_the_commit(walk_commands: Callable[[int], Any], moment: str) -> None:
    """Killed as file after file is written: the step is there whole or not at all, and the walk goes on."""
    line = walk_commands(2)
    ledger, journal = line.store / "ledger.sqlite", line.store / "ledger.sqlite-journal"
    before = {name: (line.store / name).stat().st_mtime_ns for name in ("ledger.sqlite", "heads", "seal")}

    def changed(name: str) -> bool:
        return bool((line.store / name).stat().st_mtime_ns != before[name])

    reached = {
        "journal": journal.exists,
        "pages": lambda: changed(ledger.name),
        "committed": lambda: changed(ledger.name) and not journal.exists(),
        "heads": lambda: changed("heads"),
        "seal": lambda: changed("seal"),
    }[moment]
    process = line.start("--as", "kasubag", "assign", stdout=subprocess.DEVNULL)
    # A Python that starts is far from the moment; from here on nothing may be missed.
    _wait_for(lambda: process.poll() is not None or _has_open(process, ledger.resolve()))
    _wait_for(lambda: reached() or process.poll() is not None, pause_seconds=0)
    if process.poll() is None:
        _kill(process)
    assert "Utuh" in line.done("verify")
    assert _events(line) in {2, 3}
    if _events(line) == 2:
        line.done("--as", "kasubag", "assign")
    assert "Langkah 3 sudah selesai" in line.run("--as", "kasubag", "assign").output
    assert "3 kejadian" in line.done("verify")


def test_init_killed_before_its_settings_begins_again(tmp_path: Path) -> None:
    """A store without settings, as a killed init leaves it, is taken over by the next init."""
    Ledger.create(tmp_path / "store").close()
    assert CliRunner().invoke(main, ["init", str(tmp_path)]).exit_code == 0
    assert (tmp_path / "sopctl.yml").exists()
