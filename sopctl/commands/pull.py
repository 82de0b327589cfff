"""`pull`: step 4's evidence. Reads the month from Prometheus and keeps the checklist."""

import click

from dcnet.bilingual_click import BilingualCommand, say
from dcnet.catalogue import load_catalogue
from dcnet.language import Words
from sopctl.adapters.prometheus_client import PrometheusClient
from sopctl.chain.cycle import Cycle
from sopctl.chain.event import EventKind, Payload
from sopctl.checklist.month_window import parse_month
from sopctl.checklist.serialise import checklist_to_json
from sopctl.commands.root import Globals
from sopctl.commands.say import period_option, tell_step
from sopctl.commands.session import Session, open_session
from sopctl.model import Checklist
from sopctl.workflow.pull_checklist import pull_checklist
from sopctl.workflow.take_step import Taken


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
    session = open_session(options)
    pulled: list[Checklist] = []

    def fetch(cycle: Cycle | None) -> Payload:
        month = parse_month(cycle.name if cycle else "", session.settings.zone)
        client = PrometheusClient(session.settings.prometheus)
        pulled.append(pull_checklist(client, load_catalogue(), month, session.clock))
        return keep_checklist(session, pulled[0])

    taken = session.take(EventKind.PULLED, period, {}, fetch)
    _tell(session, taken, pulled[0])


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


def _tell(session: Session, taken: Taken, checklist: Checklist) -> None:
    for warning in checklist.warnings:
        say(Words(f"Peringatan Prometheus: {warning}", f"Prometheus warns: {warning}"), err=True)
    count = len(checklist.findings)
    details = f"{session.program} checklist{session.site.about(taken.after.name)}"
    done = Words(
        f"Data {taken.after.name} ditarik: {len(checklist.objects)} perangkat dan tautan, {len(checklist.rows)} "
        f"baris, {count} temuan. Rinciannya: {details}",
        f"The data of {taken.after.name} is pulled: {len(checklist.objects)} devices and links, "
        f"{len(checklist.rows)} rows, {count} finding{'' if count == 1 else 's'}. Details: {details}",
    )
    tell_step(taken, session.site, done)
