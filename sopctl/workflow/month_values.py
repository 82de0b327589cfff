"""The month's value of every object by every indicator, without the time of planned work.

Owns which stretches of time are asked for, and where the hourly rollups answer; the arithmetic is
`sopctl.checklist.month_value`'s.
"""

from array import array
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass

from dcnet.catalogue import (
    EVALUATION_INTERVAL_SECONDS,
    OF_INDICATOR,
    PERCENTILE_SECONDS,
    AvailableTime,
    Catalogue,
    CountOfEvents,
    Indicator,
    LastOfIndicator,
    MaximumOfIndicator,
    MinimumOfIndicator,
    Part,
    QuantileOfIndicator,
    owner_of,
)
from sopctl.checklist import queries
from sopctl.checklist.judge import Key
from sopctl.checklist.month_value import Parts, join_parts, quantile_of_samples, value_of_parts
from sopctl.checklist.month_window import evaluation_time
from sopctl.checklist.planned_time import PlannedTime, Span, device_of, group_by_spans, outside, without
from sopctl.checklist.rollups import HOUR, Cover, Rollups, Run
from sopctl.checklist.samples import EvidenceSource, label_of, number_of
from sopctl.model import Period

ENOUGH = 0.95
"""Of the measured time, as five-minute samples, for a percentile over these to speak for it."""

BOUNDARY_SECONDS = 300
"""Events between a rollup's last sample and the first one after it are told by a stretch that begins before."""


@dataclass(frozen=True, slots=True)
class _About:
    """One indicator's questions."""

    client: EvidenceSource
    indicator: Indicator
    rollups: Rollups


def fetch_values(
    client: EvidenceSource,
    catalogue: Catalogue,
    period: Period,
    planned: PlannedTime,
    carriers: Mapping[str, str],
    *,
    outages: Mapping[Key, Sequence[Span]],
    rollups: Rollups,
) -> dict[Key, float]:
    """Values by (indicator, object); an object without data has none. `outages`: as `fetch_outages` gives them.

    `carriers` gives the device that carries each link: its planned work is also the link's. The number of
    questions grows with the number of different plans, not with the number of objects.
    """
    month = Span(period.start.timestamp(), period.end.timestamp())
    values: dict[Key, float] = {}
    for indicator in catalogue.indicators:
        about = _About(client, indicator, rollups)
        parts = _fetch_parts(about, month)
        # Counters of what remains know nothing of the window; recorded samples look back into it.
        looks_back = isinstance(indicator.month.summary, OF_INDICATOR)
        lookback = indicator.lookback_minutes if looks_back else 0
        spans = {name: planned.spans_of(name, device_of(name, carriers), lookback) for name in parts}
        for plan, names in group_by_spans(spans).items():
            parts.update(_parts_outside(about, parts, names, plan, month))
        if isinstance(indicator.month.summary, AvailableTime):
            for name in parts:
                if (indicator.id, name) in outages:
                    free = without(outages[indicator.id, name], planned.spans_of(name, device_of(name, carriers)))
                    parts[name] = {**parts[name], Part.DOWN: sum(span.length for span in free)}
        for name, given in parts.items():
            value = value_of_parts(indicator.month.summary, given)
            if value is not None:
                values[(indicator.id, name)] = value
    return values


def _fetch_parts(about: _About, span: Span, owners: Collection[str] = ()) -> dict[str, Parts]:
    """The parts of every object over `span`, by object: of the rollups within it, and of what they leave."""
    cover = about.rollups.cover(span)
    match about.indicator.month.summary:
        case QuantileOfIndicator(quantile=quantile) if cover.runs and not owners:
            return _percentiles(about, quantile, span, cover)
        case QuantileOfIndicator():
            return _of_samples(about, span, owners)
        case LastOfIndicator():
            return _last_values(about, span, owners)
        case _ if not cover.runs:
            return _of_samples(about, span, owners)
        case CountOfEvents():
            return _events(about, span, owners)
        case _:
            rolled = [_of_rollups(about, run, owners) for run in cover.runs]
            return _joined([*rolled, *(_of_samples(about, rest, owners) for rest in cover.rest)])


def _of_samples(about: _About, span: Span, owners: Collection[str]) -> dict[str, Parts]:
    return _asked(about, queries.part_queries(about.indicator, span.length, owners), evaluation_time(span.end))


def _of_rollups(about: _About, run: Run, owners: Collection[str]) -> dict[str, Parts]:
    return _asked(about, queries.rollup_queries(about.indicator, run.range_seconds, owners), run.last)


def _asked(about: _About, questions: Iterable[queries.PartQuery], at: float) -> dict[str, Parts]:
    found: dict[str, dict[str, float]] = {}
    for query in questions:
        for sample in about.client.query_at(query.expression, at):
            name = queries.object_of_part(about.indicator.component, sample.labels)
            part = query.part if query.part is not None else str(number_of(sample.labels, "le"))
            found.setdefault(name, {})[part] = sample.value
    return dict(found)


def _joined(stretches: Sequence[Mapping[str, Parts]]) -> dict[str, Parts]:
    names = dict.fromkeys(name for parts in stretches for name in parts)
    return {name: join_parts([parts[name] for parts in stretches if name in parts]) for name in names}


def _events(about: _About, span: Span, owners: Collection[str]) -> dict[str, Parts]:
    """Who was watched, by the rollups; how often something happened, by the samples of those to whom it did.

    An event between two hours may be in both or in neither: rollups only tell where to look.
    """
    cover = about.rollups.cover(span)
    rolled = [_of_rollups(about, run, owners) for run in cover.runs]
    pieces = [_of_samples(about, rest, owners) for rest in cover.rest]
    counts = _joined(
        [{name: {Part.COUNT: parts.get(Part.COUNT, 0.0)} for name, parts in one.items()} for one in (*rolled, *pieces)]
    )
    # A piece begins where a rollup ends: what happened between is seen from a little before, and until an hour after.
    around = [
        Span(max(rest.start - BOUNDARY_SECONDS, span.start), min(rest.end + HOUR, span.end)) for rest in cover.rest
    ]
    seen = [*rolled, *(_of_samples(about, piece, owners) for piece in around)]
    eventful = {owner_of(name) for parts in seen for name, one in parts.items() if one.get(Part.EVENTS)}
    for run in cover.runs:
        # An hour without any sample may hide what happened meanwhile.
        missed = queries.missed_hours(about.indicator, run.range_seconds, run.hours, owners)
        eventful |= {owner_of(label_of(one.labels, "object")) for one in about.client.query_at(missed, run.last)}
    if not eventful:
        return counts
    exact = _of_samples(about, span, sorted(eventful))
    return {**counts, **{name: exact[name] for name in exact if name in counts or Part.EVENTS in exact[name]}}


def _last_values(about: _About, span: Span, owners: Collection[str]) -> dict[str, Parts]:
    """The newest value of each object: nearly all have one on the last day; the month is asked for the others only."""
    cover = about.rollups.cover(span)
    if owners or not cover.runs:
        return _of_samples(about, span, owners)
    at = evaluation_time(span.end)
    newest: dict[str, Parts] = {
        label_of(one.labels, "object"): {Part.LAST: one.value}
        for one in about.client.query_at(queries.newest_now(about.indicator), at)
    }
    rolled = about.client.query_at(queries.rolled_objects(about.indicator, span.length), at)
    missing = {label_of(one.labels, "object") for one in rolled} - set(newest)
    if missing:
        older = _of_samples(about, span, sorted({owner_of(name) for name in missing}))
        newest |= {name: {Part.LAST: older[name][Part.LAST]} for name in missing if name in older}
    return newest


def _percentiles(about: _About, quantile: float, span: Span, cover: Cover) -> dict[str, Parts]:
    """Percentiles over five-minute samples; of an object of which too few of these were recorded, over all samples."""
    at = evaluation_time(span.end)
    values, counts = (
        {label_of(one.labels, "object"): one.value for one in about.client.query_at(question, at)}
        for question in queries.percentiles(about.indicator, quantile, span.length)
    )
    asked = [(queries.rolled_counts_of(about.indicator, run.range_seconds), run.last) for run in cover.runs]
    known: dict[str, float] = {}
    for question, instant in asked:
        for one in about.client.query_at(question, instant):
            name = label_of(one.labels, "object")
            known[name] = known.get(name, 0.0) + one.value * EVALUATION_INTERVAL_SECONDS
    thin = {name for name, seconds in known.items() if counts.get(name, 0.0) * PERCENTILE_SECONDS < ENOUGH * seconds}
    found: dict[str, Parts] = {name: {Part.QUANTILE: value} for name, value in values.items() if name not in thin}
    if thin:
        exact = _of_samples(about, span, sorted({owner_of(name) for name in thin}))
        found |= {name: exact[name] for name in thin if name in exact}
    return found


def _parts_outside(
    about: _About, whole: Mapping[str, Parts], names: Sequence[str], plan: Sequence[Span], month: Span
) -> dict[str, Parts]:
    """The parts of `names` without the time of `plan`; `whole`: their parts over the month."""
    owners = sorted({owner_of(name) for name in names})
    stretches = outside(month, plan)
    match about.indicator.month.summary:
        case QuantileOfIndicator(quantile=quantile):
            # Quantiles of stretches do not add up: take the samples themselves.
            return _quantile_parts(about, quantile, stretches, names)
        case CountOfEvents() if not any(whole[name].get(Part.EVENTS) for name in names):
            # What did not happen at all did not happen outside of it.
            return _less(whole, names, [_of_samples(about, span, owners) for span in plan])
        case CountOfEvents() | MaximumOfIndicator() | MinimumOfIndicator() | LastOfIndicator():
            asked = [_fetch_parts(about, stretch, owners) for stretch in stretches]
            return {name: join_parts([parts[name] for parts in asked if name in parts]) for name in names}
        case _:
            return _less(whole, names, [_of_samples(about, span, owners) for span in plan])


def _less(whole: Mapping[str, Parts], names: Iterable[str], taken: Sequence[Mapping[str, Parts]]) -> dict[str, Parts]:
    """The parts that remain without those of stretches within."""
    return {
        name: {
            part: max(value - sum(one.get(name, {}).get(part, 0.0) for one in taken), 0.0)
            for part, value in whole[name].items()
        }
        for name in names
    }


def _quantile_parts(
    about: _About, quantile: float, stretches: Sequence[Span], names: Sequence[str]
) -> dict[str, Parts]:
    series, every = ("dcnet:indicator", EVALUATION_INTERVAL_SECONDS)
    if all(about.rollups.cover(stretch).runs for stretch in stretches):
        series, every = ("dcnet:indicator:5m", PERCENTILE_SECONDS)
    samples = {name: array("d") for name in names}
    for stretch in stretches:
        count = stretch.length / every * len(names)
        selector = queries.indicator_samples(about.indicator.id, names, series)
        for one in about.client.fetch_samples(selector, stretch.start, stretch.end, count):
            samples[label_of(one.labels, "object")].extend(value for _at, value in one.points)
    values = {name: quantile_of_samples(quantile, points) for name, points in samples.items()}
    return {name: {} if value is None else {Part.QUANTILE: value} for name, value in values.items()}
