"""Who sends traps in tests: net-snmp's commands, and datagrams of our own making from any loopback address."""

import asyncio
import os
import shutil
import socket
import subprocess
import tempfile
from collections.abc import Sequence
from functools import cache
from typing import Any

import pytest
from pyasn1.codec.ber import encoder  # type: ignore[import-untyped]
from pysnmp.proto.api import v1, v2c  # type: ignore[import-untyped]

SECRETS = {
    "COMMUNITY": "trap-community-7731",
    "OTHER": "other-community-2208",
    "AUTH": "trap-authentication-41",
    "PRIVACY": "trap-privacy-key-6620",
    "WRONG": "trap-wrong-secret-905",
}
COLD_START = "1.3.6.1.6.3.1.1.5.1"
WARM_START = "1.3.6.1.6.3.1.1.5.2"
LINK_DOWN = "1.3.6.1.6.3.1.1.5.3"
LINK_UP = "1.3.6.1.6.3.1.1.5.4"
IF_INDEX = "1.3.6.1.2.1.2.2.1.1"


@cache
def _kept_by_senders() -> "tempfile.TemporaryDirectory[str]":
    """Where the commands of this process keep how often their engine started: two processes at once would tear it."""
    return tempfile.TemporaryDirectory(prefix="net-snmp-")


async def net_snmp(
    command: str, port: int, *arguments: str, source: str = "127.0.0.2"
) -> subprocess.CompletedProcess[str]:
    """Run `snmptrap` or `snmpinform` against our port, from `source`: options, then what follows the address."""
    if shutil.which(command) is None:
        pytest.skip(f"{command} is not installed")
    at = arguments.index("--")
    target = f"127.0.0.1:{port}"
    environment = {**os.environ, "MIBS": "", "SNMP_PERSISTENT_DIR": _kept_by_senders().name}
    call = [command, f"--clientaddr={source}", *arguments[:at], target, *arguments[at + 1 :]]
    process = await asyncio.create_subprocess_exec(
        *call, stdout=subprocess.PIPE, stderr=subprocess.PIPE, env=environment
    )
    out, error = await asyncio.wait_for(process.communicate(), 30)
    return subprocess.CompletedProcess(call, process.returncode or 0, out.decode(), error.decode())


def oid(text: str) -> tuple[int, ...]:
    """The numbers of an OID."""
    return tuple(map(int, text.split(".")))


def make_v2(trap: str, bindings: Sequence[tuple[str, Any]] = (), community: str = SECRETS["COMMUNITY"]) -> bytes:
    """A v2c trap with values of pysnmp's v2c types."""
    pdu = v2c.SNMPv2TrapPDU()
    v2c.apiTrapPDU.set_defaults(pdu)
    head = [
        (oid("1.3.6.1.2.1.1.3.0"), v2c.TimeTicks(4711)),
        (oid("1.3.6.1.6.3.1.1.4.1.0"), v2c.ObjectIdentifier(oid(trap))),
    ]
    v2c.apiTrapPDU.set_varbinds(pdu, head + [(oid(name), value) for name, value in bindings])
    message = v2c.Message()
    v2c.apiMessage.set_defaults(message)
    v2c.apiMessage.set_community(message, community.encode())
    v2c.apiMessage.set_pdu(message, pdu)
    return bytes(encoder.encode(message))


def make_v1(enterprise: str, generic: int, specific: int, bindings: Sequence[tuple[str, Any]] = ()) -> bytes:
    """A v1 trap with values of pysnmp's v1 types."""
    pdu = v1.TrapPDU()
    v1.apiTrapPDU.set_defaults(pdu)
    v1.apiTrapPDU.set_enterprise(pdu, oid(enterprise))
    v1.apiTrapPDU.set_generic_trap(pdu, generic)
    v1.apiTrapPDU.set_specific_trap(pdu, specific)
    v1.apiTrapPDU.set_varbinds(pdu, [(oid(name), value) for name, value in bindings])
    message = v1.Message()
    v1.apiMessage.set_defaults(message)
    v1.apiMessage.set_community(message, SECRETS["COMMUNITY"].encode())
    v1.apiMessage.set_pdu(message, pdu)
    return bytes(encoder.encode(message))


def send(datagram: bytes, port: int, source: str = "127.0.0.2") -> None:
    """Send `datagram` to our port from `source`."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sender:
        sender.bind((source, 0))
        sender.sendto(datagram, ("127.0.0.1", port))


class Capture:
    """A port that keeps what is sent to it, so that a test can send it again."""

    def __init__(self) -> None:
        self._socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self._socket.bind(("127.0.0.1", 0))
        self._socket.settimeout(20)
        self.port: int = self._socket.getsockname()[1]

    def __enter__(self) -> "Capture":
        return self

    def __exit__(self, *_: object) -> None:
        self._socket.close()

    def take(self) -> bytes:
        """The next datagram."""
        return self._socket.recv(65535)
