"""How a rule file is written: the same text for the same groups.

Owns YAML only; it must not know what the rules say.
"""

from typing import Any, TypeAlias

import yaml

HEADER = "# Built from prometheus/indicators.yml by `make generate`; do not edit.\n"

Rule: TypeAlias = dict[str, Any]
Group: TypeAlias = dict[str, Any]


def render_groups(groups: list[Group]) -> str:
    """Rule file text of `groups`."""
    return HEADER + yaml.dump({"groups": groups}, sort_keys=False, allow_unicode=True, width=10_000, Dumper=_RuleDumper)


class _RuleDumper(yaml.SafeDumper):
    """Writes texts of several lines as blocks, so that a rule reads as it was written; no anchors."""

    def ignore_aliases(self, _data: Any) -> bool:
        return True


def _represent_text(dumper: yaml.SafeDumper, text: str) -> yaml.ScalarNode:
    return dumper.represent_scalar("tag:yaml.org,2002:str", text, style="|" if "\n" in text else None)


_RuleDumper.add_representer(str, _represent_text)
