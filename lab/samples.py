"""The past as series: those that the exporter and Prometheus would have recorded.

Owns names, labels and values of the history. Names follow the metrics contract; a test holds them against
the real exporter at a frozen instant. It must not run programs or know where files go.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, TypeAlias

from exporter.metrics import RTT_BUCKETS_SECONDS
from lab.link_state import EchoCount, probe_passes, symptom_at
from lab.mib import mac_address
from lab.model import BYTES_PER_PACKET, Model, SessionState
from lab.parts import READINGS, SESSIONS
from lab.scenario import Service
from lab.timeline import find_stretch, planned_objects, planned_windows
from lab.topology import DEVICES, LINKS, Device, Interface

Labels: TypeAlias = Mapping[str, str]
Values: TypeAlias = Sequence[float] | float
"""One for each instant, or one for all."""

DEVICE_JOB = "dcnet-devices"
EXPORTER_JOB = "dcnet-exporter"
EXPORTER_INSTANCE = "exporter"
USUAL_JITTER_SECONDS = 0.0015


@dataclass(frozen=True, slots=True)
class Series:
    """Samples of one series."""

    name: str
    labels: Labels
    instants: Sequence[int]
    """Seconds since 1970, rising."""

    values: Values


def device_labels(device: Device, site: str) -> dict[str, str]:
    """The labels that service discovery gives every series of a device."""
    return {
        "instance": device.name,
        "job": DEVICE_JOB,
        "site": site,
        "role": device.role,
        "parent": device.parent,
    }


def series_between(model: Model, inventory: Mapping[str, Any], instants: Sequence[int]) -> Iterator[Series]:
    """Every series of the lab at `instants`, without those that lie in a measurement gap.

    `inventory` is the document of `inventory.yml`.
    """
    measured = [instant for instant in instants if find_stretch(model.gaps, instant) is None]
    if not measured:
        return
    for device in DEVICES.values():
        yield from _device_series(model, device, inventory["site"]["name"], measured)
    base = {"instance": EXPORTER_INSTANCE, "job": EXPORTER_JOB}
    yield Series("up", base, measured, 1)
    yield from _inventory_series(inventory, base, measured)
    for link in inventory["links"]:
        yield from _link_series(model, link, base, measured)
    for name, work, window in planned_windows(model.timeline):
        inside = [instant for instant in measured if window.contains(instant)]
        if inside:
            for announced in planned_objects(work):
                yield Series("dcnet_maintenance", {**base, "object": announced, "window": name}, inside, 1)


def _device_series(model: Model, device: Device, site: str, measured: Sequence[int]) -> Iterator[Series]:
    labels = device_labels(device, site)
    alive = [instant for instant in measured if model.answers(device.name, instant)]
    powered = set(alive)
    yield Series("up", labels, measured, 1)
    yield Series("dcnet_up", labels, measured, 1 if alive == measured else [int(t in powered) for t in measured])
    if not alive:
        return
    boots = [model.boot(device.name, instant) for instant in alive]
    yield Series("dcnet_device_uptime_seconds", labels, alive, [int(t - b) for t, b in zip(alive, boots, strict=True)])
    for interface in device.interfaces:
        yield from _interface_series(model, (device, interface), labels, alive, boots)
    for reading in READINGS[device.name]:
        told = model.told(device.name, reading, alive)
        for shown in reading.shown:
            yield Series(shown.metric, {**labels, **shown.labels}, alive, _steady([shown.value(one) for one in told]))
    for session in SESSIONS.get(device.name, ()):
        yield from _session_series([model.session(device.name, session, instant) for instant in alive], labels, alive)


def _interface_series(
    model: Model, names: tuple[Device, Interface], labels: Labels, alive: Sequence[int], boots: Sequence[float]
) -> Iterator[Series]:
    device, interface = names
    count = model.counts[device.name, interface.name]
    own = {**labels, "interface": interface.name, "alias": interface.alias}
    info = {
        "index": str(interface.index),
        "description": interface.description,
        "type": "ethernet",
        "mac": mac_address(device, interface.index).hex(":"),
    }
    yield Series("dcnet_interface_info", {**own, **info}, alive, 1)
    yield Series("dcnet_interface_admin_up", own, alive, 1)
    yield Series("dcnet_interface_oper_up", own, alive, _steady([int(count.operational(t)) for t in alive]))
    yield Series("dcnet_interface_speed_bits_per_second", own, alive, interface.speed_mbps * 1_000_000)
    yield Series("dcnet_interface_full_duplex", own, alive, 1)
    for way, share, total in (
        ("receive", interface.receive_share, count.receive.total),
        ("transmit", interface.transmit_share, count.transmit.total),
    ):
        octets: Sequence[float] = _since(total, alive, boots) if share else [0.0]
        packets = [int(value / BYTES_PER_PACKET) for value in octets]
        yield Series(f"dcnet_interface_{way}_bytes_total", own, alive, _steady([int(value) for value in octets]))
        yield Series(f"dcnet_interface_{way}_unicast_packets_total", own, alive, _steady(packets))
    damaged = _steady([int(value) for value in _since(count.damaged, alive, boots)])
    yield Series("dcnet_interface_receive_errors_total", own, alive, damaged)
    for quiet in ("transmit_errors", "receive_discards", "transmit_discards"):
        yield Series(f"dcnet_interface_{quiet}_total", own, alive, 0)


def _session_series(states: Sequence[SessionState], labels: Labels, alive: Sequence[int]) -> Iterator[Series]:
    session = states[0].session
    own = {**labels, "peer": session.peer, "remote_as": str(session.remote_as)}
    yield Series("dcnet_bgp_peer_established", own, alive, _steady([int(one.established) for one in states]))
    yield Series("dcnet_bgp_peer_admin_up", own, alive, 1)
    yield Series("dcnet_bgp_peer_transitions_total", own, alive, _steady([one.transitions for one in states]))


def _since(total: Callable[[float], float], instants: Sequence[int], boots: Sequence[float]) -> list[float]:
    """What `total` grew by since the device's start, at each instant."""
    at_boot = {boot: total(boot) for boot in set(boots)}
    return [total(instant) - at_boot[boot] for instant, boot in zip(instants, boots, strict=True)]


def _steady(values: Sequence[float]) -> Values:
    return values[0] if values.count(values[0]) == len(values) else values


def _inventory_series(inventory: Mapping[str, Any], base: Labels, measured: Sequence[int]) -> Iterator[Series]:
    site = inventory["site"]["name"]
    for kind, entries in (("device", inventory["devices"]), ("link", inventory["links"])):
        for entry in entries:
            labels = {
                "object": entry["name"],
                "kind": kind,
                "site": site,
                "role": "internet_link" if kind == "link" else entry["role"],
                "parent": entry["device"] if kind == "link" else entry.get("parent", ""),
            }
            yield Series("dcnet_inventory_info", {**base, **labels}, measured, 1)
            for threshold in entry.get("thresholds", ()):
                interface = threshold.get("interface")
                name = f"{entry['name']}:{interface}" if interface else entry["name"]
                yield from _threshold_series(threshold, name, base, measured)
    for threshold in inventory.get("thresholds", ()):
        yield from _threshold_series(threshold, "", base, measured)


def _threshold_series(
    threshold: Mapping[str, Any], name: str, base: Labels, measured: Sequence[int]
) -> Iterator[Series]:
    for period in ("", "month"):
        for severity in ("warning", "critical"):
            limit = threshold.get(f"{period}_{severity}" if period else severity)
            if limit is not None:
                labels = {"indicator": threshold["indicator"], "severity": severity, "object": name, "period": period}
                yield Series("dcnet_threshold", {**base, **labels}, measured, limit)


def _link_series(model: Model, entry: Mapping[str, Any], base: Labels, measured: Sequence[int]) -> Iterator[Series]:
    own = {**base, "link": entry["name"], "provider": entry["provider"]}
    carried = {"device": entry["device"], "interface": entry["interface"], "circuit": entry["circuit"]}
    yield Series("dcnet_link_info", {**own, **carried}, measured, 1)
    contract = entry.get("contract", {})
    for key, metric, factor in (
        ("bandwidth_mbps", "bandwidth_bits_per_second", 1e6),
        ("availability_percent", "availability_ratio", 0.01),
        ("latency_ms", "latency_seconds", 0.001),
        ("loss_percent", "loss_ratio", 0.01),
    ):
        if key in contract:
            yield Series(f"dcnet_link_contract_{metric}", own, measured, contract[key] * factor)
    for probe in entry["probes"]:
        labels = {**own, "probe": probe["name"], "target": probe_target(probe)}
        if probe["kind"] == "icmp":
            yield from _echo_series(model, entry["name"], labels, measured)
        else:
            service = Service(probe["kind"])
            passes = [int(probe_passes(symptom_at(model.timeline, entry["name"], service, t))) for t in measured]
            yield Series("dcnet_link_probe_success", labels, measured, _steady(passes))


def probe_target(probe: Mapping[str, Any]) -> str:
    """The `target` label of a probe of the inventory."""
    match probe["kind"]:
        case "icmp":
            return str(probe["target"])
        case "dns":
            return f"{probe['query']}@{probe['server']}"
        case _:
            return str(probe["url"])


def _echo_series(model: Model, link: str, labels: Labels, measured: Sequence[int]) -> Iterator[Series]:
    count = EchoCount(LINKS[link], model.timeline, model.origin)
    received = count.received_series(measured)
    yield Series("dcnet_link_probe_sent_total", labels, measured, [count.sent(t) for t in measured])
    yield Series("dcnet_link_probe_received_total", labels, measured, received)
    yield Series("dcnet_link_probe_duplicate_total", labels, measured, 0)
    for bound in RTT_BUCKETS_SECONDS:
        within = count.received_series(measured, bound)
        yield Series("dcnet_link_rtt_seconds_bucket", {**labels, "le": repr(bound)}, measured, _steady(within))
    yield Series("dcnet_link_rtt_seconds_bucket", {**labels, "le": "+Inf"}, measured, received)
    yield Series("dcnet_link_rtt_seconds_count", labels, measured, received)
    yield Series("dcnet_link_jitter_seconds", labels, measured, USUAL_JITTER_SECONDS)
    seconds = [total / 1e6 for total in count.seconds_series(measured)]
    yield Series("dcnet_link_rtt_seconds_sum", labels, measured, seconds)
