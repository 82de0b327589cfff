"""The language of errors that click shows when its context is gone, and arguments that are no text."""

import os

import click
import pytest
from click.testing import CliRunner

from dcnet.bilingual_click import BilingualCommand, BilingualGroup, option, say
from dcnet.language import Words
from dcnet.os_errors import reason_of


@click.group(cls=BilingualGroup, words=Words("Sebuah alat.", "A tool."))
def alat() -> None: ...


@alat.command(cls=BilingualCommand, words=Words("Bekerja.", "Work."))
@option("--sebab", required=True, words=Words("Sebab.", "The cause."))
def kerja(sebab: str) -> None:
    say(Words(f"sebab: {sebab}", f"cause: {sebab}"))


def test_a_usage_error_is_in_one_language() -> None:
    """--lang rules the placeholders of "Usage" too, of the group and of its commands."""
    environment = {"DCNET_LANG": None}
    said = CliRunner().invoke(alat, ["--lang", "en", "kerja"], prog_name="alat", env=environment).output
    assert "Usage: alat kerja [OPTIONS]" in said
    said = CliRunner().invoke(alat, ["--lang", "en", "tidur"], prog_name="alat", env=environment).output
    assert "COMMAND [ARGS]" in said
    said = CliRunner().invoke(alat, ["kerja"], prog_name="alat", env=environment).output
    assert "Pemakaian: alat kerja [OPSI]" in said


def test_an_argument_that_is_no_text_is_refused() -> None:
    """Bytes that are no UTF-8 are told with the argument, in place of a traceback when they are written."""
    result = CliRunner().invoke(alat, ["kerja", "--sebab", os.fsdecode(b"kabel\xff")], prog_name="alat")
    assert result.exit_code == 2
    assert "bukan teks UTF-8" in result.output
    assert "kabel\\udcff" in result.output


def test_what_is_said_cannot_steer_the_terminal() -> None:
    """Escape sequences in a value are shown."""
    said = CliRunner().invoke(alat, ["kerja", "--sebab", "\x1b[2J"], prog_name="alat").output
    assert said == "sebab: \\x1b[2J\n"


@pytest.mark.parametrize(
    ("name", "indonesian"), [("x" * 300, "namanya terlalu panjang"), ("/proc/nothing", "tidak ada")]
)
def test_the_systems_reasons_have_words(name: str, indonesian: str) -> None:
    """What the system answers is told in Indonesian too."""
    with pytest.raises(OSError) as caught:  # noqa: PT011  # the reason is what is looked at
        open(name)  # noqa: PTH123, SIM115
    assert reason_of(caught.value).id == indonesian


def test_an_unknown_reason_is_told_as_it_is() -> None:
    """A reason without words is not lost."""
    assert reason_of(OSError(9999, "strange")) == Words("strange", "strange")
