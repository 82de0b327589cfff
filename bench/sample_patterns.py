"""How the values of a series of the made-up months go on: any instant has its value, the same in every run.

Equal patterns are one object, by which it is known which series share their chunks.
"""

import math
from collections.abc import Callable
from functools import cache
from typing import TypeAlias

DAY = 86_400
PHASES = 4
"""So many different days are in the fleet."""

BEGAN = 1_780_000_000
"""When all counters began, before the first month; seconds since 1970."""

Value: TypeAlias = Callable[[float], float | None]
"""The value at an instant, seconds since 1970; None where there is no sample."""

Spans: TypeAlias = tuple[tuple[float, float], ...]


@cache
def steady(value: float) -> Value:
    """The same at all times."""
    return lambda _: value


@cache
def within(spans: Spans, value: float = 1) -> Value:
    """A value within some spans, no sample outside."""
    return lambda at: value if any(start <= at < end for start, end in spans) else None


@cache
def besides(usual: Value, spans: Spans, value: float) -> Value:
    """Another value within some spans."""
    return lambda at: value if any(start <= at < end for start, end in spans) else usual(at)


@cache
def daily(mean: float, swing: float, phase: int = 0) -> Value:
    """A value that follows the day."""
    return lambda at: mean + swing * math.sin(math.tau * (at / DAY + phase / PHASES))


@cache
def growing(rate: float, phase: int = 0, spans: Spans = (), rate_within: float = 0) -> Value:
    """A counter whose rate follows the day, and is another within some spans."""

    def total(at: float) -> float:
        since = at - BEGAN
        inside = _passed(spans, at)
        turn = 0.5 * DAY / math.tau * math.sin(math.tau * (since / DAY + phase / PHASES))
        return float(int(rate * (since + turn - inside) + rate_within * inside))

    return total


@cache
def since_daily() -> Value:
    """Seconds since something that is done once a day."""
    return lambda at: at % DAY


@cache
def echoes(lost_share: float = 0, dead: Spans = (), lossy: Spans = (), lossy_share: float = 0) -> Value:
    """Echoes that came back, one sent a second: fewer always, and within `lossy`, none within `dead`."""
    return lambda at: float(int((1 - lost_share) * (at - BEGAN) - _passed(dead, at) - lossy_share * _passed(lossy, at)))


def _passed(spans: Spans, at: float) -> float:
    """Seconds of `spans` before an instant."""
    return sum(min(max(at - start, 0), end - start) for start, end in spans)
