"""Archives: cycles of a ledger in one file that verifies anywhere; also the form of a backup.

Owns the format: an uncompressed ustar with `archive.json` (the events, the trust, in canonical JSON), `files/SHA256`
in order, and `seal`, the SHA-256 of every byte before it. Each archive can be written in one way only, so that every
changed byte shows. It must not judge events.
"""

import errno
import hashlib
import json
import os
import tarfile
import tempfile
from collections.abc import Iterator, Sequence, Set
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any, BinaryIO

from dcnet.language import Words
from dcnet.os_errors import reason_of
from sopctl.adapters.ledger_rows import row_of, stored_event
from sopctl.adapters.trust import TrustAnchors, trust_from_json
from sopctl.chain.event import NO_EVENT, Event, canonical_json
from sopctl.chain.payload import files_named_by
from sopctl.chain.site import Site
from sopctl.errors import StoreError
from sopctl.workflow.ports import StoredEvent

FORMAT = "sopctl-archive-1"
BLOCK = tarfile.BLOCKSIZE
CHUNK_BYTES = 1 << 20
LARGEST_JSON_BYTES = 1 << 30
"""Months of events take kilobytes; a length beyond this is damage."""

FILE_MODE = 0o640
NO_LINKS = frozenset({errno.EPERM, errno.EOPNOTSUPP, errno.ENOSYS})
"""How file systems without hard links, such as FAT and exFAT, answer."""

HEAD, SEAL = "archive.json", "seal"
END = b"\0" * (2 * BLOCK)


class ArchiveError(StoreError):
    """A file that is no whole archive."""


@dataclass(frozen=True, slots=True)
class Archive:
    """An archive that was read: events and files to be verified (StoredEvents, CheckedFiles)."""

    file: Path
    excerpt: bool
    """Whether it holds a part of its ledger only."""

    trust: TrustAnchors
    rows: tuple[StoredEvent, ...]
    """In the order of recording."""

    folder: Path
    """Where its files are unpacked, for as long as it is open."""

    files: tuple[str, ...]
    """The SHA-256 of each."""

    @property
    def site(self) -> Site:
        """The site that the archive tells of."""
        return Site(self.trust.roster.zone, self.trust.titles, {})

    def stored(self) -> tuple[StoredEvent, ...]:
        """Every event, by cycle and sequence."""
        return tuple(sorted(self.rows, key=lambda row: (row.cycle, row.sequence)))

    def problems(self) -> tuple[Words, ...]:
        """Events out of order; every other fault of the form keeps the archive from being read."""
        return tuple(self._order_problems())

    def count_beside(self, named: Set[str]) -> int:
        """How many do not belong; each is a problem here."""
        return sum(name not in named for name in self.files)

    def problems_beside(self, named: Set[str]) -> Iterator[Words]:
        """Files that do not belong."""
        for name in self.files:
            if name not in named:
                yield Words(f"berkas {name} tidak disebut kejadian mana pun", f"no event names file {name}")

    def _order_problems(self) -> Iterator[Words]:
        """`stored` sorts the events, which would hide that they do not stand as they were recorded."""
        reached: dict[str, int] = {}
        before: StoredEvent | None = None
        for row in self.rows:
            late = row.sequence <= reached.get(row.cycle, 0)
            if late or (not self.excerpt and row.sequence == 1 and not _follows(before, row)):
                yield Words(
                    f"siklus {row.cycle}, kejadian {row.sequence}: tidak pada tempatnya dalam urutan pencatatan",
                    f"cycle {row.cycle}, event {row.sequence}: not at its place in the order of recording",
                )
            reached[row.cycle] = max(row.sequence, reached.get(row.cycle, 0))
            before = row

    def problem_of(self, sha256: str) -> Words | None:
        """What is wrong with the file of that hash; None: nothing."""
        path = self.path_of(sha256)
        if not path.exists():
            return Words(f"berkas {sha256} tidak ada dalam arsip", f"file {sha256} is not in the archive")
        with path.open("rb") as file:
            found = hashlib.file_digest(file, "sha256").hexdigest()
        if found != sha256:
            return Words(
                f"berkas {sha256} telah berubah: SHA-256 isinya {found}",
                f"file {sha256} was changed: the SHA-256 of its content is {found}",
            )
        return None

    def read(self, sha256: str) -> bytes:
        """The content of that hash. Raises StoreError when it is missing or changed."""
        problem = self.problem_of(sha256)
        if problem is not None:
            raise StoreError(problem)
        return self.path_of(sha256).read_bytes()

    def path_of(self, sha256: str) -> Path:
        """Where the file of that hash is."""
        return self.folder / sha256


def write_archive(target: Path, events: Sequence[Event], files: Path, trust: TrustAnchors, *, excerpt: bool) -> int:
    """Write `events`, which come in the order of recording, and what they name from the store's `files`.

    Gives the archive's bytes. Whole or not at all; never replaces a file. Raises StoreError.
    """
    named = sorted({sha256 for event in events for sha256 in files_named_by(event.payload)})
    head = canonical_json(
        {
            "events": [_row_as_json(event) for event in events],
            "excerpt": excerpt,
            "format": FORMAT,
            "trust": trust.as_json(),
        }
    )
    temporary = target.with_name(f".{target.name}.{os.getpid()}")
    try:
        with temporary.open("xb") as raw:
            writing = _Hashed(raw)
            _write_member(writing, HEAD, len(head), iter([head]))
            for sha256 in named:
                path = files / sha256[:2] / sha256
                with path.open("rb") as content:
                    _write_member(writing, f"files/{sha256}", path.stat().st_size, _chunks(content))
            seal = writing.digest.hexdigest().encode()
            _write_member(writing, SEAL, len(seal), iter([seal]))
            writing.write(END)
            # A stick's file system (FAT, exFAT) has no modes to set.
            with suppress(PermissionError):
                os.fchmod(raw.fileno(), FILE_MODE)
            raw.flush()
            os.fsync(raw.fileno())
        _name(temporary, target)
        return target.stat().st_size
    except OSError as error:
        why = reason_of(error)
        raise StoreError(
            Words(
                f"arsip {target} tidak dapat ditulis: {why.id}; beri tempat lain dengan --output",
                f"archive {target} cannot be written: {why.en}; give another place with --output",
            )
        ) from error
    finally:
        # Where it could not be made, it often cannot be looked for either.
        with suppress(OSError):
            temporary.unlink()


def _name(temporary: Path, target: Path) -> None:
    """Give the written file its name, never in place of another. Raises OSError."""
    try:
        # A link fails where a rename would replace.
        os.link(temporary, target)
    except OSError as error:
        if error.errno not in NO_LINKS:
            raise
        if target.exists():
            raise FileExistsError(errno.EEXIST, os.strerror(errno.EEXIST)) from error
        temporary.rename(target)


@contextmanager
def read_archive(file: Path) -> Iterator[Archive]:
    """The archive in `file`, unpacked for the time being. Raises ArchiveError where a byte is not as it was written."""
    with ExitStack() as open_for_now:
        try:
            folder = open_for_now.enter_context(tempfile.TemporaryDirectory(prefix="sopctl-"))
            raw = open_for_now.enter_context(file.open("rb"))
            archive = _read(file, _Hashed(raw), Path(folder))
        except OSError as error:
            why = reason_of(error)
            raise ArchiveError(
                Words(f"arsip {file} tidak terbaca: {why.id}", f"archive {file} is unreadable: {why.en}")
            ) from error
        yield archive


class _Hashed:
    """A file whose bytes are hashed as they pass."""

    def __init__(self, file: BinaryIO) -> None:
        self._file = file
        self.digest = hashlib.sha256()
        self.passed = 0

    def write(self, content: bytes) -> None:
        self._file.write(content)
        self.digest.update(content)

    def read(self, size: int) -> bytes:
        content = self._file.read(size)
        self.digest.update(content)
        self.passed += len(content)
        return content


def _read(file: Path, reading: _Hashed, folder: Path) -> Archive:
    head = b""
    kept: list[str] = []
    while True:
        before = reading.digest.hexdigest()
        name, size = _read_header(file, reading)
        if name == SEAL:
            if _read_content(file, reading, size) != before.encode():
                raise _damaged(file, reading.passed, Words("segelnya tidak cocok", "its seal does not fit"))
            break
        if name == HEAD and not head and not kept and size <= LARGEST_JSON_BYTES:
            head = _read_content(file, reading, size)
        elif head and name.startswith("files/") and name > (f"files/{kept[-1]}" if kept else ""):
            kept.append(name.removeprefix("files/"))
            with (folder / kept[-1]).open("wb") as writing:
                for chunk in _content(file, reading, size):
                    writing.write(chunk)
        else:
            raise _damaged(file, reading.passed, Words(f"bagian {name!r} tak terduga", f"unexpected part {name!r}"))
    if reading.read(len(END) + 1) != END:
        raise _damaged(file, reading.passed, Words("akhirnya berubah", "its end was changed"))
    try:
        said = json.loads(head)
        same_form = (
            canonical_json(said) == head
            and said.keys() == {"events", "excerpt", "format", "trust"}
            and said["format"] == FORMAT
            and isinstance(said["excerpt"], bool)
        )
        rows = tuple(stored_event(_row_from_json(row)) for row in said["events"])
        trust = trust_from_json(said["trust"])
        excerpt = said["excerpt"]
    except (KeyError, TypeError, ValueError, AttributeError, RecursionError) as error:
        raise _damaged(file, 0, Words(f"archive.json: {error}", f"archive.json: {error}")) from error
    if not same_form:
        raise _damaged(file, 0, Words(f"archive.json bukan {FORMAT}", f"archive.json is not {FORMAT}"))
    return Archive(file, excerpt, trust, rows, folder, tuple(kept))


def _follows(before: StoredEvent | None, row: StoredEvent) -> bool:
    """Whether a cycle begins after the ledger's newest event, which a whole archive holds just before it."""
    if row.event is None or (before is not None and before.event is None):
        return True
    return row.event.previous_hash == (before.event.hash if before is not None and before.event else NO_EVENT)


def _header(name: str, size: int) -> bytes:
    info = tarfile.TarInfo(name)
    info.size = size
    info.mode = FILE_MODE
    return info.tobuf(tarfile.USTAR_FORMAT)


def _write_member(writing: _Hashed, name: str, size: int, content: Iterator[bytes]) -> None:
    writing.write(_header(name, size))
    written = 0
    for chunk in content:
        writing.write(chunk)
        written += len(chunk)
    if written != size:
        raise OSError(f"{name} changed while it was read")
    writing.write(b"\0" * (-size % BLOCK))


def _read_header(file: Path, reading: _Hashed) -> tuple[str, int]:
    found = reading.read(BLOCK)
    try:
        info = tarfile.TarInfo.frombuf(found, "utf-8", "strict")
        same = _header(info.name, info.size) == found
    except (tarfile.HeaderError, ValueError):
        same = False
    if not same or "/" in info.name.removeprefix("files/") or info.name in {"files/", "files/.", "files/.."}:
        raise _damaged(file, reading.passed, Words("kepala bagian rusak", "a part's header is damaged"))
    return info.name, info.size


def _content(file: Path, reading: _Hashed, size: int) -> Iterator[bytes]:
    left = size
    while left:
        chunk = reading.read(min(CHUNK_BYTES, left))
        if not chunk:
            raise _damaged(file, reading.passed, Words("terpotong", "cut short"))
        left -= len(chunk)
        yield chunk
    padding = -size % BLOCK
    if reading.read(padding) != b"\0" * padding:
        raise _damaged(file, reading.passed, Words("sela antarbagian berubah", "the gap between parts was changed"))


def _read_content(file: Path, reading: _Hashed, size: int) -> bytes:
    return b"".join(_content(file, reading, size))


def _damaged(file: Path, place: int, why: Words) -> ArchiveError:
    return ArchiveError(
        Words(
            f"arsip {file} TIDAK utuh, sampai bita {place}: {why.id}",
            f"archive {file} is NOT whole, by byte {place}: {why.en}",
        )
    )


def _chunks(content: BinaryIO) -> Iterator[bytes]:
    while chunk := content.read(CHUNK_BYTES):
        yield chunk


def _row_as_json(event: Event) -> list[Any]:
    return [value.hex() if isinstance(value, bytes) else value for value in row_of(event)]


def _row_from_json(row: Any) -> tuple[Any, ...]:
    *first, signature, found_hash = row
    return (*first, bytes.fromhex(signature), found_hash)
