"""poppler's pdfsig: what another program says of a PDF's signatures."""

import re
import shutil
import subprocess
from pathlib import Path

import pytest

needs_pdfsig = pytest.mark.skipif(
    shutil.which("pdfsig") is None or shutil.which("certutil") is None,
    reason="pdfsig (poppler-utils) and certutil (libnss3-tools) are not installed",
)


def trusting(authority: bytes, folder: Path) -> Path:
    """A certificate store in `folder` that believes `authority` (DER) alone."""
    database, certificate = folder / "nss", folder / "authority"
    database.mkdir()
    certificate.write_bytes(authority)
    certutil = ["certutil", "-d", f"sql:{database}"]
    for arguments in (["-N", "--empty-password"], ["-A", "-n", "CA Uji", "-t", "CT,C,C", "-i", str(certificate)]):
        subprocess.run([*certutil, *arguments], check=True, capture_output=True)
    return database


def signatures_by_poppler(database: Path, pdf: Path) -> list[tuple[str, bool, bool]]:
    """Of each signature: its box, whether it is valid, whether its certificate is trusted."""
    done = subprocess.run(
        ["pdfsig", "-nssdir", f"sql:{database}", str(pdf)], check=False, capture_output=True, text=True
    )
    return [
        (
            one.split("Signature Field Name: ")[1].splitlines()[0],
            "Signature Validation: Signature is Valid." in one,
            "Certificate Validation: Certificate is Trusted." in one,
        )
        for one in re.split(r"^Signature #\d+:$", done.stdout, flags=re.MULTILINE)[1:]
        if "is not signed." not in one
    ]
