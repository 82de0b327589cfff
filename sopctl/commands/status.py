"""`status`: at whom the cycle is, since when, what comes next and with which command."""

from datetime import timedelta

import click

from dcnet.bilingual_click import BilingualCommand, say
from dcnet.language import Words
from sopctl.adapters.holiday_calendar import working_time_of
from sopctl.chain.cycle import Cycle
from sopctl.chain.deadlines import due_of
from sopctl.chain.rules import next_commands, no_cycle
from sopctl.chain.site import Site
from sopctl.chain.steps import MINUTES_OF_A_DAY, STEPS, WORK_STEP, Step, step_number
from sopctl.commands.root import Globals
from sopctl.commands.say import CAPACITY_MARKS, period_option, print_pairs, print_table, word
from sopctl.commands.session import Session, open_session
from sopctl.dates import moment_in_words, month_in_words, short_moment, span_in_words


@click.command(
    "status",
    cls=BilingualCommand,
    words=Words(
        "Di siapa siklus berada, sejak kapan, dan langkah berikutnya beserta perintahnya.",
        "At whom the cycle is, since when, and the next step with its command.",
    ),
)
@period_option
@click.pass_obj
def status_command(options: Globals, period: str | None) -> None:
    """Tell how the cycle stands."""
    session = open_session(options)
    if period is None and not session.ledger.cycles():
        say(no_cycle("", session.site))
        return
    cycle, site = session.cycle(session.cycle_name(period)), session.site
    month = month_in_words(cycle.period_start)
    pairs = [
        (Words("Siklus", "Cycle"), f"{cycle.name} ({word(month)})"),
        (Words("Revisi", "Revision"), str(cycle.revision)),
        *(_turn(session, site, cycle, step_number(cycle.next_step)) if cycle.next_step else _ended(session, cycle)),
        (Words("Checklist", "Checklist"), _checklist(session, cycle)),
    ]
    print_pairs(pairs)
    click.echo()
    _print_steps(session, cycle)
    others = [name for name in site.open_cycles if name != cycle.name]
    if others:
        click.echo()
        listed = ", ".join(others)
        say(
            Words(
                f"Siklus lain yang belum selesai: {listed} ({session.program} status --period YYYY-MM).",
                f"Other cycles not ended: {listed} ({session.program} status --period YYYY-MM).",
            )
        )


def _turn(session: Session, site: Site, cycle: Cycle, step: Step) -> list[tuple[Words, str]]:
    waited = session.clock() - cycle.since
    pairs = [
        (
            Words("Langkah", "Step"),
            word(Words(f"{step.number} dari 7, {step.title.id}", f"{step.number} of 7, {step.title.en}")),
        ),
        (Words("Pada", "At"), _holders(session, site, step)),
        (
            Words("Sejak", "Since"),
            f"{word(moment_in_words(cycle.since, site.zone))} ({word(span_in_words(waited))})",
        ),
        (Words("Waktu baku", "Standard time"), word(_standard(step))),
        (Words("Tenggat", "Due"), word(_due(session, cycle))),
    ]
    if cycle.returned is not None:
        reason = cycle.returned.payload["reason"]
        pairs.append(
            (
                Words("Dikembalikan", "Sent back"),
                word(
                    Words(
                        f"oleh {cycle.returned.actor.official.name}: {reason}",
                        f"by {cycle.returned.actor.official.name}: {reason}",
                    )
                ),
            )
        )
    commands = "\n".join(site.command(step.position, command, cycle.name) for command in next_commands(cycle, step))
    pairs.append((Words("Berikutnya", "Next"), commands))
    if session.clock() < cycle.period_end and cycle.next_step == WORK_STEP:
        when = moment_in_words(cycle.period_end, site.zone)
        pairs.append((Words("Dapat mulai", "Possible from"), word(when)))
    return pairs


def _holders(session: Session, site: Site, step: Step) -> str:
    """Title, and who stands in the position today."""
    now, roster = session.clock(), session.settings.roster
    names = [
        CAPACITY_MARKS[term.capacity] + official.name
        for official in session.settings.officials
        for term in roster.terms_at(official.id, now)
        if term.position is step.position
    ]
    title = site.titled(step.position)
    return f"{title}: {', '.join(names)}" if names else title


def _ended(session: Session, cycle: Cycle) -> list[tuple[Words, str]]:
    when = moment_in_words(cycle.since, session.settings.zone)
    by = cycle.last_move.actor.official.name
    return [
        (Words("Keadaan", "State"), word(Words(f"disetujui oleh {by}, {when.id}", f"approved by {by}, {when.en}"))),
        (Words("Berikutnya", "Next"), f"{session.program} report --period {cycle.name}"),
    ]


def _standard(step: Step) -> Words:
    if step.standard_minutes is None:
        return Words("1 bulan", "1 month")
    if step.standard_minutes == MINUTES_OF_A_DAY:
        return Words("1 hari kerja", "1 working day")
    span = span_in_words(timedelta(minutes=step.standard_minutes))
    return Words(f"{span.id} jam kerja", f"{span.en} of working time")


def _due(session: Session, cycle: Cycle) -> Words:
    due = due_of(cycle, working_time_of(session.settings))
    if due is None:
        return Words("-", "-")
    when = moment_in_words(due, session.settings.zone)
    late = session.clock() - due
    if late <= timedelta(0):
        return when
    span = span_in_words(late)
    return Words(f"{when.id}, terlewati {span.id}", f"{when.en}, exceeded by {span.en}")


def _checklist(session: Session, cycle: Cycle) -> str:
    if cycle.checklist is None:
        return word(Words("belum ditarik", "not pulled yet"))
    pulled = moment_in_words(cycle.checklist.event.time, session.settings.zone)
    findings = len(cycle.checklist.findings)
    missing = ", ".join(cycle.findings_without_note())
    return word(
        Words(
            f"ditarik {pulled.id} (tarikan ke-{cycle.pulls}); {findings} temuan"
            + (f"; belum dicatat: {missing}" if missing else "")
            + (f"; {cycle.checklist.warnings} peringatan Prometheus" if cycle.checklist.warnings else ""),
            f"pulled {pulled.en} (pull {cycle.pulls}); {findings} finding{'' if findings == 1 else 's'}"
            + (f"; without a note: {missing}" if missing else "")
            + (f"; {cycle.checklist.warnings} Prometheus warnings" if cycle.checklist.warnings else ""),
        )
    )


def _print_steps(session: Session, cycle: Cycle) -> None:
    rows = []
    for step in STEPS:
        event = cycle.done.get(step.number)
        mark = ">" if step.number == cycle.next_step else ""
        official = event.actor.official if event else None
        rows.append(
            (
                f"{mark}{step.number}",
                word(step.title),
                step.position.value,
                CAPACITY_MARKS[official.capacity] + official.name if official else "-",
                short_moment(event.time, session.settings.zone) if event else "-",
            )
        )
    print_table(
        (
            Words("No", "No"),
            Words("Langkah", "Step"),
            Words("Jabatan", "Position"),
            Words("Oleh", "By"),
            Words("Waktu", "Time"),
        ),
        rows,
        right=frozenset({0}),
    )
