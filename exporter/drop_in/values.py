"""Checked scalars of snmp.yml as Go reads them: durations, names, OIDs, patterns, secrets.

Pure checks that raise DropInError in both languages; no message holds a secret.
"""

import re
from typing import Annotated, Any, TypeAlias

from pydantic import AfterValidator, BeforeValidator, Field, SecretStr, StringConstraints, ValidationInfo

from dcnet.language import Words
from dcnet.secret import REFERENCE, resolve_secret
from exporter.errors import ExporterError

_DURATION_PART = re.compile(r"(?P<number>\d+(?:\.\d*)?|\.\d+)(?P<unit>ns|us|µs|μs|ms|s|m|h)")
_UNIT_SECONDS = {"ns": 1e-9, "us": 1e-6, "µs": 1e-6, "μs": 1e-6, "ms": 1e-3, "s": 1.0, "m": 60.0, "h": 3600.0}
LONGEST_TIMEOUT_SECONDS = 300.0


class DropInError(ExporterError, ValueError):
    """A value of snmp.yml, or a request for it, that cannot be served."""


def parse_duration(value: Any) -> Any:
    """Seconds of a Go duration (`5s`, `1m30s`), or of a number of nanoseconds."""
    if isinstance(value, int) and not isinstance(value, bool):
        return value / 1e9
    text = value if isinstance(value, str) else ""
    parts = list(_DURATION_PART.finditer(text))
    if not parts or "".join(part[0] for part in parts) != text:
        raise DropInError(Words("seharusnya lama waktu, misalnya 5s", "expected a duration such as 5s"))
    return sum(float(part["number"]) * _UNIT_SECONDS[part["unit"]] for part in parts)


def read_word(value: Any) -> Any:
    """Text as YAML wrote it: a number is its digits; on, off, yes, no need quotes to be words."""
    if isinstance(value, bool) or value is None:
        raise DropInError(Words("tulis kata ini di antara tanda kutip", "write this word in quotes"))
    return str(value) if isinstance(value, int) else value


def read_secret(value: Any, info: ValidationInfo) -> Any:
    """A secret as it stands, or the one that `${env:NAME}` or `${file:PATH}` refers to."""
    if not isinstance(value, str):
        raise DropInError(Words("tulis rahasia ini di antara tanda kutip", "write this secret in quotes"))
    return resolve_secret(value, info) if REFERENCE.fullmatch(value) else value


def compile_pattern(value: Any) -> Any:
    """A regular expression; ASCII classes, as in Go."""
    if isinstance(value, re.Pattern):
        return value
    try:
        return re.compile(value, re.ASCII)
    except (re.error, TypeError) as error:
        raise DropInError(Words(f"bukan ekspresi reguler: {error}", f"not a regular expression: {error}")) from error


MetricName: TypeAlias = Annotated[str, StringConstraints(pattern=r"^[a-zA-Z_:][a-zA-Z0-9_:]*$")]
NameEnding: TypeAlias = Annotated[str, StringConstraints(pattern=r"^[a-zA-Z0-9_:]*$")]
LabelName: TypeAlias = Annotated[str, StringConstraints(pattern=r"^[a-zA-Z_][a-zA-Z0-9_]*$")]
Oid: TypeAlias = Annotated[
    str, AfterValidator(lambda value: value.removeprefix(".")), StringConstraints(pattern=r"^\.?\d+(\.\d+)+$")
]
Word: TypeAlias = Annotated[str, BeforeValidator(read_word)]
Timeout: TypeAlias = Annotated[float, Field(gt=0, le=LONGEST_TIMEOUT_SECONDS), BeforeValidator(parse_duration)]
AuthSecret: TypeAlias = Annotated[SecretStr, BeforeValidator(read_secret)]
Pattern: TypeAlias = Annotated[Any, BeforeValidator(compile_pattern)]
"""A re.Pattern[str]."""
