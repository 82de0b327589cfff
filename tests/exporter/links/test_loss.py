"""Loss, duplicates, lateness and latency against a wire that knows what it did."""

import asyncio
import itertools
import statistics
import subprocess
import time
from bisect import bisect_left
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import pytest

from exporter.inventory.models import Inventory
from exporter.metrics import RTT_BUCKETS_SECONDS
from exporter.probes.echo_counts import EchoCounts
from exporter.probes.echo_target import EchoTarget
from exporter.probes.monitor import LinkMonitor
from exporter.probes.recent_minutes import quantile_of_sorted
from tests.exporter.links.conftest import Providers

pytestmark = pytest.mark.alone

LOSS_TOLERANCE = 0.002
TIMEOUT_SECONDS = 0.5


def echo_probes(network: str, number: int, **more: Any) -> list[dict[str, Any]]:
    common = {"kind": "icmp", "interval_seconds": 0.1, "timeout_seconds": TIMEOUT_SECONDS, **more}
    return [{"name": f"p{index}", "target": f"{network}{index + 1}", **common} for index in range(number)]


def link_of(name: str, probes: list[dict[str, Any]], **more: str) -> dict[str, Any]:
    carried = {"provider": name, "circuit": "C", "device": "edge-1", "interface": "x"}
    return {"name": name, **carried, **more, "probes": probes}


def inventory_of(*links: dict[str, Any]) -> Inventory:
    return Inventory.model_validate({"site": {"name": "test", "time_zone": "UTC"}, "links": links})


@dataclass(frozen=True, slots=True)
class Sums:
    """Counters of all probes of a link."""

    sent: int
    received: int
    late: int
    duplicates: int
    suppressed: int

    @property
    def loss(self) -> float:
        return 1 - self.received / self.sent


def sums(counts: list[EchoCounts]) -> Sums:
    return Sums(
        sum(found.sent for found in counts),
        sum(found.received for found in counts),
        sum(found.late for found in counts),
        sum(found.duplicates for found in counts),
        sum(sum(found.suppressed.values()) for found in counts),
    )


def measure(
    providers: Providers, inventory: Inventory, enough: Callable[[dict[str, list[EchoCounts]]], bool]
) -> dict[str, list[EchoCounts]]:
    """Probe from the near end until `enough`, then let what is out come home; the counters of each link."""

    async def run() -> dict[str, list[EchoCounts]]:
        monitor = LinkMonitor()
        await monitor.apply(inventory)
        counts: dict[str, list[EchoCounts]] = {}
        for key, entry in monitor._entries.items():
            assert isinstance(entry.running, EchoTarget)
            counts.setdefault(key.link, []).append(entry.running.counts)
        async with asyncio.timeout(90):
            while not enough(counts):  # noqa: ASYNC110 - counters have no event to wait for
                await asyncio.sleep(0.05)
            await monitor.apply(inventory_of())
            # Nothing is sent any more: after timeout and settling, every request has its outcome.
            await asyncio.sleep(TIMEOUT_SECONDS + 0.3)
        await monitor.stop()
        return counts

    return providers.near.call(lambda: asyncio.run(run()))


def sent_at_least(number: int) -> Callable[[dict[str, list[EchoCounts]]], bool]:
    return lambda counts: all(sums(found).sent >= number for found in counts.values())


@pytest.mark.parametrize("source", ["source_address", "source_interface"])
def test_loss_is_the_loss_made(providers: Providers, source: str) -> None:
    """Over 10,000 echoes each link's loss is the wire's own, to the echo; the other provider's does not show."""
    providers.a.order({"drop": 0.03, "delays": [0.001, 0.002, 0.004]}, {"drop": 0.01, "reorder": 0.05})
    near_ends = {"source_address": ("10.81.0.1", "10.82.0.1"), "source_interface": ("isp-a", "isp-b")}[source]
    # Both links probe the same targets: only the near end tells over which provider.
    links = [
        link_of(f"isp-{name}", echo_probes("10.99.0.", 50), **{source: near})
        for name, near in zip("ab", near_ends, strict=True)
    ]
    for number, device in ((1, "isp-a"), (2, "isp-b")):
        providers.near.run(f"ip route add 10.99.0.0/16 dev {device} table {100 + number}")
        providers.near.run(f"ip rule add from 10.8{number}.0.1 table {100 + number}")
        providers.near.run(f"ip route add 10.99.0.0/16 dev {device} metric {number}")
    providers.far.run("ip route add local 10.99.0.0/16 dev lo")
    counts = measure(providers, inventory_of(*links), sent_at_least(5_200))
    found_a, found_b = sums(counts["isp-a"]), sums(counts["isp-b"])
    a, b = providers.a.order(), providers.b.order()
    assert found_a.sent + found_b.sent > 10_000
    assert (found_a.sent, found_b.sent) == (a["there"]["seen"], b["there"]["seen"])
    lost = a["there"]["dropped"] + a["back"]["dropped"]
    assert abs(found_a.loss - lost / a["there"]["seen"]) <= LOSS_TOLERANCE
    assert lost > 100
    assert found_b.loss == 0
    assert b["back"]["reordered"] == 0 < a["back"]["reordered"]


def test_duplicates_and_late_replies_are_told(providers: Providers) -> None:
    """A reply that comes twice is one received and one duplicate; one after the timeout is lost and late."""
    providers.a.order({}, {"duplicate": 0.2, "delays": [0.001] * 9 + [TIMEOUT_SECONDS + 0.1]})
    inventory = inventory_of(link_of("isp-a", echo_probes("10.91.0.", 20)))
    found = sums(measure(providers, inventory, sent_at_least(1_000))["isp-a"])
    told = providers.a.order()["back"]
    assert found.sent == told["seen"]
    assert found.duplicates == told["duplicated"] > 0
    late = sum(1 for hold in told["holds"] if hold > TIMEOUT_SECONDS)
    assert 0 < found.late <= late
    assert found.sent - found.received == found.late


def test_percentiles_are_the_wires_own(providers: Providers) -> None:
    """The histogram's 95th percentile is within one bucket of the truth, the median within a millisecond."""
    providers.a.order({}, {"delays": [0.004] * 60 + [0.012] * 30 + [0.04] * 10})
    inventory = inventory_of(link_of("isp-a", echo_probes("10.91.0.", 20)))
    counts = measure(providers, inventory, sent_at_least(2_000))["isp-a"]
    told = providers.a.order()
    holds = sorted(told["back"]["holds"])
    truth = quantile_of_sorted(holds, 0.95)
    assert truth is not None
    merged = [sum(column) for column in zip(*(found.rtt_counts for found in counts), strict=True)]
    wanted = sum(merged) * 0.95
    bucket = next(index for index, total in enumerate(itertools.accumulate(merged)) if total >= wanted)
    assert abs(bucket - bisect_left(RTT_BUCKETS_SECONDS, truth)) <= 1
    middle = quantile_of_sorted(holds, 0.5)
    assert middle is not None
    now = int(time.time() // 60)
    minutes = [figures for found in counts for figures in found.minutes.figures(now)]
    assert sum(figures.sent for figures in minutes) == sums(counts).sent
    longest = max(minutes, key=lambda figures: figures.received)
    assert longest.p50_seconds == pytest.approx(middle, abs=0.005)


def test_median_agrees_with_fping(providers: Providers) -> None:
    """On the same path at the same time, the median round-trip time is fping's, to a millisecond on a busy machine."""
    providers.a.order({}, {"delays": [0.005]})
    fping = providers.near.start(
        ["fping", "-q", "-C", "60", "-p", "50", "-B1", "-r0", "10.91.0.200"], stderr=subprocess.PIPE
    )
    inventory = inventory_of(link_of("isp-a", echo_probes("10.91.0.", 2)))
    counts = measure(providers, inventory, sent_at_least(60))["isp-a"]
    _, told = fping.communicate(timeout=30)
    theirs = statistics.median(float(word) for word in told.decode().split(":")[1].split() if word != "-")
    minutes = [figures for found in counts for figures in found.minutes.figures(int(time.time() // 60))]
    ours = max(minutes, key=lambda figures: figures.received).p50_seconds
    assert ours is not None
    assert ours * 1000 == pytest.approx(theirs, abs=1)


def test_counts_add_up_when_all_routes_are_cut_and_restored(providers: Providers) -> None:
    """Every request is received or lost, whether the kernel refused it, the wire dropped it, or it came home."""
    inventory = inventory_of(link_of("isp-a", echo_probes("10.91.0.", 20), source_address="10.81.0.1"))
    cuts: list[tuple[int, Callable[[], str]]] = [
        (200, lambda: providers.near.run("ip route del 10.91.0.0/16 dev isp-a")),
        (500, lambda: providers.near.run("ip route add 10.91.0.0/16 dev isp-a")),
        (800, lambda: providers.near.run("ip address del 10.81.0.1/30 dev isp-a")),
        (1_100, lambda: providers.near.run("ip address add 10.81.0.1/30 dev isp-a")),
        (1_110, lambda: providers.near.run("ip route replace 10.91.0.0/16 dev isp-a")),
        (1_600, lambda: ""),
    ]
    stages = iter(cuts)
    stage = [next(stages, None)]
    received: list[int] = []

    def enough(counts: dict[str, list[EchoCounts]]) -> bool:
        found = sums(counts["isp-a"])
        if stage[0] is not None and found.sent >= stage[0][0]:
            received.append(found.received)
            stage[0][1]()
            stage[0] = next(stages, None)
        return stage[0] is None

    counts = measure(providers, inventory, enough)["isp-a"]
    found = sums(counts)
    told = providers.a.order()
    reached_the_wire = told["there"]["seen"]
    assert found.received == told["back"]["delivered"] == reached_the_wire
    assert found.sent - found.received > 400
    assert found.suppressed == 0
    assert all(one.failure is None for one in counts)
    # Cut by route and restored, cut by address and restored: replies come again each time.
    assert 0 < received[0] < received[2] < received[5]


@pytest.mark.parametrize("network", ["10.91.0.", "2001:db8:91::"])
def test_echoes_carry_their_dscp_and_leave_evenly(providers: Providers, network: str) -> None:
    """Each echo carries the code point of the inventory, over IPv4 and IPv6, and leaves an interval after the last."""
    probes = echo_probes(network, 20, dscp=46, payload_bytes=200)
    counts = measure(providers, inventory_of(link_of("isp-a", probes)), sent_at_least(600))["isp-a"]
    assert sums(counts).loss == 0
    told = providers.a.order()["there"]
    assert 46 << 2 in told["traffic_classes"]
    gaps = [
        later - earlier
        for times in told["times"].values()
        if len(times) > 10
        for earlier, later in itertools.pairwise(times)
    ]
    assert len(gaps) > 400
    assert statistics.median(gaps) == pytest.approx(0.1, abs=0.01)
    everything = sorted(instant for times in told["times"].values() for instant in times)
    tenths = statistics.quantiles([b - a for a, b in itertools.pairwise(everything)], n=10)
    # 20 targets in 100 ms are one each 5 ms; a burst would leave most gaps at nothing.
    assert tenths[4] > 0.001
