"""Which papers the events of a cycle name, and what each must be signed with.

Pure. Owns the papers' names and the order of the Laporan's signatures. It must not read files or judge signatures.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from sopctl.chain.cycle import Cycle, advance, opened_by
from sopctl.chain.event import Event, EventKind

CHECKLIST = "checklist.pdf"
LAPORAN = "laporan.pdf"
LAPORAN_STEPS = (5, 6, 7)

WITH_PAPER = frozenset(
    {
        EventKind.OPENED,
        EventKind.ASSIGNED,
        EventKind.SUBMITTED,
        EventKind.CHECKED,
        EventKind.FORWARDED,
        EventKind.APPROVED,
    }
)
"""What an official decides by signing a paper."""


@dataclass(frozen=True, slots=True)
class Paper:
    """A signed document as an event names it."""

    name: str
    sha256: str
    size_bytes: int
    event: Event


@dataclass(frozen=True, slots=True)
class PaperVersion:
    """A paper, the events whose officials signed it so far, and the version that it continues."""

    paper: Paper
    signed_by: tuple[Event, ...]
    """In the order of their signatures; the last is the paper's own event."""

    continues: Paper | None


def disposition_name(step: int) -> str:
    """The name of the disposition of `step`, 1 to 3."""
    return f"disposition-{step}.pdf"


def papers_of(event: Event) -> tuple[Paper, ...]:
    """The papers that `event` names."""
    named = event.payload.get("documents") or ()
    return tuple(Paper(one["name"], one["sha256"], one["size_bytes"], event) for one in named)


def latest_laporan(cycle: Cycle) -> Paper | None:
    """The newest version of the Laporan that stands; None where none was signed."""
    versions = _laporan_versions(cycle)
    return versions[-1] if versions else None


def paper_versions(events: Sequence[Event]) -> Iterator[PaperVersion]:
    """Every paper of a cycle's events, in their order. Raises KeyError or TypeError on a broken payload."""
    cycle: Cycle | None = None
    for event in events:
        for paper in papers_of(event):
            before = _laporan_versions(cycle) if cycle and _signs_on(event) and paper.name == LAPORAN else ()
            yield PaperVersion(paper, (*(one.event for one in before), event), before[-1] if before else None)
        cycle = opened_by(event) if cycle is None else advance(cycle, event)


def _signs_on(event: Event) -> bool:
    return event.kind in {EventKind.FORWARDED, EventKind.APPROVED}


def _laporan_versions(cycle: Cycle) -> tuple[Paper, ...]:
    standing = [cycle.done[step] for step in LAPORAN_STEPS if step in cycle.done]
    return tuple(paper for event in standing for paper in papers_of(event) if paper.name == LAPORAN)
