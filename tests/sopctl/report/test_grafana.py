"""Grafana, played on loopback as its HTTP API documents it: none can be had here."""

import struct
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from urllib.parse import parse_qs, urlsplit

import pytest
from pydantic import SecretStr

from dcnet.catalogue import load_catalogue
from sopctl.adapters.grafana import Grafana, GrafanaError
from sopctl.adapters.report_files import set_report
from sopctl.evidence import ReportContent
from sopctl.settings import Settings
from sopctl.settings_services import GrafanaPanel, GrafanaSettings
from tests.sopctl.report.loopback import Answer, Asked, Service, serving

TOKEN = "glsa_rahasia"
OCTOBER = ("1790787600000", "1793466000000")
"""1 October 2026 00.00 WIB and 1 November 2026 00.00 WIB, in milliseconds."""


def png(width: int = 40, height: int = 12) -> bytes:
    """A blue rectangle."""

    def chunk(kind: bytes, body: bytes) -> bytes:
        return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))

    rows = b"".join(b"\0" + b"\x20\x60\xa0" * width for _ in range(height))
    head = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", zlib.compress(rows)) + chunk(b"IEND", b"")


@contextmanager
def grafana() -> Iterator[Service]:
    """Panel 3 fails, panel 4 comes as a page; the rest is drawn."""

    def answer(asked: Asked) -> Answer:
        if asked.headers.get("Authorization") != f"Bearer {TOKEN}":
            return Answer.of_json(401, {"message": "Unauthorized"})
        parts = urlsplit(asked.path)
        if asked.method == "POST" and parts.path == "/grafana/api/annotations":
            return Answer.of_json(200, {"message": "Annotation added", "id": 1})
        panel = parse_qs(parts.query)["panelId"][0]
        if panel == "3":
            return Answer.of_json(500, {"message": "Rendering failed"})
        if panel == "4":
            return Answer(200, "text/html", b"<html>login</html>")
        return Answer(200, "image/png", png())

    with serving(answer) as service:
        yield service


def client(url: str, *panels: int, token: str = TOKEN) -> Grafana:
    named = tuple(
        GrafanaPanel(
            name=f"panel-{panel}", title=f"Panel {panel}", dashboard="dcnet", panel=panel, variables={"site": "dc a&b"}
        )
        for panel in panels
    )
    settings = GrafanaSettings(url=f"{url}/grafana", token=SecretStr(token), timeout_seconds=20, panels=named)
    return Grafana(settings, "Asia/Jakarta")


def test_panels_are_drawn_at_the_months_own_times(content: ReportContent) -> None:
    """The render API is asked as documented, and the link for people holds the same range."""
    with grafana() as service:
        (picture,) = client(service.url, 2).draw_panels(content.period)
    assert picture.png == png()
    parts = urlsplit(service.asked[0].path)
    assert parts.path == "/grafana/render/d-solo/dcnet/_"
    query = {name: value[0] for name, value in parse_qs(parts.query).items()}
    assert (query["from"], query["to"], query["panelId"]) == (*OCTOBER, "2")
    assert (query["tz"], query["var-site"]) == ("Asia/Jakarta", "dc a&b")
    link = urlsplit(picture.link)
    assert link.path == "/grafana/d/dcnet/_"
    assert parse_qs(link.query)["from"] == [OCTOBER[0]]
    assert parse_qs(link.query)["viewPanel"] == ["2"]


def test_every_panel_that_fails_stops_the_report_by_name(content: ReportContent) -> None:
    """Both failing panels are told at once, with the option that accepts them; the token is not."""
    with grafana() as service, pytest.raises(GrafanaError) as caught:
        client(service.url, 2, 3, 4).draw_panels(content.period, accepted=("panel-2",))
    told = caught.value.words.en
    assert "- panel-3: Grafana" in told
    assert "answers 500" in told
    assert "panel-4: Grafana" in told
    assert "no PNG picture" in told
    assert told.endswith("--accept-panel panel-3 --accept-panel panel-4")
    assert TOKEN not in told


def test_a_panel_accepted_by_name_is_missing_in_words(content: ReportContent, settings: Settings) -> None:
    """The report goes on, and its page says which panel is not there."""
    with grafana() as service:
        pictures = client(service.url, 2, 3).draw_panels(content.period, accepted=("panel-3",))
    assert [one.png is None for one in pictures] == [False, True]
    document = set_report(replace(content, panels=pictures), settings, load_catalogue(), settings.language).document
    assert document.pdf.count(b"/Subtype/Image") >= 1


def test_an_approval_is_marked_on_the_boards(content: ReportContent) -> None:
    """An annotation over the month, tagged, by the documented API."""
    with grafana() as service:
        client(service.url).note_approval(content.period, "Laporan 007 disetujui", "2026-10")
    assert service.asked[0].json() == {
        "time": int(OCTOBER[0]),
        "timeEnd": int(OCTOBER[1]),
        "tags": ["sopctl", "approved", "2026-10"],
        "text": "Laporan 007 disetujui",
    }


def test_a_refused_annotation_is_told(content: ReportContent) -> None:
    """A token that may not write."""
    with grafana() as service, pytest.raises(GrafanaError, match="answers 401"):
        client(service.url, token="salah").note_approval(content.period, "x", "2026-10")
