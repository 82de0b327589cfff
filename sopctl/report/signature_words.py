"""What documents and stamps say of signatures: how they were made, what they are worth, what they do not prove.

Owns wording only.
"""

from typing import assert_never

from dcnet.language import Words
from sopctl.evidence import SignatureKind


def authenticity_text(kind: SignatureKind, *, attaches: bool) -> Words:
    """Below the signature block: what this document proves, and what it does not."""
    match kind:
        case SignatureKind.NONE:
            signed = Words(
                "Dokumen ini tidak memuat tanda tangan elektronik.", "This document carries no electronic signature."
            )
        case SignatureKind.WITHOUT_TIMESTAMP:
            signed = Words(
                "Dokumen ini ditandatangani secara elektronik (PAdES B-B) tanpa penanda waktu tepercaya: waktu pada"
                " tanda tangan ialah jam komputer penandatangan. Cap pada setiap kotak menyebut apakah sertifikatnya"
                " diterbitkan BSrE; sah tidaknya tanda tangan terlihat dengan memeriksa berkas PDF ini, bukan dari"
                " capnya.",
                "This document is signed electronically (PAdES B-B) without a trusted timestamp: a signature's time"
                " is that of the signer's computer. The stamp in each box says whether BSrE issued the certificate;"
                " whether a signature is valid is seen only by checking this PDF file, not from its stamp.",
            )
        case SignatureKind.ARCHIVAL:
            signed = Words(
                "Dokumen ini ditandatangani secara elektronik (PAdES B-LTA); waktunya dibuktikan oleh otoritas penanda"
                " waktu. Cap pada setiap kotak menyebut apakah sertifikatnya diterbitkan BSrE; sahnya tanda tangan"
                " hanya terlihat dengan memeriksa berkas PDF ini, bukan dari capnya.",
                "This document is signed electronically (PAdES B-LTA); a timestamp authority vouches for the time. The"
                " stamp in each box says whether BSrE issued the certificate; whether a signature is valid is seen only"
                " by checking this PDF file, not from its stamp.",
            )
        case _:
            assert_never(kind)
    return Words(
        f"{signed.id} Setiap keputusan tercatat dalam rantai hash yang kepalanya tercetak di kaki setiap halaman dan"
        " dalam kode QR; keutuhannya dapat diperiksa dengan perintah sopctl verify."
        + (" Berkas data terlampir di dalam PDF ini." if attaches else ""),
        f"{signed.en} Every decision is recorded in a hash chain whose head is printed at the foot of every page and in"
        " the QR code; its integrity can be checked with the command sopctl verify."
        + (" The data files are attached inside this PDF." if attaches else ""),
    )


def certificate_text(issued_by_bsre: bool) -> Words:
    """In a stamp: what the certificate is worth (Government Regulation 71 of 2019, certified and uncertified)."""
    if issued_by_bsre:
        return Words(
            "Sertifikat elektronik diterbitkan oleh Balai Besar Sertifikasi Elektronik (BSrE), BSSN.",
            "Certificate issued by Balai Besar Sertifikasi Elektronik (BSrE), BSSN.",
        )
    return Words(
        "Tanda tangan elektronik tidak tersertifikasi: sertifikatnya bukan terbitan BSrE.",
        "Uncertified electronic signature: its certificate was not issued by BSrE.",
    )


def stamp_duration(step: int, actual: str, standard: str) -> Words:
    """In a stamp: how long the step took."""
    return Words(
        f"Langkah {step}: {actual} (waktu baku {standard})", f"Step {step}: {actual} (standard time {standard})"
    )
