"""`metrics`: the state of the cycles for Prometheus, as text or in `metrics_file`; every step writes it too."""

import os
from contextlib import suppress

import click

from dcnet.bilingual_click import BilingualCommand, say
from dcnet.language import Words
from dcnet.os_errors import reason_of
from sopctl.adapters.holiday_calendar import working_time_of
from sopctl.commands.root import Globals
from sopctl.commands.session import Session, open_session
from sopctl.errors import SopctlError
from sopctl.workflow.cycle_metrics import render_metrics

PUBLIC_MODE = 0o644


@click.command(
    "metrics",
    cls=BilingualCommand,
    words=Words(
        "Menampilkan keadaan siklus sebagai metrik Prometheus, dan menulisnya ke metrics_file bila disebut dalam "
        "sopctl.yml. Setiap langkah juga menulisnya.",
        "Show the state of the cycles as Prometheus metrics, and write them to metrics_file where sopctl.yml names "
        "one. Every step writes it too.",
    ),
)
@click.pass_obj
def metrics_command(options: Globals) -> None:
    """Show and write the metrics."""
    session = open_session(options)
    click.echo(_text_of(session), nl=False)
    not_written = _write(session)
    if not_written is not None:
        raise SopctlError(not_written)


def publish_metrics(session: Session) -> None:
    """Write `metrics_file` whole, where there is one. A failure is told and fails no step: the ledger stands."""
    not_written = _write(session)
    if not_written is not None:
        say(
            Words(
                f"Perhatian: {not_written.id}. Langkahnya sendiri tercatat.",
                f"Attention: {not_written.en}. The step itself is recorded.",
            ),
            err=True,
        )


def _write(session: Session) -> Words | None:
    """Write `metrics_file`, where there is one; gives why it could not be written."""
    file = session.settings.metrics_file
    if file is None:
        return None
    temporary = file.with_name(f".{file.name}.{os.getpid()}")
    try:
        with temporary.open("x", encoding="utf-8") as writing:
            # The exporter's login reads it.
            os.fchmod(writing.fileno(), PUBLIC_MODE)
            writing.write(_text_of(session))
        temporary.replace(file)
    except OSError as error:
        why = reason_of(error)
        return Words(
            f"metrics_file {file} tidak dapat ditulis: {why.id}", f"metrics_file {file} cannot be written: {why.en}"
        )
    finally:
        # Where it could not be made, it often cannot be looked for either.
        with suppress(OSError):
            temporary.unlink()
    return None


def _text_of(session: Session) -> str:
    cycles = [session.cycle(name) for name in sorted(session.ledger.cycles())]
    return render_metrics(cycles, working_time_of(session.settings), session.clock())
