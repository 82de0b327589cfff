"""How an event stands in the ledger's table.

Owns the schema and both directions between row and event; a row that says the same in other bytes is no event.
"""

import json
from typing import Any, TypeAlias

from dcnet.language import Words
from sopctl.chain.event import (
    Event,
    EventKind,
    actor_as_json,
    actor_from_json,
    body_of,
    canonical_json,
    time_as_text,
    time_from_text,
)
from sopctl.workflow.ports import StoredEvent

Row: TypeAlias = tuple[str | int | bytes, ...]

SCHEMA_VERSION = 3
COLUMNS = "cycle, sequence, previous_hash, time, kind, position, official, os_user, actor, payload, signature, hash"
MARKS = ", ".join("?" * len(COLUMNS.split(",")))
TABLE = """CREATE TABLE event (
    cycle TEXT NOT NULL,
    sequence INTEGER NOT NULL CHECK (sequence > 0),
    previous_hash TEXT NOT NULL,
    time TEXT NOT NULL,
    kind TEXT NOT NULL,
    position TEXT NOT NULL,
    official TEXT NOT NULL,
    os_user TEXT NOT NULL,
    actor TEXT NOT NULL,
    payload TEXT NOT NULL,
    signature BLOB NOT NULL,
    hash TEXT NOT NULL UNIQUE,
    PRIMARY KEY (cycle, sequence)
)"""
GUARDS = {
    f"event_refuses_{action.lower()}": f"CREATE TRIGGER event_refuses_{action.lower()} BEFORE {action} ON event "
    "BEGIN SELECT RAISE(ABORT, 'the ledger is append-only'); END"
    for action in ("UPDATE", "DELETE")
}


def row_of(event: Event) -> Row:
    """The event as a row of `COLUMNS`."""
    return (
        event.cycle,
        event.sequence,
        event.previous_hash,
        time_as_text(event.time),
        event.kind.value,
        event.actor.official.position.value,
        event.actor.official.id,
        event.actor.os_user,
        canonical_json(actor_as_json(event.actor)).decode(),
        canonical_json(event.payload).decode(),
        event.signature,
        event.hash,
    )


def stored_event(row: Any) -> StoredEvent:
    """What a row holds, an event or the reason why it is none."""
    try:
        return StoredEvent(str(row[0]), int(row[1]), event_of(row), None)
    except (KeyError, TypeError, ValueError, RecursionError) as error:
        problem = Words(f"tidak terbaca: {error}", f"unreadable: {error}")
        return StoredEvent(str(row[0]), _number(row[1]), None, problem)


def event_of(row: Any) -> Event:
    """The event of a row. Raises KeyError, TypeError, ValueError or RecursionError for a row that is none."""
    cycle, sequence, previous, time, kind, position, official, os_user, actor, payload, signature, found_hash = row
    texts = (cycle, previous, time, kind, position, official, os_user, actor, payload, found_hash)
    if not all(isinstance(text, str) for text in texts) or not isinstance(signature, bytes):
        raise TypeError("a column that is no text")
    event = Event(
        cycle=cycle,
        sequence=sequence,
        previous_hash=previous,
        time=time_from_text(time),
        kind=EventKind(kind),
        actor=actor_from_json(json.loads(actor), official, position, os_user),
        payload=json.loads(payload),
        hash=found_hash,
        signature=signature,
    )
    # What cannot be hashed, such as half a character, cannot have been recorded.
    body_of(event)
    if row_of(event) != tuple(row):
        raise ValueError("not written as the ledger writes")
    return event


def _number(value: Any) -> int:
    return value if isinstance(value, int) else 0
