"""click's own words in Indonesian and English."""

import os

import click
import pytest
from click.testing import CliRunner

from dcnet.bilingual_click import BilingualGroup, option
from dcnet.click_words import COMPILED, compile_words
from dcnet.language import Words

CASES = (
    pytest.param(["--help"], "Pemakaian: alat [OPSI] PERINTAH [ARGUMEN]...", "Usage: alat [OPTIONS]", id="help"),
    pytest.param(["--help"], "Menampilkan pesan ini.", "Show this message and exit.", id="help-option"),
    pytest.param(["kerja", "--help"], "Hari.  [wajib]", "The day.  [required]", id="required"),
    pytest.param(["kerja"], "Kesalahan: Opsi wajib belum diisi: '--hari'.", "Error: Missing option", id="missing"),
    pytest.param(["kerja", "--jam"], "Opsi '--jam' tidak ada.", "No such option '--jam'.", id="no-option"),
    pytest.param(["main"], "Perintah 'main' tidak ada.", "No such command 'main'.", id="no-command"),
    pytest.param(["kerja", "--hari"], "memerlukan nilai", "requires an argument", id="no-value"),
    pytest.param(["kerja", "--hari", "x"], "bukan salah satu dari", "is not one of", id="choice"),
    pytest.param(["kerja", "--hari", "1", "2"], "Argumen berlebih: 2", "unexpected extra argument", id="extra"),
)


def _tool() -> click.Command:
    @click.group(cls=BilingualGroup, words=Words("Sebuah alat.", "A tool."))
    def alat() -> None: ...

    @alat.command(words=Words("Bekerja.", "Work."))
    @option("--hari", required=True, type=click.Choice(["1", "2"]), words=Words("Hari.", "The day."))
    def kerja(hari: str) -> None: ...

    return alat


@pytest.mark.parametrize(("arguments", "indonesian", "english"), CASES)
def test_click_speaks_the_chosen_language(arguments: list[str], indonesian: str, english: str) -> None:
    """What click says by itself is Indonesian by default and English when that is asked for."""
    environment = {"DCNET_LANG": None, "LANGUAGE": None, "LANG": "C"}
    said = CliRunner().invoke(_tool(), arguments, prog_name="alat", env=environment).output
    assert indonesian in said
    assert english not in said
    said = CliRunner().invoke(_tool(), ["--lang", "en", *arguments], prog_name="alat", env=environment).output
    assert english in said


def test_the_environment_is_left_as_it_was(monkeypatch: pytest.MonkeyPatch) -> None:
    """Whatever LANGUAGE said before a command, it says after it."""
    monkeypatch.setenv("LANGUAGE", "nl")
    CliRunner().invoke(_tool(), ["--help"])
    assert os.environ["LANGUAGE"] == "nl"


def test_the_compiled_words_are_fresh() -> None:
    """The binary in the tree is what its source compiles to; else run `python -m dcnet.click_words`."""
    assert COMPILED.read_bytes() == compile_words()
