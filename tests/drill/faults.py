"""The faults of the drill: how each is caused and repaired, and the one message that must come of it."""

from collections.abc import Callable
from dataclasses import dataclass

from tests.drill.site import ACCESS, CORE, EDGE, Site


@dataclass(frozen=True, slots=True)
class Fault:
    """A fault and its cure."""

    name: str
    cause: Callable[[Site], object]
    repair: Callable[[Site], object]
    alert: str
    object: str

    silenced: frozenset[tuple[str, str]] = frozenset()
    """What it entails: alerts that fire and are told to nobody."""

    hard: bool = True
    """Something is gone altogether, and somebody must know within GOAL_SECONDS. What is merely worse takes as long as
    its indicator looks back."""


GOAL_SECONDS = 30

INTERFACE_CUT = Fault(
    "interface cut",
    cause=lambda site: site.server.run("ip link set eth-edge down"),
    repair=lambda site: site.server.run("ip link set eth-edge up"),
    alert="InterfaceDown",
    object=f"{EDGE}:eth-server",
)
ROUTER_KILLED = Fault(
    "router killed",
    cause=lambda site: site.core.cut_power(),
    repair=lambda site: site.restore_core(),
    alert="DeviceAvailability",
    object=CORE,
    silenced=frozenset(
        {
            ("DeviceAvailability", ACCESS),
            ("InterfaceDown", f"{EDGE}:eth-core"),
            ("BgpDown", f"{EDGE}:bgp:10.0.12.2"),
            ("LinkAvailability", "isp-b"),
        }
    ),
)
BGP_LOST = Fault(
    "BGP session lost",
    cause=lambda site: site.provider.configure_bgp("neighbor 10.81.0.1 shutdown"),
    repair=lambda site: site.provider.configure_bgp("no neighbor 10.81.0.1 shutdown"),
    alert="BgpDown",
    object=f"{EDGE}:bgp:10.81.0.2",
)
PROVIDER_LOSES = Fault(
    "5 % loss at a provider",
    cause=lambda site: site.isp_a.order(there={"drop": 0.05}),
    repair=lambda site: site.isp_a.order(there={}),
    alert="LinkLoss",
    object="isp-a",
    hard=False,
)
FAULTS = (INTERFACE_CUT, BGP_LOST, PROVIDER_LOSES, ROUTER_KILLED)
"""The router last: that it restarted is told too, minutes after it is back, once its aftermath is over."""
