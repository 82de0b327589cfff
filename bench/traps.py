"""A flood of traps from one device against a running exporter that measures a link: what it costs, and whom.

The same exporter, link and requests without the flood, in the same run, are what the figures are held against.
"""

import os
import socket
import statistics
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

import requests
from prometheus_client.parser import text_string_to_metric_families

from bench.links import peak_resident_mib
from bench.trap_flood import make_link_down

PER_SECOND = 5000
SECONDS = 10
FLOODING, OTHER = "127.0.0.2", "127.0.0.3"
COMMUNITY = "bench-community"
START_SECONDS = 30
SETTLE_SECONDS = 20
INVENTORY = """site: {{name: bench, time_zone: UTC}}
credentials: {{snmp: {{c: {{version: 2c, community: "${{env:BENCH_COMMUNITY}}"}}}}}}
traps: {{listen: 127.0.0.1, port: {port}, credentials: [c]}}
devices:
  - {{name: flooding, address: {flooding}, role: r}}
  - {{name: other, address: {other}, role: r}}
links:
  - name: l
    provider: p
    circuit: c
    device: other
    interface: i
    probes: [{{name: e, kind: icmp, target: 127.0.0.1, interval_seconds: 0.1}}]
"""


@dataclass(frozen=True, slots=True)
class FloodFigures:
    """What happened while traps came, or while none came."""

    sent: int
    received: int
    rate_limited: int
    lost_by_kernel: int
    dropped_otherwise: int
    other_received: int
    other_wait_seconds: float
    """From sending the other device's trap, in the middle of the flood, to seeing it in the metrics."""

    echoes_lost: int
    echoes_suppressed: dict[str, int]
    """By reason; overload would be the exporter's own doing."""

    http_seconds: float
    """Median of a request for /metrics."""

    core_share: float
    memory_mib: float


def measure_traps() -> None:
    """Print the figures without and with the flood."""
    _say(
        f"\ntraps: {PER_SECOND} a second for {SECONDS} s from one device, a link measured ten times a second meanwhile"
    )
    for name, figures in (("no flood", run_flood(0, SECONDS)), ("flood", run_flood(PER_SECOND, SECONDS))):
        took = f"sent {figures.sent:>6}  received {figures.received:>4}  rate-limited {figures.rate_limited:>6}"
        lost = f"kernel {figures.lost_by_kernel}  otherwise {figures.dropped_otherwise}"
        _say(f"  {name:<9} {took}  {lost}  other device's trap after {figures.other_wait_seconds * 1000:.0f} ms")
        echoes = f"echoes lost {figures.echoes_lost}  suppressed {figures.echoes_suppressed}"
        cost = f"core {figures.core_share:.3f}  memory {figures.memory_mib:.1f} MiB"
        _say(f"  {'':<9} {echoes}  /metrics {figures.http_seconds * 1000:.1f} ms  {cost}")


def run_flood(per_second: float, seconds: float) -> FloodFigures:
    """Start an exporter, flood it, and tell how it fared."""
    with TemporaryDirectory() as folder, _exporter(Path(folder)) as (process, base, port):
        before = _metrics(base)
        cpu, began = _cpu_seconds(process.pid), time.monotonic()
        command = [sys.executable, "-m", "bench.trap_flood", str(port), FLOODING, str(per_second), str(seconds)]
        flood = subprocess.Popen([*command, COMMUNITY], stdout=subprocess.PIPE, text=True)
        waits, other_wait = [], 0.0
        while flood.poll() is None:
            if not other_wait and time.monotonic() - began > seconds / 2:
                other_wait = _send_other(base, port)
            asked = time.monotonic()
            _metrics(base)
            waits.append(time.monotonic() - asked)
            time.sleep(0.1)
        elapsed = time.monotonic() - began
        share = (_cpu_seconds(process.pid) - cpu) / elapsed
        sent = int(flood.communicate()[0])
        after = _settled(base, sent)
        reasons = {key: value for key, value in after.items() if key[0] == "dcnet_trap_dropped_total"}
        limited = _sum(reasons, "reason=rate_limit")
        kernel = _sum(reasons, "reason=receive_buffer")
        lost = (
            _echoes(after, "sent") - _echoes(after, "received") - _echoes(before, "sent") + _echoes(before, "received")
        )
        return FloodFigures(
            sent,
            _sum(after, "dcnet_trap_received_total", "source=flooding"),
            limited,
            kernel,
            int(sum(reasons.values())) - limited - kernel,
            _sum(after, "dcnet_trap_received_total", "source=other"),
            other_wait,
            lost,
            _suppressed(after),
            statistics.median(waits),
            share,
            peak_resident_mib(process.pid),
        )


@contextmanager
def _exporter(folder: Path) -> Iterator[tuple["subprocess.Popen[bytes]", str, int]]:
    port, web = _free(socket.SOCK_DGRAM), _free(socket.SOCK_STREAM)
    file = folder / "inventory.yml"
    file.write_text(INVENTORY.format(port=port, flooding=FLOODING, other=OTHER))
    command = [sys.executable, "-m", "exporter", "serve", "--inventory", str(file), "--listen", f"127.0.0.1:{web}"]
    environment = {**os.environ, "BENCH_COMMUNITY": COMMUNITY}
    with (folder / "log").open("wb") as log:
        process = subprocess.Popen(command, env=environment, stderr=log)
    base = f"http://127.0.0.1:{web}"
    try:
        deadline = time.monotonic() + START_SECONDS
        while not _is_measuring(base):
            if process.poll() is not None or time.monotonic() > deadline:
                raise RuntimeError((folder / "log").read_text())
            time.sleep(0.1)
        yield process, base, port
    finally:
        process.terminate()
        process.wait()


def _is_measuring(base: str) -> bool:
    try:
        return _echoes(_metrics(base), "received") > 0
    except requests.ConnectionError:
        return False


def _send_other(base: str, port: int) -> float:
    """Send a trap of the other device; seconds until the metrics tell it, 0 when they do not."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sender:
        sender.bind((OTHER, 0))
        sender.sendto(make_link_down(COMMUNITY, 1), ("127.0.0.1", port))
    began = time.monotonic()
    while time.monotonic() - began < SETTLE_SECONDS:
        if _sum(_metrics(base), "dcnet_trap_received_total", "source=other"):
            return time.monotonic() - began
        time.sleep(0.02)
    return 0.0


def _settled(base: str, sent: int) -> dict[tuple[str, ...], float]:
    """The metrics once all that was sent is accounted for, or as they are after SETTLE_SECONDS."""
    deadline = time.monotonic() + SETTLE_SECONDS
    while True:
        found = _metrics(base)
        taken = _sum(found, "dcnet_trap_received_total", "source=flooding")
        taken += sum(int(value) for key, value in found.items() if key[0] == "dcnet_trap_dropped_total")
        if taken >= sent or time.monotonic() > deadline:
            return found
        time.sleep(0.05)


def _metrics(base: str) -> dict[tuple[str, ...], float]:
    text = requests.get(f"{base}/metrics", timeout=SETTLE_SECONDS).text
    return {
        (sample.name, *(f"{label}={value}" for label, value in sample.labels.items())): sample.value
        for family in text_string_to_metric_families(text)
        for sample in family.samples
    }


def _sum(found: dict[tuple[str, ...], float], *words: str) -> int:
    return int(sum(value for key, value in found.items() if set(words) <= set(key)))


def _echoes(found: dict[tuple[str, ...], float], which: str) -> int:
    return _sum(found, f"dcnet_link_probe_{which}_total")


def _suppressed(found: dict[tuple[str, ...], float]) -> dict[str, int]:
    counts = {
        key: int(value) for key, value in found.items() if key[0] == "dcnet_link_probe_suppressed_total" and value
    }
    return {word.removeprefix("reason="): count for key, count in counts.items() for word in key if "reason=" in word}


def _cpu_seconds(process: int) -> float:
    fields = Path("/proc", str(process), "stat").read_text(encoding="ascii").rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def _free(kind: int) -> int:
    with socket.socket(socket.AF_INET, kind) as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _say(line: str) -> None:
    print(line, flush=True)  # noqa: T201 - a bench speaks to a terminal
