"""Tags and lengths of BER, as far as SNMP needs them: to look into a message's head cheaply, and to write short ones.

Pure. What stands inside a PDU is message.py's. Sources: X.690 section 8.1, RFC 3417 section 8 (definite lengths).
"""

INTEGER = 0x02
OCTETS = 0x04
OBJECT_ID = 0x06
SEQUENCE = 0x30
COUNTER32 = 0x41
LONG_FORM = 0x80
LONGEST_LENGTH_BYTES = 3
"""Of the length of anything that fits into a datagram."""


class BerError(ValueError):
    """Bytes that are no BER of the expected kind."""


def read_head(data: bytes, at: int, limit: int) -> tuple[int, int, int]:
    """The tag at `at`, and where its content starts and ends; all of it before `limit`. Raises BerError."""
    if at + 2 > limit:
        raise BerError("cut short")
    tag, length, start = data[at], data[at + 1], at + 2
    if length & LONG_FORM:
        count = length & ~LONG_FORM
        if not 1 <= count <= LONGEST_LENGTH_BYTES or start + count > limit:
            raise BerError("bad length")
        length = int.from_bytes(data[start : start + count], "big")
        start += count
    if start + length > limit:
        raise BerError("longer than what holds it")
    return tag, start, start + length


def expect(data: bytes, at: int, limit: int, tag: int) -> tuple[int, int]:
    """Where the content of a `tag` at `at` starts and ends. Raises BerError when another tag stands there."""
    found, start, end = read_head(data, at, limit)
    if found != tag:
        raise BerError(f"tag {found:#x}, expected {tag:#x}")
    return start, end


def expect_integer(data: bytes, at: int, limit: int) -> tuple[int, int]:
    """An INTEGER of at most 5 bytes at `at`, and where it ends. Raises BerError."""
    start, end = expect(data, at, limit, INTEGER)
    if not 1 <= end - start <= 5:  # noqa: PLR2004 - 32 bits and a sign
        raise BerError("bad integer")
    return int.from_bytes(data[start:end], "big", signed=True), end


def write(tag: int, content: bytes) -> bytes:
    """`content` under `tag`, with its length."""
    if len(content) < LONG_FORM:
        return bytes((tag, len(content))) + content
    length = len(content).to_bytes((len(content).bit_length() + 7) // 8, "big")
    return bytes((tag, LONG_FORM | len(length))) + length + content


def write_integer(value: int, tag: int = INTEGER) -> bytes:
    """A number that is not negative."""
    return write(tag, value.to_bytes(value.bit_length() // 8 + 1, "big"))
