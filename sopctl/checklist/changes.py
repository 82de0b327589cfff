"""What another pull of the same month changed: findings that came, went or changed.

Pure.
"""

from collections.abc import Collection, Iterator

from dcnet.language import Words
from sopctl.checklist.findings import status_of
from sopctl.checklist.judge import Key
from sopctl.evidence import Checklist, Finding


def changes_between(earlier: Checklist, later: Checklist, noted: Collection[Key]) -> Iterator[Words]:
    """One line a change. `noted`: (object, indicator) of the notes that there are, which stay whatever changes."""
    before, after = _by_key(earlier), _by_key(later)
    for key, finding in after.items():
        name = f"{finding.id} {key[0]}, {key[1]}"
        if key not in before:
            yield Words(f"  baru: {name}", f"  new: {name}")
        elif status_of(before[key]) is not status_of(finding) or before[key].row.value != finding.row.value:
            old, new = _figures(before[key]), _figures(finding)
            yield Words(f"  berubah: {name}: {old} menjadi {new}", f"  changed: {name}: {old}, now {new}")
    for key, finding in before.items():
        if key not in after:
            kept = Words("; catatannya tetap disimpan", "; its note is kept") if key in noted else Words("", "")
            name = f"{finding.id} {key[0]}, {key[1]}"
            yield Words(f"  bukan temuan lagi: {name}{kept.id}", f"  no finding any more: {name}{kept.en}")


def _by_key(checklist: Checklist) -> dict[tuple[str, str], Finding]:
    return {(finding.row.object, finding.row.indicator): finding for finding in checklist.findings}


def _figures(finding: Finding) -> str:
    value = "-" if finding.row.value is None else f"{finding.row.value:.6g}"
    return f"{status_of(finding).value} {value}"
