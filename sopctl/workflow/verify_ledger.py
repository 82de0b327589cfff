"""Proof that a ledger is whole: hashes, numbering, the SOP's order, and every file that it names.

Owns what is checked and how a fault is told. It must not repair anything.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import groupby

from dcnet.language import Words
from sopctl.chain.cycle import Cycle, advance, opened_by
from sopctl.chain.event import NO_EVENT, Draft, Event, EventKind
from sopctl.chain.rules import refusal_of, same_person_as_last
from sopctl.chain.site import Site
from sopctl.workflow.chain_integrity import at_event, chain_problems
from sopctl.workflow.ports import EventLog, FileStore, StoredEvent
from sopctl.workflow.take_step import SAME_PERSON


@dataclass(frozen=True, slots=True)
class Verification:
    """What was checked and what is wrong."""

    cycles: int
    events: int
    files: int
    problems: tuple[Words, ...]


def verify_ledger(ledger: EventLog, files: FileStore, site: Site) -> Verification:
    """Check everything; never stops at the first fault."""
    stored = ledger.stored()
    problems = list(ledger.problems())
    known = {entry.event.hash for entry in stored if entry.event}
    beginnings = 0
    chains = [(cycle, list(entries)) for cycle, entries in groupby(stored, key=lambda entry: entry.cycle)]
    for cycle, entries in chains:
        first = entries[0].event
        if first is not None:
            beginnings += first.previous_hash == NO_EVENT
            if first.previous_hash != NO_EVENT and first.previous_hash not in known:
                problems.append(
                    at_event(
                        cycle,
                        entries[0].sequence,
                        Words(
                            f"menyambung kejadian {first.previous_hash} yang tidak ada lagi",
                            f"continues event {first.previous_hash}, which is gone",
                        ),
                    )
                )
        problems += chain_problems(cycle, entries)
        problems += _order_problems(cycle, entries, site)
    if beginnings > 1:
        problems.append(Words("lebih dari satu siklus tanpa pendahulu", "more than one cycle that continues nothing"))
    named = {
        sha256: (entry.cycle, entry.sequence)
        for entry in reversed(stored)
        if entry.event
        for sha256 in files_named_by(entry.event)
    }
    for sha256, (cycle, sequence) in sorted(named.items(), key=lambda item: item[1]):
        problem = files.problem_of(sha256)
        if problem is not None:
            problems.append(at_event(cycle, sequence, problem))
    return Verification(len(chains), len(stored), len(named), tuple(problems))


def files_named_by(event: Event) -> tuple[str, ...]:
    """SHA-256 of every file that `event` stands on; a changed event may name anything, also nothing."""
    if not isinstance(event.payload, dict):
        return ()
    evidence = event.payload.get("evidence")
    kept = [file.get("sha256") for file in evidence if isinstance(file, dict)] if isinstance(evidence, list) else []
    named = (event.payload.get("checklist"), event.payload.get("report"), *kept)
    return tuple(sha256 for sha256 in named if isinstance(sha256, str))


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
    if same_person_as_last(cycle, event.actor) and not event.payload.get(SAME_PERSON):
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
