"""Events of the approval chain, the signature over each and the hash that binds it to the one before it.

Owns what an event holds, its canonical JSON and its SHA-256. It must not store events, make signatures or judge either.
"""

import hashlib
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import MAXYEAR, MINYEAR, UTC, datetime
from enum import StrEnum
from typing import Any, TypeAlias

from sopctl.model import Capacity, Official, Position

NO_EVENT = "0" * 64
"""The previous hash of a ledger's very first event."""

CANONICAL = json.JSONEncoder(sort_keys=True, separators=(",", ":"), ensure_ascii=False, allow_nan=False)
"""How the ledger writes JSON, and all else that is hashed or signed."""

Payload: TypeAlias = Mapping[str, Any]
Sign: TypeAlias = Callable[[bytes], bytes]
"""Makes the signature over an event's canonical JSON."""


class EventKind(StrEnum):
    """What an official did; the values are what the ledger keeps and must never change."""

    OPENED = "opened"
    ASSIGNED = "assigned"
    PULLED = "pulled"
    NOTED = "noted"
    SUBMITTED = "submitted"
    CHECKED = "checked"
    FORWARDED = "forwarded"
    APPROVED = "approved"
    RETURNED = "returned"


@dataclass(frozen=True, slots=True)
class Actor:
    """Who acts, as known at that moment; kept in the event, so that later changes of `sopctl.yml` change no past."""

    official: Official
    title: str
    """The position's printed title."""

    os_user: str
    """The login of the operating system, on which identity rests where no key signs."""

    basis: str = ""
    """Number of the decree or order by which the position is held or acted for."""


@dataclass(frozen=True, slots=True)
class Draft:
    """An event that is not in the ledger yet."""

    cycle: str
    """The period's name, `YYYY-MM`."""

    kind: EventKind
    time: datetime
    """With time zone; kept in UTC, whole seconds."""

    actor: Actor
    payload: Payload
    """JSON values only."""


@dataclass(frozen=True, slots=True)
class Event:
    """One event of the ledger."""

    cycle: str
    sequence: int
    """1 for the cycle's first event."""

    previous_hash: str
    """Of the cycle's event before; for the first, of the ledger's newest event when the cycle was opened."""

    time: datetime
    """UTC."""

    kind: EventKind
    actor: Actor
    payload: Payload
    hash: str
    """SHA-256 of `body_of(self)` and the signature after it, lower-case hexadecimal, as the ledger keeps it."""

    signature: bytes = b""
    """Of the acting official's key over `body_of(self)`; empty: this official has none."""


def canonical_json(value: Any) -> bytes:
    """`value` as JSON in one way only: sorted keys, no spaces, UTF-8, no NaN."""
    return CANONICAL.encode(value).encode()


def sha256_of(content: bytes) -> str:
    """Lower-case hexadecimal SHA-256."""
    return hashlib.sha256(content).hexdigest()


def time_as_text(time: datetime) -> str:
    """ISO 8601 in UTC with whole seconds: `2026-11-01T02:12:00Z`."""
    return time.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def time_from_text(text: str) -> datetime:
    """The inverse of time_as_text. Raises ValueError, also for a year that no zone's calendar reaches."""
    time = datetime.fromisoformat(text)
    if not MINYEAR < time.year < MAXYEAR:
        raise ValueError(f"year {time.year}")
    # ISO 8601 has many forms of a time, and the ledger one.
    if time_as_text(time) != text:
        raise ValueError(f"time {text!r}")
    return time


def seal(draft: Draft, sequence: int, previous_hash: str, sign: Sign | None = None) -> Event:
    """`draft` as the event number `sequence` of its cycle, after the event of `previous_hash`, signed by `sign`."""
    event = Event(
        cycle=draft.cycle,
        sequence=sequence,
        previous_hash=previous_hash,
        time=draft.time.astimezone(UTC).replace(microsecond=0),
        kind=draft.kind,
        actor=draft.actor,
        payload=draft.payload,
        hash="",
    )
    signed = replace(event, signature=sign(body_of(event))) if sign is not None else event
    return replace(signed, hash=hash_of(signed))


def hash_of(event: Event) -> str:
    """What the event's hash must be."""
    return sha256_of(body_of(event) + event.signature)


def body_of(event: Event) -> bytes:
    """The bytes that are signed: everything that the event says."""
    return canonical_json(
        {
            "actor": actor_as_json(event.actor),
            "cycle": event.cycle,
            "kind": event.kind.value,
            "official": event.actor.official.id,
            "os_user": event.actor.os_user,
            "payload": event.payload,
            "position": event.actor.official.position.value,
            "previous": event.previous_hash,
            "sequence": event.sequence,
            "time": time_as_text(event.time),
        }
    )


def actor_as_json(actor: Actor) -> dict[str, str]:
    """The part of an actor that the ledger keeps besides id, position and login."""
    official = actor.official
    said = {"name": official.name, "nip": official.nip, "title": actor.title}
    if official.capacity is not Capacity.HOLDER:
        said["capacity"] = official.capacity.value
    if actor.basis:
        said["basis"] = actor.basis
    return said


def actor_from_json(data: Mapping[str, str], official: str, position: str, os_user: str) -> Actor:
    """The inverse of actor_as_json. Raises KeyError, TypeError or ValueError."""
    if not isinstance(data, dict) or not all(isinstance(value, str) for value in data.values()):
        raise TypeError("an actor's name, NIP and title are texts")
    capacity = Capacity(data.get("capacity", Capacity.HOLDER))
    person = Official(official, data["name"], data["nip"], Position(position), capacity)
    return Actor(person, data["title"], os_user, data.get("basis", ""))
