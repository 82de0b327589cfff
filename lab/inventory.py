"""The lab's inventory with the planned windows of a month, or of the live lab, filled in.

Owns the step from `inventory.yml` to a dated copy. It must not interpret the rest of the inventory: the
exporter does.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import yaml

from lab.timeline import Timeline, planned_objects, planned_windows
from lab.topology import DNS_PORT, HTTP_PORT, SNMP_PORT

TEMPLATE = Path(__file__).parent / "inventory.yml"


@dataclass(frozen=True, slots=True)
class Ports:
    """Where the lab listens, on each of its addresses."""

    snmp: int = SNMP_PORT
    dns: int = DNS_PORT
    http: int = HTTP_PORT


def inventory_document(timeline: Timeline | None = None, ports: Ports | None = None) -> dict[str, Any]:
    """The inventory as a YAML document, with the planned windows of `timeline` and the given ports."""
    document: dict[str, Any] = yaml.safe_load(TEMPLATE.read_text(encoding="utf-8"))
    if ports is not None:
        _set_ports(document, ports)
    if timeline is not None:
        zone = site_zone(document)
        document["planned_work"] = [
            {
                "name": name,
                "objects": planned_objects(work),
                "start": _local(window.start, zone),
                "end": _local(window.end, zone),
                "reason": work.reason,
            }
            for name, work, window in planned_windows(timeline)
        ]
    return document


def write_inventory(
    file: Path,
    timeline: Timeline | None = None,
    ports: Ports | None = None,
    more_devices: Sequence[Mapping[str, Any]] = (),
) -> None:
    """Write `inventory_document` with `more_devices` to `file`. Secrets stay references to their files."""
    document = inventory_document(timeline, ports)
    document["devices"] += more_devices
    text = yaml.safe_dump(document, sort_keys=False, allow_unicode=True, width=120)
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text("# Made from lab/inventory.yml by the lab; do not edit.\n" + text, "utf-8")


def site_zone(document: Mapping[str, Any] | None = None) -> ZoneInfo:
    """The time zone of the lab's site."""
    if document is None:
        document = yaml.safe_load(TEMPLATE.read_text(encoding="utf-8"))
    return ZoneInfo(document["site"]["time_zone"])


def _set_ports(document: dict[str, Any], ports: Ports) -> None:
    for device in document["devices"]:
        device["snmp"]["port"] = ports.snmp
    for link in document["links"]:
        for probe in link["probes"]:
            if probe["kind"] == "dns":
                probe["port"] = ports.dns
            elif probe["kind"] == "http":
                probe["url"] = probe["url"].replace(f":{HTTP_PORT}/", f":{ports.http}/")


def _local(instant: float, zone: ZoneInfo) -> str:
    return datetime.fromtimestamp(instant, UTC).astimezone(zone).isoformat(timespec="minutes")
