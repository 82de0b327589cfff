"""The panels of a Laporan: drawn when the Kasubag examines the month, kept in the store, shown by every report.

Owns who draws them, their form in the store and what the event says of them. It must not set pages.
"""

import json
from collections.abc import Collection, Sequence
from dataclasses import replace
from math import isfinite
from typing import Any

from dcnet.catalogue import Unit
from dcnet.language import Words
from sopctl.adapters.grafana import PNG, Grafana, failed_panels
from sopctl.adapters.prometheus_client import PrometheusClient
from sopctl.chain.event import canonical_json
from sopctl.checklist.samples import RawSeries
from sopctl.errors import SopctlError
from sopctl.evidence import Panel, PanelLine
from sopctl.model import Period
from sopctl.settings import Settings
from sopctl.settings_services import GrafanaPanel, GrafanaSettings
from sopctl.workflow.ports import CheckedFiles, FileStore

MOST_LINES = 8
"""More could not be told apart on paper."""

HOUR_SECONDS = 3600


def draw_panels(settings: Settings, period: Period, accepted: Collection[str]) -> tuple[Panel, ...]:
    """Every panel of `sopctl.yml`: by Grafana, else from its query.

    One that fails stays empty if `accepted` names it. Raises SopctlError that names every other one that failed.
    """
    grafana = settings.grafana
    if grafana is None:
        return ()
    if grafana.url is not None:
        return Grafana(grafana, settings.time_zone).draw_panels(period, accepted)
    return _from_queries(grafana, PrometheusClient(settings.prometheus), period, accepted)


def keep_panels(files: FileStore, panels: Sequence[Panel]) -> list[dict[str, Any]]:
    """Keep pictures and lines in the store; gives what the event says of them. Raises StoreError."""
    return [
        {
            "name": panel.name,
            "title": panel.title,
            "link": panel.link,
            "unit": panel.unit.value,
            "sha256": files.put(panel.png or _lines_as_json(panel)) if panel.png or panel.lines else None,
        }
        for panel in panels
    ]


def kept_panels(files: CheckedFiles, kept: Sequence[Any]) -> tuple[Panel, ...]:
    """The inverse of keep_panels. Raises StoreError where a file is missing or changed."""
    return tuple(_kept_panel(files, one) for one in kept)


def _kept_panel(files: CheckedFiles, kept: Any) -> Panel:
    panel = Panel(kept["name"], kept["title"], kept["link"], unit=Unit(kept["unit"]))
    if kept["sha256"] is None:
        return panel
    content = files.read(kept["sha256"])
    if content.startswith(PNG):
        return replace(panel, png=content)
    return replace(panel, lines=tuple(PanelLine(one["label"], tuple(one["hours"])) for one in json.loads(content)))


def _lines_as_json(panel: Panel) -> bytes:
    return canonical_json([{"label": line.label, "hours": list(line.hours)} for line in panel.lines])


def _from_queries(
    grafana: GrafanaSettings, client: PrometheusClient, period: Period, accepted: Collection[str]
) -> tuple[Panel, ...]:
    drawn, failures = [], []
    for panel in grafana.panels:
        lines: tuple[PanelLine, ...] = ()
        try:
            lines = _lines_of(client, panel, period)
        except SopctlError as error:
            if panel.name not in accepted:
                failures.append((panel.name, error.words))
        drawn.append(Panel(panel.name, panel.title, lines=lines, unit=panel.unit))
    if failures:
        raise SopctlError(failed_panels(failures))
    return tuple(drawn)


def _lines_of(client: PrometheusClient, panel: GrafanaPanel, period: Period) -> tuple[PanelLine, ...]:
    start, end = period.start.timestamp(), period.end.timestamp()
    found = client.fetch_hourly(panel.query or "", start, end)
    if not found:
        raise SopctlError(Words("tidak ada data dalam bulan itu", "there is no data in the month"))
    if len(found) > MOST_LINES:
        raise SopctlError(
            Words(
                f"{len(found)} deret; paling banyak {MOST_LINES} dapat dibedakan: persempit query, misalnya topk",
                f"{len(found)} series; at most {MOST_LINES} can be told apart: narrow the query, e.g. with topk",
            )
        )
    telling = sorted(name for name in {name for one in found for name in one.labels} if _differs(name, found))
    lines = (
        PanelLine(
            ", ".join(series.labels[name] for name in telling if name in series.labels),
            _hours(series, start, -(-period.seconds // HOUR_SECONDS)),
        )
        for series in found
    )
    return tuple(sorted(lines, key=lambda line: line.label))


def _differs(name: str, among: Sequence[RawSeries]) -> bool:
    return len({series.labels.get(name) for series in among}) > 1


def _hours(series: RawSeries, start: float, count: int) -> tuple[float | None, ...]:
    values: dict[int, float] = {int((at - start) // HOUR_SECONDS): value for at, value in series.points}
    return tuple(value if value is not None and isfinite(value) else None for value in map(values.get, range(count)))
