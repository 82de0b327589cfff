"""The lab as the tests run it: on free ports, with made-up secrets, at an instant that they choose."""

import asyncio
import socket
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TypeAlias

import pytest

from lab.endpoints import running_endpoints
from lab.inventory import Ports, site_zone
from lab.model import Model
from lab.scenario import Scenario, load_scenario
from lab.snmp_agents import SECRET_FILES, SnmpSecrets, running_agents
from lab.timeline import Month, place_in_month

SECRETS = SnmpSecrets("lab-community", "dcnet", "lab-authentication", "lab-privacy-key")


def write_secrets(folder: Path) -> Path:
    """`folder`, with the secret files that the lab's inventory refers to."""
    folder.mkdir(parents=True, exist_ok=True)
    for name, secret in zip(SECRET_FILES, (SECRETS.community, SECRETS.authentication, SECRETS.privacy), strict=True):
        (folder / name).write_text(secret)
    return folder


@dataclass
class Clock:
    """A clock that stands still until it is set."""

    now: float

    def __call__(self) -> float:
        return self.now


@dataclass
class RunningLab:
    """Agents and endpoints that answer as of `clock`."""

    model: Model
    clock: Clock
    ports: Ports

    async def run(self, *command: str) -> tuple[int, str, str]:
        """Run a program while the lab answers; its status, output and error output."""
        process = await asyncio.create_subprocess_exec(
            *command, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.PIPE
        )
        out, err = await process.communicate()
        return process.returncode or 0, out.decode(), err.decode()


StartLab: TypeAlias = Callable[[float], AbstractAsyncContextManager[RunningLab]]


@pytest.fixture(scope="session")
def month() -> Month:
    return Month.parse("2026-02", site_zone())


@pytest.fixture(scope="session")
def scenario() -> Scenario:
    return load_scenario()


@pytest.fixture(scope="session")
def model(scenario: Scenario, month: Month) -> Model:
    return Model(place_in_month(scenario, month))


@pytest.fixture
def start_lab(model: Model) -> StartLab:
    """Starts the lab as it stands at an instant of the month."""

    @asynccontextmanager
    async def start(instant: float) -> AsyncIterator[RunningLab]:
        clock, ports = Clock(instant), Ports(*(free_port() for _ in range(3)))
        with running_agents(model, SECRETS, clock, ports.snmp):
            async with running_endpoints(model, clock, ports.dns, ports.http):
                yield RunningLab(model, clock, ports)

    return start


def free_port() -> int:
    """A port that nothing uses on UDP or TCP just now."""
    with socket.socket() as stream, socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as datagram:
        stream.bind(("127.0.0.1", 0))
        port = int(stream.getsockname()[1])
        datagram.bind(("127.20.1.1", port))
    return port
