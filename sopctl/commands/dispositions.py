"""`open` and `assign`: steps 1 to 3, the dispositions from the Sekretaris down to Staf."""

import click

from dcnet.bilingual_click import BilingualCommand, option
from dcnet.language import Words
from sopctl.chain.cycle import Cycle
from sopctl.chain.event import EventKind, Payload
from sopctl.checklist.month_window import parse_month
from sopctl.commands.acting import Paper, paper_options
from sopctl.commands.root import Globals
from sopctl.commands.say import period_option
from sopctl.commands.session import open_session
from sopctl.commands.taking import take, tell_step

instruction_option = option(
    "--instruction", default="", metavar="TEXT", words=Words("Isi disposisi.", "The disposition's words.")
)


@click.command(
    "open",
    cls=BilingualCommand,
    words=Words(
        "Langkah 1 (Sekretaris): membuka siklus sebulan dan menugaskan Kepala Bagian.",
        "Step 1 (Sekretaris): open a month's cycle and assign the head of division.",
    ),
)
@option("--period", required=True, metavar="YYYY-MM", words=Words("Bulan siklus.", "The cycle's month."))
@instruction_option
@paper_options
@click.pass_obj
def open_command(options: Globals, *, period: str, instruction: str, paper: Paper | None) -> None:
    """Open a cycle."""
    session = open_session(options)
    month = parse_month(period, session.settings.zone)
    payload = {
        "instruction": instruction,
        "period_start": month.start.isoformat(),
        "period_end": month.end.isoformat(),
        "time_zone": session.settings.time_zone,
    }

    def number(_cycle: Cycle | None) -> Payload:
        same_year = [name for name in session.ledger.cycles() if name[:4] == month.name[:4]]
        return {"number_in_year": len(same_year) + 1}

    tell_step(take(session, EventKind.OPENED, month.name, payload, number, paper=paper), session.site)


@click.command(
    "assign",
    cls=BilingualCommand,
    words=Words(
        "Langkah 2 (Kepala Bagian) dan 3 (Kepala Sub Bagian): meneruskan tugas dengan disposisi.",
        "Steps 2 (head of division) and 3 (head of subdivision): hand the task on.",
    ),
)
@instruction_option
@paper_options
@period_option
@click.pass_obj
def assign_command(options: Globals, *, instruction: str, period: str | None, paper: Paper | None) -> None:
    """Hand the task on."""
    session = open_session(options)
    tell_step(take(session, EventKind.ASSIGNED, period, {"instruction": instruction}, paper=paper), session.site)
