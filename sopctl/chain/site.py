"""Who holds which position, for the wording of refusals and of what comes next.

Pure; built by the commands from `sopctl.yml`.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import tzinfo

from sopctl.model import Position


@dataclass(frozen=True, slots=True)
class Site:
    """What a message must know of the site."""

    zone: tzinfo
    titles: Mapping[Position, str]
    officials: Mapping[Position, tuple[str, ...]]
    """Ids, in the order of `sopctl.yml`."""

    program: str = "sopctl"
    """How sopctl is called here: with `--config FILE` where that was given."""

    open_cycles: tuple[str, ...] = ()
    """Cycles that have not ended: with several, a command must name the one that it is about."""

    def titled(self, position: Position) -> str:
        """`Kepala Bagian Rencana dan Laporan (kabag)`."""
        return f"{self.titles[position]} ({position.value})"

    def command(self, position: Position, command: str, cycle: str = "") -> str:
        """The command about `cycle` as its official types it: `sopctl --as ID assign`."""
        identities = "|".join(self.officials.get(position, ())) or position.value
        return f"{self.program} --as {identities} {command}{self.about(cycle)}"

    def about(self, cycle: str) -> str:
        """` --period NAME` where `cycle` would not be understood without it."""
        return f" --period {cycle}" if cycle and len(self.open_cycles) > 1 else ""
