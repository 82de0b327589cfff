"""`report`: the Laporan Pemeliharaan Kinerja Sistem as PDF, JSON and CSV; a draft until it is approved."""

from dataclasses import replace
from pathlib import Path

import click
from click.core import ParameterSource

from dcnet.bilingual_click import BilingualCommand, current_language, option, say
from dcnet.language import Language, Words
from sopctl.adapters.panels import kept_panels
from sopctl.adapters.pdf_verification import attached_files
from sopctl.adapters.report_files import NAMES, write_files, write_report
from sopctl.chain.cycle import Cycle
from sopctl.chain.payload import manual_of
from sopctl.checklist.serialise import checklist_from_json
from sopctl.commands.report_form import form_of
from sopctl.commands.root import Globals
from sopctl.commands.say import period_option
from sopctl.commands.session import Session, open_session
from sopctl.errors import Refused
from sopctl.model import Position
from sopctl.workflow.paper_trail import LAPORAN, latest_laporan, papers_of
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
        pdf = session.files.read(signed.sha256)
        files = write_files({NAMES[0]: pdf, **attached_files(pdf)}, folder)
    else:
        files = _write_unsigned(session, cycle, language, folder)
    files += write_files({**_papers(session, cycle), **_scans(session, cycle)}, folder)
    number = report_number(cycle, session.settings.letterhead.number_format)
    if cycle.approved:
        say(Words(f"Laporan {number} (final):", f"Report {number} (final):"))
    else:
        say(Words(f"Laporan {number} (KONSEP, belum disetujui):", f"Report {number} (draft):"))
    for file in files:
        click.echo(f"  {file}")


def _papers(session: Session, cycle: Cycle) -> dict[str, bytes]:
    """The signed papers beside the Laporan, also where the Laporan itself was signed on paper or not yet."""
    return {
        paper.name: session.files.read(paper.sha256)
        for event in cycle.done.values()
        for paper in papers_of(event)
        if paper.name != LAPORAN
    }


def _scans(session: Session, cycle: Cycle) -> dict[str, bytes]:
    """The scans of the steps that were decided on paper."""
    manual = {step: manual_of(event.payload) for step, event in cycle.done.items()}
    return {
        f"step-{step}-scan.pdf": session.files.read(paper["scan"]["sha256"]) for step, paper in manual.items() if paper
    }


def _write_unsigned(session: Session, cycle: Cycle, language: Language, folder: Path) -> tuple[Path, ...]:
    checklist = checklist_from_json(session.files.read(session.require_data(cycle).file).decode())
    form = form_of(session, cycle)
    examined = cycle.checked.payload if cycle.checked else {}
    content = replace(
        report_content(cycle, checklist, form.settings.letterhead.number_format, form.settings.zone),
        panels=kept_panels(session.files, examined.get("panels", ())),
    )
    return write_report(content, form.settings, form.catalogue, language, folder)


def _report_language(context: click.Context, session: Session) -> Language:
    """Reports speak the language of `sopctl.yml`; `--lang` asks for the other for once."""
    asked = context.find_root().get_parameter_source("lang") is ParameterSource.COMMANDLINE
    return current_language() if asked else session.settings.language
