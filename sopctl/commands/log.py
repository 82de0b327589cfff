"""`log`: every event of a cycle, as the ledger holds it."""

import click

from dcnet.bilingual_click import BilingualCommand, say
from dcnet.language import Words
from sopctl.chain.event import Event, EventKind
from sopctl.chain.payload import SAME_PERSON, manual_of
from sopctl.chain.steps import COMMANDS
from sopctl.commands.root import Globals
from sopctl.commands.say import CAPACITY_MARKS, period_option, print_table, word
from sopctl.commands.session import open_session
from sopctl.dates import short_moment

SHORT_HASH = 12
FILE_HASH = 12


@click.command(
    "log",
    cls=BilingualCommand,
    words=Words(
        "Semua kejadian suatu siklus: kapan, siapa, dari login mana, apa.",
        "All events of a cycle: when, who, from which login, what.",
    ),
)
@period_option
@click.pass_obj
def log_command(options: Globals, period: str | None) -> None:
    """Show the events."""
    session = open_session(options)
    cycle = session.cycle(session.cycle_name(period))
    events = session.ledger.events(cycle.name)
    print_table(
        (
            Words("No", "No"),
            Words("Waktu", "Time"),
            Words("Perintah", "Command"),
            Words("Pejabat", "Official"),
            Words("Login", "Login"),
            Words("Hash", "Hash"),
            Words("Isi", "Content"),
        ),
        [
            (
                str(event.sequence),
                short_moment(event.time, session.settings.zone),
                COMMANDS[event.kind],
                _official(event),
                event.actor.os_user,
                event.hash[:SHORT_HASH],
                word(content_in_words(event)),
            )
            for event in events
        ],
        right=frozenset({0}),
    )
    click.echo()
    zone = session.settings.time_zone
    say(
        Words(f"Kepala rantai: {cycle.head}. Waktu dalam {zone}.", f"Head of the chain: {cycle.head}. Times in {zone}.")
    )


def _official(event: Event) -> str:
    official = event.actor.official
    return f"{CAPACITY_MARKS[official.capacity]}{official.id} ({official.position.value})"


def content_in_words(event: Event) -> Words:
    """What the event says, in one line."""
    payload = event.payload
    match event.kind:
        case EventKind.OPENED | EventKind.ASSIGNED:
            words = _same(payload["instruction"] or "-")
        case EventKind.PULLED:
            found = len(payload["findings"])
            file = payload["checklist"][:FILE_HASH]
            words = Words(f"{found} temuan, checklist {file}", f"{found} findings, checklist {file}")
        case EventKind.NOTED:
            evidence = len(payload["evidence"])
            about = f"{payload['finding']} {payload['object']} {payload['indicator']}"
            words = Words(
                f"{about}: {payload['cause']}; {payload['action']}; {payload['follow_up']} ({evidence} bukti)",
                f"{about}: {payload['cause']}; {payload['action']}; {payload['follow_up']} ({evidence} evidence)",
            )
        case EventKind.SUBMITTED:
            words = _same(f"checklist {payload['checklist'][:FILE_HASH]}")
        case EventKind.CHECKED:
            words = Words(
                f"laporan {payload['number']}, isi {payload['report'][:FILE_HASH]}",
                f"report {payload['number']}, content {payload['report'][:FILE_HASH]}",
            )
        case EventKind.FORWARDED | EventKind.APPROVED:
            words = Words(f"isi {payload['report'][:FILE_HASH]}", f"content {payload['report'][:FILE_HASH]}")
        case EventKind.RETURNED:
            words = _same(payload["reason"])
    if payload.get(SAME_PERSON):
        words = Words(f"{words.id} [orang yang sama, diizinkan]", f"{words.en} [same person, allowed]")
    manual = manual_of(payload)
    if manual is not None:
        by = manual["recorded_by"]["official"]
        words = Words(f"{words.id} [di atas kertas, dicatat oleh {by}]", f"{words.en} [on paper, recorded by {by}]")
    return Words(" ".join(words.id.split()), " ".join(words.en.split()))


def _same(text: str) -> Words:
    return Words(text, text)
