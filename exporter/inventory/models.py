"""The shape of inventory.yml: pydantic models, frozen, refusing unknown keys.

Owns what one entry may look like. What no single entry shows (unknown references, double names, cycles)
is cross_check.py's. It must not read files.
"""

from datetime import datetime
from enum import StrEnum
from typing import Annotated, Any, Literal, TypeAlias
from zoneinfo import ZoneInfo

from pydantic import AfterValidator, Field, model_validator

from dcnet.language import Words
from dcnet.secret import Secret
from exporter.errors import InventoryValueError
from exporter.inventory.collection_models import Collection, InterfaceSettings
from exporter.inventory.link_models import Link
from exporter.inventory.model_base import Model, Threshold
from exporter.inventory.ssh_models import ConfigurationSettings, SshAccess, SshCredential, SshSettings
from exporter.inventory.trap_models import DeviceTraps, TrapReceiverSettings
from exporter.inventory.values import (
    FileToCome,
    Host,
    Instant,
    Key,
    Name,
    PlannedObject,
    Port,
    Text,
    TimeZone,
    parse_instant,
)
from exporter.profiles.library import profile_names, shipped_profiles


class Site(Model):
    """The data center."""

    name: Name
    time_zone: TimeZone


class AuthProtocol(StrEnum):
    """Authentication of SNMPv3 (RFC 3414, RFC 7860)."""

    MD5 = "md5"
    SHA = "sha"
    SHA224 = "sha224"
    SHA256 = "sha256"
    SHA384 = "sha384"
    SHA512 = "sha512"


class PrivacyProtocol(StrEnum):
    """Encryption of SNMPv3 (RFC 3414, RFC 3826; 192 and 256 bits by the two drafts in use)."""

    DES = "des"
    AES128 = "aes128"
    AES192 = "aes192"
    AES256 = "aes256"
    AES192_CISCO = "aes192-cisco"
    AES256_CISCO = "aes256-cisco"


class Authentication(Model):
    """How an SNMPv3 user proves itself."""

    protocol: AuthProtocol
    password: Key


class Privacy(Model):
    """How an SNMPv3 user's messages are encrypted."""

    protocol: PrivacyProtocol
    password: Key


class CommunityCredential(Model):
    """SNMP v1 or v2c."""

    version: Literal["1", 1, "2c"]
    community: Secret
    context: str = ""
    """Asked for as `community@context`, as Cisco's agents and others take it."""


class UserCredential(Model):
    """SNMP v3, User-based Security Model (RFC 3414)."""

    version: Literal["3", 3]
    user: Text
    auth: Authentication | None = None
    privacy: Privacy | None = None
    context: str = ""
    """The context whose objects are read (RFC 3411); asked over a slower library where it is not empty."""

    @model_validator(mode="after")
    def _privacy_needs_auth(self) -> "UserCredential":
        if self.privacy is not None and self.auth is None:
            raise InventoryValueError(
                Words("privacy memerlukan auth (RFC 3414)", "privacy needs auth (RFC 3414)"),
            )
        return self


SnmpCredential: TypeAlias = Annotated[CommunityCredential | UserCredential, Field(discriminator="version")]


class Credentials(Model):
    """Named credentials, so that a secret's reference is written once."""

    snmp: dict[Name, SnmpCredential] = Field(default_factory=dict)
    ssh: dict[Name, SshCredential] = Field(default_factory=dict)


class DeviceThreshold(Threshold):
    """An override for a device, or for one of its interfaces."""

    interface: Text | None = None


def _check_profile(name: str) -> str:
    known = profile_names()
    if name in known:
        return name
    listed = ", ".join(sorted(known))
    raise InventoryValueError(
        Words(f"ditemukan {name!r}, seharusnya salah satu dari {listed}", f"found {name!r}, expected one of {listed}")
    )


def _check_collector(name: str) -> str:
    known = {"interfaces"}.union(*(profile.collectors for profile in shipped_profiles().profiles.values()))
    if name in known:
        return name
    listed = ", ".join(sorted(known))
    raise InventoryValueError(
        Words(f"ditemukan {name!r}, seharusnya salah satu dari {listed}", f"found {name!r}, expected one of {listed}")
    )


ProfileName: TypeAlias = Annotated[str, AfterValidator(_check_profile)]
CollectorName: TypeAlias = Annotated[str, AfterValidator(_check_collector)]


class SnmpAccess(Model):
    """How a device is asked over SNMP."""

    credential: Name
    port: Port = 161
    timeout_seconds: float = Field(default=2, gt=0, le=60)
    retries: int = Field(default=2, ge=0, le=10)
    requests_at_once: int = Field(default=2, ge=1, le=16)
    """Requests under way at once to this device."""

    bulk_size: int = Field(default=25, ge=1, le=200)
    """Values asked for in one GETBULK at first."""

    profile: ProfileName | None = None
    """The profile to use in place of the one that sysObjectID and sysDescr choose."""

    collectors: tuple[CollectorName, ...] = ()
    """Collectors to run beside `system`; all, where none are named."""


class Device(Model):
    """A device of the data center."""

    name: Name
    address: Host
    role: Name
    parent: Name | None = None
    """The device through which this one is reached."""

    snmp: SnmpAccess | None = None
    ssh: SshAccess | None = None
    traps: DeviceTraps = DeviceTraps()
    interfaces: InterfaceSettings = InterfaceSettings()
    thresholds: tuple[DeviceThreshold, ...] = ()


class PlannedWork(Model):
    """A window in which the objects may be disturbed: start is included, end is not."""

    name: Name
    objects: tuple[PlannedObject, ...] = Field(min_length=1)
    start: Instant
    end: Instant
    reason: Text


class Inventory(Model):
    """Everything that should be there."""

    site: Site
    credentials: Credentials = Credentials()
    thresholds: tuple[Threshold, ...] = ()
    """Overrides for the whole site."""

    collection: Collection = Collection()
    traps: TrapReceiverSettings | None = None
    """Where SNMP traps are received."""

    interfaces: InterfaceSettings = InterfaceSettings()
    """Which interfaces are wanted, for the whole site."""

    ssh: SshSettings = SshSettings()
    configuration: ConfigurationSettings = ConfigurationSettings()
    devices: tuple[Device, ...] = ()
    links: tuple[Link, ...] = ()
    planned_work: tuple[PlannedWork, ...] = ()
    textfiles: tuple[FileToCome, ...] = ()
    """Files in Prometheus' text format that other programs write, such as sopctl; published on `/metrics`."""

    @model_validator(mode="before")
    @classmethod
    def _located_defaults(cls, document: Any) -> Any:
        """Defaults of `ssh` start at the inventory's folder, which only validation knows."""
        return {"ssh": {}, **document} if isinstance(document, dict) else document

    def device(self, name: str) -> Device | None:
        """The device of that name."""
        return next((device for device in self.devices if device.name == name), None)

    def open_windows(self, now: datetime) -> tuple[PlannedWork, ...]:
        """Planned work whose window is open at `now` (an instant with a zone)."""
        zone = ZoneInfo(self.site.time_zone)

        def instant(value: datetime) -> datetime:
            return parse_instant(value, zone) or value

        return tuple(work for work in self.planned_work if instant(work.start) <= now < instant(work.end))
