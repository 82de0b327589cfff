"""The lab's devices as SNMP objects: which object identifiers a device has, and their values at an instant.

Owns the tables SNMPv2-MIB system, SNMP-FRAMEWORK-MIB snmpEngine, IF-MIB, EtherLike-MIB, ENTITY-MIB and BGP4-MIB;
the vendors' own objects stand in `parts`. It must not open sockets or know the wire.
"""

from bisect import bisect_right
from collections.abc import Callable, Iterator
from typing import Any, TypeAlias

from pysnmp.proto import rfc1902  # type: ignore[import-untyped]

from lab.model import DeviceState, Direction, InterfaceState, SessionState
from lab.parts import READINGS, SESSIONS, Oid, Session, fixed_objects
from lab.topology import Device

Getter: TypeAlias = Callable[[DeviceState], Any]
"""Gives the object's value as a pysnmp SMIv2 type."""

SYSTEM = (1, 3, 6, 1, 2, 1, 1)
ENGINE = (1, 3, 6, 1, 6, 3, 10, 2, 1)
IF_NUMBER = (1, 3, 6, 1, 2, 1, 2, 1, 0)
IF_ENTRY = (1, 3, 6, 1, 2, 1, 2, 2, 1)
IF_X_ENTRY = (1, 3, 6, 1, 2, 1, 31, 1, 1, 1)
DOT3_DUPLEX = (1, 3, 6, 1, 2, 1, 10, 7, 2, 1, 19)
PHYSICAL_ENTRY = (1, 3, 6, 1, 2, 1, 47, 1, 1, 1, 1)

ETHERNET_CSMACD = 6
"""IANAifType-MIB."""

FULL_DUPLEX = 3
"""EtherLike-MIB dot3StatsDuplexStatus."""

BGP_PEER_ENTRY = (1, 3, 6, 1, 2, 1, 15, 3, 1)
ESTABLISHED, ACTIVE, STARTED = 6, 3, 2
"""BGP4-MIB bgpPeerState and bgpPeerAdminStatus."""

CHASSIS = 3
"""ENTITY-MIB PhysicalClass."""

MAX_32 = 2**32
HIGHEST_GAUGE_32 = MAX_32 - 1


class DeviceMib:
    """All objects of one device, in the order of their identifiers."""

    def __init__(self, device: Device) -> None:
        self._getters = dict(_system(device) + _physical(device))
        for position, interface in enumerate(device.interfaces):
            self._getters |= dict(_interface(device, position, interface.index))
        self._getters |= dict(_parts(device))
        for position, session in enumerate(SESSIONS.get(device.name, ())):
            self._getters |= dict(_session(session, position))
        self._order = sorted(self._getters)

    def value(self, oid: Oid, state: DeviceState) -> Any | None:
        """The value of `oid`; None: the device has no such object."""
        getter = self._getters.get(oid)
        return None if getter is None else getter(state)

    def next_oid(self, oid: Oid) -> Oid | None:
        """The first object after `oid`; None: there is none."""
        index = bisect_right(self._order, oid)
        return self._order[index] if index < len(self._order) else None

    def __iter__(self) -> Iterator[Oid]:
        return iter(self._order)


def mac_address(device: Device, index: int) -> bytes:
    """A locally administered address, different for every port of the lab."""
    third, fourth = (int(part) for part in device.address.split(".")[2:])
    return bytes([0x02, 0xDC, third, fourth, index >> 8 & 0xFF, index & 0xFF])


def _system(device: Device) -> list[tuple[Oid, Getter]]:
    text = rfc1902.OctetString
    fixed: list[tuple[Oid, Any]] = [
        ((*SYSTEM, 1, 0), text(device.description)),
        ((*SYSTEM, 2, 0), rfc1902.ObjectIdentifier(device.object_id)),
        ((*SYSTEM, 4, 0), text("noc@dcnet.test")),
        ((*SYSTEM, 5, 0), text(f"{device.name}.dcnet.test")),
        ((*SYSTEM, 6, 0), text("Data center lab")),
        ((*SYSTEM, 7, 0), rfc1902.Integer32(78)),
        (IF_NUMBER, rfc1902.Integer32(len(device.interfaces))),
        ((*ENGINE, 2, 0), rfc1902.Integer32(1)),
    ]
    return [
        *((oid, _always(value)) for oid, value in fixed),
        # TimeTicks are hundredths and wrap at 497 days (RFC 2578 section 7.1.8).
        ((*SYSTEM, 3, 0), lambda state: rfc1902.TimeTicks(int(state.uptime_seconds * 100) % MAX_32)),
        ((*ENGINE, 3, 0), lambda state: rfc1902.Integer32(int(state.uptime_seconds))),
    ]


def _physical(device: Device) -> list[tuple[Oid, Getter]]:
    text = rfc1902.OctetString
    columns = {
        2: text(f"{device.vendor} {device.model} chassis"),
        3: rfc1902.ObjectIdentifier(device.object_id),
        4: rfc1902.Integer32(0),
        5: rfc1902.Integer32(CHASSIS),
        6: rfc1902.Integer32(-1),
        7: text("Chassis"),
        8: text("V01"),
        9: text(""),
        10: text(device.operating_system),
        11: text(device.serial),
        12: text(device.vendor),
        13: text(device.model),
        16: rfc1902.Integer32(1),
    }
    return [((*PHYSICAL_ENTRY, column, 1), _always(value)) for column, value in columns.items()]


def _parts(device: Device) -> list[tuple[Oid, Getter]]:
    def reading(key: str) -> Getter:
        return lambda state: rfc1902.Integer32(state.readings[key])

    def fixed(value: int | str) -> Getter:
        return _always(rfc1902.OctetString(value) if isinstance(value, str) else rfc1902.Integer32(value))

    return [
        *((oid, fixed(value)) for oid, value in fixed_objects(device.name).items()),
        *((one.oid, reading(one.key)) for one in READINGS[device.name]),
    ]


def _session(session: Session, position: int) -> list[tuple[Oid, Getter]]:
    def of(tell: Callable[[SessionState], Any]) -> Getter:
        return lambda state: tell(state.sessions[position])

    address = rfc1902.IpAddress
    columns: dict[int, Getter] = {
        2: of(lambda one: rfc1902.Integer32(ESTABLISHED if one.established else ACTIVE)),
        3: _always(rfc1902.Integer32(STARTED)),
        5: of(lambda one: address(session.local if one.established else "0.0.0.0")),  # noqa: S104 - no address yet
        7: _always(address(session.peer)),
        9: _always(rfc1902.Integer32(session.remote_as)),
        15: of(lambda one: rfc1902.Counter32(one.transitions)),
        16: of(lambda one: rfc1902.Gauge32(int(one.seconds))),
    }
    peer = tuple(int(part) for part in session.peer.split("."))
    return [((*BGP_PEER_ENTRY, column, *peer), getter) for column, getter in columns.items()]


def _interface(device: Device, position: int, index: int) -> list[tuple[Oid, Getter]]:
    interface = device.interfaces[position]

    def of(tell: Callable[[InterfaceState], Any]) -> Getter:
        return lambda state: tell(state.interfaces[position])

    def counter(kind: Callable[[int], Any], pick: Callable[[InterfaceState], int]) -> Getter:
        size = MAX_32 if kind is rfc1902.Counter32 else 2**64
        return lambda state: kind(pick(state.interfaces[position]) % size)

    text, number, gauge = rfc1902.OctetString, rfc1902.Integer32, rfc1902.Gauge32
    low: dict[int, Getter] = {
        1: _always(number(index)),
        2: _always(text(interface.description)),
        3: _always(number(ETHERNET_CSMACD)),
        4: _always(number(1500)),
        5: _always(gauge(min(interface.speed_mbps * 1_000_000, HIGHEST_GAUGE_32))),
        6: _always(text(mac_address(device, index))),
        7: _always(number(1)),
        8: of(lambda state: number(1 if state.operational else 2)),
        9: of(lambda state: rfc1902.TimeTicks(int(state.changed_seconds * 100) % MAX_32)),
    }
    high: dict[int, Getter] = {
        1: _always(text(interface.name)),
        15: _always(gauge(interface.speed_mbps)),
        18: _always(text(interface.alias)),
    }
    for octets, multicast, octets_64, way in ((10, 2, 6, _receive), (16, 4, 10, _transmit)):
        for column, name in enumerate(("bytes", "unicast"), start=octets):
            low[column] = counter(rfc1902.Counter32, _field(way, name))
        for column, name in ((octets + 3, "discards"), (octets + 4, "errors")):
            low[column] = counter(rfc1902.Counter32, _field(way, name))
        for column, name in ((multicast, "multicast"), (multicast + 1, "broadcast")):
            high[column] = counter(rfc1902.Counter32, _field(way, name))
        for column, name in enumerate(("bytes", "unicast", "multicast", "broadcast"), start=octets_64):
            high[column] = counter(rfc1902.Counter64, _field(way, name))
    return [
        *(((*IF_ENTRY, column, index), getter) for column, getter in low.items()),
        *(((*IF_X_ENTRY, column, index), getter) for column, getter in high.items()),
        ((*DOT3_DUPLEX, index), _always(number(FULL_DUPLEX))),
    ]


def _receive(state: InterfaceState) -> Direction:
    return state.receive


def _transmit(state: InterfaceState) -> Direction:
    return state.transmit


def _field(way: Callable[[InterfaceState], Direction], name: str) -> Callable[[InterfaceState], int]:
    return lambda state: int(getattr(way(state), name))


def _always(value: Any) -> Getter:
    return lambda _: value
