"""A device's answer made a configuration: without the lines that differ each time. Pure."""

import re
from collections.abc import Sequence

from exporter.platforms.models import Platform


def clean_lines(answer: str, platform: Platform) -> list[str]:
    """The lines of `answer` that mean something, without spaces at their ends and empty lines at both ends."""
    volatile = [re.compile(pattern) for pattern in platform.volatile]
    lines = _joined([line.rstrip() for line in answer.splitlines()], platform.continued)
    kept = [line for line in lines if not any(pattern.search(line) for pattern in volatile)]
    while kept and not kept[0]:
        del kept[0]
    while kept and not kept[-1]:
        del kept[-1]
    return kept


def _joined(lines: Sequence[str], continued: str | None) -> list[str]:
    """`lines` with each statement on one line: rules and secrets are found within one."""
    if continued is None:
        return list(lines)
    whole: list[str] = []
    goes_on = False
    for line in lines:
        if goes_on:
            whole[-1] += line.lstrip()
        else:
            whole.append(line)
        found = re.search(continued, whole[-1])
        goes_on = found is not None
        if found is not None:
            whole[-1] = whole[-1][: found.start()]
    return whole


def is_complete(answer: str, platform: Platform) -> bool:
    """Whether `answer` holds what a whole configuration has."""
    wanted = platform.running.complete
    return bool(answer.strip()) and (
        wanted is None or any(re.search(wanted, line) is not None for line in answer.splitlines())
    )


def same_configuration(running: Sequence[str], saved: Sequence[str]) -> bool:
    """Whether two cleaned configurations say the same: empty lines and bare comments do not count."""

    def meaning(lines: Sequence[str]) -> list[str]:
        return [line for line in lines if line.strip() not in {"", "!", "#"}]

    return meaning(running) == meaning(saved)
