"""Words for people in the two languages of the house: Indonesian (default) and English.

Owns the pair type and the choice of language. Both wordings stand side by side where they are used,
so that neither can be changed without seeing the other.
"""

import os
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import assert_never

LANGUAGE_VARIABLE = "DCNET_LANG"


class Language(StrEnum):
    """A language that people read; the value is its ISO 639-1 code."""

    INDONESIAN = "id"
    ENGLISH = "en"


@dataclass(frozen=True, slots=True)
class Words:
    """One message in both languages."""

    id: str
    """Indonesian."""

    en: str
    """English."""

    def in_language(self, language: Language) -> str:
        """The wording in `language`."""
        match language:
            case Language.INDONESIAN:
                return self.id
            case Language.ENGLISH:
                return self.en
            case _:
                assert_never(language)


def language_of_environment(environment: Mapping[str, str] = os.environ) -> Language:
    """The language that `DCNET_LANG` names; Indonesian when it names none that we speak."""
    try:
        return Language(environment.get(LANGUAGE_VARIABLE, ""))
    except ValueError:
        return Language.INDONESIAN
