"""Secrets taken out of a configuration, before anything of it is written or shown. Pure.

Owns the order of the rules: blocks, then lines, then the secrets that this host itself knows. When in doubt it
removes too much.
"""

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cache

from exporter.platforms.models import Redaction, SecretRule

REMOVED = "<removed>"
LONGEST_LINE = 4000
"""Characters; what a longer line holds beyond is no statement of a configuration but some blob, and goes."""

SHORTEST_KNOWN = 4
"""A known secret shorter than this stands in too many words to be looked for everywhere."""


@dataclass(slots=True)
class _Section:
    """Whether a rule with `within` is in its section just now."""

    rule: SecretRule
    indentation: int | None = None
    """Of the section's first line; None outside."""

    def holds(self, line: str) -> bool:
        """Whether `line` is in the section, its first line included."""
        if self.indentation is not None and self._ends(line, self.indentation):
            self.indentation = None
        if self.indentation is None and self.rule.within is not None and _compiled(self.rule.within).search(line):
            self.indentation = _indentation(line)
        return self.indentation is not None

    def _ends(self, line: str, indentation: int) -> bool:
        if self.rule.until is not None:
            return _compiled(self.rule.until).search(line) is not None
        return bool(line.strip()) and _indentation(line) <= indentation


def redact(lines: Sequence[str], rules: Redaction, known_secrets: Iterable[str] = ()) -> list[str]:
    """`lines` with `<removed>` in place of every secret."""
    plain = [rule for rule in rules.secrets if rule.within is None]
    sections = [_Section(rule) for rule in rules.secrets if rule.within is not None]
    known = sorted((secret for secret in known_secrets if len(secret) >= SHORTEST_KNOWN), key=len, reverse=True)
    result: list[str] = []
    for line in _without_blocks(lines, rules):
        clean = line[:LONGEST_LINE]
        for rule in [*plain, *(section.rule for section in sections if section.holds(line))]:
            clean = _remove(clean, rule.pattern)
        for secret in known:
            clean = clean.replace(secret, REMOVED)
        result.append(clean if len(line) <= LONGEST_LINE else clean + REMOVED)
    return result


@cache
def _compiled(pattern: str) -> re.Pattern[str]:
    # The library's own cache is too small for all platforms, and compiling takes longer than all else here.
    return re.compile(pattern)


def _remove(line: str, pattern: str) -> str:
    """`line` without what the group `secret` of each match holds."""
    kept: list[str] = []
    at = 0
    for found in _compiled(pattern).finditer(line):
        start, end = found.span("secret")
        if start < at or start == end or line[start:end] == REMOVED:
            continue
        kept += [line[at:start], REMOVED]
        at = end
    return "".join([*kept, line[at:]]) if kept else line


def _without_blocks(lines: Sequence[str], rules: Redaction) -> Iterator[str]:
    end: re.Pattern[str] | None = None
    begins = [(_compiled(block.begin), _compiled(block.end)) for block in rules.secret_blocks]
    for line in lines:
        rest = line
        if end is not None:
            ended = end.search(line)
            if ended is None:
                continue
            end = None
            # What ends a block of its own kind is no secret: "quit", "end"; a line that only is none of it goes on.
            rest = line[ended.end() :] if ended.end() > ended.start() else line
            if not rest.strip():
                continue
        shown, end = _open_blocks(rest, begins)
        yield shown


def _open_blocks(
    line: str, begins: Sequence[tuple[re.Pattern[str], re.Pattern[str]]]
) -> tuple[str, re.Pattern[str] | None]:
    """What may be shown of a line, and what ends the block that it leaves open."""
    for begin, end in begins:
        found = begin.search(line)
        if found is None:
            continue
        secret = "secret" in begin.groupindex
        start = found.start("secret") if secret else found.end()
        ended = end.search(line, found.end())
        head = f"{line[:start]}{REMOVED}" if secret else f"{line} {REMOVED}"
        if ended is None or not secret:
            return head, end
        after, still_open = _open_blocks(line[ended.end() :], begins)
        return head + after, still_open
    return line, None


def _indentation(line: str) -> int:
    return len(line) - len(line.lstrip())
