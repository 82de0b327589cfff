"""The report's three files, made by the real typst and read back with poppler."""

import json
import re
import shutil
import stat
import subprocess
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import pytest

from dcnet.catalogue import Catalogue
from dcnet.language import Language
from sopctl.adapters.report_files import ReportError, write_report
from sopctl.evidence import ReportContent
from sopctl.report.sop_text import LEGAL_BASES
from sopctl.settings import Settings

ODD_NAME = r"sw #1 *bold* $x$ \n <b>_é_ [link](x) @ref `raw` = ~"
LONG_NAME = "access-lantai-12-gedung-ibnu-sutowo-sayap-timur-rak-07:HundredGigabitEthernetInterfaceNumber1/0/48.1001"

needs_poppler = pytest.mark.skipif(shutil.which("pdftotext") is None, reason="poppler-utils is not installed")


def run(*command: str) -> str:
    return subprocess.run(command, check=True, capture_output=True, text=True).stdout


def squeeze(text: str) -> str:
    """Without white space: where a line is broken is the page's business."""
    return "".join(text.split())


def pdf_text(pdf: Path, *options: str) -> str:
    return run("pdftotext", *options, str(pdf), "-")


def assert_all_in(expected: Sequence[str], text: str) -> None:
    squeezed = squeeze(text)
    assert [one for one in expected if squeeze(one) not in squeezed] == []


@needs_poppler
def test_the_document_holds_what_a_laporan_must_hold(
    content: ReportContent, settings: Settings, catalogue: Catalogue, tmp_path: Path
) -> None:
    """Letterhead, number, the seven bases word for word, findings, notes, steps, signers, the chain's head."""
    pdf, _json, _csv = write_report(content, settings, catalogue, Language.INDONESIAN, tmp_path)
    assert_all_in(
        [
            "KEMENTERIAN ENERGI DAN SUMBER DAYA MINERAL",
            "LAPORAN PEMELIHARAAN KINERJA SISTEM",
            "BULAN OKTOBER 2026",
            "Nomor: 007/PKS/SOM/XI/2026",
            *LEGAL_BASES,
            "Dari 34 penilaian (satu komponen menurut satu indikator), 2 dinyatakan kritis, 2 menurun, dan 25",
            "99,72 %",
            "99,896 %",
            "2,13 %",
            "9 Okt 2026 23.00",
            "Modul diganti; kabel serat optik dibersihkan.",
            "Pemutakhiran perangkat lunak",
            "PT Contoh Jaringan Nusantara",
            "Mengganti modul optik lama.",
            "Jakarta, 2 November 2026",
            "Sekretaris Direktorat Jenderal Minyak dan Gas Bumi,",
            "Dr. Ir. Maya Anggraini Kusumawardhani, M.Sc.",
            "NIP 197001011995032001",
            "2 Nov 2026 20.01 WIB",
            "Dokumen ini tidak memuat tanda tangan elektronik",
            "sopctl verify",
            "PromQL info: metric might not be a counter",
        ],
        pdf_text(pdf),
    )


@needs_poppler
def test_the_method_is_told_in_short_and_each_indicator_judged_in_an_annex(
    content: ReportContent, settings: Settings, catalogue: Catalogue, tmp_path: Path
) -> None:
    """The catalogue's many figures stand in a table, of the indicators of this month's checklist alone."""
    pdf, _json, _csv = write_report(content, settings, catalogue, Language.INDONESIAN, tmp_path)
    front, _found, annex = squeeze(pdf_text(pdf)).partition("LAMPIRANIII")
    judged = {row.indicator for row in content.checklist.rows}
    for indicator in catalogue.indicators:
        assert (squeeze(indicator.explanation.id) in annex) is (indicator.id in judged)
    method = front[front.index("CaraPenilaian") : front.index("Ringkasan")]
    assert len(method) < 2500


@needs_poppler
def test_names_are_printed_as_they_are(
    content: ReportContent, settings: Settings, catalogue: Catalogue, tmp_path: Path
) -> None:
    """A name or a note full of markup is text, and a name longer than its column keeps every character."""
    pdf, _json, _csv = write_report(content, settings, catalogue, Language.INDONESIAN, tmp_path)
    assert_all_in([ODD_NAME, LONG_NAME, "Ditemukan #kabel *tertekuk* <di> rak_07 $5."], pdf_text(pdf))


@needs_poppler
def test_nothing_runs_over_the_margin(
    content: ReportContent, settings: Settings, catalogue: Catalogue, tmp_path: Path
) -> None:
    """No word of any page ends beyond the paper's right margin (2 cm, 57 points)."""
    pdf, _json, _csv = write_report(content, settings, catalogue, Language.INDONESIAN, tmp_path)
    width = 0.0
    beyond = []
    for line in pdf_text(pdf, "-bbox").splitlines():
        if "<page " in line:
            width = float(line.split('width="')[1].split('"')[0])
        if "<word " in line and float(line.split('xMax="')[1].split('"')[0]) > width - 55:
            beyond.append(line)
    assert width > 0
    assert beyond == []


@needs_poppler
def test_every_page_names_the_chain_and_its_number(
    content: ReportContent, settings: Settings, catalogue: Catalogue, tmp_path: Path
) -> None:
    """The foot of each page holds the whole hash of the chain's head, and `n dari m`."""
    pdf, _json, _csv = write_report(content, settings, catalogue, Language.INDONESIAN, tmp_path)
    pages = pdf_text(pdf, "-layout").rstrip("\f").split("\f")
    for number, page in enumerate(pages, start=1):
        assert_all_in([content.chain_head, f"Halaman {number} dari {len(pages)}"], page)
        assert "KONSEP" not in page


@needs_poppler
def test_a_long_checklist_keeps_rows_whole_under_a_head_on_each_page(
    content: ReportContent, settings: Settings, catalogue: Catalogue, tmp_path: Path
) -> None:
    """Every row once, a name of several lines on one page, and what the columns are above each page's first row."""
    model = content.checklist.rows[-1]
    rows = tuple(
        replace(model, object=f"awal{number:03}-gedung-ibnu-sutowo-sayap-timur-rak:akhir{number:03}")
        for number in range(80)
    )
    long = replace(content, checklist=replace(content.checklist, rows=rows, findings=()))
    pdf, _json, _csv = write_report(long, settings, catalogue, Language.INDONESIAN, tmp_path)
    pages = [squeeze(page) for page in pdf_text(pdf).split("\f")]
    holding = [page for page in pages if "awal" in page]
    assert len(holding) > 3
    for page in holding:
        assert page.index("Indikator") < page.index("awal")
        assert re.findall(r"awal(\d{3})", page) == re.findall(r"akhir(\d{3})", page)
    assert re.findall(r"awal(\d{3})", "".join(holding)) == [f"{number:03}" for number in range(80)]


@needs_poppler
def test_an_unapproved_report_says_so_on_every_page(
    draft: ReportContent, settings: Settings, catalogue: Catalogue, tmp_path: Path
) -> None:
    """A draft cannot be taken for the report: mark, closing, steps and signatures say what is missing."""
    pdf, _json, _csv = write_report(draft, settings, catalogue, Language.INDONESIAN, tmp_path)
    pages = pdf_text(pdf).rstrip("\f").split("\f")
    assert all("KONSEP" in page for page in pages)
    assert_all_in(["belum dilaksanakan", "belum disetujui", "Revisi 2", "Belum diisi."], "".join(pages))
    assert "Citra Wulandari, S.Kom." not in "".join(pages[:5])


@needs_poppler
def test_an_english_reader_gets_an_english_report(
    content: ReportContent, settings: Settings, catalogue: Catalogue, tmp_path: Path
) -> None:
    """Words, dates and decimal signs change; the laws keep their titles."""
    pdf, _json, table = write_report(content, settings, catalogue, Language.ENGLISH, tmp_path)
    text = pdf_text(pdf)
    assert_all_in(
        ["MONTH OF OCTOBER 2026", "99.72 %", "Interface errors", "no electronic signature", *LEGAL_BASES], text
    )
    assert table.read_bytes().splitlines()[2].decode().split(",")[7] == "0.9972"


@needs_poppler
def test_no_position_is_printed_as_a_bare_abbreviation(
    content: ReportContent, settings: Settings, catalogue: Catalogue, tmp_path: Path
) -> None:
    """The abbreviation SDM reads as human resources: only printed titles appear."""
    for language in Language:
        pdf, _json, _csv = write_report(content, settings, catalogue, language, tmp_path)
        assert "SDM" not in pdf_text(pdf).split()


def test_the_same_content_gives_the_same_bytes(
    content: ReportContent, settings: Settings, catalogue: Catalogue, tmp_path: Path
) -> None:
    """Whoever has the content can make the very same files again, in another folder."""
    first = write_report(content, settings, catalogue, Language.INDONESIAN, tmp_path / "a")
    second = write_report(content, settings, catalogue, Language.INDONESIAN, tmp_path / "b")
    assert [path.read_bytes() for path in first] == [path.read_bytes() for path in second]


def test_the_document_is_an_archive_file(
    content: ReportContent, settings: Settings, catalogue: Catalogue, tmp_path: Path
) -> None:
    """The PDF declares PDF/A-3b, the standard that may carry its data along."""
    pdf, _json, _csv = write_report(content, settings, catalogue, Language.INDONESIAN, tmp_path)
    body = pdf.read_bytes()
    assert b"<pdfaid:part>3</pdfaid:part>" in body
    assert b"<pdfaid:conformance>B</pdfaid:conformance>" in body


@needs_poppler
def test_the_data_travels_inside_the_pdf(
    content: ReportContent, settings: Settings, catalogue: Catalogue, tmp_path: Path
) -> None:
    """The attached JSON and CSV are the files beside it, byte for byte."""
    pdf, data, table = write_report(content, settings, catalogue, Language.INDONESIAN, tmp_path)
    inside = tmp_path / "inside"
    inside.mkdir()
    run("pdfdetach", "-saveall", "-o", str(inside), str(pdf))
    assert (inside / "report.json").read_bytes() == data.read_bytes()
    assert (inside / "report.csv").read_bytes() == table.read_bytes()


@needs_poppler
def test_a_character_that_the_fonts_lack_does_not_stop_the_report(
    content: ReportContent, settings: Settings, catalogue: Catalogue, tmp_path: Path
) -> None:
    """One odd character is named by its number on the page; the data keeps it."""
    odd = replace(content, conclusion="Port 中\u0007🙂 selesai")
    pdf, data, _csv = write_report(odd, settings, catalogue, Language.INDONESIAN, tmp_path)
    assert_all_in(["Port [U+4E2D][U+0007][U+1F642] selesai"], pdf_text(pdf))
    assert json.loads(data.read_text(encoding="utf-8"))["conclusion"] == "Port 中\u0007🙂 selesai"


@needs_poppler
def test_a_month_without_findings_says_so(
    content: ReportContent, settings: Settings, catalogue: Catalogue, tmp_path: Path
) -> None:
    """Nothing declined: the report says it in words, and leaves out the sections that would be empty."""
    quiet = replace(
        content.checklist, rows=content.checklist.rows[:1], findings=(), planned_work=(), contracts=(), warnings=()
    )
    pdf, _json, _csv = write_report(
        replace(content, checklist=quiet, notes={}), settings, catalogue, Language.INDONESIAN, tmp_path
    )
    text = pdf_text(pdf)
    assert_all_in(["Tidak ada komponen yang dinyatakan menurun atau kritis dalam bulan ini."], text)
    assert "Uraian Temuan" not in text
    assert "Komponen Tanpa Data" not in text


def test_files_appear_whole_and_alone(
    content: ReportContent, settings: Settings, catalogue: Catalogue, tmp_path: Path
) -> None:
    """An older file is replaced, nothing temporary stays behind, and others may read the report."""
    (tmp_path / "report.pdf").write_text("older", encoding="utf-8")
    paths = write_report(content, settings, catalogue, Language.INDONESIAN, tmp_path)
    assert sorted(tmp_path.iterdir()) == sorted(paths)
    assert paths[0].read_bytes().startswith(b"%PDF-")
    plain = tmp_path / "plain"
    plain.touch()
    assert stat.S_IMODE(paths[0].stat().st_mode) == stat.S_IMODE(plain.stat().st_mode)


def test_a_folder_that_cannot_be_written_is_said(
    content: ReportContent, settings: Settings, catalogue: Catalogue, tmp_path: Path
) -> None:
    """The message names the folder and the reason."""
    blocked = tmp_path / "file"
    blocked.touch()
    with pytest.raises(
        ReportError, match=r"file/below: the report cannot be written: a part of its path is not a folder"
    ):
        write_report(content, settings, catalogue, Language.INDONESIAN, blocked / "below")
