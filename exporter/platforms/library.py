"""All platforms, read from their folder.

Owns which file is which, and that what all platforms share (`common.yml`) is in each. It must not know SSH.
"""

from collections.abc import Mapping
from functools import cache
from pathlib import Path

from dcnet.located_yaml import ConfigurationError, Problem, load_located
from exporter.pattern import Pattern
from exporter.platforms.models import Answer, Platform, Redaction

FOLDER = Path(__file__).parent
COMMON = "common"


class Common(Redaction):
    """What holds for every platform, after its own."""

    answers: tuple[Answer, ...] = ()
    refused: tuple[Pattern, ...] = ()


def platform_names(folder: Path = FOLDER) -> frozenset[str]:
    """The names that an inventory may use."""
    return frozenset(file.stem for file in folder.glob("*.yml")) - {COMMON}


def load_platforms(folder: Path = FOLDER) -> Mapping[str, Platform]:
    """Every platform of `folder`. Raises ConfigurationError with every mistake of every file."""
    problems: list[Problem] = []
    common = Common()
    try:
        common = load_located(folder / f"{COMMON}.yml", Common)
    except ConfigurationError as error:
        problems += error.problems
    platforms: dict[str, Platform] = {}
    for name in sorted(platform_names(folder)):
        try:
            own = load_located(folder / f"{name}.yml", Platform)
        except ConfigurationError as error:
            problems += error.problems
            continue
        shared = {key: (*getattr(own, key), *getattr(common, key)) for key in Common.model_fields}
        platforms[name] = own.model_copy(update=shared)
    if problems:
        raise ConfigurationError(problems)
    return platforms


@cache
def shipped_platforms() -> Mapping[str, Platform]:
    """The platforms that come with the exporter. They do not change while it runs."""
    return load_platforms()
