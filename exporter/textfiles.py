"""Textfiles: metrics that other programs leave as files, published on `/metrics` with the exporter's own.

Owns reading them and what is no good about one; a bad file is told and leaves the others alone. It must not know what
their metrics mean.
"""

import os
import stat
from collections.abc import Container, Iterable, Iterator, Sequence
from pathlib import Path

from prometheus_client.core import Metric
from prometheus_client.parser import text_string_to_metric_families
from prometheus_client.registry import Collector

from exporter import metrics
from exporter.sample_set import SampleSet

LARGEST_BYTES = 1 << 20
RESERVED = ("dcnet_", "process_", "python_")
"""Names of the exporter's own metrics, which no file may take."""


class TextfileError(Exception):
    """Why a textfile is not published."""


class Textfiles(Collector):
    """What was read from the textfiles."""

    def __init__(self, families: Iterable[Metric]) -> None:
        self._families = tuple(families)

    def collect(self) -> Iterator[Metric]:
        """The families of every good file."""
        yield from self._families


def read_textfiles(files: Sequence[Path], samples: SampleSet) -> Textfiles:
    """Read `files`; whether each was good, and how old it is, goes to `samples`."""
    families: dict[str, Metric] = {}
    for file in files:
        try:
            found, modified = _read(file)
            _check(found, families)
        except (TextfileError, OSError, ValueError):
            samples.add(metrics.TEXTFILE_SUCCESS, 0, str(file))
            continue
        samples.add(metrics.TEXTFILE_SUCCESS, 1, str(file))
        samples.add(metrics.TEXTFILE_MODIFIED, modified, str(file))
        families |= {family.name: family for family in found}
    return Textfiles(families.values())


def _read(file: Path) -> tuple[list[Metric], float]:
    descriptor = os.open(file, os.O_RDONLY | os.O_NONBLOCK)
    with os.fdopen(descriptor, "rb") as opened:
        status = os.fstat(descriptor)
        if not stat.S_ISREG(status.st_mode) or status.st_size > LARGEST_BYTES:
            raise TextfileError("no regular file of at most a megabyte")
        text = opened.read(LARGEST_BYTES).decode()
    if text and not text.endswith("\n"):
        raise TextfileError("its last line is cut short")
    return list(text_string_to_metric_families(text)), status.st_mtime


def _check(families: Iterable[Metric], taken: Container[str]) -> None:
    seen: set[object] = set()
    for family in families:
        if family.name.startswith(RESERVED) or family.name in taken:
            raise TextfileError(f"{family.name} is the exporter's own, or stands in another file")
        for sample in family.samples:
            series = (sample.name, tuple(sorted(sample.labels.items())))
            if sample.timestamp is not None or series in seen:
                raise TextfileError(f"{sample.name} carries a timestamp, or stands there twice")
            seen.add(series)
