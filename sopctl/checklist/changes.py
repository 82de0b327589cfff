"""What another pull of the same month changed: findings that came, went or changed.

Pure; it must not word anything.
"""

from collections.abc import Iterator
from dataclasses import dataclass

from sopctl.checklist.findings import status_of
from sopctl.checklist.judge import Key
from sopctl.evidence import Checklist, Finding


@dataclass(frozen=True, slots=True)
class Change:
    """A finding that is not as it was."""

    before: Finding | None
    """None: it is new."""

    after: Finding | None
    """None: it is no finding any more."""


def changes_between(earlier: Checklist, later: Checklist) -> Iterator[Change]:
    """Those of the later checklist in its order, then what is no finding any more."""
    before, after = _by_key(earlier), _by_key(later)
    for key, finding in after.items():
        if key not in before or _figures(before[key]) != _figures(finding):
            yield Change(before.get(key), finding)
    for key, finding in before.items():
        if key not in after:
            yield Change(finding, None)


def _by_key(checklist: Checklist) -> dict[Key, Finding]:
    return {(finding.row.indicator, finding.row.object): finding for finding in checklist.findings}


def _figures(finding: Finding) -> tuple[object, ...]:
    row = finding.row
    return status_of(finding), row.value, row.degraded_minutes, row.critical_minutes
