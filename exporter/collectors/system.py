"""The device itself: who it says it is and how long its agent runs.

Sources: SNMPv2-MIB (RFC 3418), SNMP-FRAMEWORK-MIB (RFC 3411), ENTITY-MIB (RFC 6933).
"""

from collections.abc import Mapping

from exporter.collectors.access import DeviceAccess
from exporter.collectors.values import Value, parse_count, parse_text
from exporter.collectors.vendors import vendor_of
from exporter.errors import CollectionFailure, CollectionReason
from exporter.metrics import DEVICE_INFO, DEVICE_UPTIME

SYS_DESCR = "1.3.6.1.2.1.1.1.0"
SYS_OBJECT_ID = "1.3.6.1.2.1.1.2.0"
SYS_UPTIME = "1.3.6.1.2.1.1.3.0"
SYS_NAME = "1.3.6.1.2.1.1.5.0"
ENGINE_TIME = "1.3.6.1.6.3.10.2.1.3.0"

ENT_CLASS = "1.3.6.1.2.1.47.1.1.1.1.5"
ENT_SOFTWARE = "1.3.6.1.2.1.47.1.1.1.1.10"
ENT_SERIAL = "1.3.6.1.2.1.47.1.1.1.1.11"
ENT_MODEL = "1.3.6.1.2.1.47.1.1.1.1.13"
CHASSIS_CLASSES = (3, 11)
"""PhysicalClass chassis and stack (IANA-ENTITY-MIB)."""

TICKS_PER_SECOND = 100
UPTIME_WRAP_TICKS = 2**32
"""sysUpTime starts again at zero after 497 days."""

TOLERANCE_TICKS = 3600 * TICKS_PER_SECOND
"""How far snmpEngineTime may drift from sysUpTime before it is taken for another clock."""


async def collect_system(device: DeviceAccess) -> None:
    """Add dcnet_device_info and dcnet_device_uptime_seconds. Raises CollectionFailure."""
    scalars = await device.snmp.get([SYS_DESCR, SYS_OBJECT_ID, SYS_UPTIME, SYS_NAME, ENGINE_TIME])
    if not scalars:
        raise CollectionFailure(CollectionReason.NO_DATA, "the device has no SNMPv2-MIB system group")
    uptime_seconds = judge_uptime(parse_count(scalars.get(SYS_UPTIME)), parse_count(scalars.get(ENGINE_TIME)))
    if uptime_seconds is not None:
        device.samples.add(DEVICE_UPTIME, uptime_seconds)
    chassis = await _fetch_chassis(device)
    device.samples.add(
        DEVICE_INFO,
        1,
        parse_text(scalars.get(SYS_NAME)),
        vendor_of(parse_text(scalars.get(SYS_OBJECT_ID))),
        chassis.get(ENT_MODEL, ""),
        parse_text(scalars.get(SYS_DESCR)),
        chassis.get(ENT_SOFTWARE, ""),
        chassis.get(ENT_SERIAL, ""),
    )


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


async def _fetch_chassis(device: DeviceAccess) -> dict[str, str]:
    """Software, serial and model of the chassis, by column; empty where the device shows no ENTITY-MIB.

    Raises CollectionFailure for silence: half of the labels for one scrape would be another series.
    """
    try:
        # The chassis is entry 1 on most devices: one request in place of a walk over every module and sensor.
        found = await _fetch_entity(device, "1")
        if parse_count(found.get(f"{ENT_CLASS}.1")) not in CHASSIS_CLASSES:
            classes = await device.snmp.walk(ENT_CLASS)
            index = next((index for index, value in classes.items() if value in CHASSIS_CLASSES), None)
            found = await _fetch_entity(device, index) if index is not None else {}
    except CollectionFailure as failure:
        if failure.reason is CollectionReason.NO_DATA:
            return {}
        raise
    return {oid.rpartition(".")[0]: parse_text(value) for oid, value in found.items()}


async def _fetch_entity(device: DeviceAccess, index: str) -> Mapping[str, Value]:
    columns = (ENT_CLASS, ENT_SOFTWARE, ENT_SERIAL, ENT_MODEL)
    return await device.snmp.get([f"{column}.{index}" for column in columns])
