"""How much has crossed an interface since the lab began: closed forms, so that any instant costs the same.

Pure. A usual day is a mean rate with waves upon it (day, half day, week, and two short ones that look
like noise); its integral is exact, so counters never step back, and history and live agents agree.
"""

import random
from bisect import bisect_right
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from math import cos, tau

from lab.timeline import Stretch, Timeline

DAY_SECONDS = 86400
BUSIEST_HOUR = 13.5
"""On the site's clock."""

WAVES = ((DAY_SECONDS, 0.52), (DAY_SECONDS / 2, 0.12), (7 * DAY_SECONDS, 0.1), (2239, 0.04), (677, 0.03))
"""Period in seconds and height as a share of the mean; together under 1, so that the rate stays positive."""

PEAK = 1 + sum(height for _, height in WAVES)
"""No usual instant is busier than this many times the mean."""


@dataclass(frozen=True, slots=True)
class UsualTraffic:
    """The integral of a usual day's rate."""

    mean: float
    """Bytes per second."""

    origin: float
    """Where the integral begins, seconds since 1970."""

    waves: tuple[tuple[float, float, float], ...]
    """Angular frequency, height over frequency, phase at the origin."""

    def total(self, instant: float) -> float:
        """Bytes from the origin to `instant`."""
        (w1, h1, p1), (w2, h2, p2), (w3, h3, p3), (w4, h4, p4), (w5, h5, p5) = self.waves
        t = instant - self.origin
        # The rate's waves are sines of wt + p; their integral is the fall of the cosine.
        return self.mean * (
            t
            - h1 * (cos(w1 * t + p1) - cos(p1))
            - h2 * (cos(w2 * t + p2) - cos(p2))
            - h3 * (cos(w3 * t + p3) - cos(p3))
            - h4 * (cos(w4 * t + p4) - cos(p4))
            - h5 * (cos(w5 * t + p5) - cos(p5))
        )


def usual_traffic(mean: float, origin: float, timeline: Timeline, name: str) -> UsualTraffic:
    """The usual traffic of what is called `name`: the same seed and name give the same waves."""
    dice = random.Random(f"{timeline.seed}/{name}")
    seconds_of_day = (origin + timeline.utc_offset_seconds) % DAY_SECONDS
    shift = dice.uniform(-1, 1) * 3600
    waves = []
    for period, height in WAVES:
        frequency = tau / period
        phase = dice.uniform(0, tau)
        if period == DAY_SECONDS:
            # A sine is highest a quarter of its period after it begins.
            phase = frequency * (seconds_of_day - BUSIEST_HOUR * 3600 + shift) + tau / 4
        waves.append((frequency, height / frequency, phase))
    return UsualTraffic(mean, origin, tuple(waves))


class ByteCount:
    """Bytes since the origin, with stretches in which the rate is a given constant instead of the usual."""

    def __init__(self, usual: UsualTraffic, replaced: Sequence[tuple[Stretch, float]]) -> None:
        """`replaced`: stretches and their bytes per second; where several overlap, the lowest rate rules."""
        self._usual = usual
        self._starts, self._rates = _rates_by_start(usual.origin, replaced)
        self._offsets = [0.0] * len(self._starts)
        for index, (start, end) in enumerate(pairwise(self._starts)):
            self._offsets[index + 1] = self._offsets[index] + self._growth(index, start, end)

    def _growth(self, index: int, start: float, end: float) -> float:
        rate = self._rates[index]
        return self._usual.total(end) - self._usual.total(start) if rate is None else rate * (end - start)

    def total(self, instant: float) -> float:
        """Bytes from the origin to `instant`; never less for a later instant."""
        index = max(bisect_right(self._starts, instant) - 1, 0)
        return self._offsets[index] + self._growth(index, self._starts[index], instant)


def _rates_by_start(origin: float, replaced: Sequence[tuple[Stretch, float]]) -> tuple[list[float], list[float | None]]:
    """The instants at which the rate changes, and the constant rate from each on; None: the usual one."""
    edges = sorted(
        [(stretch.start, 1, rate) for stretch, rate in replaced]
        + [(stretch.end, -1, rate) for stretch, rate in replaced]
    )
    starts: list[float] = [origin]
    rates: list[float | None] = [None]
    ruling: Counter[float] = Counter()
    for instant, step, rate in edges:
        ruling[rate] += step
        if not ruling[rate]:
            del ruling[rate]
        if instant != starts[-1]:
            starts.append(instant)
            rates.append(None)
        rates[-1] = min(ruling, default=None)
    return starts, rates
