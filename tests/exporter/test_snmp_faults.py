"""What devices and networks do to SNMP's answers, each fault on a real socket: nothing is lost that need not be."""

import asyncio
import os
import random
import socket
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from time import monotonic

import pytest
import requests

from bench.fleet_agent import INTERFACES
from exporter.drop_in.service import Answer, DropIn
from exporter.drop_in.target import parse_network
from exporter.errors import CollectionFailure, CollectionReason
from exporter.inventory.models import CommunityCredential, SnmpAccess
from exporter.snmp.session import SnmpSession, connect
from tests.exporter.conftest import SECRETS
from tests.exporter.meddling_agent import Meddle, MeddlingAgent, mutate
from tests.exporter.scripted_agent import ScriptedAgent, counter64
from tests.exporter.test_server import COMMAND, ENVIRONMENT, until

IF_TABLE = "1.3.6.1.2.1.2.2.1"
COLUMNS = 22
SNMP_YML = f"""auths: {{public_v2: {{community: {SECRETS["AGENT"]}}}}}
modules:
  if_mib:
    timeout: 1s
    retries: 1
    walk: [{IF_TABLE}]
    metrics:
    - {{name: ifInOctets, oid: {IF_TABLE}.10, type: counter, indexes: [{{labelname: ifIndex, type: gauge}}]}}
"""


@pytest.fixture
def drop_in(tmp_path: Path) -> DropIn:
    file = tmp_path / "snmp.yml"
    file.write_text(SNMP_YML)
    return DropIn([str(file)], [parse_network("127.0.0.0/8")])


async def ask(drop_in: DropIn, port: int, timeout_seconds: float = 10) -> Answer:
    return await drop_in.answer({"target": [f"127.0.0.1:{port}"]}, timeout_seconds)


def scrape_value(answer: Answer, name: str) -> float:
    lines = answer.body.decode().splitlines()
    return next(float(line.rpartition(" ")[2]) for line in lines if line.startswith(f"snmp_scrape_{name}{{"))


def rows(answer: Answer) -> int:
    return sum(line.startswith("ifInOctets{") for line in answer.body.decode().splitlines())


def once(first: Meddle) -> Meddle:
    """Meddle with the third answer only."""
    return lambda datagram, number: first(datagram, number) if number == 2 else [datagram]


def late() -> Meddle:
    """Every answer comes twice: at once, and again before the next one."""
    before: list[bytes] = []

    def meddle(datagram: bytes, _number: int) -> list[bytes]:
        sent = [*before, datagram]
        before[:] = [datagram]
        return sent

    return meddle


@pytest.mark.parametrize(
    ("meddle", "retries"),
    [
        pytest.param(once(lambda datagram, _: [datagram[: len(datagram) // 2]]), 1, id="truncated"),
        pytest.param(once(lambda datagram, _: [datagram[:1]]), 1, id="one octet"),
        pytest.param(once(lambda _datagram, _: [b""]), 1, id="empty"),
        pytest.param(once(lambda _datagram, _: []), 1, id="lost"),
        pytest.param(lambda datagram, _: [datagram, datagram], 0, id="duplicated"),
        pytest.param(late(), 0, id="late from an earlier request"),
    ],
)
async def test_a_disturbed_answer_costs_no_data(drop_in: DropIn, meddle: Meddle, retries: int) -> None:
    """An answer that is cut, lost, doubled or late is asked for again or passed over, and every row is told."""
    with MeddlingAgent(meddle) as agent:
        answer = await ask(drop_in, agent.port)
    assert answer.status == 200, answer.body
    assert rows(answer) == INTERFACES
    assert scrape_value(answer, "pdus_returned") == COLUMNS * INTERFACES
    assert scrape_value(answer, "packets_retried") == retries


async def test_always_truncated_is_a_decode_failure(drop_in: DropIn) -> None:
    """A device whose answers never come whole is told as decode."""
    with MeddlingAgent(lambda datagram, _: [datagram[:-3]]) as agent:
        answer = await ask(drop_in, agent.port)
    assert answer.status == 500
    assert b"module if_mib: decode" in answer.body


async def test_device_that_dies_midway(drop_in: DropIn) -> None:
    """A device that falls silent in the middle of a table is told as timeout, within its retries."""
    with MeddlingAgent(lambda datagram, number: [datagram] if number < 5 else []) as agent:
        started = monotonic()
        answer = await ask(drop_in, agent.port)
    assert answer.status == 500
    assert b"timeout" in answer.body
    assert monotonic() - started < 9


async def test_slow_device_ends_at_the_deadline_and_delays_nobody(drop_in: DropIn, tmp_path: Path) -> None:
    """A device that takes 2 s for each packet costs its own scrape's time, and no other device's."""
    patient = tmp_path / "patient.yml"
    patient.write_text(SNMP_YML.replace("timeout: 1s", "timeout: 5s"))
    slow_drop_in = DropIn([str(patient)], [parse_network("127.0.0.0/8")])
    with MeddlingAgent(lambda datagram, _: [datagram], delay_seconds=2) as slow, MeddlingAgent(once(late())) as fast:
        started = monotonic()
        waiting = asyncio.create_task(ask(slow_drop_in, slow.port, timeout_seconds=4.5))
        quick = await ask(drop_in, fast.port)
        slow_waits = not waiting.done()
        answer = await waiting
        seconds = monotonic() - started
    assert rows(quick) == INTERFACES
    assert slow_waits
    assert answer.status == 500
    assert b"deadline" in answer.body
    assert 4 < seconds < 15
    assert 2 <= slow.requests <= 3


@contextmanager
def session(port: int) -> Iterator[SnmpSession]:
    access = SnmpAccess(credential="agent", port=port, timeout_seconds=0.5, retries=1)
    opened = connect("127.0.0.1", access, CommunityCredential(version="2c", community=SECRETS["AGENT"]))
    opened.begin(asyncio.get_running_loop().time() + 30, None)
    try:
        yield opened
    finally:
        opened.close()


async def test_table_of_20000_rows() -> None:
    """A column of 20,000 rows is read whole and in the agent's order."""
    count = 20_000
    table = {f"{IF_TABLE}.10.{row}": counter64(row) for row in range(1, count + 1)}
    with ScriptedAgent(table) as agent, session(agent.port) as asking:
        found = await asking.walk(f"{IF_TABLE}.10")
    assert list(found) == [str(row) for row in range(1, count + 1)]
    assert asking.work.packets <= count / 20


async def test_column_that_dies_midway_is_a_timeout() -> None:
    """The engine's walk of a column ends with timeout when the device falls silent in it."""
    with (
        MeddlingAgent(lambda datagram, number: [datagram] if number < 1 else []) as agent,
        session(agent.port) as asking,
        pytest.raises(CollectionFailure) as failure,
    ):
        await asking.walk(f"{IF_TABLE}.10")
    assert failure.value.reason is CollectionReason.TIMEOUT


MUTATED = 10_000
COPIES = 12
GROWTH_MIB = 40


@contextmanager
def exporter_of(folder: Path, port: int) -> Iterator["tuple[subprocess.Popen[bytes], str]"]:
    """A served exporter that knows the device at `port` by inventory and at /snmp."""
    (folder / "snmp.yml").write_text(SNMP_YML.replace("timeout: 1s", "timeout: 300ms"))
    inventory = folder / "inventory.yml"
    inventory.write_text(
        "site: {name: t, time_zone: Asia/Jakarta}\n"
        'credentials: {snmp: {v2c: {version: 2c, community: "${env:AGENT}"}}}\n'
        "devices: [{name: d, address: 127.0.0.1, role: switch,\n"
        f"  snmp: {{credential: v2c, port: {port}, timeout_seconds: 0.3, retries: 1}}}}]\n"
    )
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        listen = f"127.0.0.1:{free.getsockname()[1]}"
    command = [*COMMAND, "serve", "--inventory", str(inventory), "--listen", listen]
    command += ["--snmp-config", str(folder / "snmp.yml"), "--snmp-allow", "127.0.0.1"]
    log = folder / "log"
    with log.open("wb") as stream:
        process = subprocess.Popen(command, env=ENVIRONMENT, stdout=stream, stderr=stream, cwd=folder)
    try:
        until(lambda: b"serving address=" in log.read_bytes() or process.poll() is not None, log.read_text)
        yield process, f"http://{listen}"
    finally:
        process.terminate()
        process.wait(15)


def resident_mib(pid: int) -> float:
    return int(Path(f"/proc/{pid}/statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE") / 2**20


def open_files(pid: int) -> int:
    return len(list(Path(f"/proc/{pid}/fd").iterdir()))


def test_mutated_answers_neither_crash_nor_leak(tmp_path: Path) -> None:
    """10,000 mutated datagrams before and around right answers: the exporter serves on, and does not grow."""
    chance = random.Random(20261004)
    quiet = [True]

    def meddle(datagram: bytes, _number: int) -> list[bytes]:
        return [datagram] if quiet[0] else [*(mutate(datagram, chance) for _ in range(COPIES)), datagram]

    with MeddlingAgent(meddle) as agent, exporter_of(tmp_path, agent.port) as (process, base):
        urls = [f"{base}/snmp?target=127.0.0.1:{agent.port}", f"{base}/probe?target=d"]
        clean = [len(requests.get(url, timeout=20).text.splitlines()) for url in urls]
        quiet[0] = False
        # Caches and allocators fill with the first of them.
        while agent.sent < MUTATED / 5:
            for url in urls:
                requests.get(url, timeout=20)
        memory, files = resident_mib(process.pid), open_files(process.pid)
        while agent.sent < MUTATED * (COPIES + 1) / COPIES:
            for url in urls:
                assert requests.get(url, timeout=20).status_code in {200, 500}
                assert process.poll() is None
        quiet[0] = True
        # The sockets that are kept still hold mutated datagrams: a few scrapes read them away.
        again = ([len(requests.get(url, timeout=20).text.splitlines()) for url in urls] for _ in range(10))
        assert clean in again
        assert resident_mib(process.pid) < memory + GROWTH_MIB
        assert open_files(process.pid) <= files + 4
        everything = (tmp_path / "log").read_text() + "".join(
            requests.get(base + path, timeout=20).text for path in ("/", "/metrics")
        )
    assert SECRETS["AGENT"] not in everything
