"""One scrape of this machine's real snmpd: our collectors against net-snmp's snmpbulkwalk of the same tables.

snmpbulkwalk is a C program that prints what it read; ours also turns it into metrics. Its CPU includes its
start, as it would for anyone who polls with it; snmpd's own CPU is in neither figure.
"""

import asyncio
import socket
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import yaml

from bench.measured import compare
from exporter.inventory.load import load_inventory
from exporter.scrape import scrape_device
from lab.processes import Processes
from lab.stack import program

COMMUNITY = "bench"
TABLES = ("1.3.6.1.2.1.1", "1.3.6.1.2.1.2.2", "1.3.6.1.2.1.31.1.1")
SCRAPES = 20
"""In one round: a single one is shorter than the grain of CPU accounting."""


def measure_scrape() -> None:
    """Compare system and interfaces of this machine over v2c."""
    with tempfile.TemporaryDirectory() as name, _snmpd(Path(name)) as port:
        folder = Path(name)
        inventory_file = folder / "inventory.yml"
        (folder / "community").write_text(COMMUNITY)
        inventory_file.write_text(yaml.safe_dump(_inventory(port)))
        inventory = load_inventory(inventory_file)
        device = inventory.devices[0]

        async def scrape() -> None:
            for _ in range(SCRAPES):
                outcome = await scrape_device(inventory, device, 10)
                if not outcome.up or outcome.failures:
                    raise RuntimeError(outcome.failures)

        walker = program("snmpbulkwalk")

        def walk() -> None:
            for _ in range(SCRAPES):
                for table in TABLES:
                    target = ["-v2c", "-c", COMMUNITY, "-m", "", "-On", f"127.0.0.1:{port}", table]
                    subprocess.run([walker, *target], stdout=subprocess.DEVNULL, check=True)

        compare(
            f"{SCRAPES} scrapes of one real snmpd, system and interfaces, SNMPv2c",
            ("dcnet-exporter, as metrics", lambda: asyncio.run(scrape())),
            ("net-snmp snmpbulkwalk, as text", walk),
        )


@contextmanager
def _snmpd(folder: Path) -> Iterator[int]:
    """A real snmpd on a free UDP port of loopback."""
    with socket.socket(type=socket.SOCK_DGRAM) as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
    configuration = folder / "snmpd.conf"
    configuration.write_text(f"rocommunity {COMMUNITY} 127.0.0.1\n")
    processes = Processes(folder / "processes")
    command = [program("snmpd"), "-f", "-Lo", "-C", "-c", str(configuration), "-p", str(folder / "pid")]
    processes.start(
        "snmpd",
        [*command, f"udp:127.0.0.1:{port}"],
        (folder / "pid").exists,
        environment={"SNMP_PERSISTENT_DIR": str(folder)},
    )
    try:
        yield port
    finally:
        processes.end_all()


def _inventory(port: int) -> dict[str, object]:
    return {
        "site": {"name": "bench", "time_zone": "Asia/Jakarta"},
        "credentials": {"snmp": {"v2c": {"version": "2c", "community": "${file:community}"}}},
        "devices": [
            {
                "name": "machine",
                "address": "127.0.0.1",
                "role": "server",
                "snmp": {
                    "credential": "v2c",
                    "port": port,
                    "timeout_seconds": 2,
                    "retries": 2,
                    "collectors": ["interfaces"],
                },
            }
        ],
    }
