"""The checklist as a spreadsheet (Office Open XML): a sheet of findings, one of all rows, one of incidents.

Owns columns and cells. Numbers are numbers, with the unit's own format; names are text and never formulas.
"""

import io
from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import TypeAlias

from openpyxl import Workbook
from openpyxl.cell import WriteOnlyCell
from openpyxl.cell.cell import Cell as SheetCell
from openpyxl.styles import Font
from openpyxl.worksheet._write_only import WriteOnlyWorksheet

from dcnet.catalogue import Catalogue, Unit
from dcnet.language import Language, Words
from dcnet.visible import make_visible
from sopctl.checklist.causes import likely_cause
from sopctl.evidence import Checklist, ChecklistRow
from sopctl.report.labels import SEVERITIES, STATUSES

Cell: TypeAlias = str | float | int | datetime | None

ROW_COLUMNS = (
    *(Words("Temuan", "Finding"), Words("Objek", "Object"), Words("Perangkat", "Device")),
    *(Words("Indikator", "Indicator"), Words("Status", "Status"), Words("Nilai", "Value")),
    *(Words("Bulan lalu", "Month before"), Words("Batas menurun", "Warning limit"), Words("Batas kritis", "Critical")),
    *(Words("Satuan", "Unit"), Words("Terukur", "Measured"), Words("Menit menurun", "Minutes declined")),
    *(Words("Menit kritis", "Minutes critical"), Words("Menit terencana", "Minutes planned")),
    *(Words("Menit tanpa data", "Minutes unknown"), Words("Kejadian", "Incidents")),
    Words("Kejadian terlama (menit)", "Longest incident (minutes)"),
)
FINDING_COLUMNS = (
    *(Words("Temuan", "Finding"), Words("Objek", "Object"), Words("Indikator", "Indicator")),
    *(Words("Status", "Status"), Words("Sejak", "Since"), Words("Dugaan sebab", "Likely cause")),
    *(Words("Tindakan yang disarankan", "Recommended action"), Words("Ikut menurun", "Declined with it")),
)
INCIDENT_COLUMNS = (
    *(Words("Objek", "Object"), Words("Indikator", "Indicator"), Words("Mulai", "Start"), Words("Selesai", "End")),
    *(Words("Status", "Status"), Words("Terencana", "Planned")),
)


def checklist_to_xlsx(checklist: Checklist, catalogue: Catalogue, language: Language) -> bytes:
    """The file's bytes."""
    book = Workbook(write_only=True)
    indicators = catalogue.by_id()

    def title(indicator: str) -> str:
        return indicators[indicator].title.in_language(language)

    def row_cells(row: ChecklistRow) -> Sequence[Cell]:
        unit = indicators[row.indicator].unit
        return (
            *(finding_of.get((row.object, row.indicator), ""), row.object, row.device, title(row.indicator)),
            *(STATUSES[row.status].in_language(language), row.value, row.previous_value),
            *(row.warning_limit, row.critical_limit, "" if unit is Unit.RATIO else unit.value, row.coverage),
            *(row.degraded_minutes, row.critical_minutes, row.planned_minutes, row.unknown_minutes),
            *(len(row.incidents), round(row.longest_seconds / 60, 1)),
        )

    finding_of = {(one.row.object, one.row.indicator): one.id for one in checklist.findings}
    findings = [
        (
            *(one.id, one.row.object, title(one.row.indicator), STATUSES[one.row.status].in_language(language)),
            *(one.since, likely_cause(one).in_language(language)),
            indicators[one.row.indicator].action.in_language(language),
            "\n".join(f"{each.object}: {title(each.indicator)}" for each in one.consequences),
        )
        for one in checklist.findings
    ]
    incidents = [
        (
            *(row.object, title(row.indicator)),
            # A spreadsheet knows no zones: these are the site's clock.
            *(one.start.replace(tzinfo=None), one.end.replace(tzinfo=None)),
            *(SEVERITIES[one.severity].in_language(language), "1" if one.planned else ""),
        )
        for row in checklist.rows
        for one in row.incidents
    ]
    _sheet(book, Words("Temuan", "Findings"), FINDING_COLUMNS, findings, language)
    _sheet(book, Words("Semua baris", "All rows"), ROW_COLUMNS, (row_cells(row) for row in checklist.rows), language)
    _sheet(book, Words("Kejadian", "Incidents"), INCIDENT_COLUMNS, incidents, language)
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def _sheet(
    book: Workbook, name: Words, columns: Sequence[Words], rows: Iterable[Sequence[Cell]], language: Language
) -> None:
    sheet: WriteOnlyWorksheet = book.create_sheet(name.in_language(language))
    sheet.freeze_panes = "A2"
    head = []
    for column in columns:
        cell = WriteOnlyCell(sheet, column.in_language(language))
        cell.font = Font(bold=True)
        head.append(cell)
    sheet.append(head)
    for row in rows:
        sheet.append([_cell(sheet, value) for value in row])


def _cell(sheet: WriteOnlyWorksheet, value: Cell) -> SheetCell:
    # XML has no place for controls.
    cell = WriteOnlyCell(sheet, make_visible(value) if isinstance(value, str) else value)
    if isinstance(value, str):
        # A port may be called `=cmd`: it stays a name.
        cell.data_type = "s"
    return cell
