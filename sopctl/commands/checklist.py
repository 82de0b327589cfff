"""`checklist`: the Data Check List Kinerja Sistem in the terminal, findings first."""

import click

from dcnet.bilingual_click import BilingualCommand, current_language, option, say
from dcnet.catalogue import Indicator, Unit, load_catalogue
from dcnet.language import Words
from sopctl.checklist.serialise import checklist_from_json
from sopctl.commands.root import Globals
from sopctl.commands.say import period_option, print_table, word
from sopctl.commands.session import open_session
from sopctl.model import ChecklistRow, Status
from sopctl.report.checklist_csv import checklist_to_csv
from sopctl.report.figures import format_limit, format_minutes, format_value
from sopctl.report.labels import STATUSES

FORMATS = ("table", "json", "csv")


@click.command(
    "checklist",
    cls=BilingualCommand,
    words=Words(
        "Data Check List Kinerja Sistem yang terakhir ditarik: temuannya, atau dengan --all semua baris. Format json "
        "dan csv selalu memuat semuanya.",
        "The checklist as last pulled: its findings, or with --all every row. The formats json and csv always hold "
        "everything.",
    ),
)
@option("--all", "every", is_flag=True, words=Words("Semua baris, juga yang baik.", "Every row, also good ones."))
@option(
    "--format",
    "form",
    type=click.Choice(FORMATS),
    default="table",
    words=Words("Bentuk keluaran (bawaan: table).", "Form of the output (default: table)."),
)
@period_option
@click.pass_obj
def checklist_command(options: Globals, *, every: bool, form: str, period: str | None) -> None:
    """Show the checklist."""
    session = open_session(options)
    cycle = session.cycle(session.cycle_name(period))
    text = session.files.read(session.require_data(cycle).file).decode()
    checklist, catalogue = checklist_from_json(text), load_catalogue()
    if form == "json":
        click.echo(text)
        return
    if form == "csv":
        click.echo(checklist_to_csv(checklist, catalogue, current_language()), nl=False)
        return
    indicators = catalogue.by_id()
    noted = cycle.notes_by_finding()
    finding_of = {(finding.row.object, finding.row.indicator): finding.id for finding in checklist.findings}
    rows = checklist.rows if every else tuple(finding.row for finding in checklist.findings)
    if rows:
        print_table(
            (
                Words("Temuan", "Finding"),
                Words("Objek", "Object"),
                Words("Indikator", "Indicator"),
                Words("Status", "Status"),
                Words("Nilai", "Value"),
                Words("Batas", "Limit"),
                Words("Lama menurun", "Time declined"),
                Words("Terukur", "Measured"),
                Words("Catatan", "Note"),
            ),
            [
                _cells(row, finding_of.get((row.object, row.indicator), ""), indicators.get(row.indicator), set(noted))
                for row in rows
            ],
            right=frozenset({4, 5, 6, 7}),
        )
    else:
        say(Words("Tidak ada temuan: tidak ada kinerja yang menurun.", "No findings: no performance declined."))
    blank = sum(row.status is Status.NO_DATA for row in checklist.rows)
    if blank and not every:
        see = f"{session.program} checklist --all{session.site.about(cycle.name)}"
        say(
            Words(
                f"{blank} baris tidak mempunyai data; lihat dengan `{see}`.",
                f"{blank} row{'' if blank == 1 else 's'} without data; see `{see}`.",
            )
        )


def _cells(row: ChecklistRow, finding: str, indicator: Indicator | None, noted: set[str]) -> tuple[str, ...]:
    language = current_language()
    unit = indicator.unit if indicator else Unit.RATIO
    return (
        finding,
        row.object,
        indicator.title.in_language(language) if indicator else row.indicator,
        word(STATUSES[row.status]),
        format_value(row.value, unit, language, (row.warning_limit, row.critical_limit)),
        format_limit(row.warning_limit, unit, language),
        format_minutes(row.degraded_minutes, language),
        format_value(row.coverage, Unit.RATIO, language),
        word(Words("ada", "yes")) if finding in noted else "-" if finding else "",
    )
