"""The commands around the walk: init, who acts, which cycle, the report, start-up."""

import json
import os
import subprocess
import sys
import threading
from collections.abc import Callable
from datetime import datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from click.testing import CliRunner

from sopctl.cli import main
from sopctl.workflow.pull_checklist import pull_checklist

MONTH = "2024-10"


def test_init_never_overwrites(command_line: Any) -> None:
    """A second init leaves settings and ledger as they are and says so."""
    before = command_line.settings.read_bytes()
    result = command_line.run("init", str(command_line.folder))
    assert result.exit_code == 1
    assert "sudah ada dan tidak ditimpa" in result.output
    assert command_line.settings.read_bytes() == before


def test_init_where_nothing_can_be_written(tmp_path: Path) -> None:
    """A file in the folder's place is told, not thrown."""
    (tmp_path / "berkas").write_text("")
    result = CliRunner().invoke(main, ["init", str(tmp_path / "berkas")])
    assert result.exit_code == 1
    assert "tidak dapat dibuat" in result.output


def test_without_settings_init_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """In a folder without sopctl.yml every command says how to begin."""
    monkeypatch.chdir(tmp_path)
    result = CliRunner().invoke(main, ["status"], env={"SOPCTL_CONFIG": None})
    assert result.exit_code == 1
    assert "sopctl init" in result.output


def test_a_mistake_in_the_settings_stops_with_its_line(command_line: Any) -> None:
    """The exit status is 2 and the message leads to the line."""
    command_line.change("store: store", "shop: store")
    result = command_line.run("status")
    assert result.exit_code == 2
    assert f"{command_line.settings}:13: shop: kunci tidak dikenal" in result.output


def test_who_acts_must_be_said(command_line: Any) -> None:
    """Without --as the officials are listed; an unknown one is refused with the same list."""
    result = command_line.run("open", "--period", MONTH)
    assert result.exit_code == 1
    assert "sekretaris (sdm), kabag (kabag), kasubag (kasubag), staf (staf)" in result.output
    result = command_line.run("--as", "bos", "open", "--period", MONTH)
    assert "pejabat 'bos' tidak ada" in result.output


def test_an_official_with_a_login_acts_from_no_other(command_line: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """`user` ties an official to a login: others are refused, and that login needs no --as."""
    command_line.change("    position: sdm\n", "    position: sdm\n    user: susyanto\n")
    monkeypatch.setattr("sopctl.commands.acting.os_login", lambda: "lain")
    result = command_line.run("--as", "sekretaris", "open", "--period", MONTH)
    assert result.exit_code == 1
    assert "hanya dapat bertindak dari login susyanto; login sekarang lain" in result.output
    monkeypatch.setattr("sopctl.commands.acting.os_login", lambda: "susyanto")
    assert "Langkah 1 selesai" in command_line.done("open", "--period", MONTH)


def test_the_login_is_the_kernels_word(command_line: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """Environment variables do not change who the ledger says it was."""
    for name in ("USER", "LOGNAME", "SUDO_USER"):
        monkeypatch.setenv(name, "palsu")
    command_line.done("--as", "sekretaris", "open", "--period", MONTH)
    assert "palsu" not in command_line.done("log")


def test_without_consent_one_login_takes_no_two_steps(command_line: Any) -> None:
    """As `init` leaves the settings, the second step from the same login is refused with the way out."""
    command_line.change("allow_consecutive_steps: true", "allow_consecutive_steps: false")
    command_line.done("--as", "sekretaris", "open", "--period", MONTH)
    result = command_line.run("--as", "kabag", "assign")
    assert result.exit_code == 1
    assert "allow_consecutive_steps: true" in result.output


def test_a_mistyped_command_is_guessed(command_line: Any) -> None:
    """Click names the command that may have been meant, from the table alone."""
    result = command_line.run("stats")
    assert result.exit_code == 2
    assert "Perintah 'stats' tidak ada. Mungkin maksudnya 'status'?" in result.output


@pytest.mark.parametrize("period", ["2024-13", "oktober", "2024-1"])
def test_a_period_that_is_no_month_is_refused(command_line: Any, period: str) -> None:
    """What is no month is told with an example."""
    result = command_line.run("--as", "sekretaris", "open", "--period", period)
    assert result.exit_code != 0
    assert "2026-10" in result.output


def test_the_only_open_cycle_is_meant(walk_commands: Callable[[int], Any]) -> None:
    """With one cycle ended and an older one open, the open one is meant; with two open, the latest month."""
    line = walk_commands(9)
    line.done("--as", "sekretaris", "open", "--period", "2024-08")
    assert "2024-08 (Agustus 2024)" in line.done("status")
    line.done("--as", "sekretaris", "open", "--period", "2024-09")
    said = line.done("status")
    assert f"Siklus      {MONTH}" in said
    assert "Siklus lain yang belum selesai: 2024-08, 2024-09" in said
    assert "Langkah 2 selesai" in line.done("--as", "kabag", "assign", "--period", "2024-08")


def test_a_running_month_says_from_when_it_can_be_pulled(command_line: Any) -> None:
    """After the last assignment in a month that runs, Staf learns when the pull becomes possible."""
    month = datetime.now(ZoneInfo("Asia/Jakarta")).strftime("%Y-%m")
    command_line.done("--as", "sekretaris", "open", "--period", month)
    command_line.done("--as", "kabag", "assign")
    said = command_line.done("--as", "kasubag", "assign")
    assert "Data dapat ditarik setelah bulannya berakhir: mulai 1 " in said
    assert "Dapat mulai  1 " in command_line.done("status")
    result = command_line.run("--as", "staf", "pull")
    assert result.exit_code == 1
    assert f"Periode {month} belum berakhir; `pull` dapat dilakukan mulai 1 " in result.output


@pytest.mark.skipif(os.getuid() != 0, reason="only root can become another login")
def test_a_login_without_write_permission_is_told(tmp_path: Path) -> None:
    """Another login that may not write the store learns what it lacks, without a traceback."""
    # By a process of its own: connections still open in this one would keep the shared memory that readers need.
    begin = [sys.executable, "-c", "from sopctl.cli import main; main()", "init", str(tmp_path)]
    subprocess.run(begin, check=True, capture_output=True)
    # pytest's own folders are for their owner alone.
    for folder in (tmp_path, *tmp_path.parents):
        if folder.stat().st_mode & 0o777 == 0o700:
            folder.chmod(0o755)
    # Imported as root, for another login may not be able to read this checkout.
    program = (
        "import os, _strptime, sopctl.commands.status\nfrom sopctl.cli import main\n"
        "os.setgroups([])\nos.setgid(65534)\nos.setuid(65534)\nmain(prog_name='sopctl')"
    )
    run = subprocess.run(
        [sys.executable, "-c", program, "--config", str(tmp_path / "sopctl.yml"), "status"],
        check=False,
        capture_output=True,
    )
    assert run.returncode == 1
    assert b"login ini tidak boleh membaca dan menulis buku besar" in run.stderr


def test_hints_name_the_settings_they_were_asked_with(command_line: Any) -> None:
    """Who gave --config gets hints that carry it."""
    result = CliRunner().invoke(
        main, ["--config", str(command_line.settings), "--as", "sekretaris", "open", "--period", MONTH]
    )
    assert f"sopctl --config {command_line.settings} --as kabag assign" in result.output


def test_evidence_is_kept_with_the_note(walk_commands: Callable[[int], Any], tmp_path: Path) -> None:
    """Evidence is copied into the store; taking the original away changes nothing, changing the copy is found."""
    line = walk_commands(4)
    photo = tmp_path / "foto.jpg"
    photo.write_bytes(b"JPEG")
    note = ("--as", "staf", "note", "F01", "--cause", "a", "--action", "b", "--follow-up", "c", "--evidence")
    assert "1 berkas bukti" in line.done(*note, str(photo))
    photo.unlink()
    assert "2 berkas" in line.done("verify")
    assert "tidak dapat dibaca" in line.run(*note, str(photo)).output
    kept = next(path for path in (line.store / "files").rglob("*") if path.is_file() and path.read_bytes() == b"JPEG")
    kept.write_bytes(b"JPG")
    result = line.run("verify")
    assert result.exit_code == 1
    assert "Buku besar TIDAK utuh; 1 masalah:" in result.output
    assert str(kept) in result.output


def test_the_examined_content_is_frozen(walk_commands: Callable[[int], Any]) -> None:
    """Check keeps what was examined as JSON; forward and approve name the same hash."""
    line = walk_commands(9)
    said = line.done("log")
    examined = next(
        json.loads(path.read_bytes())
        for path in (line.store / "files").rglob("*")
        if path.is_file() and b'"conclusion"' in path.read_bytes()
    )
    assert examined["conclusion"] == "Menurun pada core-1"
    assert examined["number"] == "001/LPKS/SOM/X/2024"
    assert examined["notes"]["F01"]["cause"] == "Catu daya"
    marks = {text.split("isi ")[1].split()[0] for text in said.splitlines() if "isi " in text and "Isi" not in text}
    assert len(marks) == 1


def test_a_report_before_the_pull_is_refused(walk_commands: Callable[[int], Any]) -> None:
    """Without data there is nothing to report, and the message says how to get it."""
    result = walk_commands(3).run("report")
    assert result.exit_code == 1
    assert "sopctl --as staf pull" in result.output


def test_the_report_is_a_draft_until_approved(walk_commands: Callable[[int], Any], tmp_path: Path) -> None:
    """The same command gives KONSEP before the approval and the final report after it."""
    line = walk_commands(7)
    assert "KONSEP" in line.done("report", "--output", str(tmp_path / "konsep"))
    draft = json.loads((tmp_path / "konsep" / "report.json").read_text())
    line.done("--as", "kabag", "forward")
    line.done("--as", "sekretaris", "approve")
    said = line.done("report", "--output", str(tmp_path / "final"))
    assert "Laporan 001/LPKS/SOM/X/2024 (final):" in said
    assert "KONSEP" not in said
    final = json.loads((tmp_path / "final" / "report.json").read_text())
    assert draft != final
    for name in ("report.pdf", "report.json", "report.csv"):
        assert (tmp_path / "final" / name).stat().st_size > 0


LOOKING = ("status", "--as kabag inbox", "log")
LATER = frozenset(
    {
        *("requests", "typst", "babel", "holidays", "cryptography", "pyhanko", "openpyxl", "_strptime"),
        "importlib.metadata",
        *("dcnet.catalogue", "sopctl.evidence", "sopctl.commands.taking", "sopctl.workflow.take_step"),
    }
)
"""What takes long to load, and no command needs that only looks how the steps stand."""


def loaded_by(line: Any, command: str, **environment: str) -> set[str]:
    """The modules that a process of its own has loaded when `command` ends."""
    program = (
        "import gc, sys\nfrom sopctl.cli import main\n"
        "try:\n    main(sys.argv[1:], prog_name='sopctl')\nexcept SystemExit as end:\n    assert not end.code\n"
        "print(gc.get_freeze_count() > 0, *sys.modules)"
    )
    run = subprocess.run(
        [sys.executable, "-c", program, "--config", str(line.settings), *command.split()],
        check=True,
        capture_output=True,
        text=True,
        env={**os.environ, **environment},
    )
    frozen, *modules = run.stdout.splitlines()[-1].split()
    # Otherwise the end of each run looks through all that was loaded for garbage.
    assert (frozen == "True") is ("sopctl.settings" in modules)
    return set(modules)


@pytest.mark.parametrize("command", LOOKING)
def test_a_look_at_the_steps_loads_little(walk_commands: Callable[[int], Any], tmp_path: Path, command: str) -> None:
    """A cycle in the midst of its steps is told without what asks, judges, records, signs or sets type."""
    line = walk_commands(7)
    # Who looks first this year asks the package of holidays, and keeps its answer.
    cache = {"XDG_CACHE_HOME": str(tmp_path / "cache")}
    loaded_by(line, "status", **cache)
    assert not loaded_by(line, command, **cache) & LATER


def test_help_loads_no_settings(command_line: Any) -> None:
    """--help needs neither the settings' models nor the ledger."""
    assert not loaded_by(command_line, "--help") & (LATER | {"pydantic", "yaml", "sqlite3"})


def test_no_plugin_sees_what_is_validated(command_line: Any, tmp_path: Path) -> None:
    """A plugin of pydantic that is installed beside sopctl is not even loaded."""
    information = tmp_path / "packages" / "spy-1.dist-info"
    information.mkdir(parents=True)
    (information / "METADATA").write_text("Metadata-Version: 2.1\nName: spy\nVersion: 1\n")
    (information / "entry_points.txt").write_text("[pydantic]\nspy = spy_of_pydantic:plugin\n")
    (information.parent / "spy_of_pydantic.py").write_text("plugin = None\n")
    modules = loaded_by(command_line, "status", PYTHONPATH=str(information.parent))
    assert "pydantic" in modules
    assert "spy_of_pydantic" not in modules


def test_an_approved_report_keeps_its_form(walk_commands: Callable[[int], Any], tmp_path: Path) -> None:
    """Letterhead and titles changed after the examination do not change a report that is written again."""
    line = walk_commands(9)
    line.done("report", "--output", str(tmp_path / "before"))
    line.change("Kementerian Energi dan Sumber Daya Mineral", "Kementerian Lain")
    line.change("sdm: Sekretaris Direktorat Jenderal", "sdm: Kepala Badan")
    line.change("number_format: ", 'number_format: "{year}" # ')
    line.done("report", "--output", str(tmp_path / "after"))
    for name in ("report.pdf", "report.json", "report.csv"):
        assert (tmp_path / "after" / name).read_bytes() == (tmp_path / "before" / name).read_bytes()


def test_with_two_open_cycles_every_hint_names_its_own(command_line: Any) -> None:
    """What a message tells to type acts on the cycle that the message is about."""
    line = command_line
    line.done("--as", "sekretaris", "open", "--period", "2024-09")
    assert "--period" not in line.done("status")
    said = line.done("--as", "sekretaris", "open", "--period", "2024-10")
    assert "sopctl --as kabag assign --period 2024-10" in said
    assert "sopctl --as kabag assign --period 2024-09" in line.done("status", "--period", "2024-09")
    refused = line.run("--as", "staf", "pull", "--period", "2024-09")
    assert "sopctl --as kabag assign --period 2024-09" in refused.output
    assert "pull --period 2024-10" in line.run("report", "--period", "2024-10").output


def test_a_step_that_two_cycles_could_take_must_name_one(command_line: Any) -> None:
    """Without --period such a step is refused and recorded nowhere; where only one can take it, that one does."""
    line = command_line
    line.done("--as", "sekretaris", "open", "--period", "2024-09")
    line.done("--as", "sekretaris", "open", "--period", "2024-10")
    result = line.run("--as", "kabag", "assign")
    assert result.exit_code == 1
    assert "`assign` dapat mengenai siklus 2024-09 atau 2024-10" in result.output
    assert "sopctl --as kabag assign … --period 2024-09" in result.output
    assert "2 kejadian" in line.done("verify")
    line.done("--as", "kabag", "assign", "--period", "2024-10")
    assert "siklus 2024-09" in line.done("--as", "kabag", "assign")


@pytest.mark.parametrize("fault", ["unreachable", "broken"])
def test_a_pull_without_prometheus_records_nothing(
    walk_commands: Callable[[int], Any], monkeypatch: pytest.MonkeyPatch, fault: str
) -> None:
    """No answer, or an error: the status is not zero, the message says whom it asked, the ledger is as before."""
    monkeypatch.setattr("sopctl.commands.pull.pull_checklist", pull_checklist)
    line = walk_commands(3)
    line.change("retries: 3", "retries: 0")
    server = ThreadingHTTPServer(("127.0.0.1", 0), Broken)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    line.change("http://127.0.0.1:9090", f"http://127.0.0.1:{server.server_address[1]}")
    if fault == "broken":
        thread.start()
    else:
        server.server_close()
    before = line.done("log")
    result = line.run("--as", "staf", "pull")
    if fault == "broken":
        server.shutdown()
        server.server_close()
        thread.join()
    assert result.exit_code == 1
    assert f"Prometheus http://127.0.0.1:{server.server_address[1]}" in result.output
    assert ("HTTP 500" if fault == "broken" else "tidak dapat dihubungi") in result.output
    assert line.done("log") == before
    assert "3 kejadian, 0 berkas" in line.done("verify")


class Broken(BaseHTTPRequestHandler):
    """Answers every question with an error of the server."""

    def do_POST(self) -> None:
        self.rfile.read(int(self.headers["Content-Length"]))
        self.send_response(500)
        self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, *_arguments: object) -> None:
        """Quiet."""
