"""The files of --snmp-config, read into one set of auths and modules; a later file goes before an earlier one.

Owns patterns of file names and the merging. Every mistake is told with its file and line.
"""

import glob
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from dcnet.language import Words
from dcnet.located_yaml import ConfigurationError, Problem, load_located
from exporter.drop_in.config import Auth, SnmpYaml
from exporter.drop_in.module_plan import ModulePlan


@dataclass(frozen=True, slots=True)
class SnmpSettings:
    """What the files say, ready to use."""

    auths: Mapping[str, Auth]
    modules: Mapping[str, ModulePlan]


def load_settings(patterns: Sequence[str], environment: Mapping[str, str] | None = None) -> SnmpSettings:
    """The settings of all files that `patterns` (`/etc/snmp/*.yml`) name. Raises ConfigurationError."""
    problems: list[Problem] = []
    auths: dict[str, Auth] = {}
    modules: dict[str, ModulePlan] = {}
    for pattern in patterns:
        # A name without a match is read as it stands, so that its absence is told.
        for name in sorted(glob.glob(pattern)) or [pattern]:  # noqa: PTH207 - an absolute pattern is no business of Path.glob
            try:
                read = load_located(Path(name), SnmpYaml, environment=environment)
            except ConfigurationError as error:
                problems += error.problems
                continue
            auths |= read.auths
            modules |= {module_name: ModulePlan(module_name, module) for module_name, module in read.modules.items()}
    if not problems:
        problems = [
            Problem(" ".join(patterns), 1, key, Words("kosong; tidak ada yang dapat dibaca", "empty; nothing to read"))
            for key, found in (("auths", auths), ("modules", modules))
            if not found
        ]
    if problems:
        raise ConfigurationError(problems)
    return SnmpSettings(auths, modules)
