"""Visits of a real OpenSSH server with a real shell, as platform linux."""

import os
import shutil
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from exporter.configuration.archive import Archive
from exporter.errors import CollectionReason
from exporter.inventory.load import load_inventory
from exporter.inventory.models import Inventory
from exporter.platforms.library import shipped_platforms
from tests.exporter.ssh.conftest import PASSWORD, shown, visit, wait_until
from tests.exporter.ssh.openssh import USER, OpenSsh, keygen, running_sshd

pytestmark = pytest.mark.skipif(os.geteuid() != 0, reason="an sshd with users of its own needs root")


@pytest.fixture(scope="module")
def sshd(tmp_path_factory: pytest.TempPathFactory) -> Iterator[OpenSsh]:
    """A running sshd."""
    if shutil.which("sshd", path="/usr/sbin") is None:
        pytest.skip("openssh-server is not installed")
    with running_sshd(tmp_path_factory.mktemp("sshd")) as server:
        yield server


@pytest.fixture
def host(sshd: OpenSsh, tmp_path: Path) -> Callable[[str], Inventory]:
    """Load an inventory of the server, its key known, with a credential."""
    (tmp_path / "password").write_text(PASSWORD)
    (tmp_path / "wrong").write_text("not-" + PASSWORD)
    scan = subprocess.run(
        ["ssh-keyscan", "-p", str(sshd.port), "127.0.0.1"], capture_output=True, check=True, text=True
    ).stdout
    (tmp_path / "known_hosts").write_text(scan)

    def load(credential: str) -> Inventory:
        file = tmp_path / "inventory.yml"
        file.write_text(
            "site: {name: s, time_zone: Asia/Jakarta}\n"
            f"credentials: {{ssh: {{ro: {{user: {USER}, {credential}}}}}}}\n"
            "devices:\n  - {name: device-1, address: 127.0.0.1, role: host, "
            f"ssh: {{credential: ro, port: {sshd.port}, platform: linux}}}}\n"
            "configuration: {folder: archive}\n"
        )
        return load_inventory(file)

    return load


async def test_a_real_server_is_read_with_a_password_and_gets_the_profile_s_commands(
    sshd: OpenSsh, host: Callable[[str], Inventory], tmp_path: Path
) -> None:
    """The shell's own history holds the profile's commands and nothing else; the configuration is kept."""
    reading = await visit(host("password: '${file:password}'"))
    assert reading.failure is None
    assert shown(reading)["dcnet_config_backup_success"] == 1
    assert sshd.history == list(shipped_platforms()["linux"].commands)
    kept = Archive(tmp_path / "archive").show("device-1")
    assert "### ip address show" in kept
    assert "inet 127.0.0.1/8 scope host lo" in kept
    wait_until(lambda: not sessions(sshd))


def sessions(sshd: OpenSsh) -> list[str]:
    """Connections to the server that are still open."""
    found = subprocess.run(
        ["ss", "-Htn", "state", "established", f"sport = :{sshd.port}"], capture_output=True, check=True, text=True
    )
    return found.stdout.splitlines()


async def test_a_key_with_a_passphrase_lets_in(sshd: OpenSsh, host: Callable[[str], Inventory]) -> None:
    """A key file serves in place of a password."""
    key = f"key_file: {sshd.folder / 'user_key'}, key_passphrase: '${{file:password}}'"
    assert (await visit(host(key))).failure is None


@pytest.mark.parametrize("fault", ["wrong password", "wrong key", "wrong passphrase"])
async def test_who_may_not_enter_is_auth(
    fault: str, sshd: OpenSsh, host: Callable[[str], Inventory], tmp_path: Path
) -> None:
    """A refused login is told as such, without the secret."""
    keygen("-q", "-t", "ed25519", "-N", "", "-f", str(tmp_path / "other_key"))
    credential = {
        "wrong password": "password: '${file:wrong}'",
        "wrong key": "key_file: other_key",
        "wrong passphrase": f"key_file: {sshd.folder / 'user_key'}, key_passphrase: '${{file:wrong}}'",
    }[fault]
    reading = await visit(host(credential))
    assert reading.failure is not None
    assert reading.failure.reason is CollectionReason.AUTH
    assert PASSWORD not in str(reading.failure)


async def test_a_server_with_a_new_key_is_refused(
    sshd: OpenSsh, host: Callable[[str], Inventory], tmp_path: Path
) -> None:
    """known_hosts of another key: the visit ends before the login."""
    inventory = host("password: '${file:password}'")
    keygen("-q", "-t", "ed25519", "-N", "", "-f", str(tmp_path / "other_key"))
    (tmp_path / "known_hosts").write_text(f"[127.0.0.1]:{sshd.port} {(tmp_path / 'other_key.pub').read_text()}")
    before = (sshd.folder / "log").read_text().count("Accepted")
    reading = await visit(inventory)
    assert reading.failure is not None
    assert reading.failure.reason is CollectionReason.HOST_KEY
    assert (sshd.folder / "log").read_text().count("Accepted") == before
