"""The checklist as CSV, one line a row, as a spreadsheet of the report's language opens it.

Owns the dialect. UTF-8 with a byte order mark (without it Excel reads names as Windows-1252) and CRLF
(RFC 4180). Indonesian: semicolon and decimal comma, the list separator and decimal sign of Windows in
Indonesia, where `0.9972` in a comma file would open as text or as a wrong number. English: comma and
decimal point.
"""

import csv
import io

from dcnet.catalogue import Catalogue
from dcnet.language import Language
from sopctl.evidence import Checklist

COLUMNS = (
    "finding",
    "component",
    "object",
    "device",
    "indicator",
    "unit",
    "status",
    "value",
    "previous_value",
    "warning_limit",
    "critical_limit",
    "coverage",
    "degraded_minutes",
    "critical_minutes",
    "planned_minutes",
    "unknown_minutes",
    "incidents",
)

FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r")


def checklist_to_csv(checklist: Checklist, catalogue: Catalogue, language: Language) -> bytes:
    """The file's bytes. `incidents` is the number of incidents; their times stand in the JSON."""
    comma = language is Language.INDONESIAN
    indicators = catalogue.by_id()
    findings = {(finding.row.object, finding.row.indicator): finding.id for finding in checklist.findings}

    def number(value: float | None) -> str:
        # repr keeps every digit: the file is for computing.
        text = "" if value is None else repr(value)
        return text.replace(".", ",") if comma else text

    out = io.StringIO(newline="")
    writer = csv.writer(out, delimiter=";" if comma else ",", lineterminator="\r\n")
    writer.writerow(COLUMNS)
    for row in checklist.rows:
        writer.writerow(
            [
                findings.get((row.object, row.indicator), ""),
                row.component.value,
                _text(row.object),
                _text(row.device),
                row.indicator,
                indicators[row.indicator].unit.value,
                row.status.value,
                *(number(one) for one in (row.value, row.previous_value, row.warning_limit, row.critical_limit)),
                number(row.coverage),
                number(row.degraded_minutes),
                number(row.critical_minutes),
                row.planned_minutes,
                row.unknown_minutes,
                len(row.incidents),
            ]
        )
    return out.getvalue().encode("utf-8-sig")


def _text(value: str) -> str:
    """A name as text also where a spreadsheet would take it for a formula: devices choose their ports' names."""
    return f"'{value}" if value.startswith(FORMULA_STARTS) else value
