"""Secrets of configuration files: `${env:NAME}` and `${file:PATH}`, never a literal, never empty.

Owns the reference form and its resolution. A resolved secret is a pydantic SecretStr, which prints as
asterisks; only the transport that needs it unwraps it.
"""

import os
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Annotated, Any, TypeAlias

from pydantic import BeforeValidator, GetCoreSchemaHandler, SecretStr, ValidationInfo
from pydantic_core import CoreSchema, core_schema

from dcnet.errors import PublicError
from dcnet.language import Words
from dcnet.os_errors import reason_of

REFERENCE = re.compile(r"\$\{(?P<kind>env|file):(?P<name>[^}]+)\}")


@dataclass(frozen=True, slots=True)
class SecretSources:
    """Where references are looked up."""

    folder: Path
    """Relative file paths start here: the folder of the file that refers."""

    environment: Mapping[str, str] = field(repr=False)

    @classmethod
    def of(cls, folder: Path, environment: Mapping[str, str] | None) -> "SecretSources":
        """Sources of `environment`, or of the process's when it is None."""
        return cls(folder, os.environ if environment is None else environment)


class SecretError(PublicError, ValueError):
    """A reference that does not lead to a secret. Its message never holds the value found."""


@dataclass(frozen=True, slots=True)
class SecretReference:
    """Where a secret is, for whoever needs it: a file that several people share names secrets of each of them."""

    reference: str
    sources: SecretSources

    def reveal(self) -> SecretStr:
        """The secret. Raises SecretError where there is none, or none that this login may read."""
        return SecretStr(_resolve(self.reference, self.sources))

    @classmethod
    def __get_pydantic_core_schema__(cls, _source: Any, _handler: GetCoreSchemaHandler) -> CoreSchema:
        """An instance is taken as it is; a model of its fields, which pydantic would make, nobody reads."""
        return core_schema.is_instance_schema(cls)


def resolve_secret(value: Any, info: ValidationInfo) -> Any:
    """The secret that `value` refers to. Raises SecretError where there is none."""
    sources = info.context
    if not isinstance(sources, SecretSources):
        return value
    return _resolve(value, sources)


def keep_reference(value: Any, info: ValidationInfo) -> Any:
    """The reference that `value` is, unresolved. Raises SecretError where it is none."""
    sources = info.context
    if not isinstance(sources, SecretSources):
        return value
    _parts_of(value)
    return SecretReference(value, sources)


def _parts_of(value: Any) -> re.Match[str]:
    reference = REFERENCE.fullmatch(value) if isinstance(value, str) else None
    if reference is None:
        raise SecretError(
            Words(
                "rahasia tidak ditulis di sini; seharusnya ${env:NAMA} atau ${file:LOKASI}",
                "a secret is not written here; expected ${env:NAME} or ${file:PATH}",
            )
        )
    return reference


def _resolve(value: Any, sources: SecretSources) -> str:
    reference = _parts_of(value)
    name = reference["name"]
    if reference["kind"] == "env":
        secret = sources.environment.get(name, "")
        if not secret:
            raise SecretError(
                Words(
                    f"variabel lingkungan {name} tidak ada atau kosong; isi sebelum menjalankan",
                    f"environment variable {name} is missing or empty; set it before starting",
                )
            )
        return secret
    path = sources.folder / name
    try:
        secret = path.read_text(encoding="utf-8").rstrip("\r\n")
    except (OSError, UnicodeDecodeError) as error:
        why = reason_of(error) if isinstance(error, OSError) else Words("bukan UTF-8", "not UTF-8")
        raise SecretError(
            Words(f"berkas rahasia {name} tidak dapat dibaca: {why.id}", f"secret file {name} cannot be read: {why.en}")
        ) from error
    if not secret:
        raise SecretError(Words(f"berkas rahasia {name} kosong", f"secret file {name} is empty"))
    return secret


Secret: TypeAlias = Annotated[SecretStr, BeforeValidator(resolve_secret)]
"""A model field that holds a secret: the file gives a reference, the model its value."""

LaterSecret: TypeAlias = Annotated[SecretReference, BeforeValidator(keep_reference)]
"""A model field whose secret is looked up only when it is needed, by a login that may read it."""
