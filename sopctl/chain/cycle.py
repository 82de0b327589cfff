"""A cycle's state, folded from its events.

Pure. Owns what each event changes; whether an event was allowed is judged in rules.py.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import TypeAlias, assert_never

from sopctl.chain.event import NO_EVENT, Actor, Event, EventKind
from sopctl.chain.payload import manual_of
from sopctl.chain.steps import LAST_STEP, STEPS
from sopctl.model import Note, StepRecord

NoteKey: TypeAlias = tuple[str, str]
"""(object, indicator): what a note is about. Finding ids are only numbers within one checklist."""


@dataclass(frozen=True, slots=True)
class PulledChecklist:
    """The checklist in force: the newest pulled."""

    file: str
    """SHA-256 of its JSON in the store."""

    findings: Mapping[str, NoteKey]
    """What each finding id of this checklist is about."""

    warnings: int
    """How many warnings Prometheus gave."""

    event: Event


@dataclass(frozen=True, slots=True)
class Cycle:
    """One month's walk through the SOP, as it stands."""

    name: str
    """`YYYY-MM`."""

    period_start: datetime
    period_end: datetime
    number_in_year: int
    """1 for the first cycle that was opened for a month of that year."""

    version: int
    """Sequence of the last event; the next event must expect it."""

    head: str
    """Hash of the last event."""

    next_step: int | None
    """The step whose turn it is; None: approved, nothing is left."""

    since: datetime
    """Since when it is that step's turn (UTC)."""

    last_move: Event
    """The event that gave the turn."""

    latest: datetime
    """Time of the last event (UTC)."""

    revision: int = 1
    done: Mapping[int, Event] = field(default_factory=dict)
    """Steps that stand, by number."""

    checklist: PulledChecklist | None = None
    pulls: int = 0
    notes: Mapping[NoteKey, Note] = field(default_factory=dict)
    """The latest note of each finding, also of findings that a later pull no longer has."""

    @property
    def approved(self) -> bool:
        """Whether the seven steps stand."""
        return self.next_step is None

    @property
    def checked(self) -> Event | None:
        """The examination that stands: holds conclusion, suggestion, number and the report's file."""
        return self.done.get(5)

    @property
    def returned(self) -> Event | None:
        """The return that gave the turn, if one did."""
        return self.last_move if self.last_move.kind is EventKind.RETURNED else None

    def notes_by_finding(self) -> dict[str, Note]:
        """Latest notes of the findings of the checklist in force."""
        findings = self.checklist.findings if self.checklist else {}
        return {finding: self.notes[key] for finding, key in findings.items() if key in self.notes}

    def findings_without_note(self) -> tuple[str, ...]:
        """Findings of the checklist in force that nobody wrote a note about."""
        findings = self.checklist.findings if self.checklist else {}
        return tuple(finding for finding, key in findings.items() if key not in self.notes)

    def step_records(self) -> tuple[StepRecord, ...]:
        """The seven steps as they stand."""
        return tuple(
            StepRecord(
                number=step.number,
                position=step.position,
                official=event.actor.official if event else None,
                done_at=event.time if event else None,
                event_hash=event.hash if event else None,
                standard_minutes=step.standard_minutes,
                on_paper=event is not None and manual_of(event.payload) is not None,
            )
            for step in STEPS
            for event in [self.done.get(step.number)]
        )


def fold(events: Iterable[Event]) -> Cycle | None:
    """The state after `events` of one cycle, in order; None without events. Raises KeyError on a broken payload."""
    cycle: Cycle | None = None
    for event in events:
        cycle = opened_by(event) if cycle is None else advance(cycle, event)
    return cycle


def opened_by(event: Event) -> Cycle:
    """The cycle that a first event opens."""
    payload = event.payload
    return Cycle(
        name=event.cycle,
        period_start=datetime.fromisoformat(payload["period_start"]),
        period_end=datetime.fromisoformat(payload["period_end"]),
        number_in_year=payload["number_in_year"],
        version=event.sequence,
        head=event.hash or NO_EVENT,
        next_step=2,
        since=event.time,
        last_move=event,
        latest=event.time,
        done={1: event},
    )


def advance(cycle: Cycle, event: Event) -> Cycle:
    """`cycle` after `event`."""
    cycle = replace(cycle, version=event.sequence, head=event.hash, latest=event.time)
    match event.kind:
        case EventKind.PULLED:
            findings = {found["id"]: (found["object"], found["indicator"]) for found in event.payload["findings"]}
            pulled = PulledChecklist(event.payload["checklist"], findings, event.payload["warnings"], event)
            return replace(cycle, checklist=pulled, pulls=cycle.pulls + 1)
        case EventKind.NOTED:
            key = (event.payload["object"], event.payload["indicator"])
            return replace(cycle, notes={**cycle.notes, key: _note_of(event)})
        case EventKind.RETURNED:
            step = _turn(cycle) - 1
            return replace(
                cycle,
                next_step=step,
                since=event.time,
                last_move=event,
                revision=cycle.revision + 1,
                done={number: done for number, done in cycle.done.items() if number < step},
            )
        case (
            EventKind.OPENED
            | EventKind.ASSIGNED
            | EventKind.SUBMITTED
            | EventKind.CHECKED
            | EventKind.FORWARDED
            | EventKind.APPROVED
        ):
            step = _turn(cycle)
            return replace(
                cycle,
                next_step=step + 1 if step < LAST_STEP else None,
                since=event.time,
                last_move=event,
                done={**cycle.done, step: event},
            )
        case _:
            assert_never(event.kind)


def actor_of(cycle: Cycle, step: int) -> Actor | None:
    """Who did `step`, if it stands."""
    event = cycle.done.get(step)
    return event.actor if event else None


def _turn(cycle: Cycle) -> int:
    # Only a damaged ledger moves an approved cycle; verify tells it, folding must not stop before that.
    return cycle.next_step or LAST_STEP


def _note_of(event: Event) -> Note:
    return Note(
        cause=event.payload["cause"],
        action=event.payload["action"],
        follow_up=event.payload["follow_up"],
        evidence=tuple(file["sha256"] for file in event.payload["evidence"]),
        author=event.actor.official.id,
        written_at=event.time,
        closed=event.payload.get("closed", False),
    )
