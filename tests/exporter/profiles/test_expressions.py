"""The little language of profiles: what it works out, and what it refuses."""

import pytest

from exporter.errors import ProfileValueError
from exporter.profiles.expressions import Result, compile_expression

VALUES: dict[str, Result] = {
    "used": 30,
    "free": 90,
    "zero": 0,
    "name": "Fan 2 lane 3",
    "hex": "0a1f",
    "negative": -294967296,
    "raw": 4294967286,
    "empty": "",
}


class Row:
    def value(self, name: str) -> Result:
        return VALUES.get(name)

    def joined(self, join: str, name: str) -> Result:
        return f"{join}/{name}" if join == "port" else None

    def state(self, states: str, number: Result, *, word: bool) -> Result:
        return f"{states} {number}" if word else 1


CASES: dict[str, Result] = {
    "used / (used + free)": 0.25,
    "used / zero": None,
    "absent + 1": None,
    "-used": -30,
    "name + 1": None,
    "used ** 2": 900,
    "9.9 ** 999": None,
    "negative % 4294967296": 4_000_000_000,
    "7 // 2": 3,
    "first(absent, empty, name)": "Fan 2 lane 3",
    "present(empty)": 0,
    "present(name)": 1,
    "join('/', 1, absent, 2.0, 'x')": "1/2/x",
    "join('/', absent)": None,
    r"capture(name, 'lane (\d)')": "3",
    "capture(name, 'Fan')": "Fan",
    "capture(name, 'missing')": None,
    r"number(capture(name, '(\d) lane'))": 2,
    "number('27.5 C')": 27.5,
    "number('n/a')": None,
    r"matches(name, '\blane\b')": 1,
    r"replace(name, '(\w+) (\d).*', '\2-\1')": "2-Fan",
    "lower(name)": "fan 2 lane 3",
    "used in (10, 30)": 1,
    "used not in (10, 30)": 0,
    "absent not in (10, 30)": 0,
    "0 < used <= 30": 1,
    "absent < 1": 0,
    "absent != 1": 0,
    "name == 'Fan 2 lane 3' and not zero": 1,
    "zero or used": 1,
    "'up' if used > 20 else 'down'": "up",
    "sensor_value(362, 8, 0)": 0.362,
    "sensor_value(362, 9, 1)": 36.2,
    "sensor_value(5, 10)": 5000,
    "dbm(1)": 0,
    "dbm(zero)": None,
    "signed(raw)": -10,
    "signed(255, 8)": -1,
    "bit(6, 1)": 1,
    "byte(hex, 1)": 31,
    "byte(hex, 9)": None,
    "round(2.567, 1)": 2.6,
    "max(used, free, 1)": 90,
    "port.name": "port/name",
    "word(used, 'fan')": "fan 30",
    "healthy(used, 'fan')": 1,
}


@pytest.mark.parametrize("source", CASES)
def test_expression(source: str) -> None:
    """An expression is worked out as Python would, and is absent where a part of it is."""
    assert compile_expression(source).evaluate(Row()) == CASES[source]


REFUSED = {
    "used +": "cannot be read",
    "used.real.imag": "Attribute is not in the profiles' language",
    "__import__('os')": "no function __import__",
    "[x for x in used]": "ListComp is not in the profiles' language",
    "lambda: 1": "Lambda is not in the profiles' language",
    "used[0]": "Subscript is not in the profiles' language",
    "True": "Constant is not in the profiles' language",
    "b'x'": "Constant is not in the profiles' language",
    "used is None": "Is is not in the profiles' language",
    "used << 9": "BinOp is not in the profiles' language",
    "capture(name)": "capture is written capture(a, 'pattern'[, group])",
    "capture(name, '(')": "not a regular expression",
    "matches(name, used)": "a regular expression must be a fixed text",
    "word(used, name)": "write word(x, 'states')",
    "dbm(milliwatts=1)": "Call is not in the profiles' language",
}


@pytest.mark.parametrize("source", REFUSED)
def test_refusal(source: str) -> None:
    """What the language lacks is refused when the profile is read, in words."""
    with pytest.raises(ProfileValueError) as caught:
        compile_expression(source)
    assert REFUSED[source] in caught.value.words.en
    assert caught.value.words.id != caught.value.words.en


def test_names_are_known_before_any_row() -> None:
    """What an expression refers to is known when it is compiled, so that only those columns are asked for."""
    expression = compile_expression("first(port.name, used, word(free, 'fan'))")
    assert expression.names == {"used", "free"}
    assert expression.joins == {("port", "name")}
    assert expression.states == {"fan"}
