"""The catalogue of indicators: what "kinerja menurun" means, once, for rules, alerts, boards and reports.

Owns the shape of `prometheus/indicators.yml` and how an indicator's expression becomes the uniform
series `dcnet:indicator{indicator, component, device, object}`. It must not query or judge anything.
"""

from enum import StrEnum
from pathlib import Path
from typing import Annotated, Literal, TypeAlias, assert_never

from pydantic import BaseModel, ConfigDict, Field

from dcnet.language import Language, Words
from dcnet.located_yaml import load_located

EVALUATION_INTERVAL_SECONDS = 60
"""How often the recording rules write `dcnet:indicator` and `dcnet:degraded`: the grain of "minutes degraded"."""

WINDOW = "$window"
"""Stands in a month's expressions for the range selected, e.g. `[$window]` becomes `[2678400s]`."""


class _Model(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Component(StrEnum):
    """The kind of thing that an indicator judges."""

    DEVICE = "device"
    INTERFACE = "interface"
    LINK = "link"


class Unit(StrEnum):
    """The base unit of an indicator's value and limits."""

    RATIO = "ratio"
    SECONDS = "seconds"


class Direction(StrEnum):
    """On which side of its limit an indicator is bad."""

    ABOVE = "above"
    BELOW = "below"


class Severity(StrEnum):
    """How bad: `warning` is Menurun, `critical` is Kritis."""

    WARNING = "warning"
    CRITICAL = "critical"


class Bilingual(_Model):
    """A text of the catalogue in both languages."""

    id: str
    en: str

    def in_language(self, language: Language) -> str:
        """The wording in `language`."""
        return Words(self.id, self.en).in_language(language)


class Limits(_Model):
    """Limits in the indicator's unit: a value past one (strictly, in the indicator's direction) is degraded."""

    warning: float
    critical: float


class MeanOfSamples(_Model):
    """The month's value is the mean of the raw samples of `series`."""

    method: Literal["mean"]
    series: str
    """A plain series selector, without range."""


class RatioOfCounters(_Model):
    """The month's value is the growth of `numerator` divided by the growth of `denominator`.

    Both are expressions over `increase(…[$window])`, so that time can be left out by adding the growths
    of what remains.
    """

    method: Literal["ratio"]
    numerator: str
    denominator: str


class QuantileOfIndicator(_Model):
    """The month's value is a quantile (0 to 1) of the recorded `dcnet:indicator` samples."""

    method: Literal["quantile"]
    quantile: float = Field(gt=0, lt=1)


class QuantileOfHistogram(_Model):
    """The month's value is a quantile (0 to 1) of the histogram whose buckets grew by `buckets`.

    `buckets` is an expression over `increase(…[$window])` that keeps the label `le`.
    """

    method: Literal["histogram"]
    quantile: float = Field(gt=0, lt=1)
    buckets: str


Summary: TypeAlias = Annotated[
    MeanOfSamples | RatioOfCounters | QuantileOfIndicator | QuantileOfHistogram, Field(discriminator="method")
]


class Month(_Model):
    """How a month of an indicator is summarised and judged."""

    summary: Summary

    limits: Limits | None = None
    """Limits of the month's value where they differ from the limits of the moment; None: the same."""

    minimum_coverage: float = Field(gt=0, le=1)
    """Share of the month (0 to 1) below which its value does not speak for it and judges nothing."""

    tolerated_degraded_minutes: int = Field(ge=0)
    """A month with more degraded minutes than this (outside planned work) is Menurun whatever its value."""


class Indicator(_Model):
    """One indicator: the same fact in a rule, an alert, a board and the checklist."""

    id: str = Field(pattern=r"^[a-z][a-z0-9_]*$")
    component: Component
    title: Bilingual
    explanation: Bilingual
    action: Bilingual
    """What to do about it."""

    unit: Unit
    direction: Direction
    expression: str
    """PromQL over the exporter's metrics: the value now, with the component's own labels (`instance`; for an
    interface also `interface`; for a link `link`)."""

    limits: Limits
    """Default limits of the moment; the inventory may override them."""

    lookback_minutes: int = Field(ge=0)
    """How far back `expression` looks: so long after planned work its value may still tell of it."""

    alert_after: str = Field(pattern=r"^[0-9]+[smh]$")
    """For how long it must be degraded before anyone is called."""

    month: Month

    @property
    def runbook(self) -> str:
        """The runbook's path in the repository."""
        return f"docs/runbooks/{self.id}.md"

    def is_past(self, value: float, limit: float) -> bool:
        """Whether `value` is on the bad side of `limit` (both in the indicator's unit)."""
        match self.direction:
            case Direction.ABOVE:
                return value > limit
            case Direction.BELOW:
                return value < limit
            case _:
                assert_never(self.direction)


class Catalogue(_Model):
    """All indicators, in the order in which reports show them."""

    indicators: tuple[Indicator, ...]

    def by_id(self) -> dict[str, Indicator]:
        """Indicators by their id."""
        return {indicator.id: indicator for indicator in self.indicators}


def load_catalogue(file: Path | None = None) -> Catalogue:
    """Read the catalogue from `file` (default: the one of this distribution). Raises ConfigurationError."""
    return load_located(file or Path(__file__).parent.parent / "prometheus" / "indicators.yml", Catalogue)


def identify(component: Component, expression: str) -> str:
    """PromQL that gives `expression`'s samples the labels `device` and `object` of the contract.

    `object` is the name in the inventory: of the device, of the link, or `DEVICE:INTERFACE`. A link's
    `device` is the device that carries it.
    """
    match component:
        case Component.DEVICE:
            return f'label_replace({_with_device(expression)}, "object", "$1", "instance", "(.+)")'
        case Component.INTERFACE:
            return f'label_join({_with_device(expression)}, "object", ":", "instance", "interface")'
        case Component.LINK:
            # One device a link whatever the inventories of two exporters, or of before and after, say: a second
            # one would be an error of every rule about links. Of several the one told last is taken.
            newest = "topk by (link) (1, max by (link, device) (timestamp(dcnet_link_info)))"
            carrier = f"group by (link, device) ({newest})"
            carried = f"({expression}) * on (link) group_left (device) {carrier}"
            return f'label_replace({carried}, "object", "$1", "link", "(.+)")'
        case _:
            assert_never(component)


def _with_device(expression: str) -> str:
    return f'label_replace({expression}, "device", "$1", "instance", "(.+)")'
