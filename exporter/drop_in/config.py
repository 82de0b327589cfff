"""The shape of snmp.yml as snmp_exporter 0.23 and later write it: `auths` and `modules`.

Owns what one entry may look like. Unknown keys are refused, as snmp_exporter does. It must not read files.
"""

from enum import StrEnum
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field, SecretStr, model_validator

from dcnet.language import Words
from exporter.drop_in.values import (
    AuthSecret,
    DropInError,
    LabelName,
    MetricName,
    NameEnding,
    Oid,
    Pattern,
    Timeout,
    Word,
)


class _Model(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, arbitrary_types_allowed=True)


class ValueType(StrEnum):
    """What an object's value, an index or a lookup is."""

    GAUGE = "gauge"
    COUNTER = "counter"
    INTEGER = "Integer"
    INTEGER32 = "Integer32"
    FLOAT = "Float"
    DOUBLE = "Double"
    OCTET_STRING = "OctetString"
    DISPLAY_STRING = "DisplayString"
    PHYS_ADDRESS = "PhysAddress48"
    IPV4 = "InetAddressIPv4"
    IPV6 = "InetAddressIPv6"
    INET_ADDRESS = "InetAddress"
    INET_ADDRESS_MISSING_SIZE = "InetAddressMissingSize"
    LLDP_PORT_ID = "LldpPortId"
    DATE_AND_TIME = "DateAndTime"
    PARSE_DATE_AND_TIME = "ParseDateAndTime"
    NTP_TIMESTAMP = "NTPTimeStamp"
    ENUM_AS_INFO = "EnumAsInfo"
    ENUM_AS_STATE_SET = "EnumAsStateSet"
    BITS = "Bits"


_NO_INDEX = frozenset(
    {
        ValueType.FLOAT,
        ValueType.DOUBLE,
        ValueType.DATE_AND_TIME,
        ValueType.PARSE_DATE_AND_TIME,
        ValueType.NTP_TIMESTAMP,
        ValueType.ENUM_AS_STATE_SET,
        ValueType.BITS,
    }
)


class SecurityLevel(StrEnum):
    """RFC 3411 section 3.4.3."""

    NONE = "noAuthNoPriv"
    AUTHENTICATED = "authNoPriv"
    PRIVATE = "authPriv"


class Auth(_Model):
    """How a device is asked: version and secrets. The defaults are snmp_exporter's."""

    version: Literal[1, 2, 3] = 2
    community: AuthSecret = SecretStr("public")
    username: Word = ""
    security_level: SecurityLevel = SecurityLevel.NONE
    password: AuthSecret = SecretStr("")
    auth_protocol: Literal["MD5", "SHA", "SHA224", "SHA256", "SHA384", "SHA512"] = "MD5"
    priv_protocol: Literal["DES", "AES", "AES192", "AES192C", "AES256", "AES256C"] = "DES"
    priv_password: AuthSecret = SecretStr("")
    context_name: Word = ""

    @model_validator(mode="after")
    def _complete(self) -> "Auth":
        level = self.security_level
        missing = [
            key
            for key, value, needed in (
                ("username", self.username, True),
                ("password", self.password.get_secret_value(), level is not SecurityLevel.NONE),
                ("priv_password", self.priv_password.get_secret_value(), level is SecurityLevel.PRIVATE),
            )
            if needed and not value
        ]
        if self.version == 3 and missing:  # noqa: PLR2004 - the protocol's own number
            keys = ", ".join(missing)
            raise DropInError(
                Words(f"SNMPv3 {level} memerlukan: {keys}", f"SNMPv3 {level} needs: {keys}"),
            )
        return self


class Index(_Model):
    """A part of a row's index, and the label that it becomes."""

    labelname: LabelName
    type: ValueType
    fixed_size: int = Field(default=0, ge=0, le=128)
    implied: bool = False
    enum_values: dict[int, Word] = {}

    @model_validator(mode="after")
    def _readable(self) -> "Index":
        if self.type in _NO_INDEX:
            raise DropInError(
                Words(f"{self.type} tidak dapat menjadi jenis indeks", f"{self.type} cannot be the type of an index")
            )
        return self


class Lookup(_Model):
    """A label whose text another column holds; without `labels` it removes the label."""

    labels: tuple[LabelName, ...] = ()
    labelname: LabelName
    oid: Oid | Literal[""] = ""
    type: ValueType | Literal[""] = ""
    display_hint: str = ""
    enum_values: dict[int, Word] = {}

    @model_validator(mode="after")
    def _has_column(self) -> "Lookup":
        if self.labels and not self.oid:
            raise DropInError(Words("lookup dengan labels memerlukan oid", "a lookup with labels needs an oid"))
        return self


class RegexExtract(_Model):
    """A number inside of text: the first pattern that matches whole, and whose `value` is a number, wins."""

    regex: Pattern
    value: Word = "$1"


class Metric(_Model):
    """An object and the metric that it becomes."""

    name: MetricName
    oid: Oid
    type: ValueType
    help: str = ""
    indexes: tuple[Index, ...] = ()
    lookups: tuple[Lookup, ...] = ()
    regex_extracts: dict[NameEnding, tuple[RegexExtract, ...]] = {}
    enum_values: dict[int, Word] = {}
    datetime_pattern: str = ""
    display_hint: str = ""
    offset: float = 0
    scale: float = 0
    """0: as it is."""


class DynamicFilter(_Model):
    """Rows to read: those whose value below `oid` matches one of `values`."""

    oid: Oid
    targets: tuple[Oid, ...] = ()
    values: tuple[Pattern, ...] = ()


class StaticFilter(_Model):
    """Rows to read: those of the given indices."""

    targets: tuple[Oid, ...] = ()
    indices: tuple[Word, ...] = ()


class Filters(_Model):
    """Both kinds, as generator.yml has them; snmp.yml holds only the dynamic ones, as a list."""

    static: tuple[StaticFilter, ...] = ()
    dynamic: tuple[DynamicFilter, ...] = ()


class Module(_Model):
    """What is asked of a device, and what becomes of the answers. The defaults are snmp_exporter's."""

    walk: tuple[Oid, ...] = ()
    get: tuple[Oid, ...] = ()
    metrics: tuple[Metric, ...] = ()
    filters: tuple[DynamicFilter, ...] | Filters = ()
    max_repetitions: int = Field(default=25, ge=0, le=2**32 - 1)
    retries: int = Field(default=3, ge=0, le=100)
    timeout: Timeout = 5.0
    use_unconnected_udp_socket: bool = False
    """Accepted; answers from another address than the one asked are not taken."""

    allow_nonincreasing_oids: bool = False

    @property
    def static_filters(self) -> tuple[StaticFilter, ...]:
        """The filters by index."""
        return self.filters.static if isinstance(self.filters, Filters) else ()

    @property
    def dynamic_filters(self) -> tuple[DynamicFilter, ...]:
        """The filters by value."""
        return self.filters.dynamic if isinstance(self.filters, Filters) else self.filters


class SnmpYaml(_Model):
    """One snmp.yml."""

    auths: dict[str, Auth] = {}
    modules: dict[str, Module] = {}
    version: int = 0
