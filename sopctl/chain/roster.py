"""Who may act for which position on which day, and who may record decisions on paper.

Pure; built from `sopctl.yml`, or from what an archive says of it.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, tzinfo

from dcnet.language import Words
from sopctl.chain.event import Event
from sopctl.chain.payload import manual_of, signer_of
from sopctl.model import Capacity, Position


@dataclass(frozen=True, slots=True)
class Term:
    """A stretch of days in which somebody holds a position or acts for it."""

    position: Position
    capacity: Capacity
    begins: date | None
    """First day; None: since ever."""

    until: date | None
    """Last day; None: open."""

    basis: str
    """Number of the decree or order; may be empty for the holder."""

    def holds_on(self, day: date) -> bool:
        """Whether `day` lies in the term."""
        return (self.begins is None or self.begins <= day) and (self.until is None or day <= self.until)


@dataclass(frozen=True, slots=True)
class Roster:
    """The officials with their terms."""

    zone: tzinfo
    """In which days begin and end."""

    terms: Mapping[str, tuple[Term, ...]]
    """By id; own position first."""

    recorders: frozenset[str]
    """Who may record a decision on paper."""

    def terms_at(self, official: str, moment: datetime) -> tuple[Term, ...]:
        """The terms in which `official` stands at `moment`; empty also for one that is unknown."""
        day = moment.astimezone(self.zone).date()
        return tuple(term for term in self.terms.get(official, ()) if term.holds_on(day))

    def problem(self, event: Event) -> Words | None:
        """Why the event's actor, or its recorder, could not act then; None: he could."""
        actor = event.actor.official
        if actor.id not in self.terms:
            return _unknown(actor.id)
        held = {(term.position, term.capacity) for term in self.terms_at(actor.id, event.time)}
        if (actor.position, actor.capacity) not in held:
            role = f"{actor.position.value} ({actor.capacity.value})"
            return Words(
                f"{actor.id} tidak menjabat {role} pada waktu itu menurut sopctl.yml",
                f"{actor.id} was not {role} at that time, by sopctl.yml",
            )
        if manual_of(event.payload) is None:
            return None
        recorder = signer_of(event)
        if recorder not in self.terms:
            return _unknown(recorder)
        if recorder not in self.recorders or not self.terms_at(recorder, event.time):
            return Words(
                f"{recorder} tidak berwenang mencatat keputusan di atas kertas (`paper.recorders`)",
                f"{recorder} may not record decisions on paper (`paper.recorders`)",
            )
        return None


def _unknown(official: str) -> Words:
    return Words(
        f"pejabat {official} tidak ada di sopctl.yml; pejabat yang berhenti diberi `until`, tidak dihapus",
        f"official {official} is not in sopctl.yml; officials who leave are given `until`, not removed",
    )
