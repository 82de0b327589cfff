"""What was received: counts by source and trap, the last instant of each trap and object, the last word of each pair.

Owns the bounds of what a source can make us remember. It must not know datagrams.
"""

from collections import Counter, OrderedDict, deque
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import TypeVar

from exporter import metrics
from exporter.errors import TrapReason
from exporter.sample_set import SampleSet
from exporter.traps.known import PAIRS, TrapKind, TrapPair
from exporter.traps.subject import KnownInterface, Subject, name_subject

NO_SOURCE = ""
"""The label `source` of what no device of the inventory sent, or may have sent."""

OTHER = "other"
"""The label `trap` of unknown OIDs beyond the first MOST_UNKNOWN of a source."""

MOST_UNKNOWN = 20
LONGEST_OID = 128
"""In characters; longer ones are counted as others."""

MOST_OBJECTS = 500
"""Trap and object together, of one source; what was silent for longest is forgotten first."""

SHOWN = 3

_Key = TypeVar("_Key")
_Value = TypeVar("_Value")
Interfaces = Callable[[str], Mapping[int, KnownInterface]]
"""The interfaces of a device by ifIndex, as /probe last published them."""


@dataclass(frozen=True, slots=True)
class ReceivedTrap:
    """A trap, as the landing page tells it."""

    source: str
    trap: str
    object: str
    wall_time: float


@dataclass(slots=True)
class _Page:
    """What is kept of one source."""

    received: Counter[str] = field(default_factory=lambda: Counter({kind.value: 0 for kind in TrapKind}))
    unknown: set[str] = field(default_factory=set)
    last: OrderedDict[tuple[str, Subject], float] = field(default_factory=OrderedDict)
    normal: OrderedDict[tuple[TrapPair, Subject], bool] = field(default_factory=OrderedDict)
    recent: deque[tuple[str, Subject, float]] = field(default_factory=lambda: deque(maxlen=SHOWN))


class TrapBook:
    """The counts of all sources."""

    def __init__(self, interfaces: Interfaces) -> None:
        self._interfaces = interfaces
        self._pages: dict[str, _Page] = {}
        self._dropped: Counter[tuple[str, TrapReason]] = Counter()

    def keep_only(self, sources: Iterable[str]) -> None:
        """Open a page for each of `sources`, and drop those of others."""
        wanted = set(sources)
        self._pages = {name: self._pages.get(name) or _Page() for name in sorted(wanted)}
        for source, reason in [key for key in self._dropped if key[0] and key[0] not in wanted]:
            del self._dropped[source, reason]
        for source in wanted:
            self._dropped[source, TrapReason.RATE_LIMIT] += 0
        self._dropped[NO_SOURCE, TrapReason.UNKNOWN_SOURCE] += 0

    def receive(self, source: str, kind: TrapKind | None, oid: str, subject: Subject, wall_time: float) -> None:
        """Note a trap of `source`: a known one, or with `kind` None any other, of the given OID."""
        page = self._pages.get(source)
        if page is None:
            # Decoded after a reload that removed the device.
            return
        trap = kind.value if kind is not None else self._unknown(page, oid)
        page.received[trap] += 1
        page.recent.append((trap, subject, wall_time))
        _put(page.last, (trap, subject), wall_time)
        state = PAIRS.get(kind) if kind is not None else None
        if state is not None:
            _put(page.normal, (state.pair, subject), state.normal)

    def drop(self, source: str, reason: TrapReason) -> None:
        """Note a datagram that was not taken as a trap."""
        self._dropped[source, reason] += 1

    def add_samples(self, samples: SampleSet, lost_by_kernel: int) -> None:
        """Add all counts. `lost_by_kernel`: datagrams for which the kernel had no room."""
        for source, page in self._pages.items():
            interfaces = self._interfaces(source)
            for trap, count in page.received.items():
                samples.add(metrics.TRAP_RECEIVED, count, source, trap)
            # A name that two subjects share tells the later one's: the newest comes first, and the first is kept.
            for (trap, subject), wall_time in reversed(page.last.items()):
                samples.add(metrics.TRAP_LAST, wall_time, source, trap, name_subject(subject, interfaces))
            for (pair, subject), normal in reversed(page.normal.items()):
                samples.add(metrics.TRAP_STATE, normal, source, pair, name_subject(subject, interfaces))
        for (source, reason), count in self._dropped.items():
            samples.add(metrics.TRAP_DROPPED, count, source, reason)
        samples.add(metrics.TRAP_DROPPED, lost_by_kernel, NO_SOURCE, TrapReason.RECEIVE_BUFFER)

    def recent(self) -> Iterator[ReceivedTrap]:
        """The last traps of each source, newest first."""
        for source, page in self._pages.items():
            interfaces = self._interfaces(source)
            for trap, subject, wall_time in reversed(page.recent):
                yield ReceivedTrap(source, trap, name_subject(subject, interfaces), wall_time)

    @staticmethod
    def _unknown(page: _Page, oid: str) -> str:
        if oid not in page.unknown and (len(page.unknown) >= MOST_UNKNOWN or len(oid) > LONGEST_OID):
            return OTHER
        page.unknown.add(oid)
        return oid


def _put(kept: OrderedDict[_Key, _Value], key: _Key, value: _Value) -> None:
    # Removed first: an equal key may bring newer names with it.
    kept.pop(key, None)
    kept[key] = value
    if len(kept) > MOST_OBJECTS:
        kept.popitem(last=False)
