"""Regular expressions that people write into inventories, profiles and platforms."""

import re
from typing import Annotated, TypeAlias

from pydantic import AfterValidator

from dcnet.language import Words
from exporter.errors import PatternValueError


def _check(value: str) -> str:
    try:
        re.compile(value)
    except re.error as error:
        raise PatternValueError(
            Words(f"bukan ekspresi reguler: {error}", f"not a regular expression: {error}")
        ) from error
    return value


Pattern: TypeAlias = Annotated[str, AfterValidator(_check)]
"""A regular expression as Python's `re` reads it."""
