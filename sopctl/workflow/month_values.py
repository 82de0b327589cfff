"""The month's value of every object by every indicator, without the time of planned work.

Owns which stretches of time are asked for, and where the hourly rollups answer; the arithmetic is
`sopctl.checklist.month_value`'s.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence

from dcnet.catalogue import (
    OF_INDICATOR,
    AvailableTime,
    Catalogue,
    CountOfEvents,
    Indicator,
    LastOfIndicator,
    Part,
    QuantileOfIndicator,
    owner_of,
)
from sopctl.checklist import queries
from sopctl.checklist.judge import Key
from sopctl.checklist.month_value import Parts, join_parts, quantile_of_samples, value_of_parts
from sopctl.checklist.month_window import evaluation_time
from sopctl.checklist.planned_time import PlannedTime, Span, device_of, group_by_spans, outside, without
from sopctl.checklist.rollups import Rollups, Run
from sopctl.checklist.samples import EvidenceSource, label_of, number_of
from sopctl.model import Period

BOUNDARY_SECONDS = 300
"""Events between a rollup's last sample and the first one after it are told by a stretch that begins before."""


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
        parts = _fetch_parts(client, indicator, month, rollups)
        # Counters of what remains know nothing of the window; recorded samples look back into it.
        looks_back = isinstance(indicator.month.summary, OF_INDICATOR)
        lookback = indicator.lookback_minutes if looks_back else 0
        spans = {name: planned.spans_of(name, device_of(name, carriers), lookback) for name in parts}
        for plan, names in group_by_spans(spans).items():
            parts.update(_parts_outside(client, indicator, outside(month, plan), names, rollups))
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


def _fetch_parts(
    client: EvidenceSource, indicator: Indicator, span: Span, rollups: Rollups, owners: Collection[str] = ()
) -> dict[str, Parts]:
    """The parts of every object over `span`, by object: of the rollups within it, and of what they leave."""
    cover = rollups.cover(span)
    match indicator.month.summary:
        case QuantileOfIndicator():
            return _of_samples(client, indicator, span, owners)
        case LastOfIndicator():
            return _last_values(client, indicator, span, rollups, owners)
        case _ if not cover.runs:
            return _of_samples(client, indicator, span, owners)
        case CountOfEvents():
            return _events(client, indicator, span, rollups, owners)
        case _:
            rolled = [_of_rollups(client, indicator, run, owners) for run in cover.runs]
            return _joined([*rolled, *(_of_samples(client, indicator, rest, owners) for rest in cover.rest)])


def _of_samples(client: EvidenceSource, indicator: Indicator, span: Span, owners: Collection[str]) -> dict[str, Parts]:
    return _asked(client, indicator, queries.part_queries(indicator, span.length, owners), evaluation_time(span.end))


def _of_rollups(client: EvidenceSource, indicator: Indicator, run: Run, owners: Collection[str]) -> dict[str, Parts]:
    return _asked(client, indicator, queries.rollup_queries(indicator, run.range_seconds, owners), run.last)


def _asked(
    client: EvidenceSource, indicator: Indicator, questions: Iterable[queries.PartQuery], at: float
) -> dict[str, Parts]:
    found: dict[str, dict[str, float]] = {}
    for query in questions:
        for sample in client.query_at(query.expression, at):
            name = queries.object_of_part(indicator.component, sample.labels)
            part = query.part if query.part is not None else str(number_of(sample.labels, "le"))
            found.setdefault(name, {})[part] = sample.value
    return dict(found)


def _joined(stretches: Sequence[Mapping[str, Parts]]) -> dict[str, Parts]:
    names = dict.fromkeys(name for parts in stretches for name in parts)
    return {name: join_parts([parts[name] for parts in stretches if name in parts]) for name in names}


def _events(
    client: EvidenceSource, indicator: Indicator, span: Span, rollups: Rollups, owners: Collection[str]
) -> dict[str, Parts]:
    """Who was watched, by the rollups; how often something happened, by the samples of those to whom it did.

    An event between two hours may be in both or in neither: rollups only tell where to look.
    """
    cover = rollups.cover(span)
    rolled = [_of_rollups(client, indicator, run, owners) for run in cover.runs]
    pieces = [_of_samples(client, indicator, rest, owners) for rest in cover.rest]
    counts = _joined(
        [{name: {Part.COUNT: parts.get(Part.COUNT, 0.0)} for name, parts in one.items()} for one in (*rolled, *pieces)]
    )
    # A piece begins where a rollup ends: what happened between is seen from a little before.
    around = [Span(max(rest.start - BOUNDARY_SECONDS, span.start), rest.end) for rest in cover.rest]
    seen = [*rolled, *(_of_samples(client, indicator, piece, owners) for piece in around)]
    eventful = {owner_of(name) for parts in seen for name, one in parts.items() if one.get(Part.EVENTS)}
    if not eventful:
        return counts
    exact = _of_samples(client, indicator, span, sorted(eventful))
    return {**counts, **{name: exact[name] for name in exact if name in counts or Part.EVENTS in exact[name]}}


def _last_values(
    client: EvidenceSource, indicator: Indicator, span: Span, rollups: Rollups, owners: Collection[str]
) -> dict[str, Parts]:
    """The newest value of each object: nearly all have one on the last day; the month is asked for the others only."""
    cover = rollups.cover(span)
    if owners or not cover.runs:
        return _of_samples(client, indicator, span, owners)
    at = evaluation_time(span.end)
    newest: dict[str, Parts] = {
        label_of(one.labels, "object"): {Part.LAST: one.value}
        for one in client.query_at(queries.newest_now(indicator), at)
    }
    rolled = client.query_at(queries.rolled_objects(indicator, span.length), at)
    missing = {label_of(one.labels, "object") for one in rolled} - set(newest)
    if missing:
        older = _of_samples(client, indicator, span, sorted({owner_of(name) for name in missing}))
        newest |= {name: {Part.LAST: older[name][Part.LAST]} for name in missing if name in older}
    return newest


def _parts_outside(
    client: EvidenceSource,
    indicator: Indicator,
    stretches: Sequence[Span],
    names: Sequence[str],
    rollups: Rollups,
) -> dict[str, Parts]:
    """The parts of `names` over `stretches` only."""
    summary = indicator.month.summary
    if isinstance(summary, QuantileOfIndicator):
        # Quantiles of stretches do not add up: take the samples themselves.
        return _quantile_parts(client, indicator.id, summary.quantile, stretches, names)
    owners = sorted({owner_of(name) for name in names})
    asked = [_fetch_parts(client, indicator, stretch, rollups, owners) for stretch in stretches]
    return {name: join_parts([parts[name] for parts in asked if name in parts]) for name in names}


def _quantile_parts(
    client: EvidenceSource, indicator: str, quantile: float, stretches: Sequence[Span], names: Sequence[str]
) -> dict[str, Parts]:
    samples: dict[str, dict[float, float]] = {name: {} for name in names}
    for stretch in stretches:
        for series in client.fetch_samples(queries.indicator_samples(indicator, names), stretch.start, stretch.end):
            samples[label_of(series.labels, "object")].update(series.points)
    values = {name: quantile_of_samples(quantile, list(points.values())) for name, points in samples.items()}
    return {name: {} if value is None else {Part.QUANTILE: value} for name, value in values.items()}
