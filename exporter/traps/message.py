"""The PDU of a notification, decoded by pysnmp and brought into one shape: its OID and its bindings.

Pure. A trap of v1 gets the OID that v2 would give it (RFC 3584 section 3.1). Owns what pysnmp's values become.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from pyasn1.codec.ber import decoder  # type: ignore[import-untyped]
from pyasn1.type.univ import ObjectIdentifier  # type: ignore[import-untyped]
from pysnmp.proto import rfc1902, rfc1905  # type: ignore[import-untyped]
from pysnmp.proto.api import v1, v2c  # type: ignore[import-untyped]

from exporter.collectors.values import Value
from exporter.traps.ber import read_head
from exporter.traps.envelope import Pdu

SNMP_TRAP_OID = "1.3.6.1.6.3.1.1.4.1.0"
GENERIC_TRAPS = "1.3.6.1.6.3.1.1.5"
"""SNMPv2-MIB::snmpTraps; coldStart is its 1, generic trap 0 of v1."""

ENTERPRISE_SPECIFIC = 6
MOST_BINDINGS = 64
"""Further bindings are left out: no notification that we know names its object so late."""

_TRAP_V1 = v1.TrapPDU()
_TRAP_V2 = v2c.SNMPv2TrapPDU()
_INFORM = v2c.InformRequestPDU()


class NotANotificationError(ValueError):
    """A PDU that is none, or a notification that breaks its rules."""


@dataclass(frozen=True, slots=True)
class Notification:
    """What a device told."""

    oid: str
    """Without leading dot."""

    bindings: tuple[tuple[str, Value], ...]
    """By OID without leading dot, in their order; sysUpTime and snmpTrapOID are left out where they lead."""

    def value(self, column: str) -> tuple[str, Value] | None:
        """The index and the value of the first binding of `column`."""
        prefix = f"{column}."
        return next(((oid[len(prefix) :], value) for oid, value in self.bindings if oid.startswith(prefix)), None)


def decode_notification(data: bytes, at: int) -> Notification:
    """The notification whose PDU stands at `at`. Raises NotANotificationError, and whatever pysnmp raises."""
    tag, _, end = read_head(data, at, len(data))
    pdu = data[at:end]
    match tag:
        case Pdu.TRAP_V1:
            found, _ = decoder.decode(pdu, asn1Spec=_TRAP_V1)
            return Notification(_oid_of_v1(found), _bindings(v1.apiTrapPDU.get_varbinds(found)))
        case Pdu.TRAP_V2 | Pdu.INFORM:
            found, _ = decoder.decode(pdu, asn1Spec=_TRAP_V2 if tag == Pdu.TRAP_V2 else _INFORM)
            return _of_v2(_bindings(v2c.apiPDU.get_varbinds(found)))
        case _:
            raise NotANotificationError(f"PDU {tag:#x}")


def _oid_of_v1(pdu: Any) -> str:
    generic = int(v1.apiTrapPDU.get_generic_trap(pdu))
    if generic != ENTERPRISE_SPECIFIC:
        return f"{GENERIC_TRAPS}.{generic + 1}"
    enterprise, specific = v1.apiTrapPDU.get_enterprise(pdu), int(v1.apiTrapPDU.get_specific_trap(pdu))
    return f"{enterprise}.0.{specific}"


def _of_v2(bindings: tuple[tuple[str, Value], ...]) -> Notification:
    # RFC 3416 section 4.2.6: sysUpTime.0 and snmpTrapOID.0 come first; some senders forget the former.
    for position, (oid, value) in enumerate(bindings[:2]):
        if oid == SNMP_TRAP_OID and isinstance(value, str):
            return Notification(value, bindings[position + 1 :])
    raise NotANotificationError("no snmpTrapOID.0 among the first two bindings")


def _bindings(found: Iterable[tuple[Any, Any]]) -> tuple[tuple[str, Value], ...]:
    return tuple((str(oid), _value(value)) for (oid, value), _ in zip(found, range(MOST_BINDINGS), strict=False))


def _value(value: Any) -> Value:
    match value:
        case rfc1902.IpAddress() | v1.IpAddress():
            return str(value.prettyPrint())
        case v1.NetworkAddress():
            return str(value.getComponent().prettyPrint())
        case ObjectIdentifier():
            return str(value)
        case rfc1902.OctetString() | rfc1902.Opaque() | v1.OctetString() | v1.Opaque():
            return bytes(value)
        case rfc1905.UnSpecified() | v1.Null():
            return None
        case _:
            return int(value)
