"""Panels without a Grafana: their queries are asked of a real Prometheus, drawn by sopctl, kept and proven."""

import json
import subprocess
from pathlib import Path

import pytest

from sopctl.adapters.ledger import Ledger
from tests.sopctl.conftest import COMMANDS, MONTH, CommandLine

LINES = (
    'label_replace(label_replace(vector(0.25), "link", "isp-a", "", ""), "job", "sama", "", "")'
    ' or label_replace(label_replace(vector(0.5), "link", "isp-b", "", ""), "job", "sama", "", "")'
)
PANELS = f"""
grafana:
  panels:
    - {{name: tautan, title: Kehilangan paket tautan, query: '{LINES}', unit: ratio}}
    - {{name: jam, title: Jam dalam sehari, query: 'hour()'}}
"""


def check_with(line: CommandLine, url: str, panels: str) -> None:
    for command in COMMANDS[:6]:
        line.done(*command)
    line.change("http://127.0.0.1:9090", url)
    line.settings.write_text(line.settings.read_text() + panels)


def test_panels_without_grafana_are_drawn_from_their_queries(
    command_line: CommandLine, prometheus_url: str, tmp_path: Path
) -> None:
    """The report shows both charts, also where nobody signs; what it shows is kept, backed up and proven."""
    check_with(command_line, prometheus_url, PANELS)
    command_line.done(*COMMANDS[6])
    command_line.done("report", "--output", str(tmp_path / "out"))
    text = subprocess.run(
        ["pdftotext", str(tmp_path / "out" / "report.pdf"), "-"], check=True, capture_output=True, text=True
    ).stdout
    assert "Grafik Pemantauan" in text
    assert all(shown in text for shown in ("Kehilangan paket tautan", "isp-a", "isp-b", "50", "Jam dalam sehari"))
    assert "sama, isp" not in text, "what all lines share tells none of them apart"
    ledger = Ledger(command_line.store)
    (links, hours) = ledger.events(MONTH)[-1].payload["panels"]
    ledger.close()
    kept = json.loads((command_line.store / "files" / hours["sha256"][:2] / hours["sha256"]).read_bytes())
    # October begins at midnight in Jakarta, which is 17 o'clock UTC.
    assert kept[0]["hours"][:8] == [17, 18, 19, 20, 21, 22, 23, 0]
    assert len(kept[0]["hours"]) == 744
    file = command_line.store / "files" / links["sha256"][:2] / links["sha256"]
    file.chmod(0o600)
    file.write_bytes(file.read_bytes().replace(b"0.5", b"0.1", 1))
    verified = command_line.run("verify")
    assert verified.exit_code == 1
    assert links["sha256"] in verified.output


def test_a_query_that_gives_nothing_stops_the_examination_unless_accepted(
    command_line: CommandLine, prometheus_url: str
) -> None:
    """Nothing is recorded, the panel is named with why; accepted by name, the report says that it lacks it."""
    check_with(command_line, prometheus_url, PANELS.replace("hour()", "nothing_like_it"))
    refused = command_line.run(*COMMANDS[6])
    assert refused.exit_code == 1
    assert "- jam: tidak ada data dalam bulan itu" in refused.output
    assert "--accept-panel jam" in refused.output
    command_line.done(*COMMANDS[6], "--accept-panel", "jam")
    command_line.done("verify")


@pytest.mark.parametrize(
    ("panels", "told"),
    [
        ("{panels: [{name: a, title: A, dashboard: d, panel: 1}]}", "memerlukan query"),
        ('{url: "http://127.0.0.1:3000", panels: [{name: a, title: A, query: up}]}', "memerlukan dashboard dan panel"),
    ],
)
def test_a_panel_that_nobody_could_draw_is_told_at_once(command_line: CommandLine, panels: str, told: str) -> None:
    """Not first when the month is examined."""
    command_line.settings.write_text(command_line.settings.read_text() + f"\ngrafana: {panels}\n")
    result = command_line.run("status")
    assert result.exit_code != 0
    assert told in result.output
