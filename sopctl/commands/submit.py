"""`submit`: Staf hands the checklist and the notes to the Kasubag (end of step 4)."""

import click

from dcnet.bilingual_click import BilingualCommand, option, say
from dcnet.language import Words
from sopctl.chain.cycle import Cycle
from sopctl.chain.event import EventKind, Payload
from sopctl.checklist.serialise import checklist_from_json
from sopctl.commands.acting import Paper, paper_options
from sopctl.commands.pulled import accept_command
from sopctl.commands.root import Globals
from sopctl.commands.say import period_option
from sopctl.commands.session import Session, open_session
from sopctl.commands.taking import take, tell_step
from sopctl.errors import Refused


@click.command(
    "submit",
    cls=BilingualCommand,
    words=Words(
        "Langkah 4 (Staf): menyerahkan checklist dan catatan kepada Kepala Sub Bagian.",
        "Step 4 (Staf): hand the checklist and the notes to the head of subdivision.",
    ),
)
@option(
    "--accept",
    multiple=True,
    metavar="P1",
    words=Words(
        "Peringatan Prometheus yang diterima, menurut namanya; dapat diulang. Tercatat dalam buku besar.",
        "A warning of Prometheus that is accepted, by its name; may be repeated. The ledger records it.",
    ),
)
@paper_options
@period_option
@click.pass_obj
def submit_command(options: Globals, *, accept: tuple[str, ...], period: str | None, paper: Paper | None) -> None:
    """Submit the work."""
    session = open_session(options)
    accepted = {name.upper() for name in accept}

    def what(cycle: Cycle | None) -> Payload:
        checklist = cycle.checklist.file if cycle and cycle.checklist else None
        warnings = _accepted(session, cycle, accepted) if cycle and checklist else {}
        return {
            "checklist": checklist,
            "without_note": list(cycle.findings_without_note()) if cycle else [],
            "accepted_warnings": warnings,
        }

    taken = take(session, EventKind.SUBMITTED, period, {}, what, paper=paper)
    missing = ", ".join(taken.event.payload["without_note"])
    if missing:
        say(
            Words(f"Perhatian: temuan tanpa catatan: {missing}.", f"Attention: findings without a note: {missing}."),
            err=True,
        )
    tell_step(taken, session.site)


def _accepted(session: Session, cycle: Cycle, accepted: set[str]) -> dict[str, str]:
    """The pulled checklist's warnings by name. Raises Refused where one of them was not accepted."""
    kept = checklist_from_json(session.files.read(session.require_data(cycle).file).decode())
    warnings = {f"P{number}": text for number, text in enumerate(kept.warnings, start=1)}
    open_names = [name for name in warnings if name not in accepted]
    if open_names:
        listed = "\n".join(f"  {name}: {warnings[name]}" for name in open_names)
        command = accept_command(session, cycle.name, len(warnings))
        raise Refused(
            Words(
                f"Data tidak dapat diserahkan: Prometheus memberi peringatan, jadi datanya mungkin tidak lengkap.\n"
                f"{listed}\nPulihkan sumbernya dan tarik ulang, atau terima dengan:\n  {command}",
                f"The data cannot be submitted: Prometheus warned, so that it may not be complete.\n"
                f"{listed}\nRestore the source and pull again, or accept with:\n  {command}",
            )
        )
    return warnings
