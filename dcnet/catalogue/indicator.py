"""The catalogue's indicators and levels: the shape of `prometheus/indicators.yml`.

Owns what an indicator is. It must not query or judge anything.
"""

from enum import StrEnum
from functools import cache
from pathlib import Path
from typing import assert_never

from pydantic import Field

from dcnet.catalogue.components import Component
from dcnet.catalogue.model_base import Model
from dcnet.catalogue.month import AverageOfIndicator, Limits, Month
from dcnet.language import Language, Words
from dcnet.located_yaml import load_located
from dcnet.unit import Unit


class Direction(StrEnum):
    """On which side of its limit an indicator is bad."""

    ABOVE = "above"
    BELOW = "below"


class Severity(StrEnum):
    """How bad: `warning` is Menurun, `critical` is Kritis."""

    WARNING = "warning"
    CRITICAL = "critical"


class Urgency(StrEnum):
    """How fast somebody must know."""

    IMMEDIATE = "immediate"
    """Within seconds: its alert reads the raw series, every few seconds."""

    USUAL = "usual"
    """Its alert reads the recorded minutes."""


class Team(StrEnum):
    """Who is called; the alert's label `team`."""

    NETWORK = "jaringan"
    INTERNET = "internet"
    FACILITY = "fasilitas"


class Bilingual(Model):
    """A text of the catalogue in both languages."""

    id: str
    en: str

    def in_language(self, language: Language) -> str:
        """The wording in `language`."""
        return Words(self.id, self.en).in_language(language)


class Level(Model):
    """A series that indicators stand on: what is usual, or a long stretch of time made cheap.

    Levels are recorded in their order in the catalogue, each from raw series or from levels before it. One that
    is recorded hourly is read by `last_over_time(…[3h])`: an instant query does not see it for most of an hour.
    """

    record: str = Field(pattern=r"^dcnet:[a-z0-9_:]+$")
    every: str = Field(pattern=r"^[0-9]+[mh]$")
    expression: str
    meaning: str


class Indicator(Model):
    """One indicator: the same fact in a rule, an alert, a board and the checklist."""

    id: str = Field(pattern=r"^[a-z][a-z0-9_]*$")
    component: Component
    team: Team
    urgency: Urgency = Urgency.USUAL
    title: Bilingual
    explanation: Bilingual
    action: Bilingual
    """What to do about it."""

    unit: Unit
    direction: Direction
    expression: str
    """PromQL over the exporter's metrics and the levels: the value now, with the component's own labels."""

    limits: Limits
    """Default limits of the moment; the inventory may override them."""

    lookback_minutes: int = Field(ge=0)
    """How far back `expression` looks: so long after planned work its value may still tell of it."""

    alert_after: str = Field(pattern=r"^[0-9]+[smh]$")
    """For how long it must be degraded before anyone is called."""

    month: Month

    expected: bool = False
    """Every object of its kind must give it (devices and links of the inventory, and what another indicator measured):
    where it was not measured, the checklist says so. Any other indicator applies to what gave it once."""

    @property
    def runbook(self) -> str:
        """The runbook's path in the repository."""
        return f"docs/runbooks/{self.id}.md"

    @property
    def severities(self) -> tuple[Severity, ...]:
        """The severities that it knows."""
        return tuple(Severity) if self.limits.critical is not None else (Severity.WARNING,)

    def is_past(self, value: float, limit: float | None) -> bool:
        """Whether `value` is on the bad side of `limit` (both in the indicator's unit); never where there is none."""
        if limit is None:
            return False
        match self.direction:
            case Direction.ABOVE:
                return value > limit
            case Direction.BELOW:
                return value < limit
            case _:
                assert_never(self.direction)


class Catalogue(Model):
    """All indicators, in the order in which reports show them, and the levels that they stand on."""

    levels: tuple[Level, ...] = ()
    indicators: tuple[Indicator, ...]

    def by_id(self) -> dict[str, Indicator]:
        """Indicators by their id; one that is looked up and not in the catalogue has a stand-in."""
        return _ById((indicator.id, indicator) for indicator in self.indicators)


class _ById(dict[str, Indicator]):
    """A month that an earlier version judged tells of indicators that this version has under another id, or not at all.

    Its figures can still be read; its findings stay open until somebody closes them.
    """

    def __missing__(self, identity: str) -> Indicator:
        return Indicator(
            id=identity,
            component=Component.EVENT,
            team=Team.NETWORK,
            title=Bilingual(id=identity, en=identity),
            explanation=Bilingual(
                id="Indikator ini tidak ada lagi dalam katalog versi ini.",
                en="This version's catalogue no longer has this indicator.",
            ),
            action=Bilingual(
                id="Bila sudah selesai, atau indikator lain menggantikannya, tutup temuannya.",
                en="Where it is settled, or another indicator took its place, close its finding.",
            ),
            unit=Unit.COUNT,
            direction=Direction.ABOVE,
            expression="vector(0) < 0",
            limits=Limits(warning=0),
            lookback_minutes=0,
            alert_after="0s",
            month=Month(summary=AverageOfIndicator(method="average"), minimum_coverage=1, tolerated_degraded_minutes=0),
        )


def load_catalogue(file: Path | None = None) -> Catalogue:
    """Read the catalogue from `file` (default: the one of this distribution). Raises ConfigurationError."""
    return _shipped_catalogue() if file is None else load_located(file, Catalogue)


@cache
def _shipped_catalogue() -> Catalogue:
    """It does not change while a program runs, and every inventory is checked against it."""
    return load_located(Path(__file__).parents[2] / "prometheus" / "indicators.yml", Catalogue)
