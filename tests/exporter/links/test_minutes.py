"""The last minutes of a link, as numbers and on the page."""

from datetime import UTC, datetime
from xml.etree import ElementTree as ET

import pytest

from dcnet.language import Language
from exporter.link_minutes import render_minutes
from exporter.probes.monitor import ProbeState
from exporter.probes.recent_minutes import KEPT_MINUTES, MinuteFigures, RecentMinutes, quantile_of_sorted


def test_minutes_are_closed_and_forgotten() -> None:
    """Each minute has its own loss and percentiles; only the last fifteen are kept, and gaps stay gaps."""
    minutes = RecentMinutes()
    for rtt in (0.01, 0.02, 0.03, None):
        minutes.count(100, rtt)
    minutes.count(101, None)
    minutes.count(103, 0.5)
    first, second, third = minutes.figures(103)
    assert (first.minute, first.sent, first.received, first.loss_ratio) == (100, 4, 3, 0.25)
    assert first.p50_seconds == pytest.approx(0.02)
    assert first.p95_seconds == pytest.approx(0.029)
    assert (second.loss_ratio, second.p50_seconds) == (1, None)
    assert third.minute == 103
    assert [found.minute for found in minutes.figures(100 + KEPT_MINUTES)] == [101, 103]
    assert minutes.figures(200) == ()


@pytest.mark.parametrize(
    ("values", "quantile", "expected"),
    [([], 0.5, None), ([3.0], 0.95, 3.0), ([1.0, 2.0], 0.5, 1.5), ([0.0, 1.0, 2.0, 3.0, 4.0], 0.95, 3.8)],
)
def test_quantiles(values: list[float], quantile: float, expected: float | None) -> None:
    """Between two neighbours the quantile lies on the line; of nothing there is none."""
    assert quantile_of_sorted(values, quantile) == (pytest.approx(expected) if expected is not None else None)


def test_page_shows_charts_in_both_languages() -> None:
    """A row for each probe: a well-formed chart with loss as bars, and the figures; names are escaped."""
    now = datetime(2026, 11, 5, 12, 0, 30, tzinfo=UTC)
    minute = int(now.timestamp() // 60)
    figures = (
        MinuteFigures(minute - 2, 60, 60, 0.01, 0.02),
        MinuteFigures(minute - 1, 60, 0, None, None),
        MinuteFigures(minute, 20, 15, 0.012, 0.03),
    )
    states = [
        ProbeState("<isp>", "gw", "icmp", "192.0.2.1", None, "", figures),
        ProbeState("isp", "dns", "dns", "x", None, ""),
    ]
    indonesian = render_minutes(states, Language.INDONESIAN, now)
    english = render_minutes(states, Language.ENGLISH, now)
    assert "&lt;isp&gt;" in english
    assert "25.0 %" in english
    assert "30.00 ms" in english
    assert "The last 15 minutes" in english
    assert "15 menit terakhir" in indonesian
    page = ET.fromstring(f"<body>{english}</body>")  # noqa: S314 - our own page
    (chart,) = page.iter("svg")
    bars = [float(bar.attrib["height"]) for bar in chart.iter("rect")]
    assert bars == [24.0, 6.0]
    assert len(list(chart.iter("polyline"))) == 2
    assert render_minutes(states[1:], Language.ENGLISH, now) == ""
