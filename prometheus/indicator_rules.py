"""The recording rules: levels, the three uniform series of every indicator, and their hourly rollups.

Owns the PromQL of `dcnet:indicator`, `dcnet:indicator_threshold` and `dcnet:degraded`. What an indicator is and
which limits it has stands in `indicators.yml`, never here.
"""

from itertools import groupby

from dcnet.catalogue import (
    COUNTERS,
    DAY_DELAY_SECONDS,
    DAY_RANGE,
    EVALUATION_INTERVAL_SECONDS,
    HOUR_RANGE,
    PERCENTILE_SECONDS,
    Catalogue,
    CountOfEvents,
    Direction,
    Indicator,
    Level,
    QuantileOfIndicator,
    Severity,
    belongs_to_link,
    hourly_counters,
    hourly_parts,
    identify,
    with_object,
)
from prometheus.rule_file import Group, Rule

ROLLUPS = {
    "dcnet:indicator:avg1h": f"avg_over_time(dcnet:indicator[{HOUR_RANGE}])",
    "dcnet:indicator:max1h": f"max_over_time(dcnet:indicator[{HOUR_RANGE}])",
    "dcnet:indicator:min1h": f"min_over_time(dcnet:indicator[{HOUR_RANGE}])",
    "dcnet:indicator:sum1h": f"sum_over_time(dcnet:indicator[{HOUR_RANGE}])",
    "dcnet:indicator:count1h": f"count_over_time(dcnet:indicator[{HOUR_RANGE}])",
    "dcnet:degraded:count1h": f"count_over_time(dcnet:degraded[{HOUR_RANGE}])",
}
"""A month of any indicator as 744 points a series: dcnet/catalogue/__init__.py says what they are good for."""


def value_of(indicator: Indicator) -> str:
    """The indicator's value now, of every object, with the labels device and object only."""
    return f"max by (device, object) ({identify(indicator.component, indicator.expression)})"


def past_sign(indicator: Indicator) -> str:
    """The comparison that holds for a value past its limit."""
    return ">" if indicator.direction is Direction.ABOVE else "<"


def default_limit(indicator: Indicator, severity: Severity) -> float:
    """The catalogue's limit of the moment. Raises ValueError for a severity that the indicator does not know."""
    limit = indicator.limits.critical if severity is Severity.CRITICAL else indicator.limits.warning
    if limit is None:
        raise ValueError(f"{indicator.id} knows no {severity} limit")
    return limit


def level_rule(level: Level) -> Rule:
    """The recording rule of a level."""
    return {"record": level.record, "expr": level.expression}


def indicator_rule(indicator: Indicator) -> Rule:
    """The recording rule of `dcnet:indicator`: the value now, in the catalogue's unit."""
    return {
        "record": "dcnet:indicator",
        "expr": value_of(indicator),
        "labels": {"indicator": indicator.id, "component": indicator.component.value},
    }


def threshold_rule(indicator: Indicator, severity: Severity) -> Rule:
    """The recording rule of `dcnet:indicator_threshold`: the limit in force for every object measured.

    The nearest override of the inventory wins: the object's own, its owner's (the device, or a probe's link), the
    site's; else the catalogue's default. Overrides for the month's value (`period="month"`) are the report's alone.

    Where nothing is overridden, as nearly always, the first two are empty at once: a limit costs what a read does. An
    indicator to the power of 0 is 1 whatever it is, NaN and infinity too.
    """
    measured = f'dcnet:indicator{{indicator="{indicator.id}"}}'
    override = f'dcnet_threshold{{indicator="{indicator.id}", severity="{severity}", period="", object%s""}}'
    of_object = f"max by (object) ({override % '!='})"
    if belongs_to_link(indicator.component):
        owner, owned = "owner", f'label_replace({measured}, "owner", "$1", "object", "([^:]+).*")'
    else:
        owner, owned = "device", measured
    of_owner = f'label_replace({of_object}, "{owner}", "$1", "object", "(.+)")'
    by_owner = f"({owned} and on ({owner}) {of_owner}) ^ 0 * on ({owner}) group_left () {of_owner}"
    usual = f"scalar(max({override % '='}) or vector({default_limit(indicator, severity)!r}))"
    return {
        "record": "dcnet:indicator_threshold",
        "expr": "\nor on (device, object) ".join(
            [
                f"({measured} and on (object) {of_object}) ^ 0 * on (object) group_left () {of_object}",
                f"sum without (owner) ({by_owner})" if owner == "owner" else by_owner,
                f"{measured} ^ 0 * {usual}",
            ]
        ),
        # The indicator keeps its own label; of the others only device and object tell one limit from another.
        "labels": {"component": "", "indicator": indicator.id, "severity": severity.value},
    }


def degraded_rule(indicator: Indicator, severity: Severity) -> Rule:
    """The recording rule of `dcnet:degraded`: 1 while past the limit, absent otherwise."""
    threshold = f'dcnet:indicator_threshold{{indicator="{indicator.id}", severity="{severity}"}}'
    return {
        "record": "dcnet:degraded",
        "expr": (
            "group by (device, object) ("
            f'dcnet:indicator{{indicator="{indicator.id}"}} {past_sign(indicator)} on (device, object) {threshold})'
        ),
        "labels": {
            "indicator": indicator.id,
            "component": indicator.component.value,
            "severity": severity.value,
        },
    }


def level_groups(catalogue: Catalogue) -> list[Group]:
    """One group an interval: its levels run one after the other, each seeing those before it."""
    ordered = sorted(catalogue.levels, key=lambda level: level.every)
    return [
        {"name": f"dcnet-levels-{every}", "interval": every, "rules": [level_rule(level) for level in levels]}
        for every, levels in groupby(ordered, key=lambda level: level.every)
    ]


def rollup_groups(catalogue: Catalogue) -> list[Group]:
    """The hour that ended, of every indicator. One group: all of it at the same instant, which `dcnet:hour` tells."""
    # Last: whoever sees it may count on all before it.
    told: Rule = {"record": "dcnet:hour", "expr": "vector(1)"}
    rules: list[Rule] = [{"record": record, "expr": expression} for record, expression in ROLLUPS.items()]
    counters: dict[str, str] = {}
    for indicator in catalogue.indicators:
        counters |= hourly_counters(indicator.month.summary)
    values: list[Rule] = [
        {"record": COUNTERS, "expr": expression, "labels": {"counter": name}} for name, expression in counters.items()
    ]
    parts = [rule for indicator in catalogue.indicators for rule in month_part_rules(indicator)]
    return [
        {
            "name": "dcnet-samples",
            "interval": f"{PERCENTILE_SECONDS}s",
            "rules": [percentile_rule(catalogue), TEN_MINUTES],
        },
        {"name": "dcnet-rollups", "interval": "1h", "rules": [*rules, *values, *parts, told]},
        {"name": "dcnet-days", "interval": "1d", "rules": day_rules(catalogue)},
    ]


def day_rules(catalogue: Catalogue) -> list[Rule]:
    """The recording rules of a day, each of the hours' rollups. The last one tells that all before it are there."""
    of_events = "|".join(one.id for one in catalogue.indicators if isinstance(one.month.summary, CountOfEvents))
    of_hours = f"[{DAY_RANGE}] offset {DAY_DELAY_SECONDS}s"
    expressions = {
        "dcnet:indicator:max1d": f"max_over_time(dcnet:indicator:max1h{of_hours})",
        "dcnet:indicator:min1d": f"min_over_time(dcnet:indicator:min1h{of_hours})",
        "dcnet:indicator:sum1d": f"sum_over_time(dcnet:indicator:sum1h{of_hours})",
        "dcnet:indicator:count1d": f"sum_over_time(dcnet:indicator:count1h{of_hours})",
        "dcnet:indicator:hours1d": f'count_over_time(dcnet:indicator:count1h{{indicator=~"{of_events}"}}{of_hours})',
        "dcnet:month_part:1d": f"sum_over_time(dcnet:month_part:1h{of_hours})",
        "dcnet:day": "vector(1)",
    }
    return [{"record": record, "expr": expression} for record, expression in expressions.items()]


TEN_MINUTES: Rule = {"record": "dcnet:ten_minutes", "expr": "vector(1)"}
"""Last of its group: tells how much of a month has ten-minute samples."""


def percentile_rule(catalogue: Catalogue) -> Rule:
    """The recording rule of `dcnet:indicator:10m`: a month's percentile is taken over these."""
    named = [one.id for one in catalogue.indicators if isinstance(one.month.summary, QuantileOfIndicator)]
    return {"record": "dcnet:indicator:10m", "expr": f'dcnet:indicator{{indicator=~"{"|".join(named)}"}}'}


def month_part_rules(indicator: Indicator) -> list[Rule]:
    """The recording rules of `dcnet:month_part:1h`: what the hour contributes to a month's value by raw series."""
    return [
        {
            "record": "dcnet:month_part:1h",
            "expr": with_object(indicator.component, expression),
            "labels": {"indicator": indicator.id, "component": indicator.component.value, "part": part.value},
        }
        for part, expression in hourly_parts(indicator.component, indicator.month.summary).items()
    ]


def indicator_group(indicator: Indicator) -> Group:
    """An indicator's rules, one after the other at the same instant, each seeing the last."""
    return {
        "name": f"dcnet-{indicator.id}",
        "interval": f"{EVALUATION_INTERVAL_SECONDS}s",
        "rules": [
            indicator_rule(indicator),
            *(threshold_rule(indicator, severity) for severity in indicator.severities),
            *(degraded_rule(indicator, severity) for severity in indicator.severities),
        ],
    }


def backfill_passes(catalogue: Catalogue) -> list[list[Group]]:
    """The recording rules of a month's judgement as lists of groups, each needing only what those before it wrote.

    For a past that is worked out rule by rule, none of which sees what another of its list gives.
    What looks at recorded indicators over weeks (rises, saturation) is left out: it needs more past than a made-up
    month has.
    """
    skipped = _skipped_records(catalogue)
    levels = [[group for group in layer if group["name"] not in skipped] for layer in level_layers(catalogue)]
    passes = [layer for layer in levels if layer]
    judged = [one for one in catalogue.indicators if not any(record in one.expression for record in skipped)]
    rules: list[list[Rule]] = [
        [indicator_rule(one) for one in judged],
        [threshold_rule(one, severity) for one in judged for severity in one.severities],
        [degraded_rule(one, severity) for one in judged for severity in one.severities],
    ]
    interval = f"{EVALUATION_INTERVAL_SECONDS}s"
    return [
        *passes,
        *([{"name": f"dcnet-pass-{number}", "interval": interval, "rules": each}] for number, each in enumerate(rules)),
    ]


def level_layers(catalogue: Catalogue) -> list[list[Group]]:
    """The levels, one group each and named like it, as layers that each need only what the layers before it wrote."""
    layer_of: dict[str, int] = {}
    for level in catalogue.levels:
        below = [layer for record, layer in layer_of.items() if record in level.expression]
        layer_of[level.record] = max(below, default=-1) + 1
    return [
        [
            {"name": level.record, "interval": level.every, "rules": [level_rule(level)]}
            for level in catalogue.levels
            if layer_of[level.record] == layer
        ]
        for layer in range(max(layer_of.values(), default=-1) + 1)
    ]


def _skipped_records(catalogue: Catalogue) -> set[str]:
    """Levels that stand on recorded indicators, however far down."""
    skipped: set[str] = set()
    for level in catalogue.levels:
        if "dcnet:indicator" in level.expression or any(record in level.expression for record in skipped):
            skipped.add(level.record)
    return skipped
