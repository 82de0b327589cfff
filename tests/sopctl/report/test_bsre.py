"""BSrE's signing server, played on loopback from the contract that its users' programs show: none can be had here."""

import base64
import io
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest
from pydantic import SecretStr
from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter
from pyhanko.sign.fields import SigFieldSpec
from pyhanko.sign.signers import PdfSignatureMetadata, PdfSigner

from dcnet.catalogue import load_catalogue
from dcnet.secret import SecretReference, SecretSources
from sopctl.adapters.bsre import BsreSigner, is_bsre_certificate
from sopctl.adapters.pdf_fields import with_fields
from sopctl.adapters.pdf_signing import FieldSignature, SigningFailed
from sopctl.adapters.pdf_verification import DemandedSignature, SignedDocuments
from sopctl.adapters.report_files import set_report
from sopctl.evidence import ReportContent, SignatureKind
from sopctl.settings import Settings
from sopctl.settings_officials import BsreIdentity
from sopctl.settings_services import BasicAuth, BsreSettings
from tests.sopctl.report.conftest import OFFICIALS
from tests.sopctl.report.identities import Authority, Holder
from tests.sopctl.report.loopback import Answer, Asked, Service, serving
from tests.sopctl.report.signed_walk import new_walk

NIK = "3171234567890001"
PASSWORD = "kata-sandi"
PASSPHRASE = "frasa-sandi-rahasia"


@pytest.fixture(scope="module")
def bsre() -> Authority:
    return Authority()


@pytest.fixture
def kabag(bsre: Authority) -> Holder:
    return bsre.official("Bambang Prasetyo, S.T., M.M.")


@pytest.fixture
def laporan(content: ReportContent, settings: Settings) -> bytes:
    waiting = replace(content, signatures=SignatureKind.WITHOUT_TIMESTAMP)
    return with_fields(set_report(waiting, settings, load_catalogue(), settings.language).document)


def what() -> FieldSignature:
    return FieldSignature("kabag", b"", b"\x89PNG stamp", "Bambang", "SOP 6", "Jakarta")


def as_the_server_signs(pdf: bytes, holder: Holder) -> bytes:
    """In a field of its own, as an update."""
    signer = PdfSigner(
        PdfSignatureMetadata(field_name="Signature_bsre"),
        holder.signer(),
        new_field_spec=SigFieldSpec("Signature_bsre"),
    )
    out = io.BytesIO()
    signer.sign_pdf(IncrementalPdfFileWriter(io.BytesIO(pdf)), output=out)
    return out.getvalue()


@contextmanager
def signing_server(holder: Holder) -> Iterator[Service]:
    def answer(asked: Asked) -> Answer:
        body = asked.json()
        pair = base64.b64encode(b"esign:kata-sandi").decode()
        if asked.path != "/api/v2/sign/pdf" or asked.headers.get("Authorization") != f"Basic {pair}":
            return Answer.of_json(401, {"error": "Unauthorized"})
        if body["passphrase"] != PASSPHRASE:
            return Answer.of_json(400, {"status_code": 2031, "error": f"Passphrase {body['passphrase']} anda salah"})
        assert isinstance(body["file"], list)
        signed = as_the_server_signs(base64.b64decode(body["file"][0]), holder)
        return Answer.of_json(200, {"time": 1, "file": [base64.b64encode(signed).decode()]})

    with serving(answer) as service:
        yield service


def signer_at(url: str, passphrase: str = PASSPHRASE, password: str = PASSWORD) -> BsreSigner:
    settings = BsreSettings(
        url=url, basic_auth=BasicAuth(username="esign", password=SecretStr(password)), timeout_seconds=20
    )
    sources = SecretSources(Path(), {"FRASA": passphrase})
    identity = BsreIdentity(kind="bsre", nik=NIK, passphrase=SecretReference("${env:FRASA}", sources))
    return BsreSigner(settings, identity)


def test_the_request_is_the_contracts(laporan: bytes, kabag: Holder) -> None:
    """NIK, passphrase, the whole file, and the stamp over the pre-placed box, measured from the upper left corner."""
    with signing_server(kabag) as service:
        signed = signer_at(service.url).sign(laporan, what())
    assert signed.startswith(laporan)
    body = service.asked[0].json()
    assert set(body) == {"nik", "passphrase", "signatureProperties", "file"}
    assert body["nik"] == NIK
    assert isinstance(body["signatureProperties"], list)
    (properties,) = body["signatureProperties"]
    assert properties["tampilan"] == "VISIBLE"
    assert base64.b64decode(properties["imageBase64"]) == b"\x89PNG stamp"
    assert (properties["width"], properties["height"]) == (204.0, 82.0)
    assert properties["page"] >= 4
    assert 0 < properties["originX"] < 595 - 204
    assert 0 < properties["originY"] < 842 - 82


def test_its_signature_stands_for_the_officials_box(
    laporan: bytes, kabag: Holder, bsre: Authority, settings: Settings
) -> None:
    """The server's own field counts when the certificate is the pinned one; another official's does not."""
    with signing_server(kabag) as service:
        signed = signer_at(service.url).sign(laporan, what())
    walk = new_walk(settings, OFFICIALS, settings.store)
    walk.authority, walk.holders["kabag"] = bsre, kabag
    at = datetime(2026, 6, 1, tzinfo=UTC)
    judge = SignedDocuments(replace(walk.trust(), authorities=(bsre.der,)))
    assert judge.problems(signed, [DemandedSignature("kabag", "kabag", at)]) == ()
    told = [one.en for one in judge.problems(signed, [DemandedSignature("sdm", "sesditjen", at)])]
    assert "the signature sdm (sesditjen) is missing: its box is empty" in told


@pytest.mark.parametrize(
    ("passphrase", "password", "told"),
    [
        pytest.param(
            "frasa-keliru", "kata-sandi", r"refused \(2031\): Passphrase \*\*\* anda salah", id="wrong passphrase"
        ),
        pytest.param(PASSPHRASE, "salah", r"refused \(401\): Unauthorized", id="wrong password"),
    ],
)
def test_a_refusal_is_told_without_secrets(
    laporan: bytes, kabag: Holder, passphrase: str, password: str, told: str
) -> None:
    """The server's code and words, but never the passphrase that it repeats."""
    with signing_server(kabag) as service, pytest.raises(SigningFailed, match=told) as caught:
        signer_at(service.url, passphrase, password).sign(laporan, what())
    assert passphrase not in str(caught.value) or passphrase == PASSPHRASE
    assert PASSPHRASE not in str(caught.value)


@pytest.mark.parametrize(
    ("answer", "told"),
    [
        pytest.param(Answer(502, "text/html", b"<html>"), "answers brokenly", id="no JSON"),
        pytest.param(Answer.of_json(200, {"time": 1}), "holds no file", id="no file"),
        pytest.param(
            Answer.of_json(200, {"file": [base64.b64encode(b"%PDF-other").decode()]}), "does not continue", id="another"
        ),
    ],
)
def test_a_broken_answer_signs_nothing(laporan: bytes, answer: Answer, told: str) -> None:
    """Whatever comes back must be the document that was sent, signed on."""
    with serving(lambda _asked: answer) as service, pytest.raises(SigningFailed, match=told):
        signer_at(service.url).sign(laporan, what())


def test_a_server_that_is_not_there_is_told() -> None:
    """The address that was tried, and that nothing was signed."""
    with serving(lambda _asked: Answer(200, "", b"")) as service:
        gone = service.url
    with pytest.raises(SigningFailed, match=rf"{gone}\): cannot be reached; nothing was signed"):
        signer_at(gone).sign_pdf(b"%PDF-1.7")


def test_only_bsres_own_authority_makes_a_certificate_bsres(bsre: Authority, kabag: Holder) -> None:
    """Anyone can write a name into a certificate; only the issuer's signature counts."""
    assert is_bsre_certificate(kabag.der, [bsre.der])
    assert not is_bsre_certificate(Authority().official("BSrE").der, [bsre.der])
    assert not is_bsre_certificate(kabag.der, [])
