"""Internet links against what their providers promised.

Owns the comparison of the month's rows with the contracts on record. Pure.
"""

from dcnet.catalogue import Unit
from dcnet.language import Language, Words
from sopctl.evidence import Checklist, ChecklistRow, Status
from sopctl.report import labels
from sopctl.report.figures import ABSENT, format_limit, format_value

AVAILABILITY = "link_availability"
LOSS = "link_loss"
LATENCY = "link_latency"
"""The catalogue's indicators that measure what contracts promise."""


def contract_rows(checklist: Checklist, language: Language) -> list[dict[str, str]]:
    """A line for each term of each contract; what was not measured says so."""
    rows = {(row.object, row.indicator): row for row in checklist.rows}
    lines = []
    for contract in checklist.contracts:
        available, loss, latency = (rows.get((contract.link, one)) for one in (AVAILABILITY, LOSS, LATENCY))
        for term, promised, measured, sign, unit in (
            (Words("Ketersediaan", "Availability"), contract.availability, _value(available), "≥", Unit.RATIO),
            (Words("Kehilangan paket", "Packet loss"), contract.loss, _value(loss), "≤", Unit.RATIO),
            (Words("Latensi", "Latency"), contract.latency_seconds, _value(latency), "≤", Unit.SECONDS),
        ):
            if promised is not None:
                lines.append(
                    {
                        "link": contract.link,
                        "provider": contract.provider or ABSENT,
                        "term": term.in_language(language),
                        "promised": f"{sign}\u00a0{format_limit(promised, unit, language)}",
                        "measured": format_value(measured, unit, language, (promised,)),
                        **_verdict(promised, measured, sign, language),
                    }
                )
    return lines


def _value(row: ChecklistRow | None) -> float | None:
    return row.value if row is not None and row.status is not Status.NO_DATA else None


def _verdict(promised: float, measured: float | None, sign: str, language: Language) -> dict[str, str]:
    if measured is None:
        words, status = labels.STATUSES[Status.NO_DATA], Status.NO_DATA
    elif measured >= promised if sign == "≥" else measured <= promised:
        words, status = Words("Terpenuhi", "Kept"), Status.GOOD
    else:
        words, status = Words("Tidak terpenuhi", "Not kept"), Status.CRITICAL
    return {"verdict": words.in_language(language), "status": status.value}
