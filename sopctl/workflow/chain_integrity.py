"""Whether the events of a cycle are what was recorded: numbering, hashes, content.

Pure. Every reader of the ledger holds to it, not only `verify`.
"""

from collections.abc import Iterator, Sequence

from dcnet.language import Words
from sopctl.chain.event import Event, hash_of
from sopctl.chain.payload import payload_fault
from sopctl.workflow.ports import StoredEvent

BACK_IN_TIME = Words("tercatat lebih awal dari kejadian sebelumnya", "is dated before the event that it follows")


def chain_problems(cycle: str, entries: Sequence[StoredEvent]) -> Iterator[Words]:
    """What is wrong with the chain of `cycle`, whose `entries` come in the order of their numbers."""
    previous: Event | None = None
    for number, entry in enumerate(entries, start=1):
        expected = entries[number - 2].sequence + 1 if number > 1 else 1
        if entry.sequence != expected:
            words = Words(
                f"kejadian {expected} sampai {entry.sequence - 1} hilang",
                f"events {expected} to {entry.sequence - 1} are missing",
            )
            yield at_event(cycle, entry.sequence, words)
        if entry.event is None:
            words = entry.problem or Words("tidak terbaca", "unreadable")
            yield at_event(cycle, entry.sequence, words)
        else:
            for words in _event_problems(entry.event, previous):
                yield at_event(cycle, entry.sequence, words)
        previous = entry.event


def at_event(cycle: str, sequence: int, words: Words) -> Words:
    """`words` with the event that they are about."""
    return Words(f"siklus {cycle}, kejadian {sequence}: {words.id}", f"cycle {cycle}, event {sequence}: {words.en}")


def _event_problems(event: Event, previous: Event | None) -> Iterator[Words]:
    expected = hash_of(event)
    if event.hash != expected:
        yield Words(
            f"isi berubah: hash tercatat {event.hash}, hash isinya {expected}",
            f"content was changed: recorded hash {event.hash}, its content's hash {expected}",
        )
    if previous is not None and event.previous_hash != previous.hash:
        yield Words(
            f"tidak menyambung kejadian sebelumnya: mengharapkan {event.previous_hash}, sebelumnya {previous.hash}",
            f"does not continue the event before it: expects {event.previous_hash}, before it is {previous.hash}",
        )
    if previous is not None and event.time < previous.time:
        yield BACK_IN_TIME
    fault = payload_fault(event.kind, event.payload)
    if fault is not None:
        yield Words(f"isi tidak lengkap: {fault}", f"incomplete content: {fault}")
