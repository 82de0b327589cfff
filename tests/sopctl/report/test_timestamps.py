"""Timestamps by a real RFC 3161 responder, openssl's, behind a loopback server: PAdES B-LTA."""

import io
import subprocess
from dataclasses import replace
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from pyhanko.pdf_utils.reader import PdfFileReader

from sopctl.adapters.pdf_signing import SigningFailed
from sopctl.adapters.timestamp import timestamp_source
from sopctl.chain.event import EventKind
from sopctl.evidence import Checklist
from sopctl.model import Position
from sopctl.settings import Settings
from sopctl.settings_services import TimestampSettings
from tests.sopctl.report.conftest import OFFICIALS
from tests.sopctl.report.identities import Authority
from tests.sopctl.report.loopback import Answer, Asked, serving
from tests.sopctl.report.signed_walk import SignedWalk, new_walk

CONFIGURATION = """\
[tsa]
default_tsa = service
[service]
serial = {folder}/serial
crypto_device = builtin
signer_digest = sha256
default_policy = 1.2.3.4.1
digests = sha256, sha384, sha512
accuracy = secs:1
ess_cert_id_chain = no
ess_cert_id_alg = sha256
"""


class Responder:
    """`openssl ts -reply` with a service's key."""

    def __init__(self, folder: Path, authority: Authority) -> None:
        self.folder = folder
        holder = authority.timestamp_service()
        (folder / "tsa.cnf").write_text(CONFIGURATION.format(folder=folder))
        (folder / "serial").write_text("01")
        (folder / "tsa.pem").write_bytes(holder.certificate.public_bytes(Encoding.PEM))
        key = holder.key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
        (folder / "key.pem").write_bytes(key)
        self.count = 0

    def answer(self, asked: Asked) -> Answer:
        (self.folder / "query").write_bytes(asked.body)
        files = ["-queryfile", "query", "-signer", "tsa.pem", "-inkey", "key.pem", "-out", "reply"]
        subprocess.run(
            ["openssl", "ts", "-reply", "-config", "tsa.cnf", *files], cwd=self.folder, check=True, capture_output=True
        )
        return Answer(200, "application/timestamp-reply", (self.folder / "reply").read_bytes())


def timestamped(walk: SignedWalk, url: str) -> SignedWalk:
    settings = TimestampSettings(url=url, timeout_seconds=20)
    return replace(walk, timestamps=timestamp_source(settings, walk.trust((walk.authority.revocation_list(),))))


def test_signatures_with_timestamps_prove_their_time(settings: Settings, checklist: Checklist, tmp_path: Path) -> None:
    """A disposition: signature timestamp, revocation data and document timestamp are in it; nothing is accused."""
    walk = new_walk(settings, OFFICIALS, tmp_path / "files")
    responder = Responder(tmp_path, walk.authority)
    with serving(responder.answer) as service:
        walk = timestamped(walk, service.url)
        walk.walk(checklist, until=1)
        asked = len(service.asked)
    assert asked >= 2
    assert walk.problems() == []
    reader = PdfFileReader(io.BytesIO(walk.pdf(0)))
    assert len(reader.embedded_timestamp_signatures) == 1
    assert "/DSS" in reader.root
    (signature,) = reader.embedded_regular_signatures
    unsigned = [attribute["type"].native for attribute in signature.signer_info["unsigned_attrs"]]
    assert "signature_time_stamp_token" in unsigned


def test_a_timestamp_of_a_strange_authority_is_not_believed(
    settings: Settings, checklist: Checklist, tmp_path: Path
) -> None:
    """The stamp's own root is not among the authorities: nothing is signed with it."""
    walk = new_walk(settings, OFFICIALS, tmp_path / "files")
    responder = Responder(tmp_path, Authority())
    with serving(responder.answer) as service:
        walk = timestamped(walk, service.url)
        with pytest.raises(SigningFailed, match="sdm"):
            walk.walk(checklist, until=1)


def test_a_silent_authority_stops_the_signature(settings: Settings, checklist: Checklist, tmp_path: Path) -> None:
    """Without its timestamp nothing is signed, and the message names the setting."""
    walk = new_walk(settings, OFFICIALS, tmp_path / "files")
    with serving(lambda _asked: Answer(503, "text/plain", b"busy")) as service:
        walk = timestamped(walk, service.url)
        with pytest.raises(SigningFailed, match="timestamp authority gave no usable answer"):
            walk.take(EventKind.OPENED, Position.SDM, opening(checklist))
    assert walk.events == []


def opening(checklist: Checklist) -> dict[str, object]:
    return {
        "instruction": "",
        "period_start": checklist.period.start.isoformat(),
        "period_end": checklist.period.end.isoformat(),
        "number_in_year": 1,
    }
