"""Signed papers: every box demanded, every certificate pinned, every later change named."""

import io
import subprocess
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from pyhanko.pdf_utils import generic
from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter
from pyhanko.pdf_utils.reader import PdfFileReader

from sopctl.adapters.pdf_signing import FieldSignature, LocalSigner, SigningFailed
from sopctl.adapters.pdf_verification import DemandedSignature, SignedDocuments, attached_files
from sopctl.adapters.typesetting import set_stamp
from sopctl.chain.event import EventKind
from sopctl.evidence import Checklist
from sopctl.model import Position
from tests.sopctl.report import conftest
from tests.sopctl.report.identities import Authority
from tests.sopctl.report.signed_walk import SignedWalk, new_walk

CHECKED, FORWARDED, APPROVED = 5, 6, 7
STAMP_WORDS = {
    "language": "id",
    "signed": "Ditandatangani",
    "position": "Kepala",
    "name": "Nama",
    "nip": "",
    "time": "",
    "duration": "",
    "certificate": "",
}


@pytest.fixture(scope="module")
def approved(tmp_path_factory: pytest.TempPathFactory) -> SignedWalk:
    """A cycle whose seven steps are signed; tests copy what they change."""
    folder = tmp_path_factory.mktemp("walk")
    walk = new_walk(conftest.made_settings(folder), conftest.OFFICIALS, folder)
    walk.walk(conftest.made_checklist())
    return walk


def demanded(walk: SignedWalk, *steps: int) -> list[DemandedSignature]:
    return [
        DemandedSignature(
            walk.events[step].actor.official.position.value, walk.events[step].actor.official.id, walk.events[step].time
        )
        for step in steps
    ]


def judged(walk: SignedWalk, pdf: bytes, *steps: int) -> list[str]:
    judge = SignedDocuments(walk.trust())
    return [words.en for words in judge.problems(pdf, demanded(walk, *(steps or (CHECKED, FORWARDED, APPROVED))))]


def test_a_whole_walk_is_accused_of_nothing(approved: SignedWalk) -> None:
    """Dispositions, checklist, the Laporan's three versions, the approval sheet: each as its event says."""
    named = [document["name"] for event in approved.events for document in event.payload.get("documents", [])]
    assert named == [
        "disposition-1.pdf",
        "disposition-2.pdf",
        "disposition-3.pdf",
        "checklist.pdf",
        "laporan.pdf",
        "laporan.pdf",
        "laporan.pdf",
        "approval.pdf",
    ]
    assert approved.problems() == []


def text_of(walk: SignedWalk, step: int, paper: str) -> str:
    """A paper of the event of that place, as it is laid out."""
    (found,) = (one for one in walk.events[step].payload["documents"] if one["name"] == paper)
    return subprocess.run(
        ["pdftotext", "-layout", "-", "-"], input=walk.files.read(found["sha256"]), check=True, capture_output=True
    ).stdout.decode()


def test_a_disposition_tells_the_receivers_own_time(approved: SignedWalk) -> None:
    """The due time is the receiver's: a minute count of the giver beside it would contradict it."""
    times = [
        next(line for line in text_of(approved, step, f"disposition-{step + 1}.pdf").splitlines() if "baku" in line)
        for step in range(3)
    ]
    assert [" ".join(line.split()) for line in times] == [
        "Waktu baku penerima 10 menit",
        "Waktu baku penerima 10 menit",
        "Waktu baku penerima 1 bulan",
    ]


def test_no_word_of_a_sheet_is_torn(approved: SignedWalk) -> None:
    """Only long names may be broken where they have no space."""
    said = " ".join(text_of(approved, 0, "disposition-1.pdf").split())
    assert "melakukan pengembangan dan pemeliharaan jaringan data dan internet pada data center" in said


def test_the_approval_and_its_signature_stand_on_one_page(approved: SignedWalk) -> None:
    """Step 7 was torn over two pages, and the signature stood on a page of its own."""
    pages = text_of(approved, APPROVED, "approval.pdf").removesuffix("\f").split("\f")
    assert len(pages) == 1
    assert "Ditandatangani secara elektronik oleh" in pages[0]


def test_each_version_is_the_beginning_of_the_next(approved: SignedWalk) -> None:
    """What the Kasubag signed stands byte for byte in what the Sekretaris signed."""
    first, second, third = (approved.pdf(step) for step in (CHECKED, FORWARDED, APPROVED))
    assert second.startswith(first)
    assert third.startswith(second)
    assert len(first) < len(second) < len(third)


def test_the_data_travels_inside_the_signed_laporan(approved: SignedWalk) -> None:
    """The attachments are there under the last signature too."""
    assert set(attached_files(approved.pdf(APPROVED))) == {"report.json", "report.csv"}


def test_a_stripped_signature_is_missed(approved: SignedWalk) -> None:
    """The version before, taken for the last: the rest is valid, yet the Sekretaris' box is empty."""
    assert judged(approved, approved.pdf(FORWARDED)) == ["the signature sdm (sesditjen) is missing: its box is empty"]


def test_a_signature_that_nobody_asked_for_is_told(approved: SignedWalk) -> None:
    """A later version in place of an earlier one holds a signature too many."""
    assert judged(approved, approved.pdf(APPROVED), CHECKED, FORWARDED) == [
        "there is a signature that nobody asked for in the box sdm"
    ]


def test_signatures_in_the_wrong_order_are_told(approved: SignedWalk) -> None:
    """The SOP's order is ours to demand; the PDF would not mind."""
    assert judged(approved, approved.pdf(APPROVED), FORWARDED, CHECKED, APPROVED) == [
        "the signature kasubag comes before kabag: the order is wrong"
    ]


def signed_by_another(walk: SignedWalk, folder: Path, checklist: Checklist, signer: str | Authority) -> SignedWalk:
    """The walk until step 6, which somebody else's key signs in the Kabag's box."""
    other = replace(walk, files=type(walk.files)(folder), events=[])
    other.walk(checklist, until=FORWARDED)
    holder = walk.holders[signer] if isinstance(signer, str) else signer.official("Bambang Prasetyo, S.T., M.M.")
    other.take(EventKind.FORWARDED, Position.KABAG, {"report": "ab"}, holder)
    return other


def test_another_officials_certificate_in_a_box_is_named(
    approved: SignedWalk, checklist: Checklist, tmp_path: Path
) -> None:
    """Valid for any PDF reader, but the Staf's key has no business in the Kabag's box."""
    (problem,) = signed_by_another(approved, tmp_path, checklist, "staf").problems()
    assert problem.startswith("laporan.pdf: signature kabag: signed with the certificate of staf (")
    assert problem.endswith("not of kabag")


def test_a_self_made_authority_is_refused(approved: SignedWalk, checklist: Checklist, tmp_path: Path) -> None:
    """The same name from an authority of one's own is not the pinned certificate."""
    (problem,) = signed_by_another(approved, tmp_path, checklist, Authority()).problems()
    assert "signature kabag: signed with a certificate that is not pinned for kabag: " in problem
    assert "CN=Bambang Prasetyo" in problem


def test_a_revoked_certificate_is_named(approved: SignedWalk) -> None:
    """The configured CRL voids what was signed after the revocation, and only that."""
    since = approved.events[APPROVED].time - timedelta(minutes=1)
    listed = Authority(approved.authority.made, [(approved.holders["sesditjen"].certificate, since)])
    found = approved.problems(approved.trust((listed.revocation_list(),)))
    assert [one.partition(": certificate ")[0] for one in found] == [
        "laporan.pdf: signature sdm",
        "approval.pdf: signature sdm",
    ]
    assert all("CN=Dr. Ir. Maya" in one and "was revoked as of" in one for one in found)


def test_an_expired_certificate_is_named(approved: SignedWalk, checklist: Checklist, tmp_path: Path) -> None:
    """A certificate that ended before the signature signs nothing."""
    old = approved.authority.official("Dimas Nugroho", valid=timedelta(days=304))
    other = replace(
        approved, files=type(approved.files)(tmp_path), events=[], holders={**approved.holders, "staf": old}
    )
    other.walk(checklist, until=CHECKED)
    (problem,) = other.problems()
    assert problem.startswith("checklist.pdf: signature staf: certificate ")
    assert "CN=Dimas Nugroho" in problem
    assert "not at that time" in problem


def number(value: int) -> generic.NumberObject:
    return generic.NumberObject(value)  # type: ignore[no-untyped-call]


def append_page(writer: IncrementalPdfFileWriter) -> None:
    pages = writer.root["/Pages"]
    page = writer.add_object(
        generic.DictionaryObject(  # type: ignore[no-untyped-call]
            {
                generic.pdf_name("/Type"): generic.pdf_name("/Page"),
                generic.pdf_name("/Parent"): writer.root.raw_get("/Pages"),
                generic.pdf_name("/MediaBox"): generic.ArrayObject([number(n) for n in (0, 0, 9, 9)]),
            }
        )
    )
    pages["/Kids"].append(page)
    pages[generic.pdf_name("/Count")] = number(int(pages["/Count"]) + 1)
    writer.update_container(pages)
    writer.update_container(pages["/Kids"])


def change_attachment(writer: IncrementalPdfFileWriter) -> None:
    names = writer.root["/Names"]["/EmbeddedFiles"]
    while "/Kids" in names:
        names = names["/Kids"][0]
    specification = names["/Names"][1]
    stream = generic.StreamObject(stream_data=b'{"forged": true}')
    stream[generic.pdf_name("/Type")] = generic.pdf_name("/EmbeddedFile")
    specification["/EF"][generic.pdf_name("/F")] = writer.add_object(stream)
    writer.update_container(specification["/EF"])


def turn_page(writer: IncrementalPdfFileWriter) -> None:
    page = writer.root["/Pages"]["/Kids"][0]
    page[generic.pdf_name("/Rotate")] = number(180)
    writer.update_container(page)


def appended(pdf: bytes, change: Callable[[IncrementalPdfFileWriter], None]) -> bytes:
    writer = IncrementalPdfFileWriter(io.BytesIO(pdf))
    change(writer)
    out = io.BytesIO()
    writer.write(out)  # type: ignore[no-untyped-call]
    return out.getvalue()


@pytest.mark.parametrize(
    ("change", "told"),
    [
        pytest.param(append_page, "afterwards the number of pages became", id="a page appended"),
        pytest.param(change_attachment, "afterwards the attachment report", id="an attachment changed"),
        pytest.param(turn_page, "the document was changed afterwards", id="a page turned"),
    ],
)
def test_a_change_appended_after_the_signatures_is_named(
    approved: SignedWalk, change: Callable[[IncrementalPdfFileWriter], None], told: str
) -> None:
    """Every signature's own bytes are intact; what came after them is told for each."""
    found = judged(approved, appended(approved.pdf(APPROVED), change))
    for position in ("kasubag", "kabag", "sdm"):
        assert any(one.startswith(f"signature {position}: {told}") for one in found), found


def test_a_change_before_the_next_signature_is_named(approved: SignedWalk) -> None:
    """Whoever changes the Laporan between two signatures is told by the one before."""
    forged = appended(approved.pdf(CHECKED), append_page)
    stamp = set_stamp(STAMP_WORDS, datetime(2026, 11, 3, tzinfo=UTC))
    what = FieldSignature("kabag", stamp.pdf, stamp.png, "Nama", "uji", "Jakarta")
    signed = LocalSigner(approved.holders["kabag"].signer()).sign(forged, what)
    found = judged(approved, signed, CHECKED, FORWARDED)
    assert found
    assert all(one.startswith("signature kasubag: afterwards the number of pages became") for one in found)


def test_a_changed_byte_under_a_signature_is_told(approved: SignedWalk) -> None:
    """One byte of the first page's content: no signature covers it any more."""
    pdf = bytearray(approved.pdf(APPROVED))
    pdf[pdf.index(b"<pdfaid:part>3") + 13] = ord("2")
    assert judged(approved, bytes(pdf)) == [
        f"signature {position}: the content that was signed has been changed"
        for position in ("kasubag", "kabag", "sdm")
    ]


def test_what_is_no_pdf_is_told(approved: SignedWalk) -> None:
    """A file of another kind in a paper's place is told, not met with a traceback."""
    (problem,) = judged(approved, b"%PDF-1.7 nothing")
    assert problem.startswith("the PDF is damaged and unreadable")


def test_a_box_is_signed_once(approved: SignedWalk) -> None:
    """A second signature in a filled box is refused when it is made."""
    stamp = set_stamp(STAMP_WORDS, datetime(2026, 11, 3, tzinfo=UTC))
    what = FieldSignature("kabag", stamp.pdf, stamp.png, "Nama", "uji", "Jakarta")
    with pytest.raises(SigningFailed, match="cannot be signed in the box kabag"):
        LocalSigner(approved.holders["kabag"].signer()).sign(approved.pdf(APPROVED), what)


def test_after_a_return_the_new_laporan_stands_alone(
    approved: SignedWalk, checklist: Checklist, tmp_path: Path
) -> None:
    """Returned at step 6, examined again: the new revision begins without the old signatures."""
    walk = replace(approved, files=type(approved.files)(tmp_path), events=[])
    walk.walk(checklist, until=FORWARDED)
    walk.take(EventKind.RETURNED, Position.KABAG, {"reason": "Lengkapi."})
    kept = walk.events[3].payload["checklist"]
    said = {"conclusion": "Baik.", "suggestion": "Lanjutkan.", "number": "10/X", "report": kept}
    walk.take(EventKind.CHECKED, Position.KASUBAG, said)
    walk.take(EventKind.FORWARDED, Position.KABAG, {"report": kept})
    assert walk.problems() == []
    assert not walk.pdf(7).startswith(walk.pdf(5))
    assert "kasubag" in {one.field_name for one in PdfFileReader(io.BytesIO(walk.pdf(8))).embedded_signatures}
