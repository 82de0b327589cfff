"""The checklist's rows by component and what they add up to, as any document shows them.

Pure.
"""

from collections import Counter
from typing import Any

from dcnet.catalogue import NAMINGS, Catalogue, Component
from dcnet.language import Language
from sopctl.evidence import Checklist, Status
from sopctl.report import labels, wording
from sopctl.report.finding_text import row_figures


def checklist_groups(checklist: Checklist, catalogue: Catalogue, language: Language) -> list[dict[str, Any]]:
    """Every row, under the kind of its component."""
    indicators = catalogue.by_id()
    return [
        {
            "component": NAMINGS[component].title.in_language(language),
            "rows": [
                row_figures(row, indicators[row.indicator], language)
                for row in checklist.rows
                if row.component is component
            ],
        }
        for component in Component
        if any(row.component is component for row in checklist.rows)
    ]


def summary_of(checklist: Checklist, language: Language) -> dict[str, Any]:
    """The month in a sentence, and how many rows have each status."""
    statuses = Counter(row.status for row in checklist.rows)
    sentence = wording.summary_text(
        len(checklist.rows), statuses[Status.CRITICAL], statuses[Status.DEGRADED], statuses[Status.NO_DATA]
    )
    return {
        "summary": sentence.in_language(language),
        "tiles": [
            {"status": status.value, "name": words.in_language(language), "count": str(statuses[status])}
            for status, words in labels.STATUSES.items()
        ],
    }
