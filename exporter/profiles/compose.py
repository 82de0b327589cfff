"""Puts a profile together with its parts and checks that names, labels and expressions fit.

Owns what one file's shape does not show. Every mistake is noted with its place in the document; the rest goes on.
"""

from collections.abc import Callable, Iterable, Mapping
from typing import TypeVar

from dcnet.language import Words
from dcnet.located_yaml import KeyPath
from exporter.errors import ProfileValueError
from exporter.metrics import BY_NAME
from exporter.profiles.composed import (
    CHASSIS,
    CHASSIS_COLUMNS,
    IDENTITY_LABELS,
    PROVIDED_SCALARS,
    PROVIDED_TABLES,
    ComposedJoin,
    ComposedProfile,
    ComposedRule,
    ComposedTable,
    FirstRule,
    IdentitySource,
    RowRule,
    SampleRule,
)
from exporter.profiles.expressions import Expression, compile_expression
from exporter.profiles.models import MetricRule, Profile, RowSource, Rule, Table, TextSource
from exporter.profiles.shorthands import expand_shorthands

Note = Callable[[KeyPath, Words], None]
Entry = TypeVar("Entry")
_NEVER = compile_expression("0")


def compose_profile(
    name: str, profile: Profile, included: Mapping[int, ComposedProfile], note: Note
) -> ComposedProfile:
    """`profile` with its parts; `included` by position in `include`, parts that could not be read left out."""
    parts = list(included.items())
    scalars = _merge("scalars", [(at, part.scalars) for at, part in parts], profile.scalars, note)
    states = _merge("states", [(at, part.states) for at, part in parts], profile.states, note)
    shapes = _Shapes(
        dict(PROVIDED_TABLES)
        | {key: _names_of(table) for _, part in parts for key, table in part.tables.items()}
        | {key: _names_of(table) for key, table in profile.tables.items()},
        frozenset({*scalars, *PROVIDED_SCALARS}),
        frozenset(states),
    )
    compiler = _Compiler(shapes, note)
    own_tables = {key: compiler.table(("tables", key), table) for key, table in profile.tables.items()}
    tables = _merge("tables", [(at, part.tables) for at, part in parts], own_tables, note)
    compiler.tables = tables
    collectors: dict[str, tuple[ComposedRule, ...]] = {}
    for at, part in parts:
        for collector in _taken(profile, at, part, note):
            taken = collectors.get(collector, ())
            # A part that comes along twice gives its rules once.
            new = tuple(rule for rule in part.collectors[collector] if not any(rule is other for other in taken))
            collectors[collector] = taken + new
    for collector, rules in profile.collectors.items():
        if collector in _RESERVED:
            note(("collectors", collector), Words("nama ini milik exporter", "this name belongs to the exporter"))
        own = compiler.rules(("collectors", collector), rules)
        collectors[collector] = collectors.get(collector, ()) + own
    identity: dict[str, tuple[IdentitySource, ...]] = {}
    for label in IDENTITY_LABELS:
        sources = compiler.identity(label, getattr(profile.identity, label))
        # Later parts and the profile itself come before: what is more particular is asked first.
        identity[label] = sources + tuple(s for _, part in reversed(parts) for s in part.identity[label])
    return ComposedProfile(name, profile.match, identity, scalars, tables, states, collectors)


def _names_of(table: Table | ComposedTable) -> frozenset[str]:
    """What a row of `table` may be asked for."""
    return frozenset({*table.columns, "index", *(part.name for part in table.index)})


_RESERVED = frozenset({"system", "interfaces", "ssh"})


def _taken(profile: Profile, at: int, part: ComposedProfile, note: Note) -> list[str]:
    """The collectors that the include at position `at` takes over."""
    include = profile.include[at]
    for key in ("only", "without"):
        for number, collector in enumerate(getattr(include, key)):
            if collector not in part.collectors:
                known = ", ".join(part.collectors)
                words = Words(
                    f"{include.place} tidak punya kolektor {collector!r}; yang ada: {known}",
                    f"{include.place} has no collector {collector!r}; it has: {known}",
                )
                note(("include", at, key, number), words)
    return [
        name for name in part.collectors if (name in include.only or not include.only) and name not in include.without
    ]


def _merge(
    section: str, parts: Iterable[tuple[int, Mapping[str, Entry]]], own: Mapping[str, Entry], note: Note
) -> dict[str, Entry]:
    """The entries of all parts, the profile's own in their place; two parts must not mean different things."""
    merged: dict[str, Entry] = {}
    for at, entries in parts:
        for key, entry in entries.items():
            if key in merged and merged[key] != entry and key not in own:
                words = Words(
                    f"{section}.{key} di sini lain daripada di bagian sebelumnya; ganti salah satu namanya",
                    f"{section}.{key} differs here from an earlier part's; rename one of them",
                )
                note(("include", at), words)
            merged[key] = entry
    return merged | dict(own)


class _Shapes:
    """Which names exist."""

    def __init__(self, tables: Mapping[str, frozenset[str]], scalars: frozenset[str], states: frozenset[str]) -> None:
        self.tables = tables
        self.scalars = scalars
        self.states = states


class _Compiler:
    """Compiles expressions and holds them against the names that exist."""

    def __init__(self, shapes: _Shapes, note: Note) -> None:
        self._shapes = shapes
        self._note = note
        self.tables: Mapping[str, ComposedTable] = {}

    def table(self, path: KeyPath, table: Table) -> ComposedTable:
        """A table whose joins' expressions are compiled; a join may use the joins before it."""
        own = _names_of(table)
        joins: dict[str, ComposedJoin] = {}
        for key, join in table.joins.items():
            place = (*path, "joins", key)
            known = self._check_table((*place, "table"), join.table)
            if known and join.column is not None and join.column not in self._shapes.tables[join.table]:
                self._tell_unknown((*place, "column"), join.column, self._shapes.tables[join.table])
            by = tuple(self._compile((*place, "by", at), source, own, joins) for at, source in enumerate(join.by))
            if join.column is not None and len(by) != 1:
                self._note(
                    (*place, "by"), Words("dengan column, isi satu ekspresi", "with column, give one expression")
                )
            joins[key] = ComposedJoin(join.table, by, join.column)
        return ComposedTable(table.columns, table.index, joins)

    def rules(self, path: KeyPath, rules: Iterable[Rule]) -> tuple[ComposedRule, ...]:
        """Rules with their alternatives, compiled."""
        composed: list[ComposedRule] = []
        for at, rule in enumerate(rules):
            place = (*path, at)
            if rule.first:
                composed.append(
                    FirstRule(
                        tuple(self.rules((*place, "first", number), rules) for number, rules in enumerate(rule.first))
                    )
                )
            else:
                composed.append(self._row_rule(place, rule))
        return tuple(composed)

    def identity(self, label: str, sources: Iterable[str | RowSource | TextSource]) -> tuple[IdentitySource, ...]:
        """The sources of an identity label."""
        composed: list[IdentitySource] = []
        for at, source in enumerate(sources):
            path: KeyPath = ("identity", label, at)
            match source:
                case TextSource(text=text):
                    composed.append(IdentitySource(compile_expression(repr(text)), None, None))
                case RowSource():
                    self._check_table((*path, "table"), source.table)
                    where = self._optional((*path, "where"), source.where, source.table)
                    value = self._over((*path, "value"), source.value, source.table)
                    composed.append(IdentitySource(value, source.table, where))
                case _:
                    composed.append(IdentitySource(self._over(path, source, None, chassis=True), None, None))
        return tuple(composed)

    def _row_rule(self, path: KeyPath, rule: Rule) -> RowRule:
        if rule.table is not None:
            self._check_table((*path, "table"), rule.table)
        where = self._optional((*path, "where"), rule.where, rule.table)
        samples = [
            sample
            for place, metric in expand_shorthands(rule, self._note, path)
            if (sample := self._sample((*path, *place), metric, rule)) is not None
        ]
        return RowRule(rule.table, where, tuple(samples))

    def _sample(self, path: KeyPath, rule: MetricRule, owner: Rule) -> SampleRule | None:
        metric = BY_NAME.get(rule.metric)
        if metric is None:
            words = Words(f"metrik {rule.metric!r} tidak ada", f"there is no metric {rule.metric!r}")
            self._note((*path, "metric"), words)
            return None
        labels = {**owner.labels, **rule.labels} if path[-2:-1] == ("metrics",) else rule.labels
        if set(labels) != set(metric.labels):
            found, expected = ", ".join(sorted(labels)) or "-", ", ".join(metric.labels) or "-"
            words = Words(
                f"{metric.name}: ditemukan label {found}, seharusnya {expected}",
                f"{metric.name}: found labels {found}, expected {expected}",
            )
            self._note((*path, "labels"), words)
            return None
        compiled = {key: self._over((*path, "labels", key), source, owner.table) for key, source in labels.items()}
        return SampleRule(
            metric,
            self._over((*path, "value"), rule.value, owner.table),
            tuple(compiled[label] for label in metric.labels),
            self._optional((*path, "where"), rule.where, owner.table),
        )

    def _optional(self, path: KeyPath, source: str | None, table: str | None) -> Expression | None:
        return None if source is None else self._over(path, source, table)

    def _over(self, path: KeyPath, source: str, table: str | None, *, chassis: bool = False) -> Expression:
        """`source` compiled over the rows of `table`, or over the scalars alone."""
        if table is None:
            return self._compile(path, source, frozenset(), {}, chassis=chassis)
        composed = self.tables.get(table)
        joins = composed.joins if composed is not None else {}
        return self._compile(path, source, self._shapes.tables.get(table), joins)

    def _compile(
        self,
        path: KeyPath,
        source: str,
        own: frozenset[str] | None,
        joins: Mapping[str, ComposedJoin],
        *,
        chassis: bool = False,
    ) -> Expression:
        """`source` compiled; `own` None where the table is unknown, which was told already."""
        try:
            expression = compile_expression(source)
        except ProfileValueError as error:
            self._note(path, error.words)
            return _NEVER
        if own is None:
            return expression
        known = own | self._shapes.scalars
        for name in sorted(expression.names - known):
            self._tell_unknown(path, name, known)
        for states in sorted(expression.states - self._shapes.states):
            self._tell_unknown(path, states, self._shapes.states)
        for join, column in sorted(expression.joins):
            if chassis and join == CHASSIS:
                columns = frozenset(CHASSIS_COLUMNS)
            elif join in joins:
                columns = self._shapes.tables.get(joins[join].table, frozenset({column}))
            else:
                self._tell_unknown(path, join, frozenset({*joins, CHASSIS} if chassis else joins))
                continue
            if column not in columns:
                self._tell_unknown(path, f"{join}.{column}", columns)
        return expression

    def _check_table(self, path: KeyPath, table: str) -> bool:
        if table in self._shapes.tables:
            return True
        self._tell_unknown(path, table, frozenset(self._shapes.tables))
        return False

    def _tell_unknown(self, path: KeyPath, name: str, known: frozenset[str]) -> None:
        listed = ", ".join(sorted(known)) or "-"
        words = Words(
            f"nama {name!r} tidak dikenal di sini; yang dikenal: {listed}",
            f"name {name!r} is unknown here; known are: {listed}",
        )
        self._note(path, words)
