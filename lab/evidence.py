"""What each fault of a scenario does to which indicators, and for how long: reasoned from its size and length.

Owns the step from a fault to evidence. It must not judge: `truth` does.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeAlias, assert_never

from dcnet.catalogue import Component, object_of
from exporter.metrics import RTT_BUCKETS_SECONDS
from lab.link_state import probe_passes
from lab.parts import READINGS, Shown, reading_of
from lab.scenario import (
    BgpFlaps,
    DeviceOutage,
    DeviceReading,
    Fault,
    InterfaceErrors,
    InterfaceUtilisation,
    LinkLatency,
    LinkLoss,
    LinkService,
    MeasurementGap,
    PlannedWork,
)
from lab.timeline import Stretch
from lab.topology import ports_facing

SAMPLE_SLACK_MINUTES = 3
"""A sample a minute, evaluated at another second of the minute, at either end of a stretch, three passes long."""

RATE_SLACK_MINUTES = 7
"""The same, and rates over five minutes that reach their level late and leave it late."""

HOUR_SLACK_MINUTES = 65
"""What looks back for an hour begins or ends so much later."""


@dataclass(frozen=True, slots=True)
class Range:
    """A figure that is known within bounds."""

    low: float
    high: float

    def __add__(self, other: "Range") -> "Range":
        return Range(self.low + other.low, self.high + other.high)


NOTHING, ALL, PERHAPS = Range(0, 0), Range(1, 1), Range(0, 1e9)
"""Of a share or state; the last: whatever it may be."""


@dataclass(frozen=True, slots=True)
class Evidence:
    """What one fault does to one indicator of one object."""

    object: str
    indicator: str
    value: Range
    """The indicator's value while the fault lasts."""

    stretches: tuple[Stretch, ...]
    slack_minutes: int
    reason: str


_Tell: TypeAlias = Callable[[str, str, Range, int], list[Evidence]]


def evidence_of(fault: Fault, stretches: tuple[Stretch, ...]) -> list[Evidence]:
    """What `fault` does in each of its `stretches`."""

    def one(name: str, indicator: str, value: Range, slack: int) -> list[Evidence]:
        return [Evidence(name, indicator, value, stretches, slack, fault.why)] if stretches else []

    match fault:
        case DeviceOutage():
            return [
                *one(fault.device, "device_availability", NOTHING, SAMPLE_SLACK_MINUTES),
                *_restarts(fault, stretches),
                # Whoever is plugged into a dead device sees its port go down.
                *(found for port in ports_facing(fault.device) for found in one(port, "interface_down", ALL, 3)),
            ]
        case InterfaceErrors():
            ratio = Range(fault.ratio, fault.ratio)
            return one(f"{fault.device}:{fault.interface}", "interface_errors", ratio, RATE_SLACK_MINUTES)
        case InterfaceUtilisation():
            level = Range(fault.level, fault.level)
            return one(f"{fault.device}:{fault.interface}", "interface_utilisation", level, RATE_SLACK_MINUTES)
        case LinkLoss():
            # Echoes are lost at random elsewhere; here the count is exact to a packet in five minutes.
            ratio = Range(fault.ratio * 0.8, fault.ratio * 1.2)
            return [
                *one(fault.link, "link_loss", ratio, RATE_SLACK_MINUTES),
                *one(fault.link, "link_contract", PERHAPS, HOUR_SLACK_MINUTES),
            ]
        case LinkLatency():
            # A histogram tells a quantile only within its bucket.
            above = [bound for bound in RTT_BUCKETS_SECONDS if bound > fault.seconds * 1.1]
            seconds = Range(fault.seconds * 0.9, min(above, default=fault.seconds))
            return [
                *one(fault.link, "link_latency", seconds, RATE_SLACK_MINUTES),
                *one(fault.link, "link_contract", PERHAPS, HOUR_SLACK_MINUTES),
            ]
        case LinkService():
            passes = Range(1, 1) if probe_passes(fault.symptom) else NOTHING
            return [
                found
                for service in sorted(set(fault.services))
                for found in one(fault.link, f"link_{service.value}", passes, SAMPLE_SLACK_MINUTES)
            ]
        case DeviceReading():
            shown = reading_of(fault.device, fault.reading).shown
            told = shown[0].told(fault.value)
            return [found for each in shown for found in _of_metric(fault, each, each.value(told), one)]
        case BgpFlaps():
            return _of_flaps(fault, stretches)
        case PlannedWork() | MeasurementGap():
            return []
        case _:
            assert_never(fault)


def _restarts(outage: DeviceOutage, stretches: tuple[Stretch, ...]) -> list[Evidence]:
    """Each is told for the rest of the hour that began with the device's last answer."""
    told = tuple(Stretch(one.end, max(one.start + 3600, one.end)) for one in stretches)
    if not told:
        return []
    return [Evidence(outage.device, "device_restarts", Range(1, 1), told, SAMPLE_SLACK_MINUTES, outage.why)]


def _of_metric(fault: DeviceReading, shown: Shown, value: float, one: "_Tell") -> list[Evidence]:
    """What a part of a device that tells `value` means to the indicators that stand on its metric."""

    def named(component: Component) -> str:
        return object_of(component, {"instance": fault.device, **shown.labels})

    same = Range(value, value)
    match shown.metric:
        case "dcnet_cpu_usage_ratio":
            return one(named(Component.PROCESSOR), "cpu_usage", same, RATE_SLACK_MINUTES)
        case "dcnet_memory_usage_ratio":
            return one(named(Component.MEMORY), "memory_usage", same, SAMPLE_SLACK_MINUTES)
        case "dcnet_storage_used_bytes":
            (size,) = (one for one in READINGS[fault.device] if one.shown[0].metric == "dcnet_storage_size_bytes")
            share = value / size.shown[0].value(size.usual)
            return one(named(Component.STORAGE), "storage_usage", Range(share, share), SAMPLE_SLACK_MINUTES)
        case "dcnet_temperature_celsius":
            return one(named(Component.TEMPERATURE), "temperature", same, RATE_SLACK_MINUTES)
        case "dcnet_component_healthy":
            bad = Range(1 - value, 1 - value)
            return one(named(Component.PART), _health_indicator(shown), bad, SAMPLE_SLACK_MINUTES)
        case "dcnet_optic_receive_power_dbm":
            usual = reading_of(fault.device, fault.reading)
            drop = shown.value(usual.usual) - value
            swing = shown.value(usual.swing)
            return [
                *one(named(Component.OPTIC), "optic_receive_power", same, RATE_SLACK_MINUTES),
                *one(named(Component.OPTIC), "optic_receive_drop", Range(drop - swing, drop + swing), 20),
            ]
        case "dcnet_ups_on_battery":
            return one(named(Component.UPS), "ups_on_battery", same, SAMPLE_SLACK_MINUTES)
        case "dcnet_ups_battery_charge_ratio":
            return one(named(Component.UPS), "ups_battery", same, SAMPLE_SLACK_MINUTES)
        case "dcnet_ups_battery_healthy":
            return one(named(Component.UPS), "ups_battery_health", Range(1 - value, 1 - value), SAMPLE_SLACK_MINUTES)
        case "dcnet_ups_load_ratio":
            return one(named(Component.UPS), "ups_load", same, SAMPLE_SLACK_MINUTES)
        case _:
            raise ValueError(shown.metric)


def _health_indicator(shown: Shown) -> str:
    of_kind = {"fan": "fan_health", "power_supply": "power_supply_health", "battery_age": "ups_battery_health"}
    return of_kind.get(shown.labels["component"], "component_health")


def _of_flaps(fault: BgpFlaps, stretches: tuple[Stretch, ...]) -> list[Evidence]:
    """The minutes down, and each time that the session came back: one event."""
    name = object_of(Component.BGP_PEER, {"instance": fault.device, "peer": fault.peer})
    downs = tuple(
        Stretch(start, start + fault.down_minutes * 60)
        for stretch in stretches
        for start in range(int(stretch.start), int(stretch.end), fault.every_minutes * 60)
    )
    if not downs:
        return []
    back = tuple(Stretch(down.end, down.end + fault.every_minutes * 60) for down in downs)
    an_hour = 60 / fault.every_minutes
    return [
        # Each is a minute too short or too long at either end.
        Evidence(name, "bgp_down", ALL, downs, 1, fault.why),
        Evidence(name, "bgp_flaps", Range(0, an_hour + 1), back, 3, fault.why),
    ]
