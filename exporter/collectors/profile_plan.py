"""Which columns each rule of a profile needs, worked out once a profile. Pure."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import TypeAlias

from exporter.collectors.provided_tables import columns_of
from exporter.profiles.composed import (
    PROVIDED_TABLES,
    ComposedProfile,
    ComposedRule,
    FirstRule,
    IdentitySource,
    RowRule,
)
from exporter.profiles.expressions import Expression


@dataclass(frozen=True, slots=True)
class Needs:
    """What expressions over one table refer to."""

    columns: frozenset[str]
    """Columns of the table itself, by name."""

    own: tuple[str, ...]
    """Their OIDs, in the table's order."""

    joined: tuple[str, ...]
    """OIDs of columns of other tables."""

    scalars: tuple[str, ...]
    """OIDs of scalars."""

    @property
    def every(self) -> frozenset[str]:
        """All OIDs."""
        return frozenset((*self.own, *self.joined, *self.scalars))


@dataclass(frozen=True, slots=True)
class PlannedRule:
    """A rule with what it needs."""

    rule: RowRule
    needs: Needs
    naming: frozenset[str]
    """OIDs without which rows would be taken for others: those of `where` and of all labels."""


@dataclass(frozen=True, slots=True)
class PlannedFirst:
    """Alternatives, planned."""

    alternatives: tuple[tuple["Planned", ...], ...]


Planned: TypeAlias = PlannedRule | PlannedFirst


@dataclass(frozen=True, slots=True)
class ProfilePlan:
    """A profile with the needs of each of its rules."""

    profile: ComposedProfile
    collectors: Mapping[str, tuple[Planned, ...]]


def plan_profile(profile: ComposedProfile) -> ProfilePlan:
    """The plan of every collector of `profile`."""
    return ProfilePlan(
        profile,
        {name: tuple(_plan(profile, rule) for rule in rules) for name, rules in profile.collectors.items()},
    )


def needs_of_source(profile: ComposedProfile, source: IdentitySource) -> Needs:
    """What a source of identity needs."""
    expressions = (source.value,) if source.where is None else (source.value, source.where)
    return needs_of(profile, source.table, expressions)


def needs_of(profile: ComposedProfile, table: str | None, expressions: Iterable[Expression]) -> Needs:
    """What `expressions` over the rows of `table` need, through joins of joins."""
    names: set[str] = set()
    joined: set[str] = set()
    scalars: set[str] = set()
    shape = profile.tables.get(table) if table is not None else None
    waiting = list(expressions)
    followed: set[str] = set()
    provided: dict[str, set[str]] = {}
    while waiting:
        expression = waiting.pop()
        for name in expression.names:
            if shape is not None and name in shape.columns:
                names.add(name)
            elif name in profile.scalars:
                scalars.add(profile.scalars[name].oid)
        for join, column in expression.joins:
            if shape is None:
                break
            rule = shape.joins[join]
            if join not in followed:
                followed.add(join)
                waiting += rule.by
            for wanted in (column, rule.column):
                if rule.table in PROVIDED_TABLES:
                    provided.setdefault(rule.table, set()).update(() if wanted is None else (wanted,))
                elif wanted is not None:
                    others = profile.tables[rule.table].columns
                    # A part of the index is seen by any column.
                    joined.add((others.get(wanted) or next(iter(others.values()))).oid)
    for other, columns in provided.items():
        joined.update(columns_of(other, frozenset(columns)))
    if shape is not None and not names:
        # A rule over index parts alone still needs a column to see the rows by.
        names.add(next(iter(shape.columns)))
    own = tuple(column.oid for name, column in shape.columns.items() if name in names) if shape is not None else ()
    return Needs(frozenset(names), own, tuple(sorted(joined)), tuple(sorted(scalars)))


def _plan(profile: ComposedProfile, rule: ComposedRule) -> Planned:
    if isinstance(rule, FirstRule):
        return PlannedFirst(
            tuple(tuple(_plan(profile, one) for one in alternative) for alternative in rule.alternatives)
        )
    naming = [
        expression
        for sample in rule.samples
        for expression in (*sample.labels, *(() if sample.where is None else (sample.where,)))
    ]
    if rule.where is not None:
        naming.append(rule.where)
    needed_for_names = needs_of(profile, rule.table, naming).every if naming else frozenset()
    return PlannedRule(rule, needs_of(profile, rule.table, rule.expressions()), needed_for_names)
