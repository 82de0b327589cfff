"""Files kept by content, on a real file system."""

import fcntl
import hashlib
from pathlib import Path

import pytest

from sopctl.adapters.file_store import ContentFiles
from sopctl.adapters.store_access import locked
from sopctl.errors import StoreError


def test_a_file_is_kept_under_its_hash(tmp_path: Path) -> None:
    """Content comes back whole from files/ab/abcdef…, and nothing temporary stays."""
    store = ContentFiles(tmp_path)
    sha256 = store.put(b"bukti")
    assert sha256 == hashlib.sha256(b"bukti").hexdigest()
    assert store.read(sha256) == b"bukti"
    assert [path.relative_to(tmp_path) for path in tmp_path.rglob("*") if path.is_file()] == [
        Path("files") / sha256[:2] / sha256
    ]


def test_the_same_content_is_kept_once(tmp_path: Path) -> None:
    """Putting a copy again gives the same hash and writes nothing new."""
    store = ContentFiles(tmp_path)
    source = tmp_path / "foto.jpg"
    source.write_bytes(b"x" * 3_000_000)
    first = store.put_file(source)
    inode = store.path_of(first[0]).stat().st_ino
    assert store.put_file(source) == first == (hashlib.sha256(source.read_bytes()).hexdigest(), 3_000_000)
    assert store.path_of(first[0]).stat().st_ino == inode


@pytest.mark.parametrize(("harm", "told"), [("change", "was changed"), ("remove", "is missing")])
def test_a_harmed_file_is_not_read(tmp_path: Path, harm: str, told: str) -> None:
    """Changed or missing content is refused with the file's path."""
    store = ContentFiles(tmp_path)
    sha256 = store.put(b"asli")
    path = store.path_of(sha256)
    if harm == "change":
        path.write_bytes(b"palsu")
    else:
        path.unlink()
    with pytest.raises(StoreError, match=told) as error:
        store.read(sha256)
    assert str(path) in str(error.value)


def test_a_changed_file_is_not_mended_in_silence(tmp_path: Path) -> None:
    """Putting the right content again does not hide that the kept one was changed."""
    store = ContentFiles(tmp_path)
    sha256 = store.put(b"asli")
    store.path_of(sha256).write_bytes(b"palsu")
    with pytest.raises(StoreError, match="was changed"):
        store.put(b"asli")


@pytest.mark.parametrize("kind", ["missing", "folder"])
def test_unreadable_evidence_is_told(tmp_path: Path, kind: str) -> None:
    """A missing file, or a folder, is named; nothing is kept."""
    evidence = tmp_path / "bukti"
    if kind == "folder":
        evidence.mkdir()
    with pytest.raises(StoreError, match="cannot be read"):
        ContentFiles(tmp_path / "store").put_file(evidence)
    assert not (tmp_path / "store").exists()


def test_leftovers_are_cleaned_unless_another_writes(tmp_path: Path) -> None:
    """What a killed writer left goes; while any writer is at work nothing is touched."""
    store = ContentFiles(tmp_path)
    kept = store.put(b"tetap")
    left = store.folder / ".writing-1-deadbeef"
    left.write_bytes(b"setengah")
    with locked(store.folder, fcntl.LOCK_SH):  # as a writer holds it
        assert store.clean() == 0
    assert left.exists()
    assert store.clean() == 1
    assert not left.exists()
    assert store.read(kept) == b"tetap"


def test_a_changed_file_that_no_event_names_is_found(tmp_path: Path) -> None:
    """What a killed process left whole under its hash is no fault; changed, or under another name, it is one."""
    store = ContentFiles(tmp_path)
    named, left = store.put(b"disebut"), store.put(b"ditinggalkan")
    (store.folder / ".writing-1-deadbeef").write_bytes(b"setengah")
    assert list(store.problems_beside({named})) == []
    assert store.count_beside({named}) == 1
    assert store.count_beside({named, left}) == 0
    store.path_of(left).write_bytes(b"diubah")
    (store.folder / "catatan").write_bytes(b"")
    told = sorted(problem.en for problem in store.problems_beside({named}))
    assert told[0].startswith(f"file {store.path_of(left)} was changed: the SHA-256 of its content is ")
    assert told[1:] == [f"file {store.folder / 'catatan'} is no part of the store"]
