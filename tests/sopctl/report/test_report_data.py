"""The report's JSON and CSV, compared with files kept beside the tests."""

import csv
import io
import json
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import openpyxl
import pytest

from dcnet.catalogue import Catalogue, Unit
from dcnet.language import Language
from sopctl.evidence import Checklist, PlannedWork, ReportContent
from sopctl.model import Note
from sopctl.report.checklist_csv import checklist_to_csv
from sopctl.report.checklist_xlsx import checklist_to_xlsx
from sopctl.report.document import build_document
from sopctl.report.figures import format_limit, format_minutes, format_value
from sopctl.report.finding_text import finding_block
from sopctl.report.report_json import report_to_json
from sopctl.settings import Settings

GOLDEN = Path(__file__).parent / "golden"


def shortened(content: ReportContent) -> ReportContent:
    """Golden files are for reading: the findings, and one row of each other kind."""
    checklist = content.checklist
    rows = tuple(row for row in checklist.rows if not row.object.startswith("access-1:Gi1/0/2"))[:12]
    findings = tuple(
        replace(finding, row=replace(finding.row, incidents=finding.row.incidents[:1]))
        for finding in checklist.findings
    )
    rows = tuple(replace(row, incidents=row.incidents[:1]) for row in rows)
    return replace(content, checklist=replace(checklist, rows=rows, findings=findings))


def test_the_json_is_as_agreed(content: ReportContent, catalogue: Catalogue, update_golden: bool) -> None:
    """A key that changes or goes away is seen here before a reader of the file meets it."""
    text = report_to_json(shortened(content), catalogue)
    if update_golden:
        (GOLDEN / "report.json").write_text(text, encoding="utf-8")
    assert text == (GOLDEN / "report.json").read_text(encoding="utf-8")


@pytest.mark.parametrize("language", list(Language))
def test_the_csv_is_as_agreed(
    content: ReportContent, catalogue: Catalogue, update_golden: bool, language: Language
) -> None:
    """Columns, separators, the byte order mark and the decimal sign of each language."""
    body = checklist_to_csv(shortened(content).checklist, catalogue, language)
    golden = GOLDEN / f"checklist.{language.value}.csv"
    if update_golden:
        golden.write_bytes(body)
    assert body == golden.read_bytes()


def test_the_json_tells_every_row_and_every_incident(content: ReportContent, catalogue: Catalogue) -> None:
    """What the document shortens, the data holds whole."""
    document = json.loads(report_to_json(content, catalogue))
    assert document["schema_version"] == 1
    assert len(document["checklist"]) == len(content.checklist.rows)
    assert len(document["findings"][0]["incidents"]) == 20
    assert document["findings"][0]["note"]["action"] == "Modul diganti; kabel serat optik dibersihkan."
    assert document["findings"][1]["note"] is None


def test_a_port_named_like_a_formula_stays_text(checklist: Checklist, catalogue: Catalogue) -> None:
    """A spreadsheet must not compute what a device calls itself."""
    row = replace(checklist.rows[0], object='=HYPERLINK("http://x";"y")')
    body = checklist_to_csv(replace(checklist, rows=(row,)), catalogue, Language.INDONESIAN)
    (line,) = csv.DictReader(io.StringIO(body.decode("utf-8-sig")), delimiter=";")
    assert line["object"] == '\'=HYPERLINK("http://x";"y")'


def test_a_spreadsheet_holds_any_name(checklist: Checklist, catalogue: Catalogue) -> None:
    """A name is no formula, and what a spreadsheet's XML cannot hold stands there as its escape."""
    names = ["=1+1", "core-1:Gi\x1b[2J\x00"]
    rows = tuple(replace(checklist.rows[0], object=name) for name in names)
    body = checklist_to_xlsx(replace(checklist, rows=rows, findings=()), catalogue, Language.ENGLISH)
    cells = [row[1] for row in openpyxl.load_workbook(io.BytesIO(body))["All rows"].iter_rows(min_row=2)]
    assert [(cell.data_type, cell.value) for cell in cells] == [("s", "=1+1"), ("s", r"core-1:Gi\x1b[2J\x00")]


@pytest.mark.parametrize(
    ("value", "apart_from", "expected"),
    [
        (0.9972, (), "99,72 %"),
        (1.0, (), "100,00 %"),
        (0.0, (), "0,00 %"),
        (0.99999, (), "99,999 %"),
        (0.00001, (), "0,001 %"),
        (0.99896, (0.999,), "99,896 %"),
        (0.999, (0.999,), "99,90 %"),
        (1.2345, (), "123,45 %"),
        (None, (), "–"),
    ],
)
def test_a_percentage_never_rounds_to_what_it_is_not(
    value: float | None, apart_from: tuple[float, ...], expected: str
) -> None:
    """Decimals grow until the figure differs from nothing, from all, and from the limit that it is past."""
    assert format_value(value, Unit.RATIO, Language.INDONESIAN, apart_from) == expected.replace(" ", "\u00a0")


@pytest.mark.parametrize(
    ("value", "expected"), [(0.0184, "18,4 ms"), (0.00004, "0,04 ms"), (1.5, "1,50 s"), (0.1, "100,0 ms")]
)
def test_a_duration_below_a_second_is_told_in_milliseconds(value: float, expected: str) -> None:
    """As network people say it."""
    assert format_value(value, Unit.SECONDS, Language.INDONESIAN) == expected.replace(" ", "\u00a0")


@pytest.mark.parametrize(
    ("value", "unit", "apart_from", "expected"),
    [
        (10.4 * 86_400, Unit.SECONDS, (14 * 86_400,), "10,4 hari"),
        (-3 * 3600, Unit.SECONDS, (0,), "-3,0 jam"),
        (0.0027, Unit.STATE, (0.001,), "0,27 %"),
        (1.0, Unit.STATE, (), "100,00 %"),
        (12.0, Unit.COUNT, (3,), "12"),
        (2.5, Unit.COUNT, (), "2,50"),
        (-19.97, Unit.DBM, (-20,), "-19,97 dBm"),
        (41.25, Unit.CELSIUS, (), "41,2 °C"),
        (3.0, Unit.DECIBELS, (), "3,0 dB"),
        (1500, Unit.BYTES, (), "1.500 byte"),
    ],
)
def test_every_unit_is_told_as_people_say_it(
    value: float, unit: Unit, apart_from: tuple[float, ...], expected: str
) -> None:
    """Ages in days and hours, levels in dBm, counts bare; still apart from the limit."""
    assert format_value(value, unit, Language.INDONESIAN, apart_from) == expected.replace(" ", "\u00a0")


@pytest.mark.parametrize(
    ("limit", "unit", "expected"),
    [
        (0.0001, Unit.RATIO, "0.01 %"),
        (0.9, Unit.RATIO, "90 %"),
        (0.1, Unit.SECONDS, "100 ms"),
        (1, Unit.RATIO, "100 %"),
        (14 * 86_400, Unit.SECONDS, "14 days"),
        (90, Unit.SECONDS, "90 s"),
        (3, Unit.COUNT, "3"),
        (-25, Unit.DBM, "-25 dBm"),
        (1400, Unit.BYTES, "1,400 bytes"),
    ],
)
def test_a_limit_has_no_idle_zeros(limit: float, unit: Unit, expected: str) -> None:
    """A limit is exact: it is told as it was set."""
    assert format_limit(limit, unit, Language.ENGLISH) == expected.replace(" ", "\u00a0")


def test_a_finding_tells_what_hangs_on_it(checklist: Checklist, catalogue: Catalogue) -> None:
    """Since when it is open, its likely cause, what declined with it, and pauses within an incident."""
    finding = checklist.findings[0]
    blip = replace(finding.row.incidents[0], stretches=3, pause_seconds=150.0)
    behind = tuple(row for row in checklist.rows if row.indicator == "interface_errors")[:15]
    told = finding_block(
        replace(finding, row=replace(finding.row, incidents=(blip,)), consequences=behind, since="2026-08"),
        catalogue.by_id(),
        None,
        Language.ENGLISH,
        UTC,
    )
    assert told["since"] == "August 2026"
    assert told["guess"].startswith("cable, connector or optic")
    assert told["incidents"][0]["remark"].replace("\u00a0", " ") == "3 stretches, pauses 2 minutes 30 seconds"
    assert [one["object"] for one in told["consequences"]["rows"]] == [row.object for row in behind[:12]]
    assert told["consequences"]["more"].startswith("3 more assessments")


def test_lengths_do_not_follow_the_clock(
    content: ReportContent, settings: Settings, catalogue: Catalogue, checklist: Checklist
) -> None:
    """Where clocks go back within it, an incident or planned work is an hour longer than its times look."""
    zone = ZoneInfo("Europe/Berlin")
    start, end = (datetime(2026, 10, 25, hour, tzinfo=zone) for hour in (1, 4))
    work = PlannedWork("core-1", "W-1", start, end)
    document = build_document(
        replace(content, checklist=replace(checklist, planned_work=(work,))), settings, catalogue, Language.ENGLISH
    )
    assert [one["duration"] for one in document["planned"]] == ["4\u00a0hours"]
    long = replace(checklist.findings[0].row.incidents[0], start=start, end=end)
    days = [datetime(2026, 10, day, tzinfo=zone) for day in range(1, 13)]
    shorter = tuple(replace(long, start=day, end=day.replace(hour=3, minute=30)) for day in days)
    row = replace(checklist.findings[0].row, incidents=(*shorter, long))
    told = finding_block(
        replace(checklist.findings[0], row=row), catalogue.by_id(), None, Language.ENGLISH, ZoneInfo("Europe/Berlin")
    )
    assert told["incidents"][-1]["start"].startswith("25 Oct")


def test_every_note_is_dated_in_the_sites_zone(checklist: Checklist, catalogue: Catalogue) -> None:
    """Also that of a finding without incidents: a note keeps its time in UTC, the report tells one zone."""
    finding = checklist.findings[0]
    note = Note("kabel", "diganti", "diamati", (), "staf", datetime(2026, 11, 30, 8, 42, tzinfo=UTC))
    bare = replace(finding, row=replace(finding.row, incidents=()))
    for one in (finding, bare):
        told = finding_block(one, catalogue.by_id(), note, Language.INDONESIAN, ZoneInfo("Asia/Jayapura"))
        assert told["note"]["noted"].replace("\u00a0", " ") == "staf, 30 Nov 2026 17.42 WIT"


@pytest.mark.parametrize(
    ("minutes", "expected"),
    [
        (0, "0 menit"),
        (0.5, "30 detik"),
        (12.5, "12 menit 30 detik"),
        (90.5, "1 jam 30 menit"),
        (40, "40 menit"),
        (120, "2 jam"),
        (125, "2 jam 5 menit"),
        (1441, "1 hari 1 menit"),
        (44640, "31 hari"),
    ],
)
def test_minutes_are_told_in_the_greatest_units(minutes: float, expected: str) -> None:
    """Nobody reads 44640 minutes."""
    assert format_minutes(minutes, Language.INDONESIAN) == expected.replace(" menit", "\u00a0menit").replace(
        " jam", "\u00a0jam"
    ).replace(" hari", "\u00a0hari").replace(" detik", "\u00a0detik")
