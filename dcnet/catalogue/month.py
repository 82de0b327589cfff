"""How a month of an indicator becomes one value, and when that value is bad.

Owns the shapes of `month:` in the catalogue. The arithmetic is the report's; here stands what it must do.
A summary is told by structure and not by free PromQL, so that planned work can be left out exactly: every
summary but the quantile is worked out from parts of stretches of time that add up (or of which the greatest,
least or last is taken).
"""

from typing import Annotated, Literal, TypeAlias

from pydantic import Field

from dcnet.catalogue.model_base import Model

WINDOW = "$window"
"""Stands in a month's expressions for the range selected, e.g. `[$window]` becomes `[2678400s]`."""


class Limits(Model):
    """Limits in the indicator's unit: a value past one (strictly, in the indicator's direction) is degraded."""

    warning: float
    critical: float | None = None
    """None: this alone is never critical."""


class MeanOfSamples(Model):
    """The month's value is the mean of the raw samples of `series`."""

    method: Literal["mean"]
    series: str
    """A plain series selector, without range."""


class RatioOfCounters(Model):
    """The month's value is the growth of `numerator` divided by the growth of `denominator`.

    Both are expressions over `increase(…[$window])`, so that time can be left out by adding the growths
    of what remains.
    """

    method: Literal["ratio"]
    numerator: str
    denominator: str


class CountOfEvents(Model):
    """The month's value is how often something happened: `events` counts it within a stretch.

    `events` is an expression over `changes`, `resets` or `increase` of `[$window]`. Counts of stretches add up;
    what happened in between (in planned work) is left out. An object with samples and without events counts 0.
    """

    method: Literal["count"]
    events: str


class AvailableTime(Model):
    """The month's value is the share of the measured time in which the object was not down, by the month's `outages`.

    An object that `outages` does not tell of has the mean of its recorded `dcnet:indicator` samples.
    """

    method: Literal["available"]


class AverageOfIndicator(Model):
    """The month's value is the mean of the recorded `dcnet:indicator` samples; of a state: the share of time."""

    method: Literal["average"]


class MaximumOfIndicator(Model):
    """The month's value is the greatest recorded `dcnet:indicator` sample."""

    method: Literal["maximum"]


class MinimumOfIndicator(Model):
    """The month's value is the least recorded `dcnet:indicator` sample."""

    method: Literal["minimum"]


class LastOfIndicator(Model):
    """The month's value is the last recorded `dcnet:indicator` sample.

    For what already looks back over a month (a rise against the month before, time to saturation).
    """

    method: Literal["last"]


class QuantileOfIndicator(Model):
    """The month's value is a quantile (0 to 1) of the recorded `dcnet:indicator` samples."""

    method: Literal["quantile"]
    quantile: float = Field(gt=0, lt=1)


class QuantileOfHistogram(Model):
    """The month's value is a quantile (0 to 1) of the histogram whose buckets grew by `buckets`.

    `buckets` is an expression over `increase(…[$window])` that keeps the label `le`.
    """

    method: Literal["histogram"]
    quantile: float = Field(gt=0, lt=1)
    buckets: str


Summary: TypeAlias = Annotated[
    MeanOfSamples
    | RatioOfCounters
    | CountOfEvents
    | AvailableTime
    | AverageOfIndicator
    | MaximumOfIndicator
    | MinimumOfIndicator
    | LastOfIndicator
    | QuantileOfIndicator
    | QuantileOfHistogram,
    Field(discriminator="method"),
]

OF_INDICATOR = (
    *(AvailableTime, AverageOfIndicator, MaximumOfIndicator, MinimumOfIndicator, LastOfIndicator),
    *(QuantileOfIndicator,),
)
"""Summaries of the recorded samples, which look back as far as the indicator's expression does."""


class DownSamples(Model):
    """Down while every series of the object says 0: from a sample of 0 until the next sample."""

    by: Literal["samples"]
    series: str
    """A plain series selector, without range, of a state that is 1 while all is well."""


class DeadEchoes(Model):
    """Down while echoes are sent over every series of the object and not one comes back.

    Between two samples of which only a part of the echoes came back, beside a stretch in which none did, that part
    tells to the second when it began or ended.
    """

    by: Literal["echoes"]
    sent: str
    received: str
    """Counters with the same labels."""


Outages: TypeAlias = Annotated[DownSamples | DeadEchoes, Field(discriminator="by")]


class Month(Model):
    """How a month of an indicator is summarised and judged."""

    summary: Summary

    outages: Outages | None = None
    """What tells to the scrape when an object was down; None: its minutes are the recorded ones. For an indicator of
    availability: being down is past any limit above nought."""

    limits: Limits | None = None
    """Limits of the month's value where they differ from the limits of the moment; None: the same."""

    minimum_coverage: float = Field(gt=0, le=1)
    """Share of the month (0 to 1) below which its value does not speak for it and judges nothing."""

    tolerated_degraded_minutes: int = Field(ge=0)
    """A month with more degraded minutes than this (outside planned work) is Menurun whatever its value."""
