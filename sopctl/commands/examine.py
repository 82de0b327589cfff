"""`check`, `forward`, `approve` and `return`: steps 5 to 7, from the examination to the approval."""

from collections.abc import Sequence
from typing import Any

import click

from dcnet.bilingual_click import BilingualCommand, option
from dcnet.language import Words
from sopctl.chain.cycle import Cycle
from sopctl.chain.event import EventKind, Payload, canonical_json
from sopctl.chain.steps import step_number
from sopctl.checklist.month_window import parse_month
from sopctl.commands.acting import Paper, paper_options
from sopctl.commands.boards import note_on_boards
from sopctl.commands.report_form import form_of_today
from sopctl.commands.root import Globals
from sopctl.commands.say import period_option, text_option
from sopctl.commands.session import Session, open_session
from sopctl.commands.taking import take, tell_step
from sopctl.workflow.report_content import examined_document, report_number


@click.command(
    "check",
    cls=BilingualCommand,
    words=Words(
        "Langkah 5 (Kepala Sub Bagian): memeriksa hasil, menulis kesimpulan dan saran. Isi laporan dibekukan, beserta "
        "kop surat, sebutan jabatan dan katalog indikatornya.",
        "Step 5 (head of subdivision): examine the result, write conclusion and suggestion. The report's content is "
        "frozen, with its letterhead, titles and catalogue of indicators.",
    ),
)
@text_option("--conclusion", words=Words("Kesimpulan laporan.", "The report's conclusion."))
@text_option("--suggestion", words=Words("Saran laporan.", "The report's suggestion."))
@option(
    "--accept-panel",
    "accepted_panels",
    multiple=True,
    metavar="NAME",
    words=Words(
        "Menerima laporan tanpa panel ini, bila tidak dapat digambar; dapat diulang.",
        "Accept the report without this panel where it cannot be drawn; repeatable.",
    ),
)
@paper_options
@period_option
@click.pass_obj
def check_command(
    options: Globals,
    *,
    conclusion: str,
    suggestion: str,
    accepted_panels: tuple[str, ...],
    period: str | None,
    paper: Paper | None,
) -> None:
    """Examine the result."""
    session = open_session(options)

    payload = {"conclusion": conclusion, "suggestion": suggestion}

    def freeze(cycle: Cycle | None) -> Payload:
        if cycle is None:
            return {}
        number = report_number(cycle, session.settings.letterhead.number_format)
        examined = {**payload, "number": number, "panels": _panels(session, cycle, accepted_panels)}
        document = examined_document(cycle, examined, form_of_today(session).as_json())
        return {**examined, "report": session.files.put(canonical_json(document))}

    taken = take(session, EventKind.CHECKED, period, payload, freeze, paper=paper)
    tell_step(taken, session.site)


@click.command(
    "forward",
    cls=BilingualCommand,
    words=Words(
        "Langkah 6 (Kepala Bagian): melaporkan hasil kepada Sekretaris Direktorat Jenderal.",
        "Step 6 (head of division): report the result to the Sekretaris Direktorat Jenderal.",
    ),
)
@paper_options
@period_option
@click.pass_obj
def forward_command(options: Globals, *, period: str | None, paper: Paper | None) -> None:
    """Report the result."""
    session = open_session(options)
    tell_step(take(session, EventKind.FORWARDED, period, {}, _examined, paper=paper), session.site)


@click.command(
    "approve",
    cls=BilingualCommand,
    words=Words(
        "Langkah 7 (Sekretaris): menyetujui hasil; siklus selesai dan laporan menjadi final.",
        "Step 7 (Sekretaris): approve the result; the cycle ends and the report becomes final.",
    ),
)
@paper_options
@period_option
@click.pass_obj
def approve_command(options: Globals, *, period: str | None, paper: Paper | None) -> None:
    """Approve the result."""
    session = open_session(options)
    taken = take(session, EventKind.APPROVED, period, {}, _examined, paper=paper)
    tell_step(taken, session.site)
    note_on_boards(session, taken.after)


@click.command(
    "return",
    cls=BilingualCommand,
    words=Words(
        "Langkah 5, 6 atau 7: mengembalikan hasil satu langkah dengan alasan. Revisi baru dibuka; revisi lama tetap "
        "tersimpan.",
        "Steps 5, 6 or 7: send the result one step back, with a reason. A new revision opens; the old one is kept.",
    ),
)
@text_option("--reason", words=Words("Alasan pengembalian.", "Why it is sent back."))
@paper_options
@period_option
@click.pass_obj
def return_command(options: Globals, *, reason: str, period: str | None, paper: Paper | None) -> None:
    """Send the result one step back."""
    session = open_session(options)
    taken = take(session, EventKind.RETURNED, period, {"reason": reason}, paper=paper)
    step = step_number(taken.after.next_step or 1)
    done = Words(
        f"Dikembalikan ke langkah {step.number} ({step.title.id}); revisi {taken.after.revision} dibuka.",
        f"Sent back to step {step.number} ({step.title.en}); revision {taken.after.revision} is open.",
    )
    tell_step(taken, session.site, done)


def _panels(session: Session, cycle: Cycle, accepted: Sequence[str]) -> list[dict[str, Any]]:
    """The panels of `sopctl.yml`, drawn and kept, as the event names them."""
    settings = session.settings
    if settings.grafana is None:
        return []
    # HTTP clients, for those who need them.
    from sopctl.adapters.panels import draw_panels, keep_panels  # noqa: PLC0415

    period = parse_month(cycle.name, settings.zone)
    return keep_panels(session.files, draw_panels(settings, period, accepted))


def _examined(cycle: Cycle | None) -> Payload:
    """The report that is passed on is the one that was examined, by hash."""
    return {"report": cycle.checked.payload["report"]} if cycle and cycle.checked else {}
