"""The page at `/`: devices and links with their last outcome, as plain HTML in either language.

Pure. Everything that comes from outside is escaped; there is no script.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from html import escape
from urllib.parse import quote
from zoneinfo import ZoneInfo

from dcnet.language import Language, Words
from exporter.inventory.models import Device, Inventory
from exporter.link_minutes import render_minutes
from exporter.outcome import DeviceOutcome
from exporter.probes.monitor import ProbeState
from exporter.recent_traps import render_traps
from exporter.traps.book import ReceivedTrap

_STYLE = """
:root{color-scheme:light dark}
body{font:16px/1.5 system-ui,sans-serif;margin:2rem auto;max-width:70rem;padding:0 1rem}
h1{font-size:1.5rem;margin:0}h2{font-size:1.1rem;margin:2rem 0 .5rem}
table{border-collapse:collapse;width:100%}
th,td{text-align:left;vertical-align:top;padding:.4rem .8rem .4rem 0;border-bottom:1px solid #8884}
th{font-weight:600}
nav a{margin-right:1rem}
svg{display:block;height:1.6rem;width:12rem}svg .p50{stroke:currentColor;fill:none}
svg .p95{stroke:#888;fill:none;stroke-dasharray:2 2}svg rect{fill:#c62828}
details{margin:.3rem 0}summary{cursor:pointer}details table{font-size:.85rem;width:auto}
.good{color:#16803c}.bad{color:#c62828;font-weight:600}.unknown{color:#777}
.warn{border-left:4px solid #c62828;padding:.5rem 1rem;white-space:pre-wrap;overflow-wrap:anywhere}
@media(prefers-color-scheme:dark){svg{display:block;height:1.6rem;width:12rem}svg .p50{stroke:currentColor;fill:none}
svg .p95{stroke:#888;fill:none;stroke-dasharray:2 2}svg rect{fill:#c62828}
details{margin:.3rem 0}summary{cursor:pointer}details table{font-size:.85rem;width:auto}
.good{color:#5fce85}.bad{color:#ff8a80}}
"""


@dataclass(frozen=True, slots=True)
class PageContent:
    """What the page shows."""

    inventory: Inventory
    outcomes: Mapping[str, DeviceOutcome]
    probes: Iterable[ProbeState]
    traps: Iterable[ReceivedTrap] | None
    """The last of each device, newest first; None where none are received."""

    loaded_at: datetime
    reload_problem: Words | None
    """Why the inventory on disk is not the one serving; None when it is."""


def render_page(content: PageContent, language: Language, now: datetime) -> str:
    """The page as one HTML document."""

    def word(indonesian: str, english: str) -> str:
        return escape(Words(indonesian, english).in_language(language))

    zone = ZoneInfo(content.inventory.site.time_zone)
    site = escape(content.inventory.site.name)
    other = Language.ENGLISH if language is Language.INDONESIAN else Language.INDONESIAN
    loaded = content.loaded_at.astimezone(zone).strftime("%Y-%m-%d %H:%M:%S %Z")
    problem = ""
    if content.reload_problem is not None:
        heading = word(
            "Inventaris baru ditolak; yang lama masih dipakai:", "New inventory refused; the old one is still in use:"
        )
        problem = f'<p class="warn">{heading}\n{escape(content.reload_problem.in_language(language))}</p>'
    devices = "".join(
        _device_row(device, content.outcomes.get(device.name), language, now) for device in content.inventory.devices
    )
    states = list(content.probes)
    links = "".join(_probe_row(state, language) for state in states)
    minutes = render_minutes(states, language, now)
    return f"""<!doctype html>
<html lang="{language.value}">
<head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">
<title>dcnet-exporter · {site}</title><style>{_STYLE}</style></head>
<body>
<h1>dcnet-exporter · {site}</h1>
<p>{word("Inventaris dibaca", "Inventory read")} {escape(loaded)}</p>
<nav><a href="/metrics">/metrics</a><a href="/sd">/sd</a><a href="/?lang={other.value}" lang="{other.value}">{
        "English" if other is Language.ENGLISH else "Bahasa Indonesia"
    }</a></nav>
{problem}
<h2>{word("Perangkat", "Devices")}</h2>
<table><thead><tr><th>{word("Nama", "Name")}</th><th>{word("Alamat", "Address")}</th><th>{
        word("Peran", "Role")
    }</th><th>{word("Induk", "Parent")}</th><th>{word("Pembacaan terakhir", "Last reading")}</th></tr></thead>
<tbody>{devices or _empty_row(5, word("Tidak ada perangkat", "No devices"))}</tbody></table>
<h2>{word("Tautan internet", "Internet links")}</h2>
<table><thead><tr><th>{word("Tautan", "Link")}</th><th>{word("Probe", "Probe")}</th><th>{
        word("Jenis", "Kind")
    }</th><th>{word("Sasaran", "Target")}</th><th>{word("Hasil terakhir", "Last result")}</th></tr></thead>
<tbody>{links or _empty_row(5, word("Tidak ada probe", "No probes"))}</tbody></table>
{minutes}
{render_traps(content.traps, language, now)}
</body></html>
"""


def _device_row(device: Device, outcome: DeviceOutcome | None, language: Language, now: datetime) -> str:
    name = f'<a href="/probe?target={quote(device.name)}">{escape(device.name)}</a>'
    cells = (name, escape(device.address), escape(device.role), escape(device.parent or ""))
    return "<tr>" + "".join(f"<td>{cell}</td>" for cell in (*cells, _outcome_cell(outcome, language, now))) + "</tr>"


def _outcome_cell(outcome: DeviceOutcome | None, language: Language, now: datetime) -> str:
    if outcome is None:
        return _mark("unknown", Words("belum dibaca", "not read yet"), language)
    age = max(0, round((now - datetime.fromtimestamp(outcome.wall_time, UTC)).total_seconds()))
    when = escape(
        Words(
            f"{age} detik lalu, {outcome.duration_seconds:.2f} detik",
            f"{age} s ago, took {outcome.duration_seconds:.2f} s",
        ).in_language(language)
    )
    state = (
        _mark("good", Words("menjawab", "answers"), language)
        if outcome.up
        else _mark("bad", Words("tidak menjawab", "does not answer"), language)
    )
    failures = "".join(
        f'<br><span class="bad">{escape(failed.collector)}</span>: {escape(str(failed.failure))}'
        for failed in outcome.failures
    )
    return f"{state} · {when}{failures}"


def _probe_row(state: ProbeState, language: Language) -> str:
    if state.failure is not None:
        mark = _mark("bad", Words("gagal", "fails"), language)
        result = f"{mark}: {escape(str(state.failure))}"
    elif state.summary:
        result = f"{_mark('good', Words('berjalan', 'runs'), language)} · {escape(state.summary)}"
    else:
        result = _mark("unknown", Words("belum diperiksa", "not probed yet"), language)
    cells = (*map(escape, (state.link, state.probe, state.kind, state.target)), result)
    return "<tr>" + "".join(f"<td>{cell}</td>" for cell in cells) + "</tr>"


def _mark(kind: str, words: Words, language: Language) -> str:
    return f'<span class="{kind}">{escape(words.in_language(language))}</span>'


def _empty_row(columns: int, text: str) -> str:
    return f'<tr><td colspan="{columns}" class="unknown">{text}</td></tr>'
