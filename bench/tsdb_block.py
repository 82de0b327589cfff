"""Writes blocks of Prometheus' TSDB in which many series may stand on the same chunks.

Text and promtool would take hours for the samples of a large month. Here a pattern of samples is encoded once; each
further series on it costs its entry in the index only, while Prometheus decodes every sample of every series as if
each had its own. What such a store cannot show is reading from disk: its chunks are few and soon in memory.

Owns the format. It must not know what the samples mean.

Source: Prometheus' tsdb/docs/format: README.md, index.md (version 2), chunks.md (XOR chunks).
"""

import json
import struct
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import TypeAlias

SAMPLES_A_CHUNK = 120
CHUNK_MILLISECONDS = 2 * 3_600_000
"""Prometheus' head ends a chunk at so many samples, and at every second full hour (UTC)."""

CHUNKS_MAGIC, INDEX_MAGIC, TOC_SECTIONS = 0x85BD40DD, 0xBAAAD700, 6
CHUNKS_VERSION, INDEX_VERSION, META_VERSION = 1, 2, 1
XOR_ENCODING = 1
SERIES_ALIGNMENT, POSTINGS_ALIGNMENT = 16, 4
_ULID = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
_LEADING_MOST = 31
"""As many leading zeros as five bits tell."""

_CASTAGNOLI = 0x82F63B78

Sample: TypeAlias = tuple[int, float]
"""Milliseconds since 1970, and the value."""


@dataclass(frozen=True, slots=True)
class Chunk:
    """Encoded samples."""

    first: int
    last: int
    """Milliseconds since 1970 of its first and last sample."""

    count: int
    data: bytes


def encode_chunks(samples: Iterable[Sample]) -> tuple[Chunk, ...]:
    """Samples in the order of their time, cut into chunks as Prometheus' head cuts them."""
    chunks: list[Chunk] = []
    own: list[Sample] = []
    for at, value in samples:
        if own and (len(own) == SAMPLES_A_CHUNK or at // CHUNK_MILLISECONDS != own[0][0] // CHUNK_MILLISECONDS):
            chunks.append(_encode_chunk(own))
            own = []
        own.append((at, value))
    if own:
        chunks.append(_encode_chunk(own))
    return tuple(chunks)


def write_block(data: Path, series: Iterable[tuple[Mapping[str, str], tuple[Chunk, ...]]]) -> Path:
    """Write one block to the data folder of a Prometheus, and give its folder.

    Series whose chunks are the same tuple share what is written of them. Labels without a value are left out.
    """
    ordered = sorted(
        ((_pairs(labels), chunks) for labels, chunks in series if chunks),
        key=lambda one: one[0],
    )
    distinct = {id(chunks): chunks for _, chunks in ordered}
    first = min(chunks[0].first for chunks in distinct.values())
    last = max(chunks[-1].last for chunks in distinct.values())
    # A name of its own for every stretch of time: no two blocks of a store hold the same.
    block = data / _ulid(first, last)
    (block / "chunks").mkdir(parents=True)
    metas = _write_chunks(block / "chunks" / "000001", distinct)
    _write_index(block / "index", [(pairs, metas[id(chunks)]) for pairs, chunks in ordered])
    meta = {
        "ulid": block.name,
        "minTime": first,
        "maxTime": last + 1,
        "stats": {
            "numSamples": sum(chunk.count for _, chunks in ordered for chunk in chunks),
            "numSeries": len(ordered),
            "numChunks": sum(len(chunks) for _, chunks in ordered),
        },
        "compaction": {"level": 1, "sources": [block.name]},
        "version": META_VERSION,
    }
    (block / "meta.json").write_text(json.dumps(meta), encoding="ascii")
    return block


Pairs: TypeAlias = tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class _ChunkMetas:
    """What the index says of the chunks of a series."""

    content: bytes
    checksum: int
    shift: tuple[int, ...]
    """`_shift_by` its length."""


def _pairs(labels: Mapping[str, str]) -> Pairs:
    return tuple(sorted((name, value) for name, value in labels.items() if value))


def _ulid(first: int, last: int) -> str:
    """48 bits of time and 80 that tell it from others, in Crockford's base 32."""
    number = first << 80 | last & (1 << 80) - 1
    return "".join(_ULID[number >> 5 * place & 31] for place in range(25, -1, -1))


def _write_chunks(file: Path, distinct: Mapping[int, Sequence[Chunk]]) -> dict[int, _ChunkMetas]:
    """Write every distinct list of chunks once; what the index says of each, by its key."""
    content = bytearray(struct.pack(">IBxxx", CHUNKS_MAGIC, CHUNKS_VERSION))
    metas = {}
    for key, chunks in distinct.items():
        meta = bytearray(_uvarint(len(chunks)))
        before_last, before_place = 0, 0
        for chunk in chunks:
            place, coded = len(content), bytes([XOR_ENCODING]) + chunk.data
            content += _uvarint(len(chunk.data)) + coded + struct.pack(">I", crc32c(coded))
            is_first = chunk is chunks[0]
            meta += _varint(chunk.first) if is_first else _uvarint(chunk.first - before_last)
            meta += _uvarint(chunk.last - chunk.first)
            meta += _uvarint(place) if is_first else _varint(place - before_place)
            before_last, before_place = chunk.last, place
        metas[key] = _ChunkMetas(bytes(meta), crc32c(meta), _shift_by(len(meta)))
    file.write_bytes(content)
    return metas


def _write_index(file: Path, series: Sequence[tuple[Pairs, _ChunkMetas]]) -> None:
    symbols = sorted({text for pairs, _ in series for pair in pairs for text in pair})
    numbers = {text: _uvarint(number) for number, text in enumerate(symbols)}
    with file.open("wb") as index:
        index.write(struct.pack(">IB", INDEX_MAGIC, INDEX_VERSION))
        symbols_at = index.tell()
        index.write(_section(struct.pack(">I", len(symbols)) + b"".join(_text(text) for text in symbols)))
        index.write(_padding(index.tell(), SERIES_ALIGNMENT))
        series_at = place = index.tell()
        postings: dict[tuple[str, str], list[int]] = defaultdict(list)
        everything = postings["", ""]
        for pairs, metas in series:
            own = _uvarint(len(pairs)) + b"".join(numbers[text] for pair in pairs for text in pair)
            checksum = _shifted(crc32c(own), metas.shift) ^ metas.checksum
            head = _uvarint(len(own) + len(metas.content)) + own
            index.write(head)
            index.write(metas.content)
            end = place + len(head) + len(metas.content) + 4
            padding = _padding(end, SERIES_ALIGNMENT)
            index.write(struct.pack(">I", checksum) + padding)
            number = place // SERIES_ALIGNMENT
            everything.append(number)
            for pair in pairs:
                postings[pair].append(number)
            place = end + len(padding)
        # Of the label indices, which nobody reads any more, there is only the empty table.
        unused_at = place
        index.write(_section(struct.pack(">I", 0)))
        index.write(_padding(index.tell(), POSTINGS_ALIGNMENT))
        postings_at = index.tell()
        table = [struct.pack(">I", len(postings))]
        for (name, value), members in sorted(postings.items()):
            table.append(b"\2" + _text(name) + _text(value) + _uvarint(index.tell()))
            # Four octets each before and after the members: the alignment holds.
            index.write(_section(struct.pack(f">{len(members) + 1}I", len(members), *members)))
        table_at = index.tell()
        index.write(_section(b"".join(table)))
        places = (symbols_at, series_at, unused_at, unused_at, postings_at, table_at)
        toc = struct.pack(f">{TOC_SECTIONS}Q", *places)
        index.write(toc + struct.pack(">I", crc32c(toc)))


def _section(content: bytes) -> bytes:
    return struct.pack(">I", len(content)) + content + struct.pack(">I", crc32c(content))


def _padding(place: int, alignment: int) -> bytes:
    return bytes(-place % alignment)


def _text(text: str) -> bytes:
    octets = text.encode()
    return _uvarint(len(octets)) + octets


def _uvarint(number: int) -> bytes:
    octets = bytearray()
    while number > 0x7F:  # noqa: PLR2004 - seven bits an octet
        octets.append(number & 0x7F | 0x80)
        number >>= 7
    octets.append(number)
    return bytes(octets)


def _varint(number: int) -> bytes:
    """Zigzag: the sign is the lowest bit."""
    return _uvarint(number << 1 if number >= 0 else ~(number << 1))


def _encode_chunk(samples: Sequence[Sample]) -> Chunk:
    """An XOR chunk. `bits` begins with a bit of its own, so that leading zeros are not lost."""
    first, value = samples[0]
    data = struct.pack(">H", len(samples)) + _varint(first)
    whole = int.from_bytes(struct.pack(">d", value), "big")
    bits, size = 1 << 64 | whole, 64
    before, delta, leading, trailing = first, 0, -1, 0
    for position, (at, value) in enumerate(samples[1:], 1):
        step = at - before
        if position == 1:
            coded = _uvarint(step)
            bits, size = bits << 8 * len(coded) | int.from_bytes(coded, "big"), size + 8 * len(coded)
        elif step == delta:
            bits, size = bits << 1, size + 1
        else:
            prefix, prefix_size, width = _width_of(step - delta)
            bits = (bits << prefix_size | prefix) << width | (step - delta) & (1 << width) - 1
            size += prefix_size + width
        before, delta = at, step
        now = int.from_bytes(struct.pack(">d", value), "big")
        changed, whole = whole ^ now, now
        if not changed:
            bits, size = bits << 1, size + 1
            continue
        zeros_before = min(64 - changed.bit_length(), _LEADING_MOST)
        zeros_after = (changed & -changed).bit_length() - 1
        if leading >= 0 and zeros_before >= leading and zeros_after >= trailing:
            width = 64 - leading - trailing
            bits, size = (bits << 2 | 0b10) << width | changed >> trailing, size + 2 + width
            continue
        leading, trailing = zeros_before, zeros_after
        width = 64 - leading - trailing
        # 64 significant bits do not fit six: they are told as 0.
        head = 0b11 << 11 | leading << 6 | width & 63
        bits, size = (bits << 13 | head) << width | changed >> trailing, size + 13 + width
    spare = -size % 8
    packed = (bits ^ 1 << size) << spare
    return Chunk(first, before, len(samples), data + packed.to_bytes((size + spare) // 8, "big"))


def _width_of(difference: int) -> tuple[int, int, int]:
    """How a difference of two steps is told: its prefix, the prefix's bits, and its own bits."""
    for prefix, prefix_size, width in ((0b10, 2, 14), (0b110, 3, 17), (0b1110, 4, 20)):
        if -(1 << width - 1) < difference <= 1 << width - 1:
            return prefix, prefix_size, width
    return 0b1111, 4, 64


@cache
def _checksum_table() -> tuple[int, ...]:
    table = []
    for octet in range(256):
        state = octet
        for _ in range(8):
            state = state >> 1 ^ (_CASTAGNOLI if state & 1 else 0)
        table.append(state)
    return tuple(table)


def crc32c(data: bytes | bytearray) -> int:
    """The cyclic redundancy check with Castagnoli's polynomial (RFC 3720, appendix B.4)."""
    table, state = _checksum_table(), 0xFFFFFFFF
    for octet in data:
        state = table[(state ^ octet) & 0xFF] ^ state >> 8
    return state ^ 0xFFFFFFFF


@cache
def _shift_by(octets: int) -> tuple[int, ...]:
    """What so many further octets make of each bit of a checksum.

    The checksum of two pieces is that of the first, shifted by the second's length, and that of the second, added
    without carry. So the checksum of what many series share is worked out once.
    """
    table = _checksum_table()
    result = tuple(1 << bit for bit in range(32))
    power = tuple(table[1 << bit & 0xFF] ^ (1 << bit) >> 8 for bit in range(32))
    while octets:
        if octets & 1:
            result = tuple(_shifted(bit, power) for bit in result)
        power = tuple(_shifted(bit, power) for bit in power)
        octets >>= 1
    return result


def _shifted(checksum: int, shift: Sequence[int]) -> int:
    result = 0
    while checksum:
        lowest = checksum & -checksum
        result ^= shift[lowest.bit_length() - 1]
        checksum ^= lowest
    return result
