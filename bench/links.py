"""Echoes to 100, 300 and 1,000 targets a second: our engine against fping, in network namespaces of its own.

Both probe the same kernel over the same wire (a veth pair), one after the other in one run. What the kernel spends on
answering lands on whoever sends, on both alike. Needs root; without it, it says so and measures nothing.
"""

import json
import os
import re
import resource
import statistics
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from lab.stack import program

TARGETS = (100, 300, 1000)
SECONDS = 15
MEDIAN_ECHOES = 100
GOAL_SHARE = 0.15


@dataclass(frozen=True, slots=True)
class Effort:
    """What one way of probing cost, and what it lost."""

    sent: int
    received: int
    suppressed: int
    """Not sent for reasons of our own."""

    core_share: float
    """CPU seconds, of user and kernel, a second."""

    memory_mib: float


def measure_links() -> None:
    """Print CPU, memory and loss of both, and both medians on the same path."""
    if os.geteuid() != 0:
        _say("\nechoes: not measured; needs root for network namespaces")
        return
    with _wire() as near:
        _say(f"\nechoes, one a second to each target, {SECONDS} s each (goal: at most {GOAL_SHARE} of a core at 1,000)")
        for number in TARGETS:
            ours, theirs = _our_effort(near, number), _fping_effort(near, number)
            for name, effort in (("dcnet-exporter", ours), ("fping", theirs)):
                cost = f"core {effort.core_share:6.3f}   memory {effort.memory_mib:6.1f} MiB"
                lost = f"lost {effort.sent - effort.received:.0f}   suppressed {effort.suppressed:.0f}"
                _say(f"  {number:>5} targets  {name:<16} {cost}   sent {effort.sent:>6.0f}   {lost}")
        ours_us, theirs_us = _medians(near)
        _say(f"  median round-trip time on one path: dcnet-exporter {ours_us:.0f} µs, fping {theirs_us:.0f} µs")


@contextmanager
def _wire() -> Iterator[str]:
    """A namespace whose 10.88/16 is answered by the kernel at the other end of a veth pair."""
    near, far = (f"dcb{os.getpid()}{end}" for end in "nf")
    try:
        for name in (near, far):
            _run("ip", "netns", "add", name)
        _inside(near, "ip", "link", "add", "wire", "type", "veth", "peer", "name", "wire", "netns", far)
        for name, host in ((near, 1), (far, 2)):
            _inside(name, "ip", "address", "add", f"10.87.0.{host}/24", "dev", "wire")
            _inside(name, "ip", "link", "set", "wire", "up")
            _inside(name, "ip", "link", "set", "lo", "up")
        _inside(far, "ip", "route", "add", "local", "10.88.0.0/16", "dev", "lo")
        _inside(near, "ip", "route", "add", "10.88.0.0/16", "via", "10.87.0.2")
        yield near
    finally:
        for name in (near, far):
            subprocess.run(["ip", "netns", "del", name], check=False)


def targets(number: int) -> list[str]:
    """Addresses that the far end answers."""
    return [f"10.88.{index // 250}.{index % 250 + 1}" for index in range(number)]


def _our_effort(near: str, number: int) -> Effort:
    told = json.loads(_inside(near, sys.executable, "-m", "bench.links_worker", str(number), str(SECONDS), "1"))
    return Effort(told["sent"], told["received"], told["suppressed"], told["core_share"], told["memory_mib"])


def _fping_effort(near: str, number: int) -> Effort:
    command = [program("fping"), "-q", "-c", str(SECONDS), "-p", "1000", "-i", "1", "-r", "0", *targets(number)]
    before = _children_cpu_seconds()
    process = subprocess.Popen(["ip", "netns", "exec", near, *command], stderr=subprocess.PIPE, text=True)
    time.sleep(SECONDS / 2)
    memory_mib = peak_resident_mib(process.pid)
    _, text = process.communicate()
    cpu = _children_cpu_seconds() - before
    counts = [tuple(map(int, found)) for found in re.findall(r"xmt/rcv/%loss = (\d+)/(\d+)/", text)]
    sent, received = sum(sent for sent, _ in counts), sum(got for _, got in counts)
    return Effort(sent, received, 0, cpu / SECONDS, memory_mib)


def peak_resident_mib(process: int) -> float:
    """Most memory that the process has held since it began to run its program, in MiB.

    Not ru_maxrss: Linux carries that over from the process that started it.
    """
    text = Path("/proc", str(process), "status").read_text(encoding="ascii")
    return int(re.findall(r"^VmHWM:\s+(\d+) kB", text, re.MULTILINE)[0]) / 1024


def _children_cpu_seconds() -> float:
    usage = resource.getrusage(resource.RUSAGE_CHILDREN)
    return usage.ru_utime + usage.ru_stime


def _medians(near: str) -> tuple[float, float]:
    """Median round-trip times in microseconds of both on one path, at ten echoes a second, at the same time."""
    command = [program("fping"), "-q", "-C", str(MEDIAN_ECHOES), "-p", "100", "-r", "0", "10.88.100.1"]
    process = subprocess.Popen(["ip", "netns", "exec", near, *command], stderr=subprocess.PIPE, text=True)
    told = json.loads(_inside(near, sys.executable, "-m", "bench.links_worker", "1", str(MEDIAN_ECHOES // 10), "0.1"))
    _, text = process.communicate()
    theirs = statistics.median(float(word) for word in text.split(":")[1].split() if word != "-")
    return told["median_seconds"] * 1e6, theirs * 1000


def _inside(namespace: str, *command: str) -> str:
    return _run("ip", "netns", "exec", namespace, *command)


def _run(*command: str) -> str:
    return subprocess.run(command, check=True, capture_output=True, text=True).stdout


def _say(line: str) -> None:
    print(line, flush=True)  # noqa: T201 - a bench speaks to a terminal
