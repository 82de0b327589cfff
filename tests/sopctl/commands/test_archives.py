"""export, backup, restore and verify --archive, through the commands, with demo keys."""

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

from sopctl.cli import main
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
