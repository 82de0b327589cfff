"""200 simulated devices of 50 interfaces, each read every 30 seconds as Prometheus does: CPU, memory, growth.

The devices live in a process of their own, whose CPU is not counted. Scrapes are spread over the interval.
"""

import asyncio
import os
import socket
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import aiohttp
import yaml

from bench.fleet_agent import INTERFACES

INTERVAL_SECONDS = 30
SIZES = (50, 100, 200)
MEMORY_GOAL_MIB = 150


@dataclass(frozen=True, slots=True)
class _Load:
    """What one interval cost."""

    devices: int
    core_share: float
    memory_mib: float
    seconds: Sequence[float]
    """How long each scrape took."""

    samples: int
    """Of one device."""


def measure_fleet() -> None:
    """Print the load of each size, one after the other."""
    loads = [_measure(size) for size in SIZES]
    print(f"\n/probe of devices with {INTERFACES} interfaces, each every {INTERVAL_SECONDS} s")  # noqa: T201
    print("  devices   share of a core   resident memory   scrape median   scrape 95 %   samples a device")  # noqa: T201
    for load in loads:
        ordered = sorted(load.seconds)
        late = ordered[int(len(ordered) * 0.95)]
        print(  # noqa: T201
            f"  {load.devices:7d}   {load.core_share * 100:13.1f} %   {load.memory_mib:11.1f} MiB"
            f"   {statistics.median(ordered) * 1000:10.1f} ms   {late * 1000:8.1f} ms   {load.samples:16d}"
        )
    print(f"  goal at {SIZES[-1]}: at most {MEMORY_GOAL_MIB} MiB")  # noqa: T201


def _measure(count: int) -> _Load:
    with tempfile.TemporaryDirectory() as name, _devices(count) as ports, _exporter(Path(name), ports) as (pid, base):
        # The first round opens sockets and fills caches; the second is counted.
        asyncio.run(_scrape_all(base, count, INTERVAL_SECONDS / 6))
        before = _cpu_seconds(pid)
        started = time.monotonic()
        seconds, samples = asyncio.run(_scrape_all(base, count, INTERVAL_SECONDS))
        spent = time.monotonic() - started
        return _Load(count, (_cpu_seconds(pid) - before) / spent, _resident_mib(pid), seconds, samples)


async def _scrape_all(base: str, count: int, interval: float) -> tuple[list[float], int]:
    seconds: list[float] = []
    samples = 0

    async def scrape(session: aiohttp.ClientSession, number: int) -> None:
        nonlocal samples
        await asyncio.sleep(interval * number / count)
        started = time.perf_counter()
        async with session.get(f"{base}/probe", params={"target": f"device-{number}"}) as answer:
            body = await answer.text()
        seconds.append(time.perf_counter() - started)
        if "\ndcnet_up 1.0" not in body:
            raise RuntimeError(body[-2000:])
        samples = sum(1 for line in body.splitlines() if not line.startswith("#"))

    async with aiohttp.ClientSession() as session:
        ending = asyncio.create_task(asyncio.sleep(interval))
        await asyncio.gather(*(scrape(session, number) for number in range(count)))
        await ending
    return seconds, samples


@contextmanager
def _devices(count: int) -> Iterator[list[int]]:
    """The UDP ports of running devices."""
    process = subprocess.Popen(
        [sys.executable, "-m", "bench.fleet_agent", str(count)], stdout=subprocess.PIPE, text=True
    )
    try:
        if process.stdout is None:
            raise RuntimeError("no output")
        yield [int(port) for port in process.stdout.readline().split()]
    finally:
        process.terminate()
        process.wait(10)


@contextmanager
def _exporter(folder: Path, ports: Sequence[int]) -> Iterator[tuple[int, str]]:
    """Process id and address of a running exporter."""
    (folder / "community").write_text("bench")
    inventory = {
        "site": {"name": "bench", "time_zone": "Asia/Jakarta"},
        "credentials": {"snmp": {"v2c": {"version": "2c", "community": "${file:community}"}}},
        "devices": [
            {
                "name": f"device-{number}",
                "address": "127.0.0.1",
                "role": "switch",
                "snmp": {"credential": "v2c", "port": port},
            }
            for number, port in enumerate(ports)
        ],
    }
    (folder / "inventory.yml").write_text(yaml.safe_dump(inventory))
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        listen = f"127.0.0.1:{free.getsockname()[1]}"
    with (folder / "log").open("wb") as log:
        process = subprocess.Popen(
            [
                sys.executable,
                "-m",
                "exporter",
                "serve",
                "--inventory",
                str(folder / "inventory.yml"),
                "--listen",
                listen,
            ],
            stdout=log,
            stderr=subprocess.STDOUT,
        )
    try:
        deadline = time.monotonic() + 30
        while b"serving" not in (folder / "log").read_bytes():
            if process.poll() is not None or time.monotonic() > deadline:
                raise RuntimeError((folder / "log").read_text())
            time.sleep(0.05)
        yield process.pid, f"http://{listen}"
    finally:
        process.terminate()
        process.wait(20)


def _cpu_seconds(pid: int) -> float:
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def _resident_mib(pid: int) -> float:
    return int(Path(f"/proc/{pid}/statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE") / 2**20
