"""Where things are and what hangs on what: the labels by which Alertmanager inhibits.

Owns `dcnet:place`, `dcnet:link_port`, `dcnet:neighbor`, the alerts that only inhibit, and how an alert's expression
gets the labels site, parent, port, neighbor and link. It must not know limits.

- `parent`: the device through which the alert's device is reached. ParentDown fires at once while P does not answer:
  with `device=P` for what is P's own, with `parent=P` for what lies behind it, with `neighbor=P` for what leads to it.
- `port`: `DEVICE:INTERFACE`; an interface's and an optic's own, and for a link the one that carries it; PortDown.
- `neighbor`: the device at the far end of a port or session.
- `link`: the link of a link's or a probe's alert; LinkDown.
"""

from dcnet.catalogue import Component, belongs_to_link, identify
from prometheus.rule_file import Group, Rule

FAST_INTERVAL = "5s"
"""How often the alerts of what must be known at once are evaluated."""

AFTERMATH = "6m"
"""So long what follows from a fault stays silent after it: rates look back five minutes, routes and devices come back
later than what they wait for."""

FAR_ENDS = (Component.INTERFACE, Component.OPTIC, Component.BGP_PEER, Component.EVENT)
"""What may have a device at its far end."""

PORTS = (Component.INTERFACE, Component.OPTIC, Component.EVENT)
"""What is named by its port."""

_PLACE = """\
group by (device, site, parent) (label_replace(
  topk by (object) (1, max by (object, site, parent) (
    2 * dcnet_inventory_info{kind="device"} or last_over_time(dcnet_inventory_info{kind="device"}[1h]))),
  "device", "$1", "object", "(.+)"))
or on (device) group by (device) (dcnet:indicator or ALERTS{alertstate="firing", device!=""})"""
"""One for every device that has an indicator or an alert, whether or not the inventory knows its place.

Of several places the one told now is taken: a second one would be an error of every alert. The last hour's stays,
so that an alert keeps its labels while the exporter is away.
"""

_LINK_PORT = """\
group by (link, port) (label_join(
  topk by (link) (1, max by (link, device, interface) (
    timestamp(dcnet_link_info) or last_over_time(dcnet_link_info[1h]))),
  "port", ":", "device", "interface"))"""
"""The port that carries a link; the last hour's stays, so that an alert keeps its labels while the exporter is away."""

_FAR_ENDS_OF_SESSIONS = """\
group by (instance, peer, vrf) (dcnet_bgp_peer_established) * on (peer) group_left (neighbor)
topk by (peer) (1, group by (peer, neighbor) (label_replace(label_replace(
  last_over_time(dcnet_bgp_peer_info[1h]),
  "neighbor", "$1", "instance", "(.+)"), "peer", "$1", "local_address", "(.+)")))"""

_FAR_ENDS_OF_PORTS = """\
label_replace(last_over_time(dcnet_neighbor_info[1h]), "neighbor", "$1", "remote_device", "([^.]+).*")"""

_NEIGHBOR = (
    "topk by (object) (1, group by (object, neighbor) (\n"
    f"{identify(Component.INTERFACE, _FAR_ENDS_OF_PORTS)}\n"
    f"or {identify(Component.BGP_PEER, _FAR_ENDS_OF_SESSIONS)}))\n"
    'or on (object) (dcnet:neighbor and on (object) ALERTS{alertstate="firing", neighbor!=""})'
)
"""LLDP and CDP name a port's neighbour; a BGP peer is the device that has a session with that address as its own.

Kept for an hour: a dead neighbour is soon forgotten, and then its name is wanted. Kept longer while an alert has it as
a label: an alert without it would be another one, told anew, and the first told as over.
"""


def topology_groups() -> list[Group]:
    """The recording rules, and the alerts that only inhibit."""
    records: list[Rule] = [
        {"record": "dcnet:place", "expr": _PLACE},
        {"record": "dcnet:link_port", "expr": _LINK_PORT},
        {"record": "dcnet:neighbor", "expr": _NEIGHBOR},
    ]
    return [
        {"name": "dcnet-topology", "interval": "15s", "rules": records},
        {"name": "dcnet-topology-down", "interval": FAST_INTERVAL, "rules": _silencers()},
    ]


def _silencers() -> list[Rule]:
    """The alerts that only inhibit, one for every label by which they do."""
    return [
        _silencer("ParentDown", "max by (instance) (dcnet_up) == 0", "instance", ("device", "parent", "neighbor")),
        _silencer("PortDown", 'max by (object) (dcnet:degraded_now{indicator="interface_down"})', "object", ("port",)),
        _silencer(
            "LinkDown", 'max by (object) (dcnet:degraded_now{indicator="link_availability"})', "object", ("link",)
        ),
    ]


def _silencer(name: str, down: str, known_by: str, labels: tuple[str, ...]) -> Rule:
    named = down
    for label in labels:
        named = f'label_replace({named}, "{label}", "$1", "{known_by}", "(.+)")'
    what = f"{{{{ $labels.{labels[0]} }}}}"
    return {
        "alert": name,
        "expr": f"max by ({', '.join(labels)}) ({named})",
        "keep_firing_for": AFTERMATH,
        "labels": {"severity": "none"},
        "annotations": {
            "summary": f"{what} mati atau baru pulih; akibatnya dibungkam",
            "description": "Alarm ini tidak dikirim kepada siapa pun: ia hanya membungkam alarm akibatnya.",
            "summary_en": f"{what} is down, or was until just now; what follows from it is silenced",
            "description_en": "This alert is sent to nobody: it only silences what follows from it.",
            "runbook": "docs/runbooks/device_availability.md",
        },
    }


def outside_planned_work(component: Component, value: str, lookback_minutes: int) -> str:
    """`value` (labels device and object, of a link's or a probe's also link) where nothing is planned.

    Planned work covers the object, what hangs on its device, and a link's probes; where `value` looks back, also the
    minutes in which it still sees the work.
    """
    work = "dcnet_maintenance"
    if lookback_minutes:
        # Two more: what was done last in the window is seen by the scrape after it, and recorded a minute later.
        work = f"last_over_time(dcnet_maintenance[{lookback_minutes + 2}m])"
    if belongs_to_link(component):
        of_object = f'unless on (link) label_replace({work}, "link", "$1", "object", "(.+)")'
    else:
        of_object = f"unless on (object) {work}"
    return f'{value}\n{of_object}\nunless on (device) label_replace({work}, "device", "$1", "object", "(.+)")'


def placed(component: Component, value: str, lookback_minutes: int) -> str:
    """`value` (labels device and object) outside planned work, with the labels that routing and inhibition need.

    `lookback_minutes` is how far back `value` looks.
    """
    if belongs_to_link(component):
        value = f'label_replace({value}, "link", "$1", "object", "([^:]+).*")'
    value = outside_planned_work(component, value, lookback_minutes)
    if component in FAR_ENDS:
        value = f"({value})\n* on (object) group_left (neighbor) dcnet:neighbor\nor on (device, object) ({value})"
    value = f"({value})\n* on (device) group_left (site, parent) dcnet:place"
    if component in PORTS:
        return f'label_replace({value},\n"port", "$1", "object", "(.+:.+)")'
    if belongs_to_link(component):
        return f"{value}\n* on (link) group_left (port) dcnet:link_port"
    return value
