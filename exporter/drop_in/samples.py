"""The samples that a module makes of the objects that a device gave. Pure."""

import re
from collections.abc import Iterator
from typing import NamedTuple

from exporter.drop_in.config import Metric, ValueType
from exporter.drop_in.families import Family, FamilySet
from exporter.drop_in.index_text import PREFIXED
from exporter.drop_in.instants import date_and_time, ntp_timestamp, parsed_instant
from exporter.drop_in.module_plan import MetricPlan, ModulePlan
from exporter.drop_in.row_labels import RowLabels, render_labels
from exporter.drop_in.value_text import WRAP, Objects, ObjectValue, as_integer, as_number, as_text, real_type

_REFERENCE = re.compile(r"\$(?:(?P<dollar>\$)|\{(?P<braced>[A-Za-z0-9_]+)\}|(?P<bare>[A-Za-z0-9_]+))")


class _Sample(NamedTuple):
    suffix: str
    """Behind the metric's name."""

    help_suffix: str
    labels: str
    value: int | float


def add_samples(plan: ModulePlan, objects: Objects, families: FamilySet) -> None:
    """Add every sample of `objects`, which are in the device's order: whole columns follow each other."""
    labels = [RowLabels(indexes, lookups, objects) for indexes, lookups in plan.labels]
    below, found = "\0", None
    row_labels, family = None, None
    for oid, value in objects.items():
        if not oid.startswith(below):
            found = plan.find(oid)
            below = f"{found.metric.oid}." if found is not None else "\0"
            row_labels = labels[found.labels] if found is not None else None
            family = _plain_family(found, families)
        if found is None or row_labels is None:
            continue
        index = oid[len(below) :]
        if family is not None:
            if type(value) is int and value < WRAP:
                # What Family.add does, without its calls: nearly all objects of a large table come by here.
                family.rows.setdefault(row_labels.rendered(index), value)
            else:
                family.add(row_labels.rendered(index), as_number(value))
            continue
        metric = found.metric
        kind = "counter" if metric.type is ValueType.COUNTER else "gauge"
        for sample in _samples_of(metric, value, index, row_labels, objects):
            named = families.family(metric.name + sample.suffix, metric.help + sample.help_suffix, kind)
            named.add(sample.labels, sample.value)


def _plain_family(found: MetricPlan | None, families: FamilySet) -> Family | None:
    if found is None or not found.is_plain:
        return None
    return families.family(found.metric.name, found.metric.help, found.metric.type.value)


def _samples_of(
    metric: Metric, value: ObjectValue, index: str, row_labels: RowLabels, objects: Objects
) -> Iterator[_Sample]:
    match metric.type:
        case ValueType.GAUGE | ValueType.COUNTER | ValueType.FLOAT | ValueType.DOUBLE:
            yield _Sample("", "", row_labels.rendered(index), _scaled(metric, as_number(value)))
        case ValueType.DATE_AND_TIME | ValueType.NTP_TIMESTAMP | ValueType.PARSE_DATE_AND_TIME:
            instant = _instant(metric, value)
            if instant is not None:
                yield _Sample("", "", row_labels.rendered(index), _scaled(metric, instant))
        case ValueType.ENUM_AS_INFO:
            number = as_integer(value)
            state = metric.enum_values.get(number, str(number))
            if metric.name not in row_labels.of(index):
                yield _Sample("_info", " (EnumAsInfo)", _with(row_labels, index, metric.name, state), 1)
        case ValueType.ENUM_AS_STATE_SET:
            number = as_integer(value)
            states = {number: str(number)} | metric.enum_values
            for place, state in states.items():
                labels = _with(row_labels, index, metric.name, state)
                yield _Sample("", " (EnumAsStateSet)", labels, int(place == number))
        case ValueType.BITS:
            octets = value if isinstance(value, bytes) else b""
            for place, state in metric.enum_values.items():
                labels = _with(row_labels, index, metric.name, state)
                yield _Sample("", " (Bits)", labels, _bit(octets, place))
        case _:
            yield from _text_samples(metric, value, index, row_labels, objects)


def _text_samples(
    metric: Metric, value: ObjectValue, index: str, row_labels: RowLabels, objects: Objects
) -> Iterator[_Sample]:
    kind = metric.type
    if kind in PREFIXED:
        row = f".{index}" if index else ""
        kind = real_type(kind, metric.oid, row, objects) or ValueType.OCTET_STRING
    text = as_text(value, kind, metric.display_hint)
    if not metric.regex_extracts:
        labels = row_labels.of(index)
        shown = row_labels.rendered(index) if metric.name in labels else _with(row_labels, index, metric.name, text)
        yield _Sample("", "", shown, _scaled(metric, 1))
        return
    for suffix, extracts in metric.regex_extracts.items():
        for extract in extracts:
            match = extract.regex.fullmatch(text)
            number = None if match is None else _go_float(_expand(extract.value, match))
            if number is not None:
                yield _Sample(suffix, " (regex extracted)", row_labels.rendered(index), _scaled(metric, number))
                break


def _with(row_labels: RowLabels, index: str, name: str, text: str) -> str:
    return render_labels({**row_labels.of(index), name: text})


def _scaled(metric: Metric, value: float) -> int | float:
    if metric.scale:
        value *= metric.scale
    return value + metric.offset if metric.offset else value


def _instant(metric: Metric, value: ObjectValue) -> int | None:
    if metric.type is ValueType.PARSE_DATE_AND_TIME:
        return parsed_instant(as_text(value, ValueType.DISPLAY_STRING), metric.datetime_pattern)
    if not isinstance(value, bytes):
        return None
    return date_and_time(value) if metric.type is ValueType.DATE_AND_TIME else ntp_timestamp(value)


def _bit(octets: bytes, place: int) -> int:
    """Bit 0 is the first octet's highest (RFC 2578 section 7.1.4)."""
    return octets[place // 8] >> (7 - place % 8) & 1 if 0 <= place < len(octets) * 8 else 0


def _expand(template: str, match: "re.Match[str]") -> str:
    """`template` with `$1`, `${1}`, `$name` replaced as Go's regexp does; an unknown group is empty."""

    def group(reference: "re.Match[str]") -> str:
        if reference["dollar"]:
            return "$"
        name = reference["braced"] or reference["bare"]
        try:
            return match[int(name) if name.isdecimal() else name] or ""
        except IndexError:
            return ""

    return _REFERENCE.sub(group, template)


def _go_float(text: str) -> float | None:
    """The number that `text` is; None when it is none. Python takes blanks and underscores besides, Go does not."""
    if text != text.strip() or "_" in text:
        return None
    try:
        return float(text)
    except ValueError:
        return None
