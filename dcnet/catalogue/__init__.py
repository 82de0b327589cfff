"""The catalogue of indicators: what "kinerja menurun" means, once, for rules, alerts, boards and reports.

Every indicator becomes the uniform series (prometheus/build_rules.py):

- `dcnet:indicator{indicator, component, device, object}`, `dcnet:indicator_threshold{indicator, severity, device,
  object}`, `dcnet:degraded{indicator, component, severity, device, object}`, written each
  EVALUATION_INTERVAL_SECONDS;
- `dcnet:degraded_now{indicator, severity, device, object}`, of immediate indicators only and every few seconds: the
  value of what is past its limit, for alerts;
- `dcnet:indicator:10m`, every tenth minute of indicators whose month is a percentile;
- hourly, of the hour that ended: `dcnet:indicator:avg1h`, `dcnet:indicator:max1h`, `dcnet:indicator:min1h`,
  `dcnet:indicator:sum1h`, `dcnet:indicator:count1h` (samples) with the labels of `dcnet:indicator`,
  `dcnet:degraded:count1h` (minutes) with those of `dcnet:degraded`, and `dcnet:month_part:1h{indicator, component,
  part, object}`, what the hour contributes to a month's value by raw series, with the component's own labels (a
  histogram's also with `le`), and `dcnet:counter:1h{counter}`, the counters' last values of the hour with their own
  labels, from which the next hour's growth is counted. They fall on another minute of the hour for every Prometheus,
  which `dcnet:hour` tells: a month is added up from them, and its edges are asked of what they were made of;
- daily, of those: `dcnet:indicator:sum1d`, `…:count1d`, `…:max1d`, `…:min1d`, `dcnet:month_part:1d`,
  `dcnet:indicator:hours1d` (how many hours an indicator of events was recorded), at the instants of `dcnet:day`.

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
    with_object,
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
    AvailableTime,
    AverageOfIndicator,
    CountOfEvents,
    DeadEchoes,
    DownSamples,
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
from dcnet.catalogue.parts import (
    COUNTERS,
    DAY_DELAY_SECONDS,
    DAY_RANGE,
    HOUR_RANGE,
    PERCENTILE_SECONDS,
    Part,
    hourly_counters,
    hourly_parts,
    raw_parts,
)
from dcnet.unit import Unit

EVALUATION_INTERVAL_SECONDS = 60
"""How often the recording rules write `dcnet:indicator` and `dcnet:degraded`: the grain of "minutes degraded"."""

__all__ = [
    "COUNTERS",
    "DAY_DELAY_SECONDS",
    "DAY_RANGE",
    "EVALUATION_INTERVAL_SECONDS",
    "HOUR_RANGE",
    "NAMINGS",
    "OF_INDICATOR",
    "PERCENTILE_SECONDS",
    "WINDOW",
    "AvailableTime",
    "AverageOfIndicator",
    "Bilingual",
    "Catalogue",
    "Component",
    "CountOfEvents",
    "DeadEchoes",
    "Direction",
    "DownSamples",
    "Indicator",
    "LastOfIndicator",
    "Level",
    "Limits",
    "MaximumOfIndicator",
    "MeanOfSamples",
    "MinimumOfIndicator",
    "Month",
    "Naming",
    "Part",
    "QuantileOfHistogram",
    "QuantileOfIndicator",
    "RatioOfCounters",
    "Severity",
    "Summary",
    "Team",
    "Unit",
    "Urgency",
    "belongs_to_link",
    "hourly_counters",
    "hourly_parts",
    "identify",
    "load_catalogue",
    "object_of",
    "owner_of",
    "raw_parts",
    "with_object",
]
