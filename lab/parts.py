"""What the lab's devices tell of their parts: processors, memory, disk, heat, fans, light, battery, BGP sessions.

Pure tables: which object of a MIB tells it, and which metric the exporter makes of that. What changes with time
is in `model`; a test holds both against the real exporter.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TypeAlias

from lab.topology import DEVICES

Oid: TypeAlias = tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Shown:
    """A metric that the exporter makes of a reading."""

    metric: str
    labels: Mapping[str, str] = field(default_factory=dict)
    factor: float = 1
    """The metric's value is what the device tells times this, and then by `divisor`: as its profile reckons."""

    divisor: float = 1
    states: Mapping[int, int] = field(default_factory=dict)
    """Where the device tells a state: the metric's value of each; otherwise empty."""

    def value(self, told: int) -> float:
        """The metric's value."""
        return self.states[told] if self.states else told * self.factor / self.divisor

    def told(self, value: float) -> int:
        """What the device tells where the metric has `value`."""
        if self.states:
            return next(told for told, shown in self.states.items() if shown == value)
        return round(value * self.divisor / self.factor)


@dataclass(frozen=True, slots=True)
class Reading:
    """A number that a device tells of one of its parts."""

    key: str
    """What a scenario calls it."""

    oid: Oid
    usual: int
    """As the device tells it."""

    shown: tuple[Shown, ...]
    """A scenario gives values of the first."""

    swing: int = 0
    """How far it goes up and down with the time of day."""


@dataclass(frozen=True, slots=True)
class Session:
    """A BGP session with a neighbour (BGP4-MIB)."""

    peer: str
    remote_as: int
    local: str
    """The device's own address on it."""


PERCENT = 100
MIB = 1_048_576


def _oid(text: str) -> Oid:
    return tuple(int(part) for part in text.split("."))


def _percent(key: str, oid: str, usual: int, swing: int, metric: str, **labels: str) -> Reading:
    return Reading(key, _oid(oid), usual, (Shown(metric, labels, divisor=PERCENT),), swing)


def _part(key: str, oid: str, kind: str, name: str, *, works: int, broken: int) -> Reading:
    return Reading(key, _oid(oid), works, (_health(kind, name, works=works, broken=broken),))


def _health(kind: str, name: str, *, works: int, broken: int) -> Shown:
    return Shown("dcnet_component_healthy", {"component": kind, "name": name}, states={works: 1, broken: 0})


_JNX = "1.3.6.1.4.1.2636.3.1.13.1"
_ENGINE = "9.1.0.0"


def _light(device: str, port: str, divisor: float) -> tuple[Shown]:
    alias = next(one.alias for one in DEVICES[device].interfaces if one.name == port)
    labels = {"interface": port, "alias": alias, "lane": ""}
    return (Shown("dcnet_optic_receive_power_dbm", labels, divisor=divisor),)


def _edge(device: str) -> tuple[Reading, ...]:
    """JUNIPER-MIB jnxOperatingTable of the routing engine, JUNIPER-DOM-MIB of the port to the provider."""
    name = "Routing Engine 0"
    heat = Shown("dcnet_temperature_celsius", {"sensor": name})
    # Hundredths of dBm.
    light = _light(device, "ge-0/0/0", 100)
    return (
        _percent("cpu", f"{_JNX}.8.{_ENGINE}", 14, 8, "dcnet_cpu_usage_ratio", cpu=name),
        _percent("memory", f"{_JNX}.11.{_ENGINE}", 41, 2, "dcnet_memory_usage_ratio", pool=name),
        Reading("temperature", _oid(f"{_JNX}.7.{_ENGINE}"), 36, (heat,), 3),
        _part("engine", f"{_JNX}.6.{_ENGINE}", "operating", name, works=2, broken=6),
        Reading("light", _oid("1.3.6.1.4.1.2636.3.60.1.1.1.1.5.514"), -650, light, 10),
    )


def _switch(warmth: int) -> tuple[Reading, ...]:
    """CISCO-PROCESS-MIB cpmCPUTotal5minRev and CISCO-ENVMON-MIB."""
    environment = "1.3.6.1.4.1.9.9.13.1"
    inlet = Shown("dcnet_temperature_celsius", {"sensor": "Inlet"})
    return (
        _percent("cpu", "1.3.6.1.4.1.9.9.109.1.1.1.1.8.1", 17, 9, "dcnet_cpu_usage_ratio", cpu="Processor 1"),
        Reading("temperature", _oid(f"{environment}.3.1.3.1"), warmth, (inlet,), 3),
        _part("fan", f"{environment}.4.1.3.1", "fan", "Fan 1", works=1, broken=3),
        _part("power_supply", f"{environment}.5.1.3.1", "power_supply", "PS1", works=1, broken=6),
    )


def _core(device: str) -> tuple[Reading, ...]:
    """A switch, and CISCO-ENTITY-SENSOR-MIB of an optic: tenths of dBm."""
    light = _light(device, "Te1/0/4", 10)
    return (*_switch(27), Reading("light", _oid("1.3.6.1.4.1.9.9.91.1.1.1.1.4.1003"), -58, light, 1))


def _bytes(metric: str) -> tuple[Shown]:
    return (Shown(metric, {"volume": "Disk"}, factor=MIB),)


_FORTIGATE = "1.3.6.1.4.1.12356.101.4.1"
_FIREWALL = (
    _percent("cpu", f"{_FORTIGATE}.3.0", 22, 12, "dcnet_cpu_usage_ratio", cpu="System"),
    _percent("memory", f"{_FORTIGATE}.4.0", 48, 3, "dcnet_memory_usage_ratio", pool="Memory"),
    # fgSysDiskUsage, fgSysDiskCapacity: MiB
    Reading("disk", _oid(f"{_FORTIGATE}.6.0"), 61_000, _bytes("dcnet_storage_used_bytes"), 400),
    Reading("disk_size", _oid(f"{_FORTIGATE}.7.0"), 240_000, _bytes("dcnet_storage_size_bytes")),
)

_POWERNET = "1.3.6.1.4.1.318.1.1.1"
_ON_LINE, _ON_BATTERY = 2, 3
_UPS = (
    Reading(
        "output",
        _oid(f"{_POWERNET}.4.1.1.0"),
        _ON_LINE,
        (
            Shown("dcnet_ups_on_battery", states={_ON_LINE: 0, _ON_BATTERY: 1}),
            _health("ups_output", "Output", works=_ON_LINE, broken=_ON_BATTERY),
        ),
    ),
    _percent("charge", f"{_POWERNET}.2.2.1.0", 100, 0, "dcnet_ups_battery_charge_ratio"),
    Reading(
        "replace",
        _oid(f"{_POWERNET}.2.2.4.0"),
        1,
        (
            Shown("dcnet_ups_battery_healthy", states={1: 1, 2: 0}),
            _health("battery_age", "Battery", works=1, broken=2),
        ),
    ),
    _percent("load", f"{_POWERNET}.4.2.3.0", 37, 4, "dcnet_ups_load_ratio", phase="1"),
)

READINGS: Mapping[str, tuple[Reading, ...]] = {
    **{name: _edge(name) for name in ("edge-1", "edge-2")},
    **{name: _core(name) for name in ("core-1", "core-2")},
    **{f"access-{number}": _switch(29) for number in range(1, 5)},
    "fw-1": _FIREWALL,
    "ups-1": _UPS,
}
"""By device."""

SESSIONS: Mapping[str, tuple[Session, ...]] = {
    "edge-1": (Session("192.0.2.1", 64_501, "192.0.2.2"), Session("198.51.100.2", 64_500, "198.51.100.1")),
    "edge-2": (Session("192.0.2.9", 64_502, "192.0.2.10"), Session("198.51.100.1", 64_500, "198.51.100.2")),
}
"""By device: with its provider, and of the two edges with each other."""

_CISCO_NAMES: Mapping[str, int | str] = {
    "1.3.6.1.4.1.9.9.109.1.1.1.1.2.1": 0,
    "1.3.6.1.4.1.9.9.13.1.3.1.2.1": "Inlet",
    "1.3.6.1.4.1.9.9.13.1.3.1.6.1": 1,
    "1.3.6.1.4.1.9.9.13.1.4.1.2.1": "Fan 1",
    "1.3.6.1.4.1.9.9.13.1.5.1.2.1": "PS1",
}
_CISCO_OPTIC: Mapping[str, int | str] = {
    "1.3.6.1.2.1.47.1.1.1.1.2.1003": "Te1/0/4 Receive Power Sensor",
    "1.3.6.1.2.1.47.1.1.1.1.5.1003": 8,
    "1.3.6.1.2.1.47.1.1.1.1.7.1003": "Te1/0/4 Receive Power Sensor",
    # dBm, units, one decimal, ok
    "1.3.6.1.4.1.9.9.91.1.1.1.1.1.1003": 14,
    "1.3.6.1.4.1.9.9.91.1.1.1.1.2.1003": 9,
    "1.3.6.1.4.1.9.9.91.1.1.1.1.3.1003": 1,
    "1.3.6.1.4.1.9.9.91.1.1.1.1.5.1003": 1,
}
_JUNIPER_NAMES: Mapping[str, int | str] = {f"{_JNX}.5.{_ENGINE}": "Routing Engine 0", f"{_JNX}.15.{_ENGINE}": 16_384}

_FIXED: Mapping[str, Mapping[str, int | str]] = {
    "edge-1": _JUNIPER_NAMES,
    "edge-2": _JUNIPER_NAMES,
    "core-1": {**_CISCO_NAMES, **_CISCO_OPTIC},
    "core-2": {**_CISCO_NAMES, **_CISCO_OPTIC},
    **{f"access-{number}": _CISCO_NAMES for number in range(1, 5)},
    # fgSysMemCapacity, KiB
    "fw-1": {f"{_FORTIGATE}.5.0": 8_388_608},
    "ups-1": {f"{_POWERNET}.2.1.1.0": 2},
}


def fixed_objects(device: str) -> dict[Oid, int | str]:
    """The objects of `device` that say what its readings are, and never change."""
    return {_oid(oid): value for oid, value in _FIXED.get(device, {}).items()}


def reading_of(device: str, key: str) -> Reading:
    """The reading that a scenario calls `key`. Raises KeyError."""
    return {one.key: one for one in READINGS[device]}[key]
