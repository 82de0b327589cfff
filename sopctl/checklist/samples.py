"""What a Prometheus answers, and the one interface through which the month is asked.

Pure; the transport stands in the adapters. Owns how a label that the metrics contract does not know is told.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Protocol, TypeAlias, TypeVar

from dcnet.language import Words
from sopctl.errors import SopctlError

Member = TypeVar("Member", bound=StrEnum)


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


Question: TypeAlias = tuple[str, float]
"""An expression, and the instant (seconds since the epoch) at which it is evaluated."""


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

    def query_all(self, questions: Sequence[Question]) -> list[Sequence[Sample]]:
        """The instant vectors of several questions, in their order: asked a few at a time."""

    def fetch_samples(self, selector: str, start: float, end: float, about: float | None = None) -> Sequence[RawSeries]:
        """The raw samples of `selector` with start <= time < end (seconds since the epoch).

        `about` how many there are, where that is known: it spares questions.
        """

    def fetch_hourly(self, expression: str, start: float, end: float) -> Sequence[RawSeries]:
        """The values of `expression` at each full hour (UTC) with start <= time < end."""


def label_of(labels: Mapping[str, str], name: str) -> str:
    """The label `name` of a series. Raises SopctlError, naming the series, where it has none."""
    found = labels.get(name)
    if found is None:
        raise _foreign(labels, Words(f"tanpa label {name}", f"without the label {name}"))
    return found


def key_of(sample: Sample) -> tuple[str, str]:
    """The (indicator, object) that a sample is about. Raises SopctlError where it names none."""
    return label_of(sample.labels, "indicator"), label_of(sample.labels, "object")


def member_of(
    labels: Mapping[str, str], name: str, expected: type[Member], among: Sequence[Member] | None = None
) -> Member:
    """The label `name` as a member of `expected`, one of `among` where given.

    Raises SopctlError, naming the series, for any other value.
    """
    found = label_of(labels, name)
    known = tuple(expected) if among is None else among
    member = next((one for one in known if one.value == found), None)
    if member is None:
        listed = ", ".join(one.value for one in known)
        raise _foreign(labels, Words(f"{name} {found!r}, seharusnya {listed}", f"{name} {found!r}, expected {listed}"))
    return member


def number_of(labels: Mapping[str, str], name: str) -> float:
    """The label `name` as a number. Raises SopctlError, naming the series, where it is none."""
    found = label_of(labels, name)
    try:
        return float(found)
    except ValueError as error:
        why = Words(f"{name} {found!r}, seharusnya bilangan", f"{name} {found!r}, expected a number")
        raise _foreign(labels, why) from error


def _foreign(labels: Mapping[str, str], why: Words) -> SopctlError:
    series = ", ".join(f"{name}={value!r}" for name, value in sorted(labels.items()))
    return SopctlError(
        Words(
            f"deret {{{series}}} dari Prometheus tidak dikenal: {why.id}.\n"
            "Periksa apakah Prometheus itu hanya mengumpulkan exporter dan aturan dcnet dari versi ini.",
            f"series {{{series}}} of Prometheus is unknown: {why.en}.\n"
            "Check that this Prometheus holds only dcnet's exporter and rules, of this version.",
        )
    )
