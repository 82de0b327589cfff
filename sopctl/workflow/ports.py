"""What the workflow needs of a ledger and of a store of files; the adapters provide it.

Interfaces only.
"""

from collections.abc import Iterable, Sequence, Set
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Protocol

from dcnet.language import Words
from sopctl.chain.event import Event


@dataclass(frozen=True, slots=True)
class StoredEvent:
    """A row of the ledger as found, readable or not."""

    cycle: str
    sequence: int
    event: Event | None
    problem: Words | None
    """Why the row is no event; None when it is one."""


@dataclass(frozen=True, slots=True)
class Newest:
    """The ledger's newest event."""

    hash: str
    """NO_EVENT while the ledger is empty."""

    time: datetime | None


class StoredEvents(Protocol):
    """Events that somebody keeps: a ledger, or an archive of one."""

    def stored(self) -> tuple[StoredEvent, ...]:
        """Every row, by cycle and sequence, also damaged ones."""

    def problems(self) -> tuple[Words, ...]:
        """What is wrong with the keeper's own means: damaged pages, missing guards, lost heads, changed bytes."""


class EventLog(StoredEvents, Protocol):
    """An append-only ledger with one chain of events a cycle."""

    def cycles(self) -> tuple[str, ...]:
        """Names of all cycles, in the order in which they were opened."""

    def events(self, cycle: str) -> tuple[Event, ...]:
        """The cycle's events in order; empty for an unknown cycle. Raises StoreError where one is damaged."""

    def newest(self) -> Newest:
        """The ledger's newest event."""

    def append(self, event: Event) -> None:
        """Record `event` durably, if it still continues its cycle (the first of a cycle: the ledger's newest event).

        Raises Conflict when another process was first, StoreError when the ledger cannot be written.
        """


class EventJudge(Protocol):
    """Knows who may have acted, and with which key."""

    def problems(self, event: Event) -> tuple[Words, ...]:
        """What is wrong with the event's actor, his term and his signature."""

    def paper_problems(self, events: Sequence[Event], files: "CheckedFiles") -> Iterable[tuple[int, Words]]:
        """What is wrong with the signed papers of one cycle's events, each with its event's sequence."""


class CheckedFiles(Protocol):
    """Files that can be held against their SHA-256."""

    def problem_of(self, sha256: str) -> Words | None:
        """What is wrong with that file; None: it is there, unchanged."""

    def read(self, sha256: str) -> bytes:
        """The content of that hash, checked. Raises StoreError when it is missing or changed."""

    def problems_beside(self, named: Set[str]) -> Iterable[Words]:
        """What is wrong with the files other than those `named`, by their SHA-256."""

    def count_beside(self, named: Set[str]) -> int:
        """How many files there are other than those `named`."""


class FileStore(CheckedFiles, Protocol):
    """Files kept under the SHA-256 of their content."""

    def put(self, content: bytes) -> str:
        """Keep `content` durably; gives its SHA-256. Raises StoreError."""

    def put_file(self, file: Path) -> tuple[str, int]:
        """Keep a copy of `file` durably; gives its SHA-256 and its bytes' count. Raises StoreError."""
