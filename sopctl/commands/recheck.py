"""`recheck`: a finding's component as it is now, after a repair, beside what the month said."""

import math

import click

from dcnet.bilingual_click import BilingualCommand, current_language, say
from dcnet.catalogue import Indicator, Severity, load_catalogue
from dcnet.language import Words
from sopctl.adapters.prometheus_client import PrometheusClient
from sopctl.checklist.explanation import current, limits_now
from sopctl.checklist.samples import EvidenceSource
from sopctl.commands.pulled import named_finding, pulled_checklist, tell_warnings
from sopctl.commands.root import Globals
from sopctl.commands.say import period_option, print_pairs
from sopctl.commands.session import open_session
from sopctl.evidence import ChecklistRow
from sopctl.report.figures import format_limit, format_minutes, format_value


@click.command(
    "recheck",
    cls=BilingualCommand,
    words=Words(
        "Memeriksa kembali komponen suatu temuan: keadaannya sekarang dibandingkan dengan bulan itu.",
        "Look again at a finding's component: how it is now against the month.",
    ),
)
@click.argument("finding", metavar="F01")
@period_option
@click.pass_obj
def recheck_command(options: Globals, finding: str, period: str | None) -> None:
    """Look again."""
    session = open_session(options)
    cycle = session.cycle(session.cycle_name(period))
    found = named_finding(pulled_checklist(session, cycle), finding)
    row, indicator = found.row, load_catalogue().by_id()[found.row.indicator]
    client, at, language = (
        PrometheusClient(session.settings.prometheus),
        session.clock().timestamp(),
        current_language(),
    )
    limit = _limit_now(client, indicator, row.object, at)
    pairs = [
        (Words("Temuan", "Finding"), f"{found.id}: {row.object}, {indicator.title.in_language(language)}"),
        (Words(f"Sebelum ({cycle.name})", f"Before ({cycle.name})"), _month(row, indicator)),
        (
            Words("Batas saat ini", "Limit of the moment"),
            format_limit(limit, indicator.unit, language),
        ),
    ]
    values = []
    for what, expression in current(indicator, row.object):
        answer = client.query_at(expression, at)
        # What is no number says nothing: it is neither past its limit nor within.
        values.append(answer[0].value if answer and math.isfinite(answer[0].value) else None)
        shown = format_value(values[-1], indicator.unit, language, (limit,))
        pairs.append((Words(f"Sesudah, {what.id}", f"After, {what.en}"), shown))
    print_pairs(pairs)
    tell_warnings(client)
    say(_verdict(values[0], values[1], limit, indicator))


def _limit_now(client: EvidenceSource, indicator: Indicator, name: str, at: float) -> float:
    """The warning limit in force: the inventory's where it has one. The catalogue's where nothing is recorded now."""
    recorded = client.query_at(limits_now(indicator, name), at)
    warning = (one.value for one in recorded if one.labels.get("severity") == Severity.WARNING)
    return next(warning, indicator.limits.warning)


def _month(row: ChecklistRow, indicator: Indicator) -> str:
    language = current_language()
    value = format_value(row.value, indicator.unit, language, (row.warning_limit, row.critical_limit))
    return f"{value}, {format_minutes(row.degraded_minutes, language)}"


def _verdict(now: float | None, hour: float | None, limit: float, indicator: Indicator) -> Words:
    if now is None or hour is None:
        return Words(
            "Tidak ada data sekarang: belum dapat dikatakan pulih.", "No data now: it cannot be said to be restored."
        )
    if indicator.is_past(now, limit):
        return Words("Belum pulih: masih melewati batas.", "Not restored: it is still past the limit.")
    if indicator.is_past(hour, limit):
        return Words(
            "Pulih sekarang, tetapi melewati batas dalam sejam terakhir; periksa lagi nanti.",
            "Restored now, but past the limit within the last hour; look again later.",
        )
    return Words("Pulih: tidak melewati batas selama sejam terakhir.", "Restored: not past the limit for an hour.")
