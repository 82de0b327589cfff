"""What pydantic's errors mean to the person who wrote the file, in both languages.

Owns the wording. Values are quoted only where a short number or word was expected: what stands under an
unknown key or in place of a mapping may be a secret.
"""

import difflib
from collections.abc import Mapping
from typing import Any, get_args

from pydantic import BaseModel
from pydantic_core import ErrorDetails

from dcnet.errors import PublicError
from dcnet.language import Words

LONGEST_QUOTE = 60


def explain_model_error(detail: ErrorDetails, model: type[BaseModel]) -> Words:
    """What was found and what was expected, for one error of validating a document against `model`."""
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
