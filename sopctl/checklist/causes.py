"""The likely cause of a finding, from what declined together and how: a first guess for Staf, in both languages.

Owns the guesses. It must not judge; what the official found stands in the note and comes before any guess.
"""

from collections.abc import Callable, Mapping
from typing import TypeAlias

from dcnet.catalogue import Component, belongs_to_link
from dcnet.language import Words
from sopctl.checklist.findings import DEVICE_DOWN, ORDER
from sopctl.evidence import Finding

MANY_INCIDENTS = 5
SHORT_SECONDS = 900

_Guess: TypeAlias = Callable[[Finding], Words]


def likely_cause(finding: Finding) -> Words:
    """What most likely lies behind `finding`."""
    if finding.is_gone:
        return Words(
            "komponennya tidak ada lagi dalam inventaris dan tidak diukur lagi; bila memang dilepas, tutup temuan ini",
            "its component is no longer in the inventory and not measured any more; where it was removed, close this"
            " finding",
        )
    if finding.row.status not in ORDER and not finding.consequences:
        return Words(
            "bulan ini tidak menurun; temuan dibawa dari bulan sebelumnya dan belum ditutup",
            "no decline this month; carried over from an earlier month and not closed",
        )
    return _GUESSES.get(finding.row.indicator, _by_pattern)(finding)


def _device(finding: Finding) -> Words:
    behind = sorted({one.device for one in finding.consequences} - {finding.row.device, ""})
    if behind:
        names = ", ".join(behind)
        return Words(
            f"perangkat mati atau jalurnya terputus; yang di belakangnya ikut tidak terjangkau: {names}",
            f"the device or its path was down; what stands behind it was out of reach with it: {names}",
        )
    if any(one.indicator == "device_restarts" for one in finding.consequences):
        return Words(
            "perangkat menyala ulang: catu daya, suhu atau perangkat lunak",
            "the device restarted: power, temperature or software",
        )
    if _flutters(finding):
        return Words(
            "jalur manajemen atau perangkat tidak stabil: banyak gangguan pendek",
            "an unstable management path or device: many short incidents",
        )
    return Words("perangkat atau catu dayanya mati", "the device or its power was down")


def _port(finding: Finding) -> Words:
    if finding.row.component is Component.OPTIC:
        worn = Words("konektor, serat atau modul optik", "connector, fibre or optic")
    else:
        worn = Words("kabel, konektor atau modul optik", "cable, connector or optic")
    links = sorted({one.object for one in finding.consequences if belongs_to_link(one.component)})
    if links:
        names = ", ".join(links)
        return Words(
            f"{worn.id} pada port pembawa; tautan {names} menurun karenanya",
            f"{worn.en} of the carrying port; link {names} declined because of it",
        )
    return worn


def _full(finding: Finding) -> Words:
    links = sorted({one.object for one in finding.consequences if belongs_to_link(one.component)})
    tail = Words(f"; tautan {', '.join(links)} ikut menurun", f"; link {', '.join(links)} declined with it")
    full = Words("lalu lintas mendekati kapasitas port", "traffic close to the port's capacity")
    return Words(full.id + tail.id, full.en + tail.en) if links else full


def _link(finding: Finding) -> Words:
    if _flutters(finding):
        return Words(
            "tautan tidak stabil di sisi penyedia: port pembawa sehat, gangguan banyak dan pendek",
            "an unstable link on the provider's side: the carrying port is well, incidents are many and short",
        )
    return Words(
        "di sisi penyedia: port dan perangkat pembawa tidak menurun pada waktu yang sama",
        "on the provider's side: neither carrying port nor device declined at the same time",
    )


def _by_pattern(finding: Finding) -> Words:
    if _flutters(finding):
        return Words("sering dan pendek: ambang atau beban puncak", "often and short: a limit or peak load")
    return Words(
        "belum dapat diduga dari indikator; lihat penjelasan dan tindakannya",
        "not to be guessed from the indicators; see its explanation and action",
    )


def _flutters(finding: Finding) -> bool:
    """Whether its incidents are many and short; those that stand so close together that they are told as one, too."""
    incidents = [one for one in finding.row.incidents if not one.planned]
    many = sum(one.stretches for one in incidents) >= MANY_INCIDENTS
    return many and all((one.seconds - one.pause_seconds) / one.stretches <= SHORT_SECONDS for one in incidents)


_GUESSES: Mapping[str, _Guess] = {
    DEVICE_DOWN: _device,
    **dict.fromkeys(("interface_errors", "interface_down", "interface_flaps", "duplex_mismatch"), _port),
    **dict.fromkeys(("optic_receive_power", "optic_receive_drop"), _port),
    **dict.fromkeys(("interface_utilisation", "interface_discards"), _full),
    **dict.fromkeys(("link_availability", "link_loss", "link_latency", "link_jitter"), _link),
}
