"""How a report is written: letterhead, titles, time zone, catalogue; today's, or those that `check` froze.

Owns their form in the frozen document. It must not write reports.
"""

from dataclasses import dataclass
from typing import Any

from pydantic import ValidationError

from dcnet.catalogue import Catalogue, load_catalogue
from dcnet.language import Words
from sopctl.chain.cycle import Cycle
from sopctl.commands.session import Session
from sopctl.errors import StoreError
from sopctl.settings import Letterhead, PositionTitles, Settings
from sopctl.workflow.report_content import frozen_form


@dataclass(frozen=True, slots=True)
class ReportForm:
    """What a report needs besides its content."""

    settings: Settings
    catalogue: Catalogue

    def as_json(self) -> dict[str, Any]:
        """The part that `check` freezes."""
        return {
            "catalogue": self.catalogue.model_dump(mode="json"),
            "letterhead": self.settings.letterhead.model_dump(mode="json"),
            "positions": self.settings.positions.model_dump(mode="json"),
            "time_zone": self.settings.time_zone,
        }


def form_of_today(session: Session) -> ReportForm:
    """As `sopctl.yml` and the catalogue stand now."""
    return ReportForm(session.settings, load_catalogue())


def form_of(session: Session, cycle: Cycle) -> ReportForm:
    """Of an examined cycle as it was examined, else of today. Raises StoreError where it was tampered with."""
    if cycle.checked is None:
        return form_of_today(session)
    form = frozen_form(cycle, session.files.read(cycle.checked.payload["report"]))
    try:
        frozen = {
            "letterhead": Letterhead.model_validate(form["letterhead"]),
            "positions": PositionTitles.model_validate(form["positions"]),
            "time_zone": form["time_zone"],
        }
        return ReportForm(session.settings.model_copy(update=frozen), Catalogue.model_validate(form["catalogue"]))
    except (ValidationError, KeyError, TypeError) as error:
        raise StoreError(
            Words(
                f"isi laporan siklus {cycle.name} dibekukan oleh versi sopctl yang lain dan tidak dapat dibaca",
                f"the report of cycle {cycle.name} was frozen by another version of sopctl and cannot be read",
            )
        ) from error
