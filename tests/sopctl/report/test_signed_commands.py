"""The seven steps by sopctl's own commands, with keys in files and in tokens, up to the signed report."""

import hashlib
import random
import re
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding, load_pem_private_key, pkcs12

from sopctl.cli import main
from sopctl.evidence import Checklist
from tests.sopctl.conftest import COMMANDS
from tests.sopctl.report.poppler import signatures_by_poppler, trusting
from tests.sopctl.signing.tokens import PIN, SOFTHSM, make_token, prepare_tokens


def run(folder: Path, *arguments: str) -> Result:
    environment = {"SOPCTL_CONFIG": str(folder / "sopctl.yml"), "DCNET_LANG": "en", "SOPCTL_AS": None}
    return CliRunner().invoke(main, arguments, prog_name="sopctl", env=environment)


@pytest.fixture
def site(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, checklist: Checklist) -> Path:
    """A site with demo keys, where one login may take all steps; the month is there already."""
    monkeypatch.setattr("sopctl.commands.pull.pull_checklist", lambda *_arguments, **_options: checklist)
    result = CliRunner().invoke(main, ["init", "--demo-ca", str(tmp_path)])
    assert result.exit_code == 0, result.output
    file = tmp_path / "sopctl.yml"
    file.write_text(file.read_text().replace("allow_consecutive_steps: false", "allow_consecutive_steps: true"))
    return tmp_path


def _verify_with_a_changed_byte(site: Path, file: Path, chance: random.Random) -> None:
    """Ledger, heads, seal, data or PDF: `verify` fails for it, and the byte is put back."""
    whole = file.read_bytes()
    changed, place = bytearray(whole), chance.randrange(len(whole))
    changed[place] ^= chance.randrange(1, 256)
    file.chmod(0o600)
    file.write_bytes(changed)
    assert run(site, "verify").exit_code == 1, f"{file}:{place}"
    file.write_bytes(whole)


def put_into_token(site: Path, official: str, key: ec.EllipticCurvePrivateKey | rsa.RSAPrivateKey) -> None:
    """Have the official's key, with its certificate, in a PKCS#11 token instead of a file."""
    keys, settings = site / "demo-keys", site / "sopctl.yml"
    make_token(official, key, demo_certificate(site, official))
    (keys / f"{official}.p12").unlink()
    text, count = re.subn(
        rf"identity: .*/{official}\.p12.*",
        f'identity: {{kind: pkcs11, module: {SOFTHSM}, token: {official}, key: {official}, pin: "${{env:PIN}}"}}',
        settings.read_text(),
    )
    assert count == 1
    settings.write_text(text)


def demo_certificate(site: Path, official: str) -> x509.Certificate:
    return x509.load_pem_x509_certificate((site / "demo-keys" / f"{official}.crt").read_bytes())


def demo_key(site: Path, official: str) -> ec.EllipticCurvePrivateKey:
    passphrase = (site / "demo-keys" / f"{official}.passphrase").read_bytes()
    key, _certificate, _more = pkcs12.load_key_and_certificates(
        (site / "demo-keys" / f"{official}.p12").read_bytes(), passphrase
    )
    assert isinstance(key, ec.EllipticCurvePrivateKey)
    return key


def rsa_key(site: Path, official: str) -> rsa.RSAPrivateKey:
    """Another key for the official, with a certificate like the one that it replaces."""
    keys = site / "demo-keys"
    key = rsa.generate_private_key(65537, 2048)
    old = demo_certificate(site, official)
    authority = load_pem_private_key((keys / "ca.key").read_bytes(), None)
    assert isinstance(authority, ec.EllipticCurvePrivateKey)
    builder = x509.CertificateBuilder(
        old.issuer,
        old.subject,
        key.public_key(),
        x509.random_serial_number(),
        old.not_valid_before_utc,
        old.not_valid_after_utc,
        list(old.extensions),
    )
    (keys / f"{official}.crt").write_bytes(builder.sign(authority, SHA256()).public_bytes(Encoding.PEM))
    return key


@pytest.fixture
def site_with_tokens(site: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The three who sign the Laporan hold their keys in PKCS#11 tokens, one of them an RSA key."""
    prepare_tokens(site, monkeypatch)
    monkeypatch.setenv("PIN", PIN)
    for official in ("sekretaris", "kasubag"):
        put_into_token(site, official, demo_key(site, official))
    put_into_token(site, "kabag", rsa_key(site, "kabag"))
    return site


@pytest.mark.timeout(1800)
def test_the_seven_steps_end_in_a_signed_report(site_with_tokens: Path, share: Callable[[int, int], int]) -> None:
    """Every decision signs its paper; `verify` and pdfsig agree, and `report` hands out exactly what was signed."""
    site = site_with_tokens
    for command in COMMANDS:
        # The month comes with a warning of Prometheus.
        result = run(site, *command, *(("--accept", "P1") if "submit" in command else ()))
        assert result.exit_code == 0, result.output
    verified = run(site, "verify")
    assert verified.exit_code == 0, verified.output
    kept = [path for path in sorted((site / "store").rglob("*")) if path.is_file()]
    chance = random.Random(19)
    for _change in range(share(3, 1000)):
        _verify_with_a_changed_byte(site, chance.choice(kept), chance)
    assert run(site, "verify").exit_code == 0
    folder = site / "out"
    reported = run(site, "report", "--output", str(folder))
    assert reported.exit_code == 0, reported.output
    assert "(final)" in reported.output
    believed = trusting(demo_certificate(site, "ca").public_bytes(Encoding.DER), site)
    boxes = ("kasubag", "kabag", "sdm")
    assert signatures_by_poppler(believed, folder / "report.pdf") == [(box, True, True) for box in boxes]
    assert signatures_by_poppler(believed, folder / "approval.pdf") == [("sdm", True, True)]
    assert sorted(path.name for path in folder.iterdir()) == [
        "approval.pdf",
        "checklist.pdf",
        "disposition-1.pdf",
        "disposition-2.pdf",
        "disposition-3.pdf",
        "report.csv",
        "report.json",
        "report.pdf",
    ]
    text = subprocess.run(
        ["pdftotext", "-layout", str(folder / "report.pdf"), "-"], check=True, capture_output=True, text=True
    ).stdout
    assert text.count("Ditandatangani secara elektronik oleh") == 3
    assert text.count("Tanda tangan elektronik tidak tersertifikasi") == 3
    assert "KONSEP" not in text
    assert "Langkah 7:" in text
    assert "Lembar Pengesahan" in text
    # The Laporan is frozen at step 5; the last sheet holds steps 6 and 7 too, and which file was approved.
    sheet = subprocess.run(
        ["pdftotext", "-layout", str(folder / "approval.pdf"), "-"], check=True, capture_output=True, text=True
    ).stdout
    assert "LEMBAR PENGESAHAN" in sheet
    assert "belum dilaksanakan" not in sheet
    assert "lihat tanda tangan" not in sheet
    assert sheet.count("WIB") == 8, "seven steps and the signature"
    assert hashlib.sha256((folder / "report.pdf").read_bytes()).hexdigest() in "".join(sheet.split())


def test_a_changed_paper_is_accused(site: Path) -> None:
    """A paper whose bytes were changed in the store is named by `verify`."""
    assert run(site, *COMMANDS[0]).exit_code == 0
    (paper,) = (path for path in (site / "store" / "files").glob("*/*") if path.read_bytes().startswith(b"%PDF-"))
    paper.chmod(0o600)
    paper.write_bytes(paper.read_bytes().replace(b"Jakarta", b"Bandung", 1) + b"\n")
    verified = run(site, "verify")
    assert verified.exit_code == 1
    assert paper.name in verified.output
    assert "was changed" in verified.output
