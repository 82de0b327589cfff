"""The state of every device and interface at any instant: a pure function of scenario, seed and time.

Owns what a fault does. It must not know SNMP, metrics or files: `mib` and `samples` tell its state in
their own words, so that the live agents and the past month cannot disagree.
"""

import random
from bisect import bisect_right
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import accumulate
from math import sin, tau
from typing import TypeAlias

from lab.parts import READINGS, SESSIONS, Reading, Session
from lab.scenario import (
    BgpFlaps,
    DeviceOutage,
    DeviceReading,
    InterfaceErrors,
    InterfaceUtilisation,
    MeasurementGap,
    PlannedWork,
)
from lab.timeline import Stretch, Timeline, find_stretch
from lab.topology import DEVICES, Device, Interface
from lab.traffic import ByteCount, usual_traffic

HISTORY_BEFORE_SECONDS = 100 * 86400
"""All counting begins so long before the timeline, so that its devices have been up for a while."""

BYTES_PER_PACKET = 740
BUSIEST_QUARTER = 0.375
"""A reading is highest a quarter of a day after this share of the day: at three in the afternoon."""

MULTICAST_SHARE = 0.003
BROADCAST_SHARE = 0.001


_Replaced: TypeAlias = list[tuple[Stretch, float]]


@dataclass(frozen=True, slots=True)
class Direction:
    """What went one way through an interface since its device started."""

    bytes: int
    unicast: int
    multicast: int
    broadcast: int
    errors: int
    discards: int


@dataclass(frozen=True, slots=True)
class InterfaceState:
    """An interface at an instant."""

    interface: Interface
    operational: bool
    changed_seconds: float
    """When it last went up or down, in seconds since the device's start."""

    receive: Direction
    transmit: Direction


@dataclass(frozen=True, slots=True)
class SessionState:
    """A BGP session at an instant."""

    session: Session
    established: bool
    transitions: int
    """How often it was established since the device's start."""

    seconds: float
    """Since it was last established or lost."""


@dataclass(frozen=True, slots=True)
class DeviceState:
    """A device at an instant."""

    device: Device
    uptime_seconds: float
    interfaces: tuple[InterfaceState, ...]
    readings: Mapping[str, int]
    """What it tells of its parts, by the reading's key."""

    sessions: tuple[SessionState, ...]


class InterfaceCount:
    """The counters of one interface."""

    def __init__(self, device: Device, interface: Interface, model: "Model") -> None:
        timeline, capacity = model.timeline, interface.speed_mbps * 1e6 / 8
        name = f"{device.name}:{interface.name}"
        dead = [(stretch, 0.0) for stretch in model.silences(interface.peer)] if interface.peer else []
        busy = [
            (stretch, fault.level * capacity)
            for fault, stretches in timeline.of_kind(InterfaceUtilisation)
            if (fault.device, fault.interface) == (device.name, interface.name)
            for stretch in stretches
        ]
        self._errors = sorted(
            (stretch, fault.ratio)
            for fault, stretches in timeline.of_kind(InterfaceErrors)
            if (fault.device, fault.interface) == (device.name, interface.name)
            for stretch in stretches
        )
        self._dead = [stretch for stretch, _ in dead]
        self.receive = self._count(f"{name}:receive", capacity, interface.receive_share, model, [*dead, *busy])
        self.transmit = self._count(f"{name}:transmit", capacity, interface.transmit_share, model, dead)
        self._connected = interface.connected
        damages = (self._damage(index, stretch.end) for index, (stretch, _) in enumerate(self._errors))
        self._damaged_before = [0.0, *accumulate(damages)]

    @staticmethod
    def _count(name: str, capacity: float, share: float, model: "Model", replaced: _Replaced) -> ByteCount:
        return ByteCount(usual_traffic(share * capacity, model.origin, model.timeline, name), replaced)

    def operational(self, instant: float) -> bool:
        """Whether the link is up: something is plugged in, and the other end has power."""
        return self._connected and find_stretch(self._dead, instant) is None

    def last_change(self, instant: float) -> float | None:
        """When the peer last came or went before `instant`; None: not since the beginning."""
        index = bisect_right(self._dead, instant, key=lambda stretch: stretch.start) - 1
        if index < 0:
            return None
        latest = self._dead[index]
        return latest.end if latest.end <= instant else latest.start

    def damaged(self, instant: float) -> float:
        """Packets damaged until `instant`: such a share of all packets as the scenario says."""
        index = bisect_right(self._errors, instant, key=lambda error: error[0].start) - 1
        if index < 0:
            return 0.0
        return self._damaged_before[index] + self._damage(index, min(instant, self._errors[index][0].end))

    def _damage(self, index: int, until: float) -> float:
        stretch, ratio = self._errors[index]
        return ratio / (1 - ratio) * (self._packets(until) - self._packets(stretch.start))

    def _packets(self, instant: float) -> float:
        return (self.receive.total(instant) + self.transmit.total(instant)) / BYTES_PER_PACKET


class Model:
    """The whole lab on one timeline."""

    def __init__(self, timeline: Timeline) -> None:
        self.timeline = timeline
        self.origin = timeline.start - HISTORY_BEFORE_SECONDS
        self._outages = {name: self._find_outages(name) for name in DEVICES}
        self._boots = {name: self._find_boots(name) for name in DEVICES}
        self.counts = {
            (device.name, interface.name): InterfaceCount(device, interface, self)
            for device in DEVICES.values()
            for interface in device.interfaces
        }
        self._downs = {
            (device, session.peer): self._find_downs(device, session)
            for device, sessions in SESSIONS.items()
            for session in sessions
        }
        self.gaps = [stretch for _, stretches in timeline.of_kind(MeasurementGap) for stretch in stretches]

    def silences(self, device: str) -> list[Stretch]:
        """When `device` is off, planned or not, in order."""
        return self._outages[device]

    def answers(self, device: str, instant: float) -> bool:
        """Whether `device` has power at `instant`."""
        return find_stretch(self._outages[device], instant) is None

    def boot(self, device: str, instant: float) -> float:
        """When `device` last started before `instant`, seconds since 1970."""
        boots = self._boots[device]
        return boots[max(bisect_right(boots, instant) - 1, 0)]

    def device(self, name: str, instant: float) -> DeviceState:
        """All that `name` would tell at `instant`, were it asked."""
        device, boot = DEVICES[name], self.boot(name, instant)
        interfaces = tuple(self._interface(device, interface, boot, instant) for interface in device.interfaces)
        readings = {one.key: self.told(name, one, [instant])[0] for one in READINGS[name]}
        sessions = tuple(self.session(name, one, instant) for one in SESSIONS.get(name, ()))
        return DeviceState(device, instant - boot, interfaces, readings, sessions)

    def told(self, device: str, reading: Reading, instants: Sequence[float]) -> list[int]:
        """What `device` tells as `reading` at each instant."""
        struck = [
            (stretch, reading.shown[0].told(fault.value))
            for fault, stretches in self.timeline.of_kind(DeviceReading)
            if (fault.device, fault.reading) == (device, reading.key)
            for stretch in stretches
        ]
        if not struck and not reading.swing:
            return [reading.usual] * len(instants)
        midnight = self.timeline.start

        def at(instant: float) -> int:
            for stretch, value in struck:
                if stretch.contains(instant):
                    return value
            return reading.usual + round(reading.swing * sin(tau * ((instant - midnight) / 86400 - BUSIEST_QUARTER)))

        return [at(instant) for instant in instants]

    def session(self, device: str, session: Session, instant: float) -> SessionState:
        """The session of `device` at `instant`."""
        boot, downs = self.boot(device, instant), self._downs[device, session.peer]
        down = find_stretch(downs, instant)
        edges = [edge for one in downs for edge in (one.start, one.end) if boot < edge <= instant]
        return SessionState(
            session,
            down is None,
            1 + sum(1 for one in downs if boot < one.end <= instant),
            instant - max(edges, default=boot),
        )

    def _interface(self, device: Device, interface: Interface, boot: float, instant: float) -> InterfaceState:
        count = self.counts[device.name, interface.name]
        changed = count.last_change(instant)
        return InterfaceState(
            interface,
            count.operational(instant),
            max((changed or boot) - boot, 0.0),
            _direction(
                count.receive.total(instant) - count.receive.total(boot), count.damaged(instant) - count.damaged(boot)
            ),
            _direction(count.transmit.total(instant) - count.transmit.total(boot), 0),
        )

    def _find_outages(self, name: str) -> list[Stretch]:
        outages: list[tuple[DeviceOutage | PlannedWork, tuple[Stretch, ...]]] = [
            *self.timeline.of_kind(DeviceOutage),
            *self.timeline.of_kind(PlannedWork),
        ]
        return _merge(stretch for fault, stretches in outages if fault.device == name for stretch in stretches)

    def _find_downs(self, device: str, session: Session) -> list[Stretch]:
        flaps = [
            (fault, stretch)
            for fault, stretches in self.timeline.of_kind(BgpFlaps)
            if (fault.device, fault.peer) == (device, session.peer)
            for stretch in stretches
        ]
        return _merge(
            Stretch(start, start + fault.down_minutes * 60)
            for fault, stretch in flaps
            for start in range(int(stretch.start), int(stretch.end), fault.every_minutes * 60)
        )

    def _find_boots(self, name: str) -> list[float]:
        days = random.Random(f"{self.timeline.seed}/{name}/boot").uniform(1, 60)
        return [self.origin + int(days * 86400), *(stretch.end for stretch in self._outages[name])]


def _merge(stretches: Iterable[Stretch]) -> list[Stretch]:
    merged: list[Stretch] = []
    for stretch in sorted(stretches):
        if merged and stretch.start <= merged[-1].end:
            merged[-1] = Stretch(merged[-1].start, max(merged[-1].end, stretch.end))
        else:
            merged.append(stretch)
    return merged


def _direction(count: float, errors: float) -> Direction:
    packets = count / BYTES_PER_PACKET
    return Direction(
        int(count), int(packets), int(packets * MULTICAST_SHARE), int(packets * BROADCAST_SHARE), int(errors), 0
    )
