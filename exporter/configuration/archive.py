"""Versions of configurations in a git repository of their own: one file a device, one commit a change.

Owns the repository (bare: nothing to check out, no index that a crash could leave locked) and when each device was
last read. It gets configurations without secrets only, and talks to no device. Source: git's plumbing commands.
"""

import os
import subprocess
import threading
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from dcnet.language import Words
from dcnet.os_errors import reason_of
from exporter.errors import ExporterError

BRANCH = "refs/heads/main"
GIT_SECONDS = 60
SUFFIX = ".cfg"
_AUTHOR = "dcnet"
_FIELD = "\x1f"


class ArchiveError(ExporterError):
    """The repository cannot be read or written."""


@dataclass(frozen=True, slots=True)
class Version:
    """A version of one device's configuration."""

    id: str
    at: datetime
    added: int
    removed: int
    summary: str
    """What was known of the change: who, when; may be empty."""


class Archive:
    """The versions below `folder`, which is made where it is missing."""

    def __init__(self, folder: Path) -> None:
        self._repository = folder / "versions.git"
        self._read = folder / "read"
        self._lock = threading.Lock()

    def prepare(self) -> None:
        """Make folders and repository, readable by their owner only. Raises ArchiveError."""
        try:
            for folder in (self._repository.parent, self._read):
                folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        except OSError as error:
            raise _folder_error(self._repository.parent, error) from error
        if not (self._repository / "HEAD").is_file():
            self._git("init", "--quiet", "--bare", f"--initial-branch={BRANCH.rpartition('/')[2]}", ".", new=True)

    def read_at(self, device: str) -> float | None:
        """Unix time at which the device's configuration was last read whole; None where it never was."""
        try:
            return (self._read / device).stat().st_mtime
        except OSError:
            return None

    def keep(self, device: str, lines: Sequence[str], at: float, summary: str) -> bool:
        """Keep what was read at Unix time `at`; whether it differs from the last version. Raises ArchiveError."""
        text = "".join(f"{line}\n" for line in lines)
        with self._lock:
            blob = self._git("hash-object", "-w", "--stdin", text=text).strip()
            changed = self._commit(device, blob, at, summary)
        try:
            marker = self._read / device
            marker.touch(mode=0o600)
            os.utime(marker, (at, at))
        except OSError as error:
            raise _folder_error(self._read, error) from error
        return changed

    def _commit(self, device: str, blob: str, at: float, summary: str) -> bool:
        head = self._git("rev-parse", "--quiet", "--verify", BRANCH, may_fail=True).strip()
        entries = self._git("ls-tree", "-z", head).split("\0") if head else []
        wanted = f"100644 blob {blob}\t{device}{SUFFIX}"
        if wanted in entries:
            return False
        others = [entry for entry in entries if entry and entry.partition("\t")[2] != f"{device}{SUFFIX}"]
        tree = self._git("mktree", "-z", text="".join(f"{entry}\0" for entry in [*others, wanted])).strip()
        parent = ["-p", head] if head else []
        message = f"{device}: {summary}\n" if summary else f"{device}\n"
        date = f"{int(at)} +0000"
        commit = self._git("commit-tree", tree, *parent, text=message, date=date).strip()
        # With the old value: of two exporters with one archive, the second fails instead of losing a version.
        self._git("update-ref", BRANCH, commit, head or "0" * len(commit))
        # What plumbing writes nobody packs: years of changes would be as many small files. Mostly it does nothing.
        self._git("gc", "--auto", "--quiet", may_fail=True)
        return True

    def log(self, device: str) -> list[Version]:
        """The device's versions, newest first. Raises ArchiveError where there is none."""
        shown = f"--format=%x1e%h{_FIELD}%ct{_FIELD}%s"
        text = self._git("log", "--numstat", shown, BRANCH, "--", device + SUFFIX, may_fail=True)
        versions = [_parse_version(record, device) for record in text.split("\x1e")[1:]]
        if not versions:
            raise ArchiveError(
                Words(
                    f"belum ada konfigurasi {device!r} yang tersimpan di {self._repository.parent}",
                    f"no configuration of {device!r} is kept in {self._repository.parent} yet",
                )
            )
        return versions

    def show(self, device: str, version: str | None = None) -> str:
        """A version's text; the newest, where none is named. Raises ArchiveError."""
        chosen = self._find(device, version) if version is not None else self.log(device)[0].id
        return self._git("cat-file", "blob", f"{chosen}:{device}{SUFFIX}")

    def diff(self, device: str, old: str | None = None, new: str | None = None) -> str:
        """What `new` (the newest) changed since `old` (the one before `new`), as a unified difference.

        Empty where the device has one version only. Raises ArchiveError.
        """
        versions = [version.id for version in self.log(device)]
        after = self._find(device, new) if new is not None else versions[0]
        if old is not None:
            before = self._find(device, old)
        else:
            older = versions[versions.index(after) + 1 :] if after in versions else []
            if not older:
                return ""
            before = older[0]
        return self._git("diff", "--no-color", "--no-ext-diff", before, after, "--", device + SUFFIX)

    def _find(self, device: str, version: str) -> str:
        """The id of a version as a person wrote it: its beginning is enough. Raises ArchiveError."""
        known = [one.id for one in self.log(device)]
        fitting = [one for one in known if version and (one.startswith(version) or version.startswith(one))]
        if len(fitting) != 1:
            listed = ", ".join(known[:10])
            raise ArchiveError(
                Words(
                    f"versi {version!r} dari {device!r} tidak ada; yang ada: {listed}",
                    f"{device!r} has no version {version!r}; there are: {listed}",
                )
            )
        return fitting[0]

    def _git(self, *arguments: str, text: str = "", date: str = "", may_fail: bool = False, new: bool = False) -> str:
        place = self._repository
        try:
            if new:
                place.mkdir(mode=0o700, exist_ok=True)
            # Without this check, git would look for a repository in the folders above.
            elif not place.is_dir():
                raise ArchiveError(
                    Words(
                        f"belum ada arsip konfigurasi di {place.parent}",
                        f"no configurations are kept in {place.parent}",
                    )
                )
            done = subprocess.run(
                ["git", "--git-dir=.", *arguments],
                cwd=place,
                input=text.encode(),
                env=_environment(place, date),
                capture_output=True,
                check=False,
                timeout=GIT_SECONDS,
            )
        except FileNotFoundError as error:
            raise ArchiveError(
                Words(
                    "program git tidak ditemukan; pasang paket git",
                    "the program git was not found; install package git",
                )
            ) from error
        except OSError as error:
            raise _folder_error(place, error) from error
        except subprocess.TimeoutExpired as error:
            words = Words(f"git di {place} tidak selesai", f"git in {place} did not end")
            raise ArchiveError(words) from error
        if done.returncode and not may_fail:
            told = done.stderr.decode(errors="replace").strip().splitlines()
            why = told[-1] if told else f"status {done.returncode}"
            raise ArchiveError(
                Words(f"git {arguments[0]} di {place} gagal: {why}", f"git {arguments[0]} in {place} failed: {why}")
            )
        return done.stdout.decode(errors="replace") if not done.returncode else ""


def _environment(place: Path, date: str) -> Mapping[str, str]:
    """Nothing of the person's own git: no settings, hooks or identities, no asking."""
    identity = {
        f"GIT_{who}_{key}": value
        for who in ("AUTHOR", "COMMITTER")
        for key, value in {"NAME": _AUTHOR, "EMAIL": f"{_AUTHOR}@localhost", **({"DATE": date} if date else {})}.items()
    }
    settings = {
        "core.fsync": "committed,reference",
        "core.quotepath": "false",
        "core.hooksPath": "/dev/null",
        "gc.autoDetach": "false",
    }
    return {
        "PATH": os.environ.get("PATH", os.defpath),
        "HOME": str(place),
        "LC_ALL": "C.UTF-8",
        "GIT_CONFIG_NOSYSTEM": "1",
        "GIT_CONFIG_GLOBAL": "/dev/null",
        "GIT_TERMINAL_PROMPT": "0",
        "GIT_CONFIG_COUNT": str(len(settings)),
        **{f"GIT_CONFIG_KEY_{at}": key for at, key in enumerate(settings)},
        **{f"GIT_CONFIG_VALUE_{at}": value for at, value in enumerate(settings.values())},
        **identity,
    }


def _parse_version(record: str, device: str) -> Version:
    head, _, counts = record.partition("\n")
    short, timestamp, subject = head.split(_FIELD, 2)
    numbers = counts.split()
    added, removed = (int(number) if number.isdecimal() else 0 for number in (*numbers, "0", "0")[:2])
    summary = subject.removeprefix(device).removeprefix(": ")
    return Version(short, datetime.fromtimestamp(int(timestamp), UTC), added, removed, summary)


def _folder_error(folder: Path, error: OSError) -> ArchiveError:
    why = reason_of(error)
    return ArchiveError(Words(f"{folder} tidak dapat dipakai: {why.id}", f"{folder} cannot be used: {why.en}"))
