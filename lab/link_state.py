"""What the echoes over a link have counted since the exporter began: sent, received, and how long they took.

Pure, closed form. Only the past month uses it: on loopback the kernel answers every echo at once, so loss
and latency of the live lab would need root.
"""

from bisect import bisect_right
from collections.abc import Sequence
from itertools import pairwise
from math import erf, exp, inf, log, sqrt

from lab.scenario import LinkLatency, LinkLoss, LinkService, Service, Symptom
from lab.timeline import Stretch, Timeline, find_stretch
from lab.topology import Link

USUAL_LOSS = 0.0002
USUAL_SPREAD = 0.2
"""Standard deviation of the logarithm of a usual round trip."""

DETOUR_SPREAD = 0.05

ECHOES_PER_SECOND = 1


class EchoCount:
    """Counters of one ICMP probe over one link."""

    def __init__(self, link: Link, timeline: Timeline, origin: float) -> None:
        self._origin = origin
        loss = [(s, f.ratio) for f, stretches in timeline.of_kind(LinkLoss) if f.link == link.name for s in stretches]
        detours = [
            (s, f.seconds) for f, stretches in timeline.of_kind(LinkLatency) if f.link == link.name for s in stretches
        ]
        edges = {edge for stretch, _ in (*loss, *detours) for edge in (stretch.start, stretch.end)}
        self._starts = sorted({origin, *edges})
        self._arrival = [1 - max(_values_at(loss, start), default=USUAL_LOSS) for start in self._starts]
        medians = [max(_values_at(detours, start), default=0.0) for start in self._starts]
        self._trip = [
            (median, DETOUR_SPREAD) if median else (link.round_trip_seconds, USUAL_SPREAD) for median in medians
        ]

    def sent(self, instant: float) -> int:
        """Echoes sent until `instant`."""
        return int((instant - self._origin) * ECHOES_PER_SECOND)

    def received(self, instant: float, bound_seconds: float = inf) -> int:
        """Echoes that came back until `instant` within `bound_seconds`."""
        return self.received_series([instant], bound_seconds)[0]

    def received_series(self, instants: Sequence[float], bound_seconds: float = inf) -> list[int]:
        """`received` at each instant."""
        rates = [
            ECHOES_PER_SECOND * arrival * share_within(bound_seconds, *trip)
            for arrival, trip in zip(self._arrival, self._trip, strict=True)
        ]
        return _integrate(self._starts, rates, instants)

    def seconds_series(self, instants: Sequence[float]) -> list[int]:
        """Whole microseconds of all round trips together, at each instant."""
        rates = [
            1e6 * ECHOES_PER_SECOND * arrival * median * exp(spread**2 / 2)
            for arrival, (median, spread) in zip(self._arrival, self._trip, strict=True)
        ]
        return _integrate(self._starts, rates, instants)


def share_within(bound_seconds: float, median_seconds: float, spread: float) -> float:
    """The share of round trips that take at most `bound_seconds`: a log-normal distribution."""
    if bound_seconds == inf:
        return 1.0
    return 0.5 * (1 + erf(log(bound_seconds / median_seconds) / (spread * sqrt(2))))


def symptom_at(timeline: Timeline, link: str, service: Service, instant: float) -> Symptom | None:
    """How the service behind the link is ill at `instant`; None: it is well."""
    for fault, stretches in timeline.of_kind(LinkService):
        if fault.link == link and service in fault.services and find_stretch(stretches, instant):
            return fault.symptom
    return None


def probe_passes(symptom: Symptom | None) -> bool:
    """Whether a probe of the service succeeds: slow is not failed."""
    return symptom is None or symptom is Symptom.SLOW


def _values_at(faults: Sequence[tuple[Stretch, float]], instant: float) -> list[float]:
    return [value for stretch, value in faults if stretch.contains(instant)]


def _integrate(starts: list[float], rates: list[float], instants: Sequence[float]) -> list[int]:
    offsets = [0.0]
    for (start, end), rate in zip(pairwise(starts), rates, strict=False):
        offsets.append(offsets[-1] + rate * (end - start))
    indexes = [max(bisect_right(starts, instant) - 1, 0) for instant in instants]
    return [
        int(offsets[index] + rates[index] * (instant - starts[index]))
        for index, instant in zip(indexes, instants, strict=True)
    ]
