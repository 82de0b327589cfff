"""The QR code at the foot of every page: which document of which chain this is.

Pure.
"""

from io import BytesIO

import segno


def qr_svg(text: str) -> bytes:
    """`text` as a QR code (ISO/IEC 18004, error correction M), black on white, in SVG."""
    out = BytesIO()
    segno.make(text, error="m", micro=False).save(out, kind="svg", border=2, xmldecl=False, svgns=True)
    return out.getvalue()
