"""YAML files read into pydantic models, every mistake told as `file:line: path: found, expected`.

Owns line numbers, duplicate keys, the wording of model errors and the collection of all mistakes of a
file at once. It must not know any particular file: the models and the cross checks are passed in.
"""

import difflib
from collections.abc import Callable, Hashable, Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeAlias, TypeVar, get_args

import yaml
from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails

from dcnet.errors import PublicError
from dcnet.language import Language, Words
from dcnet.secret import SecretSources

KeyPath: TypeAlias = tuple[str | int, ...]
CrossCheck: TypeAlias = Callable[[Any], Iterable[tuple[KeyPath, Words]]]
LONGEST_QUOTE = 60
Model = TypeVar("Model", bound=BaseModel)


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


class _PositionLoader(yaml.SafeLoader):
    """A safe loader that notes the line of every key and item, and refuses duplicate keys."""

    def __init__(self, stream: str) -> None:
        super().__init__(stream)
        self.lines: dict[KeyPath, int] = {(): 1}
        self.duplicates: list[tuple[KeyPath, int]] = []

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
    loader = _PositionLoader(text)
    try:
        node = loader.get_single_node()
        loader.locate(node)
        # An alias loop makes locate() recurse without end; construct_document tells it as YAML's own error.
        document = {} if node is None else loader.construct_document(node)
    except yaml.YAMLError as error:
        raise ConfigurationError([_syntax_problem(name, error)]) from error
    except RecursionError as error:
        words = Words("isi menunjuk kembali pada dirinya sendiri", "the content refers back to itself")
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
            problem(_document_path(document, detail["loc"]), _explain(detail, model))
            for detail in error.errors(include_url=False)
        ]
    if cross_check is not None:
        problems += [problem(path, words) for path, words in cross_check(document)]
    if problems or result is None:
        raise ConfigurationError(problems)
    return result


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
    return Words(f"tidak dapat dibaca: {error.strerror}", f"cannot be read: {error.strerror}")


def _syntax_problem(name: str, error: yaml.YAMLError) -> Problem:
    mark = getattr(error, "problem_mark", None)
    line = mark.line + 1 if mark is not None else 1
    detail = getattr(error, "problem", None) or "unreadable"
    return Problem(name, line, "", Words(f"bukan YAML yang sah: {detail}", f"not valid YAML: {detail}"))


def _fields_at(model: type[BaseModel], location: tuple[str | int, ...]) -> list[str]:
    """The keys that the model at `location` accepts, for naming what was expected."""
    candidates: list[type[BaseModel]] = [model]
    for part in location:
        below: list[type[BaseModel]] = []
        for candidate in candidates:
            if isinstance(part, str) and part in candidate.model_fields:
                below += _models_in(candidate.model_fields[part].annotation)
        # A union's tag or a list index narrows nothing that we can follow: stay where we are.
        candidates = below or candidates
    return sorted({field.alias or name for found in candidates for name, field in found.model_fields.items()})


def _models_in(annotation: Any) -> list[type[BaseModel]]:
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return [annotation]
    return [found for argument in get_args(annotation) for found in _models_in(argument)]


def _explain(detail: ErrorDetails, model: type[BaseModel]) -> Words:
    """What a pydantic error means to the person who wrote the file.

    Values are quoted only where a short number or word was expected: what stands under an unknown key or
    in place of a mapping may be a secret.
    """
    kind = detail["type"]
    context = detail.get("ctx", {})
    found = _quote(detail["input"])
    match kind:
        case "extra_forbidden":
            return _unknown_key(str(detail["loc"][-1]), _fields_at(model, detail["loc"][:-1]))
        case "missing":
            return Words("tidak ada; wajib diisi", "missing; it is required")
        case "value_error":
            error = context.get("error")
            if isinstance(error, PublicError):
                return error.words
            return Words(str(error), str(error))
        case "model_type" | "dict_type" | "model_attributes_type":
            kind_found = type(detail["input"]).__name__
            return Words(
                f"ditemukan {kind_found}, seharusnya kumpulan kunci", f"found {kind_found}, expected a mapping"
            )
        case "list_type" | "tuple_type":
            kind_found = type(detail["input"]).__name__
            return Words(f"ditemukan {kind_found}, seharusnya daftar", f"found {kind_found}, expected a list")
        case "enum" | "literal_error" | "union_tag_invalid":
            expected = str(context.get("expected") or context.get("expected_tags"))
            if kind == "union_tag_invalid":
                found = _quote(context.get("tag"))
            return Words(
                f"ditemukan {found}, seharusnya salah satu dari {expected}",
                f"found {found}, expected one of {expected}",
            )
        case "union_tag_not_found":
            key = str(context.get("discriminator"))
            return Words(f"kunci {key} tidak ada; wajib diisi", f"key {key} is missing; it is required")
        case _:
            expected_words = _expected(kind, context) or Words(detail["msg"], detail["msg"])
            return Words(
                f"ditemukan {found}, seharusnya {expected_words.id}", f"found {found}, expected {expected_words.en}"
            )


def _expected(kind: str, context: Mapping[str, Any]) -> Words | None:
    """What a scalar should have been, by pydantic's kind of error; None for a kind that has no words here."""
    match kind:
        case "int_type" | "int_parsing" | "int_from_float":
            return Words("bilangan bulat", "an integer")
        case "float_type" | "float_parsing" | "finite_number":
            return Words("bilangan", "a number")
        case "bool_type" | "bool_parsing":
            return Words("true atau false", "true or false")
        case "string_type" | "string_sub_type":
            return Words("teks", "text")
        case "string_too_short" | "too_short":
            return Words(f"paling sedikit {context['min_length']}", f"at least {context['min_length']}")
        case "string_pattern_mismatch":
            return Words(f"bentuk {context['pattern']}", f"the form {context['pattern']}")
        case "greater_than":
            return Words(f"lebih dari {context['gt']}", f"more than {context['gt']}")
        case "greater_than_equal":
            return Words(f"paling sedikit {context['ge']}", f"at least {context['ge']}")
        case "less_than":
            return Words(f"kurang dari {context['lt']}", f"less than {context['lt']}")
        case "less_than_equal":
            return Words(f"paling banyak {context['le']}", f"at most {context['le']}")
        case "datetime_type" | "datetime_parsing" | "datetime_from_date_parsing":
            return Words("waktu seperti 2026-10-04T22:00", "a time such as 2026-10-04T22:00")
        case _:
            return None


def _unknown_key(key: str, expected: list[str]) -> Words:
    near = difflib.get_close_matches(key, expected, n=1)
    listed = ", ".join(expected)
    return Words(
        id="kunci tidak dikenal" + (f"; maksudnya {near[0]}?" if near else f"; yang dikenal: {listed}"),
        en="unknown key" + (f"; did you mean {near[0]}?" if near else f"; known keys: {listed}"),
    )


def _quote(value: Any) -> str:
    if value is None:
        return "kosong/null"
    if isinstance(value, str | int | float | bool):
        text = repr(value)
        return text if len(text) <= LONGEST_QUOTE else text[: LONGEST_QUOTE - 3] + "…'"
    return type(value).__name__
