"""`note`: what Staf found and did about a finding, with evidence (step 4)."""

from pathlib import Path

import click

from dcnet.bilingual_click import BilingualCommand, option
from dcnet.language import Words
from sopctl.chain.cycle import Cycle
from sopctl.chain.event import EventKind, Payload
from sopctl.commands.root import Globals
from sopctl.commands.say import period_option, text_option
from sopctl.commands.session import open_session
from sopctl.commands.taking import take, tell_step


@click.command(
    "note",
    cls=BilingualCommand,
    words=Words(
        "Langkah 4 (Staf): mencatat sebab, tindakan dan tindak lanjut suatu temuan. Catatan baru menggantikan yang "
        "lama dalam laporan; buku besar menyimpan semuanya.",
        "Step 4 (Staf): write a finding's cause, action and follow-up. A newer note replaces the older in the "
        "report; the ledger keeps both.",
    ),
)
@click.argument("finding", metavar="F01")
@text_option("--cause", words=Words("Sebab.", "The cause."))
@text_option("--action", words=Words("Tindakan yang dilakukan.", "What was done."))
@text_option("--follow-up", words=Words("Tindak lanjut.", "What follows."))
@option(
    "--evidence",
    multiple=True,
    type=click.Path(path_type=Path),
    metavar="FILE",
    words=Words("Berkas bukti; dapat diulang.", "A file of evidence; may be repeated."),
)
@option(
    "--close",
    is_flag=True,
    words=Words(
        "Temuan selesai; tanpa ini ia dibawa ke checklist bulan berikutnya.",
        "The finding is settled; without this it is carried over to the next month's checklist.",
    ),
)
@period_option
@click.pass_obj
def note_command(
    options: Globals,
    *,
    finding: str,
    cause: str,
    action: str,
    follow_up: str,
    evidence: tuple[Path, ...],
    close: bool,
    period: str | None,
) -> None:
    """Write a note."""
    session = open_session(options)
    payload = {
        "finding": finding.upper(),
        "cause": cause,
        "action": action,
        "follow_up": follow_up,
        "closed": close,
    }

    def keep(cycle: Cycle | None) -> Payload:
        findings = cycle.checklist.findings if cycle and cycle.checklist else {}
        about, indicator = findings[finding.upper()]
        kept = []
        for file in evidence:
            sha256, size_bytes = session.files.put_file(file)
            kept.append({"name": file.name, "sha256": sha256, "size_bytes": size_bytes})
        return {"object": about, "indicator": indicator, "evidence": kept}

    taken = take(session, EventKind.NOTED, period, payload, keep)
    about, indicator = taken.event.payload["object"], taken.event.payload["indicator"]
    done = Words(
        f"Catatan {finding.upper()} disimpan: {about}, {indicator}, {len(evidence)} berkas bukti.",
        f"Note on {finding.upper()} kept: {about}, {indicator}, {len(evidence)} "
        f"file{'' if len(evidence) == 1 else 's'} of evidence.",
    )
    if close:
        done = Words(f"{done.id} Temuan ditutup.", f"{done.en} The finding is closed.")
    tell_step(taken, session.site, done)
