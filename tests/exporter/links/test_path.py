"""Hops, path changes and path MTU through real routers: namespaces that forward."""

import asyncio
import itertools
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass

import pytest

from exporter.errors import ProbeReason
from exporter.inventory.link_models import Link, PathProbe
from exporter.metrics import LINK_PATH_CHANGES
from exporter.probes.link_source import LinkSource
from exporter.probes.outcome import ProbeFailure, ProbeRound
from exporter.probes.path_trace import trace_path
from exporter.probes.running import RunningPeriodic, paths_differ
from exporter.sample_set import SampleSet
from tests.network.namespaces import Namespace, namespace


@dataclass(frozen=True, slots=True)
class Chain:
    """Hosts in a row; the first and the last are ends, the others forward. Host n has 10.77.n.1 to the right."""

    hosts: list[Namespace]

    @property
    def far_address(self) -> str:
        return f"10.77.{len(self.hosts) - 2}.2"


@pytest.fixture
def chain() -> Iterator[Chain]:
    """Four hosts in a row, IPv4 and IPv6."""
    with ExitStack() as stack:
        hosts = [stack.enter_context(namespace(f"h{index}")) for index in range(4)]
        for host in hosts:
            host.run("sysctl -q -w net.ipv6.conf.default.accept_dad=0 net.ipv6.conf.all.accept_dad=0")
        for index, (left, right) in enumerate(itertools.pairwise(hosts)):
            left.run(f"ip link add right type veth peer name left netns {right.name}")
            for end, device, last in ((left, "right", 1), (right, "left", 2)):
                end.run(f"ip address add 10.77.{index}.{last}/24 dev {device}")
                end.run(f"ip -6 address add 2001:db8:77:{index}::{last}/64 dev {device} nodad")
                end.run(f"ip link set {device} up")
        for index, host in enumerate(hosts):
            host.run("sysctl -q -w net.ipv4.ip_forward=1 net.ipv6.conf.all.forwarding=1 net.ipv4.icmp_ratelimit=0")
            host.run("sysctl -q -w net.ipv6.icmp.ratelimit=0")
            for network in range(len(hosts) - 1):
                if network > index:
                    host.run(f"ip route add 10.77.{network}.0/24 via 10.77.{index}.2")
                    host.run(f"ip -6 route add 2001:db8:77:{network}::/64 via 2001:db8:77:{index}::2")
                elif network < index - 1:
                    host.run(f"ip route add 10.77.{network}.0/24 via 10.77.{index - 1}.1")
                    host.run(f"ip -6 route add 2001:db8:77:{network}::/64 via 2001:db8:77:{index - 1}::1")
        yield Chain(hosts)


def traced(chain: Chain, target: str, **more: float) -> ProbeRound:
    probe = PathProbe.model_validate({"name": "p", "kind": "path", "target": target, "timeout_seconds": 0.3, **more})
    found = ProbeRound()

    async def trace() -> None:
        try:
            await trace_path(probe, LinkSource(), found)
        except ProbeFailure as failure:
            found.failure = failure

    chain.hosts[0].call(lambda: asyncio.run(trace()))
    return found


@pytest.mark.parametrize(
    ("target", "hops"),
    [
        ("10.77.2.2", ("10.77.0.2", "10.77.1.2", "10.77.2.2")),
        ("2001:db8:77:2::2", ("2001:db8:77:0::2", "2001:db8:77:1::2", "2001:db8:77:2::2")),
    ],
)
def test_hops_and_mtu(chain: Chain, target: str, hops: tuple[str, ...]) -> None:
    """Every hop is named in order, and the narrowest wire on the way is the path's MTU."""
    wanted = tuple(hop.replace(":0::", "::") for hop in hops)
    traced(chain, target, timeout_seconds=2)  # neighbours on fresh IPv6 wires take a second to find each other
    found = traced(chain, target)
    assert found.failure is None
    assert found.hops == wanted
    assert found.path_mtu_bytes == 1500
    chain.hosts[2].run("ip link set right mtu 1392")
    chain.hosts[3].run("ip link set left mtu 1392")
    assert traced(chain, target).path_mtu_bytes == 1392


def test_mtu_behind_a_router_that_keeps_silent(chain: Chain) -> None:
    """A router that drops what is too big and says nothing is seen through by halving."""
    chain.hosts[1].run("ip link set right mtu 1400")
    chain.hosts[1].run("sysctl -q -w net.ipv4.icmp_ratelimit=1000000 net.ipv4.icmp_ratemask=-1")
    chain.hosts[1].run("ip route add blackhole 10.77.0.0/24 table 7")
    chain.hosts[1].run("ip rule add from all to 10.77.0.0/24 iif lo table 7 priority 1")
    found = traced(chain, chain.far_address, timeout_seconds=0.15)
    assert found.hops == (None, "10.77.1.2", "10.77.2.2")
    assert found.path_mtu_bytes == 1400


def test_unreached_target_is_told(chain: Chain) -> None:
    """A target that never answers is a timeout after the hops allowed; one that a router refuses is unreachable."""
    chain.hosts[3].run("sysctl -q -w net.ipv4.icmp_echo_ignore_all=1")
    silent = traced(chain, chain.far_address, most_hops=5)
    assert silent.failure is not None
    assert silent.failure.reason is ProbeReason.TIMEOUT
    chain.hosts[1].run("ip route replace unreachable 10.77.2.0/24")
    refused = traced(chain, chain.far_address, most_hops=5)
    assert refused.failure is not None
    assert refused.failure.reason is ProbeReason.UNREACHABLE


def test_path_changes_are_counted(chain: Chain) -> None:
    """A round over another way counts one change; a hop that keeps silent counts none."""
    probe = PathProbe.model_validate(
        {"name": "p", "kind": "path", "target": "10.77.1.2", "timeout_seconds": 0.3, "interval_seconds": 10}
    )
    link = Link(name="l", provider="p", circuit="c", device="d", interface="i", probes=(probe,))
    running = RunningPeriodic(link, probe, LinkSource())

    def changes() -> float:
        samples = SampleSet()
        running.add_samples(samples, ("l", "p", "p", "10.77.1.2"))
        return next(s.value for f in samples.collect() for s in f.samples if s.name == LINK_PATH_CHANGES.name)

    def round_over(hops: int) -> None:
        async def one_round() -> None:
            task = asyncio.create_task(running.run(0))
            before = running.memory.last
            async with asyncio.timeout(20):
                while running.memory.last is before:  # noqa: ASYNC110 - a round has no event to wait for
                    await asyncio.sleep(0.01)
            task.cancel()

        chain.hosts[0].call(lambda: asyncio.run(one_round()))
        assert running.memory.last is not None
        assert len(running.memory.last.hops) == hops

    round_over(2)
    assert changes() == 0
    # r2's address moves to r1: the same target, one hop nearer.
    chain.hosts[2].run("ip address del 10.77.1.2/24 dev left")
    chain.hosts[1].run("ip address add 10.77.1.2/32 dev lo")
    round_over(1)
    round_over(1)
    assert changes() == 1
    assert not paths_differ(("a", None, "c"), ("a", "b", "c"))
    assert paths_differ(("a", "b", "c"), ("a", "x", "c"))
