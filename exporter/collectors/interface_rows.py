"""Columns of IF-MIB and EtherLike-MIB made into values of one interface. Pure: no network, no metrics.

Sources: IF-MIB (RFC 2863), EtherLike-MIB (RFC 3635), IANAifType-MIB.
"""

from collections import Counter
from collections.abc import Sequence

from exporter.collectors.values import Column, Value, parse_count, parse_text

IF_SPEED_CEILING = 2**32 - 1
"""ifSpeed says this where the interface is faster than it can tell (RFC 2863)."""

SLOW_MBPS = 20
"""Up to this ifSpeed is exact and ifHighSpeed is rounded; some agents let ifSpeed wrap above its ceiling."""

TYPE_NAMES = {
    1: "other",
    6: "ethernet",
    23: "ppp",
    24: "loopback",
    32: "frame_relay",
    53: "virtual",
    56: "fibre_channel",
    71: "ieee80211",
    131: "tunnel",
    135: "l2vlan",
    136: "l3ipvlan",
    150: "mpls_tunnel",
    161: "lag",
    166: "mpls",
    209: "bridge",
    244: "wwan",
}
"""Common values of IANAifType, shortened; others are told by their number."""

_ADMIN_UP = {1: True, 2: False, 3: False}
"""ifAdminStatus: up, down, testing."""

_OPER_UP = {1: True, 2: False, 3: False, 5: False, 6: False, 7: False}
"""ifOperStatus: up, down, testing, dormant, notPresent, lowerLayerDown. 4 is unknown, which is neither."""

_FULL_DUPLEX = {2: False, 3: True}
"""dot3StatsDuplexStatus: halfDuplex, fullDuplex. 1 is unknown."""


def name_interfaces(indexes: Sequence[str], names: Column, descriptions: Column) -> dict[str, str]:
    """The unique label of each interface: ifName, else ifDescr, else `ifINDEX`.

    Where several interfaces share a name, each of them gets its index: `eth0#3`. A name then never moves
    from one interface to another when a row is missing.
    """
    wanted = {
        index: parse_text(names.get(index)) or parse_text(descriptions.get(index)) or f"if{index}" for index in indexes
    }
    count = Counter(wanted.values())
    labels = {index: name if count[name] == 1 else f"{name}#{index}" for index, name in wanted.items()}
    taken = Counter(labels.values())
    return {index: label if taken[label] == 1 else f"{label}#{index}" for index, label in labels.items()}


def judge_speed(speed: Value, high_speed: Value) -> int | None:
    """Bandwidth in bits per second from ifSpeed and ifHighSpeed (million bits per second); None: unknown."""
    bits = parse_count(speed)
    megabits = parse_count(high_speed)
    if megabits is not None and megabits >= SLOW_MBPS:
        return megabits * 1_000_000
    if bits and bits != IF_SPEED_CEILING:
        return bits
    return megabits * 1_000_000 if megabits else None


def judge_counter(index: str, high: Column, low: Column, has_high: bool) -> int | None:
    """The 64-bit counter; the 32-bit one only where the interface has no 64-bit counters of this group.

    `has_high`: whether it has any of the group. One missing value among 64-bit counters must not bring in
    the 32-bit one: the series would seem to start again.
    """
    return parse_count((high if has_high else low).get(index))


def judge_last_change(last_change: Value, uptime_ticks: int | None, wall_time: float) -> float | None:
    """Unix time of ifLastChange (hundredths of sysUpTime), in whole seconds; None: not known.

    Zero means before the agent started, and a value after sysUpTime means that sysUpTime wrapped.
    """
    ticks = parse_count(last_change)
    if not ticks or uptime_ticks is None or ticks > uptime_ticks:
        return None
    return round(wall_time - (uptime_ticks - ticks) / 100)


def judge_admin_up(status: Value) -> bool | None:
    """Whether ifAdminStatus says enabled; None for a value outside of the MIB."""
    return _ADMIN_UP.get(parse_count(status) or 0)


def judge_oper_up(status: Value) -> bool | None:
    """Whether ifOperStatus says up; None where the device does not know."""
    return _OPER_UP.get(parse_count(status) or 0)


def judge_full_duplex(status: Value) -> bool | None:
    """Whether dot3StatsDuplexStatus says full; None where the device does not know."""
    return _FULL_DUPLEX.get(parse_count(status) or 0)


def name_type(value: Value) -> str:
    """IfType as a word, else as its number."""
    number = parse_count(value)
    return "" if number is None else TYPE_NAMES.get(number, str(number))
