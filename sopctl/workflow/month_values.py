"""The month's value of every object by every indicator, without the time of planned work.

Owns which stretches of time are asked for, and where the hourly rollups answer; the arithmetic is
`sopctl.checklist.month_value`'s.
"""

from array import array
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import TypeVar

from dcnet.catalogue import (
    EVALUATION_INTERVAL_SECONDS,
    OF_INDICATOR,
    PERCENTILE_SECONDS,
    AvailableTime,
    AverageOfIndicator,
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
from sopctl.checklist.judge import Key
from sopctl.checklist.month_value import Parts, join_parts, quantile_of_samples, value_of_parts
from sopctl.checklist.month_window import evaluation_time
from sopctl.checklist.part_queries import (
    all_events,
    all_rolled_parts,
    all_sample_parts,
    missed_hours,
    newest_now,
    object_of_part,
    part_queries,
    percentile_count,
    percentiles,
)
from sopctl.checklist.planned_time import PlannedTime, Span, device_of, group_by_spans, outside, without
from sopctl.checklist.queries import indicator_samples
from sopctl.checklist.rollups import HOUR, Cover, Rollups
from sopctl.checklist.samples import EvidenceSource, Sample, label_of, number_of
from sopctl.model import Period

ENOUGH = 0.95
"""Share of the recorded hours that must have five-minute samples for a percentile over these to speak for them."""

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
    counts: Mapping[Key, float],
) -> dict[Key, float]:
    """Values by (indicator, object); an object without data has none.

    `outages`: as `fetch_outages` gives them; `counts`: how many samples were recorded in the month, needed with
    `rollups`; `carriers`: the device that carries each link, whose planned work is also the link's. The number of
    questions grows with the number of different plans, not with the number of objects.
    """
    month = Span(period.start.timestamp(), period.end.timestamp())
    whole = _fetch_whole(client, catalogue, month, rollups, counts)
    values: dict[Key, float] = {}
    for indicator in catalogue.indicators:
        about, parts = _About(client, indicator, rollups), whole[indicator.id]
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


@dataclass(frozen=True, slots=True)
class _About:
    """One indicator's questions."""

    client: EvidenceSource
    indicator: Indicator
    rollups: Rollups


def _fetch_whole(
    client: EvidenceSource, catalogue: Catalogue, month: Span, rollups: Rollups, counts: Mapping[Key, float]
) -> dict[str, dict[str, Parts]]:
    """The parts over the month by indicator and object: of the hourly rollups and what they leave, or of samples."""
    cover = rollups.cover(month)
    abouts = {one.id: _About(client, one, rollups) for one in catalogue.indicators}
    if not cover.runs:
        return {identity: _of_samples(about, month, ()) for identity, about in abouts.items()}
    stretches = [
        *(_all_asked(client, all_rolled_parts(catalogue, run.range_seconds), run.last) for run in cover.runs),
        *(
            _all_asked(client, all_sample_parts(catalogue, rest.length), evaluation_time(rest.end))
            for rest in cover.rest
        ),
    ]
    told: dict[Key, dict[str, float]] = {}
    for stretch in stretches:
        for key, parts in stretch.items():
            told[key] = join_parts([told[key], parts]) if key in told else parts
    eventful = _eventful(client, catalogue, month, cover, told)
    of_quantile = _percentiles(client, catalogue, month, cover)
    newest = {_key(one): one.value for one in client.query_at(newest_now(catalogue), evaluation_time(month.end))}
    return {
        identity: _of_indicator(
            about,
            month,
            _OfAll(
                told=_of(told, identity),
                counts=_of(counts, identity),
                newest=_of(newest, identity),
                percentiles=_of(of_quantile, identity),
                eventful=frozenset(owner for of, owner in eventful if of == identity),
            ),
        )
        for identity, about in abouts.items()
    }


Told = TypeVar("Told")


def _of(found: Mapping[Key, Told], identity: str) -> dict[str, Told]:
    return {name: one for (of, name), one in found.items() if of == identity}


@dataclass(frozen=True, slots=True)
class _OfAll:
    """What the questions about all indicators gave for one, by object."""

    told: Mapping[str, Parts]
    counts: Mapping[str, float]
    newest: Mapping[str, float]
    percentiles: Mapping[str, float]
    eventful: frozenset[str]
    """Owners whose events have to be counted by samples."""


def _of_indicator(about: _About, month: Span, given: _OfAll) -> dict[str, Parts]:
    match about.indicator.month.summary:
        case CountOfEvents():
            # The recorded samples tell who was watched: an object without events counts none.
            found: dict[str, Parts] = {name: {Part.COUNT: count} for name, count in given.counts.items()}
            if given.eventful:
                exact = _of_samples(about, month, sorted(given.eventful))
                found |= {name: {**found.get(name, {}), **parts} for name, parts in exact.items()}
            return found
        case QuantileOfIndicator():
            return _with_exact(about, month, Part.QUANTILE, given.percentiles, given.counts)
        case LastOfIndicator():
            return _with_exact(about, month, Part.LAST, given.newest, given.counts)
        case AverageOfIndicator() | AvailableTime():
            return {
                name: {Part.SUM: given.told.get(name, {}).get(Part.SUM, 0.0), Part.COUNT: count}
                for name, count in given.counts.items()
            }
        case _:
            return dict(given.told)


def _all_asked(client: EvidenceSource, questions: Iterable[str], at: float) -> dict[Key, dict[str, float]]:
    found: dict[Key, dict[str, float]] = {}
    for question in questions:
        for one in client.query_at(question, at):
            part = label_of(one.labels, "part")
            found.setdefault(_key(one), {})[str(number_of(one.labels, "le")) if part == Part.BUCKET else part] = (
                one.value
            )
    return found


def _eventful(
    client: EvidenceSource,
    catalogue: Catalogue,
    month: Span,
    cover: Cover,
    told: Mapping[Key, Mapping[str, float]],
) -> set[tuple[str, str]]:
    """(indicator, owner) of whom events have to be counted by samples: an hour tells only where to look.

    An event between two hours may be in both or in neither; an hour without any sample may hide what happened.
    """
    found = {(key[0], owner_of(key[1])) for key, parts in told.items() if parts.get(Part.EVENTS)}
    # A piece begins where a rollup ends: what happened between is seen from a little before, and until an hour after.
    for rest in cover.rest:
        around = Span(max(rest.start - BOUNDARY_SECONDS, month.start), min(rest.end + HOUR, month.end))
        for one in client.query_at(all_events(catalogue, around.length), evaluation_time(around.end)):
            found.add((_key(one)[0], owner_of(_key(one)[1])))
    for run in cover.runs:
        for one in client.query_at(missed_hours(catalogue, run.range_seconds, run.hours), run.last):
            found.add((_key(one)[0], owner_of(_key(one)[1])))
    return found


def _percentiles(client: EvidenceSource, catalogue: Catalogue, month: Span, cover: Cover) -> dict[Key, float]:
    """Percentiles over five-minute samples; none where these tell of clearly less of the month than the hours do."""
    at = evaluation_time(month.end)
    recorded = sum(one.value for one in client.query_at(percentile_count(month.length), at)) * PERCENTILE_SECONDS
    if recorded < ENOUGH * sum(run.span.length for run in cover.runs):
        return {}
    return {
        _key(one): one.value for asked in percentiles(catalogue, month.length) for one in client.query_at(asked, at)
    }


def _with_exact(
    about: _About, month: Span, part: Part, known: Mapping[str, float], recorded: Iterable[str]
) -> dict[str, Parts]:
    """What is known, and by the month's own samples whatever else was recorded."""
    found: dict[str, Parts] = {name: {part: value} for name, value in known.items()}
    missing = set(recorded) - set(found)
    if missing:
        exact = _of_samples(about, month, sorted({owner_of(name) for name in missing}))
        found |= {name: exact[name] for name in missing if name in exact}
    return found


def _of_samples(about: _About, span: Span, owners: Collection[str]) -> dict[str, Parts]:
    """The parts of every object of `owners` (none named: of all) over `span`, by its samples alone."""
    found: dict[str, dict[str, float]] = {}
    for query in part_queries(about.indicator, span.length, owners):
        for sample in about.client.query_at(query.expression, evaluation_time(span.end)):
            name = object_of_part(about.indicator.component, sample.labels)
            part = query.part if query.part is not None else str(number_of(sample.labels, "le"))
            found.setdefault(name, {})[part] = sample.value
    return dict(found)


def _key(sample: Sample) -> Key:
    return label_of(sample.labels, "indicator"), label_of(sample.labels, "object")


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
            asked = [_of_samples(about, stretch, owners) for stretch in stretches]
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
        selector = indicator_samples(about.indicator.id, names, series)
        for one in about.client.fetch_samples(selector, stretch.start, stretch.end, count):
            samples[label_of(one.labels, "object")].extend(value for _at, value in one.points)
    values = {name: quantile_of_samples(quantile, points) for name, points in samples.items()}
    return {name: {} if value is None else {Part.QUANTILE: value} for name, value in values.items()}
