"""Series as requests of Prometheus' remote write protocol 1.0.

Owns the bytes: the message WriteRequest (prompb/remote.proto, prompb/types.proto) in Snappy's block format. It must
not send them or know what the samples mean.
"""

from collections.abc import Iterable, Mapping, Sequence
from functools import cache
from struct import pack

CONTENT = {
    "Content-Type": "application/x-protobuf",
    "Content-Encoding": "snappy",
    "X-Prometheus-Remote-Write-Version": "0.1.0",
}
"""Headers of a request."""

_SERIES, _LABEL, _NAME, _VALUE, _SAMPLE = b"\x0a", b"\x0a", b"\x0a", b"\x12", b"\x12"
"""Tags of fields that hold bytes: WriteRequest.timeseries, TimeSeries.labels, Label.name and .value,
TimeSeries.samples."""

_MILLISECONDS = 1000


def encode_series(labels: Mapping[str, str], samples: bytes) -> bytes:
    """A TimeSeries of encoded samples as a field of a WriteRequest.

    `labels` with `__name__`; empty ones are left out, as Prometheus does.
    """
    named = b"".join(
        _LABEL + _sized(_NAME + _sized(name.encode()) + _VALUE + _sized(value.encode()))
        for name, value in sorted(labels.items())
        if value
    )
    return _SERIES + _sized(named + samples)


def encode_samples(instants: Sequence[int], values: Sequence[float] | float) -> bytes:
    """Samples as fields of a TimeSeries.

    `instants`: seconds since 1970, rising. `values`: one for each instant, or one for all.
    """
    if not instants:
        return b""
    if isinstance(values, int | float):
        # One long join: millions of samples never change.
        head = _value_of_sample(float(values))
        return head + head.join(map(_time_of_sample, instants))
    return b"".join([_value_of_sample(float(v)) + _time_of_sample(t) for v, t in zip(values, instants, strict=True)])


def encode_request(series: Iterable[bytes]) -> bytes:
    """A WriteRequest of encoded series, as the request's body."""
    message = b"".join(series)
    # A block of Snappy may be one literal, which nothing compresses.
    return _varint(len(message)) + b"\xfc" + pack("<I", len(message) - 1) + message


def _value_of_sample(value: float) -> bytes:
    """All of a Sample that stands before its time: tag, length 16 and the double of field 1."""
    return _SAMPLE + b"\x10\x09" + pack("<d", value)


@cache
def _time_of_sample(instant: int) -> bytes:
    """Field 2 of a Sample; six bytes of a time of our age."""
    return b"\x10" + _varint(instant * _MILLISECONDS)


def _sized(content: bytes) -> bytes:
    return _varint(len(content)) + content


def _varint(number: int) -> bytes:
    written = bytearray()
    while number > 0x7F:
        written.append(number & 0x7F | 0x80)
        number >>= 7
    written.append(number)
    return bytes(written)
