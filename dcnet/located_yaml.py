"""YAML files read into pydantic models, every mistake told as `file:line: path: found, expected`.

Owns line numbers, duplicate keys and the collection of all mistakes of a file at once. It must not know
any particular file: the models and the cross checks are passed in.
"""

from collections.abc import Callable, Hashable, Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeAlias, TypeVar

import yaml
from pydantic import BaseModel, ValidationError

from dcnet.errors import PublicError
from dcnet.language import Language, Words
from dcnet.model_errors import explain_model_error
from dcnet.os_errors import reason_of
from dcnet.secret import SecretSources

KeyPath: TypeAlias = tuple[str | int, ...]
CrossCheck: TypeAlias = Callable[[Any], Iterable[tuple[KeyPath, Words]]]
Model = TypeVar("Model", bound=BaseModel)

LARGEST_INTEGER_BITS = 64
"""No setting needs a larger integer; Python's own refuse to become floats or text when they are huge."""


@dataclass(frozen=True, slots=True, order=True)
class Problem:
    """One mistake in a file."""

    file: str
    line: int
    """1 for the first line."""

    path: str
    """Where in the document, as `devices[2].address`; empty for the document itself."""

    words: Words

    def in_language(self, language: Language) -> str:
        """`file:line: path: message`."""
        place = f"{self.file}:{self.line}: "
        return place + (f"{self.path}: " if self.path else "") + self.words.in_language(language)


class ConfigurationError(PublicError):
    """A file that cannot be used, with every problem found in it, in the order of its lines."""

    exit_code = 2

    def __init__(self, problems: Iterable[Problem]) -> None:
        self.problems = tuple(sorted(problems, key=lambda problem: (problem.file, problem.line, problem.path)))
        super().__init__(
            Words(
                id="\n".join(problem.in_language(Language.INDONESIAN) for problem in self.problems),
                en="\n".join(problem.in_language(Language.ENGLISH) for problem in self.problems),
            )
        )


class _ValueError(yaml.MarkedYAMLError):
    """A scalar that YAML's rules make a number, a time or the like, and that is none."""

    def __init__(self, words: Words, mark: yaml.Mark) -> None:
        super().__init__(problem=words.en, problem_mark=mark)
        self.words = words
        self.line = mark.line + 1


class _PositionLoader(yaml.SafeLoader):
    """A safe loader that notes the line of every key and item, and refuses duplicate keys and broken values."""

    def __init__(self, stream: str) -> None:
        super().__init__(stream)
        self.lines: dict[KeyPath, int] = {(): 1}
        self.duplicates: list[tuple[KeyPath, int]] = []

    def construct_object(self, node: yaml.Node, deep: bool = False) -> Any:
        """What `node` stands for. Raises YAMLError, with the node's place, also where Python's types refuse it."""
        try:
            value = super().construct_object(node, deep=deep)
        except (ValueError, ArithmeticError, LookupError, AttributeError, TypeError) as error:
            raise _unreadable_value(node) from error
        if isinstance(value, int) and value.bit_length() > LARGEST_INTEGER_BITS:
            raise _unreadable_value(node)
        return value

    def locate(self, node: yaml.Node | None, path: KeyPath = ()) -> None:
        """Note the lines of `node` and of all below it."""
        match node:
            case yaml.MappingNode():
                seen: set[Hashable] = set()
                for key_node, value_node in node.value:
                    key = getattr(key_node, "value", None)
                    if not isinstance(key, str):
                        continue
                    if key in seen:
                        self.duplicates.append(((*path, key), key_node.start_mark.line + 1))
                    seen.add(key)
                    self.lines[(*path, key)] = key_node.start_mark.line + 1
                    self.locate(value_node, (*path, key))
            case yaml.SequenceNode():
                for index, item in enumerate(node.value):
                    self.lines[(*path, index)] = item.start_mark.line + 1
                    self.locate(item, (*path, index))
            case _:
                pass


def load_located(
    file: Path,
    model: type[Model],
    cross_check: CrossCheck | None = None,
    environment: Mapping[str, str] | None = None,
) -> Model:
    """Read `file` into `model`.

    `cross_check` gets the raw document (whatever YAML gave, possibly of the wrong shape) and yields
    (path, words) for each mistake that no single field shows; it runs also when the model refuses the
    document, so that all mistakes are told at once. Secrets are resolved against `environment`
    (default: the process's) and relative to the file's folder.

    Raises ConfigurationError with every problem found.
    """
    name = str(file)
    try:
        text = file.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigurationError([Problem(name, 1, "", _unreadable(error))]) from error
    try:
        loader = _PositionLoader(text)
        node = _compose(text, loader)
        loader.locate(node)
        # An alias loop makes locate() recurse without end; construct_document tells it as YAML's own error.
        document = {} if node is None else loader.construct_document(node)
    except yaml.YAMLError as error:
        raise ConfigurationError([_syntax_problem(name, text, error)]) from error
    except RecursionError as error:
        words = Words(
            "isi bersarang terlalu dalam, atau menunjuk kembali pada dirinya sendiri",
            "the content is nested too deeply, or refers back to itself",
        )
        raise ConfigurationError([Problem(name, 1, "", words)]) from error

    def problem(path: KeyPath, words: Words) -> Problem:
        return Problem(name, _line_of(loader.lines, path), render_path(path), words)

    problems = [
        Problem(name, line, render_path(path), Words("kunci ditulis dua kali", "key is written twice"))
        for path, line in loader.duplicates
    ]
    result: Model | None = None
    try:
        result = model.model_validate(document, context=SecretSources.of(file.parent, environment))
    except ValidationError as error:
        problems += [
            problem(_document_path(document, detail["loc"]), explain_model_error(detail, model))
            for detail in error.errors(include_url=False)
        ]
    if cross_check is not None:
        problems += [problem(path, words) for path, words in cross_check(document)]
    if problems or result is None:
        raise ConfigurationError(problems)
    return result


def _compose(text: str, loader: _PositionLoader) -> yaml.Node | None:
    """The tree of `text`. libyaml is ten times as fast, which a file of 60,000 lines needs; it explains less."""
    if yaml.__with_libyaml__:
        try:
            return yaml.compose(text, Loader=yaml.CSafeLoader)
        except yaml.YAMLError:
            pass  # told below, in better words
    return loader.get_single_node()


def render_path(path: KeyPath) -> str:
    """`("devices", 2, "address")` as `devices[2].address`."""
    text = ""
    for part in path:
        text += f"[{part}]" if isinstance(part, int) else f".{part}" if text else str(part)
    return text


def _line_of(lines: Mapping[KeyPath, int], path: KeyPath) -> int:
    """The line of `path`, else of the nearest place above it that has one."""
    while path not in lines:
        path = path[:-1]
    return lines[path]


def _document_path(document: Any, location: tuple[str | int, ...]) -> KeyPath:
    """The part of pydantic's location that exists in the document.

    Pydantic adds the tags of unions and validators to the location; they are no keys of the file. The
    last part is kept also where the document lacks it: a missing key is named.
    """
    path: list[str | int] = []
    place = document
    for position, part in enumerate(location):
        in_mapping = isinstance(place, dict) and part in place
        in_list = isinstance(place, list) and isinstance(part, int) and part < len(place)
        if in_mapping or in_list:
            place = place[part]
        elif position != len(location) - 1 or not isinstance(place, dict) or part == "[key]":
            continue
        path.append(part)
    return tuple(path)


def _unreadable(error: OSError | UnicodeDecodeError) -> Words:
    if isinstance(error, FileNotFoundError):
        return Words("berkas tidak ada", "file does not exist")
    if isinstance(error, UnicodeDecodeError):
        return Words("bukan teks UTF-8", "not UTF-8 text")
    why = reason_of(error)
    return Words(f"tidak dapat dibaca: {why.id}", f"cannot be read: {why.en}")


def _unreadable_value(node: yaml.Node) -> _ValueError:
    """The value itself is not quoted: it may be a secret."""
    kind = str(node.tag).rpartition(":")[2]
    words = Words(
        f"nilai ini tidak dapat dibaca sebagai {kind}; perbaiki, atau apit dengan tanda kutip bila teks",
        f"this value cannot be read as {kind}; correct it, or quote it if it is text",
    )
    return _ValueError(words, node.start_mark)


def _syntax_problem(name: str, text: str, error: yaml.YAMLError) -> Problem:
    if isinstance(error, _ValueError):
        return Problem(name, error.line, "", error.words)
    if isinstance(error, yaml.reader.ReaderError):
        line = text.count("\n", 0, error.position) + 1
        found = f"U+{ord(error.character):04X}" if isinstance(error.character, str) else f"U+{error.character:04X}"
        words = Words(f"karakter kendali {found} tidak boleh ada; hapus", f"control character {found}; remove it")
        return Problem(name, line, "", words)
    mark = getattr(error, "problem_mark", None)
    line = mark.line + 1 if mark is not None else 1
    detail = getattr(error, "problem", None) or "unreadable"
    return Problem(name, line, "", Words(f"bukan YAML yang sah: {detail}", f"not valid YAML: {detail}"))
