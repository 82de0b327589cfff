"""Text from devices and people made fit for the page.

Owns what the report's fonts can show. The JSON and CSV keep the text as it came.
"""

import unicodedata

SHOWN_RANGES = (
    (0x0020, 0x007E),  # Basic Latin
    (0x00A0, 0x017F),  # Latin-1 and Latin Extended-A
    (0x0391, 0x03A1),  # Greek capitals
    (0x03A3, 0x03A9),
    (0x03B1, 0x03C9),  # Greek small letters
    (0x0410, 0x044F),  # Cyrillic
    (0x2010, 0x2015),  # dashes
    (0x2018, 0x201E),  # quotation marks
)
SHOWN = frozenset("\u2026\u2032\u2033\u20ac\u2122\u2190\u2191\u2192\u2193\u2212\u2260\u2264\u2265\u221e")


def make_printable(text: str) -> str:
    """`text` in composed form; a character that the fonts lack is named as `[U+4E2D]`.

    PDF/A forbids a glyph that stands for "unknown": without this one odd interface description would keep
    the whole report from being made.
    """
    if text.isascii() and text.isprintable():
        return text
    composed = unicodedata.normalize("NFC", text.replace("\r\n", "\n").replace("\t", " "))
    return "".join(one if _is_shown(one) else f"[U+{ord(one):04X}]" for one in composed)


def _is_shown(character: str) -> bool:
    code = ord(character)
    # A soft hyphen shows only at a line's end: within a name it would be left out.
    if code == 0x00AD:  # noqa: PLR2004
        return False
    return character == "\n" or character in SHOWN or any(first <= code <= last for first, last in SHOWN_RANGES)
