"""The checklist as canonical JSON and back: what is hashed, kept and signed over.

Owns the form only. Equal checklists give equal text; text read and written again stays the same.
"""

import json
from dataclasses import replace
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from pydantic import TypeAdapter, ValidationError

from dcnet.language import Words
from sopctl.checklist.month_window import zone_of
from sopctl.errors import SopctlError
from sopctl.evidence import Checklist, ChecklistRow

SCHEMA_VERSION = 1
_ADAPTER = TypeAdapter(Checklist)


def checklist_to_json(checklist: Checklist) -> str:
    """One line of JSON: sorted keys, no spaces, times in the site's zone, floats with every digit that matters."""
    zone = zone_of(checklist.period)
    document = {
        "schema_version": SCHEMA_VERSION,
        "time_zone": zone.key,
        "checklist": _ADAPTER.dump_python(_in_zone(checklist, zone), mode="json"),
    }
    return json.dumps(document, ensure_ascii=False, allow_nan=False, sort_keys=True, separators=(",", ":"))


def checklist_from_json(text: str) -> Checklist:
    """The checklist that `text` was written from. Raises SopctlError where it is none of ours."""
    try:
        document = json.loads(text)
        version = document["schema_version"]
        if version != SCHEMA_VERSION:
            raise _unreadable(f"schema_version {version!r}, expected {SCHEMA_VERSION}")
        zone = ZoneInfo(document["time_zone"])
        return _in_zone(_ADAPTER.validate_python(document["checklist"]), zone)
    except ValidationError as error:
        first = error.errors(include_url=False, include_input=False)[0]
        raise _unreadable(f"{'.'.join(str(part) for part in first['loc'])}: {first['msg']}") from error
    except (ValueError, KeyError, TypeError) as error:
        raise _unreadable(f"{type(error).__name__}: {error}") from error


def _unreadable(why: str) -> SopctlError:
    return SopctlError(
        Words(
            f"checklist tidak dapat dibaca ({why}); ambil kembali berkasnya dari cadangan atau tarik ulang datanya",
            f"the checklist cannot be read ({why}); restore its file from a backup or pull the data again",
        )
    )


def _in_zone(checklist: Checklist, zone: ZoneInfo) -> Checklist:
    """The same instants, each told in `zone`: JSON knows offsets, not zones."""

    def at(instant: datetime) -> datetime:
        return instant.astimezone(zone)

    def spans(items: tuple[Any, ...]) -> tuple[Any, ...]:
        return tuple(replace(item, start=at(item.start), end=at(item.end)) for item in items)

    def row(one: ChecklistRow) -> ChecklistRow:
        return replace(one, incidents=spans(one.incidents))

    return replace(
        checklist,
        period=spans((checklist.period,))[0],
        pulled_at=at(checklist.pulled_at),
        rows=tuple(row(one) for one in checklist.rows),
        findings=tuple(
            replace(one, row=row(one.row), consequences=tuple(row(each) for each in one.consequences))
            for one in checklist.findings
        ),
        planned_work=spans(checklist.planned_work),
    )
