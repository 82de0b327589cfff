"""A whole walk as a person sees it, in both languages."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

GOLDEN = Path(__file__).parent / "golden"
MONTH = "2024-10"
WALK: tuple[tuple[str, ...], ...] = (
    ("status",),
    ("--as", "sekretaris", "open", "--period", MONTH, "--instruction", "Laksanakan pemeliharaan"),
    ("--as", "sekretaris", "open", "--period", MONTH),
    ("--as", "staf", "assign"),
    ("--as", "kabag", "inbox"),
    ("--as", "staf", "inbox"),
    ("--as", "kabag", "assign", "--manual", "disposisi.pdf"),
    ("--as", "kabag", "assign"),
    ("--as", "kabag", "assign"),
    ("--as", "kasubag", "assign", "--instruction", "Periksa seluruh tautan"),
    ("--as", "staf", "submit"),
    ("--as", "staf", "pull"),
    ("checklist",),
    ("--as", "staf", "note", "F01", "--cause", "Catu daya", "--action", "Diganti", "--follow-up", "Diamati"),
    ("--as", "staf", "note", "F09", "--cause", "x", "--action", "x", "--follow-up", "x"),
    ("status",),
    ("--as", "staf", "submit"),
    ("--as", "kasubag", "return", "--reason", "Lengkapi catatan F02"),
    ("status",),
    ("--as", "staf", "note", "f02", "--cause", "Konektor", "--action", "Dibersihkan", "--follow-up", "Diamati"),
    ("--as", "staf", "submit"),
    ("--as", "kasubag", "check", "--conclusion", "Menurun pada core-1", "--suggestion", "Tambah catu daya cadangan"),
    ("--as", "kabag", "forward"),
    ("--as", "kabag", "forward"),
    ("--as", "sekretaris", "approve"),
    ("--as", "sekretaris", "approve"),
    ("status",),
    ("log",),
    ("verify",),
)


@pytest.mark.parametrize("language", ["id", "en"])
def test_a_walk_reads_as_agreed(
    command_line: Any,
    normalise: Callable[[str], str],
    language: str,
    monkeypatch: pytest.MonkeyPatch,
    update_golden: bool,
) -> None:
    """Every word of a walk with its refusals is the agreed one; look at the file when it changes."""
    monkeypatch.setattr("sopctl.commands.acting.os_login", lambda: "petugas")
    lines = []
    for command in WALK:
        result = command_line.run(*command, language=language)
        quoted = " ".join(f"'{part}'" if " " in part else part for part in command)
        lines += [f"$ sopctl {quoted}", result.output.rstrip("\n"), f"[{result.exit_code}]", ""]
    transcript = normalise("\n".join(lines))
    golden = GOLDEN / f"walk.{language}.txt"
    if update_golden:
        golden.write_text(transcript)
    assert transcript == golden.read_text()
