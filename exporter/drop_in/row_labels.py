"""The labels of a table's row: its index in parts, and what lookups in other columns make of them. Pure.

One RowLabels serves every metric of a module that has the same indexes and lookups, so that a row of forty
columns is named once.
"""

from collections.abc import Mapping, Sequence

from exporter.drop_in.config import Index, Lookup, ValueType
from exporter.drop_in.index_text import PREFIXED, Subids, read_index
from exporter.drop_in.value_text import Objects, as_integer, as_text, real_type

_ESCAPES = str.maketrans({"\\": "\\\\", '"': '\\"', "\n": "\\n"})


class RowLabels:
    """Labels by row index (`7`, `1.2.3`), for the objects of one scrape."""

    def __init__(self, indexes: Sequence[Index], lookups: Sequence[Lookup], objects: Objects) -> None:
        self._indexes = indexes
        self._lookups = lookups
        self._objects = objects
        self._labels: dict[str, dict[str, str]] = {}
        self._rendered: dict[str, str] = {}

    def rendered(self, index: str) -> str:
        """The labels as they stand behind a sample's name; empty for none."""
        text = self._rendered.get(index)
        if text is None:
            text = self._rendered[index] = render_labels(self.of(index))
        return text

    def of(self, index: str) -> Mapping[str, str]:
        """The labels."""
        labels = self._labels.get(index)
        if labels is None:
            labels = self._labels[index] = self._make(index)
        return labels

    def _make(self, index: str) -> dict[str, str]:
        labels: dict[str, str] = {}
        used: dict[str, Subids] = {}
        rest: Subids = tuple(map(int, index.split("."))) if index else ()
        for part in self._indexes:
            text, used[part.labelname], rest = read_index(
                rest,
                part.type,
                fixed_size=part.fixed_size,
                implied=part.implied,
                enum_values=part.enum_values,
            )
            labels[part.labelname] = text
        for lookup in self._lookups:
            if not lookup.labels:
                labels.pop(lookup.labelname, None)
                continue
            row = "".join(f".{subid}" for label in lookup.labels for subid in used.get(label, ()))
            oid = f"{lookup.oid}{row}"
            if oid not in self._objects:
                labels[lookup.labelname] = ""
                continue
            value = self._objects[oid]
            labels[lookup.labelname] = self._look_up(lookup, row)
            used[lookup.labelname] = (as_integer(value),)
        return labels

    def _look_up(self, lookup: Lookup, row: str) -> str:
        value = self._objects[f"{lookup.oid}{row}"]
        kind = lookup.type
        if isinstance(kind, ValueType) and kind in PREFIXED:
            kind = real_type(kind, lookup.oid, row, self._objects) or ValueType.OCTET_STRING
        if kind == ValueType.ENUM_AS_INFO and lookup.enum_values:
            number = as_integer(value)
            return lookup.enum_values.get(number) or str(number)
        return as_text(value, kind, lookup.display_hint)


def render_labels(labels: Mapping[str, str]) -> str:
    """`{a="x",b="y"}` in the order of names; empty for none."""
    if not labels:
        return ""
    return "{" + ",".join([f'{name}="{text.translate(_ESCAPES)}"' for name, text in sorted(labels.items())]) + "}"
