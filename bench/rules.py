"""All rule groups over a month of 1,000 interfaces and 20 links: what evaluating them costs a real Prometheus.

Two Prometheus read the same made-up fleet: one with the built rules, one without. The first finds 30 days behind it
where rules look back so far, and two hours of everything else. Figures are Prometheus' own metrics.
"""

import shutil
import socket
import sys
import tempfile
import time
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

import requests
import yaml
from prometheus_client.parser import text_string_to_metric_families

from bench.fleet_series import DEVICES, INTERFACES, LINKS, Series, device_names, device_series, exporter_series
from dcnet.catalogue import Catalogue, load_catalogue
from lab.backfill import BLOCK_HOURS, blocks_in, create_blocks, move_blocks, record_rules
from lab.processes import Processes
from lab.stack import ROOT, program
from prometheus.build_rules import rule_groups
from prometheus.indicator_rules import level_layers
from prometheus.rule_file import Group, render_groups

DAYS, RECENT_SECONDS = 30, 2 * 3600
COARSE_SECONDS, SCRAPE_SECONDS = 600, 30
WARM_UP_SECONDS, MEASURED_SECONDS = 120, 240
GOAL_SHARE = 0.2
MOST_SHOWN = 8

LOOKED_AT_FOR_LONG = (
    *("dcnet_interface_oper_up", "dcnet_interface_speed_bits_per_second", "dcnet_optic_receive_power_dbm"),
    *("dcnet_bgp_peer_established", "dcnet_ospf_neighbor_full", "dcnet_storage_used_bytes", "dcnet_storage_size_bytes"),
)
"""Raw series that the catalogue's levels make cheap; a test holds this against the levels."""


@dataclass(frozen=True, slots=True)
class _Cost:
    """What a Prometheus says of itself."""

    cpu_seconds: float
    missed: float
    last_seconds: dict[str, float]
    """How long the last evaluation of each group took."""

    intervals: dict[str, float]


def measure_rules() -> None:
    """Print the share of a core that evaluating all groups takes, and which groups take most of it."""
    catalogue = load_catalogue()
    with tempfile.TemporaryDirectory() as name:
        folder, processes = Path(name), Processes(Path(name) / "processes")
        try:
            _measure(catalogue, folder, processes)
        finally:
            processes.end_all()


def _measure(catalogue: Catalogue, folder: Path, processes: Processes) -> None:
    began = time.monotonic()
    samples = _write_past(catalogue, folder / "ruled")
    print(f"\nAll rules, {DEVICES * INTERFACES} interfaces and {LINKS} links")  # noqa: T201 - a bench speaks to a terminal
    print(f"  {samples:,} samples of the past made in {time.monotonic() - began:.0f} s")  # noqa: T201
    fleet, ruled, bare = (_free_port() for _ in range(3))
    processes.start("fleet", [sys.executable, "-m", "bench.fleet_series", str(fleet)], lambda: _answers(fleet, "/sd"))
    _start_prometheus(processes, folder / "ruled", ruled, fleet, with_rules=True)
    _start_prometheus(processes, folder / "bare", bare, fleet, with_rules=False)
    time.sleep(WARM_UP_SECONDS)
    before, before_bare = _cost(ruled), _cost(bare)
    time.sleep(MEASURED_SECONDS)
    after, after_bare = _cost(ruled), _cost(bare)
    with_rules = (after.cpu_seconds - before.cpu_seconds) / MEASURED_SECONDS
    without = (after_bare.cpu_seconds - before_bare.cpu_seconds) / MEASURED_SECONDS
    often = {name: seconds / after.intervals[name] for name, seconds in after.last_seconds.items()}
    seldom = dict(_hourly(catalogue, ruled))
    share = with_rules - without + sum(seldom.values())
    recorded, all_groups = _count(ruled, "count(count by (indicator) (dcnet:indicator))"), len(after.intervals)
    rarely = sum(seldom.values())
    lines = [
        (
            f"{recorded:.0f} of {len(catalogue.indicators)} indicators have values,"
            f" {_count(ruled, 'count(dcnet:indicator)'):.0f} series of dcnet:indicator, {all_groups} groups"
        ),
        f"CPU with rules {with_rules:6.1%} of a core, without {without:6.1%}, groups that run seldom {rarely:.2%}",
        f"evaluation of all groups {share:6.1%} of a core; goal: under {GOAL_SHARE:.0%}",
        f"by the groups' own clock {sum(often.values()) + rarely:6.1%} of the time",
        f"intervals missed {after.missed - before.missed:.0f}; goal: 0",
        *(f"  {part:6.2%}  {name}" for name, part in sorted((often | seldom).items(), key=_share)[:MOST_SHOWN]),
    ]
    for line in lines:
        print(f"  {line}")  # noqa: T201 - a bench speaks to a terminal


def _share(item: tuple[str, float]) -> float:
    return -item[1]


def _write_past(catalogue: Catalogue, data: Path) -> int:
    """Blocks of what the rules look back on; how many samples went in as text."""
    end = int(time.time()) // SCRAPE_SECONDS * SCRAPE_SECONDS
    start = end - DAYS * 86_400
    samples = 0
    with tempfile.TemporaryDirectory() as scratch:
        for number, (first, last, step, recent) in enumerate(_windows(start, end)):
            text, own = Path(scratch) / f"{number}.om", Path(scratch) / f"{number}.blocks"
            samples += _write_text(text, range(first, last, step), recent=recent)
            create_blocks(text, own)
            text.unlink()
            move_blocks(own, data)
        for number, levels in enumerate(level_layers(catalogue)):
            file = Path(scratch) / f"levels-{number}.yml"
            # Those that are recorded each minute are worked out hourly: their past matters to none.
            groups: list[Group] = [{**group, "interval": "1h"} for group in levels]
            file.write_text(render_groups(groups), encoding="utf-8")
            record_rules(data, [file], start, end, Path(scratch))
    for left_over in set(data.iterdir()) - set(blocks_in(data)):
        shutil.rmtree(left_over) if left_over.is_dir() else left_over.unlink()
    return samples


def _windows(start: int, end: int) -> Iterator[tuple[int, int, int, bool]]:
    """(first, last, step, whether it holds everything): pieces that each fit one block."""
    length, first = BLOCK_HOURS * 3600, start
    while first < end:
        last = min((first // length + 1) * length, end)
        yield first, last, COARSE_SECONDS, False
        first = last
    boundary = max(end // length * length, end - RECENT_SECONDS)
    if boundary > end - RECENT_SECONDS:
        yield end - RECENT_SECONDS, boundary, SCRAPE_SECONDS, True
    yield boundary, end, SCRAPE_SECONDS, True


def _write_text(file: Path, instants: range, *, recent: bool) -> int:
    count = 0
    with file.open("w", encoding="utf-8") as text:
        for labels, one in _all_series():
            if recent == (one.name in LOOKED_AT_FOR_LONG or one.name.startswith("dcnet:")):
                continue
            head = f"{one.name}{{{','.join(part for part in (labels, one.labels) if part)}}} "
            text.write("".join([f"{head}{one.value(at)!r} {at}\n" for at in instants]))
            count += len(instants)
        text.write("# EOF\n")
    return count


def _all_series() -> Iterator[tuple[str, Series]]:
    """(Prometheus' own labels, series): scraped ones, and the recorded ones that levels stand on."""
    for name in device_names():
        for one in device_series(name):
            yield f'instance="{name}",job="dcnet-devices",site="bench",role="switch"', one
    for one in exporter_series():
        yield 'instance="exporter",job="dcnet-exporter"', one
    for name in device_names():
        for number in range(INTERFACES):
            place = f'component="interface",device="{name}",object="{name}:Te1/0/{number}"'
            yield f'indicator="interface_utilisation",{place}', Series("dcnet:indicator", "", lambda at: at % 9e4 / 3e5)
    for number in range(LINKS):
        place = f'component="link",device="{device_names()[number % DEVICES]}",object="link-{number:02}"'
        yield (
            f'indicator="link_latency",{place}',
            Series("dcnet:indicator:avg1h", "", lambda at: 0.01 + at % 9e4 / 1e8),
        )


def _start_prometheus(processes: Processes, data: Path, port: int, fleet: int, *, with_rules: bool) -> None:
    """The shipped configuration, only addresses replaced; without alerting."""
    content = yaml.safe_load((ROOT / "prometheus" / "prometheus.yml").read_text(encoding="utf-8"))
    del content["alerting"]
    content["rule_files"] = [str(ROOT / "prometheus" / "rules" / "*.yml")] if with_rules else []
    file = data.parent / f"{data.name}.yml"
    text = yaml.safe_dump(content).replace("exporter:9780", f"127.0.0.1:{fleet}")
    file.write_text(text, encoding="utf-8")
    processes.start(
        data.name,
        [
            *(program("prometheus"), f"--config.file={file}", f"--storage.tsdb.path={data}"),
            *("--storage.tsdb.retention.time=400d", f"--web.listen-address=127.0.0.1:{port}", "--log.level=warn"),
        ],
        lambda: _answers(port, "/-/ready"),
    )


def _hourly(catalogue: Catalogue, port: int) -> Iterable[tuple[str, float]]:
    """The share of the time that each group takes which is not evaluated within minutes: each rule asked once."""
    for groups in rule_groups(catalogue).values():
        for group in groups:
            if group.get("interval") in {"1h", "5m"}:
                began = time.monotonic()
                for rule in group["rules"]:
                    _ask(port, rule["expr"])
                yield group["name"], (time.monotonic() - began) / (3600 if group["interval"] == "1h" else 300)


def _count(port: int, expression: str) -> float:
    return next((float(one["value"][1]) for one in _ask(port, expression)), 0.0)


def _ask(port: int, expression: str) -> list[dict[str, list[str]]]:
    answer = requests.post(f"http://127.0.0.1:{port}/api/v1/query", data={"query": expression}, timeout=300)
    answer.raise_for_status()
    result: list[dict[str, list[str]]] = answer.json()["data"]["result"]
    return result


def _free_port() -> int:
    with socket.socket() as trial:
        trial.bind(("127.0.0.1", 0))
        port: int = trial.getsockname()[1]
        return port


def _answers(port: int, path: str) -> bool:
    try:
        return requests.get(f"http://127.0.0.1:{port}{path}", timeout=5).ok
    except requests.RequestException:
        return False


def _cost(port: int) -> _Cost:
    text = requests.get(f"http://127.0.0.1:{port}/metrics", timeout=30).text
    cpu, missed = 0.0, 0.0
    last: dict[str, float] = {}
    intervals: dict[str, float] = {}
    for family in text_string_to_metric_families(text):
        for sample in family.samples:
            group = sample.labels.get("rule_group", "").rpartition(";")[2]
            match sample.name:
                case "process_cpu_seconds_total":
                    cpu = sample.value
                case "prometheus_rule_group_iterations_missed_total":
                    missed += sample.value
                case "prometheus_rule_group_last_duration_seconds":
                    last[group] = sample.value
                case "prometheus_rule_group_interval_seconds":
                    intervals[group] = sample.value
                case _:
                    pass
    return _Cost(cpu, missed, last, intervals)
