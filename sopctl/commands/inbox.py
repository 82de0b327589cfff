"""`inbox`: what waits for the official who asks, with the command that each needs."""

import click

from dcnet.bilingual_click import BilingualCommand, say
from dcnet.language import Words
from sopctl.adapters.holiday_calendar import working_time_of
from sopctl.chain.cycle import Cycle
from sopctl.chain.deadlines import due_of
from sopctl.chain.rules import next_commands
from sopctl.chain.steps import step_number
from sopctl.commands.acting import Acting
from sopctl.commands.root import Globals
from sopctl.commands.say import print_table, word
from sopctl.commands.session import Session, open_session
from sopctl.dates import short_moment


@click.command(
    "inbox",
    cls=BilingualCommand,
    words=Words(
        "Apa yang menunggu Anda: langkah, sejak kapan, tenggatnya, dan perintahnya. Juga sebagai Plh. atau Plt.",
        "What waits for you: the step, since when, when it is due, and its command. Also as Plh. or Plt.",
    ),
)
@click.pass_obj
def inbox_command(options: Globals) -> None:
    """Show what waits."""
    session = open_session(options)
    acting = Acting.of(session.settings, session.acting, session.clock())
    mine = {actor.official.position for actor in acting.actors()}
    waiting = [
        cycle
        for cycle in (session.cycle(name) for name in session.open_cycles())
        if cycle.next_step and step_number(cycle.next_step).position in mine
    ]
    name = acting.official.name
    if not waiting:
        say(Words(f"Tidak ada yang menunggu {name}.", f"Nothing waits for {name}."))
        return
    say(Words(f"Menunggu {name}:", f"Waiting for {name}:"))
    print_table(
        (
            Words("Siklus", "Cycle"),
            Words("Langkah", "Step"),
            Words("Sejak", "Since"),
            Words("Tenggat", "Due"),
            Words("Perintah", "Command"),
        ),
        [_row(session, acting, cycle) for cycle in waiting],
    )


def _row(session: Session, acting: Acting, cycle: Cycle) -> tuple[str, ...]:
    zone = session.settings.zone
    step = step_number(cycle.next_step or 1)
    due = due_of(cycle, working_time_of(session.settings)) or cycle.since
    late = Words(" (terlewati)", " (overdue)") if due < session.clock() else Words("", "")
    command = next_commands(cycle, step)[0]
    return (
        cycle.name,
        f"{step.number}. {word(step.title)}",
        short_moment(cycle.since, zone),
        short_moment(due, zone) + word(late),
        f"{session.program} --as {acting.official.id} {command}{session.site.about(cycle.name)}",
    )
