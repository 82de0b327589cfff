"""export, backup, restore and verify --archive, through the commands, with demo keys."""

import errno
import os
import shutil
import subprocess
import sys
import tarfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from sopctl.adapters.archive import write_archive
from sopctl.adapters.file_store import ContentFiles
from sopctl.adapters.ledger import Ledger
from sopctl.adapters.trust import load_trust
from sopctl.cli import main
from sopctl.evidence import Checklist
from sopctl.settings import load_settings
from tests.sopctl.conftest import COMMANDS, CommandLine

MONTH = "2024-10"


@pytest.fixture(scope="module")
def signed_site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A site with demo keys, its first two steps taken; its papers take long to set."""
    line = CommandLine(tmp_path_factory.mktemp("signed") / "site")
    line.folder.mkdir()
    result = CliRunner().invoke(main, ["init", "--demo-ca", str(line.folder)], env={"DCNET_LANG": "id"})
    assert result.exit_code == 0, result.output
    assert "TIDAK TERSERTIFIKASI" in result.output
    line.change("allow_consecutive_steps: false", "allow_consecutive_steps: true")
    for command in COMMANDS[:2]:
        line.done(*command)
    return line.folder


@pytest.fixture
def signed_line(signed_site: Path, tmp_path: Path) -> CommandLine:
    """A copy of that site."""
    return CommandLine(Path(shutil.copytree(signed_site, tmp_path / "site")))


def test_verify_tells_of_files_that_no_event_names(signed_line: CommandLine) -> None:
    """They are whole, and may be all that is left of events that somebody cut off."""
    assert "disebut kejadian" not in signed_line.done("verify")
    ContentFiles(signed_line.store).put(b"sisa")
    assert "1 berkas utuh tidak disebut kejadian mana pun" in signed_line.done("verify")
    assert "1 whole file that no event names" in signed_line.done("verify", language="en")


def _elsewhere(folder: Path, *arguments: str) -> "subprocess.CompletedProcess[str]":
    """Sopctl in an empty folder, as somebody who has nothing but the archive."""
    folder.mkdir(exist_ok=True)
    environment = {name: value for name, value in os.environ.items() if not name.startswith("SOPCTL")}
    return subprocess.run(
        [sys.executable, "-m", "sopctl", *arguments],
        cwd=folder,
        env=environment | {"DCNET_LANG": "en", "PYTHONPATH": str(Path(__file__).parents[3])},
        capture_output=True,
        text=True,
        check=False,
    )


def test_an_exported_cycle_verifies_without_store_and_settings(signed_line: CommandLine, tmp_path: Path) -> None:
    """The archive carries events, files, certificates; it says honestly that its trust is its own."""
    archive = tmp_path / "cycle.tar"
    signed_line.done("export", MONTH, "--output", str(archive))
    said = _elsewhere(tmp_path / "empty", "verify", "--archive", str(archive))
    assert said.returncode == 0, said.stderr
    assert "Whole: 1 cycle, 2 events" in said.stdout
    assert "That trust comes with this very archive" in said.stdout
    fingerprint = said.stdout.split("fingerprint ")[1][:64]
    assert fingerprint in signed_line.done("verify")
    trusted = signed_line.done("verify", "--archive", str(archive), "--trust", fingerprint, language="en")
    assert "Its trust is the one that you gave." in trusted
    refused = signed_line.run("verify", "--archive", str(archive), "--trust", "0" * 64)
    assert refused.exit_code == 1
    assert "jangan dipercaya" in refused.output
    with tarfile.open(archive) as opened:
        assert opened.getnames()[0] == "archive.json"


def test_a_forged_archive_fails_under_the_sites_own_trust(signed_line: CommandLine, tmp_path: Path) -> None:
    """Another site's archive is whole by itself, and named through and through by this site's sopctl.yml."""
    other = CommandLine(tmp_path / "other")
    other.folder.mkdir()
    assert CliRunner().invoke(main, ["init", "--demo-ca", str(other.folder)]).exit_code == 0
    archive = tmp_path / "cycle.tar"
    signed_line.done("export", MONTH, "--output", str(archive))
    assert "Utuh" in other.done("verify", "--archive", str(archive))
    result = other.run("verify", "--archive", str(archive), "--trust", str(other.settings))
    assert result.exit_code == 1
    assert "sertifikat yang tidak terdaftar untuk sekretaris" in result.output


def test_a_backup_brings_the_store_back(signed_line: CommandLine, tmp_path: Path) -> None:
    """After the store is gone, restore makes it again, event by event the same, and the walk goes on."""
    archive = tmp_path / "backup.tar"
    signed_line.done("backup", "--output", str(archive))
    log = signed_line.done("log")
    refused = signed_line.run("restore", str(archive))
    assert refused.exit_code == 1
    assert "sudah ada dan tidak ditimpa" in refused.output
    shutil.rmtree(signed_line.store)
    signed_line.done("restore", str(archive))
    assert signed_line.done("log") == log
    assert "Utuh" in signed_line.done("verify")
    signed_line.done(*COMMANDS[2])
    again = signed_line.run("backup", "--output", str(archive))
    assert again.exit_code == 1
    assert "tidak dapat ditulis" in again.output


def test_a_backup_is_not_mixed_with_a_broken_off_one(signed_line: CommandLine, tmp_path: Path) -> None:
    """What an earlier restoring left continues only with the same backup; an older one would bring back more."""
    older, newer = tmp_path / "older.tar", tmp_path / "newer.tar"
    signed_line.done("backup", "--output", str(older))
    signed_line.done(*COMMANDS[2])
    signed_line.done("backup", "--output", str(newer))
    partial = signed_line.folder / ".store.restoring"
    signed_line.store.rename(partial)
    refused = signed_line.run("restore", str(older), language="en")
    assert refused.exit_code == 1
    assert f"{partial} is left of the broken off restoring of another backup" in refused.output
    assert not signed_line.store.exists()
    signed_line.done("restore", str(newer))
    assert "3 kejadian" in signed_line.done("verify")


def test_a_store_that_is_a_file_is_not_restored_over(signed_line: CommandLine, tmp_path: Path) -> None:
    """It stays, and the person is told."""
    archive = tmp_path / "backup.tar"
    signed_line.done("backup", "--output", str(archive))
    shutil.rmtree(signed_line.store)
    signed_line.store.write_text("x")
    refused = signed_line.run("restore", str(archive))
    assert refused.exit_code == 1
    assert "sudah ada dan tidak ditimpa" in refused.output
    assert signed_line.store.read_text() == "x"


def test_an_archive_that_cannot_even_be_begun(signed_line: CommandLine, tmp_path: Path) -> None:
    """Below a file there is no folder."""
    (tmp_path / "no-folder").touch()
    refused = signed_line.run("backup", "--output", str(tmp_path / "no-folder" / "backup.tar"), language="en")
    assert refused.exit_code == 1
    assert "cannot be written: a part of its path is not a folder" in refused.output


def test_a_mistyped_trust_is_told_what_it_should_be(signed_line: CommandLine, tmp_path: Path) -> None:
    """A fingerprint that lacks a digit is no missing settings file."""
    archive = tmp_path / "backup.tar"
    signed_line.done("backup", "--output", str(archive))
    refused = signed_line.run("verify", "--archive", str(archive), "--trust", "0f95", language="en")
    assert refused.exit_code == 1
    assert "neither a fingerprint (64 hexadecimal digits" in refused.output


@pytest.mark.parametrize("excerpt", [False, True])
def test_events_out_of_their_order_are_named(signed_line: CommandLine, tmp_path: Path, excerpt: bool) -> None:
    """An archive can be written in one way only: the same events in another order, sealed anew, are not it."""
    ledger = Ledger(signed_line.store)
    events = ledger.recorded()
    ledger.close()
    archive = tmp_path / "reordered.tar"
    trust = load_trust(load_settings(signed_line.settings))
    write_archive(archive, events[::-1], signed_line.store / "files", trust, excerpt=excerpt)
    result = signed_line.run("verify", "--archive", str(archive), language="en")
    assert result.exit_code == 1
    assert "cycle 2024-10, event 1: not at its place in the order of recording" in result.output


def test_a_damaged_or_partial_backup_restores_nothing(signed_line: CommandLine, tmp_path: Path) -> None:
    """What is not whole, or only a cycle, makes no store."""
    part, whole = tmp_path / "cycle.tar", tmp_path / "backup.tar"
    signed_line.done("export", MONTH, "--output", str(part))
    signed_line.done("backup", "--output", str(whole))
    content = bytearray(whole.read_bytes())
    content[len(content) // 2] ^= 1
    whole.write_bytes(content)
    shutil.rmtree(signed_line.store)
    for file, told in ((part, "hanya memuat satu siklus"), (whole, "TIDAK utuh")):
        result = signed_line.run("restore", str(file))
        assert result.exit_code == 1
        assert told in result.output
        assert not signed_line.store.exists()


def test_a_damaged_ledger_is_not_backed_up(walk_commands: Callable[[int], Any], tmp_path: Path) -> None:
    """A backup of what is not whole would hide the fault; verify's words are told instead."""
    line = walk_commands(4)
    (kept,) = (line.store / "files").glob("??/*")
    kept.write_bytes(b"{}")
    result = line.run("backup", "--output", str(tmp_path / "b.tar"))
    assert result.exit_code == 1
    assert "TIDAK utuh" in result.output
    assert not (tmp_path / "b.tar").exists()


def test_signed_papers_are_handed_out_before_any_laporan_is_signed(
    signed_line: CommandLine, checklist: Checklist, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Also where the examination is on paper later: the dispositions are signed all the same."""
    monkeypatch.setattr("sopctl.commands.pull.pull_checklist", lambda *_arguments, **_options: checklist)
    folder = signed_line.folder / "out"
    for command in COMMANDS[2:4]:
        signed_line.done(*command)
    signed_line.done("report", "--output", str(folder))
    assert {f"disposition-{step}.pdf" for step in (1, 2, 3)} < {path.name for path in folder.iterdir()}


def test_a_stick_without_hard_links_takes_a_backup(
    signed_line: CommandLine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """FAT and exFAT, as sticks have them, know neither hard links nor modes; still nothing is replaced."""

    def not_permitted(*_arguments: object) -> None:
        raise PermissionError(errno.EPERM, os.strerror(errno.EPERM))

    target = tmp_path / "stick" / "backup.tar"
    target.parent.mkdir()
    monkeypatch.setattr("os.link", not_permitted)
    monkeypatch.setattr("sopctl.adapters.archive.os.fchmod", not_permitted)
    signed_line.done("backup", "--output", str(target))
    assert "Utuh" in signed_line.done("verify", "--archive", str(target))
    assert "sudah ada" in signed_line.run("backup", "--output", str(target)).output
    assert [path.name for path in target.parent.iterdir()] == ["backup.tar"]
