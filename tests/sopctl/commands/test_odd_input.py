"""Input that no one means: bytes, endless files, names that are too long. All are told, none throws."""

import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

NOTE = ("--as", "staf", "note", "F01", "--action", "b", "--follow-up", "c")


def test_a_cause_that_is_no_text(walk_commands: Callable[[int], Any]) -> None:
    """Bytes that are no UTF-8 are refused, and nothing is recorded."""
    line = walk_commands(4)
    result = line.run(*NOTE, "--cause", os.fsdecode(b"\xff"))
    assert result.exit_code == 2
    assert "bukan teks UTF-8" in result.output
    assert "4 kejadian" in line.done("verify")


@pytest.mark.parametrize(
    ("make", "told"),
    [
        pytest.param(lambda folder: folder / ("x" * 300), "namanya terlalu panjang", id="long name"),
        pytest.param(lambda folder: folder / "sopctl.yml" / "x", "bukan folder", id="below a file"),
        pytest.param(lambda folder: _loop(folder / "loop"), "berputar", id="loop of links"),
        pytest.param(lambda folder: _pipe(folder / "pipe"), "bukan berkas biasa", id="pipe"),
        pytest.param(lambda folder: folder, "bukan berkas biasa", id="folder"),
        pytest.param(lambda _folder: Path("/dev/zero"), "bukan berkas biasa", id="endless device"),
    ],
)
def test_evidence_that_is_no_file(walk_commands: Callable[[int], Any], make: Callable[[Path], Path], told: str) -> None:
    """Evidence is a regular file; whatever else stands there is told with its name, without waiting for it."""
    line = walk_commands(4)
    result = line.run(*NOTE, "--cause", "a", "--evidence", str(make(line.folder)))
    assert result.exit_code == 1
    assert "tidak dapat dibaca" in result.output
    assert told in result.output
    assert "4 kejadian" in line.done("verify")


def test_init_in_a_folder_whose_name_is_too_long(command_line: Any) -> None:
    """The system's limit is told in words."""
    result = command_line.run("init", "x" * 300)
    assert result.exit_code == 1
    assert "namanya terlalu panjang" in result.output


def test_escape_sequences_are_shown(walk_commands: Callable[[int], Any]) -> None:
    """What an official typed cannot steer another one's terminal: in the log, in the status, in messages."""
    line = walk_commands(4)
    said = line.done(*NOTE, "--cause", "a\x1b]0;judul\x07b")
    line.done("--as", "staf", "submit")
    line.done("--as", "kasubag", "return", "--reason", "\x1b[31mulang")
    said += line.done("log") + line.done("status")
    assert "\x1b" not in said
    assert "a\\x1b]0;judul\\x07b" in said
    assert "\\x1b[31mulang" in said


def _loop(path: Path) -> Path:
    path.symlink_to(path)
    return path


def _pipe(path: Path) -> Path:
    os.mkfifo(path)
    return path


def test_a_store_that_the_settings_name_is_made_by_init(command_line: Any) -> None:
    """Whoever moved `store` is sent to `init`, which must not refuse because of the settings; leftovers stay."""
    elsewhere = command_line.folder / "elsewhere"
    command_line.change("store: store", "store: elsewhere")
    assert "sopctl init" in command_line.run("status").output
    assert "buku besar kosong" in command_line.done("init", str(command_line.folder))
    assert "Belum ada siklus" in command_line.done("status")
    (elsewhere / "ledger.sqlite").unlink()
    refused = command_line.run("init", str(command_line.folder))
    assert refused.exit_code == 1
    assert "tidak ditimpa" in refused.output
    assert not (elsewhere / "ledger.sqlite").exists()
