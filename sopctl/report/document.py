"""What the Laporan says, as plain strings for `pages/laporan.typ`.

Owns the content of each section. It must not know fonts, sizes or colours; the template must not know
units, languages or rules.
"""

from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from typing import Any

from dcnet.catalogue import EVALUATION_INTERVAL_SECONDS, NAMINGS, Catalogue, Component, Indicator, Unit, owner_of
from dcnet.language import Language, Words
from sopctl.evidence import Checklist, ChecklistRow, HourlySeries, ReportContent, SignatureKind, Status
from sopctl.report import labels, wording
from sopctl.report.chart import chart_of, panel_chart
from sopctl.report.checklist_table import checklist_groups, summary_of
from sopctl.report.contract_table import contract_rows
from sopctl.report.figures import format_instant, format_limit, format_minutes, format_month
from sopctl.report.finding_text import finding_block, row_figures
from sopctl.report.frame import Frame, framed
from sopctl.report.measures import measure_rows
from sopctl.report.sop_text import LEGAL_BASES
from sopctl.report.step_table import signature_blocks, step_rows
from sopctl.settings import Settings

Say = Callable[[Words], str]
_RATIO = Unit.RATIO


def build_document(
    content: ReportContent, settings: Settings, catalogue: Catalogue, language: Language
) -> dict[str, Any]:
    """The whole document; a function of its arguments alone."""

    def say(words: Words) -> str:
        return words.in_language(language)

    checklist = content.checklist
    signed = content.signatures is not SignatureKind.NONE
    month = format_month(content.period.start.date(), language)
    frame = Frame(
        title=labels.LABELS["title"],
        number=content.number,
        period=content.period,
        issued_on=content.issued_on,
        chain_head=content.chain_head,
        signatures=content.signatures,
        draft=not content.approved and not signed,
        revision=content.revision,
    )
    document = {
        "general": say(wording.general_text(month)),
        "bases": list(LEGAL_BASES),
        "scope": _scope(checklist, say, language),
        "method": [say(words) for words in _method(checklist, language)],
        **_results(content, catalogue, language),
        "conclusion": content.conclusion.split("\n") if content.conclusion else [],
        "suggestion": content.suggestion.split("\n") if content.suggestion else [],
        "closing": say(wording.closing_text(content.approved, signed)),
        "signatures": signature_blocks(content, settings, language),
        "steps": step_rows(content.steps, settings, language, awaited=signed),
        "steps_note": say(wording.actual_time_note(awaited=signed)),
        "checklist": checklist_groups(checklist, catalogue, language),
        "indicators": _indicators(checklist, catalogue, language),
    }
    return framed(frame, document, settings, language)


def _method(checklist: Checklist, language: Language) -> Iterator[Words]:
    yield from wording.method_texts(EVALUATION_INTERVAL_SECONDS)
    pause = checklist.shortest_pause_minutes
    yield wording.outage_method_text(format_minutes(pause, language) if pause else "")


def _results(content: ReportContent, catalogue: Catalogue, language: Language) -> dict[str, Any]:
    checklist = content.checklist
    indicators = catalogue.by_id()
    series = {(one.object, one.indicator): one for one in checklist.series}
    zone = content.period.start.tzinfo
    return {
        **summary_of(checklist, language),
        "by_component": _by_component(checklist, language),
        "findings": [
            {"id": finding.id, **row_figures(finding.row, indicators[finding.row.indicator], language)}
            for finding in checklist.findings
        ],
        "details": [
            {
                **finding_block(finding, indicators, content.notes.get(finding.id), language, zone),
                "chart": _chart(finding.row, series, checklist, indicators[finding.row.indicator], language),
            }
            for finding in checklist.findings
        ],
        "measures": measure_rows(checklist, content.notes, indicators, language),
        "measures_note": wording.measures_note().in_language(language),
        "panels": [
            {
                "title": panel.title,
                "link": panel.link,
                "file": f"panel-{index}.png" if panel.png is not None else "",
                "chart": panel_chart(panel, content.period, language) if panel.lines else None,
                "missing": wording.missing_panel_text(panel.name).in_language(language),
            }
            for index, panel in enumerate(content.panels)
        ],
        "planned": [
            {
                "object": work.object,
                "name": work.name,
                "start": format_instant(work.start, language),
                "end": format_instant(work.end, language),
                "duration": format_minutes(round(work.seconds / 60), language),
            }
            for work in checklist.planned_work
        ],
        "contracts": contract_rows(checklist, language),
        "contracts_note": wording.availability_note().in_language(language),
        "no_data": _without_data(checklist, catalogue, language),
        "warnings": list(checklist.warnings),
    }


def _chart(
    row: ChecklistRow,
    series: Mapping[tuple[str, str], HourlySeries],
    checklist: Checklist,
    indicator: Indicator,
    language: Language,
) -> dict[str, Any] | None:
    found = series.get((row.object, row.indicator))
    if found is None:
        return None
    return chart_of(found, row, indicator, checklist, language)


def _scope(checklist: Checklist, say: Say, language: Language) -> str:
    objects = Counter(component for component, _name in {(row.component, row.object) for row in checklist.rows})
    zone = checklist.period.start.tzinfo
    pulled = checklist.pulled_at.astimezone(zone)
    return say(
        wording.scope_text(
            wording.counts_text(objects[Component.DEVICE], objects[Component.INTERFACE], objects[Component.LINK]),
            checklist.source,
            f"{format_instant(pulled, language)} {pulled.tzname()}",
            f"{format_instant(checklist.period.start, language)} {checklist.period.start.tzname()}",
            f"{format_instant(checklist.period.end, language)} {checklist.period.end.tzname()}",
        )
    )


def _indicators(checklist: Checklist, catalogue: Catalogue, language: Language) -> list[dict[str, str]]:
    """By which figures each indicator of this checklist was judged, in the catalogue's order."""
    judged = {row.indicator for row in checklist.rows}
    return [
        {
            "indicator": one.title.in_language(language),
            "meaning": one.explanation.in_language(language),
            "tolerated": format_minutes(one.month.tolerated_degraded_minutes, language),
            "coverage": format_limit(one.month.minimum_coverage, _RATIO, language),
            "lookback": format_minutes(one.lookback_minutes, language),
        }
        for one in catalogue.indicators
        if one.id in judged
    ]


def _by_component(checklist: Checklist, language: Language) -> list[dict[str, Any]]:
    rows = []
    for component in Component:
        statuses = Counter(row.status for row in checklist.rows if row.component is component)
        if statuses:
            rows.append(
                {
                    "component": NAMINGS[component].title.in_language(language),
                    "total": str(statuses.total()),
                    "counts": [str(statuses[status]) for status in labels.STATUSES],
                }
            )
    return rows


def _without_data(checklist: Checklist, catalogue: Catalogue, language: Language) -> list[dict[str, str]]:
    """Rows without sufficient data; what belongs to one device or link stands in one line for each indicator."""
    indicators = catalogue.by_id()
    groups: dict[tuple[str, str], list[ChecklistRow]] = {}
    for row in checklist.rows:
        if row.status is Status.NO_DATA:
            groups.setdefault((owner_of(row.object), row.indicator), []).append(row)
    lines = []
    for (name, indicator), rows in groups.items():
        parts = ", ".join(row.object.removeprefix(name).lstrip(":") for row in rows)
        lines.append(
            {
                "object": name,
                "indicator": indicators[indicator].title.in_language(language),
                "which": parts,
                "coverage": format_limit(round(sum(row.coverage for row in rows) / len(rows), 4), _RATIO, language),
            }
        )
    return lines
