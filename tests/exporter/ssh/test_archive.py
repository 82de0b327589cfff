"""The repository of versions over years: what was written in small files is packed, and stays readable."""

import hashlib
import itertools
import subprocess
from collections.abc import Iterator
from pathlib import Path

from exporter.configuration.archive import Archive


def texts_in_folder_17(count: int) -> Iterator[bytes]:
    """Texts that git keeps in objects/17, the one folder of 256 by which it guesses how many files there are in all."""
    texts = (f"version {number}".encode() for number in itertools.count())
    in_17 = (text for text in texts if hashlib.sha1(b"blob %d\0%b" % (len(text), text)).digest()[0] == 0x17)  # noqa: S324
    return itertools.islice(in_17, count)


def test_years_of_changes_are_packed(tmp_path: Path) -> None:
    """What seems to hold thousands of loose files packs itself at the next change, and keeps every version."""
    archive = Archive(tmp_path / "archive")
    archive.prepare()
    archive.keep("core-1", ["hostname core-1"], 1_790_000_000, "")
    repository = tmp_path / "archive" / "versions.git"
    for text in texts_in_folder_17(40):
        write = ["git", "--git-dir=.", "hash-object", "-w", "--stdin"]
        subprocess.run(write, cwd=repository, input=text, capture_output=True, check=True)
    assert not list(repository.glob("objects/pack/*.pack"))
    archive.keep("core-1", ["hostname core-2"], 1_790_000_100, "")
    assert list(repository.glob("objects/pack/*.pack"))
    assert [version.added for version in archive.log("core-1")] == [1, 1]
    assert archive.show("core-1") == "hostname core-2\n"
