"""All ICMP echoes of the exporter: one ticking timer sends them evenly spaced, matches replies, and settles.

Owns pace, matching, and what counts as lost. An echo is lost when no reply reached this host's kernel in time and
nothing on this host can be to blame; everything else that keeps it from being answered is counted as suppressed.
"""

import asyncio
import errno
import heapq
import secrets
from collections import deque
from dataclasses import dataclass
from enum import Enum

from exporter.errors import ProbeReason, SuppressedReason
from exporter.probes.disturbance import GAP_SECONDS, NANOSECONDS, Clocks, DisturbanceKind, DisturbanceWatch
from exporter.probes.echo_counts import EchoCounts
from exporter.probes.echo_sockets import EchoSockets, SharedSocket
from exporter.probes.echo_target import EchoTarget
from exporter.probes.icmp_packet import MASK_32
from exporter.probes.icmp_socket import IcmpSocket
from exporter.probes.outcome import ProbeFailure, failure_of

SETTLE_SECONDS = 0.1
"""How often deadlines are looked at. The kernel's stamp tells what was in time, not our reading of it."""

REMEMBER_SECONDS = 10.0
"""How long after its deadline a request is kept, to know a late or duplicate reply."""

TICK_SECONDS = 0.004
"""Echoes leave on a grid this fine: waking up for each one alone would cost twice the CPU."""

MOST_SENDS_A_TICK = 32
"""After a delay no more than these leave together: a burst loses replies."""

CLOCK_SLACK_NS = 1_000_000
TRUSTED_DRIFT = 0.001
"""Wall and steady clock may part by this share of the time between, and 1 ms, before a stamp is distrusted."""

_UNREACHABLE = frozenset(
    {errno.ENETUNREACH, errno.EHOSTUNREACH, errno.ENETDOWN, errno.EHOSTDOWN, errno.ENONET, errno.EINVAL}
)
_NO_ROOM = frozenset({errno.ENOBUFS, errno.EAGAIN, errno.ENOMEM})
_GONE = frozenset({errno.ENODEV, errno.ENXIO, errno.EADDRNOTAVAIL})


class _State(Enum):
    WAITING = "waiting"
    ANSWERED = "answered"
    LOST = "lost"
    WITHDRAWN = "withdrawn"


@dataclass(slots=True)
class _Flight:
    """A request that was sent."""

    counts: EchoCounts
    shared: SharedSocket
    steady_ns: int
    wall_ns: int
    timeout_ns: int
    state: _State = _State.WAITING


class EchoEngine:
    """Sends for all targets. To be used inside a running loop."""

    def __init__(self, clocks: Clocks | None = None) -> None:
        self._clocks = clocks or Clocks()
        self.watch = DisturbanceWatch(self._clocks)
        self.sockets = EchoSockets(self._read)
        self.cookie = secrets.randbits(32)
        self._number = secrets.randbits(32)
        self._flights: dict[int, _Flight] = {}
        self._deadlines: list[tuple[int, int]] = []
        self._settled: deque[tuple[int, int]] = deque()
        self._due: list[tuple[int, int, EchoTarget]] = []
        self._added = 0
        self._looked_ns = 0
        self._planned_ns = 0
        self._timer: asyncio.TimerHandle | None = None

    def add(self, target: EchoTarget, first_delay_seconds: float) -> None:
        """Send to `target` from now on, the first time after `first_delay_seconds`."""
        self._added += 1
        now = self._clocks.steady()
        due_ns = now + int(first_delay_seconds * NANOSECONDS)
        heapq.heappush(self._due, (due_ns, self._added, target))
        if self._timer is None or due_ns < self._planned_ns:
            self._plan(now)

    def stop(self) -> None:
        """Send no more; what is out is forgotten, in no counter."""
        if self._timer is not None:
            self._timer.cancel()
        self._due.clear()
        self.sockets.close()

    def _plan(self, now: int) -> None:
        """Wake up for the next send, and in any case for settling.

        Planned from the `now` that the last work began with: a process that stood still during that work is late.
        """
        if self._timer is not None:
            self._timer.cancel()
        latest = now + int(SETTLE_SECONDS * NANOSECONDS)
        earliest = now + int(TICK_SECONDS * NANOSECONDS)
        self._planned_ns = max(earliest, min(latest, self._due[0][0])) if self._due else latest
        left = max(0, self._planned_ns - self._clocks.steady()) / NANOSECONDS
        self._timer = asyncio.get_running_loop().call_later(left, self._tick)

    def _tick(self) -> None:
        self._timer = None
        now = self._clocks.steady()
        late_ns = now - self._planned_ns
        disturbed = None
        if late_ns > GAP_SECONDS * NANOSECONDS or now - self._looked_ns > SETTLE_SECONDS * NANOSECONDS:
            disturbed = self.watch.look(self._planned_ns)
            self._looked_ns = now
            self._settle(now, disturbed)
        self._send_due(now, disturbed)
        self._plan(now)

    def _send_due(self, now: int, disturbed: DisturbanceKind | None) -> None:
        sent = 0
        while self._due and self._due[0][0] <= now and sent < MOST_SENDS_A_TICK:
            due_ns, order, target = self._due[0]
            if not target.active:
                heapq.heappop(self._due)
                continue
            missed = (now - due_ns) // target.interval_ns
            if missed and target.address is not None:
                # Sent later they would leave in a burst: they are left out, and told.
                suspended = disturbed is DisturbanceKind.SUSPENDED
                target.counts.count_suppressed(
                    SuppressedReason.SUSPENDED if suspended else SuppressedReason.OVERLOAD, missed
                )
            heapq.heapreplace(self._due, (due_ns + (missed + 1) * target.interval_ns, order, target))
            if target.address is not None:
                self._send(target)
                sent += 1

    def _send(self, target: EchoTarget) -> None:
        counts = target.counts
        self._number = number = (self._number + 1) & MASK_32
        try:
            shared = self.sockets.get(target.socket_key)
        except ProbeFailure as failure:
            self._not_sent(target, failure)
            return
        packet = target.template(shared.socket, self.cookie).request(number)
        flight = _Flight(counts, shared, self._clocks.steady(), self._clocks.wall(), target.timeout_ns)
        try:
            shared.socket.send(packet, target.address or "")
        except OSError as error:
            self._refused(target, error)
            return
        self._flights[number] = flight
        heapq.heappush(self._deadlines, (flight.steady_ns + target.timeout_ns, number))
        target.tell(None)

    def _refused(self, target: EchoTarget, error: OSError) -> None:
        gone = ProbeFailure(ProbeReason.SOURCE, f"this host has no {target.source} any more")
        if error.errno in _NO_ROOM:
            target.counts.count_suppressed(SuppressedReason.SEND_BUFFER)
        elif error.errno in _GONE:
            # An interface that comes back is another one to the kernel: the socket must be opened anew.
            self.sockets.drop(target.socket_key)
            self._not_sent(target, gone)
        elif error.errno == errno.EINVAL and not self.sockets.can_open(target.socket_key):
            self._not_sent(target, gone)
        elif error.errno in _UNREACHABLE:
            # The link did not carry it: sent, and lost. EINVAL is what a blackhole route says.
            target.counts.count_lost(self._minute())
            target.tell(failure_of(error))
        else:
            self._not_sent(target, failure_of(error))

    def _not_sent(self, target: EchoTarget, failure: ProbeFailure) -> None:
        """Count a request that this host would not send.

        Where the source was there before, it went away with the link (PPP, DHCP): that is the link's loss.
        """
        if failure.reason is ProbeReason.SOURCE and target.counts.received:
            target.counts.count_lost(self._minute())
        else:
            target.counts.count_suppressed(SuppressedReason.REFUSED_HERE)
        target.tell(failure)

    def _read(self, socket: IcmpSocket) -> None:
        steady, wall = self._clocks.steady(), self._clocks.wall()
        for arrival in socket.receive():
            flight = self._flights.get(arrival.mark.number) if arrival.mark.cookie == self.cookie else None
            if flight is not None:
                self._take(flight, _rtt_ns(flight, arrival.wall_ns, steady, wall), wall)

    def _take(self, flight: _Flight, rtt_ns: int, wall: int) -> None:
        match flight.state:
            case _State.WAITING if rtt_ns <= flight.timeout_ns:
                flight.counts.count_reply(rtt_ns / NANOSECONDS, wall // (60 * NANOSECONDS))
                flight.state = _State.ANSWERED
            case _State.WAITING:
                flight.counts.count_lost(wall // (60 * NANOSECONDS))
                flight.counts.late += 1
                flight.state = _State.ANSWERED
            case _State.LOST:
                flight.counts.late += 1
                flight.state = _State.ANSWERED
            case _State.ANSWERED:
                flight.counts.duplicates += 1
            case _State.WITHDRAWN:
                # It is told as suppressed already; a further reply of it would be a duplicate.
                flight.state = _State.ANSWERED

    def _settle(self, now: int, disturbed: DisturbanceKind | None) -> None:
        """Judge requests whose time is over. What waits in the sockets is read first: it may have come in time."""
        for shared in self.sockets:
            self._read(shared.socket)
        overflown = {id(shared) for shared in self.sockets if shared.has_dropped_more()}
        if disturbed is not None or overflown:
            self._withdraw(disturbed, overflown)
        while self._deadlines and self._deadlines[0][0] <= now:
            _, number = heapq.heappop(self._deadlines)
            flight = self._flights[number]
            if flight.state is _State.WAITING:
                flight.counts.count_lost(self._minute())
                flight.state = _State.LOST
            self._settled.append((now + int(REMEMBER_SECONDS * NANOSECONDS), number))
        while self._settled and self._settled[0][0] <= now:
            del self._flights[self._settled.popleft()[1]]
        self.sockets.close_idle()

    def _withdraw(self, disturbed: DisturbanceKind | None, overflown: set[int]) -> None:
        """Take back what was out while this host was not to be relied on."""
        for flight in self._flights.values():
            if flight.state is not _State.WAITING:
                continue
            if disturbed is not None:
                flight.counts.count_suppressed(SuppressedReason(disturbed.value))
                flight.state = _State.WITHDRAWN
            elif id(flight.shared) in overflown:
                flight.counts.count_suppressed(SuppressedReason.RECEIVE_BUFFER)
                flight.state = _State.WITHDRAWN

    def _minute(self) -> int:
        return self._clocks.wall() // (60 * NANOSECONDS)


def _rtt_ns(flight: _Flight, arrival_wall_ns: int | None, steady: int, wall: int) -> int:
    """The round-trip time by the kernel's stamp; by our own reading where there is none or the wall clock was set."""
    elapsed = steady - flight.steady_ns
    if arrival_wall_ns is None:
        return elapsed
    by_stamp = arrival_wall_ns - flight.wall_ns
    slack = CLOCK_SLACK_NS + elapsed * TRUSTED_DRIFT
    # A reply comes after its request and before it is read.
    trusted = abs((wall - flight.wall_ns) - elapsed) <= slack and 0 <= by_stamp <= elapsed + slack
    return by_stamp if trusted else elapsed
