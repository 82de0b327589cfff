"""The note on Grafana's boards when a cycle is approved.

Owns its words, and that a Grafana that fails does not undo an approval.
"""

from dcnet.bilingual_click import say
from dcnet.language import Words
from sopctl.chain.cycle import Cycle
from sopctl.checklist.month_window import parse_month
from sopctl.commands.session import Session
from sopctl.workflow.report_content import report_number


def note_on_boards(session: Session, cycle: Cycle) -> None:
    """Mark the approved month in Grafana, where sopctl.yml names one; a failure is told and changes nothing."""
    settings = session.settings
    if settings.grafana is None:
        return
    # An HTTP client, for those who need it.
    from sopctl.adapters.grafana import Grafana, GrafanaError  # noqa: PLC0415

    number = report_number(cycle, settings.letterhead.number_format)
    text = Words(f"Laporan {number} disetujui", f"Report {number} approved").in_language(settings.language)
    try:
        Grafana(settings.grafana, settings.time_zone).note_approval(
            parse_month(cycle.name, settings.zone), text, cycle.name
        )
    except GrafanaError as error:
        why = error.words
        say(
            Words(
                f"Perhatian: persetujuan tercatat, tetapi tidak ditandai di Grafana. {why.id}",
                f"Attention: the approval is recorded, but not marked in Grafana. {why.en}",
            ),
            err=True,
        )
