"""Files of the store, kept under the SHA-256 of their content: `files/ab/abcdef…`.

Owns their durable writing and checking. A file is complete or absent: it is written under a temporary
name, synced and renamed. It must not know what the files mean.
"""

import fcntl
import hashlib
import os
import stat
from collections.abc import Callable, Iterator, Set
from io import BytesIO
from pathlib import Path
from typing import BinaryIO

from dcnet.language import Words
from dcnet.os_errors import reason_of
from sopctl.adapters.store_access import KEPT_MODE, locked, make_shared_folder, share, sync_folder
from sopctl.errors import StoreError

CHUNK_BYTES = 1 << 20
TEMPORARY = ".writing-"
NOT_REGULAR = Words("bukan berkas biasa", "it is not a regular file")


class ContentFiles:
    """The store's folder `files`."""

    def __init__(self, store: Path) -> None:
        self.folder = store / "files"

    def put(self, content: bytes) -> str:
        """Keep `content`; gives its SHA-256. Raises StoreError."""
        return self._keep(lambda: BytesIO(content))[0]

    def put_file(self, file: Path) -> tuple[str, int]:
        """Keep a copy of `file`; gives its SHA-256 and its size in bytes. Raises StoreError."""
        try:
            source = _open_regular(file)
        except OSError as error:
            why = NOT_REGULAR if isinstance(error, _NotRegularError) else reason_of(error)
            raise StoreError(
                Words(f"berkas {file} tidak dapat dibaca: {why.id}", f"file {file} cannot be read: {why.en}")
            ) from error
        return self._keep(lambda: source)

    def read(self, sha256: str) -> bytes:
        """The content of that hash. Raises StoreError when it is missing or changed."""
        problem = self.problem_of(sha256)
        if problem is not None:
            raise StoreError(problem)
        return self.path_of(sha256).read_bytes()

    def problem_of(self, sha256: str) -> Words | None:
        """What is wrong with the file of that hash; None: nothing."""
        path = self.path_of(sha256)
        try:
            with path.open("rb") as file:
                found = hashlib.file_digest(file, "sha256").hexdigest()
        except FileNotFoundError:
            return Words(f"berkas {path} tidak ada", f"file {path} is missing")
        except OSError as error:
            why = reason_of(error)
            return Words(f"berkas {path} tidak terbaca: {why.id}", f"file {path} is unreadable: {why.en}")
        if found != sha256:
            return Words(
                f"berkas {path} telah berubah: SHA-256 isinya {found}",
                f"file {path} was changed: the SHA-256 of its content is {found}",
            )
        return None

    def problems_beside(self, named: Set[str]) -> Iterator[Words]:
        """What is wrong with the files that no event names: a killed process leaves some, each whole under its hash."""
        for path in sorted(self.folder.rglob("*")):
            # Hidden: what a killed process left half written, or the file system's own.
            if path.name.startswith(".") or not path.is_file():
                continue
            if path != self.path_of(path.name):
                yield Words(f"berkas {path} bukan bagian penyimpanan", f"file {path} is no part of the store")
            elif path.name not in named:
                problem = self.problem_of(path.name)
                if problem is not None:
                    yield problem

    def count_beside(self, named: Set[str]) -> int:
        """How many files are kept that are none of those `named`."""
        paths = (path for path in self.folder.rglob("*") if not path.name.startswith("."))
        return sum(path.name not in named and path == self.path_of(path.name) for path in paths)

    def path_of(self, sha256: str) -> Path:
        """Where the content of that hash is."""
        return self.folder / sha256[:2] / sha256

    def clean(self) -> int:
        """Remove what killed processes left half written; gives how many. Does nothing while another writes."""
        try:
            with locked(self.folder, fcntl.LOCK_EX, patience_seconds=0):
                left = list(self.folder.glob(f"{TEMPORARY}*"))
                for path in left:
                    path.unlink(missing_ok=True)
                return len(left)
        except (BlockingIOError, FileNotFoundError, PermissionError):
            return 0

    def _keep(self, source: Callable[[], BinaryIO]) -> tuple[str, int]:
        with source() as reading:
            try:
                make_shared_folder(self.folder)
                with locked(self.folder, fcntl.LOCK_SH):
                    return self._write(reading)
            except OSError as error:
                why = reason_of(error)
                raise StoreError(
                    Words(
                        f"berkas tidak dapat disimpan di {self.folder}: {why.id}; tidak ada yang dicatat",
                        f"a file cannot be kept in {self.folder}: {why.en}; nothing was recorded",
                    )
                ) from error

    def _write(self, reading: BinaryIO) -> tuple[str, int]:
        temporary = self.folder / f"{TEMPORARY}{os.getpid()}-{os.urandom(4).hex()}"
        digest = hashlib.sha256()
        size = 0
        try:
            with temporary.open("xb") as writing:
                share(writing.fileno(), KEPT_MODE)
                while chunk := reading.read(CHUNK_BYTES):
                    writing.write(chunk)
                    writing.flush()
                    digest.update(chunk)
                    size += len(chunk)
                os.fsync(writing.fileno())
            sha256 = digest.hexdigest()
            final = self.path_of(sha256)
            # A file that is there stays: replacing a changed one would hide the change from `verify`.
            if final.exists():
                problem = self.problem_of(sha256)
                if problem is not None:
                    raise StoreError(problem)
            else:
                make_shared_folder(final.parent)
                temporary.rename(final)
            sync_folder(final.parent)
            sync_folder(self.folder)
        finally:
            temporary.unlink(missing_ok=True)
        return sha256, size


def _open_regular(file: Path) -> BinaryIO:
    """`file`, open for reading. Raises OSError; a pipe or a device, which might never end, is refused unread."""
    descriptor = os.open(file, os.O_RDONLY | os.O_NONBLOCK)
    if not stat.S_ISREG(os.fstat(descriptor).st_mode):
        os.close(descriptor)
        raise _NotRegularError
    return os.fdopen(descriptor, "rb")


class _NotRegularError(OSError):
    """What is no file with content of its own."""
