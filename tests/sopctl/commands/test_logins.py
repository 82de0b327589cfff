"""One store, several logins: what each writes the others can use, by the group of the store."""

import os
import stat
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest

MONTH = "2024-10"
GROUP = 60_010
SEKRETARIS, KABAG, STRANGER = 60_001, 60_002, 60_003

# Imported as root, for another login may not be able to read this checkout.
PROGRAM = """
import os, sys, _strptime
from importlib import import_module
from sopctl.cli import main, ENTRIES
for entry in ENTRIES:
    import_module(f"sopctl.commands.{entry.module}")
import sopctl.adapters.prometheus_client
from zoneinfo import ZoneInfo
ZoneInfo("Asia/Jakarta")
user, group, mask = (int(one) for one in sys.argv[1:4])
os.setgroups([group] if group else [])
os.setgid(user)
os.setuid(user)
os.umask(mask)
main(sys.argv[4:], prog_name="sopctl")
"""

pytestmark = pytest.mark.skipif(os.getuid() != 0, reason="only root can become another login")


@pytest.fixture
def site() -> Iterator[Path]:
    """A store made by `init` and handed to a group, as the operator's guide says."""
    # Not in pytest's folder, which each run that starts shuts to other logins again.
    with TemporaryDirectory(prefix="sopctl-logins-") as name:
        yield make_site(Path(name))


def make_site(above: Path) -> Path:
    folder = above / "site"
    subprocess.run(
        [sys.executable, "-c", "import os; os.umask(0o077)\nfrom sopctl.cli import main; main()", "init", str(folder)],
        check=True,
        capture_output=True,
    )
    subprocess.run(["chgrp", "-R", str(GROUP), str(folder / "store")], check=True)
    for one in (folder, above):
        one.chmod(0o755)
    return folder


def run(site: Path, user: int, *arguments: str, group: int = GROUP) -> "subprocess.CompletedProcess[str]":
    command = [sys.executable, "-c", PROGRAM, str(user), str(group), str(0o077)]
    return subprocess.run(
        [*command, "--config", str(site / "sopctl.yml"), *arguments], check=False, capture_output=True, text=True
    )


def test_two_logins_take_their_steps_in_one_store(site: Path) -> None:
    """Each from an account of its own and with a strict umask: both write ledger, heads and files."""
    opened = run(site, SEKRETARIS, "--as", "sekretaris", "open", "--period", MONTH)
    assert opened.returncode == 0, opened.stderr
    assigned = run(site, KABAG, "--as", "kabag", "assign")
    assert assigned.returncode == 0, assigned.stderr
    heads = (site / "store" / "heads").read_text().splitlines()
    assert len(heads) == 2
    verified = run(site, SEKRETARIS, "verify")
    assert "Utuh: 1 siklus, 2 kejadian" in verified.stdout, verified.stderr


def test_heads_that_a_login_may_not_write_stop_the_step(site: Path) -> None:
    """The second witness must not fall silent: the step is refused and nothing is recorded."""
    heads = site / "store" / "heads"
    heads.chmod(0o640)
    refused = run(site, SEKRETARIS, "--as", "sekretaris", "open", "--period", MONTH)
    assert refused.returncode == 1
    assert "heads tidak dapat ditulis: tidak ada izin; tidak ada yang dicatat" in refused.stderr
    heads.chmod(0o660)
    assert "0 kejadian" in run(site, SEKRETARIS, "verify").stdout


def test_a_login_outside_the_group_is_told(site: Path) -> None:
    """Who is no member learns which folder's group it must join."""
    refused = run(site, STRANGER, "status", group=0)
    assert refused.returncode == 1
    assert "Masukkan login ini ke dalam grup folder itu" in refused.stderr


def test_files_of_one_login_are_the_groups(site: Path) -> None:
    """Folders made by whoever comes first pass on the group and may be written by it; files may be read by it."""
    program = PROGRAM.partition("main(sys.argv[4:]")[0] + (
        "from pathlib import Path\nfrom sopctl.adapters.file_store import ContentFiles\n"
        "print(ContentFiles(Path(sys.argv[4])).put(sys.argv[5].encode()))"
    )
    kept = []
    for user in (SEKRETARIS, KABAG):
        # The same content twice: the other login finds, reads and syncs what the first one made.
        command = [sys.executable, "-c", program, str(user), str(GROUP), str(0o077), str(site / "store"), "isi"]
        made = subprocess.run(command, check=False, capture_output=True, text=True)
        assert made.returncode == 0, made.stderr
        kept.append(site / "store" / "files" / made.stdout[:2] / made.stdout.strip())
    assert kept[0] == kept[1]
    for folder in (kept[0].parent, kept[0].parent.parent, site / "store"):
        found = folder.stat()
        assert (found.st_gid, stat.S_IMODE(found.st_mode)) == (GROUP, 0o2770)
    assert (kept[0].stat().st_gid, stat.S_IMODE(kept[0].stat().st_mode)) == (GROUP, 0o640)
