"""The last minutes of each link for the page at `/`: loss, median and 95th percentile, as SVG and as a table.

Pure. A chart shows p50 as a line, p95 as a dashed one, and loss as red bars, from nothing to all.
"""

from collections.abc import Sequence
from datetime import datetime
from html import escape

from dcnet.language import Language, Words
from exporter.probes.monitor import ProbeState
from exporter.probes.recent_minutes import KEPT_MINUTES, MinuteFigures

MOST_CHARTS = 50
"""A page of a thousand probes is for Prometheus and its boards."""

WIDTH, HEIGHT = 150, 24
"""In user units: ten to a minute."""


def render_minutes(states: Sequence[ProbeState], language: Language, now: datetime) -> str:
    """A section with a row for each continuous probe; empty where there is none."""
    measured = [state for state in states if state.minutes][:MOST_CHARTS]
    if not measured:
        return ""

    def word(indonesian: str, english: str) -> str:
        return escape(Words(indonesian, english).in_language(language))

    minute = int(now.timestamp() // 60)
    rows = "".join(_row(state, minute, language) for state in measured)
    heading = word(f"{KEPT_MINUTES} menit terakhir", f"The last {KEPT_MINUTES} minutes")
    columns = (
        word("Tautan", "Link"),
        word("Probe", "Probe"),
        word("Grafik", "Chart"),
        word("Hilang", "Loss"),
        "p50",
        "p95",
        word("Per menit", "By the minute"),
    )
    head = "".join(f"<th>{column}</th>" for column in columns)
    legend = word(
        "Garis: p50; garis putus-putus: p95; batang merah: paket hilang. Menit berjalan belum lengkap.",
        "Line: p50; dashed: p95; red bars: loss. The running minute is not complete.",
    )
    return (
        f"<h2>{heading}</h2><table><thead><tr>{head}</tr></thead><tbody>{rows}</tbody></table>"
        f'<p class="unknown">{legend}</p>'
    )


def _row(state: ProbeState, now_minute: int, language: Language) -> str:
    last = state.minutes[-1]
    cells = (
        escape(state.link),
        escape(state.probe),
        _chart(state.minutes, now_minute),
        _loss(last),
        _milliseconds(last.p50_seconds),
        _milliseconds(last.p95_seconds),
        _table(state.minutes, now_minute, language),
    )
    return "<tr>" + "".join(f"<td>{cell}</td>" for cell in cells) + "</tr>"


def _chart(minutes: Sequence[MinuteFigures], now_minute: int) -> str:
    highest = max((found.p95_seconds or 0 for found in minutes), default=0) or 1
    step = WIDTH / KEPT_MINUTES

    def left(found: MinuteFigures) -> float:
        return (KEPT_MINUTES - 1 - (now_minute - found.minute)) * step

    def height(seconds: float) -> float:
        return HEIGHT - 1 - seconds / highest * (HEIGHT - 2)

    bars = "".join(
        f'<rect x="{left(found):g}" y="{HEIGHT * (1 - found.loss_ratio):.1f}" width="{step - 1:g}"'
        f' height="{HEIGHT * found.loss_ratio:.1f}"/>'
        for found in minutes
        if found.loss_ratio
    )
    lines = ""
    for name in ("p95", "p50"):
        values = [(found, getattr(found, f"{name}_seconds")) for found in minutes]
        points = " ".join(
            f"{left(found) + step / 2:g},{height(value):.1f}" for found, value in values if value is not None
        )
        lines += f'<polyline class="{name}" points="{points}"/>'
    return f'<svg viewBox="0 0 {WIDTH} {HEIGHT}" preserveAspectRatio="none" role="img">{bars}{lines}</svg>'


def _table(minutes: Sequence[MinuteFigures], now_minute: int, language: Language) -> str:
    summary = escape(Words("tabel", "table").in_language(language))
    ago = escape(Words("menit lalu", "minutes ago").in_language(language))
    loss = escape(Words("hilang", "loss").in_language(language))
    rows = "".join(
        f"<tr><td>{now_minute - found.minute}</td><td>{_loss(found)}</td>"
        f"<td>{_milliseconds(found.p50_seconds)}</td><td>{_milliseconds(found.p95_seconds)}</td></tr>"
        for found in reversed(minutes)
    )
    head = f"<tr><th>{ago}</th><th>{loss}</th><th>p50</th><th>p95</th></tr>"
    return f"<details><summary>{summary}</summary><table><thead>{head}</thead><tbody>{rows}</tbody></table></details>"


def _loss(found: MinuteFigures) -> str:
    if found.loss_ratio is None:
        return "–"
    text = f"{found.loss_ratio * 100:.1f} %"
    return f'<span class="bad">{text}</span>' if found.loss_ratio else text


def _milliseconds(seconds: float | None) -> str:
    return f"{seconds * 1000:.2f} ms" if seconds is not None else "–"
