"""`sopctl pull` of a month of 250, 500 and 1,000 interfaces and 20 links, at 30-second scrapes with their rollups.

The peer is Prometheus reading the same month once: it counts the samples of every metric. What each question cost
stands in Prometheus' own log of queries. Not measured is reading from disk: the series of the made-up store share
few chunks, which stay in memory, though every sample of every series is decoded (see `tsdb_block`).
"""

import json
import re
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import requests

from bench.month_store import NOVEMBER, OCTOBER, write_month
from dcnet.catalogue import Catalogue, load_catalogue
from lab.backfill import serving

SIZES = (250, 500, 1000)
SECONDS_GOAL, MIB_GOAL, SAMPLES_GOAL, GROWTH_GOAL = 10, 200, 50_000_000, 1.2
"""At the greatest size; how many samples one question may hold at a time is Prometheus' own default."""

SLOWEST_SHOWN, EXPRESSION_SHOWN = 8, 110
PATIENCE_SECONDS = 3600
PULL = """
import json, re, sys, time
from datetime import UTC, datetime
from pathlib import Path
from zoneinfo import ZoneInfo
from dcnet.catalogue import load_catalogue
from sopctl.adapters.prometheus_client import PrometheusClient
from sopctl.checklist.month_window import parse_month
from sopctl.checklist.serialise import checklist_from_json, checklist_to_json
from sopctl.settings import PrometheusSettings
from sopctl.workflow.pull_checklist import pull_checklist

url, month, written, *before = sys.argv[1:]
client = PrometheusClient(PrometheusSettings(url=url, timeout_seconds=600, retries=0))
catalogue, period = load_catalogue(), parse_month(month, ZoneInfo("Asia/Jakarta"))
started, cpu = time.perf_counter(), time.process_time()
month_before = checklist_from_json(Path(before[0]).read_text()) if before else None
checklist = pull_checklist(
    client, catalogue, period, lambda: datetime(2026, 11, 2, tzinfo=UTC), month_before=month_before
)
Path(written).write_text(checklist_to_json(checklist))
seconds, cpu = time.perf_counter() - started, time.process_time() - cpu
# Not ru_maxrss: that begins with what the parent held when it forked.
kib = int(re.search(r"VmHWM:\\s+(\\d+)", Path("/proc/self/status").read_text())[1])
found = [f"{one.row.indicator} {one.row.object}" for one in checklist.findings]
print(json.dumps({"rows": len(checklist.rows), "findings": found, "seconds": seconds, "cpu": cpu, "kib": kib}))
"""
"""In a process of its own, whose peak memory is its own."""


@dataclass(frozen=True, slots=True)
class _Question:
    """One question, by Prometheus' own log."""

    expression: str
    seconds: float
    peak_samples: int


@dataclass(frozen=True, slots=True)
class _Cost:
    """What one pull cost."""

    interfaces: int
    rows: int
    findings: Sequence[str]
    seconds: float
    cpu_seconds: float
    mib: float
    server_cpu_seconds: float
    questions: Sequence[_Question]
    seconds_alone: float
    """Of a pull that has to ask for the month before, too."""

    server_cpu_seconds_alone: float
    peer_seconds: float
    peer_cpu_seconds: float
    peer_samples: int


def measure_pull(sizes: Sequence[int] = SIZES) -> None:
    """Print what a pull of each size costs, how that grows, and which questions cost most."""
    catalogue = load_catalogue()
    _say("\nsopctl pull of October 2026: 20 links, 30 s scrapes, recorded minutes and hourly rollups; not from disk")
    first: _Cost | None = None
    for interfaces in sizes:
        with tempfile.TemporaryDirectory() as name:
            one = _measure(catalogue, interfaces, Path(name))
        if one is not None:
            first = first or one
            _print(one, first, is_last=interfaces == sizes[-1])


def _measure(catalogue: Catalogue, interfaces: int, folder: Path) -> _Cost | None:
    """What a pull cost; None, and the reason printed, where it did not come to its end."""
    began = time.perf_counter()
    samples = write_month(catalogue, interfaces, folder / "data")
    _say(f"  {interfaces} interfaces: two months of {samples:,} samples, made in {time.perf_counter() - began:.0f} s")
    log, september, october = folder / "queries.log", folder / "2026-09.json", folder / "2026-10.json"
    with serving(folder / "data", folder, query_log=log) as url:
        # As each month: the month before has its checklist on record.
        _pull(url, "2026-09", september)
        asked, before = len(_read_log(log)), _cpu_seconds(url)
        done = _pull(url, "2026-10", october, september)
        after, questions = _cpu_seconds(url), _read_log(log)[asked:]
        if done.returncode:
            _say(f"    the pull failed, after {len(questions)} questions: {done.stderr.strip()[-400:]}")
            _print_slowest(questions)
            return None
        pulled, alone = json.loads(done.stdout), json.loads(_pull(url, "2026-10", october).stdout)
        after_alone = _cpu_seconds(url)
        began = time.perf_counter()
        counted = _count_samples(url)
        return _Cost(
            interfaces=interfaces,
            rows=pulled["rows"],
            findings=pulled["findings"],
            seconds=pulled["seconds"],
            cpu_seconds=pulled["cpu"],
            mib=pulled["kib"] / 1024,
            server_cpu_seconds=after - before,
            questions=questions,
            seconds_alone=alone["seconds"],
            server_cpu_seconds_alone=after_alone - after,
            peer_seconds=time.perf_counter() - began,
            peer_cpu_seconds=_cpu_seconds(url) - after_alone,
            peer_samples=counted,
        )


def _pull(url: str, month: str, written: Path, *before: Path) -> "subprocess.CompletedProcess[str]":
    asked = [sys.executable, "-c", PULL, url, month, str(written), *map(str, before)]
    return subprocess.run(asked, check=False, capture_output=True, text=True)


def _read_log(log: Path) -> list[_Question]:
    return [_read_question(line) for line in log.read_text(encoding="utf-8").splitlines()]


def _read_question(line: str) -> _Question:
    told = json.loads(line)
    stats = told["stats"]
    return _Question(told["params"]["query"], stats["timings"]["execTotalTime"], stats["samples"]["peakSamples"])


def _count_samples(url: str) -> int:
    """Have Prometheus read the month once, metric by metric: a single question might take longer than it allows."""
    names = requests.get(f"{url}/api/v1/label/__name__/values", timeout=PATIENCE_SECONDS).json()["data"]
    counted = 0
    for name in names:
        expression = f'sum(count_over_time({{__name__="{name}"}}[{NOVEMBER - OCTOBER}s]))'
        asked = {"query": expression, "time": str(NOVEMBER)}
        answer = requests.post(f"{url}/api/v1/query", data=asked, timeout=PATIENCE_SECONDS)
        answer.raise_for_status()
        counted += sum(int(float(one["value"][1])) for one in answer.json()["data"]["result"])
    return counted


def _cpu_seconds(url: str) -> float:
    text = requests.get(f"{url}/metrics", timeout=PATIENCE_SECONDS).text
    found = re.search(r"^process_cpu_seconds_total (\S+)$", text, re.MULTILINE)
    if found is None:
        raise RuntimeError(f"{url}/metrics does not tell its CPU")
    return float(found[1])


def _print(one: _Cost, first: _Cost, *, is_last: bool) -> None:
    size = one.interfaces / first.interfaces
    peak = max(question.peak_samples for question in one.questions)
    goals = [
        f"goal under {SECONDS_GOAL} s",
        f"goal under {MIB_GOAL} MiB",
        f"goal under {SAMPLES_GOAL:,}",
    ]
    seconds_goal, mib_goal, samples_goal = [f"; {goal}" if is_last else "" for goal in goals]
    growth = f"goal about 1, at most {GROWTH_GOAL}"
    for line in (
        f"{one.rows} rows, {len(one.findings)} findings, {len(one.questions)} questions",
        (
            f"wall {one.seconds:8.2f} s{seconds_goal}; cpu of sopctl {one.cpu_seconds:.2f} s,"
            f" of Prometheus {one.server_cpu_seconds:.2f} s"
        ),
        (
            f"without last month's checklist, whose values are then asked for: wall {one.seconds_alone:.2f} s,"
            f" cpu of Prometheus {one.server_cpu_seconds_alone:.2f} s"
        ),
        f"peak memory of sopctl {one.mib:.0f} MiB{mib_goal}",
        f"peak samples of a question {peak:,}{samples_goal}",
        (
            f"growth against {first.interfaces}, by interface: wall {one.seconds / first.seconds / size:.2f} x,"
            f" cpu {one.cpu_seconds / first.cpu_seconds / size:.2f} x,"
            f" Prometheus {one.server_cpu_seconds / first.server_cpu_seconds / size:.2f} x,"
            f" memory {one.mib / first.mib / size:.2f} x; {growth}"
        ),
        (
            f"peer, Prometheus counting the month's {one.peer_samples:,} samples once: wall {one.peer_seconds:.2f} s,"
            f" cpu {one.peer_cpu_seconds:.2f} s"
        ),
        (
            f"ratio pull/peer: wall {one.seconds / one.peer_seconds:.2f} x,"
            f" Prometheus' cpu {one.server_cpu_seconds / one.peer_cpu_seconds:.2f} x"
        ),
    ):
        _say(f"    {line}")
    if is_last:
        _print_slowest(one.questions)


def _print_slowest(questions: Sequence[_Question]) -> None:
    total = sum(one.seconds for one in questions)
    _say(f"    the slowest questions, of {total:.2f} s that Prometheus spent on all:")
    for one in sorted(questions, key=lambda one: -one.seconds)[:SLOWEST_SHOWN]:
        shown = one.expression if len(one.expression) <= EXPRESSION_SHOWN else one.expression[:EXPRESSION_SHOWN] + "…"
        indicator = re.search(r'indicator="(\w+)"', one.expression)
        about = f"{indicator[1]}: " if indicator else ""
        _say(f"      {one.seconds:7.2f} s  {one.peak_samples:>11,} samples at once  {about}{shown}")


def _say(line: str) -> None:
    print(line, flush=True)  # noqa: T201 - a bench speaks to a terminal
