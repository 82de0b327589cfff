"""How the gravest findings' indicators went through the month, for their charts.

Owns which findings get a chart, and that an hour is told by its worst value. It must not draw.
"""

import math
from collections.abc import Iterable, Mapping

from dcnet.catalogue import Indicator
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
    start, end = period.start.timestamp(), period.end.timestamp()
    found: dict[tuple[str, str], HourlySeries] = {}
    for name in dict.fromkeys(row.indicator for row in charted):
        objects = [row.object for row in charted if row.indicator == name]
        # A value at an hour tells of the hour before.
        series = client.fetch_hourly(queries.worst_of_hour(indicators[name], objects), start + 1, end + HOUR_SECONDS)
        for about in objects:
            own = [one for one in series if label_of(one.labels, "object") == about]
            found[name, about] = HourlySeries(about, name, hours_of(own, period))
    return tuple(found[row.indicator, row.object] for row in charted)


def hours_of(series: Iterable[RawSeries], period: Period) -> tuple[float | None, ...]:
    """The value told at the end of each hour of `period`; None where there is none, or one that is no number."""
    start = period.start.timestamp()
    hours: list[float | None] = [None] * -(-period.seconds // HOUR_SECONDS)
    for one in series:
        for at, value in one.points:
            # Hours of a zone that is not a whole hour off end between two of UTC: the nearer half counts.
            hour = round((at - start) / HOUR_SECONDS) - 1
            if 0 <= hour < len(hours) and math.isfinite(value):
                hours[hour] = value
    return tuple(hours)
