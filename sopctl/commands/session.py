"""One run of a command: its settings, its store, who acts, on which cycle.

Owns how the global options become these. It must not know any particular command.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from pathlib import Path

from dcnet.language import Words
from sopctl.adapters.file_store import ContentFiles
from sopctl.adapters.ledger import Ledger
from sopctl.chain.cycle import Cycle, PulledChecklist, fold
from sopctl.chain.event import Draft, EventKind, Payload
from sopctl.chain.rules import no_cycle, refusal_of
from sopctl.chain.site import Site
from sopctl.chain.steps import COMMANDS
from sopctl.checklist.month_window import parse_month
from sopctl.commands.acting import Acting, Paper, keep_scan, recorder_of
from sopctl.commands.root import Globals
from sopctl.errors import Refused, SopctlError
from sopctl.model import Position
from sopctl.settings import Settings, load_settings
from sopctl.workflow.paper_trail import WITH_PAPER
from sopctl.workflow.take_step import Taken, Work, take_step


def now() -> datetime:
    """The clock of the commands (UTC)."""
    return datetime.now(UTC)


def no_work(_cycle: Cycle | None) -> Payload:
    """The work of a step that needs none."""
    return {}


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

    def take(
        self,
        kind: EventKind,
        period: str | None,
        payload: Payload,
        work: Work = no_work,
        *,
        paper: Paper | None = None,
    ) -> Taken:
        """Take a step of the SOP as the official who runs the command, or record one taken on `paper`.

        Raises SopctlError.
        """
        acting = Acting.of(self.settings, self.acting, self.clock())
        deciding = acting
        if paper is not None:
            deciding = acting.on_behalf_of(paper.official)
            payload = {**payload, "manual": {"recorded_by": recorder_of(acting)}}
        draft = self._choose([Draft("", kind, acting.time, actor, payload) for actor in deciding.actors()], period)
        # Whatever a killed run left half written goes when the next one comes to write.
        self.files.clean()

        # Loading what signs takes longer than most commands take altogether.
        from sopctl.commands.signing import judge_of, signing_as  # noqa: PLC0415

        with signing_as(self.settings, acting.official, acting.time) as key:

            def whole_work(cycle: Cycle | None) -> Payload:
                done = work(cycle)
                if paper is not None:
                    scan = keep_scan(self.files, paper.scan)
                    return {**done, "manual": {"recorded_by": recorder_of(acting), "scan": scan}}
                if key is None or kind not in WITH_PAPER:
                    return done
                from sopctl.commands.papers import paper_of  # noqa: PLC0415  # as above

                make = paper_of(self.settings, self.files, acting.official, key.documents())
                newest = cycle.head if cycle else self.ledger.newest().hash
                return {**done, **make(cycle, replace(draft, payload={**payload, **done}), newest)}

            taken = take_step(
                self.ledger,
                draft,
                self.site,
                allow_same_person=self.settings.allow_consecutive_steps,
                work=whole_work,
                judge=judge_of(self.settings),
                sign=key.sign if key else None,
            )
        from sopctl.commands.metrics import publish_metrics  # noqa: PLC0415  # knows sessions

        publish_metrics(self)
        return taken

    def _choose(self, drafts: Sequence[Draft], period: str | None) -> Draft:
        """Whoever stands in several positions acts in the first in which the step is allowed."""
        site = self.site
        placed = [
            replace(draft, cycle=self._cycle_for(draft) if period is None else self.cycle_name(period))
            for draft in drafts
        ]
        able = [draft for draft in placed if refusal_of(fold(self.ledger.events(draft.cycle)), draft, site) is None]
        return (able or placed)[0]

    def _cycle_for(self, draft: Draft) -> str:
        """The cycle that a step without --period is about. Raises Refused where more than one could take it."""
        site = self.site
        able = [name for name in site.open_cycles if refusal_of(self.cycle(name), draft, site) is None]
        if len(able) > 1:
            command = f"{COMMANDS[draft.kind]} … --period"
            raise Refused(
                Words(
                    f"`{COMMANDS[draft.kind]}` dapat mengenai siklus {' atau '.join(able)}. Sebutkan yang mana:\n  "
                    + "\n  ".join(f"{site.program} --as {draft.actor.official.id} {command} {name}" for name in able),
                    f"`{COMMANDS[draft.kind]}` could be about cycle {' or '.join(able)}. Say which one:\n  "
                    + "\n  ".join(f"{site.program} --as {draft.actor.official.id} {command} {name}" for name in able),
                )
            )
        return able[0] if able else self.cycle_name(None)


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
