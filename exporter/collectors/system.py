"""The device itself: who it says it is and how long its agent runs.

Sources: SNMPv2-MIB (RFC 3418), SNMP-FRAMEWORK-MIB (RFC 3411), ENTITY-MIB (RFC 6933).
"""

from collections.abc import Mapping
from dataclasses import dataclass

from exporter.collectors.access import DeviceAccess
from exporter.collectors.columns import DeviceMemory
from exporter.collectors.profile_plan import needs_of_source
from exporter.collectors.profile_rows import ProfileData, ScalarRow, TableRow, as_index
from exporter.collectors.values import Value, parse_count, parse_text
from exporter.collectors.vendors import vendor_of
from exporter.errors import CollectionFailure, CollectionReason
from exporter.metrics import DEVICE_INFO, DEVICE_UPTIME
from exporter.profiles.composed import CHASSIS_COLUMNS, IdentitySource
from exporter.profiles.expressions import Result

SYS_DESCR = "1.3.6.1.2.1.1.1.0"
SYS_OBJECT_ID = "1.3.6.1.2.1.1.2.0"
SYS_UPTIME = "1.3.6.1.2.1.1.3.0"
SYS_NAME = "1.3.6.1.2.1.1.5.0"
ENGINE_TIME = "1.3.6.1.6.3.10.2.1.3.0"

ENT_CLASS = "1.3.6.1.2.1.47.1.1.1.1.5"
CHASSIS_CLASSES = (3, 11)
"""PhysicalClass chassis and stack (IANA-ENTITY-MIB)."""

MOST_CHASSIS = 8
"""So many chassis are asked for a model or serial number: a stack's members."""

TICKS_PER_SECOND = 100
UPTIME_WRAP_TICKS = 2**32
"""sysUpTime starts again at zero after 497 days."""

TOLERANCE_TICKS = 3600 * TICKS_PER_SECOND
"""How far snmpEngineTime may drift from sysUpTime before it is taken for another clock."""


@dataclass(frozen=True, slots=True)
class DeviceFacts:
    """What every later step knows of the device."""

    object_id: str
    """sysObjectID without leading dot; empty where the device gives none."""

    description: str
    name: str
    uptime_seconds: float | None


async def fetch_facts(device: DeviceAccess) -> DeviceFacts:
    """The device's own words about itself; adds dcnet_device_uptime_seconds. Raises CollectionFailure."""
    scalars = await device.snmp.get([SYS_DESCR, SYS_OBJECT_ID, SYS_UPTIME, SYS_NAME, ENGINE_TIME])
    if not scalars:
        raise CollectionFailure(CollectionReason.NO_DATA, "the device has no SNMPv2-MIB system group")
    uptime_seconds = judge_uptime(parse_count(scalars.get(SYS_UPTIME)), parse_count(scalars.get(ENGINE_TIME)))
    if uptime_seconds is not None:
        device.samples.add(DEVICE_UPTIME, uptime_seconds)
    return DeviceFacts(
        parse_text(scalars.get(SYS_OBJECT_ID)),
        parse_text(scalars.get(SYS_DESCR)),
        parse_text(scalars.get(SYS_NAME)),
        uptime_seconds,
    )


async def add_identity(device: DeviceAccess, facts: DeviceFacts, data: ProfileData, memory: DeviceMemory) -> None:
    """Add dcnet_device_info, from the profile's sources, else from ENTITY-MIB. Raises CollectionFailure."""
    chassis = await _fetch_chassis(device, memory)
    labels: dict[str, str] = {}
    for label, sources in data.profile.identity.items():
        for source in sources:
            labels[label] = await _from_source(device, data, source, chassis)
            if labels[label]:
                break
    device.samples.add(
        DEVICE_INFO,
        1,
        facts.name,
        labels.get("vendor") or vendor_of(facts.object_id),
        labels.get("model") or chassis.get("model", ""),
        labels.get("os") or facts.description,
        labels.get("version") or chassis.get("software", ""),
        labels.get("serial") or chassis.get("serial", ""),
    )


async def _from_source(
    device: DeviceAccess, data: ProfileData, source: IdentitySource, chassis: Mapping[str, str]
) -> str:
    needs = needs_of_source(data.profile, source)
    failures = await device.columns.read(device.snmp, (*needs.own, *needs.joined))
    failures |= await device.columns.read_scalars(device.snmp, needs.scalars)
    if failures:
        # Half of the labels for one scrape would be another series.
        raise next(iter(failures.values()))
    if source.table is None:
        return _text(source.value.evaluate(ScalarRow(data, lambda _chassis, column: chassis.get(column))))
    for index in data.rows(source.table, needs.columns):
        row = TableRow(data, source.table, index)
        if source.where is None or source.where.evaluate(row):
            return _text(source.value.evaluate(row))
    return ""


def _text(value: Result) -> str:
    return "" if value is None else as_index(value)


def judge_uptime(uptime_ticks: int | None, engine_seconds: int | None) -> float | None:
    """Seconds since the agent started, from sysUpTime (hundredths) and snmpEngineTime (seconds).

    snmpEngineTime is taken only when it is the same clock: equal to sysUpTime but for its wraps.
    """
    if uptime_ticks is None:
        return None if engine_seconds is None else float(engine_seconds)
    if engine_seconds is not None:
        apart = (engine_seconds * TICKS_PER_SECOND - uptime_ticks) % UPTIME_WRAP_TICKS
        wrapped = engine_seconds * TICKS_PER_SECOND - uptime_ticks > TOLERANCE_TICKS
        if wrapped and min(apart, UPTIME_WRAP_TICKS - apart) <= TOLERANCE_TICKS:
            return float(engine_seconds)
    return uptime_ticks / TICKS_PER_SECOND


async def _fetch_chassis(device: DeviceAccess, memory: DeviceMemory) -> dict[str, str]:
    """What ENTITY-MIB says of the chassis, by column of CHASSIS_COLUMNS; empty where there is none.

    Raises CollectionFailure for silence: half of the labels for one scrape would be another series.
    """
    try:
        # The chassis is entry 1 on most devices: one request in place of a walk over every module and sensor.
        index = "1" if memory.chassis is None else memory.chassis
        found = await _fetch_entity(device, index) if index else {}
        fits = _is_told_chassis(found, index) if memory.chassis is None else not index or _is_chassis(found, index)
        if not fits:
            classes = await device.snmp.walk(ENT_CLASS)
            # A stack may say nothing of itself; its first member then speaks for it.
            candidates = [index for index, value in classes.items() if value in CHASSIS_CLASSES]
            index = candidates[0] if candidates else ""
            found = await _fetch_entity(device, index) if index else {}
            for candidate in candidates[1:MOST_CHASSIS]:
                if _is_told_chassis(found, index):
                    break
                index, found = candidate, await _fetch_entity(device, candidate)
        memory.chassis = index
    except CollectionFailure as failure:
        if failure.reason is CollectionReason.NO_DATA:
            return {}
        raise
    return {name: parse_text(found.get(f"{oid}.{index}")) for name, oid in CHASSIS_COLUMNS.items()}


def _is_chassis(found: Mapping[str, Value], index: str) -> bool:
    return parse_count(found.get(f"{ENT_CLASS}.{index}")) in CHASSIS_CLASSES


def _is_told_chassis(found: Mapping[str, Value], index: str) -> bool:
    """Whether the entity is a chassis or stack that gives its model or serial number."""
    told = any(parse_text(found.get(f"{CHASSIS_COLUMNS[name]}.{index}")) for name in ("model", "serial"))
    return told and _is_chassis(found, index)


async def _fetch_entity(device: DeviceAccess, index: str) -> Mapping[str, Value]:
    return await device.snmp.get([f"{column}.{index}" for column in (ENT_CLASS, *CHASSIS_COLUMNS.values())])
