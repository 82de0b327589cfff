"""`submit`: Staf hands the checklist and the notes to the Kasubag (end of step 4)."""

import click

from dcnet.bilingual_click import BilingualCommand, say
from dcnet.language import Words
from sopctl.chain.cycle import Cycle
from sopctl.chain.event import EventKind, Payload
from sopctl.commands.acting import Paper, paper_options
from sopctl.commands.root import Globals
from sopctl.commands.say import period_option, tell_step
from sopctl.commands.session import open_session


@click.command(
    "submit",
    cls=BilingualCommand,
    words=Words(
        "Langkah 4 (Staf): menyerahkan checklist dan catatan kepada Kepala Sub Bagian.",
        "Step 4 (Staf): hand the checklist and the notes to the head of subdivision.",
    ),
)
@paper_options
@period_option
@click.pass_obj
def submit_command(options: Globals, *, period: str | None, paper: Paper | None) -> None:
    """Submit the work."""
    session = open_session(options)

    def what(cycle: Cycle | None) -> Payload:
        checklist = cycle.checklist.file if cycle and cycle.checklist else None
        return {"checklist": checklist, "without_note": list(cycle.findings_without_note()) if cycle else []}

    taken = session.take(EventKind.SUBMITTED, period, {}, what, paper=paper)
    missing = ", ".join(taken.event.payload["without_note"])
    if missing:
        say(
            Words(f"Perhatian: temuan tanpa catatan: {missing}.", f"Attention: findings without a note: {missing}."),
            err=True,
        )
    tell_step(taken, session.site)
