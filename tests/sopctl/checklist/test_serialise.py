"""The checklist's one JSON form."""

import json
from dataclasses import replace
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest

from dcnet.catalogue import Component, Severity
from sopctl.checklist.month_window import parse_month
from sopctl.checklist.serialise import checklist_from_json, checklist_to_json
from sopctl.errors import SopctlError
from sopctl.evidence import (
    Checklist,
    ChecklistRow,
    Finding,
    Incident,
    InventoryObject,
    LinkContract,
    PlannedWork,
    Status,
)

WIB = ZoneInfo("Asia/Jakarta")


def full_checklist() -> Checklist:
    """Something in every field."""
    start, end = datetime(2026, 10, 5, 10, tzinfo=WIB), datetime(2026, 10, 5, 11, tzinfo=WIB)
    row = ChecklistRow(
        object='sw:Gi1 "é" 中',
        device="sw",
        component=Component.INTERFACE,
        indicator="errors",
        status=Status.CRITICAL,
        value=0.1 + 0.2,
        previous_value=None,
        warning_limit=1e-4,
        critical_limit=0.01,
        coverage=2 / 3,
        degraded_minutes=60,
        critical_minutes=59,
        planned_minutes=0,
        unknown_minutes=1,
        incidents=(Incident(start, end, Severity.CRITICAL, planned=False),),
    )
    return Checklist(
        period=parse_month("2026-10", WIB),
        pulled_at=datetime(2026, 11, 1, 17, 0, 0, 123456, tzinfo=UTC),
        source="http://127.0.0.1:9090",
        objects=(InventoryObject("sw", Component.DEVICE, "dc", "access_switch", ""),),
        rows=(row,),
        findings=(Finding("F01", row, consequences=(row,), since="2026-09"),),
        warnings=("store is missing",),
        planned_work=(PlannedWork("sw", "W", start, end),),
        contracts=(LinkContract("isp-a", "PT", 0.995, None, 0.01),),
    )


def test_nothing_is_lost() -> None:
    """Every float to its last digit, every instant, every name."""
    checklist = full_checklist()
    assert checklist_from_json(checklist_to_json(checklist)) == checklist


def test_the_form_is_canonical() -> None:
    """Read and written again it is the same text; an instant told in another zone is the same text too."""
    checklist = full_checklist()
    text = checklist_to_json(checklist)
    assert checklist_to_json(checklist_from_json(text)) == text
    assert checklist_to_json(replace(checklist, pulled_at=checklist.pulled_at.astimezone(WIB))) == text
    assert "\n" not in text


def test_the_zone_comes_back() -> None:
    """A month read back still knows the site's clock, not only an offset."""
    again = checklist_from_json(checklist_to_json(full_checklist()))
    assert again.period.start.tzinfo == WIB
    assert again.rows[0].incidents[0].start.tzname() == "WIB"


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"schema_version": 2}, "schema_version 2, expected 1"),
        ({"time_zone": "Mars/Olympus"}, "ZoneInfoNotFoundError"),
        ({"checklist": {}}, "Field required"),
        ({"checklist": None}, "checklist cannot be read"),
    ],
)
def test_what_is_no_checklist_is_refused(change: dict[str, object], message: str) -> None:
    """The message says what is wrong with it."""
    document = json.loads(checklist_to_json(full_checklist())) | change
    with pytest.raises(SopctlError, match=message):
        checklist_from_json(json.dumps(document))


@pytest.mark.parametrize("text", ["", "[]", "null", "{}", '{"schema_version": 1'])
def test_what_is_no_document_is_refused(text: str) -> None:
    """Damage is told, not raised as a traceback."""
    with pytest.raises(SopctlError, match="the checklist cannot be read"):
        checklist_from_json(text)
