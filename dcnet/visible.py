"""Text from elsewhere made safe for a terminal.

Owns which characters could move the cursor, change colours or turn the reading direction. Files get text as it is.
"""

import re

UNSEEN = re.compile("[\x00-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069\ud800-\udfff]")
"""Controls (C0, DEL, C1), separators and marks of direction, and halves of characters."""


def make_visible(text: str, *, keep_lines: bool = True) -> str:
    r"""`text` with such characters written as escapes (`\x1b`); line ends stay where `keep_lines`."""

    def escape(found: re.Match[str]) -> str:
        one = found[0]
        return one if keep_lines and one == "\n" else one.encode("unicode_escape", "backslashreplace").decode()

    return UNSEEN.sub(escape, text)
