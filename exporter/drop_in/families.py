"""Samples by metric, and their text format (Prometheus' text exposition format 0.0.4).

prometheus-client would take four times as long for the tens of thousands of samples of a large switch: the
labels come rendered here, once a row. A label set that comes twice is kept once: the first.
"""

import math
from dataclasses import dataclass, field

CONTENT_TYPE = "text/plain; version=0.0.4; charset=utf-8"


@dataclass(slots=True)
class Family:
    """One metric's samples."""

    name: str
    help: str
    kind: str
    """`gauge` or `counter`."""

    rows: dict[str, int | str] = field(default_factory=dict)
    """Rendered labels and value; a float stands as text."""

    def add(self, labels: str, value: float) -> None:
        """Add a sample; a label set that is there already is left as it is."""
        self.rows.setdefault(labels, value if isinstance(value, int) else float_text(value))


class FamilySet:
    """The metrics of one answer."""

    def __init__(self) -> None:
        self._families: dict[str, Family] = {}

    def family(self, name: str, help_text: str, kind: str) -> Family:
        """The metric of that name, with the help and type of whoever asked first."""
        family = self._families.get(name)
        if family is None:
            family = self._families[name] = Family(name, help_text, kind)
        return family

    def gauge(self, name: str, help_text: str, labels: str, value: float) -> None:
        """Add one sample of a gauge."""
        self.family(name, help_text, "gauge").add(labels, value)

    def render(self) -> bytes:
        """The text of all."""
        lines: list[str] = []
        for name in sorted(self._families):
            family = self._families[name]
            if family.rows:
                text = family.help.replace("\\", "\\\\").replace("\n", "\\n")
                lines.append(f"# HELP {name} {text}\n# TYPE {name} {family.kind}")
                lines += [f"{name}{labels} {value}" for labels, value in family.rows.items()]
        lines.append("")
        return "\n".join(lines).encode()


def float_text(value: float) -> str:
    """`value` with the fewest digits that give it back."""
    if math.isfinite(value):
        return repr(value)
    return "NaN" if math.isnan(value) else "+Inf" if value > 0 else "-Inf"
