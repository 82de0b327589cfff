"""The month's value of every object by every indicator, without the time of planned work.

Owns which stretches of time are asked for; the arithmetic is `sopctl.checklist.month_value`'s.
"""

from collections.abc import Mapping, Sequence

from dcnet.catalogue import OF_INDICATOR, AvailableTime, Catalogue, Indicator, QuantileOfIndicator
from sopctl.checklist import queries
from sopctl.checklist.judge import Key
from sopctl.checklist.month_value import Parts, join_parts, quantile_of_samples, value_of_parts
from sopctl.checklist.month_window import evaluation_time
from sopctl.checklist.planned_time import PlannedTime, Span, device_of, group_by_spans, outside, without
from sopctl.checklist.queries import Part
from sopctl.checklist.samples import EvidenceSource, label_of, number_of
from sopctl.model import Period


def fetch_values(
    client: EvidenceSource,
    catalogue: Catalogue,
    period: Period,
    planned: PlannedTime,
    carriers: Mapping[str, str],
    *,
    outages: Mapping[Key, Sequence[Span]],
) -> dict[Key, float]:
    """Values by (indicator, object); an object without data has none. `outages`: as `fetch_outages` gives them.

    `carriers` gives the device that carries each link: its planned work is also the link's. The number of
    questions grows with the number of different plans, not with the number of objects.
    """
    month = Span(period.start.timestamp(), period.end.timestamp())
    values: dict[Key, float] = {}
    for indicator in catalogue.indicators:
        parts = _fetch_parts(client, indicator, month)
        # Counters of what remains know nothing of the window; recorded samples look back into it.
        looks_back = isinstance(indicator.month.summary, OF_INDICATOR)
        lookback = indicator.lookback_minutes if looks_back else 0
        spans = {name: planned.spans_of(name, device_of(name, carriers), lookback) for name in parts}
        for plan, names in group_by_spans(spans).items():
            parts.update(_parts_outside(client, indicator, outside(month, plan), names))
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


def _fetch_parts(client: EvidenceSource, indicator: Indicator, span: Span) -> dict[str, Parts]:
    """The parts of every object over `span`, by object."""
    found: dict[str, dict[str, float]] = {}
    for query in queries.part_queries(indicator, round(span.end - span.start)):
        for sample in client.query_at(query.expression, evaluation_time(span.end)):
            name = queries.object_of_part(indicator.component, sample.labels)
            part = query.part if query.part is not None else str(number_of(sample.labels, "le"))
            found.setdefault(name, {})[part] = sample.value
    return dict(found)


def _parts_outside(
    client: EvidenceSource, indicator: Indicator, stretches: Sequence[Span], names: Sequence[str]
) -> dict[str, Parts]:
    """The parts of `names` over `stretches` only."""
    summary = indicator.month.summary
    if isinstance(summary, QuantileOfIndicator):
        # Quantiles of stretches do not add up: take the samples themselves.
        return _quantile_parts(client, indicator.id, summary.quantile, stretches, names)
    asked = [_fetch_parts(client, indicator, stretch) for stretch in stretches]
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
