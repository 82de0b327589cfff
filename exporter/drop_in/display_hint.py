"""Octet strings by a DISPLAY-HINT (RFC 2579 section 3.1), hexadecimal in capitals as snmp_exporter writes it. Pure."""

import re
from functools import lru_cache
from typing import NamedTuple

from exporter.drop_in.index_text import octets_as_text

_SPECIFICATION = re.compile(r"(?P<repeat>\*)?(?P<length>\d{1,4})(?P<format>[dxoat])")
_LONGEST_NUMBER = 8


class _Specification(NamedTuple):
    """One octet-format specification of a hint."""

    repeats: bool
    length: int
    format: str
    separator: bytes
    terminator: bytes


def apply_display_hint(hint: str, octets: bytes) -> str | None:
    """`octets` as `hint` says; None where the hint is empty or wrong, or there are no octets."""
    specifications = _parse(hint)
    if not specifications or not octets:
        return None
    shown = b""
    place = number = 0
    while place < len(octets):
        # The last specification applies to all that is left.
        specification = specifications[min(number, len(specifications) - 1)]
        if number >= len(specifications) and not specification.length and not specification.repeats:
            return None
        number += 1
        count = 1
        if specification.repeats:
            count = octets[place]
            place += 1
        for turn in range(count):
            if place >= len(octets):
                break
            chunk = octets[place : place + specification.length]
            place += specification.length
            text = _show(chunk, specification.format)
            if text is None:
                return None
            shown += text
            last = turn == count - 1 and specification.terminator
            if place < len(octets) and not last:
                shown += specification.separator
        if place < len(octets):
            shown += specification.terminator
    return octets_as_text(shown)


def _show(chunk: bytes, form: str) -> bytes | None:
    match form:
        case "x":
            return chunk.hex().upper().encode()
        case "a" | "t":
            return chunk
        case _:
            if len(chunk) > _LONGEST_NUMBER:
                return None
            number = int.from_bytes(chunk, "big")
            return (f"{number:o}" if form == "o" else str(number)).encode()


@lru_cache(maxsize=256)
def _parse(hint: str) -> tuple[_Specification, ...]:
    """The specifications of `hint`; none when one of them is wrong."""
    found: list[_Specification] = []
    place = 0
    while place < len(hint):
        match = _SPECIFICATION.match(hint, place)
        if match is None:
            return ()
        place = match.end()
        separator, place = _mark(hint, place)
        terminator = b""
        if match["repeat"]:
            terminator, place = _mark(hint, place)
        found.append(
            _Specification(match["repeat"] is not None, int(match["length"]), match["format"], separator, terminator)
        )
    return tuple(found)


def _mark(hint: str, place: int) -> tuple[bytes, int]:
    """The separator or terminator at `place`, if there is one, and the place after it."""
    character = hint[place : place + 1]
    if not character or character.isdigit() or character == "*":
        return b"", place
    return character.encode(), place + 1
