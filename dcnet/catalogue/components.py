"""What an indicator can judge, and how such a thing is named: the one place that knows it.

Owns, for every kind of component, which labels of the exporter name one, how its `object` is formed, and what
people call it. It must not know indicators or limits.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from dcnet.language import Words


class Component(StrEnum):
    """The kind of thing that an indicator judges, in the order in which reports show them."""

    DEVICE = "device"
    PROCESSOR = "processor"
    MEMORY = "memory"
    STORAGE = "storage"
    TEMPERATURE = "temperature"
    FAN = "fan"
    POWER_SUPPLY = "power_supply"
    PART = "part"
    INTERFACE = "interface"
    OPTIC = "optic"
    BGP_PEER = "bgp_peer"
    OSPF_NEIGHBOR = "ospf_neighbor"
    UPS = "ups"
    CONFIGURATION = "configuration"
    RULE = "rule"
    EVENT = "event"
    LINK = "link"
    PROBE = "probe"


@dataclass(frozen=True, slots=True)
class Naming:
    """How objects of one kind are told apart and named."""

    labels: tuple[str, ...]
    """The exporter's labels that name one. The first is its owner's name in the inventory: a device's, or a link's."""

    title: Words

    kind: str = ""
    """Stands between the owner and the rest, `core-1:cpu:0`, where the rest alone would not say what it is."""

    last_may_be_empty: bool = False
    """An empty last label leaves no trace in the object."""


LINK_LABEL = "link"
"""The owner of links and their probes; any other owner is a device."""

_PART = ("instance", "component", "name")

NAMINGS: Mapping[Component, Naming] = {
    Component.DEVICE: Naming(("instance",), Words("Perangkat", "Device")),
    Component.PROCESSOR: Naming(("instance", "cpu"), Words("Prosesor", "Processor"), kind="cpu"),
    Component.MEMORY: Naming(("instance", "pool"), Words("Memori", "Memory"), kind="memory"),
    Component.STORAGE: Naming(("instance", "volume"), Words("Ruang simpan", "Storage"), kind="storage"),
    Component.TEMPERATURE: Naming(("instance", "sensor"), Words("Suhu", "Temperature"), kind="temperature"),
    Component.FAN: Naming(_PART, Words("Kipas", "Fan")),
    Component.POWER_SUPPLY: Naming(_PART, Words("Catu daya", "Power supply")),
    Component.PART: Naming(_PART, Words("Bagian perangkat", "Part of a device")),
    Component.INTERFACE: Naming(("instance", "interface"), Words("Antarmuka", "Interface")),
    # The same object as the interface's: what silences the one, or sets its limits, is meant for the other too.
    Component.OPTIC: Naming(("instance", "interface"), Words("Modul optik", "Optic")),
    Component.BGP_PEER: Naming(
        ("instance", "peer", "vrf"), Words("Sesi BGP", "BGP session"), kind="bgp", last_may_be_empty=True
    ),
    Component.OSPF_NEIGHBOR: Naming(
        ("instance", "neighbor", "address"), Words("Tetangga OSPF", "OSPF neighbour"), kind="ospf"
    ),
    Component.UPS: Naming(("instance",), Words("UPS", "UPS")),
    Component.CONFIGURATION: Naming(("instance",), Words("Konfigurasi", "Configuration")),
    Component.RULE: Naming(("instance", "rule"), Words("Aturan konfigurasi", "Configuration rule"), kind="rule"),
    Component.EVENT: Naming(("source", "object"), Words("Kejadian", "Event"), last_may_be_empty=True),
    Component.LINK: Naming((LINK_LABEL,), Words("Tautan internet", "Internet link")),
    Component.PROBE: Naming((LINK_LABEL, "probe"), Words("Pemeriksaan tautan", "Link probe")),
}
"""Every component's naming. `identify` says it in PromQL and `object_of` in Python; a test holds them together."""


def object_of(component: Component, labels: Mapping[str, str]) -> str:
    """The object that a sample with the exporter's `labels` belongs to: `core-1`, `core-1:Te1/0/1`, `core-1:cpu:0`."""
    naming = NAMINGS[component]
    owner, *rest = (labels.get(name, "") for name in naming.labels)
    if naming.last_may_be_empty and not rest[-1]:
        rest.pop()
    return ":".join([owner, *([naming.kind] if naming.kind else []), *rest])


def owner_of(name: str) -> str:
    """The inventory's device or link that the object `name` is or belongs to; names of the inventory have no colon."""
    return name.partition(":")[0]


def belongs_to_link(component: Component) -> bool:
    """Whether such an object's owner is a link, whose device is the one that carries it."""
    return NAMINGS[component].labels[0] == LINK_LABEL


def identify(component: Component, expression: str) -> str:
    """PromQL that gives `expression`'s samples the labels `device` and `object` of the contract.

    `expression` keeps the component's own labels. A link's `device` is the device that carries it.
    """
    return with_object(component, _with_device(NAMINGS[component], expression))


def _with_device(naming: Naming, expression: str) -> str:
    owner = naming.labels[0]
    if owner != LINK_LABEL:
        return f'label_replace({expression}, "device", "$1", "{owner}", "(.+)")'
    # One device a link whatever the inventories of two exporters, or of before and after, say: a second
    # one would be an error of every rule about links. Of several the one told last is taken.
    newest = "topk by (link) (1, max by (link, device) (timestamp(dcnet_link_info)))"
    return f"({expression}) * on (link) group_left (device) group by (link, device) ({newest})"


def with_object(component: Component, expression: str) -> str:
    """PromQL that gives `expression`'s samples the label `object`; `expression` keeps the component's own labels."""
    naming = NAMINGS[component]
    owner, *rest = naming.labels
    if not rest:
        return f'label_replace({expression}, "object", "$1", "{owner}", "(.+)")'
    if naming.kind and len(rest) > 1:
        # One join has one separator, and the kind stands only after the owner.
        parts = ", ".join(f'"{name}"' for name in rest)
        expression, rest = f'label_join({expression}, "tail", ":", {parts})', ["tail"]
    between = f":{naming.kind}:" if naming.kind else ":"
    names = ", ".join(f'"{name}"' for name in (owner, *rest))
    joined = f'label_join({expression}, "object", "{between}", {names})'
    if naming.last_may_be_empty:
        joined = f'label_replace({joined}, "object", "$1", "object", "(.+):")'
    return joined
