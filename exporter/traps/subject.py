"""What a trap is about: an interface by its ifIndex and names, a BGP peer by its address, or the device as a whole.

Pure. Sources: IF-MIB (RFC 2863, linkDown and linkUp), BGP4-MIB (RFC 4273), INET-ADDRESS-MIB (RFC 4001), the vendors'
tables of peers.
"""

import ipaddress
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TypeAlias

from exporter.collectors.values import Value, parse_count, parse_text
from exporter.traps.known import PAIRS, TrapKind, TrapPair
from exporter.traps.message import Notification

IF_INDEX = "1.3.6.1.2.1.2.2.1.1"
IF_DESCR = "1.3.6.1.2.1.2.2.1.2"
IF_NAME = "1.3.6.1.2.1.31.1.1.1.1"
_INTERFACE_TABLES = ("1.3.6.1.2.1.2.2.1.", "1.3.6.1.2.1.31.1.1.1.")

_PEER_ADDRESSES = (
    "1.3.6.1.2.1.15.3.1.7",  # BGP4-MIB::bgpPeerRemoteAddr
    "1.3.6.1.4.1.2636.5.1.1.2.1.1.1.11",  # BGP4-V2-MIB-JUNIPER::jnxBgpM2PeerRemoteAddr
)
_PEER_TABLES = (
    "1.3.6.1.2.1.15.3.1.",
    "1.3.6.1.4.1.9.9.187.1.2.5.1.",  # CISCO-BGP4-MIB::cbgpPeer2Table
    "1.3.6.1.4.1.2636.5.1.1.2.1.1.1.",  # BGP4-V2-MIB-JUNIPER::jnxBgpM2PeerTable
    "1.3.6.1.4.1.30065.4.1.1.2.1.",  # ARISTA-BGP4V2-MIB::aristaBgp4V2PeerTable
    "1.3.6.1.4.1.2011.5.25.177.1.1.2.1.",  # HUAWEI-BGP-VPN-MIB::hwBgpPeerTable
)
_ADDRESS_BYTES = (4, 16)
_JUNIPER_INDEX = {11: 4, 35: 16}
"""The numbers in an index of jnxBgpM2PeerTable, which has addresses without their lengths: of IPv4, of IPv6."""

_LONGEST_LABEL = 100


@dataclass(frozen=True, slots=True)
class InterfaceSubject:
    """An interface, known by its index; its names are what the trap itself told."""

    index: int
    name: str = field(default="", compare=False)
    description: str = field(default="", compare=False)


@dataclass(frozen=True, slots=True)
class NamedSubject:
    """A peer, an interface without index, or with an empty name the device as a whole."""

    name: str


Subject: TypeAlias = InterfaceSubject | NamedSubject
WHOLE_DEVICE = NamedSubject("")


@dataclass(frozen=True, slots=True)
class KnownInterface:
    """An interface as /probe last published it."""

    label: str
    description: str
    """IF-MIB::ifDescr."""


def subject_of(kind: TrapKind, notification: Notification) -> Subject:
    """What the trap is about."""
    pair = PAIRS.get(kind)
    match pair.pair if pair is not None else None:
        case TrapPair.LINK:
            return _interface(notification)
        case TrapPair.BGP:
            return NamedSubject(_peer(notification))
        case _:
            return WHOLE_DEVICE


def name_subject(subject: Subject, interfaces: Mapping[int, KnownInterface]) -> str:
    """The label `object`: of an interface the one that /probe publishes, unless the trap told another name."""
    if isinstance(subject, NamedSubject):
        return subject.name
    known = interfaces.get(subject.index)
    if known is None:
        return subject.name or subject.description or f"if{subject.index}"
    if subject.name and known.label not in (subject.name, f"{subject.name}#{subject.index}"):
        return subject.name
    if not subject.name and subject.description and known.description != subject.description:
        return subject.description
    return known.label


def _interface(notification: Notification) -> Subject:
    name, description = (_text(notification.value(column)) for column in (IF_NAME, IF_DESCR))
    told = notification.value(IF_INDEX)
    index = parse_count(told[1]) if told is not None else None
    if index is None:
        # Without ifIndex itself, the index of any binding of the interface tables will do.
        tails = (oid.rpartition(".")[2] for oid, _ in notification.bindings if oid.startswith(_INTERFACE_TABLES))
        index = next((int(tail) for tail in tails), None)
    return NamedSubject(name or description) if index is None else InterfaceSubject(index, name, description)


def _text(found: tuple[str, Value] | None) -> str:
    return parse_text(found[1])[:_LONGEST_LABEL] if found is not None else ""


def _peer(notification: Notification) -> str:
    for column in _PEER_ADDRESSES:
        told = notification.value(column)
        if told is not None:
            value = told[1]
            if isinstance(value, str):
                return value
            if isinstance(value, bytes) and len(value) in _ADDRESS_BYTES:
                return str(ipaddress.ip_address(value))
    for oid, _ in notification.bindings:
        table = next((table for table in _PEER_TABLES if oid.startswith(table)), None)
        if table is not None:
            address = _address_of_index([int(part) for part in oid[len(table) :].split(".")[1:]])
            if address:
                return address
    return ""


def _address_of_index(index: list[int]) -> str:
    """The address at the end of a row's index, with or without its length before it; empty where there is none."""
    sized = next((size for size in _ADDRESS_BYTES if len(index) > size and index[-size - 1] == size), None)
    size = 4 if len(index) == 4 else _JUNIPER_INDEX.get(len(index), sized)  # noqa: PLR2004 - an IPv4 address
    if size is None or any(part > 255 for part in index[-size:]):  # noqa: PLR2004 - bytes
        return ""
    return str(ipaddress.ip_address(bytes(index[-size:])))
