"""The network of the drill: three routers in a row, a server, and two providers over wires that can lose packets.

    watch ── edge-1 ── core-2 ── access-3        watch: where exporter, Prometheus and Alertmanager run
               │  └ server  └ isp-b              isp-a, isp-b: wires of tests/network/forwarder.py
               └ isp-a (its router speaks BGP)

Every route is learned by BGP but for those to the providers' test addresses, which are the kernel's own.
Owns what is where and at which address; what happens to it is the faults'.
"""

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests.drill.router import COMMUNITY, Router
from tests.network.namespaces import Namespace, Wire, namespace, wire

EDGE, CORE, ACCESS = "edge-1", "core-2", "access-3"
ADDRESSES = {EDGE: "10.255.0.1", CORE: "10.255.0.2", ACCESS: "10.255.0.3"}
PROVIDER_AS = 65100
COLLECTORS = ["interfaces", "bgp", "ospf", "neighbors"]
"""Processors, memory and storage are this machine's, which every router shares: no fault of the network."""


@dataclass(frozen=True, slots=True)
class Site:
    """The running network."""

    watch: Namespace
    server: Namespace
    edge: Router
    core: Router
    access: Router
    provider: Router
    isp_a: Wire

    def restore_core(self) -> None:
        """Core-2 has power again."""
        for port in (*self.core.ports, "lo"):
            self.core.namespace.run(f"ip link set {port} up")
        _route_to_provider_b(self.core)
        self.core.start()


@contextmanager
def running_site(folder: Path) -> Iterator[Site]:
    """Build the network and start its routers; `folder` must be passable for FRR's user."""
    with ExitStack() as held:
        watch, edge, core, access, server, provider_a, provider_b = (
            held.enter_context(namespace(role)) for role in ("w", "e", "c", "x", "s", "a", "b")
        )
        routers = {
            EDGE: Router(EDGE, edge, folder / EDGE, 65001, {"10.0.12.2": 65002, "10.81.0.2": PROVIDER_AS}),
            CORE: Router(CORE, core, folder / CORE, 65002, {"10.0.12.1": 65001, "10.0.23.2": 65003}),
            ACCESS: Router(ACCESS, access, folder / ACCESS, 65003, {"10.0.23.1": 65002}),
        }
        provider = Router("provider", provider_a, folder / "provider", PROVIDER_AS, {"10.81.0.1": 65001}, managed=False)
        for router in routers.values():
            router.namespace.run("sysctl -qw net.ipv4.ip_forward=1")
            router.namespace.run(f"ip address add {ADDRESSES[router.name]}/32 dev lo")
        _cable(watch, ("eth-edge", "10.10.0.2/24"), edge, ("eth-watch", "10.10.0.1/24"))
        _cable(edge, ("eth-core", "10.0.12.1/30"), core, ("eth-edge", "10.0.12.2/30"))
        _cable(core, ("eth-access", "10.0.23.1/30"), access, ("eth-core", "10.0.23.2/30"))
        _cable(edge, ("eth-server", "10.0.14.1/30"), server, ("eth-edge", "10.0.14.2/30"))
        watch.run("ip route add default via 10.10.0.1")
        wires = []
        for number, device, near, far in ((1, "isp-a", edge, provider_a), (2, "isp-b", core, provider_b)):
            wires.append(held.enter_context(wire(near, far, device)))
            near.run(f"ip address add 10.8{number}.0.1/30 dev {device}")
            far.run(f"ip address add 10.8{number}.0.2/30 dev {device}")
            far.run(f"ip address add 10.9{number}.0.1/32 dev lo")
            far.run(f"ip route add default via 10.8{number}.0.1")
        edge.run("ip route add 10.91.0.0/24 via 10.81.0.2")
        _route_to_provider_b(routers[CORE])
        routers[CORE].ports += ["eth-edge", "eth-access", "isp-b"]
        routers[EDGE].described["eth-server"] = "server-1"
        for router in (*routers.values(), provider):
            held.callback(router.end)
            router.start()
        yield Site(watch, server, routers[EDGE], routers[CORE], routers[ACCESS], provider, wires[0])


def inventory() -> dict[str, Any]:
    """The inventory of the site, as an operator would write it."""
    parents = {EDGE: None, CORE: EDGE, ACCESS: CORE}
    devices = [
        {
            "name": name,
            "address": address,
            "role": "router",
            **({"parent": parents[name]} if parents[name] else {}),
            "snmp": {"credential": "drill", "timeout_seconds": 1, "retries": 1, "collectors": COLLECTORS},
        }
        for name, address in ADDRESSES.items()
    ]
    links = [
        {
            "name": name,
            "provider": name.upper(),
            "circuit": f"C-{number}",
            "device": carrier,
            "interface": name,
            "source_address": "10.10.0.2",
            "contract": {"bandwidth_mbps": 100, "availability_percent": 99.5, "latency_ms": 50, "loss_percent": 1},
            "probes": [{"name": "gateway", "kind": "icmp", "target": f"10.9{number}.0.1", "interval_seconds": 0.1}],
        }
        for number, name, carrier in ((1, "isp-a", EDGE), (2, "isp-b", CORE))
    ]
    return {
        "site": {"name": "drill", "time_zone": "Asia/Jakarta"},
        "credentials": {"snmp": {"drill": {"version": "2c", "community": "${env:DRILL_COMMUNITY}"}}},
        "interfaces": {"rules": [{"action": "exclude", "name": "^lo$"}]},
        "devices": devices,
        "links": links,
    }


ENVIRONMENT = {"DRILL_COMMUNITY": COMMUNITY}


def _cable(near: Namespace, near_end: tuple[str, str], far: Namespace, far_end: tuple[str, str]) -> None:
    """A cable between two ports, each given as its name and address."""
    near.run(f"ip link add {near_end[0]} type veth peer name {far_end[0]} netns {far.name}")
    for side, (port, address) in ((near, near_end), (far, far_end)):
        side.run(f"ip address add {address} dev {port}")
        side.run(f"ip link set {port} up")


def _route_to_provider_b(core: Router) -> None:
    core.namespace.run("ip route replace 10.92.0.0/24 via 10.82.0.2")
