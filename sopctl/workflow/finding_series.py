"""How the gravest findings' indicators went through the month, for their charts.

Owns which findings get a chart, and that an hour is told by its worst value. It must not draw.
"""

from collections.abc import Iterable, Mapping

from dcnet.catalogue import Direction, Indicator
from sopctl.checklist import queries
from sopctl.checklist.samples import EvidenceSource, RawSeries, label_of
from sopctl.evidence import Finding, HourlySeries
from sopctl.model import Period

MOST_CHARTS = 24
"""Findings stand in the order of their gravity; a page of charts for each of hundreds would be read by nobody."""

HOUR_SECONDS = 3600


def fetch_series(
    client: EvidenceSource, indicators: Mapping[str, Indicator], findings: Iterable[Finding], period: Period
) -> tuple[HourlySeries, ...]:
    """The worst value of each hour, for the first MOST_CHARTS findings, in their order."""
    charted = [finding.row for finding in findings][:MOST_CHARTS]
    found: dict[tuple[str, str], HourlySeries] = {}
    for name in dict.fromkeys(row.indicator for row in charted):
        objects = [row.object for row in charted if row.indicator == name]
        selector = queries.indicator_samples(name, objects)
        series = client.fetch_samples(selector, period.start.timestamp(), period.end.timestamp())
        for about in objects:
            own = [one for one in series if label_of(one.labels, "object") == about]
            found[name, about] = HourlySeries(about, name, worst_of_hours(own, indicators[name].direction, period))
    return tuple(found[row.indicator, row.object] for row in charted)


def worst_of_hours(series: Iterable[RawSeries], direction: Direction, period: Period) -> tuple[float | None, ...]:
    """The worst of all samples in each hour of `period`; None where there is none."""
    start = period.start.timestamp()
    worst: list[float | None] = [None] * -(-period.seconds // HOUR_SECONDS)
    worse = min if direction is Direction.BELOW else max
    for one in series:
        for at, value in one.points:
            hour = int((at - start) // HOUR_SECONDS)
            known = worst[hour]
            worst[hour] = value if known is None else worse(known, value)
    return tuple(worst)
