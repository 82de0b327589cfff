"""The last minutes of a continuous probe, for the landing page: loss, median and 95th percentile of each.

Prometheus keeps the history; this is what a person sees where there is no board. Minutes are Unix minutes.
"""

from array import array
from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass

KEPT_MINUTES = 15


@dataclass(frozen=True, slots=True)
class MinuteFigures:
    """One minute; the running one is as far as it has come."""

    minute: int
    """Unix time divided by 60."""

    sent: int
    received: int
    p50_seconds: float | None
    """None where nothing was received."""

    p95_seconds: float | None

    @property
    def loss_ratio(self) -> float | None:
        """0 to 1; None where nothing was sent."""
        return 1 - self.received / self.sent if self.sent else None


class RecentMinutes:
    """Takes outcomes as they come; keeps round-trip times of the running minute only."""

    def __init__(self) -> None:
        self._minute = 0
        self._sent = 0
        self._rtts = array("f")
        self._closed: deque[MinuteFigures] = deque(maxlen=KEPT_MINUTES)

    def count(self, minute: int, rtt_seconds: float | None) -> None:
        """Take an outcome of `minute`; None for a lost echo."""
        if minute != self._minute:
            self._close(minute)
        self._sent += 1
        if rtt_seconds is not None:
            self._rtts.append(rtt_seconds)

    def figures(self, now_minute: int) -> tuple[MinuteFigures, ...]:
        """The minutes of the last KEPT_MINUTES in which something was measured, oldest first."""
        known = [*self._closed, *([self._running()] if self._sent else [])]
        return tuple(found for found in known if now_minute - KEPT_MINUTES < found.minute <= now_minute)

    def _close(self, minute: int) -> None:
        if self._sent:
            self._closed.append(self._running())
        self._minute = minute
        self._sent = 0
        self._rtts = array("f")

    def _running(self) -> MinuteFigures:
        rtts = sorted(self._rtts)
        return MinuteFigures(
            self._minute, self._sent, len(rtts), quantile_of_sorted(rtts, 0.5), quantile_of_sorted(rtts, 0.95)
        )


def quantile_of_sorted(values: Sequence[float], quantile: float) -> float | None:
    """The value below which `quantile` (0 to 1) of the sorted `values` lie, between neighbours by line."""
    if not values:
        return None
    position = (len(values) - 1) * quantile
    below = int(position)
    above = min(below + 1, len(values) - 1)
    return values[below] + (values[above] - values[below]) * (position - below)
