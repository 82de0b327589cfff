"""The part of the page at `/` that tells the last traps of each device. Pure; everything from outside is escaped."""

from collections.abc import Iterable
from datetime import UTC, datetime
from html import escape
from itertools import groupby

from dcnet.language import Language, Words
from exporter.traps.book import ReceivedTrap


def render_traps(traps: Iterable[ReceivedTrap] | None, language: Language, now: datetime) -> str:
    """A table with a row for each device that sent any; nothing where no traps are wanted."""
    if traps is None:
        return ""

    def word(indonesian: str, english: str) -> str:
        return escape(Words(indonesian, english).in_language(language))

    rows = "".join(
        f"<tr><td>{escape(source)}</td><td>{'<br>'.join(_line(trap, language, now) for trap in own)}</td></tr>"
        for source, own in groupby(traps, lambda trap: trap.source)
    )
    none = f'<tr><td colspan="2" class="unknown">{word("Belum ada trap", "No traps yet")}</td></tr>'
    return f"""<h2>{word("Trap SNMP terakhir", "Last SNMP traps")}</h2>
<table><thead><tr><th>{word("Perangkat", "Device")}</th><th>{word("Trap", "Trap")}</th></tr></thead>
<tbody>{rows or none}</tbody></table>"""


def _line(trap: ReceivedTrap, language: Language, now: datetime) -> str:
    age = max(0, round((now - datetime.fromtimestamp(trap.wall_time, UTC)).total_seconds()))
    when = Words(f"{age} detik lalu", f"{age} s ago").in_language(language)
    return " · ".join(escape(part) for part in (trap.trap, trap.object, when) if part)
