"""The catalogue of indicators: what "kinerja menurun" means, once, for rules, alerts, boards and reports.

Every indicator becomes the uniform series (prometheus/build_rules.py):

- `dcnet:indicator{indicator, component, device, object}`, `dcnet:indicator_threshold{indicator, severity, device,
  object}`, `dcnet:degraded{indicator, component, severity, device, object}`, written each
  EVALUATION_INTERVAL_SECONDS;
- `dcnet:degraded_now{indicator, severity, device, object}`, of immediate indicators only and every few seconds: the
  value of what is past its limit, for alerts;
- hourly, of the hour that ended: `dcnet:indicator:avg1h`, `dcnet:indicator:max1h`, `dcnet:indicator:count1h`
  (samples) with the labels of `dcnet:indicator`, and `dcnet:degraded:count1h` (minutes) with those of
  `dcnet:degraded`. They fall on another minute of the hour for every Prometheus: good for curves of a month and
  for levels, not for a month's exact edges.

It must not query or judge anything.
"""

from dcnet.catalogue.components import (
    NAMINGS,
    Component,
    Naming,
    belongs_to_link,
    identify,
    object_of,
    owner_of,
)
from dcnet.catalogue.indicator import (
    Bilingual,
    Catalogue,
    Direction,
    Indicator,
    Level,
    Severity,
    Team,
    Urgency,
    load_catalogue,
)
from dcnet.catalogue.month import (
    OF_INDICATOR,
    WINDOW,
    AverageOfIndicator,
    CountOfEvents,
    LastOfIndicator,
    Limits,
    MaximumOfIndicator,
    MeanOfSamples,
    MinimumOfIndicator,
    Month,
    QuantileOfHistogram,
    QuantileOfIndicator,
    RatioOfCounters,
    Summary,
)
from dcnet.unit import Unit

EVALUATION_INTERVAL_SECONDS = 60
"""How often the recording rules write `dcnet:indicator` and `dcnet:degraded`: the grain of "minutes degraded"."""

__all__ = [
    "EVALUATION_INTERVAL_SECONDS",
    "NAMINGS",
    "OF_INDICATOR",
    "WINDOW",
    "AverageOfIndicator",
    "Bilingual",
    "Catalogue",
    "Component",
    "CountOfEvents",
    "Direction",
    "Indicator",
    "LastOfIndicator",
    "Level",
    "Limits",
    "MaximumOfIndicator",
    "MeanOfSamples",
    "MinimumOfIndicator",
    "Month",
    "Naming",
    "QuantileOfHistogram",
    "QuantileOfIndicator",
    "RatioOfCounters",
    "Severity",
    "Summary",
    "Team",
    "Unit",
    "Urgency",
    "belongs_to_link",
    "identify",
    "load_catalogue",
    "object_of",
    "owner_of",
]
