"""A device's answers as the rows that a profile's expressions are evaluated over.

Owns names, index parts, joins and states of one scrape. It must not ask the device: what was not read is absent.
"""

from collections.abc import Callable, Mapping

from exporter.collectors.columns import ColumnReader
from exporter.collectors.provided_tables import provide
from exporter.collectors.readings import read_index, read_value
from exporter.collectors.values import parse_text
from exporter.profiles.composed import PROVIDED_TABLES, ComposedJoin, ComposedProfile
from exporter.profiles.expressions import Result


class ProfileData:
    """The tables and scalars of one device as its profile names them."""

    def __init__(self, profile: ComposedProfile, columns: ColumnReader, facts: Mapping[str, Result]) -> None:
        self.profile = profile
        self._columns = columns
        self._facts = facts
        """The scalars that are always there: sys_descr and the like."""

        self._parsed: dict[tuple[str, str], Mapping[str, Result]] = {}
        self._by_value: dict[tuple[str, str], tuple[int, dict[str, str]]] = {}
        """With how many columns were read when it was made: rules run while others' columns are still awaited."""

        self._indexes: dict[tuple[str, str], dict[str, Result]] = {}

    def rows(self, table: str, names: frozenset[str]) -> list[str]:
        """The indexes of a table's rows, in the agent's order, as its columns `names` show them."""
        return list(dict.fromkeys(index for name in sorted(names) for index in self.column(table, name)))

    def column(self, table: str, name: str) -> Mapping[str, Result]:
        """A column, or a part of the index, by row index; empty until it is read."""
        key = (table, name)
        if table not in PROVIDED_TABLES:
            columns = self.profile.tables[table].columns
            if name not in columns:
                rows = self.rows(table, frozenset(columns))
                return {index: self.part(table, index, name) for index in rows}
            if not self._columns.is_read(columns[name].oid):
                return {}
        if key not in self._parsed:
            if table in PROVIDED_TABLES:
                provided = provide(table, self._columns.__getitem__)
                self._parsed.update({(table, column): rows for column, rows in provided.items()})
            else:
                column = self.profile.tables[table].columns[name]
                read = self._columns[column.oid].items()
                self._parsed[key] = {index: read_value(value, column) for index, value in read}
        return self._parsed[key]

    def scalar(self, name: str) -> Result:
        """A scalar of the profile, or one that is always there."""
        column = self.profile.scalars.get(name)
        return self._facts.get(name) if column is None else read_value(self._columns.scalar(column.oid), column)

    def part(self, table: str, index: str, name: str) -> Result:
        """A part of a row's index."""
        if name == "index":
            return index
        key = (table, index)
        if key not in self._indexes:
            self._indexes[key] = read_index(index, self.profile.tables[table].index)
        return self._indexes[key].get(name)

    def is_column(self, table: str, name: str) -> bool:
        """Whether `name` is a column of `table`."""
        return name in PROVIDED_TABLES.get(table, ()) or (
            table in self.profile.tables and name in self.profile.tables[table].columns
        )

    def find(self, table: str, column: str, value: Result) -> str | None:
        """The index of the first row whose `column` is `value`."""
        key = (table, column)
        count = self._columns.count_read
        if key not in self._by_value or self._by_value[key][0] != count:
            found: dict[str, str] = {}
            for index, other in self.column(table, column).items():
                if other is not None and other != "":
                    found.setdefault(as_index(other), index)
            self._by_value[key] = (count, found)
        return None if value is None else self._by_value[key][1].get(as_index(value))


class ScalarRow:
    """The one row of a rule without a table."""

    def __init__(self, data: ProfileData, join: Callable[[str, str], Result] | None = None) -> None:
        self._data = data
        self._join = join

    def value(self, name: str) -> Result:
        """A scalar."""
        return self._data.scalar(name)

    def joined(self, join: str, name: str) -> Result:
        """What identity calls `chassis.NAME`; nothing elsewhere."""
        return None if self._join is None else self._join(join, name)

    def state(self, states: str, number: Result, *, word: bool) -> Result:
        """A state's word or health."""
        return state_of(self._data.profile, states, number, word=word)


class TableRow:
    """A row of a table."""

    def __init__(self, data: ProfileData, table: str, index: str) -> None:
        self._data = data
        self._table = table
        self._index = index
        self._found: dict[str, str | None] = {}

    def value(self, name: str) -> Result:
        """A column, a part of the index, or a scalar."""
        data, table = self._data, self._table
        if data.is_column(table, name):
            return data.column(table, name).get(self._index)
        if name == "index" or any(part.name == name for part in data.profile.tables[table].index):
            return data.part(table, self._index, name)
        return data.scalar(name)

    def joined(self, join: str, name: str) -> Result:
        """A column, or a part of the index, of the row that the join finds."""
        rule = self._data.profile.tables[self._table].joins[join]
        if join not in self._found:
            self._found[join] = self._follow(rule)
        index = self._found[join]
        if index is None:
            return None
        if self._data.is_column(rule.table, name):
            return self._data.column(rule.table, name).get(index)
        return self._data.part(rule.table, index, name)

    def state(self, states: str, number: Result, *, word: bool) -> Result:
        """A state's word or health."""
        return state_of(self._data.profile, states, number, word=word)

    def _follow(self, join: ComposedJoin) -> str | None:
        values = [expression.evaluate(self) for expression in join.by]
        if any(value is None for value in values):
            return None
        if join.column is not None:
            return self._data.find(join.table, join.column, values[0])
        return ".".join(as_index(value) for value in values)


def as_index(value: Result) -> str:
    """A value as it stands in an index, and as texts are compared: whole numbers without a point."""
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    return str(value)


def state_of(profile: ComposedProfile, states: str, number: Result, *, word: bool) -> Result:
    """The word of a state, by a profile's enumeration, or its health: 1, 0, or absent."""
    if not isinstance(number, int | float):
        return None
    known, key = profile.states[states], int(number)
    if word:
        found = known.healthy.get(key) or known.unhealthy.get(key) or known.neither.get(key)
        return parse_text(found)
    return 1 if key in known.healthy else 0 if key in known.unhealthy else None
