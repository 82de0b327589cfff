"""The checklist of a cycle as it was last pulled, and one finding of it, for the commands that look at them.

Owns their refusals, and how what was asked anew is told to be incomplete.
"""

from dataclasses import replace

from dcnet.bilingual_click import say
from dcnet.language import Words
from sopctl.chain.cycle import Cycle, fold
from sopctl.checklist.judge import Key
from sopctl.checklist.month_window import previous_month
from sopctl.checklist.samples import EvidenceSource
from sopctl.checklist.serialise import checklist_from_json
from sopctl.commands.session import Session
from sopctl.errors import Refused
from sopctl.evidence import Checklist, Finding
from sopctl.model import Period, Position


def pulled_checklist(session: Session, cycle: Cycle) -> Checklist:
    """The newest checklist of `cycle`. Raises Refused where none was pulled."""
    return checklist_from_json(session.files.read(session.require_data(cycle).file).decode())


def named_finding(checklist: Checklist, name: str) -> Finding:
    """The finding called `name`. Raises Refused where there is none."""
    for finding in checklist.findings:
        if finding.id == name.upper():
            return finding
    known = ", ".join(finding.id for finding in checklist.findings)
    raise Refused(
        Words(
            f"Temuan {name.upper()} tidak ada. " + (f"Yang ada: {known}." if known else "Bulan ini tidak ada temuan."),
            f"There is no finding {name.upper()}. "
            + (f"There are: {known}." if known else "There are none this month."),
        )
    )


def tell_warnings(source: EvidenceSource) -> None:
    """What `source` warned of: its answers may be incomplete."""
    for warning in source.warnings:
        say(Words(f"Peringatan Prometheus: {warning}", f"Prometheus warns: {warning}"), err=True)


def accept_command(session: Session, cycle: str, warnings: int) -> str:
    """The command that submits a month in spite of its warnings."""
    every = " ".join(f"--accept P{number}" for number in range(1, warnings + 1))
    return session.site.command(Position.STAF, f"submit {every}", cycle)


def checklist_before(session: Session, period: Period) -> Checklist | None:
    """The checklist of the month before; None where none was pulled."""
    cycle = fold(session.ledger.events(previous_month(period).name))
    return pulled_checklist(session, cycle) if cycle is not None and cycle.checklist is not None else None


def still_open(session: Session, period: Period) -> dict[Key, Finding]:
    """The findings of the last checklist before `period` that nobody closed, each with the month that first told it."""
    earlier = [fold(session.ledger.events(name)) for name in session.ledger.cycles() if name < period.name]
    pulled = [cycle for cycle in earlier if cycle is not None and cycle.checklist is not None]
    if not pulled:
        return {}
    before = max(pulled, key=lambda cycle: cycle.name)
    found = {}
    for finding in pulled_checklist(session, before).findings:
        note = before.notes.get((finding.row.object, finding.row.indicator))
        if note is None or not note.closed:
            since = finding.since or before.name
            found[finding.row.indicator, finding.row.object] = replace(finding, since=since)
    return found
