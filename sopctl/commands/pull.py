"""`pull`: step 4's evidence. Reads the month from Prometheus and keeps the checklist."""

import os
import sys
from collections.abc import Sequence

import click

from dcnet.bilingual_click import BilingualCommand, current_language, say
from dcnet.catalogue import Catalogue, Indicator, load_catalogue
from dcnet.language import Words
from sopctl.adapters.prometheus_client import PrometheusClient
from sopctl.chain.cycle import Cycle
from sopctl.chain.event import EventKind, Payload
from sopctl.checklist.causes import likely_cause
from sopctl.checklist.changes import Change, changes_between
from sopctl.checklist.findings import status_of
from sopctl.checklist.month_window import parse_month
from sopctl.checklist.samples import EvidenceSource, Question, RawSeries, Sample
from sopctl.checklist.serialise import checklist_to_json
from sopctl.commands.pulled import accept_command, checklist_before, pulled_checklist, still_open
from sopctl.commands.root import Globals
from sopctl.commands.say import period_option, word
from sopctl.commands.session import Session, open_session
from sopctl.commands.taking import take, tell_step
from sopctl.evidence import Checklist, Finding
from sopctl.report.figures import format_minutes, format_value
from sopctl.report.labels import STATUSES
from sopctl.workflow.pull_checklist import pull_checklist
from sopctl.workflow.take_step import Taken

BAR_COLUMNS = 30
LINE_COLUMNS = 80
"""Of a terminal that tells no width."""

OTHER_QUESTIONS = 26
"""About as many besides those for the values of two months."""


@click.command(
    "pull",
    cls=BilingualCommand,
    words=Words(
        "Langkah 4 (Staf): menarik data sebulan dari Prometheus menjadi Data Check List Kinerja Sistem. Dapat "
        "diulang; tarikan lama dan semua catatan tetap tersimpan.",
        "Step 4 (Staf): pull the month from Prometheus into the checklist. It may be repeated; the older pull and "
        "all notes are kept.",
    ),
)
@period_option
@click.pass_obj
def pull_command(options: Globals, period: str | None) -> None:
    """Pull the month."""
    session, catalogue = open_session(options), load_catalogue()
    pulled: list[Checklist] = []

    def fetch(cycle: Cycle | None) -> Payload:
        month = parse_month(cycle.name if cycle else "", session.settings.zone)
        client = _Counted(PrometheusClient(session.settings.prometheus), catalogue)
        try:
            pulled.append(
                pull_checklist(
                    *(client, catalogue, month, session.clock),
                    still_open=still_open(session, month),
                    shortest_pause_minutes=session.settings.shortest_pause_minutes,
                    month_before=checklist_before(session, month),
                )
            )
        finally:
            client.end()
        return keep_checklist(session, pulled[0])

    taken = take(session, EventKind.PULLED, period, {}, fetch)
    _tell(session, taken, pulled[0], catalogue)


def keep_checklist(session: Session, checklist: Checklist) -> Payload:
    """Keep the checklist's JSON in the store; gives what the event says of it."""
    return {
        "checklist": session.files.put(checklist_to_json(checklist).encode()),
        "findings": [
            {"id": finding.id, "object": finding.row.object, "indicator": finding.row.indicator}
            for finding in checklist.findings
        ],
        "rows": len(checklist.rows),
        "warnings": len(checklist.warnings),
    }


class _Counted:
    """A source that shows on a terminal how many of its questions are answered; elsewhere it shows nothing."""

    def __init__(self, client: EvidenceSource, catalogue: Catalogue) -> None:
        self._client = client
        self._questions = OTHER_QUESTIONS + len(catalogue.indicators)
        self._answered = 0
        self._is_shown = sys.stderr.isatty()

    @property
    def source(self) -> str:
        """The address asked, without credentials."""
        return self._client.source

    @property
    def warnings(self) -> tuple[str, ...]:
        """What the source warned of so far."""
        return self._client.warnings

    def query_at(self, expression: str, at: float) -> Sequence[Sample]:
        """Ask, and count."""
        answer = self._client.query_at(expression, at)
        self._count()
        return answer

    def query_all(self, questions: Sequence[Question]) -> list[Sequence[Sample]]:
        """Ask, and count."""
        answers = self._client.query_all(questions)
        self._count(len(questions))
        return answers

    def fetch_samples(self, selector: str, start: float, end: float, about: float | None = None) -> Sequence[RawSeries]:
        """Ask, and count."""
        answer = self._client.fetch_samples(selector, start, end, about)
        self._count()
        return answer

    def fetch_hourly(self, expression: str, start: float, end: float) -> Sequence[RawSeries]:
        """Ask, and count."""
        answer = self._client.fetch_hourly(expression, start, end)
        self._count()
        return answer

    def end(self) -> None:
        """Leave the line empty for what is told next."""
        if self._is_shown:
            click.echo("\r\x1b[K", err=True, nl=False)

    def _count(self, answered: int = 1) -> None:
        self._answered += answered
        if self._is_shown:
            share = min(self._answered / self._questions, 1.0)
            told = f"{word(Words('menarik data', 'pulling'))} {share:4.0%}"
            # A line that reached the edge would not be written over by the next one.
            width = min(
                BAR_COLUMNS, (os.get_terminal_size(sys.stderr.fileno()).columns or LINE_COLUMNS) - len(told) - 4
            )
            bar = f" [{'█' * round(width * share):░<{width}}]" if width > 0 else ""
            click.echo(f"\r{told}{bar}", err=True, nl=False)


def _tell(session: Session, taken: Taken, checklist: Checklist, catalogue: Catalogue) -> None:
    for number, warning in enumerate(checklist.warnings, start=1):
        say(Words(f"Peringatan Prometheus P{number}: {warning}", f"Prometheus warns, P{number}: {warning}"), err=True)
    if checklist.warnings:
        command = accept_command(session, taken.after.name, len(checklist.warnings))
        say(
            Words(
                f"Pulihkan sumbernya dan tarik ulang. Dengan peringatan, data hanya diserahkan dengan:\n  {command}",
                f"Restore the source and pull again. With warnings, the data is submitted only with:\n  {command}",
            ),
            err=True,
        )
    if taken.before is not None and taken.before.checklist is not None:
        _tell_changes(session, taken.before, checklist, catalogue)
    for finding in checklist.findings:
        if finding.is_gone:
            cause = likely_cause(finding)
            name = f"{finding.id} {finding.row.object} ({finding.since})"
            say(Words(f"Perhatian: {name}: {cause.id}.", f"Attention: {name}: {cause.en}."), err=True)
    count, rows = len(checklist.findings), len(checklist.rows)
    folded = sum(len(finding.consequences) for finding in checklist.findings)
    details = f"{session.program} checklist{session.site.about(taken.after.name)}"
    done = Words(
        f"Data {taken.after.name} ditarik: {len(checklist.objects)} perangkat dan tautan, {rows} baris, {count} temuan"
        + (f" ({folded} baris lain menurun karenanya)" if folded else "")
        + f". Rinciannya: {details}",
        f"The data of {taken.after.name} is pulled: {len(checklist.objects)} devices and links, "
        f"{rows} rows, {count} finding{'' if count == 1 else 's'}"
        + (f" ({folded} more row{'' if folded == 1 else 's'} declined because of them)" if folded else "")
        + f". Details: {details}",
    )
    tell_step(taken, session.site, done)


def _tell_changes(session: Session, before: Cycle, checklist: Checklist, catalogue: Catalogue) -> None:
    """What is not as it was in the pull before, which is kept."""
    changes = list(changes_between(pulled_checklist(session, before), checklist))
    if not changes:
        say(Words("Sama dengan tarikan sebelumnya.", "The same as the pull before."))
        return
    say(Words("Dibandingkan dengan tarikan sebelumnya:", "Against the pull before:"))
    for change in changes:
        say(_change(change, before, catalogue))


def _change(change: Change, before: Cycle, catalogue: Catalogue) -> Words:
    finding = change.after or change.before
    if finding is None:
        raise AssertionError("a change has a before or an after")
    indicator = catalogue.by_id()[finding.row.indicator]
    title = indicator.title.in_language(current_language())
    name = f"{finding.id} {finding.row.object}, {title}"
    if change.after is None:
        is_noted = (finding.row.object, finding.row.indicator) in before.notes
        kept = Words("; catatannya tetap disimpan", "; its note is kept") if is_noted else Words("", "")
        return Words(f"  bukan temuan lagi: {name}{kept.id}", f"  no finding any more: {name}{kept.en}")
    new = _figures(change.after, indicator)
    if change.before is None:
        return Words(f"  baru: {name}: {new}", f"  new: {name}: {new}")
    old = _figures(change.before, indicator)
    return Words(f"  berubah: {name}: {old} menjadi {new}", f"  changed: {name}: {old}, now {new}")


def _figures(finding: Finding, indicator: Indicator) -> str:
    row, language = finding.row, current_language()
    limits = (row.warning_limit, row.critical_limit)
    value = format_value(row.value, indicator.unit, language, limits)
    return f"{word(STATUSES[status_of(finding)])} ({value}, {format_minutes(row.degraded_minutes, language)})"
