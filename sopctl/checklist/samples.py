"""What a Prometheus answers, and the one interface through which the month is asked.

Pure types; the transport stands in the adapters.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol


@dataclass(frozen=True, slots=True)
class Sample:
    """One series' value at the instant asked for."""

    labels: dict[str, str]
    value: float


@dataclass(frozen=True, slots=True)
class RawSeries:
    """One series' own samples, as they were stored."""

    labels: dict[str, str]
    points: tuple[tuple[float, float], ...]
    """(seconds since the epoch, value), in the order of time."""


class EvidenceSource(Protocol):
    """Where the month's evidence comes from. Every failure is a PublicError."""

    @property
    def source(self) -> str:
        """The address asked, without credentials."""

    @property
    def warnings(self) -> tuple[str, ...]:
        """What the source warned of so far, each once, in the order of appearance."""

    def query_at(self, expression: str, at: float) -> Sequence[Sample]:
        """The instant vector of `expression` at `at` (seconds since the epoch)."""

    def fetch_samples(self, selector: str, start: float, end: float) -> Sequence[RawSeries]:
        """The raw samples of `selector` with start <= time < end (seconds since the epoch)."""
