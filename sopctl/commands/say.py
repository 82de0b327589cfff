"""How commands print: aligned pairs and tables.

Owns layout only.
"""

from collections.abc import Callable, Sequence
from typing import Any

import click

from dcnet.bilingual_click import current_language, option
from dcnet.language import Words
from dcnet.visible import make_visible
from sopctl.model import Capacity

GAP = "  "
CAPACITY_MARKS = {Capacity.HOLDER: "", Capacity.PLH: "Plh. ", Capacity.PLT: "Plt. "}

period_option = option(
    "--period",
    metavar="YYYY-MM",
    words=Words(
        "Bulan siklus. Bawaan: satu-satunya yang belum selesai, atau yang terbaru.",
        "The cycle's month. Default: the only one not ended, else the latest.",
    ),
)


def _not_blank(context: click.Context, parameter: click.Parameter, value: str) -> str:
    text = value.strip()
    if not text:
        raise click.BadParameter(word(Words("tidak boleh kosong", "must not be empty")), context, parameter)
    return text


def text_option(name: str, words: Words) -> Callable[[Any], Any]:
    """A required option whose text is not blank."""
    return option(name, required=True, callback=_not_blank, metavar="TEXT", words=words)


def word(words: Words) -> str:
    """`words` in the running command's language."""
    return words.in_language(current_language())


def print_pairs(pairs: Sequence[tuple[Words, str]]) -> None:
    """Labels and values in two columns; a value's further lines stay in its column."""
    width = max(len(word(label)) for label, _value in pairs)
    for label, value in pairs:
        lines = [make_visible(line) for line in value.split("\n")]
        click.echo(f"{word(label):<{width}}{GAP}{lines[0]}".rstrip())
        for line in lines[1:]:
            click.echo(f"{'':<{width}}{GAP}{line}".rstrip())


def print_table(head: Sequence[Words], rows: Sequence[Sequence[str]], *, right: frozenset[int] = frozenset()) -> None:
    """Rows in columns as wide as their widest cell; columns of `right` are aligned right."""
    cells = [[word(words) for words in head], *[[make_visible(cell, keep_lines=False) for cell in row] for row in rows]]
    widths = [max(len(row[column]) for row in cells) for column in range(len(head))]
    for row in cells:
        padded = [
            cell.rjust(width) if column in right else cell.ljust(width)
            for column, (cell, width) in enumerate(zip(row, widths, strict=True))
        ]
        click.echo(GAP.join(padded).rstrip())
