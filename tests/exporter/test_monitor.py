"""Probes that run by themselves: pace, counters, reloads, ICMP with and without permission."""

import asyncio
import shutil
import socket
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from exporter.errors import ProbeReason
from exporter.inventory.models import Inventory
from exporter.metrics import RTT_BUCKETS_SECONDS
from exporter.probes import table
from exporter.probes.echo_counts import EchoCounts
from exporter.probes.link_source import LinkSource
from exporter.probes.monitor import LinkMonitor, ProbeState
from exporter.probes.outcome import ProbeFailure, ProbeRound
from exporter.sample_set import SampleSet

MakeInventory = Callable[[str], Inventory]


def may_send_icmp() -> bool:
    try:
        socket.socket(socket.AF_INET, socket.SOCK_RAW, socket.IPPROTO_ICMP).close()
    except PermissionError:
        return False
    return True


needs_icmp = pytest.mark.skipif(not may_send_icmp(), reason="this process may not send ICMP")


def link(*probes: str, name: str = "isp-a", more: str = "") -> str:
    return (
        "devices: [{name: edge-1, address: 192.0.2.1, role: edge}]\n"
        f"links:\n  - {{name: {name}, provider: A, circuit: C, device: edge-1, interface: x, {more}"
        f"probes: [{', '.join(probes)}]}}\n"
    )


ECHO = "{name: gw, kind: icmp, target: 127.0.0.1, interval_seconds: 0.1}"


def state(monitor: LinkMonitor, probe: str) -> ProbeState:
    return next(found for found in monitor.states() if found.probe == probe)


def reading(monitor: LinkMonitor, name: str, **labels: str) -> float | None:
    samples = SampleSet()
    monitor.add_samples(samples)
    found = [
        sample.value
        for family in samples.collect()
        for sample in family.samples
        if sample.name == name and labels.items() <= sample.labels.items()
    ]
    return found[0] if found else None


async def until(condition: Callable[[], bool]) -> None:
    async with asyncio.timeout(10):
        while not condition():  # noqa: ASYNC110 - counters have no event to wait for
            await asyncio.sleep(0.01)


@needs_icmp
async def test_echoes_are_counted(make_inventory: MakeInventory) -> None:
    """Echoes to loopback come back: sent, received, histogram and jitter agree."""
    monitor = LinkMonitor()
    await monitor.apply(make_inventory(link(ECHO)))
    await until(lambda: (reading(monitor, "dcnet_link_probe_received_total") or 0) >= 5)
    received = reading(monitor, "dcnet_link_probe_received_total")
    assert reading(monitor, "dcnet_link_rtt_seconds_bucket", le="+Inf") == received
    assert 0 < (reading(monitor, "dcnet_link_rtt_seconds_sum") or 0) < 1
    assert reading(monitor, "dcnet_link_jitter_seconds") is not None
    assert reading(monitor, "dcnet_link_probe_duplicate_total") == 0
    assert reading(monitor, "dcnet_link_probe_failure") is None
    labels = {"link": "isp-a", "provider": "A", "probe": "gw", "target": "127.0.0.1"}
    assert reading(monitor, "dcnet_link_probe_sent_total", **labels) == received
    await monitor.stop()


@needs_icmp
async def test_reload_keeps_counters(make_inventory: MakeInventory) -> None:
    """A reload keeps what a probe counted, also when its pace changed; a removed probe's series end."""
    monitor = LinkMonitor()
    await monitor.apply(make_inventory(link(ECHO, "{name: b, kind: icmp, target: 127.0.0.2, interval_seconds: 0.1}")))
    await until(lambda: (reading(monitor, "dcnet_link_probe_received_total", probe="b") or 0) >= 3)
    before = reading(monitor, "dcnet_link_probe_received_total", probe="gw") or 0
    await monitor.apply(make_inventory(link(ECHO.replace("seconds: 0.1", "seconds: 0.2"))))
    assert (reading(monitor, "dcnet_link_probe_received_total", probe="gw") or 0) >= before > 0
    assert reading(monitor, "dcnet_link_probe_received_total", probe="b") is None
    await until(lambda: (reading(monitor, "dcnet_link_probe_received_total", probe="gw") or 0) > before + 1)
    await monitor.apply(make_inventory(link(ECHO.replace("127.0.0.1", "127.0.0.3"))))
    assert (reading(monitor, "dcnet_link_probe_received_total", target="127.0.0.3") or 0) == 0
    await monitor.stop()


async def test_unresolvable_target_does_not_stop_the_others(make_inventory: MakeInventory) -> None:
    """A name that does not resolve fails that probe alone, and is asked for again."""
    monitor = LinkMonitor()
    await monitor.apply(
        make_inventory(
            link(
                "{name: a, kind: icmp, target: nowhere.invalid, interval_seconds: 0.1}",
                "{name: b, kind: http, url: 'http://nowhere.invalid/', interval_seconds: 1}",
                "{name: c, kind: dns, server: 127.0.0.1, port: 9, query: x, interval_seconds: 1, timeout_seconds: 0.2}",
            )
        )
    )
    await until(lambda: all(found.failure is not None for found in monitor.states()))
    reasons = {found.probe: found.failure.reason for found in monitor.states() if found.failure}
    assert reasons["a"] is ProbeReason.RESOLVE
    assert reasons["b"] is ProbeReason.RESOLVE
    assert reading(monitor, "dcnet_link_probe_sent_total", probe="a") == 0
    assert reading(monitor, "dcnet_link_probe_success", probe="b") == 0
    assert reading(monitor, "dcnet_link_probe_failure", probe="b", reason="resolve") == 1
    await monitor.stop()


async def test_prober_that_breaks_does_not_end_its_loop(
    make_inventory: MakeInventory, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A defect in a prober is told as internal, round after round; the monitor goes on."""
    rounds: list[int] = []

    async def broken(_probe: object, _source: LinkSource, _found: ProbeRound) -> None:
        rounds.append(1)
        raise RuntimeError("defect")

    monkeypatch.setitem(table.PERIODIC_PROBERS, "http", broken)
    monitor = LinkMonitor()
    await monitor.apply(make_inventory(link("{name: p, kind: http, url: 'http://x/', interval_seconds: 1}")))
    await until(lambda: len(rounds) >= 2)
    failure = state(monitor, "p").failure
    assert failure is not None
    assert failure.reason is ProbeReason.INTERNAL
    await monitor.stop()


async def test_foreign_source_is_told(make_inventory: MakeInventory) -> None:
    """Echoes that cannot leave from the link's address are not counted as lost."""
    if not may_send_icmp():
        pytest.skip("this process may not send ICMP")
    monitor = LinkMonitor()
    await monitor.apply(make_inventory(link(ECHO, more="source_address: 192.0.2.77, ")))
    await until(lambda: state(monitor, "gw").failure is not None)
    failure = state(monitor, "gw").failure
    assert isinstance(failure, ProbeFailure)
    assert failure.reason is ProbeReason.SOURCE
    assert reading(monitor, "dcnet_link_probe_sent_total") == 0
    await monitor.stop()


PERMISSION_SCRIPT = """
import asyncio, sys
from exporter.inventory.link_models import EchoProbe, Link
from exporter.probes.echo_engine import EchoEngine
from exporter.probes.echo_target import EchoTarget
from exporter.probes.link_source import LinkSource
async def main():
    probe = EchoProbe(name="p", kind="icmp", target=sys.argv[1], interval_seconds=0.1, dscp=46)
    link = Link(name="l", provider="p", circuit="c", device="d", interface="i", probes=(probe,))
    target = EchoTarget(link, probe, LinkSource(), None)
    await target.keep_resolved()
    engine = EchoEngine()
    engine.add(target, 0)
    async with asyncio.timeout(20):
        while not (target.counts.received >= 3 or target.counts.suppressed):
            await asyncio.sleep(0.05)
    sockets = [shared.socket.is_raw for shared in engine.sockets]
    print(target.counts.failure or f"received, raw {sockets}", dict(target.counts.suppressed))
asyncio.run(main())
"""


@needs_icmp
@pytest.mark.skipif(not all(map(shutil.which, ("unshare", "setpriv", "ip"))), reason="needs util-linux and iproute2")
@pytest.mark.parametrize("address", ["127.0.0.1", "::1"])
@pytest.mark.parametrize(
    ("groups", "capability", "expected"),
    [
        ("1 0", "-net_raw", "permission: this process may not send ICMP: give it CAP_NET_RAW"),
        ("0 2147483647", "-net_raw", "received, raw [False] {}"),
        ("1 0", "+net_raw", "received, raw [True] {}"),
    ],
    ids=["neither permitted", "unprivileged sockets", "raw sockets"],
)
def test_sockets_by_permission(groups: str, capability: str, expected: str, address: str) -> None:
    """Unprivileged ICMP sockets are used where permitted, else raw ones; where both are forbidden, that is told."""
    command = (
        f"ip link set lo up && echo '{groups}' > /proc/sys/net/ipv4/ping_group_range && "
        f'exec setpriv --bounding-set={capability} "$0" -c "$1" {address}'
    )
    done = subprocess.run(
        ["unshare", "-n", "sh", "-c", command, sys.executable, PERMISSION_SCRIPT],
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
        cwd=Path(__file__).parents[2],
    )
    if "unshare" in done.stderr or "cannot create /proc" in done.stderr:
        pytest.skip(f"needs the right to make a network namespace and to set its sysctls: {done.stderr}")
    assert done.stdout.startswith(expected), done.stderr


def test_histogram_and_jitter() -> None:
    """Each round-trip time falls into its bucket; jitter moves by a sixteenth of each difference (RFC 3550)."""
    counts = EchoCounts()
    for rtt in (0.0001, 0.00011, 0.02, 30.0):
        counts.count_reply(rtt, 0)
    assert RTT_BUCKETS_SECONDS[0] == 0.0001
    assert RTT_BUCKETS_SECONDS[-1] == 10
    assert counts.rtt_counts[0] == 1
    assert counts.rtt_counts[1] == 1
    assert counts.rtt_counts[RTT_BUCKETS_SECONDS.index(0.02)] == 1
    assert counts.rtt_counts[-1] == 1
    jitter = 0.0
    for difference in (0.00001, 0.01989, 29.98):
        jitter += (difference - jitter) / 16
    assert counts.jitter_seconds == pytest.approx(jitter)
