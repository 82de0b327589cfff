"""SNMP values and row indexes read as a profile says; what does not fit is absent."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from exporter.collectors.readings import read_index, read_value
from exporter.collectors.values import Value
from exporter.profiles.expressions import Result
from exporter.profiles.models import Column, IndexKind, IndexPart, Reading

VALUES: dict[tuple[str, Value], Result] = {
    ("auto", 7): 7,
    ("auto", b"caf\xe9  x\x00y"): "café x",
    ("auto", "1.3.6.1"): "1.3.6.1",
    ("auto", None): None,
    ("number", b" 27.5 C"): 27.5,
    ("number", b"-3"): -3,
    ("number", b"n/a"): None,
    ("number", 9): 9,
    ("text", 12): "12",
    ("mac", b"\x00\x1b\x21\xaa\xbb\xcc"): "00:1b:21:aa:bb:cc",
    ("mac", b"\x00" * 6): None,
    ("mac", 5): None,
    ("ip", b"\xc0\x00\x02\x01"): "192.0.2.1",
    ("ip", "192.0.2.1"): "192.0.2.1",
    ("ip", bytes.fromhex("20010db8000000000000000000000001")): "2001:db8::1",
    ("ip", b"\xc0\x00\x02\x01\x00\x00\x00\x07"): "192.0.2.1",
    ("ip", b"\xc0\x00"): None,
    ("hex", b"\x0a\xff"): "0aff",
    ("timestamp", bytes.fromhex("07ea0b16082a1e00")): 1795336950,
    ("timestamp", bytes.fromhex("07ea0b160f2a1e002b0700")): 1795336950,
    ("timestamp", bytes.fromhex("07ea0b16032a1e002d0500")): 1795336950,
    ("timestamp", bytes.fromhex("07ea0d16082a1e00")): None,
    ("timestamp", b"\x07"): None,
}


@pytest.mark.parametrize(("reading", "value"), VALUES)
def test_value(reading: str, value: Value) -> None:
    """Each reading takes what it promises and nothing else."""
    column = Column.model_validate({"oid": "1.3.6.1", "as": reading})
    assert read_value(value, column) == VALUES[reading, value]


def test_sentinels_are_absent() -> None:
    """Values by which the agent says that it has none are absent, numbers and words alike."""
    column = Column.model_validate({"oid": "1.3.6.1", "skip": [-1, 2147483647, "n/a"]})
    assert [read_value(value, column) for value in (-1, 2147483647, b"n/a", 0, b"ok")] == [None, None, None, 0, "ok"]


INDEXES: dict[tuple[str, tuple[str, ...]], dict[str, Result]] = {
    ("7.3", ("integer", "integer")): {"p0": 7, "p1": 3},
    ("3.97.98.99.5", ("string", "integer")): {"p0": "abc", "p1": 5},
    ("97.98", ("implied",)): {"p0": "ab"},
    ("192.0.2.1.9", ("ip", "integer")): {"p0": "192.0.2.1", "p1": 9},
    ("1.4.192.0.2.1.9", ("inet", "integer")): {"p0": "192.0.2.1", "p1": 9},
    ("2.16.32.1.13.184.0.0.0.0.0.0.0.0.0.0.0.1", ("inet",)): {"p0": "2001:db8::1"},
    ("4.192.0.2.1", ("address",)): {"p0": "192.0.2.1"},
    ("0.1.192.0.2.1.1.192.0.2.2", ("integer", "inet_unsized", "inet_unsized")): {
        "p0": 0,
        "p1": "192.0.2.1",
        "p2": "192.0.2.2",
    },
    ("0.27.33.170.187.204.1", ("mac", "integer")): {"p0": "00:1b:21:aa:bb:cc", "p1": 1},
    ("1.2.3.4", ("integer", "rest")): {"p0": 1, "p1": "2.3.4"},
    ("5", ("integer", "integer")): {"p0": 5},
    ("9.97", ("string",)): {},
    ("300.0.2.1", ("ip",)): {},
    ("", ("integer",)): {},
}


@pytest.mark.parametrize(("index", "kinds"), INDEXES)
def test_index(index: str, kinds: tuple[str, ...]) -> None:
    """The parts of an index are found one after the other; from the first that does not fit, they are absent."""
    parts = [IndexPart(name=f"p{at}", kind=IndexKind(kind)) for at, kind in enumerate(kinds)]
    assert read_index(index, parts) == INDEXES[index, kinds]


@given(
    st.lists(st.integers(0, 2**32 - 1), max_size=12),
    st.lists(st.sampled_from(IndexKind), min_size=1, max_size=4),
)
def test_no_index_raises(numbers: list[int], kinds: list[IndexKind]) -> None:
    """Whatever index an agent makes up, reading it raises nothing."""
    parts = [IndexPart(name=f"p{at}", kind=kind) for at, kind in enumerate(kinds)]
    assert len(read_index(".".join(map(str, numbers)), parts)) <= len(kinds)


@given(st.one_of(st.none(), st.integers(), st.floats(), st.binary(max_size=30), st.text(max_size=30)))
def test_no_value_raises(value: Value) -> None:
    """Whatever value an agent sends for a column, reading it raises nothing."""
    for reading in Reading:
        read_value(value, Column.model_validate({"oid": "1.3.6.1", "as": reading}))
