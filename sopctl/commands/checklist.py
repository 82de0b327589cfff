"""`checklist`: the Data Check List Kinerja Sistem in the terminal, findings first; or as a file for others."""

import errno
import os
import sys
import textwrap
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

import click

from dcnet.bilingual_click import BilingualCommand, current_language, option, say
from dcnet.catalogue import Catalogue, Component, Unit, load_catalogue, owner_of
from dcnet.language import Words
from dcnet.os_errors import reason_of
from dcnet.visible import make_visible
from sopctl.checklist.causes import likely_cause
from sopctl.checklist.judge import natural_order
from sopctl.checklist.serialise import checklist_to_json
from sopctl.commands.pulled import pulled_checklist
from sopctl.commands.root import Globals
from sopctl.commands.say import period_option, print_table, word
from sopctl.commands.session import open_session
from sopctl.errors import SopctlError
from sopctl.evidence import Checklist, ChecklistRow, Finding, Status
from sopctl.report.checklist_csv import checklist_to_csv
from sopctl.report.checklist_xlsx import checklist_to_xlsx
from sopctl.report.figures import format_limit, format_minutes, format_value
from sopctl.report.labels import STATUSES

FORMATS = ("table", "json", "csv", "xlsx")
BY_SEVERITY = (Status.CRITICAL, Status.DEGRADED, Status.NO_DATA, Status.PLANNED, Status.GOOD)
WIDE_COLUMNS = 130
"""A narrower terminal gets a few lines a row in place of a table."""

INDENT = " " * 7
"""Of a row's further lines there: they stand beside the finding's id."""

LEAST_COLUMNS = 2 * len(INDENT)
"""A narrower terminal breaks lines itself."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which rows are asked for; empty: all."""

    kinds: frozenset[str]
    sites: frozenset[str]
    statuses: frozenset[str]

    def holds(self, row: ChecklistRow, sites: dict[str, str]) -> bool:
        """Whether `row` is asked for; `sites` by the inventory's object."""
        site = sites.get(owner_of(row.object), sites.get(row.device, ""))
        return (
            (not self.kinds or row.component.value in self.kinds)
            and (not self.sites or site in self.sites)
            and (not self.statuses or row.status.value in self.statuses)
        )


@click.command(
    "checklist",
    cls=BilingualCommand,
    words=Words(
        "Data Check List Kinerja Sistem yang terakhir ditarik: temuannya menurut berat, atau dengan --all semua baris. "
        "Format json, csv dan xlsx selalu memuat semuanya.",
        "The checklist as last pulled: its findings by severity, or with --all every row. The formats json, csv and "
        "xlsx always hold everything.",
    ),
)
@option("--all", "every", is_flag=True, words=Words("Semua baris, juga yang baik.", "Every row, also good ones."))
@option(
    "--kind",
    "kinds",
    multiple=True,
    type=click.Choice([component.value for component in Component]),
    words=Words("Hanya jenis ini; dapat diulang.", "Only this kind; may be repeated."),
)
@option(
    "--site", "sites", multiple=True, metavar="SITE", words=Words("Hanya lokasi ini; dapat diulang.", "Only this site.")
)
@option(
    "--status",
    "statuses",
    multiple=True,
    type=click.Choice([status.value for status in Status]),
    words=Words("Hanya status ini; dapat diulang.", "Only this status; may be repeated."),
)
@option(
    "--format",
    "form",
    type=click.Choice(FORMATS),
    default="table",
    words=Words("Bentuk keluaran (bawaan: table).", "Form of the output (default: table)."),
)
@option(
    "--output",
    type=click.Path(dir_okay=False, path_type=Path),
    metavar="FILE",
    words=Words("Tulis ke berkas ini (json, csv, xlsx).", "Write to this file (json, csv, xlsx)."),
)
@period_option
@click.pass_obj
def checklist_command(
    options: Globals,
    *,
    every: bool,
    kinds: tuple[str, ...],
    sites: tuple[str, ...],
    statuses: tuple[str, ...],
    form: str,
    output: Path | None,
    period: str | None,
) -> None:
    """Show the checklist."""
    if output is not None and form == "table":
        _refuse_table_as_file()
    session = open_session(options)
    cycle = session.cycle(session.cycle_name(period))
    checklist, catalogue = pulled_checklist(session, cycle), load_catalogue()
    if form != "table":
        _hand_on(_as_file(form, checklist, catalogue), form, output)
        return
    _require_sites(sites, checklist)
    wanted = Wanted(frozenset(kinds), frozenset(sites), frozenset(statuses))
    every = every or bool(statuses)
    shown = _shown(checklist, wanted, every=every)
    if shown:
        _print(shown, catalogue, frozenset(cycle.notes_by_finding()))
    elif kinds or sites or statuses:
        say(Words("Tidak ada yang cocok dengan pilihan itu.", "Nothing matches these filters."))
    else:
        say(Words("Tidak ada temuan: tidak ada kinerja yang menurun.", "No findings: no performance declined."))
    hidden = [] if every else [line.row for line in _shown(checklist, wanted, every=True) if not line.mark]
    blank = sum(row.status is Status.NO_DATA for row in hidden)
    if blank:
        see = f"{session.program} checklist --all{session.site.about(cycle.name)}"
        say(
            Words(
                f"{blank} baris tidak mempunyai data; lihat dengan `{see}`.",
                f"{blank} row{'' if blank == 1 else 's'} without data; see `{see}`.",
            )
        )


def _refuse_table_as_file() -> None:
    forms = ", ".join(FORMATS[1:])
    told = Words(f"sebutkan pula --format: {forms}", f"name the --format too: {forms}")
    raise click.UsageError(f"--output: {word(told)}")


def _require_sites(sites: Sequence[str], checklist: Checklist) -> None:
    """A mistyped site has no findings, which must not read as if all were well there."""
    known = sorted({one.site for one in checklist.objects if one.site})
    for site in sites:
        if site not in known:
            listed = ", ".join(known)
            told = Words(f"lokasi {site!r} tidak ada; yang ada: {listed}", f"no site {site!r}; there are: {listed}")
            raise click.BadParameter(word(told), param_hint="--site")


@dataclass(frozen=True, slots=True)
class Line:
    """A row as it is shown: a finding's own, one that declined because of a finding, or any other."""

    row: ChecklistRow
    finding: Finding | None = None
    mark: str = ""
    """The finding's id, or what says that it belongs to the one before."""


def _shown(checklist: Checklist, wanted: Wanted, *, every: bool) -> list[Line]:
    sites = {one.name: one.site for one in checklist.objects}
    lines = []
    for finding in checklist.findings:
        lines.append(Line(finding.row, finding, finding.id))
        lines += [Line(row, None, f" └ {finding.id}") for row in finding.consequences]
    if every:
        told = {(line.row.object, line.row.indicator) for line in lines}
        rest = [row for row in checklist.rows if (row.object, row.indicator) not in told]
        rest.sort(key=lambda row: (BY_SEVERITY.index(row.status), natural_order(row.object)))
        lines += [Line(row) for row in rest]
    return [line for line in lines if wanted.holds(line.row, sites)]


def _print(lines: Sequence[Line], catalogue: Catalogue, noted: frozenset[str]) -> None:
    width = _terminal_width()
    if width is not None and width < WIDE_COLUMNS:
        _print_narrow(lines, catalogue, noted, width)
        return
    print_table(
        (
            Words("Temuan", "Finding"),
            Words("Objek", "Object"),
            Words("Indikator", "Indicator"),
            Words("Status", "Status"),
            Words("Nilai", "Value"),
            Words("Batas", "Limit"),
            Words("Lama menurun", "Time declined"),
            Words("Kejadian", "Incidents"),
            Words("Terukur", "Measured"),
            Words("Catatan", "Note"),
        ),
        [_cells(line, catalogue, noted) for line in lines],
        right=frozenset({4, 5, 6, 7, 8}),
    )


def _terminal_width() -> int | None:
    """The terminal's columns; None where it tells none, or the output goes elsewhere and may be as wide as it needs."""
    is_terminal = sys.stdout is not None and sys.stdout.isatty()
    return (os.get_terminal_size(sys.stdout.fileno()).columns or None) if is_terminal else None


def _print_narrow(lines: Sequence[Line], catalogue: Catalogue, noted: frozenset[str], width: int) -> None:
    """A few lines a row, broken between words; nothing is cut off."""
    for line in lines:
        mark, name, indicator, status, value, limit, lasted, count, _measured, note = _cells(line, catalogue, noted)
        figures = word(
            Words(f"{value} (batas {limit}), {lasted}, {count}×", f"{value} (limit {limit}), {lasted}, {count}×")
        )
        _print_wrapped(f"{mark or '-':<6} {status}: {name}", width, first_indent="")
        _print_wrapped(indicator, width)
        _print_wrapped(figures, width)
        if line.finding is not None:
            tail = word(Words(f"; catatan: {note}", f"; note: {note}"))
            _print_wrapped(word(likely_cause(line.finding)) + tail, width)


def _print_wrapped(text: str, width: int, first_indent: str = INDENT) -> None:
    wrapped = textwrap.fill(
        make_visible(text, keep_lines=False),
        max(width, LEAST_COLUMNS),
        initial_indent=first_indent,
        subsequent_indent=INDENT,
        # A name is told whole, as it has to be typed.
        break_long_words=False,
        break_on_hyphens=False,
    )
    click.echo(wrapped)


def _cells(line: Line, catalogue: Catalogue, noted: frozenset[str]) -> tuple[str, ...]:
    language, row = current_language(), line.row
    indicator = catalogue.by_id()[row.indicator]
    since = f" ({line.finding.since})" if line.finding is not None and line.finding.since else ""
    finding = line.finding.id if line.finding is not None else ""
    return (
        line.mark + since,
        row.object,
        indicator.title.in_language(language),
        word(STATUSES[row.status]),
        format_value(row.value, indicator.unit, language, (row.warning_limit, row.critical_limit)),
        format_limit(row.warning_limit, indicator.unit, language),
        format_minutes(row.degraded_minutes, language),
        str(sum(not one.planned for one in row.incidents)),
        format_value(row.coverage, Unit.RATIO, language),
        word(Words("ada", "yes")) if finding in noted else "-" if finding else "",
    )


def _as_file(form: str, checklist: Checklist, catalogue: Catalogue) -> bytes:
    if form == "json":
        return checklist_to_json(checklist).encode() + b"\n"
    if form == "csv":
        return checklist_to_csv(checklist, catalogue, current_language())
    return checklist_to_xlsx(checklist, catalogue, current_language())


def _hand_on(content: bytes, form: str, output: Path | None) -> None:
    """To standard output, or whole to a file. Raises SopctlError."""
    if output is None:
        if form == "xlsx" and sys.stdout.isatty():
            raise SopctlError(
                Words(
                    "xlsx bukan teks; sebutkan berkasnya dengan --output", "xlsx is no text; name a file with --output"
                )
            )
        try:
            click.echo(content, nl=False)
        except OSError as error:
            # Who reads no further has all that he wants: click ends that run quietly.
            if error.errno == errno.EPIPE:
                raise
            raise _unwritable("stdout", error) from error
        return
    try:
        _write(content, output)
    except OSError as error:
        raise _unwritable(str(output), error) from error


def _write(content: bytes, output: Path) -> None:
    """A file is written whole or left as it was; a device or a pipe takes what it is given. Raises OSError."""
    if not output.name or (output.exists() and not output.is_file()):
        output.write_bytes(content)
        return
    # A link stays a link.
    target = output.resolve()
    temporary = target.with_name(f".{target.name}.{os.getpid()}")
    try:
        temporary.write_bytes(content)
        temporary.replace(target)
    finally:
        with suppress(OSError):
            temporary.unlink()


def _unwritable(name: str, error: OSError) -> SopctlError:
    why = reason_of(error)
    return SopctlError(Words(f"{name} tidak dapat ditulis: {why.id}", f"{name} cannot be written: {why.en}"))
