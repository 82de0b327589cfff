"""Tries one device and tells what it is: for who adds it to the inventory.

Owns the words. The address comes from the operator's own command line; nothing that is served comes here.
"""

import re
from collections.abc import Iterator

import yaml

from dcnet.language import Words
from exporter import metrics
from exporter.errors import CollectionReason, ExporterError
from exporter.inventory.models import Device, Inventory, SnmpAccess
from exporter.outcome import CollectorOutcome, DeviceOutcome
from exporter.profiles.library import ProfileLibrary
from exporter.scrape import Scraper

DEFAULT_PORT = 161
UNNAMED = "device"

HINTS: dict[CollectionReason, Words] = {
    CollectionReason.TIMEOUT: Words(
        "tidak ada jawaban: periksa alamat, port, saringan jaringan, dan community",
        "no answer: check address, port, filters on the way, and the community",
    ),
    CollectionReason.UNREACHABLE: Words(
        "tidak terjangkau: periksa rute, alamat, dan apakah SNMP menyala", "unreachable: check route, address, and SNMP"
    ),
    CollectionReason.AUTH: Words(
        "ditolak: periksa pengguna, protokol, dan sandi SNMPv3",
        "refused: check the SNMPv3 user, protocols and passwords",
    ),
}


async def discover_device(
    inventory: Inventory, profiles: ProfileLibrary, address: str, *, credential: str, port: int, timeout_seconds: float
) -> tuple[Device, DeviceOutcome]:
    """One scrape of `address` with a credential of the inventory, and the entry that would repeat it.

    Raises ExporterError for a credential that the inventory lacks.
    """
    if credential not in inventory.credentials.snmp:
        known = ", ".join(sorted(inventory.credentials.snmp)) or "-"
        raise ExporterError(
            Words(
                f"--credential: ditemukan {credential!r}, seharusnya salah satu dari {known}",
                f"--credential: found {credential!r}, expected one of {known}",
            )
        )
    device = Device(name=UNNAMED, address=address, role="switch", snmp=SnmpAccess(credential=credential, port=port))
    scraper = Scraper(profiles)
    try:
        outcome = await scraper.scrape(inventory, device, timeout_seconds)
    finally:
        scraper.close()
    identity = _identity(outcome)
    name = re.sub(r"[^A-Za-z0-9._-]+", "-", identity.get("sys_name", "")).strip("-.") or f"{UNNAMED}-{address}"
    return device.model_copy(update={"name": name.lower()}), outcome


def render_discovery(device: Device, outcome: DeviceOutcome) -> Words:
    """What the scrape found, for a person, with an entry for the inventory. Holds no secret."""
    if not outcome.up:
        return _render_silence(device, outcome)
    identity = _identity(outcome)
    rows = [(collector, *_judge(collector)) for collector in outcome.collectors]
    texts = []
    for indonesian in (True, False):
        lines = [
            f"{device.address}: " + (", ".join(f"{key} {value}" for key, value in identity.items() if value) or "?"),
            f"{'profil' if indonesian else 'profile'}: {outcome.profile}",
            "",
        ]
        for collector, id_word, en_word in rows:
            word = id_word if indonesian else en_word
            lines.append(
                f"  {collector.collector:<12} {collector.duration_seconds:7.3f} s  "
                f"{collector.work.packets:4d} {'paket' if indonesian else 'packets'}  "
                f"{collector.work.varbinds:6d} {'nilai' if indonesian else 'values'}  {word}"
            )
        total = "seluruhnya" if indonesian else "in all"
        lines += [f"  {total:<12} {outcome.duration_seconds:7.3f} s", ""]
        lines.append("untuk inventory.yml (sesuaikan name dan role):" if indonesian else "for inventory.yml:")
        texts.append("\n".join([*lines, *_entry(device)]))
    return Words(texts[0], texts[1])


def _render_silence(device: Device, outcome: DeviceOutcome) -> Words:
    failure = next((collector.failure for collector in outcome.collectors if collector.failure is not None), None)
    if failure is None:
        return Words(f"{device.address}: tidak menjawab", f"{device.address}: did not answer")
    hint = HINTS.get(failure.reason, Words(failure.detail, failure.detail))
    return Words(f"{device.address}: {hint.id} ({failure.detail})", f"{device.address}: {hint.en} ({failure.detail})")


def _judge(collector: CollectorOutcome) -> tuple[str, str]:
    if collector.failure is not None:
        told = f"{collector.failure.reason}: {collector.failure.detail}"
        return f"gagal, {told}", f"failed, {told}"
    return ("baik", "good") if collector.supported else ("tidak ada pada perangkat ini", "not on this device")


def _identity(outcome: DeviceOutcome) -> dict[str, str]:
    for family in outcome.samples.collect():
        if family.name == metrics.DEVICE_INFO.name:
            return {label: family.samples[0].labels[label] for label in metrics.DEVICE_INFO.labels}
    return {}


def _entry(device: Device) -> Iterator[str]:
    access: dict[str, object] = {"credential": device.snmp.credential if device.snmp is not None else ""}
    if device.snmp is not None and device.snmp.port != DEFAULT_PORT:
        access["port"] = device.snmp.port
    entry = {"name": device.name, "address": device.address, "role": device.role, "snmp": access}
    text = yaml.safe_dump({"devices": [entry]}, sort_keys=False, default_flow_style=None, allow_unicode=True)
    yield from text.rstrip().splitlines()
