"""A scenario on the clock: every fault with its instants.

Owns the two ways of placing a fault: within a past month, and repeating in the live lab. It must not
know what a fault does.
"""

import re
from bisect import bisect_right
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TypeVar
from zoneinfo import ZoneInfo

from dcnet.language import Words
from lab.errors import LabError
from lab.scenario import Fault, PlannedWork, Scenario
from lab.topology import ports_facing

LIVE_DAYS = 60
"""For how long a running lab goes on repeating its faults."""

FaultT = TypeVar("FaultT")


@dataclass(frozen=True, slots=True, order=True)
class Stretch:
    """A time from `start` to before `end`, seconds since 1970."""

    start: float
    end: float

    def contains(self, instant: float) -> bool:
        """Whether `instant` lies within."""
        return self.start <= instant < self.end


@dataclass(frozen=True, slots=True)
class PlacedFault:
    """A fault with all its stretches, in order."""

    fault: Fault
    stretches: tuple[Stretch, ...]


@dataclass(frozen=True, slots=True)
class Month:
    """A calendar month in a time zone."""

    year: int
    number: int
    zone: ZoneInfo

    @classmethod
    def parse(cls, text: str, zone: ZoneInfo) -> "Month":
        """The month that `YYYY-MM` names. Raises LabError."""
        found = re.fullmatch(r"(\d{4})-(0[1-9]|1[0-2])", text)
        if found is None or int(found[1]) < 1971:
            raise LabError(
                Words(
                    f"bulan: ditemukan {text!r}, seharusnya YYYY-MM, misalnya 2026-10",
                    f"month: found {text!r}, expected YYYY-MM, for example 2026-10",
                )
            )
        return cls(int(found[1]), int(found[2]), zone)

    @property
    def name(self) -> str:
        """`YYYY-MM`."""
        return f"{self.year:04d}-{self.number:02d}"

    @property
    def start(self) -> datetime:
        """First instant."""
        return datetime(self.year, self.number, 1, tzinfo=self.zone)

    @property
    def end(self) -> datetime:
        """First instant of the next month."""
        return datetime(self.year + self.number // 12, self.number % 12 + 1, 1, tzinfo=self.zone)


@dataclass(frozen=True, slots=True)
class Timeline:
    """All faults of a scenario placed between two instants."""

    seed: int
    start: float
    """Seconds since 1970; the model's day begins with the zone's midnight."""

    utc_offset_seconds: float
    """Of the site's zone at the start: the daily curve follows the site's clock."""

    faults: tuple[PlacedFault, ...]

    def of_kind(self, kind: type[FaultT]) -> Sequence[tuple[FaultT, tuple[Stretch, ...]]]:
        """The faults of one kind with their stretches."""
        return [(placed.fault, placed.stretches) for placed in self.faults if isinstance(placed.fault, kind)]


def find_stretch(stretches: Sequence[Stretch], instant: float) -> Stretch | None:
    """The stretch that `instant` lies in; `stretches` are in order and do not overlap."""
    index = bisect_right(stretches, instant, key=lambda stretch: stretch.start) - 1
    return stretches[index] if index >= 0 and stretches[index].contains(instant) else None


def place_in_month(scenario: Scenario, month: Month) -> Timeline:
    """The scenario's `month` occurrences in a calendar month of the site's zone."""

    def stretches(fault: Fault) -> Iterable[Stretch]:
        for occurrence in fault.month:
            start = month.start.replace(day=occurrence.day, hour=occurrence.at.hour, minute=occurrence.at.minute)
            yield Stretch(start.timestamp(), start.timestamp() + occurrence.minutes * 60)

    return _timeline(scenario, month.start, {fault.name: tuple(sorted(stretches(fault))) for fault in scenario.faults})


def place_live(scenario: Scenario, started_at: datetime) -> Timeline:
    """The scenario's `live` repetitions from `started_at` (with time zone) on, for LIVE_DAYS."""

    def stretches(fault: Fault) -> Iterable[Stretch]:
        if fault.live is None:
            return
        start = started_at.timestamp() + fault.live.after_minutes * 60
        while start < started_at.timestamp() + LIVE_DAYS * 86400:
            yield Stretch(start, start + fault.live.minutes * 60)
            start += fault.live.every_minutes * 60

    return _timeline(scenario, started_at, {fault.name: tuple(stretches(fault)) for fault in scenario.faults})


def planned_windows(timeline: Timeline) -> list[tuple[str, PlannedWork, Stretch]]:
    """Every planned window by its own name, as it is announced: wider than the outage by the fault's margin."""
    return [
        (
            work.name if number == 1 else f"{work.name}-{number}",
            work,
            Stretch(stretch.start - work.margin_minutes * 60, stretch.end + work.margin_minutes * 60),
        )
        for work, stretches in timeline.of_kind(PlannedWork)
        for number, stretch in enumerate(stretches, start=1)
    ]


def planned_objects(work: PlannedWork) -> list[str]:
    """What is announced: the device, and the ports of others that go down with it."""
    return [work.device, *ports_facing(work.device)]


def _timeline(scenario: Scenario, start: datetime, stretches: dict[str, tuple[Stretch, ...]]) -> Timeline:
    offset = start.utcoffset() or timedelta()
    placed = tuple(PlacedFault(fault, stretches[fault.name]) for fault in scenario.faults)
    _refuse_overlaps(placed)
    return Timeline(scenario.seed, start.timestamp(), offset.total_seconds(), placed)


def _refuse_overlaps(placed: Iterable[PlacedFault]) -> None:
    """What two faults of one kind do to one component at once is not defined."""
    last: dict[tuple[str, ...], tuple[Stretch, str]] = {}
    every = sorted((stretch, one.fault.name, component_of(one.fault)) for one in placed for stretch in one.stretches)
    for stretch, name, component in every:
        earlier = last.get(component)
        if earlier is not None and stretch.start < earlier[0].end:
            raise LabError(
                Words(
                    f"skenario: {earlier[1]} dan {name} bertumpuk pada {' '.join(component)}; pisahkan waktunya",
                    f"scenario: {earlier[1]} and {name} overlap on {' '.join(component)}; set them apart in time",
                )
            )
        last[component] = (stretch, name)


def component_of(fault: Fault) -> tuple[str, ...]:
    """The fault's kind and what it strikes."""
    names = (getattr(fault, key, "") for key in ("device", "interface", "link", "reading", "peer"))
    return (fault.kind, *(name for name in names if name))
