"""The `target` of a request: what its text means, and whether its address may be asked.

Owns the allow-list. A name is resolved once, and the very address that was checked is the one that is asked.
"""

import ipaddress
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TypeAlias

from dcnet.language import Words
from exporter.drop_in.values import DropInError
from exporter.errors import InventoryValueError
from exporter.inventory.values import check_host
from exporter.snmp.session import resolve

SNMP_PORT = 161
LARGEST_PORT = 65535
LONGEST_SHOWN = 80
Network: TypeAlias = ipaddress.IPv4Network | ipaddress.IPv6Network


class TargetError(DropInError):
    """A target whose text is no address."""


class ForbiddenTargetError(DropInError):
    """A target outside of the networks of --snmp-allow."""


@dataclass(frozen=True, slots=True)
class Target:
    """Whom to ask."""

    host: str
    port: int


def parse_network(text: str) -> Network:
    """A network such as `10.0.0.0/8`, or a single address. Raises DropInError."""
    try:
        return ipaddress.ip_network(text)
    except ValueError:
        raise DropInError(
            Words(
                f"--snmp-allow: ditemukan {text!r}, seharusnya jaringan, misalnya 10.20.0.0/16 atau 2001:db8::/32",
                f"--snmp-allow: found {text!r}, expected a network such as 10.20.0.0/16 or 2001:db8::/32",
            )
        ) from None


def parse_target(text: str) -> Target:
    """`HOST`, `HOST:PORT`, `[IPV6]:PORT`, each also behind `udp://`. Raises TargetError."""
    transport, separator, rest = text.partition("://")
    host_and_port = rest if separator else text
    if separator and transport not in {"udp", "udp4", "udp6"}:
        raise _bad_target(text)
    host, port_text = host_and_port, ""
    if host_and_port.startswith("["):
        host, bracket, after = host_and_port[1:].partition("]")
        if not bracket or (after and not after.startswith(":")):
            raise _bad_target(text)
        port_text = after[1:]
    elif host_and_port.count(":") == 1:
        host, _, port_text = host_and_port.partition(":")
    try:
        host = check_host(host)
    except InventoryValueError:
        raise _bad_target(text) from None
    if port_text and not (port_text.isascii() and port_text.isdecimal()):
        raise _bad_target(text)
    port = int(port_text[:6] or SNMP_PORT)
    if not 1 <= port <= LARGEST_PORT:
        raise _bad_target(text)
    return Target(host, port)


async def resolve_allowed(target: Target, allowed: Sequence[Network], deadline: float) -> str:
    """The address of `target`. Raises ForbiddenTargetError, or CollectionFailure where its name does not resolve."""
    address = ipaddress.ip_address(await resolve(target.host, target.port, deadline))
    if isinstance(address, ipaddress.IPv6Address) and address.ipv4_mapped is not None:
        address = address.ipv4_mapped
    if not any(address in network for network in allowed if network.version == address.version):
        raise ForbiddenTargetError(
            Words(
                f"alamat {address} di luar jaringan yang diizinkan; tambahkan --snmp-allow bila memang dikehendaki",
                f"address {address} is outside of the allowed networks; add it with --snmp-allow if it is meant",
            )
        )
    return str(address)


def _bad_target(text: str) -> TargetError:
    shown = text[:LONGEST_SHOWN]
    return TargetError(
        Words(
            f"target {shown!r}: seharusnya HOST, HOST:PORT atau [IPV6]:PORT",
            f"target {shown!r}: expected HOST, HOST:PORT or [IPV6]:PORT",
        )
    )
