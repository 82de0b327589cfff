"""One run of a command: its settings, its store, who acts, on which cycle.

Owns how the global options become these. It must not know any particular command.
"""

import os
import pwd
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from pathlib import Path

from dcnet.language import Words
from sopctl.adapters.file_store import ContentFiles
from sopctl.adapters.ledger import Ledger
from sopctl.chain.cycle import Cycle, fold
from sopctl.chain.event import Actor, Draft, EventKind, Payload
from sopctl.chain.rules import no_cycle, refusal_of
from sopctl.chain.site import Site
from sopctl.chain.steps import COMMANDS
from sopctl.checklist.month_window import parse_month
from sopctl.commands.root import Globals
from sopctl.errors import Refused, SopctlError
from sopctl.model import Position
from sopctl.settings import Settings, load_settings
from sopctl.settings_officials import OfficialSettings
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
            officials={
                position: tuple(official.id for official in self.settings.officials_of(position))
                for position in Position
            },
            program=self.program,
        )

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

    def take(self, kind: EventKind, period: str | None, payload: Payload, work: Work = no_work) -> Taken:
        """Take a step of the SOP as the official who runs the command. Raises SopctlError."""
        actor = self.actor()
        # Whatever a killed run left half written goes when the next one comes to write.
        self.files.clean()
        draft = Draft("", kind, self.clock(), actor, payload)
        draft = replace(draft, cycle=self._cycle_for(draft) if period is None else self.cycle_name(period))
        return take_step(
            self.ledger, draft, self.site, allow_same_person=self.settings.allow_consecutive_steps, work=work
        )

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

    def actor(self) -> Actor:
        """Who acts: `--as`, else the official whose `user` is this login. Raises SopctlError."""
        login = os_login()
        official = self._official(login)
        if official.user is not None and official.user != login:
            raise SopctlError(
                Words(
                    f"{official.id} hanya dapat bertindak dari login {official.user}; login sekarang {login}.",
                    f"{official.id} can act only from login {official.user}; this login is {login}.",
                )
            )
        position = official.position or min(official.positions)
        return Actor(official.as_official(position), self.settings.positions.of(position), login)

    def _official(self, login: str) -> OfficialSettings:
        listed = ", ".join(
            f"{official.id} ({'/'.join(sorted(official.positions))})" for official in self.settings.officials
        )
        if self.acting is not None:
            official = self.settings.official(self.acting)
            if official is None:
                raise SopctlError(
                    Words(
                        f"pejabat {self.acting!r} tidak ada di sopctl.yml. Yang ada: {listed}.",
                        f"there is no official {self.acting!r} in sopctl.yml. There are: {listed}.",
                    )
                )
            return official
        own = [official for official in self.settings.officials if official.user == login]
        if len(own) != 1:
            raise SopctlError(
                Words(
                    "Sebutkan sebagai siapa Anda bertindak: `sopctl --as PEJABAT …` atau variabel SOPCTL_AS.\n"
                    f"Pejabat: {listed}.",
                    f"Say as whom you act: `sopctl --as OFFICIAL …` or the variable SOPCTL_AS.\nOfficials: {listed}.",
                )
            )
        return own[0]


def open_session(options: Globals) -> Session:
    """The session that the global options ask for. Raises ConfigurationError or StoreError."""
    if options.config == Path("sopctl.yml") and not options.config.exists():
        raise SopctlError(
            Words(
                "sopctl.yml tidak ada di folder ini. Buat dengan `sopctl init`, atau tunjuk dengan --config BERKAS.",
                "There is no sopctl.yml in this folder. Make one with `sopctl init`, or name one with --config FILE.",
            )
        )
    settings = load_settings(options.config)
    return Session(settings, Ledger(settings.store), ContentFiles(settings.store), options.acting, options.program)


def os_login() -> str:
    """The login of the operating system; by the kernel's user id, for environment variables can say anything."""
    try:
        return pwd.getpwuid(os.getuid()).pw_name
    except KeyError:
        return f"uid-{os.getuid()}"
