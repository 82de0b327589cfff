"""Taking a step: judge it, do its work, record it.

Owns the order of these three, so that files are durable before the event that names them. It must not
know commands or how the ledger keeps events.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import TypeAlias

from sopctl.chain.cycle import Cycle, advance, fold, opened_by
from sopctl.chain.event import Draft, Event, Payload
from sopctl.chain.rules import refusal_of, refuse_same_person, same_person_as_last
from sopctl.chain.site import Site
from sopctl.errors import Refused
from sopctl.workflow.ports import EventLog

SAME_PERSON = "same_person_as_last"
"""Payload key that is true where one person took two steps in a row, as the site allows."""

Work: TypeAlias = Callable[[Cycle | None], Payload]
"""What a step does once it is allowed; gives what the event must say of it."""


@dataclass(frozen=True, slots=True)
class Taken:
    """A step that was recorded."""

    before: Cycle | None
    after: Cycle
    event: Event


def take_step(ledger: EventLog, draft: Draft, site: Site, *, allow_same_person: bool, work: Work) -> Taken:
    """Record `draft`, completed by `work`. Raises Refused, Conflict or StoreError; then nothing is recorded."""
    newest = ledger.newest_hash()
    cycle = fold(ledger.events(draft.cycle))
    refusal = refusal_of(cycle, draft, site)
    if refusal is not None:
        raise Refused(refusal)
    same_person = same_person_as_last(cycle, draft.actor)
    if cycle is not None and same_person and not allow_same_person:
        raise Refused(refuse_same_person(cycle, draft.actor))
    payload = {**draft.payload, **work(cycle), **({SAME_PERSON: True} if same_person else {})}
    event = ledger.append(replace(draft, payload=payload), cycle.version if cycle else 0, newest)
    return Taken(cycle, opened_by(event) if cycle is None else advance(cycle, event), event)
