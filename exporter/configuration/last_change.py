"""The instant at which a device says that it was last changed, and by whom. Pure."""

import re
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, timezone, tzinfo
from zoneinfo import ZoneInfo

_MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_OFFSET = re.compile(r"([+-])(\d\d):?(\d\d)")


@dataclass(frozen=True, slots=True)
class Change:
    """A change as the device tells it."""

    timestamp: float
    """Unix time."""

    user: str
    """Empty where it is not told."""


def parse_change(text: str, pattern: str, site: ZoneInfo) -> Change | None:
    """The first change that `pattern` finds in a line of `text`; None where there is none, or no instant of it.

    The pattern's groups are those of exporter.platforms.models.LastChange. A zone other than UTC or an offset is
    taken for the site's: abbreviations are not unique, and devices stand where they are watched.
    """
    found = next((found for line in text.splitlines() if (found := re.search(pattern, line))), None)
    if found is None:
        return None
    groups = found.groupdict()
    try:
        hour, minute, second = map(int, groups["clock"].split(":"))
        instant = datetime(
            int(groups["year"]),
            _month(groups["month"]),
            int(groups["day"]),
            hour,
            minute,
            second,
            tzinfo=_zone(groups.get("zone") or "", site),
        )
    except ValueError:
        return None
    return Change(instant.timestamp(), groups.get("user") or "")


def _month(text: str) -> int:
    return int(text) if text.isdecimal() else _MONTHS.index(text[:3].lower()) + 1


def _zone(text: str, site: ZoneInfo) -> tzinfo:
    name = text.strip("()").upper()
    if name in {"UTC", "GMT", "Z"}:
        return UTC
    offset = _OFFSET.fullmatch(name)
    if offset is None:
        return site
    span = timedelta(hours=int(offset[2]), minutes=int(offset[3]))
    return timezone(-span if offset[1] == "-" else span)
