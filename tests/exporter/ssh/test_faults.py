"""What a visit says when something goes wrong: the reason, nothing kept that is not whole, nothing left behind."""

import socket
import subprocess
import threading
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from exporter.configuration.archive import Archive
from exporter.errors import CollectionReason
from exporter.inventory.models import Inventory
from exporter.self_run import SshReading
from tests.exporter.conftest import free_port
from tests.exporter.ssh import devices
from tests.exporter.ssh.conftest import Cli, shown, visit

ARCHIVE = "configuration: {folder: archive}\n"


def failed(reading: SshReading) -> tuple[CollectionReason, str]:
    """Why a visit failed."""
    assert reading.failure is not None
    return reading.failure.reason, reading.failure.detail


def keygen(*arguments: str) -> str:
    """What ssh-keygen prints."""
    return subprocess.run(["ssh-keygen", *arguments], capture_output=True, check=True, text=True).stdout


async def test_a_wrong_password_is_auth(cli: Cli, site: Callable[..., Inventory]) -> None:
    """The login is refused, the password is in no text."""
    cli.be(devices.IOS, devices.IOS_PROMPT, password="another")
    reading = await visit(site(cli.port, "cisco_ios"))
    assert failed(reading) == (CollectionReason.AUTH, f"127.0.0.1 port {cli.port} refused the login of andi")
    assert not reading.logged_in


async def test_an_unknown_host_key_is_told_with_what_to_do(
    cli: Cli, site: Callable[..., Inventory], tmp_path: Path
) -> None:
    """Without the key in known_hosts no password is sent; the message holds the command that adds it."""
    cli.be(devices.IOS, devices.IOS_PROMPT)
    (tmp_path / "known_hosts").unlink()
    reason, detail = failed(await visit(site(cli.port, "cisco_ios")))
    assert reason is CollectionReason.HOST_KEY
    assert f"ssh-keyscan -p {cli.port} 127.0.0.1 >> {tmp_path / 'known_hosts'}" in detail
    assert keygen("-l", "-f", str(cli.folder / "host_key")).split()[1] in detail
    assert not (tmp_path / "known_hosts").exists()


@pytest.mark.parametrize(
    "before",
    [
        "@cert-authority *.example {key}",
        "other-host ssh-rsa AAA",
        "|1|zzzz|zzzz {key}",
        "@revoked other-host {key}",
        "!{place},* {other}",
        "# kunci \xff",
    ],
    ids=["authority", "damaged key", "damaged hash", "revoked elsewhere", "excepted", "not text"],
)
async def test_a_line_of_known_hosts_that_does_not_concern_a_device_does_not_cost_it(
    before: str, cli: Cli, site: Callable[..., Inventory], tmp_path: Path
) -> None:
    """What is marked, damaged or of others is passed over, and the device's own line still counts."""
    cli.be(devices.IOS, devices.IOS_PROMPT)
    place, _, key = (tmp_path / "known_hosts").read_text().strip().partition(" ")
    keygen("-q", "-t", "ecdsa", "-N", "", "-f", str(tmp_path / "other"))
    other = (tmp_path / "other.pub").read_text().strip()
    line = before.format(key=key, place=place, other=other)
    (tmp_path / "known_hosts").write_text(f"{line}\n{place}  {key}\n", encoding="latin-1")
    assert (await visit(site(cli.port, "cisco_ios"))).failure is None


@pytest.mark.parametrize("names", ["{place}", "*"], ids=["by name", "of all"])
async def test_a_revoked_key_is_refused_and_told(
    names: str, cli: Cli, site: Callable[..., Inventory], tmp_path: Path
) -> None:
    """A key that the file revokes is refused although another line knows it."""
    cli.be(devices.IOS, devices.IOS_PROMPT)
    own = (tmp_path / "known_hosts").read_text()
    place, _, key = own.partition(" ")
    (tmp_path / "known_hosts").write_text(f"{own}@revoked {names.format(place=place)} {key}")
    reason, detail = failed(await visit(site(cli.port, "cisco_ios")))
    assert reason is CollectionReason.HOST_KEY
    assert "is revoked in" in detail
    assert not cli.received()


async def test_a_changed_host_key_is_refused_and_told(cli: Cli, site: Callable[..., Inventory], tmp_path: Path) -> None:
    """Another key than the known one ends the visit before the login, and never replaces the known one."""
    cli.be(devices.IOS, devices.IOS_PROMPT)
    other = tmp_path / "other"
    keygen("-q", "-t", "ecdsa", "-N", "", "-f", str(other))
    known = f"[127.0.0.1]:{cli.port} {other.with_suffix('.pub').read_text()}"
    (tmp_path / "known_hosts").write_text(known)
    reason, detail = failed(await visit(site(cli.port, "cisco_ios")))
    assert reason is CollectionReason.HOST_KEY
    assert "has CHANGED" in detail
    assert f"-R '[127.0.0.1]:{cli.port}'" in detail
    assert (tmp_path / "known_hosts").read_text() == known
    assert not cli.received()


async def test_a_prompt_that_never_comes_is_timeout(cli: Cli, site: Callable[..., Inventory]) -> None:
    """A shell that says nothing is given up after the time for a read."""
    cli.be(devices.IOS, devices.IOS_PROMPT, silent=True)
    reading = await visit(site(cli.port, "cisco_ios", access=", read_seconds: 1"))
    assert failed(reading) == (CollectionReason.TIMEOUT, "no prompt, and nothing else for 1 s, after the first prompt")
    cli.wait_closed()


@pytest.mark.parametrize(
    ("fault", "access", "reason"),
    [
        ("hang", ", read_seconds: 1", CollectionReason.TIMEOUT),
        ("hang", ", read_seconds: 60, visit_seconds: 2", CollectionReason.DEADLINE),
        ("cut", "", CollectionReason.UNREACHABLE),
    ],
    ids=["silent", "visit's time", "cut"],
)
async def test_an_answer_that_stops_midway_keeps_the_last_version(
    fault: str, access: str, reason: CollectionReason, cli: Cli, *, site: Callable[..., Inventory], tmp_path: Path
) -> None:
    """Half a configuration is never a version: the last whole one stays, and its age is told."""
    cli.be(devices.IOS, devices.IOS_PROMPT)
    first = await visit(site(cli.port, "cisco_ios", more=ARCHIVE))
    kept_at = shown(first)["dcnet_config_backup_timestamp_seconds"]
    cli.be(devices.IOS, devices.IOS_PROMPT, faults={"show running-config": fault})
    second = await visit(site(cli.port, "cisco_ios", access=access, more=ARCHIVE), last=first.configuration)
    assert failed(second)[0] is reason
    said = shown(second)
    assert said["dcnet_config_backup_success"] == 0
    assert said["dcnet_config_backup_timestamp_seconds"] == kept_at
    assert said["dcnet_config_unsaved"] == 0, "what was last read still holds, with its age"
    assert len(Archive(tmp_path / "archive").log("device-1")) == 1
    cli.wait_closed()


async def test_an_answer_without_its_end_is_no_configuration(cli: Cli, site: Callable[..., Inventory]) -> None:
    """A prompt after half a configuration is noticed by the line that is missing: decode, and no version."""
    cli.be({**devices.IOS, "show running-config": "version 15.2\nhostname core-1\n"}, devices.IOS_PROMPT)
    reading = await visit(site(cli.port, "cisco_ios", more=ARCHIVE))
    assert failed(reading)[0] is CollectionReason.DECODE
    assert shown(reading)["dcnet_config_backup_success"] == 0
    assert any(name.startswith("dcnet_device_info") for name in shown(reading)), "the facts were read all the same"


async def test_a_refused_command_is_no_data(cli: Cli, site: Callable[..., Inventory]) -> None:
    """A user who may not see the configuration is told so."""
    answers = {**devices.IOS, "show running-config": "% Invalid input detected at '^' marker.\n"}
    cli.be(answers, devices.IOS_PROMPT)
    reading = await visit(site(cli.port, "cisco_ios"))
    assert failed(reading) == (CollectionReason.NO_DATA, "the device refused 'show running-config'")
    assert not any(name.startswith("dcnet_config_unsaved") for name in shown(reading))


async def test_nobody_listening_is_unreachable(site: Callable[..., Inventory]) -> None:
    """A closed port is told at once."""
    port = free_port(socket.SOCK_STREAM)
    assert failed(await visit(site(port, "cisco_ios"))) == (
        CollectionReason.UNREACHABLE,
        f"127.0.0.1 port {port}: Connection refused",
    )


async def test_a_port_that_says_nothing_is_timeout(site: Callable[..., Inventory]) -> None:
    """A server that takes the connection and never speaks SSH does not hold a thread."""
    with socket.create_server(("127.0.0.1", 0)) as listening:
        port = listening.getsockname()[1]
        reading = await visit(site(port, "cisco_ios", access=", read_seconds: 1"))
    assert failed(reading)[0] is CollectionReason.TIMEOUT


async def test_another_protocol_is_decode(cli: Cli, site: Callable[..., Inventory]) -> None:
    """A web server on the port is no SSH server."""
    cli.be(devices.IOS, devices.IOS_PROMPT, garbage=True)
    reading = await visit(site(cli.port, "cisco_ios"))
    assert failed(reading)[0] is CollectionReason.DECODE


async def test_a_login_that_hangs_ends_with_the_visit_s_time(site: Callable[..., Inventory]) -> None:
    """A server that stops within the key exchange is cut off when the visit's time is over."""
    with socket.create_server(("127.0.0.1", 0)) as listening:
        taken: list[socket.socket] = []

        def greet() -> None:
            opened, _ = listening.accept()
            taken.append(opened)
            opened.sendall(b"SSH-2.0-Cisco-1.25\r\n")

        thread = threading.Thread(target=greet)
        thread.start()
        started = time.monotonic()
        port = listening.getsockname()[1]
        reading = await visit(site(port, "cisco_ios", access=", read_seconds: 30, visit_seconds: 1"))
        thread.join()
        taken[0].close()
    assert failed(reading)[0] in {CollectionReason.DEADLINE, CollectionReason.TIMEOUT}
    assert time.monotonic() - started < 20
