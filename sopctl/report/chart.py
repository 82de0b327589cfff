"""A finding's month as a chart: its worst value of each hour, the limits, planned work and time without data.

Owns the scale and every place in the frame, as shares of its width and height from the lower left. The page owns
lines and colours. An hour shows its worst value: an average would hide what the finding is about. Pure.
"""

from collections.abc import Sequence
from datetime import timedelta
from typing import Any

from dcnet.catalogue import Direction, Indicator, Severity
from dcnet.language import Language
from sopctl.model import Checklist, ChecklistRow, HourlySeries, Period, PlannedWork
from sopctl.report import labels, wording
from sopctl.report.figures import format_limit

Y_TICKS = 4
HEADROOM = 1.08


def chart_of(
    series: HourlySeries, row: ChecklistRow, indicator: Indicator, checklist: Checklist, language: Language
) -> dict[str, Any] | None:
    """The chart of `row`, or None where not an hour was measured."""
    known = [value for value in series.worst if value is not None]
    if not known:
        return None
    limits = [
        (severity, limit)
        for severity, limit in ((Severity.WARNING, row.warning_limit), (Severity.CRITICAL, row.critical_limit))
        if limit is not None
    ]
    low, high = _scale([*known, *(limit for _severity, limit in limits)], indicator.direction)

    def height(value: float) -> float:
        return round(max(0.0, min(1.0, (value - low) / (high - low))), 5)

    places = _hour_places(len(series.worst))
    return {
        "title": wording.chart_title(indicator.direction).in_language(language),
        "runs": [[[places[hour], height(value)] for hour, value in run] for run in _runs(series.worst)],
        "gaps": _gaps(series.worst),
        "planned": _planned_spans(checklist.planned_work, row, checklist.period),
        "limits": [{"at": height(limit), "severity": severity.value} for severity, limit in limits],
        "legend": [
            {
                "severity": severity.value,
                "label": f"{labels.LIMITS[severity].in_language(language)} "
                + format_limit(limit, indicator.unit, language),
            }
            for severity, limit in limits
        ],
        "y_ticks": [
            {
                "at": step / Y_TICKS,
                "label": format_limit(
                    _rounded(low + (high - low) * step / Y_TICKS, high - low), indicator.unit, language
                ),
            }
            for step in range(Y_TICKS + 1)
        ],
        "x_ticks": _day_ticks(checklist.period),
    }


def _scale(values: Sequence[float], direction: Direction) -> tuple[float, float]:
    """From nought where a value is bad above its limit; near what was seen where it is bad below."""
    least, most = min(values), max(values)
    match direction:
        case Direction.ABOVE:
            low, high = min(0.0, least), most * HEADROOM
        case Direction.BELOW:
            low, high = least - (most - least) * (HEADROOM - 1), most
    return (low, high) if high > low else (low - 0.5, low + 0.5)


def _rounded(value: float, span: float) -> float:
    """`value` with as many digits as tell the ticks of `span` apart."""
    digits = 0
    while span * 10**digits < 10 * Y_TICKS and digits < 9:  # noqa: PLR2004  # two digits a tick; float's own grain
        digits += 1
    return round(value, digits) + 0.0


def _hour_places(hours: int) -> list[float]:
    return [round((hour + 0.5) / hours, 5) for hour in range(hours)]


def _runs(worst: Sequence[float | None]) -> list[list[tuple[int, float]]]:
    """Stretches of measured hours; a lone hour is drawn as a point of some width."""
    runs: list[list[tuple[int, float]]] = []
    open_run = False
    for hour, value in enumerate(worst):
        if value is None:
            open_run = False
            continue
        if not open_run:
            runs.append([])
            open_run = True
        runs[-1].append((hour, value))
    return [run if len(run) > 1 else [*run, *run] for run in runs]


def _gaps(worst: Sequence[float | None]) -> list[dict[str, float]]:
    gaps: list[dict[str, float]] = []
    for hour, value in enumerate(worst):
        if value is not None:
            continue
        start, end = hour / len(worst), (hour + 1) / len(worst)
        if gaps and gaps[-1]["to"] == start:
            gaps[-1]["to"] = end
        else:
            gaps.append({"from": start, "to": end})
    return gaps


def _planned_spans(planned: Sequence[PlannedWork], row: ChecklistRow, period: Period) -> list[dict[str, float]]:
    def share(seconds: float) -> float:
        return round(max(0.0, min(1.0, seconds / period.seconds)), 5)

    return [
        {
            "from": share(work.start.timestamp() - period.start.timestamp()),
            "to": share(work.end.timestamp() - period.start.timestamp()),
        }
        for work in planned
        if work.object in {row.object, row.device}
    ]


def _day_ticks(period: Period) -> list[dict[str, Any]]:
    days = round(period.seconds / timedelta(days=1).total_seconds())
    return [{"at": (day - 1) / days, "label": str(day)} for day in (1, 6, 11, 16, 21, 26, days)]
