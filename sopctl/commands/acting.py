"""Who acts in this run: the official, in which position and capacity; and decisions taken on paper.

Owns how login, `--as` and the terms of `sopctl.yml` become an actor. It must not know any particular command.
"""

import os
import pwd
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime
from functools import wraps
from pathlib import Path
from typing import Any

import click

from dcnet.bilingual_click import option
from dcnet.language import Words
from dcnet.os_errors import reason_of
from sopctl.chain.event import Actor, Payload
from sopctl.errors import Refused, SopctlError
from sopctl.model import Official
from sopctl.settings import Settings
from sopctl.settings_officials import OfficialSettings
from sopctl.workflow.ports import FileStore

PDF_MARK = b"%PDF-"


@dataclass(frozen=True, slots=True)
class Paper:
    """A decision that was taken on paper."""

    scan: Path
    official: str
    """Id of the official who took it."""


@dataclass(frozen=True, slots=True)
class Acting:
    """An official at a moment, and the login from which he acts."""

    settings: Settings
    official: OfficialSettings
    login: str
    time: datetime

    @classmethod
    def of(cls, settings: Settings, acting: str | None, time: datetime) -> "Acting":
        """Who acts: `--as`, else the official whose `user` is this login. Raises SopctlError."""
        login = os_login()
        official = _official(settings, acting, login)
        if official.user is not None and official.user != login:
            raise SopctlError(
                Words(
                    f"{official.id} hanya dapat bertindak dari login {official.user}; login sekarang {login}.",
                    f"{official.id} can act only from login {official.user}; this login is {login}.",
                )
            )
        return cls(settings, official, login, time)

    def on_behalf_of(self, official: str) -> "Acting":
        """The official whose decision on paper this one records. Raises SopctlError."""
        if self.official.id not in self.settings.paper.recorders:
            raise Refused(
                Words(
                    f"{self.official.id} tidak berwenang mencatat keputusan di atas kertas; yang berwenang disebut "
                    "dalam `paper: {recorders: [...]}` di sopctl.yml.",
                    f"{self.official.id} may not record decisions on paper; those who may are named in "
                    "`paper: {recorders: [...]}` of sopctl.yml.",
                )
            )
        return replace(self, official=_known(self.settings, official))

    def actors(self) -> tuple[Actor, ...]:
        """The official in each position in which he stands now. Raises Refused where there is none."""
        official = self.official
        terms = self.settings.roster.terms_at(official.id, self.time)
        if not terms:
            raise Refused(
                Words(
                    f"{official.id} hari ini tidak menjabat dan tidak mewakili jabatan apa pun menurut sopctl.yml "
                    "(from, until, acting).",
                    f"{official.id} today neither holds nor acts for any position, by sopctl.yml (from, until, "
                    "acting).",
                )
            )
        return tuple(
            Actor(
                Official(official.id, official.name, official.nip, term.position, term.capacity),
                self.settings.positions.of(term.position),
                self.login,
                term.basis,
            )
            for term in terms
        )


def recorder_of(acting: Acting) -> Payload:
    """What an event says of the official who records a decision on paper."""
    official = acting.actors()[0].official
    return {
        "official": official.id,
        "name": official.name,
        "nip": official.nip,
        "position": official.position.value,
    }


def keep_scan(files: FileStore, scan: Path) -> Payload:
    """Keep the scan; gives what the event says of it. Raises SopctlError for what is no PDF."""
    try:
        with scan.open("rb") as opened:
            is_pdf = opened.read(len(PDF_MARK)) == PDF_MARK
    except OSError as error:
        why = reason_of(error)
        raise SopctlError(
            Words(f"pindaian {scan} tidak dapat dibaca: {why.id}", f"scan {scan} cannot be read: {why.en}")
        ) from error
    if not is_pdf:
        raise SopctlError(
            Words(f"{scan} bukan PDF; pindailah keputusan itu sebagai PDF", f"{scan} is no PDF; scan the paper as PDF")
        )
    sha256, size_bytes = files.put_file(scan)
    return {"name": scan.name, "sha256": sha256, "size_bytes": size_bytes}


def paper_options(command: Callable[..., None]) -> Callable[..., None]:
    """The options `--manual` and `--for`; the command gets `paper`, a Paper or None."""

    @wraps(command)
    def with_paper(*arguments: Any, manual: Path | None, decided_by: str | None, **named: Any) -> None:
        command(*arguments, paper=_paper_of(manual, decided_by), **named)

    scanned = option(
        "--manual",
        "manual",
        type=click.Path(path_type=Path),
        metavar="SCAN.pdf",
        words=Words(
            "Mencatat keputusan bertanda tangan basah dari pindaiannya; dengan --for.",
            "Record a wet-ink decision from its scan; with --for.",
        ),
    )
    decided = option(
        "--for",
        "decided_by",
        metavar="ID",
        words=Words("Pejabat yang memutuskan di atas kertas.", "The official who decided on paper."),
    )
    decorated: Callable[..., None] = scanned(decided(with_paper))
    return decorated


def _paper_of(manual: Path | None, decided_by: str | None) -> Paper | None:
    if manual is not None and decided_by is not None:
        return Paper(manual, decided_by)
    if manual is None and decided_by is None:
        return None
    raise SopctlError(
        Words(
            "--manual dan --for disebut bersama: pindaian, dan pejabat yang memutuskan.",
            "--manual and --for go together: the scan, and the official who decided.",
        )
    )


def _official(settings: Settings, acting: str | None, login: str) -> OfficialSettings:
    if acting is not None:
        return _known(settings, acting)
    own = [official for official in settings.officials if official.user == login]
    if len(own) != 1:
        listed = _listed(settings)
        raise SopctlError(
            Words(
                "Sebutkan sebagai siapa Anda bertindak: `sopctl --as PEJABAT …` atau variabel SOPCTL_AS.\n"
                f"Pejabat: {listed}.",
                f"Say as whom you act: `sopctl --as OFFICIAL …` or the variable SOPCTL_AS.\nOfficials: {listed}.",
            )
        )
    return own[0]


def _known(settings: Settings, identity: str) -> OfficialSettings:
    official = settings.official(identity)
    if official is None:
        listed = _listed(settings)
        raise SopctlError(
            Words(
                f"pejabat {identity!r} tidak ada di sopctl.yml. Yang ada: {listed}.",
                f"there is no official {identity!r} in sopctl.yml. There are: {listed}.",
            )
        )
    return official


def _listed(settings: Settings) -> str:
    return ", ".join(
        f"{official.id} ({'/'.join(dict.fromkeys(term.position.value for term in official.terms))})"
        for official in settings.officials
    )


def os_login() -> str:
    """The login of the operating system; by the kernel's user id, for environment variables can say anything."""
    try:
        return pwd.getpwuid(os.getuid()).pw_name
    except KeyError:
        return f"uid-{os.getuid()}"
