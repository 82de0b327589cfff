"""The little language of profiles: numbers, texts, names and a closed set of functions; no loops, no calls out.

Written like Python, parsed by Python, compiled here into closures. A value that is absent makes all that is
worked out from it absent; nothing raises on what a device sends. docs/profiles.md lists the functions.
"""

import ast
import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol, TypeAlias

from dcnet.language import Words
from exporter.errors import ProfileValueError
from exporter.profiles.functions import FUNCTIONS, STATE_FUNCTIONS, Function

Result: TypeAlias = float | int | str | None
"""None is absent. A condition gives 1 or 0."""


class Row(Protocol):
    """What an expression is evaluated over."""

    def value(self, name: str) -> Result:
        """A column of this row, a part of its index, or a scalar."""

    def joined(self, join: str, name: str) -> Result:
        """A column of the row that the join finds."""

    def state(self, states: str, number: Result, *, word: bool) -> Result:
        """The word of a state, or its health (1, 0, absent)."""


Evaluate: TypeAlias = Callable[[Row], Result]


@dataclass(frozen=True, slots=True)
class Expression:
    """A compiled expression and what it refers to."""

    source: str
    evaluate: Evaluate
    names: frozenset[str]
    joins: frozenset[tuple[str, str]]
    """(join, column) pairs."""

    states: frozenset[str]


def compile_expression(source: str) -> Expression:
    """`source` ready for rows. Raises ProfileValueError, in both languages, for what the language lacks."""
    try:
        # A backslash stands for itself: texts are mostly regular expressions.
        tree = ast.parse(source.strip().replace("\\", "\\\\"), mode="eval")
    except (SyntaxError, ValueError, RecursionError, MemoryError) as error:
        detail = error.msg if isinstance(error, SyntaxError) else str(error)
        raise _refusal(source, f"tidak dapat dibaca ({detail})", f"cannot be read ({detail})") from error
    compiler = _Compiler(source)
    evaluate = compiler.compile(tree.body)
    return Expression(
        source, evaluate, frozenset(compiler.names), frozenset(compiler.joins), frozenset(compiler.states)
    )


def _refusal(source: str, indonesian: str, english: str) -> ProfileValueError:
    return ProfileValueError(Words(f"ekspresi {source!r}: {indonesian}", f"expression {source!r}: {english}"))


class _Compiler:
    def __init__(self, source: str) -> None:
        self._source = source
        self.names: set[str] = set()
        self.joins: set[tuple[str, str]] = set()
        self.states: set[str] = set()

    def compile(self, node: ast.expr) -> Evaluate:
        match node:
            case ast.Constant(value=bool()):
                raise self._unknown(node)
            case ast.Constant(value=int() | float() | str() as constant):
                return lambda _row: constant
            case ast.Name(id=name):
                self.names.add(name)
                return lambda row: row.value(name)
            case ast.Attribute(value=ast.Name(id=join), attr=name):
                self.joins.add((join, name))
                return lambda row: row.joined(join, name)
            case ast.BinOp(left=left, op=operator, right=right) if type(operator) in _ARITHMETIC:
                return _arithmetic(_ARITHMETIC[type(operator)], self.compile(left), self.compile(right))
            case ast.UnaryOp(op=ast.USub(), operand=operand):
                return _arithmetic(lambda _zero, number: -number, lambda _row: 0, self.compile(operand))
            case ast.UnaryOp(op=ast.Not(), operand=operand):
                inner = self.compile(operand)
                return lambda row: int(not inner(row))
            case ast.BoolOp(op=operator, values=values):
                return _boolean(isinstance(operator, ast.And), [self.compile(value) for value in values])
            case ast.Compare(left=left, ops=operators, comparators=comparators):
                return self._compare(left, operators, comparators)
            case ast.IfExp(test=test, body=body, orelse=orelse):
                condition, then, otherwise = self.compile(test), self.compile(body), self.compile(orelse)
                return lambda row: then(row) if condition(row) else otherwise(row)
            case ast.Call(func=ast.Name(id=name), args=arguments, keywords=[]):
                return self._call(name, arguments)
            case _:
                raise self._unknown(node)

    def _unknown(self, node: ast.AST) -> ProfileValueError:
        what = type(node).__name__
        return _refusal(
            self._source, f"{what} tidak ada dalam bahasa profil", f"{what} is not in the profiles' language"
        )

    def _compare(self, left: ast.expr, operators: list[ast.cmpop], comparators: list[ast.expr]) -> Evaluate:
        parts: list[Callable[[Row], bool]] = []
        before = self.compile(left)
        for operator, comparator in zip(operators, comparators, strict=True):
            match operator, comparator:
                case ((ast.In() | ast.NotIn()), ast.Tuple(elts=elements) | ast.List(elts=elements)):
                    options = [self.compile(element) for element in elements]
                    parts.append(_membership(before, options, wanted=isinstance(operator, ast.In)))
                    continue
            if type(operator) not in _COMPARISONS:
                raise self._unknown(operator)
            after = self.compile(comparator)
            parts.append(_comparison(_COMPARISONS[type(operator)], before, after))
            before = after
        return lambda row: int(all(part(row) for part in parts))

    def _call(self, name: str, arguments: list[ast.expr]) -> Evaluate:
        if name in STATE_FUNCTIONS:
            return self._state(name, arguments)
        function = FUNCTIONS.get(name)
        if function is None:
            known = ", ".join(sorted([*FUNCTIONS, *STATE_FUNCTIONS]))
            raise _refusal(
                self._source, f"fungsi {name} tidak ada; yang ada: {known}", f"no function {name}; known are: {known}"
            )
        if not function.least <= len(arguments) <= function.most:
            raise _refusal(
                self._source,
                f"{name} ditulis {function.usage}",
                f"{name} is written {function.usage}",
            )
        self._check_pattern(function, arguments)
        parts = [self.compile(argument) for argument in arguments]
        apply, takes_absent = function.apply, function.takes_absent

        def evaluate(row: Row) -> Result:
            values = [part(row) for part in parts]
            if not takes_absent and any(value is None for value in values):
                return None
            try:
                return _finite(apply(*values))
            except (TypeError, ValueError, ArithmeticError, LookupError):
                return None

        return evaluate

    def _check_pattern(self, function: Function, arguments: list[ast.expr]) -> None:
        """A regular expression stands in the profile, so that a mistake is seen when it is loaded."""
        if function.pattern_at is None:
            return
        match arguments[function.pattern_at]:
            case ast.Constant(value=str() as pattern):
                try:
                    function.check_pattern(pattern)
                except ValueError as error:
                    raise _refusal(
                        self._source, f"bukan ekspresi reguler: {error}", f"not a regular expression: {error}"
                    ) from error
            case _:
                raise _refusal(
                    self._source, "ekspresi reguler harus teks tetap", "a regular expression must be a fixed text"
                )

    def _state(self, name: str, arguments: list[ast.expr]) -> Evaluate:
        match arguments:
            case [number, ast.Constant(value=str() as states)]:
                self.states.add(states)
                inner, word = self.compile(number), STATE_FUNCTIONS[name]
                return lambda row: row.state(states, inner(row), word=word)
            case _:
                raise _refusal(self._source, f"tulis {name}(x, 'states')", f"write {name}(x, 'states')")


def _finite(value: Result) -> Result:
    return None if isinstance(value, float) and not math.isfinite(value) else value


_ARITHMETIC: dict[type[ast.operator], Callable[[float, float], float]] = {
    ast.Add: lambda left, right: left + right,
    ast.Sub: lambda left, right: left - right,
    ast.Mult: lambda left, right: left * right,
    ast.Div: lambda left, right: left / right,
    ast.FloorDiv: lambda left, right: left // right,
    ast.Mod: lambda left, right: left % right,
    # Floats overflow; integers would grow without end.
    ast.Pow: math.pow,
}

_COMPARISONS: dict[type[ast.cmpop], Callable[[float, float], bool]] = {
    ast.Eq: lambda left, right: left == right,
    ast.NotEq: lambda left, right: left != right,
    ast.Lt: lambda left, right: left < right,
    ast.LtE: lambda left, right: left <= right,
    ast.Gt: lambda left, right: left > right,
    ast.GtE: lambda left, right: left >= right,
}


def _arithmetic(operate: Callable[[float, float], float], left: Evaluate, right: Evaluate) -> Evaluate:
    def evaluate(row: Row) -> Result:
        one, other = left(row), right(row)
        if not isinstance(one, int | float) or not isinstance(other, int | float):
            return None
        try:
            return _finite(operate(one, other))
        except (ArithmeticError, ValueError):
            return None

    return evaluate


def _boolean(is_and: bool, parts: list[Evaluate]) -> Evaluate:
    if is_and:
        return lambda row: int(all(part(row) for part in parts))
    return lambda row: int(any(part(row) for part in parts))


def _comparison(compare: Callable[[float, float], bool], left: Evaluate, right: Evaluate) -> Callable[[Row], bool]:
    def holds(row: Row) -> bool:
        one, other = left(row), right(row)
        if isinstance(one, str) and isinstance(other, str):
            return compare(one, other)  # type: ignore[arg-type]
        if isinstance(one, int | float) and isinstance(other, int | float):
            return compare(one, other)
        return False

    return holds


def _membership(value: Evaluate, options: list[Evaluate], *, wanted: bool) -> Callable[[Row], bool]:
    def holds(row: Row) -> bool:
        found = value(row)
        return found is not None and (found in [option(row) for option in options]) is wanted

    return holds
