"""What the workflow needs of a ledger and of a store of files; the adapters provide it.

Interfaces only.
"""

from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from dcnet.language import Words
from sopctl.chain.event import Draft, Event


@dataclass(frozen=True, slots=True)
class StoredEvent:
    """A row of the ledger as found, readable or not."""

    cycle: str
    sequence: int
    event: Event | None
    problem: Words | None
    """Why the row is no event; None when it is one."""


class EventLog(Protocol):
    """An append-only ledger with one chain of events a cycle."""

    def cycles(self) -> tuple[str, ...]:
        """Names of all cycles, in the order in which they were opened."""

    def events(self, cycle: str) -> tuple[Event, ...]:
        """The cycle's events in order; empty for an unknown cycle. Raises StoreError where one is damaged."""

    def newest_hash(self) -> str:
        """Hash of the ledger's newest event; NO_EVENT while it is empty."""

    def append(self, draft: Draft, expected_version: int, newest: str) -> Event:
        """Record `draft` after event `expected_version` of its cycle (0: as the first), durably.

        The first event of a cycle continues the ledger's event `newest`. Raises Conflict when another
        process was first, StoreError when the ledger cannot be written.
        """

    def stored(self) -> tuple[StoredEvent, ...]:
        """Every row, by cycle and sequence, also damaged ones."""

    def problems(self) -> tuple[Words, ...]:
        """What is wrong with the ledger's own means: damaged pages, missing guards, heads that it lost."""


class FileStore(Protocol):
    """Files kept under the SHA-256 of their content."""

    def put(self, content: bytes) -> str:
        """Keep `content` durably; gives its SHA-256. Raises StoreError."""

    def put_file(self, file: Path) -> tuple[str, int]:
        """Keep a copy of `file` durably; gives its SHA-256 and its bytes' count. Raises StoreError."""

    def read(self, sha256: str) -> bytes:
        """The content of that hash, checked. Raises StoreError when it is missing or changed."""

    def problem_of(self, sha256: str) -> Words | None:
        """What is wrong with that file; None: it is there, unchanged."""
