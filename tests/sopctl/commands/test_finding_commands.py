"""What Staf does with findings: explain and recheck them on a real Prometheus, close them, hand the list on."""

import fcntl
import io
import json
import os
import pty
import re
import struct
import subprocess
import termios
from collections.abc import Callable
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from typing import Any

import openpyxl
import pytest

from sopctl.adapters.ledger import Ledger
from sopctl.evidence import Checklist, Finding, Status
from tests.sopctl.conftest import MONTH

NOTE = ("--cause", "Catu daya", "--action", "Diganti", "--follow-up", "Diamati")
DECEMBER = "2024-11"


@pytest.fixture
def pulled(walk_commands: Callable[[int], Any]) -> Any:
    """A cycle whose checklist is pulled."""
    return walk_commands(4)


def pulling_gives(monkeypatch: pytest.MonkeyPatch, checklist: Checklist) -> None:
    """Have `pull` find `checklist` in place of asking a Prometheus."""
    monkeypatch.setattr("sopctl.commands.pull.pull_checklist", lambda *_arguments, **_options: checklist)


def test_warnings_stop_a_submission_unless_accepted_by_name(
    walk_commands: Callable[[int], Any], checklist: Checklist, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A partial month is handed on only by somebody who says so, and the ledger keeps what was accepted."""
    pulling_gives(monkeypatch, replace(checklist, warnings=("store-2 did not answer", "partial answer (isPartial)")))
    line = walk_commands(5)
    refused = line.run("--as", "staf", "submit", "--accept", "P1")
    assert refused.exit_code == 1
    assert "P2: partial answer (isPartial)" in refused.output
    assert "store-2" not in refused.output
    line.done("--as", "staf", "submit", "--accept", "p1", "--accept", "P2")
    submitted = Ledger(line.store).events(MONTH)[-1]
    assert submitted.payload["accepted_warnings"] == {
        "P1": "store-2 did not answer",
        "P2": "partial answer (isPartial)",
    }


def test_pulling_again_tells_what_changed_and_keeps_the_note(
    walk_commands: Callable[[int], Any], checklist: Checklist, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A finding that a second pull no longer has is named, and its note is not lost."""
    line = walk_commands(5)
    pulling_gives(monkeypatch, replace(checklist, findings=(replace(checklist.findings[1], id="F01"),)))
    told = line.done("--as", "staf", "pull", language="en")
    assert "no finding any more: F01 core-1, Device availability; its note is kept" in told
    assert "The same as the pull before." in line.done("--as", "staf", "pull", language="en")


def test_open_findings_are_carried_to_the_next_month(
    pulled: Any, checklist: Checklist, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What was closed is not asked for again; what was not is, with the month that first told it."""
    asked: list[Any] = []

    def pull(*_arguments: Any, still_open: Any, **_options: Any) -> Checklist:
        asked.append({key: finding.since for key, finding in still_open.items()})
        return checklist

    pulled.done("--as", "staf", "note", "F01", *NOTE, "--close")
    monkeypatch.setattr("sopctl.commands.pull.pull_checklist", pull)
    for command in (
        ("--as", "sekretaris", "open", "--period", DECEMBER),
        ("--as", "kabag", "assign", "--period", DECEMBER),
        ("--as", "kasubag", "assign", "--period", DECEMBER),
        ("--as", "staf", "pull", "--period", DECEMBER),
    ):
        pulled.done(*command)
    assert asked == [{("interface_errors", "core-1:ge-0/0/1"): "2024-10"}]


def test_a_finding_outlives_its_indicator(
    walk_commands: Callable[[int], Any], checklist: Checklist, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """A month that another version of the catalogue judged is listed, exported, noted and reported."""
    rows = tuple(replace(row, indicator=f"{row.indicator}_of_old") for row in checklist.rows)
    old = replace(checklist, rows=rows, findings=tuple(Finding(f"F{n:02}", rows[n - 1]) for n in (1, 2)))
    pulling_gives(monkeypatch, old)
    line = walk_commands(4)
    assert "device_availability_of_old" in line.done("checklist")
    assert "device_availability_of_old" in line.done("checklist", "--format", "csv")
    line.done("checklist", "--format", "xlsx", "--output", str(tmp_path / "x.xlsx"))
    for command in ("explain", "recheck"):
        asked = line.run(command, "F01", language="en")
        # Nothing answers at the site's address: what is told of the finding comes before that.
        assert isinstance(asked.exception, SystemExit), asked.exc_info
        assert "cannot be reached" in asked.output
    line.done("--as", "staf", "note", "F01", *NOTE)


def test_the_list_is_filtered_by_kind_site_and_status(pulled: Any) -> None:
    """Each filter leaves what it names; nothing else is hidden without being asked for."""
    assert "core-1:ge-0/0/1" not in pulled.done("checklist", "--kind", "device")
    assert "core-1" in pulled.done("checklist", "--site", "dc-migas")
    assert "core-2" in pulled.done("checklist", "--status", Status.GOOD.value)


def test_filters_that_leave_nothing_call_nothing_good(pulled: Any) -> None:
    """A mistyped site, or a kind without findings, does not read as if no performance had declined."""
    refused = pulled.run("checklist", "--site", "dc-migsa", language="en")
    assert refused.exit_code == 2
    assert "no site 'dc-migsa'; there are: dc-migas" in refused.output
    told = pulled.done("checklist", "--kind", "fan", language="en")
    assert "Nothing matches these filters." in told
    assert "no performance declined" not in told


def test_rows_without_data_are_counted_among_those_asked_for(
    walk_commands: Callable[[int], Any], checklist: Checklist, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What is filtered out is not announced as missing, nor what is shown anyway."""
    rows = (*checklist.rows[:2], replace(checklist.rows[2], status=Status.NO_DATA, value=None, coverage=0.0))
    blank = replace(checklist, rows=rows)
    pulling_gives(monkeypatch, blank)
    line = walk_commands(4)
    assert "1 row without data" in line.done("checklist", language="en")
    assert "1 row without data" in line.done("checklist", "--kind", "device", language="en")
    for shown in (("--kind", "interface"), ("--status", "no_data"), ("--all",)):
        assert "without data" not in line.done("checklist", *shown, language="en")


@pytest.mark.parametrize("columns", [0, 5, 24, 60, 200])
def test_a_terminal_of_any_width_shows_whole_figures(pulled: Any, columns: int) -> None:
    """Nothing is cut off, and names stay whole; a terminal that tells no width gets the table."""
    ours, theirs = pty.openpty()
    fcntl.ioctl(theirs, termios.TIOCSWINSZ, struct.pack("HHHH", 24, columns, 0, 0))
    running = pulled.start("checklist", stdout=theirs, stderr=theirs)
    os.close(theirs)
    shown = b""
    # The terminal's end is told as an error.
    with suppress(OSError):
        while piece := os.read(ours, 65_536):
            shown += piece
    os.close(ours)
    assert running.wait() == 0, shown
    words = {one.strip("(),") for one in re.split("[ \\r\\n]+", shown.decode())}
    assert {"core-1:ge-0/0/1", "Ketersediaan", "99,9\u00a0%", "30\u00a0menit"} <= words


def test_a_file_without_a_format_is_refused(pulled: Any, tmp_path: Path) -> None:
    """`--output` alone would print a table and write nothing."""
    refused = pulled.run("checklist", "--output", str(tmp_path / "daftar.csv"), language="en")
    assert refused.exit_code == 2
    assert "name the --format too: json, csv, xlsx" in refused.output


def test_what_is_no_file_of_its_own_stays_what_it_is(pulled: Any, tmp_path: Path) -> None:
    """A link stays a link to the file that is written; a device or a pipe is written to, not replaced."""
    target, link, pipe = tmp_path / "target.csv", tmp_path / "link.csv", tmp_path / "pipe"
    link.symlink_to(target)
    pulled.done("checklist", "--format", "csv", "--output", str(link))
    assert link.is_symlink()
    assert b"core-1" in target.read_bytes()
    os.mkfifo(pipe)
    with subprocess.Popen(["cat", str(pipe)], stdout=subprocess.PIPE) as reader:
        pulled.done("checklist", "--format", "csv", "--output", str(pipe))
        assert reader.stdout is not None
        assert reader.stdout.read() == target.read_bytes()
    assert pipe.is_fifo()


def test_a_spreadsheet_holds_findings_and_all_rows(pulled: Any, tmp_path: Path) -> None:
    """What opens in a spreadsheet is the same list: numbers as numbers, names as text."""
    file = tmp_path / "daftar.xlsx"
    pulled.done("checklist", "--format", "xlsx", "--output", str(file))
    book = openpyxl.load_workbook(io.BytesIO(file.read_bytes()))
    assert book.sheetnames == ["Temuan", "Semua baris", "Kejadian"]
    rows = list(book["Semua baris"].iter_rows(min_row=2, values_only=True))
    assert [row[:2] for row in rows] == [("F01", "core-1"), ("F02", "core-1:ge-0/0/1"), (None, "core-2")]
    assert rows[0][5] == 0.95
    assert [row[0] for row in book["Temuan"].iter_rows(min_row=2, values_only=True)] == ["F01", "F02"]


def test_a_file_that_cannot_be_written_is_told_and_left_as_it_was(pulled: Any) -> None:
    """What cannot be written leaves neither half a file nor a traceback."""
    refused = pulled.run("checklist", "--format", "json", "--output", "/dev/null/x.json", language="en")
    assert refused.exit_code == 1
    assert "cannot be written" in refused.output
    nameless = pulled.run("checklist", "--format", "json", "--output", "", language="en")
    assert nameless.exit_code == 1
    assert "cannot be written" in nameless.output
    with Path("/dev/full").open("wb") as full:
        running = pulled.start("checklist", "--format", "json", stdout=full, stderr=subprocess.PIPE)
        assert b"Traceback" not in running.communicate()[1]
    assert running.returncode == 1
    assert json.loads(pulled.done("checklist", "--format", "json"))["schema_version"] == 1


def test_a_finding_that_is_not_there_is_refused_with_those_that_are(pulled: Any) -> None:
    """The message names what could have been meant."""
    for command in ("explain", "recheck"):
        refused = pulled.run(command, "F09", language="en")
        assert refused.exit_code == 1
        assert "There is no finding F09. There are: F01, F02." in refused.output


def test_a_warning_is_accepted_with_the_command_that_is_told(
    walk_commands: Callable[[int], Any], checklist: Checklist, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The command can be typed as it stands."""
    pulling_gives(monkeypatch, replace(checklist, warnings=("one", "two")))
    line = walk_commands(5)
    refused = line.run("--as", "staf", "submit", "--accept", "P2")
    assert refused.exit_code == 1
    assert "sopctl --as staf submit --accept P1 --accept P2" in refused.output
    assert "sopctl --as staf submit --accept P1 --accept P2" in line.run("--as", "staf", "pull").output
