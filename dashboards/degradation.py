"""The board of degradation: every indicator of the catalogue with its limits in force, by kind of component.

Alerts link here. Rows are closed at first, so that opening the board asks for what is degraded and no more.
"""

from grafana_foundation_sdk.builders import dashboard, statetimeline, table, timeseries
from grafana_foundation_sdk.models import dashboard as dashboard_models

from dashboards.overview import degraded_now, how_many_degraded
from dashboards.panels import (
    GRAFANA_UNITS,
    GREEN,
    RED,
    Tell,
    choice,
    curve,
    dressed,
    latest,
    new_board,
    query,
    steps,
    timeline,
)
from dcnet.catalogue import NAMINGS, Catalogue, Component, Direction, Indicator, Unit
from dcnet.language import Language, Words

UID = "dcnet-degradation"
MOST_CURVES = 15
DEVICES = 'dcnet_inventory_info{kind="device"}'
OF_DEVICE = 'device=~"$device|"'
"""An empty alternative keeps what has no device."""


def build_degradation(catalogue: Catalogue, language: Language) -> dashboard.Dashboard:
    """The degradation board in `language`; its uid ends in `-en` for English."""

    def tell(indonesian: str, english: str) -> str:
        return Words(indonesian, english).in_language(language)

    board = new_board(
        UID,
        Words("dcnet: penurunan kinerja", "dcnet: degradation"),
        Words("Setiap indikator dengan batas yang berlaku.", "Every indicator with its limits in force."),
        language,
    ).with_variable(choice("device", tell("Perangkat", "Device"), f"label_values({DEVICES}, object)"))
    _summary(board, tell)
    for component in Component:
        indicators = [one for one in catalogue.indicators if one.component is component]
        if indicators:
            row = dashboard.Row(NAMINGS[component].title.in_language(language)).collapsed(True)
            for indicator in indicators:
                row.with_panel(_indicator_panel(indicator, language, tell))
            board.with_row(row)
    return board


def _summary(board: dashboard.Dashboard, tell: Tell) -> None:
    board.with_row(dashboard.Row(tell("Sekarang", "Now")))
    for panel in how_many_degraded(tell):
        board.with_panel(panel)
    board.with_panel(degraded_now(tell))
    board.with_panel(_longest(tell))


def _longest(tell: Tell) -> table.Panel:
    by_hour = f'dcnet:degraded:count1h{{severity="warning", {OF_DEVICE}}}'
    minutes = f"sum by (indicator, object) (sum_over_time({by_hour}[$__range]))"
    panel = dressed(
        table.Panel(),
        tell("Paling lama menurun dalam rentang ini", "Longest degraded in this range"),
        tell(
            "Menit menurun menurut jam yang sudah lewat, termasuk pekerjaan terencana.",
            "Minutes degraded by the hours that are over, planned work included.",
        ),
        "m",
        [latest(f"topk(20, {minutes})")],
    )
    organise = {
        "excludeByName": {"Time": True},
        "renameByName": {
            "object": tell("Objek", "Object"),
            "indicator": tell("Indikator", "Indicator"),
            "Value": tell("Menit", "Minutes"),
        },
    }
    return (
        panel.with_transformation(dashboard_models.DataTransformerConfig(id_val="organize", options=organise))
        .no_value(tell("Tidak ada", "None"))
        .height(8)
        .span(24)
    )


def _indicator_panel(indicator: Indicator, language: Language, tell: Tell) -> statetimeline.Panel | timeseries.Panel:
    """An indicator's worst objects over time, between its limits; a state as a strip."""
    title, description = indicator.title.in_language(language), indicator.explanation.in_language(language)
    selector = f'{{indicator="{indicator.id}", {OF_DEVICE}}}'
    if indicator.unit is Unit.STATE:
        shown = query(f"topk({MOST_CURVES}, max by (object) (dcnet:indicator{selector}))", "{{object}}")
        return timeline(title, description, "short", shown, span=12).thresholds(steps([(None, GREEN), (1, RED)]))
    worst = "topk" if indicator.direction is Direction.ABOVE else "bottomk"
    return curve(
        title,
        description,
        GRAFANA_UNITS[indicator.unit],
        [
            query(f"{worst}({MOST_CURVES}, max by (object) (dcnet:indicator{selector}))", "{{object}}"),
            query(
                f"max by (severity) (dcnet:indicator_threshold{selector})",
                tell("batas {{severity}} (tertinggi)", "limit {{severity}} (highest)"),
                "B",
            ),
        ],
    )
