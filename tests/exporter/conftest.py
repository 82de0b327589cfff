"""Real counterparts for the exporter: snmpd on loopback, sockets that misbehave, inventories to load."""

import os
import shutil
import socket
import subprocess
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from exporter.inventory.load import load_inventory
from exporter.inventory.models import Inventory

SECRETS = {
    "COMMUNITY": "wrt8-community",
    "AUTH": "authentication-3931",
    "PRIVACY": "privacy-key-7712",
    "WRONG": "another-key-5310",
    "AGENT": "agent-community",
}


@dataclass(frozen=True, slots=True)
class Snmpd:
    """A running snmpd."""

    port: int


def free_udp_port() -> int:
    """A UDP port of the loopback that nobody uses just now."""
    return free_port(socket.SOCK_DGRAM)


def free_port(kind: int) -> int:
    """A port of the loopback that nobody uses just now."""
    with socket.socket(socket.AF_INET, kind) as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@pytest.fixture(scope="session")
def snmpd(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Snmpd]:
    """Debian's snmpd with a v2c community and v3 users."""
    program = shutil.which("snmpd", path=os.environ.get("PATH", "") + ":/usr/sbin")
    if program is None:
        pytest.skip("snmpd is not installed")
    folder = tmp_path_factory.mktemp("snmpd")
    port = free_port(socket.SOCK_DGRAM)
    configuration = folder / "snmpd.conf"
    configuration.write_text(
        f"agentaddress udp:127.0.0.1:{port}\n"
        f"rocommunity {SECRETS['COMMUNITY']} 127.0.0.1\n"
        f"createUser sha SHA {SECRETS['AUTH']} AES {SECRETS['PRIVACY']}\n"
        f"createUser sha256 SHA-256 {SECRETS['AUTH']} AES {SECRETS['PRIVACY']}\n"
        f"createUser md5 MD5 {SECRETS['AUTH']} DES {SECRETS['PRIVACY']}\n"
        f"createUser authonly SHA-512 {SECRETS['AUTH']}\n"
        "rouser sha priv\nrouser sha256 priv\nrouser md5 priv\nrouser authonly auth\n"
        "sysName real-host\n"
    )
    environment = {**os.environ, "SNMP_PERSISTENT_DIR": str(folder / "persistent"), "MIBS": ""}
    log = (folder / "log").open("wb")
    process = subprocess.Popen(
        [program, "-f", "-Lo", "-C", "-c", str(configuration), "-p", str(folder / "pid")],
        env=environment,
        stdout=log,
        stderr=subprocess.STDOUT,
    )
    try:
        wait_for_agent(port, process, folder / "log")
        yield Snmpd(port)
    finally:
        process.terminate()
        process.wait(10)
        log.close()


def wait_for_agent(port: int, process: "subprocess.Popen[bytes]", log: Path, address: str = "127.0.0.1") -> None:
    """Return when the agent answers a GET of sysUpTime."""
    request = bytes.fromhex("302902010104") + bytes([len(SECRETS["COMMUNITY"])]) + SECRETS["COMMUNITY"].encode()
    pdu = bytes.fromhex("a01c020401020304020100020100300e300c06082b060102010103000500")
    request = bytes([0x30, len(request) - 2 + len(pdu)]) + request[2:] + pdu
    deadline = time.monotonic() + 60
    family = socket.AF_INET6 if ":" in address else socket.AF_INET
    with socket.socket(family, socket.SOCK_DGRAM) as asking:
        asking.settimeout(0.2)
        asking.connect((address, port))
        while time.monotonic() < deadline and process.poll() is None:
            try:
                asking.send(request)
                asking.recv(65535)
            except (TimeoutError, ConnectionRefusedError):
                continue
            return
    raise AssertionError(f"snmpd did not answer: {log.read_text()}")


@pytest.fixture
def silent_port() -> Iterator[int]:
    """A UDP port that takes requests and never answers."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sink:
        sink.bind(("127.0.0.1", 0))
        yield sink.getsockname()[1]


@pytest.fixture
def closed_port() -> int:
    """A UDP port on which nobody listens: the kernel answers with port unreachable."""
    return free_port(socket.SOCK_DGRAM)


@pytest.fixture
def garbling_port() -> Iterator[int]:
    """A UDP port that answers everything with bytes that are no SNMP."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as service:
        service.bind(("127.0.0.1", 0))
        port = service.getsockname()[1]

        def serve() -> None:
            while True:
                data, sender = service.recvfrom(65535)
                if data == b"end":
                    return
                service.sendto(b"\x30\x05HTTP/", sender)

        thread = threading.Thread(target=serve)
        thread.start()
        yield port
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as waker:
            waker.sendto(b"end", ("127.0.0.1", port))
        thread.join()


@pytest.fixture
def write_inventory(tmp_path: Path) -> Callable[[str], Path]:
    """Write an inventory: a site and all credentials, followed by the given text."""

    def write(text: str) -> Path:
        file = tmp_path / "inventory.yml"
        keys = 'password: "${env:AUTH}"}, privacy: {protocol: '
        file.write_text(
            f"""site: {{name: test-site, time_zone: Asia/Jakarta}}
credentials:
  snmp:
    community: {{version: 2c, community: "${{env:COMMUNITY}}"}}
    agent: {{version: 2c, community: "${{env:AGENT}}"}}
    wrong-community: {{version: 2c, community: "${{env:WRONG}}"}}
    sha: {{version: 3, user: sha, auth: {{protocol: sha, {keys}aes128, password: "${{env:PRIVACY}}"}}}}
    sha256: {{version: "3", user: sha256, auth: {{protocol: sha256, {keys}aes128, password: "${{env:PRIVACY}}"}}}}
    md5: {{version: 3, user: md5, auth: {{protocol: md5, {keys}des, password: "${{env:PRIVACY}}"}}}}
    authonly: {{version: 3, user: authonly, auth: {{protocol: sha512, password: "${{env:AUTH}}"}}}}
    wrong-user: {{version: 3, user: nobody, auth: {{protocol: sha, password: "${{env:AUTH}}"}}}}
    wrong-auth: {{version: 3, user: authonly, auth: {{protocol: sha512, password: "${{env:WRONG}}"}}}}
    wrong-privacy: {{version: 3, user: sha, auth: {{protocol: sha, {keys}aes128, password: "${{env:WRONG}}"}}}}
    wrong-level: {{version: 3, user: sha, auth: {{protocol: sha, password: "${{env:AUTH}}"}}}}
"""
            + text
        )
        return file

    return write


@pytest.fixture
def make_inventory(write_inventory: Callable[[str], Path]) -> Callable[[str], Inventory]:
    """Load an inventory of a site, all credentials and the given text."""
    return lambda text: load_inventory(write_inventory(text), SECRETS)
