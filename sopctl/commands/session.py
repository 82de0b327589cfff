"""One run of a command: its settings, its store, who acts, on which cycle.

Owns how the global options become these. It must not know any particular command.
"""

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from pathlib import Path

from dcnet.language import Words
from sopctl.adapters.file_store import ContentFiles
from sopctl.adapters.ledger import Ledger
from sopctl.chain.cycle import Cycle, PulledChecklist, fold
from sopctl.chain.rules import no_cycle
from sopctl.chain.site import Site
from sopctl.checklist.month_window import parse_month
from sopctl.commands.root import Globals
from sopctl.errors import Refused, SopctlError
from sopctl.model import Position
from sopctl.settings import Settings, load_settings


def now() -> datetime:
    """The clock of the commands (UTC)."""
    return datetime.now(UTC)


@dataclass(frozen=True, slots=True)
class Session:
    """What a command works with."""

    settings: Settings
    ledger: Ledger
    files: ContentFiles
    acting: str | None
    program: str
    clock: Callable[[], datetime] = field(default=now)

    @property
    def site(self) -> Site:
        """The site, for messages about cycles. Raises StoreError where one is damaged."""
        return replace(self.plain_site, open_cycles=self.open_cycles())

    @property
    def plain_site(self) -> Site:
        """The site without a look into the ledger."""
        return Site(
            zone=self.settings.zone,
            titles={position: self.settings.positions.of(position) for position in Position},
            officials={position: self._officials_now(position) for position in Position},
            program=self.program,
        )

    def _officials_now(self, position: Position) -> tuple[str, ...]:
        """Who stands in `position` now; where nobody does, whoever ever did."""
        ever = tuple(official.id for official in self.settings.officials_of(position))
        roster, now = self.settings.roster, self.clock()
        today = tuple(one for one in ever if any(term.position is position for term in roster.terms_at(one, now)))
        return today or ever

    def cycle_name(self, period: str | None) -> str:
        """The cycle that a command is about: of `period`, else the only one not ended, else the latest month.

        Empty when there is none at all.
        """
        if period is not None:
            return parse_month(period, self.settings.zone).name
        going = self.open_cycles()
        return going[0] if len(going) == 1 else max(self.ledger.cycles(), default="")

    def open_cycles(self) -> tuple[str, ...]:
        """Names of the cycles that have not ended, by month."""
        return tuple(sorted(name for name in self.ledger.cycles() if not self.cycle(name).approved))

    def cycle(self, name: str) -> Cycle:
        """The cycle as it stands. Raises Refused where there is none."""
        cycle = fold(self.ledger.events(name))
        if cycle is None:
            raise Refused(no_cycle(name, self.plain_site))
        return cycle

    def require_data(self, cycle: Cycle) -> PulledChecklist:
        """The cycle's checklist in force. Raises Refused, with the command that pulls it, where there is none."""
        if cycle.checklist is None:
            command = self.site.command(Position.STAF, "pull", cycle.name)
            raise Refused(
                Words(
                    f"Data {cycle.name} belum ditarik. Tarik dengan:\n  {command}",
                    f"The data of {cycle.name} is not pulled. Pull it with:\n  {command}",
                )
            )
        return cycle.checklist


def load_site(options: Globals) -> Settings:
    """The settings that the global options name. Raises ConfigurationError, or SopctlError where there are none."""
    if options.config == Path("sopctl.yml") and not options.config.exists():
        raise SopctlError(
            Words(
                "sopctl.yml tidak ada di folder ini. Buat dengan `sopctl init`, atau tunjuk dengan --config BERKAS.",
                "There is no sopctl.yml in this folder. Make one with `sopctl init`, or name one with --config FILE.",
            )
        )
    return load_settings(options.config)


def open_session(options: Globals) -> Session:
    """The session that the global options ask for. Raises ConfigurationError or StoreError."""
    settings = load_site(options)
    return Session(settings, Ledger(settings.store), ContentFiles(settings.store), options.acting, options.program)
