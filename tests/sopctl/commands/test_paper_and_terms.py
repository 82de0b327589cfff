"""Decisions on paper, and officials who act for others, through the commands."""

import subprocess
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from sopctl.adapters.ledger import Ledger
from sopctl.chain.event import Event, EventKind
from sopctl.commands.root import Globals
from sopctl.commands.session import open_session
from sopctl.commands.taking import take
from sopctl.errors import Refused
from sopctl.model import Capacity

MONTH = "2024-10"
SCAN = b"%PDF-1.7\nscan of a signed sheet\n"
PLH = """    position: kasubag
    acting:
      - {position: kabag, as: plh, from: 2020-01-01, until: 2099-12-31, basis: "SP-12/SOM/2026"}
"""


def _events(line: Any) -> tuple[Event, ...]:
    ledger = Ledger(line.store)
    try:
        return ledger.events(MONTH)
    finally:
        ledger.close()


@pytest.fixture
def scan(tmp_path: Path) -> Path:
    """A scanned sheet."""
    file = tmp_path / "disposisi.pdf"
    file.write_bytes(SCAN)
    return file


def test_a_decision_on_paper_is_recorded_with_its_scan(walk_commands: Callable[[int], Any], scan: Path) -> None:
    """Staf records what the Kabag signed with ink: the event is the Kabag's, says who recorded it, keeps the scan."""
    line = walk_commands(1)
    line.change("allow_consecutive_steps: true", "allow_consecutive_steps: false\npaper:\n  recorders: [staf]")
    line.done("--as", "staf", "assign", "--manual", str(scan), "--for", "kabag")
    event = _events(line)[1]
    assert (event.actor.official.id, event.actor.official.position.value) == ("kabag", "kabag")
    assert event.payload["manual"]["recorded_by"]["official"] == "staf"
    kept = event.payload["manual"]["scan"]
    assert (line.store / "files" / kept["sha256"][:2] / kept["sha256"]).read_bytes() == SCAN
    assert "Utuh: 1 siklus, 2 kejadian, 1 berkas" in line.done("verify")
    assert "[di atas kertas, dicatat oleh staf]" in line.done("log")


def test_the_report_of_a_decision_on_paper_brings_its_scan(
    walk_commands: Callable[[int], Any], scan: Path, tmp_path: Path
) -> None:
    """Nobody takes it for an electronic decision, and the sheet with the ink lies beside the report."""
    line = walk_commands(8)
    line.settings.write_text(line.settings.read_text() + "\npaper:\n  recorders: [staf]\n")
    line.done("--as", "staf", "approve", "--manual", str(scan), "--for", "sekretaris")
    told = line.done("report", "--output", str(tmp_path / "out"))
    assert "step-7-scan.pdf" in told
    assert (tmp_path / "out" / "step-7-scan.pdf").read_bytes() == SCAN
    text = subprocess.run(
        ["pdftotext", "-layout", str(tmp_path / "out" / "report.pdf"), "-"], check=True, capture_output=True, text=True
    ).stdout
    assert text.count("Ditandatangani di atas kertas") == 1
    assert text.count("Tercatat secara elektronik") == 3


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (("--manual", "SCAN"), "--manual dan --for disebut bersama"),
        (("--for", "kabag"), "--manual dan --for disebut bersama"),
        (("--manual", "SCAN", "--for", "kabag"), "tidak berwenang mencatat keputusan di atas kertas"),
    ],
)
def test_paper_needs_a_recorder_a_scan_and_a_name(
    walk_commands: Callable[[int], Any], scan: Path, arguments: tuple[str, ...], told: str
) -> None:
    """Without any of the three nothing is recorded."""
    line = walk_commands(1)
    result = line.run("--as", "staf", "assign", *(str(scan) if one == "SCAN" else one for one in arguments))
    assert result.exit_code == 1
    assert told in result.output
    assert len(_events(line)) == 1


def test_a_scan_that_is_no_pdf_is_refused(walk_commands: Callable[[int], Any], tmp_path: Path) -> None:
    """A photo under another name is told; a file that is not there too."""
    line = walk_commands(1)
    line.change("# paper:\n#   recorders: [staf]", "paper:\n  recorders: [staf]")
    photo = tmp_path / "foto.jpg"
    photo.write_bytes(b"\xff\xd8\xff")
    for file, told in ((photo, "bukan PDF"), (tmp_path / "tidak-ada.pdf", "tidak dapat dibaca")):
        result = line.run("--as", "staf", "assign", "--manual", str(file), "--for", "kabag")
        assert result.exit_code == 1
        assert told in result.output
    assert len(_events(line)) == 1


def test_a_plh_acts_and_it_is_recorded(walk_commands: Callable[[int], Any]) -> None:
    """The Kasubag as Plh. of the Kabag takes step 2: capacity and order's number stand in the event."""
    line = walk_commands(1)
    line.change("    position: kasubag\n", PLH)
    assert "2. Menugaskan Kepala Sub Bagian" in line.done("--as", "kasubag", "inbox")
    assert "Plh. Nama Kepala Sub Bagian" in line.done("status")
    line.done("--as", "kasubag", "assign")
    (done,) = (row for row in line.done("status").splitlines() if row.startswith(" 2  "))
    assert "Plh. Nama Kepala Sub Bagian" in done, "a step once taken tells the capacity too"
    event = _events(line)[1]
    assert event.actor.official.position.value == "kabag"
    assert event.actor.official.capacity is Capacity.PLH
    assert event.actor.basis == "SP-12/SOM/2026"
    line.done("--as", "kasubag", "assign")
    assert _events(line)[2].actor.official.capacity is Capacity.HOLDER
    assert "[orang yang sama, diizinkan]" in line.done("log")
    assert "Utuh" in line.done("verify")


def test_who_stands_in_no_position_does_nothing(walk_commands: Callable[[int], Any]) -> None:
    """A term that has ended, or has not begun, lets nobody act; nothing waits for him either."""
    line = walk_commands(1)
    line.change("    position: kabag\n", "    position: kabag\n    until: 2023-12-31\n")
    for command in (("assign",), ("inbox",)):
        result = line.run("--as", "kabag", *command)
        assert result.exit_code == 1
        assert "hari ini tidak menjabat" in result.output


def test_an_official_removed_from_the_settings_is_missed(walk_commands: Callable[[int], Any]) -> None:
    """Whoever left is ended, not deleted: verify asks for him, and for a position that he did not hold."""
    line = walk_commands(2)
    line.change("  - id: kabag\n", "  - id: kabag-baru\n")
    result = line.run("verify")
    assert result.exit_code == 1
    assert "kejadian 2: pejabat kabag tidak ada di sopctl.yml" in result.output


def test_the_inbox_is_empty_for_everyone_else(walk_commands: Callable[[int], Any]) -> None:
    """What waits for the Kabag waits for nobody else, and is late once its time is over."""
    line = walk_commands(1)
    assert "Tidak ada yang menunggu Nama Staf." in line.done("--as", "staf", "inbox")
    said = line.done("--as", "kabag", "inbox")
    assert "sopctl --as kabag assign" in said


def test_metrics_are_written_after_each_step(walk_commands: Callable[[int], Any], tmp_path: Path) -> None:
    """The file tells step, position and deadline; where it cannot be written the step stands."""
    line = walk_commands(1)
    file = tmp_path / "sop.prom"
    line.change("allow_consecutive_steps", f"metrics_file: {file}\nallow_consecutive_steps")
    line.done("--as", "kabag", "assign")
    text = file.read_text()
    assert 'sop_cycle_step{cycle="2024-10",position="kasubag"} 3' in text
    assert 'sop_step_due_timestamp_seconds{cycle="2024-10",position="kasubag",step="3"}' in text
    assert 'sop_step_duration_seconds{cycle="2024-10",position="kabag",step="2"}' in text
    assert file.stat().st_mode & 0o777 == 0o644
    assert [path.name for path in tmp_path.iterdir() if "prom" in path.name] == ["sop.prom"]
    file.unlink()
    file.mkdir()
    assert "tidak dapat ditulis" in line.done("--as", "kasubag", "assign")
    assert len(_events(line)) == 3


def test_a_metrics_file_that_cannot_even_be_looked_for(walk_commands: Callable[[int], Any], tmp_path: Path) -> None:
    """The step stands and says so; `metrics` itself, which takes no step, fails."""
    line = walk_commands(1)
    (tmp_path / "no-folder").touch()
    line.change("allow_consecutive_steps", f"metrics_file: {tmp_path}/no-folder/sop.prom\nallow_consecutive_steps")
    assert "bukan folder. Langkahnya sendiri tercatat." in line.done("--as", "kabag", "assign")
    alone = line.run("metrics", language="en")
    assert alone.exit_code == 1
    assert "a part of its path is not a folder" in alone.output
    assert "step itself" not in alone.output


def test_nothing_is_recorded_before_what_it_follows(walk_commands: Callable[[int], Any]) -> None:
    """A clock that was set back cannot date a decision before the one that it answers."""
    line = walk_commands(1)
    early = datetime(_events(line)[0].time.year - 1, 1, 1, tzinfo=UTC)
    session = open_session(Globals(line.settings, "kabag", "sopctl"))
    with pytest.raises(Refused, match="is before the last event"):
        take(replace(session, clock=lambda: early), EventKind.ASSIGNED, MONTH, {"instruction": ""})
    assert len(_events(line)) == 1
