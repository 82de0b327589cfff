"""`explain`: how a finding came about, as questions that anyone can ask Prometheus or Grafana again."""

from urllib.parse import urlencode

import click

from dcnet.bilingual_click import BilingualCommand, current_language, say
from dcnet.catalogue import load_catalogue
from dcnet.language import Language, Words
from dcnet.visible import make_visible
from sopctl.adapters.prometheus_client import PrometheusClient, told_time
from sopctl.checklist.causes import likely_cause
from sopctl.checklist.explanation import Asked, ask_again
from sopctl.checklist.queries import quote
from sopctl.commands.pulled import named_finding, pulled_checklist, tell_warnings
from sopctl.commands.root import Globals
from sopctl.commands.say import period_option, print_pairs, word
from sopctl.commands.session import open_session
from sopctl.evidence import Checklist, Finding, Incident, Status
from sopctl.report.figures import format_limit, format_minutes, format_value
from sopctl.report.labels import SEVERITIES, STATUSES
from sopctl.report.wording import pauses_text

BOARD = "dcnet-degradation"
"""The uid of the board that shows every indicator with its limits; its English twin ends in `-en`."""

AROUND_SECONDS = 1800
MOST_INCIDENTS = 8


@click.command(
    "explain",
    cls=BilingualCommand,
    words=Words(
        "Menjelaskan suatu temuan: pertanyaan PromQL dengan jawabannya, agar siapa pun dapat mengulanginya.",
        "Explain a finding: the PromQL questions with their answers, so that anyone can repeat them.",
    ),
)
@click.argument("finding", metavar="F01")
@period_option
@click.pass_obj
def explain_command(options: Globals, finding: str, period: str | None) -> None:
    """Explain."""
    session = open_session(options)
    cycle = session.cycle(session.cycle_name(period))
    checklist = pulled_checklist(session, cycle)
    found = named_finding(checklist, finding)
    indicator, language = load_catalogue().by_id()[found.row.indicator], current_language()
    row = found.row
    pairs = [
        (Words("Temuan", "Finding"), f"{found.id}: {row.object}, {indicator.title.in_language(language)}"),
        (Words("Status", "Status"), word(STATUSES[row.status])),
        (
            Words("Nilai bulan itu", "The month's value"),
            format_value(row.value, indicator.unit, language, (row.warning_limit, row.critical_limit)),
        ),
        (
            Words("Batas", "Limits"),
            " / ".join(format_limit(one, indicator.unit, language) for one in (row.warning_limit, row.critical_limit)),
        ),
        (Words("Lama menurun", "Time declined"), format_minutes(row.degraded_minutes, language)),
        (Words("Dugaan sebab", "Likely cause"), word(likely_cause(found))),
        (Words("Tindakan", "Action"), indicator.action.in_language(language)),
    ]
    incidents = sorted(row.incidents, key=lambda one: -one.seconds)[:MOST_INCIDENTS]
    pairs += [(Words("Kejadian", "Incident"), _incident(one)) for one in sorted(incidents, key=lambda one: one.start)]
    if len(row.incidents) > len(incidents):
        rest = len(row.incidents) - len(incidents)
        more = Words(f"dan {rest} lain yang lebih pendek", f"and {rest} shorter")
        pairs.append((Words("Kejadian", "Incidents"), word(more)))
    behind = ", ".join(f"{one.object} ({one.indicator})" for one in found.consequences)
    if behind:
        pairs.append((Words("Ikut menurun", "Declined with it"), behind))
    if session.settings.grafana is not None and session.settings.grafana.url is not None:
        pairs.append((Words("Papan", "Board"), _board(session.settings.grafana.url, found, checklist, language)))
    print_pairs(pairs)
    say(
        Words(
            f"\nPertanyaan kepada {checklist.source}, /api/v1/query, dengan time= di bawahnya:",
            f"\nQuestions to {checklist.source}, /api/v1/query, with the time= below:",
        )
    )
    client = PrometheusClient(session.settings.prometheus)
    for asked in ask_again(client, row, indicator, checklist.period):
        _show(asked)
    tell_warnings(client)


def _incident(one: Incident) -> str:
    """`2024-10-05 10:00:13 – 10:40:13, 40 menit, kritis`."""
    language = current_language()
    end = one.end.strftime("%H:%M:%S" if one.end.date() == one.start.date() else "%Y-%m-%d %H:%M:%S")
    told = [
        f"{one.start:%Y-%m-%d %H:%M:%S} – {end}",
        format_minutes(one.seconds / 60, language),
        word(SEVERITIES[one.severity]).lower(),
    ]
    if one.planned:
        told.append(word(STATUSES[Status.PLANNED]).lower())
    if one.stretches > 1:
        told.append(word(pauses_text(one.stretches, format_minutes(one.pause_seconds / 60, language))))
    return ", ".join(told)


def _show(asked: Asked) -> None:
    click.echo(make_visible(f"\n# {word(asked.what)}\n{asked.expression}\n  time={told_time(asked.at)}"))
    for sample in asked.samples:
        labels = ", ".join(f"{name}={quote(value)}" for name, value in sorted(sample.labels.items()))
        click.echo(make_visible(f"  {{{labels}}} => {sample.value!r}"))
    if not asked.samples:
        click.echo("  " + word(Words("(tidak ada data)", "(no data)")))


def _board(base: str, finding: Finding, checklist: Checklist, language: Language) -> str:
    """The board at the time of the longest incident, else over the whole month."""
    row = finding.row
    bad = [one for one in row.incidents if not one.planned]
    longest = max(bad, key=lambda one: one.seconds, default=None)
    start, end = (longest.start, longest.end) if longest else (checklist.period.start, checklist.period.end)
    margin = AROUND_SECONDS if longest else 0
    uid = BOARD + ("-en" if language is Language.ENGLISH else "")
    times = {
        "from": int((start.timestamp() - margin) * 1000),
        "to": int((end.timestamp() + margin) * 1000),
    }
    # The board chooses by device; what has none is always shown.
    query = urlencode({**times, **({"var-device": row.device} if row.device else {})})
    return f"{base}/d/{uid}?{query}"
