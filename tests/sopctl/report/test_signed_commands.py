"""The seven steps by sopctl's own commands with demo keys: papers in the store, a signed report, a clean verify."""

import hashlib
import random
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from sopctl.cli import main
from sopctl.model import Checklist
from tests.sopctl.conftest import COMMANDS


def run(folder: Path, *arguments: str) -> Result:
    environment = {"SOPCTL_CONFIG": str(folder / "sopctl.yml"), "DCNET_LANG": "en", "SOPCTL_AS": None}
    return CliRunner().invoke(main, arguments, prog_name="sopctl", env=environment)


@pytest.fixture
def site(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, checklist: Checklist) -> Path:
    """A site with demo keys, where one login may take all steps; the month is there already."""
    monkeypatch.setattr("sopctl.commands.pull.pull_checklist", lambda *_arguments: checklist)
    result = CliRunner().invoke(main, ["init", "--demo-ca", str(tmp_path)])
    assert result.exit_code == 0, result.output
    file = tmp_path / "sopctl.yml"
    file.write_text(file.read_text().replace("allow_consecutive_steps: false", "allow_consecutive_steps: true"))
    return tmp_path


def _verify_with_a_changed_byte(site: Path, file: Path, chance: random.Random) -> None:
    """Ledger, heads, seal, data or PDF: `verify` fails for it, and the byte is put back."""
    whole = file.read_bytes()
    changed, place = bytearray(whole), chance.randrange(len(whole))
    changed[place] ^= chance.randrange(1, 256)
    file.chmod(0o600)
    file.write_bytes(changed)
    assert run(site, "verify").exit_code == 1, f"{file}:{place}"
    file.write_bytes(whole)


@pytest.mark.timeout(1800)
def test_the_seven_steps_end_in_a_signed_report(site: Path, share: Callable[[int, int], int]) -> None:
    """Every decision signs its paper; `verify` is clean, and `report` hands out exactly what was signed."""
    for command in COMMANDS:
        # The month comes with a warning of Prometheus.
        result = run(site, *command, *(("--accept", "P1") if "submit" in command else ()))
        assert result.exit_code == 0, result.output
    verified = run(site, "verify")
    assert verified.exit_code == 0, verified.output
    kept = [path for path in sorted((site / "store").rglob("*")) if path.is_file()]
    chance = random.Random(19)
    for _change in range(share(3, 1000)):
        _verify_with_a_changed_byte(site, chance.choice(kept), chance)
    assert run(site, "verify").exit_code == 0
    folder = site / "out"
    reported = run(site, "report", "--output", str(folder))
    assert reported.exit_code == 0, reported.output
    assert "(final)" in reported.output
    assert sorted(path.name for path in folder.iterdir()) == [
        "approval.pdf",
        "checklist.pdf",
        "disposition-1.pdf",
        "disposition-2.pdf",
        "disposition-3.pdf",
        "report.csv",
        "report.json",
        "report.pdf",
    ]
    text = subprocess.run(
        ["pdftotext", "-layout", str(folder / "report.pdf"), "-"], check=True, capture_output=True, text=True
    ).stdout
    assert text.count("Ditandatangani secara elektronik oleh") == 3
    assert text.count("Tanda tangan elektronik tidak tersertifikasi") == 3
    assert "KONSEP" not in text
    assert "Langkah 7:" in text
    assert "Lembar Pengesahan" in text
    # The Laporan is frozen at step 5; the last sheet holds steps 6 and 7 too, and which file was approved.
    sheet = subprocess.run(
        ["pdftotext", "-layout", str(folder / "approval.pdf"), "-"], check=True, capture_output=True, text=True
    ).stdout
    assert "LEMBAR PENGESAHAN" in sheet
    assert "belum dilaksanakan" not in sheet
    assert "lihat tanda tangan" not in sheet
    assert sheet.count("WIB") == 8, "seven steps and the signature"
    assert hashlib.sha256((folder / "report.pdf").read_bytes()).hexdigest() in "".join(sheet.split())


def test_a_changed_paper_is_accused(site: Path) -> None:
    """A paper whose bytes were changed in the store is named by `verify`."""
    assert run(site, *COMMANDS[0]).exit_code == 0
    (paper,) = (path for path in (site / "store" / "files").glob("*/*") if path.read_bytes().startswith(b"%PDF-"))
    paper.chmod(0o600)
    paper.write_bytes(paper.read_bytes().replace(b"Jakarta", b"Bandung", 1) + b"\n")
    verified = run(site, "verify")
    assert verified.exit_code == 1
    assert paper.name in verified.output
    assert "was changed" in verified.output
