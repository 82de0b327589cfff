"""The shape of an internet link in inventory.yml: what was promised, and the probes that measure it."""

from typing import Annotated, Literal, TypeAlias
from urllib.parse import urlsplit

from pydantic import Field, model_validator

from dcnet.language import Words
from exporter.errors import InventoryValueError
from exporter.inventory.model_base import Model, Threshold
from exporter.inventory.values import (
    Address,
    ExistingFile,
    Host,
    InterfaceName,
    Name,
    Percent,
    Port,
    Text,
    Url,
)
from exporter.pattern import Pattern

IpVersion: TypeAlias = Literal[4, 6]


class Contract(Model):
    """What the provider promised."""

    bandwidth_mbps: float | None = Field(default=None, gt=0, allow_inf_nan=False)
    availability_percent: Percent | None = None
    latency_ms: float | None = Field(default=None, gt=0, allow_inf_nan=False)
    loss_percent: Percent | None = None


class _Probe(Model):
    name: Name
    ip_version: IpVersion | None = None
    """Which kind of address a name is resolved to; absent: the source address's, else whichever it has, IPv4 first."""


class EchoProbe(_Probe):
    """ICMP echo requests, evenly paced (RFC 792, RFC 4443)."""

    kind: Literal["icmp"]
    target: Host
    interval_seconds: float = Field(default=1, ge=0.1, le=60)
    timeout_seconds: float = Field(default=1, gt=0, le=10)
    payload_bytes: int = Field(default=56, ge=8, le=65_000)
    """Bytes after the ICMP header of 8 bytes."""

    dscp: int = Field(default=0, ge=0, le=63)
    """The Differentiated Services code point (RFC 2474) that the requests carry."""

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
    transport: Literal["udp", "tcp"] = "udp"
    """UDP goes on to TCP where the answer was cut (RFC 7766)."""

    rcode: Literal["NOERROR", "NXDOMAIN", "SERVFAIL", "REFUSED"] = "NOERROR"
    expect: tuple[Text, ...] = ()
    """Answers that must all be among those given; empty: any answer. Only NOERROR has answers."""

    interval_seconds: float = Field(default=30, ge=1, le=3600)
    timeout_seconds: float = Field(default=5, gt=0, le=60)

    @property
    def label(self) -> str:
        """The probe's `target` label."""
        return f"{self.query}@{self.server}"

    @property
    def round_seconds(self) -> float:
        """The longest that a round may take."""
        return self.timeout_seconds

    @model_validator(mode="after")
    def _answers_need_noerror(self) -> "DnsProbe":
        if self.expect and self.rcode != "NOERROR":
            raise InventoryValueError(
                Words(
                    f"expect hanya untuk rcode NOERROR; {self.rcode} tidak membawa jawaban",
                    f"expect goes with rcode NOERROR only; {self.rcode} carries no answers",
                )
            )
        return self


class HttpProbe(_Probe):
    """A GET over HTTP/1.1 (RFC 9112)."""

    kind: Literal["http"]
    url: Url
    status: tuple[Annotated[int, Field(ge=100, le=599)], ...] = Field(default=(200,), min_length=1)
    redirects: int = Field(default=0, ge=0, le=10)
    """How many redirects are followed; the answer after the last one is judged."""

    body_pattern: Pattern | None = None
    """A regular expression that must match somewhere in the first MiB of the body."""

    ca_file: ExistingFile | None = None
    """Certificates to trust in place of the system's."""

    interval_seconds: float = Field(default=30, ge=1, le=3600)
    timeout_seconds: float = Field(default=10, gt=0, le=60)

    @property
    def label(self) -> str:
        """The probe's `target` label: the URL without its query, which may hold more than a label should."""
        return label_of_url(self.url)

    @property
    def round_seconds(self) -> float:
        """The longest that a round may take."""
        return self.timeout_seconds


class _ConnectProbe(_Probe):
    target: Host
    port: Port
    interval_seconds: float = Field(default=30, ge=1, le=3600)
    timeout_seconds: float = Field(default=5, gt=0, le=60)

    @property
    def label(self) -> str:
        """The probe's `target` label."""
        return f"[{self.target}]:{self.port}" if ":" in self.target else f"{self.target}:{self.port}"

    @property
    def round_seconds(self) -> float:
        """The longest that a round may take."""
        return self.timeout_seconds


class TcpProbe(_ConnectProbe):
    """A TCP connection, opened and closed (RFC 9293)."""

    kind: Literal["tcp"]


class TlsProbe(_ConnectProbe):
    """A TLS session (RFC 8446, RFC 5246) whose certificate is verified."""

    kind: Literal["tls"]
    port: Port = 443
    server_name: Host | None = None
    """The name that is asked for and that the certificate must hold; absent: `target`."""

    ca_file: ExistingFile | None = None
    """Certificates to trust in place of the system's."""


class PathProbe(_Probe):
    """The way to a target: its hops, and the largest packet that passes unfragmented (RFC 1191, RFC 8201)."""

    kind: Literal["path"]
    target: Host
    most_hops: int = Field(default=30, ge=1, le=64)
    interval_seconds: float = Field(default=300, ge=10, le=86_400)
    timeout_seconds: float = Field(default=1, gt=0, le=5)
    """How long the answer of one hop is waited for."""

    @property
    def label(self) -> str:
        """The probe's `target` label."""
        return self.target

    @property
    def round_seconds(self) -> float:
        """The longest that a round may take: every hop silent, and every size tried."""
        return self.timeout_seconds * (self.most_hops + 40) + 5


class ThroughputProbe(_Probe):
    """A download of bounded size, seldom. There is none unless the inventory asks for it."""

    kind: Literal["throughput"]
    url: Url
    most_bytes: int = Field(default=10_000_000, ge=10_000, le=1_000_000_000)
    most_seconds: float = Field(default=10, gt=0, le=60)
    ca_file: ExistingFile | None = None
    interval_seconds: float = Field(default=3600, ge=3600, le=604_800)
    timeout_seconds: float = Field(default=10, gt=0, le=60)
    """How long the first byte is waited for."""

    @property
    def label(self) -> str:
        """The probe's `target` label: the URL without its query."""
        return label_of_url(self.url)

    @property
    def round_seconds(self) -> float:
        """The longest that a round may take."""
        return self.timeout_seconds + self.most_seconds + 1


PeriodicProbe: TypeAlias = DnsProbe | HttpProbe | TcpProbe | TlsProbe | PathProbe | ThroughputProbe
Probe: TypeAlias = Annotated[EchoProbe | PeriodicProbe, Field(discriminator="kind")]


class Link(Model):
    """An internet link."""

    name: Name
    provider: Text
    circuit: Text
    device: Name
    interface: Text
    source_address: Address | None = None
    """Probes leave from this address of the exporter's host, so that policy routing takes them over this link."""

    source_interface: InterfaceName | None = None
    """Probes leave by this interface of the exporter's host, whatever the routes say (SO_BINDTODEVICE)."""

    contract: Contract = Contract()
    thresholds: tuple[Threshold, ...] = ()
    probes: tuple[Probe, ...] = ()

    @model_validator(mode="after")
    def _one_ip_version(self) -> "Link":
        if self.source_address is None:
            return self
        version = 6 if ":" in self.source_address else 4
        other = next((p.name for p in self.probes if p.ip_version not in (None, version)), None)
        if other is not None:
            raise InventoryValueError(
                Words(
                    f"probe {other}: ip_version bertentangan dengan source_address {self.source_address}",
                    f"probe {other}: ip_version contradicts source_address {self.source_address}",
                )
            )
        return self


def label_of_url(url: str) -> str:
    """`url` without query and fragment, which may hold more than a label should."""
    return urlsplit(url)._replace(query="", fragment="").geturl()
