"""The shape of a profile: pydantic models, frozen, refusing unknown keys. docs/profiles.md explains each key.

Owns what one file may look like. Whether its names, labels and expressions fit together is check.py's.
"""

from collections.abc import Mapping
from enum import StrEnum
from typing import Annotated, Any, TypeAlias

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, StringConstraints, model_validator

from dcnet.language import Words
from exporter.errors import ProfileValueError
from exporter.pattern import Pattern

Key: TypeAlias = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9_]*$")]
"""A name that expressions may use."""

Oid: TypeAlias = Annotated[str, StringConstraints(pattern=r"^[0-2](\.\d+)+$")]


def _expression(value: Any) -> Any:
    return str(value) if isinstance(value, int | float) and not isinstance(value, bool) else value


Source: TypeAlias = Annotated[str, StringConstraints(min_length=1), BeforeValidator(_expression)]
"""An expression; see expressions.py."""

Place: TypeAlias = Annotated[str, StringConstraints(pattern=r"^[a-z0-9_]+(/[a-z0-9_]+)?$")]
"""A profile or a part, by its path below the folder of profiles, without `.yml`."""


class Model(BaseModel):
    """The base of everything in a profile."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class Reading(StrEnum):
    """What a column's values are read as."""

    AUTO = "auto"
    """Numbers as numbers, everything else as text."""

    NUMBER = "number"
    """Numbers; of a text, the number it starts with: `27.5 C` is 27.5."""

    TEXT = "text"
    MAC = "mac"
    """A physical address, aa:bb:cc:dd:ee:ff."""

    IP = "ip"
    """IpAddress, or InetAddress of 4, 8, 16 or 20 bytes."""

    HEX = "hex"
    TIMESTAMP = "timestamp"
    """SNMPv2-TC::DateAndTime, as Unix time in seconds."""


class IndexKind(StrEnum):
    """What a part of a row's index is."""

    INTEGER = "integer"
    STRING = "string"
    """Length, then that many characters."""

    IMPLIED = "implied"
    """Characters up to the end of the index (IMPLIED)."""

    IP = "ip"
    """IpAddress: four numbers."""

    INET = "inet"
    """InetAddressType, length, InetAddress."""

    INET_UNSIZED = "inet_unsized"
    """InetAddressType and an InetAddress without its length, as some Juniper tables have it."""

    ADDRESS = "address"
    """Length, then an IPv4 or IPv6 address of that many bytes."""

    MAC = "mac"
    """Six numbers."""

    REST = "rest"
    """All that is left, as dotted numbers."""


def _column(value: Any) -> Any:
    return {"oid": value} if isinstance(value, str) else value


def _index_part(value: Any) -> Any:
    if isinstance(value, str):
        return {"name": value}
    if isinstance(value, Mapping) and len(value) == 1:
        [(name, kind)] = value.items()
        return {"name": name, "kind": kind}
    return value


def _several(value: Any) -> Any:
    return [value] if isinstance(value, str | Mapping) else value


class Column(Model):
    """A column of a table, or a scalar: where it is and how it is read. A bare OID is a column read as `auto`."""

    oid: Oid
    reading: Reading = Field(default=Reading.AUTO, alias="as")
    skip: tuple[int | float | str, ...] = ()
    """Values by which the agent says that it has none: 2147483647, -1, `n/a`."""


class IndexPart(Model):
    """A named part of a row's index. A bare name is an integer."""

    name: Key
    kind: IndexKind = IndexKind.INTEGER


class Join(Model):
    """The row of another table that belongs to this row."""

    table: Key
    by: Annotated[tuple[Source, ...], BeforeValidator(_several)] = Field(min_length=1)
    """Expressions over this row: the other row's index, part by part; or, with `column`, one value."""

    column: Key | None = None
    """Find the other row by this column's value in place of its index."""


class Table(Model):
    """Columns that share an index."""

    columns: dict[Key, Annotated[Column, BeforeValidator(_column)]] = Field(min_length=1)
    index: tuple[Annotated[IndexPart, BeforeValidator(_index_part)], ...] = ()
    """The parts of the index, in order; the whole is always `index`, as dotted numbers."""

    joins: dict[Key, Join] = {}


class States(Model):
    """An enumeration of states: the vendor's words, and which of them are good."""

    healthy: dict[int, str] = {}
    unhealthy: dict[int, str] = {}
    neither: dict[int, str] = {}
    """States that judge nothing, such as notPresent: they have a word and no health."""


class MetricRule(Model):
    """One sample a row."""

    metric: str
    value: Source
    labels: dict[str, Source] = {}
    """Over the rule's own labels."""

    where: Source | None = None


class ComponentRule(Model):
    """Short for dcnet_component_healthy and dcnet_component_info of each row."""

    kind: Source
    """An expression: `'fan'`."""

    name: Source
    state: Source
    """An expression whose number is looked up in `states`."""

    states: Key


class PoolRule(Model):
    """Short for used, size and usage of a memory pool or a volume: what is not given is worked out."""

    name: Source
    used: Source | None = None
    free: Source | None = None
    size: Source | None = None
    usage: Source | None = None
    """A ratio, 0 to 1."""


class Rule(Model):
    """How the rows of a table (or the scalars alone) become samples."""

    table: Key | None = None
    where: Source | None = None
    """Rows for which this does not hold are left out."""

    labels: dict[str, Source] = {}
    metrics: tuple[MetricRule, ...] = ()
    component: ComponentRule | None = None
    memory: PoolRule | None = None
    storage: PoolRule | None = None
    first: tuple[Annotated[tuple["Rule", ...], BeforeValidator(_several)], ...] = ()
    """Alternatives in order: the first that gives a sample is taken, the rest are not asked for."""

    @model_validator(mode="after")
    def _alternatives_or_samples(self) -> "Rule":
        own = (self.table, self.where, self.component, self.memory, self.storage)
        has_own = bool(self.labels or self.metrics) or any(part is not None for part in own)
        if bool(self.first) and has_own:
            raise ProfileValueError(
                Words(
                    "first berdiri sendiri; pindahkan kunci lain ke dalam alternatifnya",
                    "first stands alone; move the other keys into its alternatives",
                )
            )
        if not self.first and not (self.metrics or self.component or self.memory or self.storage):
            raise ProfileValueError(
                Words(
                    "isi metrics, component, memory, storage, atau first",
                    "give metrics, component, memory, storage or first",
                )
            )
        return self


class RowSource(Model):
    """The value of the first row of a table for which `where` holds."""

    table: Key
    value: Source
    where: Source | None = None


class TextSource(Model):
    """A fixed text."""

    text: str


IdentitySources: TypeAlias = Annotated[tuple[Source | RowSource | TextSource, ...], BeforeValidator(_several)]
"""Sources of a label, in order: the first that gives a text is taken."""


class Identity(Model):
    """Where the labels of dcnet_device_info come from."""

    vendor: IdentitySources = ()
    model: IdentitySources = ()
    os: IdentitySources = ()
    version: IdentitySources = ()
    serial: IdentitySources = ()


class Match(Model):
    """When a profile is chosen: all that is given must hold."""

    object_id: Oid
    """sysObjectID is this, or lies below it; of several profiles the longest wins."""

    description: Pattern | None = None
    """A regular expression found somewhere in sysDescr; breaks ties of equal length."""


def _include(value: Any) -> Any:
    return {"from": value} if isinstance(value, str) else value


class Include(Model):
    """Another file whose content this one takes over."""

    place: Place = Field(alias="from")
    only: tuple[Key, ...] = ()
    """Collectors to take; all, where none are named. Tables, scalars, states and identity always come along."""

    without: tuple[Key, ...] = ()
    """Collectors to leave."""

    @model_validator(mode="after")
    def _one_of_both(self) -> "Include":
        if self.only and self.without:
            raise ProfileValueError(
                Words("isi only atau without, bukan keduanya", "give only or without, not both"),
            )
        return self


class Profile(Model):
    """One file: a profile, or (below parts/) a part that profiles share."""

    match: tuple[Match, ...] = ()
    include: tuple[Annotated[Include, BeforeValidator(_include)], ...] = ()
    identity: Identity = Identity()
    scalars: dict[Key, Annotated[Column, BeforeValidator(_column)]] = {}
    tables: dict[Key, Table] = {}
    states: dict[Key, States] = {}
    collectors: dict[Key, tuple[Rule, ...]] = {}
