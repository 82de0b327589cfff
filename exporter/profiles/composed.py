"""A profile ready for use: composed of its parts, its expressions compiled.

Owns the data that the engine follows, and the tables that the engine itself provides.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from exporter.metrics import MetricDefinition
from exporter.profiles.expressions import Expression
from exporter.profiles.models import Column, IndexPart, Match, States

INTERFACES = "interfaces"
ENTITY_INTERFACES = "entity_interfaces"
CHASSIS = "chassis"

PROVIDED_TABLES: Mapping[str, frozenset[str]] = {
    INTERFACES: frozenset({"name", "alias", "if_name", "description", "mac"}),
    ENTITY_INTERFACES: frozenset({"name", "alias"}),
}
"""Tables that every profile may join to. `interfaces` by ifIndex, with the labels that the interfaces collector
gives; `entity_interfaces` by entPhysicalIndex: the interface that this entity is, or is contained in."""

PROVIDED_SCALARS = frozenset({"sys_descr", "sys_object_id", "sys_name", "uptime_seconds", "wall_time"})

CHASSIS_COLUMNS: Mapping[str, str] = {
    "description": "1.3.6.1.2.1.47.1.1.1.1.2",
    "name": "1.3.6.1.2.1.47.1.1.1.1.7",
    "hardware": "1.3.6.1.2.1.47.1.1.1.1.8",
    "firmware": "1.3.6.1.2.1.47.1.1.1.1.9",
    "software": "1.3.6.1.2.1.47.1.1.1.1.10",
    "serial": "1.3.6.1.2.1.47.1.1.1.1.11",
    "manufacturer": "1.3.6.1.2.1.47.1.1.1.1.12",
    "model": "1.3.6.1.2.1.47.1.1.1.1.13",
}
"""What identity may say as `chassis.model`: ENTITY-MIB::entPhysicalTable of the chassis or stack."""

IDENTITY_LABELS = ("vendor", "model", "os", "version", "serial")


@dataclass(frozen=True, slots=True)
class ComposedJoin:
    """A join with its expressions compiled."""

    table: str
    by: tuple[Expression, ...]
    column: str | None


@dataclass(frozen=True, slots=True)
class ComposedTable:
    """A table with its joins compiled."""

    columns: Mapping[str, Column]
    index: tuple[IndexPart, ...]
    joins: Mapping[str, ComposedJoin]


@dataclass(frozen=True, slots=True)
class SampleRule:
    """One sample of each row."""

    metric: MetricDefinition
    value: Expression
    labels: tuple[Expression, ...]
    """In the metric's order."""

    where: Expression | None


@dataclass(frozen=True, slots=True)
class RowRule:
    """The samples of a table's rows, or of the scalars alone."""

    table: str | None
    where: Expression | None
    samples: tuple[SampleRule, ...]

    def expressions(self) -> tuple[Expression, ...]:
        """Every expression of the rule."""
        own = () if self.where is None else (self.where,)
        return own + tuple(
            expression
            for sample in self.samples
            for expression in (sample.value, *sample.labels, *(() if sample.where is None else (sample.where,)))
        )


@dataclass(frozen=True, slots=True)
class FirstRule:
    """Alternatives, of which the first that gives a sample is taken."""

    alternatives: tuple[tuple["ComposedRule", ...], ...]


ComposedRule = RowRule | FirstRule


@dataclass(frozen=True, slots=True)
class IdentitySource:
    """One source of a label: an expression over scalars and chassis, or over the first fitting row of a table."""

    value: Expression
    table: str | None
    where: Expression | None


@dataclass(frozen=True, slots=True)
class ComposedProfile:
    """A profile with everything that it takes over from parts."""

    name: str
    match: tuple[Match, ...]
    identity: Mapping[str, tuple[IdentitySource, ...]]
    """By label."""

    scalars: Mapping[str, Column]
    tables: Mapping[str, ComposedTable]
    states: Mapping[str, States]
    collectors: Mapping[str, tuple[ComposedRule, ...]]
