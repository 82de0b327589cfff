"""What stands in the simulated data center: devices, their interfaces, the links and their services.

Pure tables. What changes with time is in `model`; what is watched, and how, is in `inventory.yml`.
"""

from dataclasses import dataclass

SNMP_PORT = 1161
DNS_PORT = 1153
HTTP_PORT = 1180
"""Ports of the lab: above 1023, so that nobody needs root."""


@dataclass(frozen=True, slots=True)
class Interface:
    """A port of a device."""

    index: int
    """ifIndex."""

    name: str
    description: str
    alias: str
    speed_mbps: int
    receive_share: float
    """Mean share of the speed that is received on a usual day, 0 to 1."""

    transmit_share: float
    peer: str = ""
    """The device at the other end; while it is off, this port is down."""

    connected: bool = True
    """False: enabled, but nothing is plugged in."""


@dataclass(frozen=True, slots=True)
class Device:
    """A device and what it says of itself."""

    name: str
    address: str
    """On 127.20.0.0/16: the kernel answers there without any set-up."""

    role: str
    parent: str
    vendor: str
    model: str
    operating_system: str
    """The software's version as the ENTITY-MIB tells it."""

    description: str
    """sysDescr."""

    object_id: str
    """sysObjectID."""

    serial: str
    secure: bool
    """True: SNMPv3 with authentication and privacy; False: v2c."""

    interfaces: tuple[Interface, ...]


@dataclass(frozen=True, slots=True)
class Link:
    """An internet link as its provider's equipment shows it."""

    name: str
    provider: str
    circuit: str
    device: str
    interface: str
    gateway: str
    """Answers ICMP: a loopback address, so the kernel answers."""

    resolver: str
    portal: str
    round_trip_seconds: float
    """Median of the echoes on a usual day."""


def _device(
    name: str,
    place: str,
    role: str,
    parent: str,
    *,
    kind: tuple[str, str, str, str, str],
    interfaces: tuple[Interface, ...],
    secure: bool = False,
) -> Device:
    vendor, model, version, description, object_id = kind
    octets = place.split(".")
    serial = f"{vendor[:3].upper()}20{int(octets[0]):02d}{int(octets[1]):04d}"
    return Device(
        name,
        f"127.20.{place}",
        role,
        parent,
        vendor,
        model,
        version,
        description,
        object_id,
        serial,
        secure,
        interfaces,
    )


_MX = (
    "Juniper",
    "MX204",
    "21.4R3-S5.4",
    "Juniper Networks, Inc. mx204 internet router, kernel JUNOS 21.4R3-S5.4",
    "1.3.6.1.4.1.2636.1.1.1.2.151",
)
_C9500 = (
    "Cisco",
    "C9500-24Y4C",
    "17.9.4a",
    "Cisco IOS Software [Cupertino], Catalyst L3 Switch Software (CAT9K_IOSXE), Version 17.9.4a",
    "1.3.6.1.4.1.9.1.2530",
)
_C2960X = (
    "Cisco",
    "WS-C2960X-24TS-L",
    "15.2(7)E8",
    "Cisco IOS Software, C2960X Software (C2960X-UNIVERSALK9-M), Version 15.2(7)E8, RELEASE SOFTWARE (fc4)",
    "1.3.6.1.4.1.9.1.1208",
)
_FORTIGATE = ("Fortinet", "FortiGate-200F", "v7.2.8", "FortiGate-200F", "1.3.6.1.4.1.12356.101.1.2006")
_APC = (
    "APC",
    "Smart-UPS SRT 5000",
    "v2.5.0.8",
    "APC Web/SNMP Management Card (MB:v4.3.2 PF:v2.5.0.8 AF1:v2.5.0.8)",
    "1.3.6.1.4.1.318.1.3.27",
)


def _edge(provider: str, core: str, neighbour: str) -> tuple[Interface, ...]:
    return (
        Interface(514, "ge-0/0/0", "ge-0/0/0", f"WAN {provider}", 1000, 0.24, 0.11),
        Interface(526, "xe-0/1/0", "xe-0/1/0", f"ke {core}", 10000, 0.05, 0.07, peer=core),
        Interface(527, "xe-0/1/1", "xe-0/1/1", f"ke {neighbour}", 10000, 0.01, 0.01, peer=neighbour),
    )


def _core(edge: str, neighbour: str, others: tuple[str, str, str]) -> tuple[Interface, ...]:
    uplinks = (
        Interface(9, "Te1/0/1", "TenGigabitEthernet1/0/1", f"ke {edge}", 10000, 0.07, 0.05, peer=edge),
        Interface(10, "Te1/0/2", "TenGigabitEthernet1/0/2", f"ke {neighbour}", 10000, 0.12, 0.11, peer=neighbour),
    )
    down = tuple(
        Interface(
            11 + n, f"Te1/0/{3 + n}", f"TenGigabitEthernet1/0/{3 + n}", f"ke {other}", 10000, 0.06, 0.1, peer=other
        )
        for n, other in enumerate(others)
    )
    return (*uplinks, *down, Interface(14, "Te1/0/6", "TenGigabitEthernet1/0/6", "", 10000, 0, 0, connected=False))


def _access(core: str, room: str, shares: tuple[float, float, float, float]) -> tuple[Interface, ...]:
    purposes = ("server aplikasi", "server basis data", "ruang kerja", "titik akses nirkabel")
    ports = tuple(
        Interface(
            10100 + n, f"Gi1/0/{n}", f"GigabitEthernet1/0/{n}", f"{purpose} {room}", 1000, share, round(share * 0.6, 4)
        )
        for n, (purpose, share) in enumerate(zip(purposes, shares, strict=True), start=1)
    )
    spare = Interface(10105, "Gi1/0/5", "GigabitEthernet1/0/5", "", 1000, 0, 0, connected=False)
    uplink = Interface(10201, "Te1/0/1", "TenGigabitEthernet1/0/1", f"ke {core}", 10000, 0.1, 0.06, peer=core)
    return (*ports, spare, uplink)


_FIREWALL = (
    Interface(1, "port1", "port1", "luar, ke core-1", 10000, 0.06, 0.04, peer="core-1"),
    Interface(2, "port2", "port2", "dalam, ke core-2", 10000, 0.04, 0.06, peer="core-2"),
    Interface(3, "port3", "port3", "DMZ layanan publik", 1000, 0.2, 0.26),
    Interface(4, "mgmt", "mgmt", "manajemen", 1000, 0.001, 0.002),
)

_DEVICES = (
    _device(
        "edge-1", "1.1", "edge_router", "", kind=_MX, interfaces=_edge("Nusantara Net", "core-1", "edge-2"), secure=True
    ),
    _device(
        "edge-2",
        "1.2",
        "edge_router",
        "",
        kind=_MX,
        interfaces=_edge("Archipelago Fiber", "core-2", "edge-1"),
        secure=True,
    ),
    _device(
        "core-1",
        "2.1",
        "core_switch",
        "edge-1",
        kind=_C9500,
        interfaces=_core("edge-1", "core-2", ("access-1", "access-2", "fw-1")),
    ),
    _device(
        "core-2",
        "2.2",
        "core_switch",
        "edge-2",
        kind=_C9500,
        interfaces=_core("edge-2", "core-1", ("access-3", "access-4", "fw-1")),
    ),
    _device(
        "access-1",
        "3.1",
        "access_switch",
        "core-1",
        kind=_C2960X,
        interfaces=_access("core-1", "rak A", (0.25, 0.2, 0.1, 0.08)),
    ),
    _device(
        "access-2",
        "3.2",
        "access_switch",
        "core-1",
        kind=_C2960X,
        interfaces=_access("core-1", "rak B", (0.22, 0.28, 0.06, 0.1)),
    ),
    _device(
        "access-3",
        "3.3",
        "access_switch",
        "core-2",
        kind=_C2960X,
        interfaces=_access("core-2", "rak C", (0.18, 0.15, 0.2, 0.12)),
    ),
    _device(
        "access-4",
        "3.4",
        "access_switch",
        "core-2",
        kind=_C2960X,
        interfaces=_access("core-2", "rak D", (0.1, 0.12, 0.14, 0.16)),
    ),
    _device("fw-1", "4.1", "firewall", "core-1", kind=_FORTIGATE, interfaces=_FIREWALL, secure=True),
    _device(
        "ups-1",
        "5.1",
        "ups",
        "access-1",
        kind=_APC,
        interfaces=(Interface(2, "eth0", "eth0", "kartu jaringan", 100, 0.0004, 0.0006),),
    ),
)
DEVICES: dict[str, Device] = {device.name: device for device in _DEVICES}

_LINKS = (
    Link(
        "isp-a",
        "Nusantara Net",
        "NN-JKT-0417",
        "edge-1",
        "ge-0/0/0",
        "127.20.101.1",
        "127.20.101.53",
        "127.20.101.80",
        0.012,
    ),
    Link(
        "isp-b",
        "Archipelago Fiber",
        "AF-88121",
        "edge-2",
        "ge-0/0/0",
        "127.20.102.1",
        "127.20.102.53",
        "127.20.102.80",
        0.019,
    ),
)
LINKS: dict[str, Link] = {link.name: link for link in _LINKS}


def ports_facing(device: str) -> list[str]:
    """The ports of other devices that lead to `device`, as `DEVICE:INTERFACE`."""
    return [
        f"{other.name}:{interface.name}"
        for other in DEVICES.values()
        for interface in other.interfaces
        if interface.peer == device
    ]
