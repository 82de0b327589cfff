"""The group `sopctl`: global options and the table of commands, each imported only when it runs.

Owns start-up speed: neither `--help` nor a light command may import what only `pull` or `report` needs.
"""

import gc
import sys
from collections.abc import Iterable
from dataclasses import dataclass
from gettext import gettext
from importlib import import_module
from pathlib import Path
from types import ModuleType
from typing import Any

import click

from dcnet.bilingual_click import BilingualGroup, current_language
from dcnet.language import Words

PLUGIN_LOADER = "pydantic.plugin._loader"
"""A private name: `pyproject.toml` keeps pydantic below the next version, in which it may be another."""


@dataclass(frozen=True, slots=True)
class Globals:
    """The global options."""

    config: Path
    acting: str | None
    program: str
    """How to call sopctl again with this configuration."""


@dataclass(frozen=True, slots=True)
class Entry:
    """A command of the table."""

    name: str
    module: str
    """Under `sopctl.commands`; holds `NAME_command`, `return` as `return_command`."""

    words: Words
    """One line for the group's help."""


class CommandTable(BilingualGroup):
    """A group whose commands stand in a table and are imported when they are called."""

    def __init__(self, *arguments: Any, entries: Iterable[Entry], **settings: Any) -> None:
        super().__init__(*arguments, **settings)
        self.entries = {entry.name: entry for entry in entries}
        # Only their names count: from them click suggests what a mistyped command may have meant.
        self.commands = {name: click.Command(name) for name in self.entries}

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002  # click's signature
        """Names in the order of the table, which is the order of the SOP."""
        return list(self.entries)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:  # noqa: ARG002
        """The command of that name, imported now."""
        entry = self.entries.get(cmd_name)
        if entry is None:
            return None
        command: click.Command = getattr(_load(f"sopctl.commands.{entry.module}"), f"{cmd_name}_command")
        return command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:  # noqa: ARG002
        """The list of commands, from the table alone."""
        with formatter.section(gettext("Commands")):
            formatter.write_dl(
                [(entry.name, entry.words.in_language(current_language())) for entry in self.entries.values()]
            )


class NoPlugins(ModuleType):
    """Stands where pydantic looks for its plugins: in all installed packages, by `importlib.metadata`, at each start.

    There are none, and a plugin of some other package would see each value that is validated, secrets among them.
    pydantic has a switch for them, and looks at it too late to save the time.
    """

    @staticmethod
    def get_plugins() -> tuple[()]:
        """None."""
        return ()


def _load(name: str) -> ModuleType:
    """The module `name`, which is loaded for good: no time goes to looking for garbage in it, now or at the end."""
    if name not in sys.modules:
        sys.modules.setdefault(PLUGIN_LOADER, NoPlugins(PLUGIN_LOADER))
        gc.disable()
        try:
            import_module(name)
        finally:
            gc.freeze()
            gc.enable()
    return sys.modules[name]
