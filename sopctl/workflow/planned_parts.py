"""The month's parts without those of planned work.

What adds up is taken off by what the planned time contributed; the rest is asked for by what remains.
"""

from array import array
from collections.abc import Iterable, Mapping, Sequence
from typing import TypeAlias

from dcnet.catalogue import (
    EVALUATION_INTERVAL_SECONDS,
    OF_INDICATOR,
    CountOfEvents,
    Indicator,
    LastOfIndicator,
    MaximumOfIndicator,
    MinimumOfIndicator,
    Part,
    QuantileOfIndicator,
    owner_of,
)
from sopctl.checklist.month_value import Parts, join_parts, quantile_of_samples
from sopctl.checklist.month_window import evaluation_time
from sopctl.checklist.part_queries import percentiles_outside
from sopctl.checklist.planned_time import PlannedTime, Span, device_of, group_by_spans, outside
from sopctl.checklist.queries import indicator_samples
from sopctl.checklist.samples import label_of
from sopctl.workflow.stretch_parts import About, fetch_stretches


def take_off_planned(
    abouts: Sequence[About],
    whole: Mapping[str, Mapping[str, Parts]],
    planned: PlannedTime,
    carriers: Mapping[str, str],
    month: Span,
) -> dict[str, dict[str, Parts]]:
    """The parts of `whole` (by indicator and object) without the planned time of each object.

    The number of questions grows with the number of different plans, not with the number of objects.
    """
    plans = [
        (about, plan, names)
        for about in abouts
        for plan, names in group_by_spans(
            _planned_spans(about.indicator, planned, carriers, whole[about.indicator.id])
        ).items()
    ]
    taken = _fetch_planned_parts(plans, whole)
    remaining = {identity: dict(parts) for identity, parts in whole.items()}
    for number, (about, plan, names) in enumerate(plans):
        parts = remaining[about.indicator.id]
        if number in taken:
            parts.update(_less(parts, names, taken[number]))
        else:
            parts.update(_parts_outside(about, names, plan, month))
    return remaining


def _planned_spans(
    indicator: Indicator, planned: PlannedTime, carriers: Mapping[str, str], names: Iterable[str]
) -> dict[str, tuple[Span, ...]]:
    """The planned time of each object as this indicator sees it."""
    # Counters of what remains know nothing of the window; recorded samples look back into it.
    looks_back = isinstance(indicator.month.summary, OF_INDICATOR)
    lookback = indicator.lookback_minutes if looks_back else 0
    return {name: planned.spans_of(name, device_of(name, carriers), lookback) for name in names}


_Plan: TypeAlias = tuple[About, tuple[Span, ...], list[str]]
"""An indicator, the planned time, and the objects whose it is."""


def _fetch_planned_parts(
    plans: Sequence[_Plan], whole: Mapping[str, Mapping[str, Parts]]
) -> dict[int, list[dict[str, Parts]]]:
    """What the planned time itself contributed, by the plan's place; of those whose parts can be taken off only."""

    def adds_up(about: About, names: Sequence[str]) -> bool:
        match about.indicator.month.summary:
            case CountOfEvents():
                # What did not happen at all did not happen outside of planned work; what did is counted outside of it.
                parts = whole[about.indicator.id]
                return not any(parts[name].get(Part.EVENTS) for name in names)
            case QuantileOfIndicator() | MaximumOfIndicator() | MinimumOfIndicator() | LastOfIndicator():
                return False
            case _:
                return True

    wanted = [
        (number, (about, span, sorted({owner_of(name) for name in names})))
        for number, (about, plan, names) in enumerate(plans)
        if adds_up(about, names)
        for span in plan
    ]
    taken: dict[int, list[dict[str, Parts]]] = {}
    for (number, _ask), parts in zip(wanted, fetch_stretches([ask for _, ask in wanted]), strict=True):
        taken.setdefault(number, []).append(parts)
    return taken


def _parts_outside(about: About, names: Sequence[str], plan: Sequence[Span], month: Span) -> dict[str, Parts]:
    """The parts of `names` without the time of `plan`, asked for by what remains."""
    stretches = outside(month, plan)
    if isinstance(about.indicator.month.summary, QuantileOfIndicator):
        return _percentiles_outside(about, about.indicator.month.summary.quantile, names, plan, month)
    owners = sorted({owner_of(name) for name in names})
    asked = fetch_stretches([(about, stretch, owners) for stretch in stretches])
    return {name: join_parts([parts[name] for parts in asked if name in parts]) for name in names}


def _percentiles_outside(
    about: About, quantile: float, names: Sequence[str], plan: Sequence[Span], month: Span
) -> dict[str, Parts]:
    """Percentiles of stretches do not add up: they are taken over all samples outside of `plan`."""
    owners = sorted({owner_of(name) for name in names})
    if about.ten_minutes:
        question = percentiles_outside(about.indicator, quantile, month.length, plan, owners)
        found = {
            label_of(one.labels, "object"): one.value
            for one in about.client.query_at(question, evaluation_time(month.end))
        }
        if set(names) <= set(found):
            return {name: {Part.QUANTILE: found[name]} for name in names}
    samples = {name: array("d") for name in names}
    for stretch in outside(month, plan):
        count = stretch.length / EVALUATION_INTERVAL_SECONDS * len(names)
        selector = indicator_samples(about.indicator.id, names)
        for one in about.client.fetch_samples(selector, stretch.start, stretch.end, count):
            samples[label_of(one.labels, "object")].extend(value for _at, value in one.points)
    values = {name: quantile_of_samples(quantile, points) for name, points in samples.items()}
    return {name: {} if value is None else {Part.QUANTILE: value} for name, value in values.items()}


def _less(whole: Mapping[str, Parts], names: Iterable[str], taken: Sequence[Mapping[str, Parts]]) -> dict[str, Parts]:
    """The parts that remain without those of stretches within."""
    return {
        name: {
            part: max(value - sum(one.get(name, {}).get(part, 0.0) for one in taken), 0.0)
            for part, value in whole[name].items()
        }
        for name in names
    }
