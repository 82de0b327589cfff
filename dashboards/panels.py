"""The house style of a panel: every one has a title, a description, a unit and a source that can be chosen.

Owns what all panels share, in terms of the Grafana SDK; which panels a board has stands in its own module.
"""

from collections.abc import Callable, Iterable, Mapping
from typing import TypeAlias, TypeVar

from grafana_foundation_sdk.builders import common, dashboard, prometheus, stat, statetimeline, table, timeseries
from grafana_foundation_sdk.models import common as common_models
from grafana_foundation_sdk.models import dashboard as dashboard_models
from grafana_foundation_sdk.models import prometheus as prometheus_models

from dcnet.catalogue import Direction, Indicator, Severity, Unit
from dcnet.language import Language, Words

GREEN, ORANGE, RED, NEUTRAL = "green", "orange", "red", "blue"
DATASOURCE = common_models.DataSourceRef(type_val="prometheus", uid="${datasource}")

Tell: TypeAlias = Callable[[str, str], str]
"""Picks the board's language from (Indonesian, English)."""

GRAFANA_UNITS: Mapping[Unit, str] = {
    Unit.RATIO: "percentunit",
    Unit.STATE: "short",
    Unit.COUNT: "short",
    Unit.SECONDS: "s",
    Unit.CELSIUS: "celsius",
    Unit.DECIBELS: "dB",
    Unit.DBM: "dBm",
    Unit.BYTES: "decbytes",
}

AnyPanel = TypeVar("AnyPanel", stat.Panel, statetimeline.Panel, table.Panel, timeseries.Panel)


def new_board(uid: str, title: Words, description: Words, language: Language) -> dashboard.Dashboard:
    """A board of the house in `language`, its uid ending in `-en` for English, with a source that can be chosen."""
    return (
        dashboard.Dashboard(title.in_language(language))
        .uid(uid + ("-en" if language is Language.ENGLISH else ""))
        .description(description.in_language(language))
        .tags(["dcnet", language.value])
        .readonly()
        .timezone("browser")
        .refresh("30s")
        .time("now-6h", "now")
        .tooltip(dashboard_models.DashboardCursorSync.CROSSHAIR)
        .with_variable(
            dashboard.DatasourceVariable("datasource")
            .label(Words("Sumber data", "Data source").in_language(language))
            .type("prometheus")
        )
    )


def choice(name: str, label: str, values: str) -> dashboard.QueryVariable:
    """A variable of several values, all of them at first."""
    return (
        dashboard.QueryVariable(name)
        .label(label)
        .query(values)
        .datasource(DATASOURCE)
        .refresh(dashboard_models.VariableRefresh.ON_TIME_RANGE_CHANGED)
        .multi(True)
        .include_all(True)
        .all_value(".+")
        .sort(dashboard_models.VariableSort.ALPHABETICAL_ASC)
    )


def query(expression: str, legend: str, ref: str = "A") -> prometheus.Dataquery:
    """A target over the board's whole range; `legend` names its curves."""
    return _target(expression, ref).legend_format(legend).range()


def latest(expression: str, ref: str = "A") -> prometheus.Dataquery:
    """A target at the end of the board's range only, its labels as columns."""
    return _target(expression, ref).instant().format(prometheus_models.PromQueryFormat.TABLE)


def _target(expression: str, ref: str) -> prometheus.Dataquery:
    return prometheus.Dataquery().expr(expression).ref_id(ref).datasource(DATASOURCE)


def dressed(
    panel: AnyPanel, title: str, description: str, unit: str, targets: Iterable[prometheus.Dataquery]
) -> AnyPanel:
    """`panel` with what every panel must have."""
    panel.title(title).description(description).unit(unit).datasource(DATASOURCE)
    for target in targets:
        panel.with_target(target)
    return panel


def number(title: str, description: str, expression: str, steps: dashboard.ThresholdsConfig) -> stat.Panel:
    """How many there are now, big, coloured by `steps`."""
    panel = dressed(stat.Panel(), title, description, "short", [latest(expression)])
    reduce = common.ReduceDataOptions().calcs(["lastNotNull"])
    return (
        panel.reduce_options(reduce)
        .thresholds(steps)
        .color_mode(common_models.BigValueColorMode.BACKGROUND_SOLID)
        .graph_mode(common_models.BigValueGraphMode.NONE)
        .height(4)
        .span(4)
    )


def curve(
    title: str, description: str, unit: str, targets: list[prometheus.Dataquery], span: int = 12
) -> timeseries.Panel:
    """Curves over time, gaps left as gaps."""
    panel = dressed(timeseries.Panel(), title, description, unit, targets)
    legend = (
        common.VizLegendOptions()
        .show_legend(True)
        .display_mode(common_models.LegendDisplayMode.TABLE)
        .placement(common_models.LegendPlacement.BOTTOM)
        .calcs(["lastNotNull", "max"])
    )
    tooltip = common.VizTooltipOptions().mode(common_models.TooltipDisplayMode.MULTI)
    return panel.legend(legend).tooltip(tooltip).span_nulls(False).line_width(1).fill_opacity(8).height(8).span(span)


def timeline(
    title: str, description: str, unit: str, target: prometheus.Dataquery, span: int = 24
) -> statetimeline.Panel:
    """States over time: bad, good, and nothing where nothing was measured."""
    panel = dressed(statetimeline.Panel(), title, description, unit, [target])
    return panel.show_value(common_models.VisibilityMode.NEVER).merge_values(True).row_height(0.8).height(9).span(span)


def indicator_steps(indicator: Indicator) -> dashboard.ThresholdsConfig:
    """The catalogue's default limits as colours: the same good and bad as in alerts and reports."""
    warning, critical = indicator.limits.warning, indicator.limits.critical
    if indicator.direction is Direction.ABOVE:
        return steps([(None, GREEN), (warning, ORANGE), *([] if critical is None else [(critical, RED)])])
    if critical is None or warning == critical:
        return steps([(None, RED), (warning, GREEN)])
    return steps([(None, RED), (critical, ORANGE), (warning, GREEN)])


def labelled_table(
    title: str, description: str, expression: str, columns: Mapping[str, str], when_empty: str
) -> table.Panel:
    """The labels of what `expression` gives now: `columns` are titles by label, in order; sorted by the first."""
    hidden = dict.fromkeys(("Time", "Value", "__name__", "job", "instance"), True)
    organise = {
        "excludeByName": hidden,
        "renameByName": dict(columns),
        "indexByName": {name: position for position, name in enumerate(columns)},
    }
    panel = dressed(table.Panel(), title, description, "short", [latest(expression)])
    return (
        panel.with_transformation(dashboard_models.DataTransformerConfig(id_val="organize", options=organise))
        .sort_by([common.TableSortByFieldState().display_name(next(iter(columns.values())))])
        .no_value(when_empty)
        .height(8)
        .span(24)
    )


def count_steps(severity: Severity) -> dashboard.ThresholdsConfig:
    """Colours of "how many are …": none is good."""
    return steps([(None, GREEN), (1, RED if severity is Severity.CRITICAL else ORANGE)])


def steps(pairs: list[tuple[float | None, str]]) -> dashboard.ThresholdsConfig:
    """Absolute thresholds: each colour from its value upwards; None is minus infinity."""
    return (
        dashboard.ThresholdsConfig()
        .mode(dashboard_models.ThresholdsMode.ABSOLUTE)
        .steps([dashboard_models.Threshold(value=value, color=colour) for value, colour in pairs])
    )
