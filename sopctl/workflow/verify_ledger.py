"""Proof that a ledger is whole: hashes, numbering, the SOP's order, actors, signatures, every file that it names.

Owns what is checked and how a fault is told. It must not repair anything.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import groupby

from dcnet.language import Words
from sopctl.chain.cycle import Cycle, advance, opened_by
from sopctl.chain.event import NO_EVENT, Draft, Event, EventKind
from sopctl.chain.payload import SAME_PERSON, files_named_by, payload_fault
from sopctl.chain.rules import refusal_of, same_person_as_last
from sopctl.chain.site import Site
from sopctl.workflow.chain_integrity import BACK_IN_TIME, at_event, chain_problems
from sopctl.workflow.ports import CheckedFiles, EventJudge, StoredEvent, StoredEvents


@dataclass(frozen=True, slots=True)
class Verification:
    """What was checked and what is wrong."""

    cycles: int
    events: int
    signed: int
    """How many of the events carry a signature."""

    files: int
    unnamed_files: int
    """Whole files that no event names: of a step that was stopped, or of events that were cut off."""

    problems: tuple[Words, ...]


def verify_ledger(
    ledger: StoredEvents, files: CheckedFiles, site: Site, judge: EventJudge, *, excerpt: bool = False
) -> Verification:
    """Check everything; never stops at the first fault. An `excerpt` continues events that it does not hold."""
    stored = ledger.stored()
    problems = list(ledger.problems())
    if not excerpt:
        problems += _beginning_problems(stored)
    chains = [(cycle, list(entries)) for cycle, entries in groupby(stored, key=lambda entry: entry.cycle)]
    for cycle, entries in chains:
        problems += chain_problems(cycle, entries)
        problems += _order_problems(cycle, entries, site)
        problems += [
            at_event(cycle, entry.sequence, problem)
            for entry in entries
            if entry.event is not None and payload_fault(entry.event.kind, entry.event.payload) is None
            for problem in judge.problems(entry.event)
        ]
        readable = [entry.event for entry in entries if entry.event is not None]
        problems += [at_event(cycle, at, problem) for at, problem in judge.paper_problems(readable, files)]
    named = {
        sha256: (entry.cycle, entry.sequence)
        for entry in reversed(stored)
        if entry.event
        for sha256 in files_named_by(entry.event.payload)
    }
    for sha256, (cycle, sequence) in sorted(named.items(), key=lambda item: item[1]):
        problem = files.problem_of(sha256)
        if problem is not None:
            problems.append(at_event(cycle, sequence, problem))
    problems += files.problems_beside(named.keys())
    signed = sum(entry.event is not None and bool(entry.event.signature) for entry in stored)
    beside = files.count_beside(named.keys())
    return Verification(len(chains), len(stored), signed, len(named), beside, tuple(problems))


def _beginning_problems(stored: tuple[StoredEvent, ...]) -> Iterator[Words]:
    """Each cycle but the ledger's first continues an event of another, and none before its time."""
    known = {entry.event.hash: entry.event for entry in stored if entry.event}
    beginnings = [entry.event for entry in stored if entry.event and entry.sequence == 1]
    for event in beginnings:
        if event.previous_hash == NO_EVENT:
            continue
        before = known.get(event.previous_hash)
        if before is None:
            words = Words(
                f"menyambung kejadian {event.previous_hash} yang tidak ada lagi",
                f"continues event {event.previous_hash}, which is gone",
            )
            yield at_event(event.cycle, 1, words)
        elif event.time < before.time:
            yield at_event(event.cycle, 1, BACK_IN_TIME)
    if sum(event.previous_hash == NO_EVENT for event in beginnings) > 1:
        yield Words("lebih dari satu siklus tanpa pendahulu", "more than one cycle that continues nothing")


def _order_problems(name: str, entries: list[StoredEvent], site: Site) -> Iterator[Words]:
    """Replay the SOP's rules; stops at the first fault, for what follows stands on it."""
    cycle: Cycle | None = None
    for entry in entries:
        event = entry.event
        if event is None:
            return
        try:
            broken = _broken_rule(cycle, event, site)
            if broken is None:
                cycle = opened_by(event) if cycle is None else advance(cycle, event)
        except (KeyError, TypeError, ValueError, AttributeError) as error:
            broken = Words(f"isi tidak lengkap: {error}", f"incomplete content: {error}")
        if broken is not None:
            yield at_event(
                name,
                entry.sequence,
                Words(
                    f"melanggar urutan SOP: {broken.id.splitlines()[0]}",
                    f"breaks the SOP's order: {broken.en.splitlines()[0]}",
                ),
            )
            return


def _broken_rule(cycle: Cycle | None, event: Event, site: Site) -> Words | None:
    draft = Draft(event.cycle, event.kind, event.time, event.actor, event.payload)
    refusal = refusal_of(cycle, draft, site)
    if refusal is not None or cycle is None:
        return refusal
    if same_person_as_last(cycle, event) and not event.payload.get(SAME_PERSON):
        return Words(
            "dua langkah berurutan oleh orang yang sama tanpa tercatat",
            "two steps in a row by the same person, unrecorded",
        )
    checklist = cycle.checklist.file if cycle.checklist else None
    if event.kind is EventKind.SUBMITTED and event.payload["checklist"] != checklist:
        return Words("menyerahkan checklist lain", "submits another checklist")
    if event.kind in {EventKind.FORWARDED, EventKind.APPROVED}:
        examined = cycle.checked.payload["report"] if cycle.checked else None
        if event.payload["report"] != examined:
            return Words("merujuk laporan lain dari yang diperiksa", "refers to another report than the one examined")
    return None
