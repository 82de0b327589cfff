"""Whether a configuration keeps the inventory's rules. Pure."""

import re
from collections.abc import Iterable, Iterator, Sequence

from exporter.inventory.models import Device
from exporter.inventory.ssh_models import ComplianceRule


def rules_for(device: Device, rules: Iterable[ComplianceRule]) -> tuple[ComplianceRule, ...]:
    """The rules that are meant for `device`."""
    platform = device.ssh.platform if device.ssh is not None else ""
    return tuple(
        rule
        for rule in rules
        if (not rule.roles or device.role in rule.roles) and (not rule.platforms or platform in rule.platforms)
    )


def complies(lines: Sequence[str], rule: ComplianceRule) -> bool:
    """Whether `lines` keep `rule`; with `within`, each section must, and must_have needs one."""
    parts = [list(lines)] if rule.within is None else list(_sections(lines, rule.within))
    if not parts:
        return rule.must_have is None
    return all(_keeps(part, rule) for part in parts)


def _keeps(lines: Sequence[str], rule: ComplianceRule) -> bool:
    def found(pattern: str) -> bool:
        return any(re.search(pattern, line) is not None for line in lines)

    return all(found(pattern) for pattern in rule.must_have or ()) and not any(
        found(pattern) for pattern in rule.must_not_have or ()
    )


def _sections(lines: Sequence[str], first: str) -> Iterator[list[str]]:
    """Each line that fits `first`, with the lines indented deeper below it."""
    section: list[str] | None = None
    depth = 0
    for line in lines:
        indentation = len(line) - len(line.lstrip())
        if section is not None and line.strip() and indentation <= depth:
            yield section
            section = None
        if section is not None:
            section.append(line)
        elif re.search(first, line):
            section, depth = [line], indentation
    if section is not None:
        yield section
