"""The PromQL that a month is asked with.

Owns every expression that sopctl sends, built from the metrics contract and the catalogue. It must not
send anything. None of them names an object, except those about few: raw samples, what lay in planned work, what had
events. Their number does not grow with the fleet.
"""

import json
import re
from collections.abc import Collection, Iterable, Mapping
from typing import assert_never

from dcnet.catalogue import (
    NAMINGS,
    DeadEchoes,
    Direction,
    DownSamples,
    Indicator,
)

A_DAY = 86_400
HOUR_AND_A_STEP_SECONDS = 3900
"""An hour, and what stands before it: of two samples one may lie on either side of the hour's beginning."""


def seen_objects(seconds: int) -> str:
    """Every object of the inventory seen within the range, its value the number of times."""
    return f"sum by (object, kind, site, role, parent) (count_over_time(dcnet_inventory_info[{seconds}s]))"


ANY_SEEN = "group (count_over_time(dcnet_inventory_info[1h]))"
"""Whether an inventory was recorded in the hour before."""


def seen_hourly(objects: Collection[str] = ()) -> str:
    """Every object of the inventory, or those named, that was seen in the hour before."""
    own = f"{{object=~{quote(any_of(objects))}}}" if objects else ""
    return f"group by (object) (count_over_time(dcnet_inventory_info{own}[1h]))"


def recorded_counts(seconds: float) -> str:
    """How many samples each `dcnet:indicator` has within the range, by indicator and device; a pair's count once."""
    return f"max by (indicator, device, object) (count_over_time(dcnet:indicator[{range_of(seconds)}]))"


def rolled_counts(seconds: float, suffix: str) -> str:
    """How many samples each `dcnet:indicator` has by the rollups (`1h`, `1d`) within, by indicator and device.

    A pair's copies count once.
    """
    return f"max by (indicator, device, object) (sum_over_time(dcnet:indicator:count{suffix}[{range_of(seconds)}]))"


def objects_recorded_hourly(seconds: float) -> str:
    """Every object that has hourly rollups within the range, by indicator and device."""
    return f"group by (indicator, device, object) (last_over_time(dcnet:indicator:count1h[{range_of(seconds)}]))"


def recorded_lately(*, rollups: bool) -> str:
    """Every object that was recorded within a day, by indicator and device; of hourly rollups where there are any."""
    series = "dcnet:indicator:count1h" if rollups else "dcnet:indicator"
    return f"group by (indicator, device, object) (last_over_time({series}[{A_DAY}s]))"


RECORDED_NOW = "group by (indicator, device, object) (dcnet:indicator)"
"""Every object that is recorded at the instant, by indicator, with its device."""

LIMITS_NOW = "max by (indicator, severity, object) (dcnet:indicator_threshold)"
"""The limits in force at the instant, by indicator, severity and object."""


def limits_in_force(seconds: float, owners: Collection[str] = ()) -> str:
    """The newest limit recorded within the range, by indicator, severity and object.

    `owners`: only of objects of these devices or links.
    """
    own = f"{{{belonging_to(owners)}}}" if owners else ""
    return newest("max", f"dcnet:indicator_threshold{own}", ("indicator", "severity", "object"), (), seconds)


def month_limits(seconds: int) -> str:
    """The inventory's limits for a month that were in force at the range's end, by indicator, severity and object."""
    return _in_force('dcnet_threshold{period="month"}', ("indicator", "severity", "object"), seconds)


def sample_count(metric: str, seconds: int) -> str:
    """How many samples `metric` has within the range, all series together; no answer where it has none."""
    return f"sum(count_over_time({metric}[{seconds}s]))"


def contract_figure(name: str, seconds: int) -> str:
    """The `dcnet_link_contract_NAME` in force at the range's end, by link and provider."""
    return _in_force(f"dcnet_link_contract_{name}", ("link", "provider"), seconds)


def link_ports(seconds: int) -> str:
    """Which port carries each link, by what was told last within the range."""
    return newest("group", "dcnet_link_info", ("link",), ("device", "interface"), seconds)


def indicator_samples(indicator: str, objects: Iterable[str], series: str = "dcnet:indicator") -> str:
    """A selector of the recorded values of some objects."""
    return f'{series}{{indicator="{indicator}",object=~{quote(any_of(objects))}}}'


def worst_way(indicator: Indicator) -> str:
    """The aggregation that gives an indicator's worst value."""
    return "min" if indicator.direction is Direction.BELOW else "max"


def worst_of_hour(indicator: Indicator, objects: Iterable[str]) -> str:
    """The worst recorded value of the hour before, of some objects."""
    worst = worst_way(indicator)
    return f"{worst} by (object) ({worst}_over_time({indicator_samples(indicator.id, objects)}[1h]))"


def told_by_raw(indicator: Indicator, told_by: DownSamples | DeadEchoes, seconds: int) -> str:
    """Every object that has raw samples of its outages within the range, by its own labels."""
    series = told_by.series if isinstance(told_by, DownSamples) else told_by.sent
    return f"group by ({labels_of(indicator)}) (last_over_time({series}[{seconds}s]))"


def suspicious_hours(indicator: Indicator, told_by: DownSamples | DeadEchoes) -> str:
    """The objects that may have been down within the hour that ends: all that tells of one saw some of it down.

    By a sample of 0; or by a growth of the echoes sent beside which those received stood still.
    """
    match told_by:
        case DownSamples():
            lowest = f"min_over_time({told_by.series}[{HOUR_AND_A_STEP_SECONDS}s])"
            return f"max by ({labels_of(indicator)}) ({lowest}) == 0"
        case DeadEchoes():
            window = f"[{HOUR_AND_A_STEP_SECONDS}s]"
            dead = f"changes({told_by.sent}{window}) - changes({told_by.received}{window})"
            return f"min by ({labels_of(indicator)}) ({dead}) > 0"
        case _:
            assert_never(told_by)


def raw_selector(indicator: Indicator, objects: Iterable[Mapping[str, str]]) -> str:
    """Matchers that select the raw series of some objects of one kind, told by their own labels."""
    known = [dict(one) for one in objects]
    return ",".join(
        f"{name}=~{quote(any_of(dict.fromkeys(one.get(name, '') for one in known)))}"
        for name in NAMINGS[indicator.component].labels
    )


def outage_count(told_by: DownSamples | DeadEchoes, matchers: str, seconds: int) -> str:
    """How many samples within the range were 0, or how many steps between samples brought no echo back; by series."""
    match told_by:
        case DownSamples():
            window = f"{narrowed(told_by.series, matchers)}[{seconds}s]"
            return f"count_over_time({window}) - sum_over_time({window})"
        case DeadEchoes():
            sent, received = (narrowed(one, matchers) for one in (told_by.sent, told_by.received))
            return f"changes({sent}[{seconds}s]) - changes({received}[{seconds}s])"
        case _:
            assert_never(told_by)


def narrowed(series: str, matchers: str) -> str:
    """A plain selector with more matchers."""
    return f"{series[:-1]},{matchers}}}" if series.endswith("}") else f"{series}{{{matchers}}}"


def labels_of(indicator: Indicator) -> str:
    """The labels that name one of its objects, as PromQL lists them."""
    return ", ".join(NAMINGS[indicator.component].labels)


def newest(gather: str, series: str, key: tuple[str, ...], more: tuple[str, ...], seconds: float) -> str:
    """The sample of each `key` that was newest within the range, told with the labels `more` too.

    What was still there at the end, else on the last day, else at any time: PromQL has no cheap "newest of all".
    """
    labels = f"{gather} by ({', '.join((*key, *more))})"
    ranges = (f"last_over_time({series}[{range_of(span)}])" for span in (min(A_DAY, seconds), seconds))
    steps = (f"{labels} ({one})" for one in (series, *ranges))
    return f" or on ({', '.join(key)}) ".join(steps)


def _in_force(series: str, labels: tuple[str, ...], seconds: int) -> str:
    """What the inventory said at the range's end.

    Where it says anything then, what it says no more is not in force; where it is silent, its last words count.
    """
    by = f"max by ({', '.join(labels)})"
    last = f"{by} (last_over_time({series}[{seconds}s])) unless on () group(dcnet_inventory_info)"
    return f"{by} ({series}) or ({last})"


def range_of(seconds: float) -> str:
    """A range's length as PromQL writes it."""
    milliseconds = round(seconds * 1000)
    return f"{milliseconds}ms" if milliseconds % 1000 else f"{milliseconds // 1000}s"


def belonging_to(owners: Iterable[str]) -> str:
    """A matcher of the recorded series of these devices or links and of what belongs to them."""
    return f"object=~{quote(f'({any_of(owners)})(:.*)?')}"


def any_of(names: Iterable[str]) -> str:
    """A regular expression (RE2, anchored by Prometheus) that matches each of `names` literally."""
    return "|".join(re.escape(name) for name in names)


def quote(text: str) -> str:
    """`text` as a PromQL string literal, whose escapes are Go's; JSON's are among them."""
    return json.dumps(text, ensure_ascii=False)
