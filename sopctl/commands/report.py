"""`report`: the Laporan Pemeliharaan Kinerja Sistem as PDF, JSON and CSV; a draft until it is approved."""

from pathlib import Path

import click
from click.core import ParameterSource

from dcnet.bilingual_click import BilingualCommand, current_language, option, say
from dcnet.language import Language, Words
from sopctl.adapters.pdf_verification import attached_files
from sopctl.adapters.report_files import NAMES, write_files, write_report
from sopctl.chain.cycle import Cycle
from sopctl.chain.steps import WORK_STEP
from sopctl.checklist.serialise import checklist_from_json
from sopctl.commands.report_form import form_of
from sopctl.commands.root import Globals
from sopctl.commands.say import period_option
from sopctl.commands.session import Session, open_session
from sopctl.errors import Refused
from sopctl.model import Position
from sopctl.workflow.paper_trail import Paper, latest_laporan, papers_of
from sopctl.workflow.report_content import report_content, report_number


@click.command(
    "report",
    cls=BilingualCommand,
    words=Words(
        "Menulis report.pdf, report.json dan report.csv suatu siklus. Sebelum disetujui laporan bertanda KONSEP.",
        "Write report.pdf, report.json and report.csv of a cycle. Before its approval the report is marked a draft.",
    ),
)
@option(
    "--output",
    type=click.Path(file_okay=False, path_type=Path),
    metavar="DIR",
    words=Words("Folder tujuan (bawaan: ./report-YYYY-MM).", "Where to write (default: ./report-YYYY-MM)."),
)
@period_option
@click.pass_context
def report_command(context: click.Context, output: Path | None, period: str | None) -> None:
    """Write the report."""
    options: Globals = context.obj
    session = open_session(options)
    cycle = session.cycle(session.cycle_name(period))
    if cycle.checklist is None:
        command = session.site.command(Position.STAF, "pull", cycle.name)
        raise Refused(
            Words(
                f"Belum ada yang dilaporkan: data {cycle.name} belum ditarik. Tarik dengan:\n  {command}",
                f"There is nothing to report: the data of {cycle.name} is not pulled. Pull it with:\n  {command}",
            )
        )
    folder = output or Path(f"report-{cycle.name}")
    language = _report_language(context, session)
    signed = latest_laporan(cycle) if language is session.settings.language else None
    if signed is not None:
        files = write_files(_signed_files(session, cycle, signed), folder)
    else:
        files = _write_unsigned(session, cycle, language, folder)
    number = report_number(cycle, session.settings.letterhead.number_format)
    if cycle.approved:
        say(Words(f"Laporan {number} (final):", f"Report {number} (final):"))
    else:
        say(Words(f"Laporan {number} (KONSEP, belum disetujui):", f"Report {number} (draft):"))
    for file in files:
        click.echo(f"  {file}")


def _signed_files(session: Session, cycle: Cycle, laporan: Paper) -> dict[str, bytes]:
    """The signed Laporan with what travels inside it, and the papers of the steps before it."""
    pdf = session.files.read(laporan.sha256)
    others = {
        paper.name: session.files.read(paper.sha256)
        for step in range(1, WORK_STEP + 1)
        if step in cycle.done
        for paper in papers_of(cycle.done[step])
    }
    return {NAMES[0]: pdf, **attached_files(pdf), **others}


def _write_unsigned(session: Session, cycle: Cycle, language: Language, folder: Path) -> tuple[Path, ...]:
    checklist = checklist_from_json(session.files.read(session.require_data(cycle).file).decode())
    form = form_of(session, cycle)
    content = report_content(cycle, checklist, form.settings.letterhead.number_format, form.settings.zone)
    return write_report(content, form.settings, form.catalogue, language, folder)


def _report_language(context: click.Context, session: Session) -> Language:
    """Reports speak the language of `sopctl.yml`; `--lang` asks for the other for once."""
    asked = context.find_root().get_parameter_source("lang") is ParameterSource.COMMANDLINE
    return current_language() if asked else session.settings.language
