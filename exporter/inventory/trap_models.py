"""The inventory's settings for SNMP traps: where they are received, and what is accepted of a device."""

import re
from typing import Annotated, TypeAlias

from pydantic import AfterValidator, Field

from dcnet.language import Words
from exporter.errors import InventoryValueError
from exporter.inventory.model_base import Model
from exporter.inventory.values import Address, Name, Port

_ENGINE_ID = re.compile(r"(?:0x)?((?:[0-9A-Fa-f]{2}){5,32})")
"""SNMP-FRAMEWORK-MIB::SnmpEngineID (RFC 3411): 5 to 32 bytes."""


def check_engine_id(value: str) -> str:
    """`value` as hexadecimal digits, when it is an SNMP engine ID."""
    found = _ENGINE_ID.fullmatch(value)
    if found is None or set(found[1]) in ({"0"}, {"f"}, {"F"}):
        raise InventoryValueError(
            Words(
                f"ditemukan {value!r}, seharusnya engine ID SNMP: 5 s.d. 32 byte heksadesimal, tidak semua 00 atau ff",
                f"found {value!r}, expected an SNMP engine ID: 5 to 32 bytes in hexadecimal, not all 00 or all ff",
            )
        )
    return found[1].lower()


EngineId: TypeAlias = Annotated[str, AfterValidator(check_engine_id)]


class TrapReceiverSettings(Model):
    """Where traps are received; without this part of the inventory none are."""

    listen: Address = "0.0.0.0"  # noqa: S104 - devices are outside; what is taken of whom, the inventory limits
    port: Port = 162
    credentials: tuple[Name, ...] = ()
    """Accepted of every device, beside the one that it is polled with."""

    per_second: float = Field(default=20, gt=0, le=1000)
    """Traps of one device that are taken in the long run."""

    burst: int = Field(default=100, ge=1, le=10_000)
    """Traps of one device that are taken at once."""

    engine_id: EngineId | None = None
    """The engine ID of this receiver, which SNMPv3 informs are sent to; made of the site's name, unless given."""


class DeviceTraps(Model):
    """What is accepted of a device."""

    accepted: bool = True
    addresses: tuple[Address, ...] = ()
    """From which it sends traps, beside `address`."""

    credentials: tuple[Name, ...] = ()
    """Accepted of it, beside the one that it is polled with and those of the site."""

    engine_id: EngineId | None = None
    """The only SNMPv3 engine whose traps are accepted of it; any that proves to know the password, unless given."""
