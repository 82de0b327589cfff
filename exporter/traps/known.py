"""The traps that have a meaning here: their OIDs, the name each is counted under, and which of them are a pair.

Tables and look-ups only; pure. What a trap is about (which interface, which peer) is subject.py's.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from exporter.traps.message import Notification


class TrapKind(StrEnum):
    """What a trap says: the label `trap` of those that are known."""

    COLD_START = "coldStart"
    WARM_START = "warmStart"
    LINK_DOWN = "linkDown"
    LINK_UP = "linkUp"
    AUTHENTICATION_FAILURE = "authenticationFailure"
    BGP_ESTABLISHED = "bgpEstablished"
    BGP_BACKWARD_TRANSITION = "bgpBackwardTransition"
    CONFIG_CHANGE = "configChange"
    ENTITY_CONFIG_CHANGE = "entConfigChange"
    UPS_ON_BATTERY = "upsOnBattery"
    UPS_RESTORED = "upsRestored"


class TrapPair(StrEnum):
    """Two traps of which the later one tells the state: the label `pair`."""

    LINK = "link"
    BGP = "bgp"
    UPS = "ups"


@dataclass(frozen=True, slots=True)
class PairState:
    """What a trap of a pair says."""

    pair: TrapPair
    normal: bool
    """Whether it is the good one of the two."""


PAIRS: Mapping[TrapKind, PairState] = {
    TrapKind.LINK_DOWN: PairState(TrapPair.LINK, normal=False),
    TrapKind.LINK_UP: PairState(TrapPair.LINK, normal=True),
    TrapKind.BGP_BACKWARD_TRANSITION: PairState(TrapPair.BGP, normal=False),
    TrapKind.BGP_ESTABLISHED: PairState(TrapPair.BGP, normal=True),
    TrapKind.UPS_ON_BATTERY: PairState(TrapPair.UPS, normal=False),
    TrapKind.UPS_RESTORED: PairState(TrapPair.UPS, normal=True),
}

CONFIGURATION_KINDS = frozenset({TrapKind.CONFIG_CHANGE, TrapKind.ENTITY_CONFIG_CHANGE})
"""After these the device is visited over SSH, where it can be."""

_KINDS: Mapping[str, TrapKind] = {
    "1.3.6.1.6.3.1.1.5.1": TrapKind.COLD_START,  # SNMPv2-MIB
    "1.3.6.1.6.3.1.1.5.2": TrapKind.WARM_START,
    "1.3.6.1.6.3.1.1.5.3": TrapKind.LINK_DOWN,  # IF-MIB
    "1.3.6.1.6.3.1.1.5.4": TrapKind.LINK_UP,
    "1.3.6.1.6.3.1.1.5.5": TrapKind.AUTHENTICATION_FAILURE,
    "1.3.6.1.2.1.15.0.1": TrapKind.BGP_ESTABLISHED,  # BGP4-MIB of RFC 4273
    "1.3.6.1.2.1.15.0.2": TrapKind.BGP_BACKWARD_TRANSITION,
    "1.3.6.1.2.1.15.7.1": TrapKind.BGP_ESTABLISHED,  # the same of RFC 1657
    "1.3.6.1.2.1.15.7.2": TrapKind.BGP_BACKWARD_TRANSITION,
    "1.3.6.1.4.1.9.9.187.0.2": TrapKind.BGP_BACKWARD_TRANSITION,  # CISCO-BGP4-MIB
    "1.3.6.1.4.1.9.9.187.0.5": TrapKind.BGP_ESTABLISHED,
    "1.3.6.1.4.1.9.9.187.0.6": TrapKind.BGP_BACKWARD_TRANSITION,
    "1.3.6.1.4.1.9.9.187.0.8": TrapKind.BGP_BACKWARD_TRANSITION,
    "1.3.6.1.4.1.2636.5.1.1.1.0.1": TrapKind.BGP_ESTABLISHED,  # BGP4-V2-MIB-JUNIPER
    "1.3.6.1.4.1.2636.5.1.1.1.0.2": TrapKind.BGP_BACKWARD_TRANSITION,
    "1.3.6.1.4.1.30065.4.1.0.1": TrapKind.BGP_ESTABLISHED,  # ARISTA-BGP4V2-MIB
    "1.3.6.1.4.1.30065.4.1.0.2": TrapKind.BGP_BACKWARD_TRANSITION,
    "1.3.6.1.4.1.2011.5.25.177.1.3.9": TrapKind.BGP_ESTABLISHED,  # HUAWEI-BGP-VPN-MIB
    "1.3.6.1.4.1.2011.5.25.177.1.3.10": TrapKind.BGP_BACKWARD_TRANSITION,
    "1.3.6.1.4.1.9.9.43.2.0.1": TrapKind.CONFIG_CHANGE,  # CISCO-CONFIG-MAN-MIB::ciscoConfigManEvent
    "1.3.6.1.4.1.9.9.43.2.0.2": TrapKind.CONFIG_CHANGE,  # and ccmCLIRunningConfigChanged
    "1.3.6.1.4.1.2636.4.5.0.1": TrapKind.CONFIG_CHANGE,  # JUNIPER-CFGMGMT-MIB::jnxCmCfgChange
    "1.3.6.1.4.1.30065.3.9.3.0.1": TrapKind.CONFIG_CHANGE,  # ARISTA-CONFIG-MAN-MIB::aristaConfigManEvent
    "1.3.6.1.4.1.2011.6.10.2.1": TrapKind.CONFIG_CHANGE,  # HUAWEI-CONFIG-MAN-MIB::hwCfgManEventlog
    "1.3.6.1.4.1.25506.2.4.2.1": TrapKind.CONFIG_CHANGE,  # HH3C-CONFIG-MAN-MIB::hh3cCfgManEventlog
    "1.3.6.1.4.1.2011.10.2.4.2.1": TrapKind.CONFIG_CHANGE,  # the same before H3C had a number of its own
    "1.3.6.1.4.1.12356.101.6.0.1003": TrapKind.CONFIG_CHANGE,  # FORTINET-FORTIGATE-MIB::fgFmTrapConfChange
    "1.3.6.1.2.1.47.2.0.1": TrapKind.ENTITY_CONFIG_CHANGE,  # ENTITY-MIB
    "1.3.6.1.2.1.33.2.1": TrapKind.UPS_ON_BATTERY,  # UPS-MIB::upsTrapOnBattery (RFC 1628)
    "1.3.6.1.4.1.318.0.5": TrapKind.UPS_ON_BATTERY,  # PowerNet-MIB::upsOnBattery
    "1.3.6.1.4.1.318.0.9": TrapKind.UPS_RESTORED,  # PowerNet-MIB::powerRestored
    "1.3.6.1.4.1.534.1.11.4.1.0.3": TrapKind.UPS_ON_BATTERY,  # XUPS-MIB::xupstdOnBattery
    "1.3.6.1.4.1.534.1.11.4.2.0.3": TrapKind.UPS_ON_BATTERY,
    "1.3.6.1.4.1.534.1.11.4.1.0.5": TrapKind.UPS_RESTORED,  # XUPS-MIB::xupstdUtilityPowerRestored
    "1.3.6.1.4.1.534.1.11.4.2.0.5": TrapKind.UPS_RESTORED,
    "1.3.6.1.4.1.705.1.11.0.11": TrapKind.UPS_ON_BATTERY,  # MG-SNMP-UPS-MIB::upsmgOnBattery
    "1.3.6.1.4.1.705.1.11.0.12": TrapKind.UPS_RESTORED,  # MG-SNMP-UPS-MIB::upsmgReturnFromBattery
}

_UPS_ALARMS: Mapping[str, TrapKind] = {
    "1.3.6.1.2.1.33.2.3": TrapKind.UPS_ON_BATTERY,  # UPS-MIB::upsTrapAlarmEntryAdded
    "1.3.6.1.2.1.33.2.4": TrapKind.UPS_RESTORED,  # UPS-MIB::upsTrapAlarmEntryRemoved: RFC 1628 has no other word for it
}
"""Of any alarm; about the battery where upsAlarmDescr says so."""

_UPS_ALARM_DESCR = "1.3.6.1.2.1.33.1.6.2.1.2"
_UPS_ALARM_ON_BATTERY = "1.3.6.1.2.1.33.1.6.3.2"


def identify(notification: Notification) -> TrapKind | None:
    """What `notification` says; None where nothing here knows it."""
    for oid in _spellings(notification.oid):
        if oid in _KINDS:
            return _KINDS[oid]
        if oid in _UPS_ALARMS:
            described = notification.value(_UPS_ALARM_DESCR)
            return _UPS_ALARMS[oid] if described is not None and described[1] == _UPS_ALARM_ON_BATTERY else None
    return None


def _spellings(oid: str) -> tuple[str, ...]:
    """`oid`, and without its last zero: v1 puts one before the number that v2 definitions have without it."""
    head, _, last = oid.rpartition(".")
    return (oid, f"{head.removesuffix('.0')}.{last}") if head.endswith(".0") else (oid,)
