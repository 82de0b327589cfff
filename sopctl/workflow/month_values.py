"""The month's value of every object by every indicator, without the time of planned work.

Owns which stretches of time are asked for, and where the hourly rollups answer; the arithmetic is
`sopctl.checklist.month_value`'s.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import chain, islice
from typing import TypeAlias, TypeVar

from dcnet.catalogue import (
    EVALUATION_INTERVAL_SECONDS,
    PERCENTILE_SECONDS,
    AvailableTime,
    AverageOfIndicator,
    Catalogue,
    CountOfEvents,
    LastOfIndicator,
    Part,
    QuantileOfIndicator,
    owner_of,
)
from sopctl.checklist.judge import Key
from sopctl.checklist.month_value import Parts, join_parts, value_of_parts
from sopctl.checklist.month_window import evaluation_time
from sopctl.checklist.part_queries import (
    all_events,
    all_rolled_parts,
    all_sample_parts,
    minutes_recorded,
    missed_hours,
    newest_now,
    percentile_count,
    percentiles,
)
from sopctl.checklist.planned_time import PlannedTime, Span, device_of, without
from sopctl.checklist.queries import recorded_counts, rolled_counts
from sopctl.checklist.rollups import HOUR, Cover, Rollups
from sopctl.checklist.samples import EvidenceSource, Question, Sample, key_of, label_of, number_of
from sopctl.model import Period
from sopctl.workflow.planned_parts import take_off_planned
from sopctl.workflow.stretch_parts import About, fetch_stretch, fetch_stretches

ENOUGH = 0.95
"""Share of the recorded hours that must have ten-minute samples for a percentile over these to speak for them."""

LONG_REST_SECONDS = 6 * HOUR
"""What the hours leave at the month's edges and around a missed one is shorter."""

BOUNDARY_SECONDS = 300
"""Events between a rollup's last sample and the first one after it are told by a stretch that begins before."""


Recorded: TypeAlias = tuple[str, str, str]
"""(indicator, device, object)"""


@dataclass(frozen=True, slots=True)
class MonthFigures:
    """What was asked of a month."""

    values: Mapping[Key, float]
    """An object without data has none."""

    counts: Mapping[Recorded, float]
    """How many samples were recorded."""

    @property
    def counts_by_object(self) -> dict[Key, float]:
        """An object that moved to another device has samples of before and of after: they add up."""
        found: dict[Key, float] = {}
        for (indicator, _device, name), count in self.counts.items():
            found[indicator, name] = found.get((indicator, name), 0.0) + count
        return found


def fetch_figures(
    client: EvidenceSource,
    catalogue: Catalogue,
    period: Period,
    planned: PlannedTime,
    carriers: Mapping[str, str],
    *,
    outages: Mapping[Key, Sequence[Span]],
    rollups: Rollups,
    count_samples: bool = True,
) -> MonthFigures:
    """The values of every object by every indicator, and of how many samples they are.

    `outages`: as `fetch_outages` gives them; `carriers`: the device that carries each link, whose planned work is also
    the link's; not `count_samples`: where a month has no rollups, its samples are not counted. The number of questions
    grows with the number of different plans, not with the number of objects.
    """
    month = Span(period.start.timestamp(), period.end.timestamp())
    cover = rollups.cover(month)
    ten_minutes = bool(cover.runs) and _has_ten_minutes(client, month, cover)
    abouts = {one.id: About(client, one, ten_minutes) for one in catalogue.indicators}
    whole: dict[str, dict[str, Parts]]
    if cover.runs:
        whole, counts = _fetch_whole(client, catalogue, month, cover, abouts)
    else:
        whole = dict(zip(abouts, fetch_stretches([(about, month, ()) for about in abouts.values()]), strict=True))
        at = evaluation_time(month.end)
        counts = _add_up([client.query_at(recorded_counts(month.length), at)] if count_samples else [])
    whole = take_off_planned(list(abouts.values()), whole, planned, carriers, month)
    values: dict[Key, float] = {}
    for indicator in catalogue.indicators:
        for name, given in whole[indicator.id].items():
            key, parts_of = (indicator.id, name), given
            if isinstance(indicator.month.summary, AvailableTime) and key in outages:
                free = without(outages[key], planned.spans_of(name, device_of(name, carriers)))
                parts_of = {**given, Part.DOWN: sum(span.length for span in free)}
            value = value_of_parts(indicator.month.summary, parts_of)
            if value is not None:
                values[key] = value
    return MonthFigures(values, counts)


def _add_up(answers: Iterable[Iterable[Sample]]) -> dict[Recorded, float]:
    counts: dict[Recorded, float] = {}
    for one in chain.from_iterable(answers):
        indicator, name = key_of(one)
        key = (indicator, one.labels.get("device", ""), name)
        counts[key] = counts.get(key, 0.0) + one.value
    return counts


def _fetch_whole(
    client: EvidenceSource,
    catalogue: Catalogue,
    month: Span,
    cover: Cover,
    abouts: Mapping[str, About],
) -> tuple[dict[str, dict[str, Parts]], dict[Recorded, float]]:
    """The parts over the month by indicator and object, of the hourly rollups and what they leave; and the counts."""
    at = evaluation_time(month.end)
    # A piece begins where a rollup ends: what happened between is seen from a little before, and until an hour after.
    around = [
        Span(max(rest.start - BOUNDARY_SECONDS, month.start), min(rest.end + HOUR, month.end)) for rest in cover.rest
    ]
    stretches: list[list[Question]] = [
        *([(one, run.at) for one in all_rolled_parts(catalogue, run.range_seconds, run.suffix)] for run in cover.runs),
        *(
            [(one, evaluation_time(rest.end)) for one in all_sample_parts(catalogue, rest.length)]
            for rest in cover.rest
        ),
    ]
    looking = [
        *((all_events(catalogue, one.length), evaluation_time(one.end)) for one in around),
        *((missed_hours(catalogue, run.range_seconds, run.hours, run.suffix), run.at) for run in cover.runs),
    ]
    ten_minutes = any(about.ten_minutes for about in abouts.values())
    of_quantile = [(one, at) for one in percentiles(catalogue, month.length)] if ten_minutes else []
    counting = [
        *((rolled_counts(run.range_seconds, run.suffix), run.at) for run in cover.runs),
        *((recorded_counts(rest.length), evaluation_time(rest.end)) for rest in cover.rest),
    ]
    # The heaviest first.
    asked = [*of_quantile, *counting, *chain.from_iterable(stretches), (newest_now(catalogue), at), *looking]
    answers = iter(client.query_all(asked))
    quantiles = {key_of(one): one.value for _ in of_quantile for one in next(answers)}
    counts = _add_up(islice(answers, len(counting)))
    counted = MonthFigures({}, counts).counts_by_object
    told: dict[Key, dict[str, float]] = {}
    for stretch in stretches:
        for key, parts in _read_parts(sample for _ in stretch for sample in next(answers)).items():
            told[key] = join_parts([told[key], parts]) if key in told else parts
    newest = {key_of(one): one.value for one in next(answers)}
    # Of whom events have to be counted by samples: an hour tells only where to look. An event between two hours may be
    # in both or in neither; an hour without any sample may hide what happened.
    eventful = {(key[0], owner_of(key[1])) for key, parts in told.items() if parts.get(Part.EVENTS)}
    eventful |= {(key_of(one)[0], owner_of(key_of(one)[1])) for samples in answers for one in samples}
    whole = {
        identity: _of_indicator(
            about,
            month,
            _OfAll(
                told=_of(told, identity),
                counts=_of(counted, identity),
                newest=_of(newest, identity),
                percentiles=_of(quantiles, identity),
                eventful=frozenset(owner for of, owner in eventful if of == identity),
            ),
        )
        for identity, about in abouts.items()
    }
    return whole, counts


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


def _of_indicator(about: About, month: Span, given: _OfAll) -> dict[str, Parts]:
    match about.indicator.month.summary:
        case CountOfEvents():
            # The recorded samples tell who was watched: an object without events counts none.
            found: dict[str, Parts] = {name: {Part.COUNT: count} for name, count in given.counts.items()}
            if given.eventful:
                exact = fetch_stretch(about, month, sorted(given.eventful))
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


def _read_parts(samples: Iterable[Sample]) -> dict[Key, dict[str, float]]:
    found: dict[Key, dict[str, float]] = {}
    for one in samples:
        part = label_of(one.labels, "part")
        name = str(number_of(one.labels, "le")) if part == Part.BUCKET else part
        found.setdefault(key_of(one), {})[name] = one.value
    return found


def _has_ten_minutes(client: EvidenceSource, month: Span, cover: Cover) -> bool:
    """Whether ten-minute samples tell of about as much of the month as the hours and the samples between them do."""
    counted = client.query_at(percentile_count(month.length), evaluation_time(month.end))
    # Where the rollups began within the month, its samples did not.
    long = [rest for rest in cover.rest if rest.length > LONG_REST_SECONDS]
    measured = client.query_all([(minutes_recorded(rest.length), evaluation_time(rest.end)) for rest in long])
    beside = sum(one.value for samples in measured for one in samples) * EVALUATION_INTERVAL_SECONDS
    recorded = sum(one.value for one in counted) * PERCENTILE_SECONDS
    return recorded >= ENOUGH * (beside + sum(run.span.length for run in cover.runs))


def _with_exact(
    about: About, month: Span, part: Part, known: Mapping[str, float], recorded: Iterable[str]
) -> dict[str, Parts]:
    """What is known, and by the month's own samples whatever else was recorded."""
    found: dict[str, Parts] = {name: {part: value} for name, value in known.items()}
    missing = set(recorded) - set(found)
    if missing:
        exact = fetch_stretch(about, month, sorted({owner_of(name) for name in missing}))
        found |= {name: exact[name] for name in missing if name in exact}
    return found
