"""Charts of a month: a finding's worst value of each hour with limits, planned work and gaps; a panel's lines.

Owns the scale and every place in the frame, as shares of its width and height from the lower left. The page owns
lines and colours. An hour shows its worst value: an average would hide what the finding is about. Pure.
"""

import math
from collections.abc import Callable, Sequence
from datetime import timedelta
from typing import Any

from dcnet.catalogue import Direction, Indicator, Severity, Unit
from dcnet.language import Language
from sopctl.evidence import Checklist, ChecklistRow, HourlySeries, Panel, PlannedWork
from sopctl.model import Period
from sopctl.report import labels, wording
from sopctl.report.figures import MOST_DECIMALS, format_limit, shown_factor

MOST_STEPS = 5
"""Between the lowest and the highest tick."""

ROUND_STEPS = (1, 2, 2.5, 5, 10)


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
    near = indicator.direction is Direction.BELOW
    ticks = _ticks([*known, *(limit for _severity, limit in limits)], indicator.unit, from_nought=not near)
    height = _height_on(ticks)
    return {
        "title": wording.chart_title(indicator.direction).in_language(language),
        "lines": [{"name": "", "runs": _placed(series.worst, height)}],
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
        "y_ticks": _labelled(ticks, indicator.unit, language),
        "x_ticks": _day_ticks(checklist.period),
    }


def panel_chart(panel: Panel, period: Period, language: Language) -> dict[str, Any]:
    """The chart of a panel's lines."""
    known = [value for line in panel.lines for value in line.hours if value is not None]
    ticks = _ticks(known or [0.0], panel.unit, from_nought=True)
    height = _height_on(ticks)
    return {
        "title": panel.title,
        "lines": [{"name": line.label, "runs": _placed(line.hours, height)} for line in panel.lines],
        "gaps": [],
        "planned": [],
        "limits": [],
        "legend": [],
        "y_ticks": _labelled(ticks, panel.unit, language),
        "x_ticks": _day_ticks(period),
    }


def _height_on(ticks: Sequence[float]) -> Callable[[float], float]:
    low, high = ticks[0], ticks[-1]
    return lambda value: round((value - low) / (high - low), 5)


def _labelled(ticks: Sequence[float], unit: Unit, language: Language) -> list[dict[str, Any]]:
    height = _height_on(ticks)
    return [{"at": height(tick), "label": format_limit(tick, unit, language)} for tick in ticks]


def _placed(hours: Sequence[float | None], height: Callable[[float], float]) -> list[list[list[float]]]:
    places = _hour_places(len(hours))
    return [[[places[hour], height(value)] for hour, value in run] for run in _runs(hours)]


def _ticks(values: Sequence[float], unit: Unit, *, from_nought: bool) -> list[float]:
    """Round figures, in the unit in which they are shown, from below the least of `values` to above the greatest.

    `from_nought`: a value is judged by its height; else it is bad below, and the scale stays near what was seen.
    """
    most = max(values)
    least = min(0.0, *values) if from_nought else min(values)
    factor = shown_factor(max(abs(least), abs(most)), unit)
    step = _round_step((most - least) * factor)
    first = math.floor(_whole(least * factor / step))
    last = max(math.ceil(_whole(most * factor / step)), first + 1)
    return [place * step / factor for place in range(first, last + 1)]


def _round_step(span: float) -> float:
    wanted = max(span / MOST_STEPS, 10**-MOST_DECIMALS)
    power = 10.0 ** math.floor(math.log10(wanted))
    return next(one * power for one in ROUND_STEPS if _whole(one * power / wanted) >= 1)


def _whole(value: float) -> float:
    """Without the grain of floats: 2.9999999999 steps are 3."""
    return round(value, 9)


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
