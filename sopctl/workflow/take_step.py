"""Taking a step: judge it, do its work, record it.

Owns the order of these three, so that files are durable before the event that names them. It must not
know commands or how the ledger keeps events.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import TypeAlias

from dcnet.language import Words
from sopctl.chain.cycle import Cycle, advance, fold, opened_by
from sopctl.chain.event import Draft, Event, Payload, Sign, seal
from sopctl.chain.payload import SAME_PERSON
from sopctl.chain.rules import refusal_of, refuse_clock, refuse_same_person, same_person_as_last
from sopctl.chain.site import Site
from sopctl.errors import Refused
from sopctl.workflow.ports import EventJudge, EventLog

LONGEST_RUN = timedelta(minutes=2)
"""So long may a run take from its look at the clock to its step."""

Work: TypeAlias = Callable[[Cycle | None], Payload]
"""What a step does once it is allowed; gives what the event must say of it."""


@dataclass(frozen=True, slots=True)
class Taken:
    """A step that was recorded."""

    before: Cycle | None
    after: Cycle
    event: Event


def take_step(
    ledger: EventLog,
    draft: Draft,
    site: Site,
    *,
    allow_same_person: bool,
    work: Work,
    judge: EventJudge,
    sign: Sign | None = None,
) -> Taken:
    """Record `draft`, completed by `work` and signed by `sign`, unless `judge` would accuse it later.

    Raises Refused, Conflict or another SopctlError; then nothing is recorded.
    """
    newest = ledger.newest()
    cycle = fold(ledger.events(draft.cycle))
    before = cycle.latest if cycle else newest.time
    if before is not None and timedelta(0) < before - draft.time <= LONGEST_RUN:
        # Another process recorded something since this run looked at the clock; this step comes after it.
        draft = replace(draft, time=before)
    refusal = refusal_of(cycle, draft, site) or refuse_clock(before, draft, site)
    if refusal is not None:
        raise Refused(refusal)
    same_person = same_person_as_last(cycle, draft)
    if cycle is not None and same_person and not allow_same_person:
        raise Refused(refuse_same_person(cycle, draft.actor))
    payload = {**draft.payload, **work(cycle), **({SAME_PERSON: True} if same_person else {})}
    done = replace(draft, payload=payload)
    event = seal(done, cycle.version + 1, cycle.head, sign) if cycle else seal(done, 1, newest.hash, sign)
    for problem in judge.problems(event):
        raise Refused(
            Words(
                f"Tidak dicatat, karena tidak akan sah: {problem.id}.",
                f"Not recorded, for it would not stand: {problem.en}.",
            )
        )
    ledger.append(event)
    return Taken(cycle, opened_by(event) if cycle is None else advance(cycle, event), event)
