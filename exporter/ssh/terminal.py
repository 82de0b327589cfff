"""What a terminal would show of the characters that a CLI sends. Pure.

Pagers erase themselves with backspaces, carriage returns or escape sequences (ECMA-48), and prompts come in
colours: the text that was meant is what is left on the line.
"""

import re

_CONTROL = re.compile(
    r"\x1b\[(?P<numbers>[0-9;?]*)[ -/]*(?P<final>[@-~])"
    r"|\x1b\][^\x07\x1b]*(?:\x07|\x1b\\)|\x1b[ -/]*[0-~]|[\x00-\x1f\x7f]"
)
_FARTHEST = 32_767
"""No terminal is wider; a device that sends more does not make us fill memory with spaces."""


def render_lines(text: str) -> list[str]:
    """The lines of `text` as they would stand on a terminal, without spaces at their ends."""
    return [_render(line) if _CONTROL.search(line) else line.rstrip() for line in text.split("\n")]


def _render(line: str) -> str:
    shown: list[str] = []
    cursor = at = 0
    for found in _CONTROL.finditer(line):
        cursor = _write(shown, cursor, line[at : found.start()])
        at = found.end()
        match found[0], found["final"]:
            case "\r", _:
                cursor = 0
            case "\b", _:
                cursor = max(cursor - 1, 0)
            case "\t", _:
                cursor = _write(shown, cursor, "\t")
            case _, "D":
                cursor = max(cursor - _first_number(found["numbers"]), 0)
            case _, "C":
                cursor = min(cursor + _first_number(found["numbers"]), _FARTHEST)
            case _, "G":
                cursor = min(_first_number(found["numbers"]) - 1, _FARTHEST)
            case _, "K":
                match found["numbers"]:
                    case "" | "0":
                        del shown[cursor:]
                    case "1":
                        shown[:cursor] = " " * min(cursor, len(shown))
                    case _:
                        shown.clear()
            case _:
                pass
    _write(shown, cursor, line[at:])
    return "".join(shown).rstrip()


def _write(shown: list[str], cursor: int, text: str) -> int:
    if not text:
        return cursor
    shown.extend(" " * (cursor - len(shown)))
    shown[cursor : cursor + len(text)] = text
    return cursor + len(text)


def _first_number(numbers: str) -> int:
    first = numbers.partition(";")[0]
    return max(min(int(first[:6]), _FARTHEST), 1) if first.isdecimal() else 1
