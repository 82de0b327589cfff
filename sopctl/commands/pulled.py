"""The checklist of a cycle as it was last pulled, and one finding of it, for the commands that look at them.

Owns their refusals.
"""

from dcnet.language import Words
from sopctl.chain.cycle import Cycle, fold
from sopctl.checklist.judge import Key
from sopctl.checklist.month_window import previous_month
from sopctl.checklist.serialise import checklist_from_json
from sopctl.commands.session import Session
from sopctl.errors import Refused
from sopctl.evidence import Checklist, Finding
from sopctl.model import Period


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


def still_open(session: Session, period: Period) -> dict[Key, str]:
    """The findings of the month before that nobody closed, with the month that first told each."""
    before = fold(session.ledger.events(previous_month(period).name))
    if before is None or before.checklist is None:
        return {}
    found = {}
    for finding in pulled_checklist(session, before).findings:
        note = before.notes.get((finding.row.object, finding.row.indicator))
        if note is None or not note.closed:
            found[finding.row.indicator, finding.row.object] = finding.since or before.name
    return found
