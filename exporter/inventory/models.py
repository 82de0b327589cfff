"""The shape of inventory.yml: pydantic models, frozen, refusing unknown keys.

Owns what one entry may look like. What no single entry shows (unknown references, double names, cycles)
is cross_check.py's. It must not read files.
"""

from datetime import datetime
from enum import StrEnum
from typing import Annotated, Literal, TypeAlias
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo

from pydantic import BaseModel, ConfigDict, Field, field_validator, model_validator

from dcnet.language import Words
from dcnet.secret import Secret
from exporter.errors import InventoryValueError
from exporter.inventory.values import (
    Address,
    ExistingFile,
    Host,
    Instant,
    Key,
    Limit,
    Name,
    Pattern,
    Percent,
    Port,
    Text,
    TimeZone,
    Url,
    parse_instant,
)


class _Model(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Site(_Model):
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


class Authentication(_Model):
    """How an SNMPv3 user proves itself."""

    protocol: AuthProtocol
    password: Key


class Privacy(_Model):
    """How an SNMPv3 user's messages are encrypted."""

    protocol: PrivacyProtocol
    password: Key


class CommunityCredential(_Model):
    """SNMP v2c."""

    version: Literal["2c"]
    community: Secret


class UserCredential(_Model):
    """SNMP v3, User-based Security Model (RFC 3414)."""

    version: Literal["3", 3]
    user: Text
    auth: Authentication | None = None
    privacy: Privacy | None = None
    context: str = ""

    @field_validator("context")
    @classmethod
    def _only_default_context(cls, value: str) -> str:
        if value:
            raise InventoryValueError(
                Words(
                    "konteks SNMPv3 selain konteks bawaan belum didukung; kosongkan",
                    "SNMPv3 contexts other than the default one are not supported yet; leave it empty",
                )
            )
        return value

    @model_validator(mode="after")
    def _privacy_needs_auth(self) -> "UserCredential":
        if self.privacy is not None and self.auth is None:
            raise InventoryValueError(
                Words("privacy memerlukan auth (RFC 3414)", "privacy needs auth (RFC 3414)"),
            )
        return self


SnmpCredential: TypeAlias = Annotated[CommunityCredential | UserCredential, Field(discriminator="version")]


class SshCredential(_Model):
    """A user of SSH with a password or a key file."""

    user: Text
    password: Secret | None = None
    key_file: ExistingFile | None = None

    @model_validator(mode="after")
    def _one_of_both(self) -> "SshCredential":
        if (self.password is None) == (self.key_file is None):
            raise InventoryValueError(
                Words("isi salah satu: password atau key_file", "give one of the two: password or key_file")
            )
        return self


class Credentials(_Model):
    """Named credentials, so that a secret's reference is written once."""

    snmp: dict[Name, SnmpCredential] = {}
    ssh: dict[Name, SshCredential] = {}


class Threshold(_Model):
    """An override of an indicator's limits, in the indicator's unit."""

    indicator: str
    warning: Limit | None = None
    critical: Limit | None = None
    month_warning: Limit | None = None
    """Limits of the month's value, where they are to differ from what applies otherwise."""

    month_critical: Limit | None = None

    @model_validator(mode="after")
    def _some_limit(self) -> "Threshold":
        if {self.warning, self.critical, self.month_warning, self.month_critical} == {None}:
            raise InventoryValueError(
                Words(
                    "isi sedikitnya satu dari warning, critical, month_warning, month_critical",
                    "give at least one of warning, critical, month_warning, month_critical",
                ),
            )
        return self


class DeviceThreshold(Threshold):
    """An override for a device, or for one of its interfaces."""

    interface: Text | None = None


class SnmpAccess(_Model):
    """How a device is asked over SNMP."""

    credential: Name
    port: Port = 161
    timeout_seconds: float = Field(default=2, gt=0, le=60)
    retries: int = Field(default=2, ge=0, le=10)


class SshAccess(_Model):
    """How a device is asked over SSH."""

    credential: Name
    port: Port = 22
    platform: Text


class Device(_Model):
    """A device of the data center."""

    name: Name
    address: Host
    role: Name
    parent: Name | None = None
    """The device through which this one is reached."""

    snmp: SnmpAccess | None = None
    ssh: SshAccess | None = None
    thresholds: tuple[DeviceThreshold, ...] = ()


class Contract(_Model):
    """What the provider promised."""

    bandwidth_mbps: float | None = Field(default=None, gt=0, allow_inf_nan=False)
    availability_percent: Percent | None = None
    latency_ms: float | None = Field(default=None, gt=0, allow_inf_nan=False)
    loss_percent: Percent | None = None


class _Probe(_Model):
    name: Name


class EchoProbe(_Probe):
    """ICMP echo requests, evenly paced (RFC 792, RFC 4443)."""

    kind: Literal["icmp"]
    target: Host
    interval_seconds: float = Field(default=1, ge=0.1, le=3600)
    timeout_seconds: float = Field(default=1, gt=0, le=10)

    @property
    def label(self) -> str:
        """The probe's `target` label."""
        return self.target


class DnsProbe(_Probe):
    """A query to one DNS server (RFC 1035)."""

    kind: Literal["dns"]
    server: Address
    port: Port = 53
    query: Host
    record: Literal["A", "AAAA", "CNAME", "MX", "NS", "PTR", "SOA", "SRV", "TXT"] = "A"
    expect: tuple[Text, ...] = ()
    """Answers that must all be among those given; empty: any answer."""

    interval_seconds: float = Field(default=30, ge=1, le=3600)
    timeout_seconds: float = Field(default=5, gt=0, le=60)

    @property
    def label(self) -> str:
        """The probe's `target` label."""
        return f"{self.query}@{self.server}"


class HttpProbe(_Probe):
    """A GET over HTTP/1.1 (RFC 9112)."""

    kind: Literal["http"]
    url: Url
    status: tuple[Annotated[int, Field(ge=100, le=599)], ...] = Field(default=(200,), min_length=1)
    body_pattern: Pattern | None = None
    """A regular expression that must match somewhere in the first MiB of the body."""

    ca_file: ExistingFile | None = None
    """Certificates to trust in place of the system's."""

    interval_seconds: float = Field(default=30, ge=1, le=3600)
    timeout_seconds: float = Field(default=10, gt=0, le=60)

    @property
    def label(self) -> str:
        """The probe's `target` label: the URL without its query, which may hold more than a label should."""
        return urlsplit(self.url)._replace(query="", fragment="").geturl()


Probe: TypeAlias = Annotated[EchoProbe | DnsProbe | HttpProbe, Field(discriminator="kind")]


class Link(_Model):
    """An internet link."""

    name: Name
    provider: Text
    circuit: Text
    device: Name
    interface: Text
    source_address: Address | None = None
    """Probes leave from this address, so that policy routing takes them over this link."""

    contract: Contract = Contract()
    thresholds: tuple[Threshold, ...] = ()
    probes: tuple[Probe, ...] = ()


class PlannedWork(_Model):
    """A window in which the objects may be disturbed: start is included, end is not."""

    name: Name
    objects: tuple[Name, ...] = Field(min_length=1)
    start: Instant
    end: Instant
    reason: Text


class Inventory(_Model):
    """Everything that should be there."""

    site: Site
    credentials: Credentials = Credentials()
    thresholds: tuple[Threshold, ...] = ()
    """Overrides for the whole site."""

    devices: tuple[Device, ...] = ()
    links: tuple[Link, ...] = ()
    planned_work: tuple[PlannedWork, ...] = ()

    def device(self, name: str) -> Device | None:
        """The device of that name."""
        return next((device for device in self.devices if device.name == name), None)

    def open_windows(self, now: datetime) -> tuple[PlannedWork, ...]:
        """Planned work whose window is open at `now` (an instant with a zone)."""
        zone = ZoneInfo(self.site.time_zone)

        def instant(value: datetime) -> datetime:
            return parse_instant(value, zone) or value

        return tuple(work for work in self.planned_work if instant(work.start) <= now < instant(work.end))
