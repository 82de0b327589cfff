"""What a Prometheus holds of two months of a fleet: September and October 2026 in Asia/Jakarta, as blocks.

Owns which series there are, and that faults are in them: what a month's questions read of scraped series, what the
rules would have recorded of them, and the rollups. A series is a `StoredSeries`: labels, how often it has a sample,
and the pattern of its values. Those with one pattern share their chunks (see `tsdb_block`).

A device that is down goes on telling its other series here: what a question costs is the same.
"""

import math
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import TypeAlias

from bench.fleet_series import INTERFACES, device_names, device_series, exporter_series
from bench.month_rollups import month_parts, of_day, summed
from bench.sample_patterns import (
    DAY,
    PHASES,
    Spans,
    Value,
    besides,
    daily,
    echoes,
    growing,
    since_daily,
    steady,
    within,
)
from bench.tsdb_block import Chunk, encode_chunks, write_block
from dcnet.catalogue import (
    Catalogue,
    CountOfEvents,
    Indicator,
    QuantileOfIndicator,
    Severity,
    belongs_to_link,
    object_of,
    owner_of,
)

SEPTEMBER, OCTOBER, NOVEMBER = 1_788_195_600, 1_790_787_600, 1_793_466_000
"""When each month begins in Asia/Jakarta, seconds since 1970; a test holds them against the calendar."""

HOUR = 3600
AROUND_SECONDS = 4 * HOUR
"""What is there before the first month and after the last, as for anyone who does not ask on the minute."""

BLOCK_SECONDS = 486 * HOUR
"""The longest block that Prometheus makes where it keeps a year: two hours times a power of three, within 31 days."""


@dataclass(frozen=True, slots=True)
class Cadence:
    """When a series has samples."""

    every_seconds: int
    phase_seconds: float
    """After the full interval; a target or a group of rules keeps its own."""


SCRAPED, RECORDED, HOURLY = Cadence(30, 11.417), Cadence(60, 23.08), Cadence(HOUR, 1834.5)
TEN_MINUTES, DAILY = Cadence(600, 41.2), Cadence(DAY, 30_034.5)


@dataclass(frozen=True, slots=True)
class StoredSeries:
    """One series of the store."""

    labels: Mapping[str, str]
    cadence: Cadence
    value: Value


def _october(day: float, hours: float) -> Spans:
    """So many hours from a day of October on."""
    start = OCTOBER + (day - 1) * DAY
    return ((start, start + hours * HOUR),)


# What happens in October.
DOWN_DEVICES = {"device-01": _october(6.4, 1), "device-02": _october(13.2, 1), "device-03": _october(20.7, 1)}
DEAD_LINKS = {"link-03": _october(9.3, 0.4), "link-07": _october(17.55, 0.4)}
LOSSY_LINKS = {"link-03": _october(11.6, 12), "link-07": _october(25.1, 12)}
LOSS = 0.6
STORMS = (_october(4.3, 30), _october(21.5, 20))
CROWDS = (_october(7.0, 80), _october(19.0, 60))
STORMY_PORT, CROWDED_PORT = 7, 32
"""The one on every second device, the other on those between: 2 % of all ports."""

WINDOWS = {"device-04": _october(15.0, 2), "link-05": _october(23.0, 3)}
ERRORS_IN_STORM = 0.02
CROWDED = 0.93
BUSY_FROM = INTERFACES // 2
"""From this port on they are over 30 % full, so that their rise is judged."""


def write_month(catalogue: Catalogue, interfaces: int, data: Path) -> int:
    """Write both months of so many interfaces, 50 a device and 1,000 at most, to a data folder; how many samples."""
    series = list(all_series(catalogue, interfaces // INTERFACES))
    samples = 0
    first, end = SEPTEMBER - AROUND_SECONDS, NOVEMBER + AROUND_SECONDS
    while first < end:
        last = min((first // BLOCK_SECONDS + 1) * BLOCK_SECONDS, end)
        chunks = [_chunks(one.value, one.cadence, first, last) for one in series]
        samples += sum(chunk.count for own in chunks for chunk in own)
        write_block(data, zip((one.labels for one in series), chunks, strict=True))
        first = last
    return samples


@cache
def _chunks(value: Value, cadence: Cadence, first: int, last: int) -> tuple[Chunk, ...]:
    """Kept: the same patterns are written for every size of fleet."""
    return encode_chunks(_samples(value, cadence, first, last))


def _samples(value: Value, cadence: Cadence, first: int, last: int) -> Iterator[tuple[int, float]]:
    at = first // cadence.every_seconds * cadence.every_seconds + cadence.phase_seconds
    while at < last:
        if at >= first and (found := value(at)) is not None:
            yield round(at * 1000), found
        at += cadence.every_seconds


def all_series(catalogue: Catalogue, devices: int) -> Iterator[StoredSeries]:
    """Everything: scraped, levels, indicators with their limits and what was past them, and rollups."""
    scraped, read = list(_scraped(devices)), read_by_month(catalogue)
    yield from (StoredSeries(labels, SCRAPED, _raw_value(labels)) for labels in scraped if labels["__name__"] in read)
    for name, spans in WINDOWS.items():
        labels = {"__name__": "dcnet_maintenance", "object": name, "window": "bench", **_EXPORTER}
        yield StoredSeries(labels, SCRAPED, within(spans))
    for labels in scraped:
        if labels["__name__"] == "dcnet_ospf_neighbor_full":
            kept = {name: labels[name] for name in ("instance", "neighbor", "address")}
            yield StoredSeries({"__name__": "dcnet:ospf_neighbor_state", **kept}, RECORDED, steady(1))
    carriers = {one["link"]: one["device"] for one in scraped if one["__name__"] == "dcnet_link_info"}
    by_name: dict[str, list[dict[str, str]]] = {}
    for labels in scraped:
        by_name.setdefault(labels["__name__"], []).append(labels)
    for indicator in catalogue.indicators:
        if indicator.id in TOLD_BY:
            yield from _of_indicator(indicator, by_name, carriers)
            parts = month_parts(indicator, by_name, _raw_value)
            for labels, value in parts:
                yield StoredSeries(labels, HOURLY, value)
                yield StoredSeries({**labels, "__name__": "dcnet:month_part:1d"}, DAILY, of_day(value))
    yield StoredSeries({"__name__": "dcnet:hour"}, HOURLY, steady(1))
    yield StoredSeries({"__name__": "dcnet:day"}, DAILY, steady(1))
    yield StoredSeries({"__name__": "dcnet:ten_minutes"}, TEN_MINUTES, steady(1))


_EXPORTER = {"instance": "exporter", "job": "dcnet-exporter"}


def _scraped(devices: int) -> Iterator[dict[str, str]]:
    """The labels of what such a fleet publishes, as Prometheus keeps them."""
    for number, name in enumerate(device_names()[:devices]):
        parent = device_names()[0] if number else ""
        place = {"instance": name, "job": "dcnet-devices", "site": "bench", "role": "switch", "parent": parent}
        for one in device_series(name):
            yield {"__name__": one.name, **_read_labels(one.labels), **place}
    for one in exporter_series(devices):
        yield {"__name__": one.name, **_read_labels(one.labels), **_EXPORTER}


@cache
def _read_labels(text: str) -> dict[str, str]:
    return dict(re.findall(r'(\w+)="([^"]*)"', text))


BESIDE_THE_CATALOGUE = (
    *("dcnet_inventory_info", "dcnet_link_info", "dcnet_threshold", "dcnet_link_contract_availability_ratio"),
    *("dcnet_link_contract_latency_seconds", "dcnet_link_contract_loss_ratio"),
)
"""Scraped series that every pull asks for."""


def read_by_month(catalogue: Catalogue) -> frozenset[str]:
    """The scraped series that a pull reads."""
    told = " ".join(str(indicator.month.model_dump()) for indicator in catalogue.indicators)
    return frozenset({*re.findall(r"dcnet_[a-z0-9_]+", told), *BESIDE_THE_CATALOGUE})


def _raw_value(labels: Mapping[str, str]) -> Value:
    """The pattern of a scraped series."""
    name, owner = labels["__name__"], labels.get("link", labels["instance"])
    port = _port(labels.get("interface", ""))
    phase = port % PHASES
    match name:
        case "dcnet_up" if owner in DOWN_DEVICES:
            return besides(steady(1), DOWN_DEVICES[owner], 0)
        case "dcnet_device_uptime_seconds":
            return growing(1)
        case "dcnet_interface_receive_errors_total" if storm := _storm(owner, port):
            return growing(0.01, phase, storm, ERRORS_IN_STORM * 135_000)
        case "dcnet_link_probe_received_total":
            dead, lossy = DEAD_LINKS.get(owner, ()), LOSSY_LINKS.get(owner, ())
            return echoes(1e-4, dead, lossy, LOSS)
        case "dcnet_link_probe_sent_total":
            return echoes()
        case "dcnet_link_rtt_seconds_bucket":
            bound = float(labels["le"])
            return growing(0.9999 / (1 + math.exp(-4 * (math.log(bound) + 3.9) if bound < math.inf else -40)), 0)
    return _USUAL.get(name, _of_family(name, phase))


def _of_family(name: str, phase: int) -> Value:
    for ending, rate in (("_errors_total", 0.01), ("_discards_total", 0.05), ("_packets_total", 135_000)):
        if name.endswith(ending):
            return growing(rate, phase)
    return steady(1)


_USUAL: Mapping[str, Value] = {
    "dcnet_link_contract_availability_ratio": steady(0.995),
    "dcnet_link_contract_latency_seconds": steady(0.05),
    "dcnet_link_contract_loss_ratio": steady(0.01),
    "dcnet_threshold": steady(0.6),
}


def _port(interface: str) -> int:
    return int(interface.rpartition("/")[2] or 0) if "/" in interface else 0


def _number(device: str) -> int:
    return int(device.rpartition("-")[2]) if device.rpartition("-")[2].isdecimal() else 0


def _storm(device: str, port: int) -> Spans:
    """When the port has errors: on every second device."""
    return STORMS[_number(device) // 2 % len(STORMS)] if port == STORMY_PORT and not _number(device) % 2 else ()


def _crowd(device: str, port: int) -> Spans:
    """When the port is crowded: on the other devices."""
    return CROWDS[_number(device) // 2 % len(CROWDS)] if port == CROWDED_PORT and _number(device) % 2 else ()


Told: TypeAlias = tuple[str, Callable[[str, int], tuple[Value, Spans]]]
"""Which scraped series has an indicator's objects, and its pattern by owner and port with the time past its limits."""


def _healthy(*of_phases: Value) -> Callable[[str, int], tuple[Value, Spans]]:
    return lambda _, port: (of_phases[port % len(of_phases)], ())


def _struck(
    usual: Value, spans_of: Callable[[str, int], Spans], value: float
) -> Callable[[str, int], tuple[Value, Spans]]:
    def of(owner: str, port: int) -> tuple[Value, Spans]:
        spans = spans_of(owner, port)
        return (besides(usual, spans, value) if spans else usual), spans

    return of


def _down(device: str, _: int) -> Spans:
    return DOWN_DEVICES.get(device, ())


def _dead(link: str, _: int) -> Spans:
    return DEAD_LINKS.get(link, ())


def _lossy(link: str, _: int) -> Spans:
    return (*DEAD_LINKS.get(link, ()), *LOSSY_LINKS.get(link, ()))


def _utilisation(device: str, port: int) -> tuple[Value, Spans]:
    usual = daily(0.35 if port >= BUSY_FROM else 0.12, 0.08, port % PHASES)
    return _struck(usual, _crowd, CROWDED)(device, port)


_GOOD, _ZERO, _YEARS = _healthy(steady(1)), _healthy(steady(0)), _healthy(steady(315_360_000))
TOLD_BY: Mapping[str, Told] = {
    "device_availability": ("dcnet_up", _struck(steady(1), _down, 0)),
    "device_not_measured": ("dcnet_up", _ZERO),
    "collector_failing": ("dcnet_up", _ZERO),
    "device_restarts": ("dcnet_up", _ZERO),
    "cpu_usage": ("dcnet_cpu_usage_ratio", _healthy(daily(0.3, 0.15))),
    "memory_usage": ("dcnet_memory_usage_ratio", _healthy(daily(0.4, 0.06))),
    "storage_usage": ("dcnet_storage_used_bytes", _healthy(daily(0.37, 0.006))),
    "storage_saturation": ("dcnet_storage_used_bytes", _YEARS),
    "temperature": ("dcnet_temperature_celsius", _healthy(daily(30, 4))),
    "fan_health": ('dcnet_component_healthy{component="fan"}', _ZERO),
    "power_supply_health": ('dcnet_component_healthy{component="power_supply"}', _ZERO),
    "component_health": ('dcnet_component_healthy{component="module"}', _ZERO),
    "interface_down": ("dcnet_interface_oper_up", _ZERO),
    "interface_errors": ("dcnet_interface_oper_up", _struck(daily(7e-8, 1e-8), _storm, ERRORS_IN_STORM)),
    "interface_discards": (
        "dcnet_interface_oper_up",
        _healthy(*(daily(3.5e-7, 1e-7, phase) for phase in range(PHASES))),
    ),
    "interface_utilisation": ("dcnet_interface_oper_up", _utilisation),
    "interface_utilisation_rise": ("dcnet_interface_oper_up", _healthy(daily(0.02, 0.01))),
    "interface_saturation": ("dcnet_interface_oper_up", _YEARS),
    "interface_flaps": ("dcnet_interface_oper_up", _ZERO),
    "duplex_mismatch": ("dcnet_interface_oper_up", _ZERO),
    "interface_speed": ("dcnet_interface_oper_up", _GOOD),
    "optic_receive_power": ("dcnet_optic_receive_power_dbm", _healthy(daily(-6, 0.3), daily(-6, 0.3, 1))),
    "optic_receive_drop": ("dcnet_optic_receive_power_dbm", _healthy(daily(0.1, 0.3))),
    "bgp_down": ("dcnet_bgp_peer_established", _ZERO),
    "bgp_flaps": ("dcnet_bgp_peer_established", _ZERO),
    "ospf_down": ("dcnet_ospf_neighbor_full", _ZERO),
    "ospf_flaps": ("dcnet_ospf_neighbor_full", _ZERO),
    "ups_on_battery": ("dcnet_ups_on_battery", _ZERO),
    "ups_battery": ("dcnet_ups_on_battery", _GOOD),
    "ups_battery_health": ("dcnet_ups_on_battery", _ZERO),
    "ups_load": ("dcnet_ups_on_battery", _healthy(daily(0.4, 0.05))),
    "config_unsaved": ("dcnet_config_unsaved", _ZERO),
    "config_changed": ("dcnet_config_unsaved", _ZERO),
    "config_compliance": ("dcnet_config_compliant", _ZERO),
    "config_backup": ("dcnet_config_unsaved", _healthy(since_daily())),
    "link_availability": ("dcnet_link_info", _struck(steady(1), _dead, 0)),
    "link_loss": ("dcnet_link_info", _struck(daily(1e-4, 5e-5), _lossy, LOSS)),
    "link_latency": ("dcnet_link_info", _healthy(daily(0.03, 0.005))),
    "link_latency_rise": ("dcnet_link_info", _ZERO),
    "link_jitter": ("dcnet_link_info", _healthy(daily(0.002, 0.001))),
    "link_dns": ("dcnet_link_info", _GOOD),
    "link_http": ("dcnet_link_info", _GOOD),
    "certificate_expiry": ("dcnet_link_tls_expiry_timestamp_seconds", _healthy(steady(60 * DAY))),
    "path_mtu": ("dcnet_link_path_mtu_bytes", _healthy(steady(1500))),
    "link_contract": ("dcnet_link_info", _healthy(daily(0.6, 0.1))),
    "link_not_measured": ("dcnet_link_info", _ZERO),
}
"""Every indicator that has values in such a fleet; those of traps have none."""


def _of_indicator(
    indicator: Indicator, by_name: Mapping[str, list[dict[str, str]]], carriers: Mapping[str, str]
) -> Iterator[StoredSeries]:
    """What the rules record of an indicator's objects."""
    selector, pattern_of = TOLD_BY[indicator.id]
    wanted = _read_labels(selector)
    known: dict[str, int] = {}
    for labels in by_name[selector.partition("{")[0]]:
        if wanted.items() <= labels.items():
            known.setdefault(object_of(indicator.component, labels), _port(labels.get("interface", "")))
    for name, port in known.items():
        if indicator.id == "interface_utilisation_rise" and port < BUSY_FROM:
            continue
        owner = owner_of(name)
        device = carriers[owner] if belongs_to_link(indicator.component) else owner
        value, bad = pattern_of(owner, port)
        yield from _recorded(indicator, {"device": device, "object": name}, value, bad)


def _recorded(indicator: Indicator, place: Mapping[str, str], value: Value, bad: Spans) -> Iterator[StoredSeries]:
    limits = {Severity.WARNING: indicator.limits.warning, Severity.CRITICAL: indicator.limits.critical}
    own = {"indicator": indicator.id, "component": indicator.component.value, **place}
    yield StoredSeries({"__name__": "dcnet:indicator", **own}, RECORDED, value)
    if isinstance(indicator.month.summary, QuantileOfIndicator):
        yield StoredSeries({"__name__": "dcnet:indicator:10m", **own}, TEN_MINUTES, value)
    yield StoredSeries({"__name__": "dcnet:indicator:avg1h", **own}, HOURLY, value)
    yield StoredSeries({"__name__": "dcnet:indicator:max1h", **own}, HOURLY, value)
    yield StoredSeries({"__name__": "dcnet:indicator:min1h", **own}, HOURLY, value)
    yield StoredSeries({"__name__": "dcnet:indicator:sum1h", **own}, HOURLY, summed(value, 60))
    yield StoredSeries({"__name__": "dcnet:indicator:count1h", **own}, HOURLY, steady(60))
    yield StoredSeries({"__name__": "dcnet:indicator:max1d", **own}, DAILY, value)
    yield StoredSeries({"__name__": "dcnet:indicator:min1d", **own}, DAILY, value)
    yield StoredSeries({"__name__": "dcnet:indicator:sum1d", **own}, DAILY, summed(value, 1440))
    yield StoredSeries({"__name__": "dcnet:indicator:count1d", **own}, DAILY, steady(1440))
    if isinstance(indicator.month.summary, CountOfEvents):
        yield StoredSeries({"__name__": "dcnet:indicator:hours1d", **own}, DAILY, steady(24))
    for severity in indicator.severities:
        judged = {"indicator": indicator.id, "severity": severity.value, **place}
        limit = limits[severity]
        yield StoredSeries({"__name__": "dcnet:indicator_threshold", **judged}, RECORDED, steady(limit or 0))
        if bad:
            past = {**judged, "component": indicator.component.value}
            yield StoredSeries({"__name__": "dcnet:degraded", **past}, RECORDED, within(bad))
            yield StoredSeries({"__name__": "dcnet:degraded:count1h", **past}, HOURLY, within(bad, 60))
