"""A month of a small data center, drawn from a seed: what went wrong, when, to the second.

Owns the draw. What the month's series look like stands in `series`, what a right checklist says in `expected`;
none of them knows sopctl.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from random import Random
from typing import TypeAlias
from zoneinfo import ZoneInfo

MINUTE, HOUR, DAY = 60, 3600, 86400
WARM_UP_SECONDS = 2 * HOUR
AFTER_SECONDS = HOUR

MONTHS = (
    *(("Asia/Jakarta", 2024, month) for month in (2, 9, 10, 12)),
    ("Asia/Makassar", 2024, 7),
    ("Asia/Kathmandu", 2024, 4),
    ("America/New_York", 2024, 3),
    ("America/New_York", 2024, 11),
    ("Europe/Berlin", 2024, 10),
    ("Australia/Lord_Howe", 2024, 4),
)
"""Months with and without a change of the clock, zones off the hour, a leap day and the turn of a year."""

PARENTS = {"core-1": "", "access-1": "core-1", "edge-1": "access-1", "core-2": "", "access-2": "core-2"}
PORTS = (("access-1", "Gi1/0/1"), ("access-1", "Gi1/0/2"), ("access-2", "Gi1/0/1"))
LINKS = {"isp-a": ("access-1", "Gi1/0/1"), "isp-b": ("access-2", "Gi1/0/1")}

Port: TypeAlias = tuple[str, str]


@dataclass(frozen=True, slots=True, order=True)
class Span:
    """start <= t < end, seconds since 1970."""

    start: float
    end: float

    def holds(self, at: float) -> bool:
        """Whether `at` lies within."""
        return self.start <= at < self.end


Spans: TypeAlias = tuple[Span, ...]
Levels: TypeAlias = tuple[tuple[Span, float], ...]
"""A figure for each stretch; the stretches of one thing do not overlap."""


@dataclass(slots=True)
class World:
    """Everything that happened."""

    seed: int
    month: str
    zone: ZoneInfo
    start: int
    end: int
    scrape: int
    phase: float
    """Of each scrape within its interval."""

    exporters: int
    ports: tuple[Port, ...]
    links: tuple[str, ...]
    """Of a world in three ports are watched, of one links, of one both: a month of all takes long to make."""

    life: dict[str, Span]
    """Since when and until when the inventory holds an object."""

    outages: dict[str, Spans]
    """Of a device's own; what hangs behind it is out of reach."""

    gaps: Spans
    """Prometheus or the exporter was not there: nothing was measured."""

    exporter_starts: tuple[float, ...]
    planned: tuple[tuple[str, Span], ...]
    errors: dict[Port, Levels]
    use: dict[Port, Levels]
    loss: dict[str, Levels]
    latency: dict[str, Levels]
    failing: dict[str, Spans]
    """When no name was resolved."""

    flaps: dict[Port, Spans]
    """When a port was down for a moment."""

    dimming: dict[Port, tuple[float, float]]
    """From when on the light faded, and by how many dB until the month's end."""

    moved: dict[str, float] = field(default_factory=dict)
    """Links that core-1 carried until then."""

    wraps: frozenset[Port] = frozenset()
    """Ports with 32-bit counters."""

    def unreachable(self, device: str) -> Spans:
        """When a device gave no answer: its own outages and those of all above it."""
        spans: list[Span] = []
        while device:
            spans += self.outages.get(device, ())
            device = PARENTS[device]
        return merged(spans)

    def carrier(self, link: str, at: float) -> str:
        """The device that carried `link`."""
        return "core-1" if at < self.moved.get(link, 0.0) else LINKS[link][0]

    def cut(self, link: str) -> Spans:
        """When a link was down because what carries it was."""
        moved = self.moved.get(link, float("-inf"))
        before = within(self.unreachable("core-1"), (Span(float("-inf"), moved),))
        return merged((*before, *within(self.unreachable(LINKS[link][0]), (Span(moved, float("inf")),))))

    def scrapes(self, exporter: int = 0) -> list[float]:
        """The instants, in whole milliseconds, at which an exporter was scraped."""
        first = self.start - WARM_UP_SECONDS + self.phase + 7.5 * exporter
        count = int((self.end - self.start + WARM_UP_SECONDS + AFTER_SECONDS) / self.scrape)
        instants = (round(first + number * self.scrape, 3) for number in range(count))
        return [at for at in instants if not any(gap.holds(at) for gap in self.gaps)]


def merged(spans: Iterable[Span]) -> Spans:
    """The same time without overlaps."""
    out: list[Span] = []
    for span in sorted(spans):
        if out and span.start <= out[-1].end:
            out[-1] = Span(out[-1].start, max(out[-1].end, span.end))
        elif span.start < span.end:
            out.append(span)
    return tuple(out)


def within(spans: Iterable[Span], bounds: Iterable[Span]) -> Spans:
    """The part of `spans` that lies in `bounds`."""
    limits = merged(bounds)
    return merged(
        Span(max(span.start, limit.start), min(span.end, limit.end))
        for span in spans
        for limit in limits
        if max(span.start, limit.start) < min(span.end, limit.end)
    )


def without(spans: Iterable[Span], taken: Iterable[Span]) -> Spans:
    """The part of `spans` that lies outside of `taken`."""
    edges = merged(taken)
    free, last = [], float("-inf")
    for span in edges:
        free.append(Span(last, span.start))
        last = span.end
    return within(spans, (*free, Span(last, float("inf"))))


def seconds(spans: Iterable[Span]) -> float:
    """How long they are together."""
    return sum(span.end - span.start for span in merged(spans))


def draw_world(seed: int, attempt: int = 0) -> World:
    """The world of `seed`; another one for each attempt."""
    random = Random(f"{seed}/{attempt}")
    zone_name, year, month = MONTHS[seed % len(MONTHS)]
    zone = ZoneInfo(zone_name)
    start = int(datetime(year, month, 1, tzinfo=zone).timestamp())
    following = (year, month + 1) if month < 12 else (year + 1, 1)
    end = int(datetime(*following, 1, tzinfo=zone).timestamp())
    draw = _Draw(random, start, end)
    gaps = draw.gaps()
    life = {name: Span(float("-inf"), float("inf")) for name in PARENTS}
    if random.random() < 0.4:
        life["edge-1"] = draw.partial_life()
    outages = draw.outages(gaps)
    moved = {"isp-a": float(draw.instant())} if random.random() < 0.3 else {}
    return World(
        seed=seed,
        month=f"{year}-{month:02}",
        zone=zone,
        start=start,
        end=end,
        scrape=30 if seed % 10 == 4 else 60,
        phase=round(random.uniform(0, 20), 3),
        exporters=2 if seed % 8 == 3 else 1,
        ports=PORTS if seed % 3 != 1 else (),
        links=tuple(LINKS) if seed % 3 != 2 else (),
        life=life,
        outages=outages,
        gaps=gaps,
        exporter_starts=tuple(sorted(draw.instant() for _ in range(random.randrange(4)))),
        planned=draw.planned(outages),
        errors={port: draw.levels((0.002, 0.03), (0.2, 5), 2) for port in PORTS},
        use={port: draw.levels((0.8, 0.97), (2, 40), 2) for port in PORTS},
        loss={link: draw.levels((0.02, 0.6), (0.1, 6), 3) for link in LINKS},
        latency={link: draw.levels((0.12, 0.9), (0.5, 60), 2) for link in LINKS},
        failing={link: tuple(span for span, _ in draw.levels((1, 1), (0.1, 20), 2)) for link in LINKS},
        flaps={port: draw.flaps(gaps) for port in PORTS},
        dimming={port: (draw.instant(), random.choice((0.0, 0.0, 4.0, 10.0, 16.0))) for port in PORTS},
        moved=moved,
        wraps=frozenset(port for port in PORTS if random.random() < 0.5),
    )


@dataclass(frozen=True, slots=True)
class _Draw:
    random: Random
    start: int
    end: int

    def instant(self) -> float:
        """Any second of the month, its first and last hours left free."""
        return float(self.random.randrange(self.start + 6 * HOUR, self.end - 6 * HOUR))

    def gaps(self) -> Spans:
        """A few restarts of Prometheus, and now and then a long silence."""
        found = [self._span(self.random.uniform(70, 480)) for _ in range(self.random.randrange(4))]
        if self.random.random() < 0.3:
            found.append(self._span(self.random.uniform(1, 30) * HOUR))
        return merged(found)

    def outages(self, gaps: Sequence[Span]) -> dict[str, Spans]:
        """Blips, outages of minutes and of hours; over the month's edges, around a gap, and at a restart."""
        found: dict[str, list[Span]] = {device: [] for device in PARENTS}
        for device in PARENTS:
            for chance, (low, high), count in ((0.6, (1.2, 4), 3), (0.35, (20, 240), 2), (0.1, (600, 1000), 1)):
                if self.random.random() < chance:
                    many = self.random.randrange(1, count + 1)
                    found[device] += [self._span(self.random.uniform(low, high) * MINUTE) for _ in range(many)]
        victim = self.random.choice(tuple(PARENTS))
        for gap in gaps[:2]:
            if self.random.random() < 0.5:
                begin = gap.start - self.random.choice((0.0, self.random.uniform(5, 50) * MINUTE))
                found[victim].append(Span(round(begin), round(gap.end + self.random.uniform(3, 60) * MINUTE)))
        for edge in (self.start, self.end):
            if self.random.random() < 0.3:
                before, after = (round(self.random.uniform(3, 90) * MINUTE) for _ in range(2))
                found[self.random.choice(tuple(PARENTS))].append(Span(edge - before, edge + min(after, 50 * MINUTE)))
        return {device: merged(spans) for device, spans in found.items()}

    def planned(self, outages: dict[str, Spans]) -> tuple[tuple[str, Span], ...]:
        """Windows, in whole minutes: with nothing in them, around an outage, and inside of one."""
        found: list[tuple[str, Span]] = []
        for device in ("access-1", "edge-1"):
            if self.random.random() < 0.4:
                found.append((device, self._whole_minutes(self._span(self.random.uniform(1, 5) * HOUR))))
            inside = [one for one in outages[device] if one.start > self.start + HOUR and one.end < self.end - HOUR]
            if inside and self.random.random() < 0.5:
                chosen = self.random.choice(inside)
                shift = self.random.uniform(-0.5, 0.5) * (chosen.end - chosen.start)
                found.append((device, self._whole_minutes(Span(chosen.start + shift, chosen.end + shift))))
        if self.random.random() < 0.3:
            found.append(("isp-a", self._whole_minutes(self._span(self.random.uniform(1, 5) * HOUR))))
        return tuple(found)

    def levels(self, sizes: tuple[float, float], hours: tuple[float, float], most: int) -> Levels:
        """Up to so many stretches, apart from each other, each with a figure."""
        if self.random.random() < 0.45:
            return ()
        spans = merged(
            self._span(self.random.uniform(*hours) * HOUR) for _ in range(self.random.randrange(1, most + 1))
        )
        return tuple((span, self.random.uniform(*sizes)) for span in spans)

    def flaps(self, gaps: Sequence[Span]) -> Spans:
        """None, a few, or a storm of them: each long enough to be seen by a scrape a minute, and apart."""
        count = self.random.choice((0, 0, 4, 25, 80))
        begin = self.instant() - 4 * HOUR
        times = (begin + number * 200 + self.random.randrange(20) for number in range(count))
        spans = tuple(Span(at, at + 75) for at in times)
        return () if within(spans, (Span(gap.start - 200, gap.end + 200) for gap in gaps)) else spans

    def partial_life(self) -> Span:
        """Added or retired midway."""
        at = self.instant()
        return Span(at, float("inf")) if self.random.random() < 0.5 else Span(float("-inf"), at)

    def _span(self, length: float) -> Span:
        start = min(self.instant(), self.end - 6 * HOUR - length)
        return Span(round(start), round(start + length))

    @staticmethod
    def _whole_minutes(span: Span) -> Span:
        return Span(span.start // MINUTE * MINUTE, (span.end // MINUTE + 1) * MINUTE)
