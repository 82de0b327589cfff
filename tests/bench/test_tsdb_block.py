"""Blocks that the bench writes are Prometheus' own: what went in comes out, and promtool finds nothing wrong."""

import math
import re
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest
import requests

from bench.tsdb_block import crc32c, encode_chunks, write_block
from lab.backfill import serving

START = 1_780_000_000_000
"""Milliseconds since 1970; no full hour."""

SECONDS = 4 * 3600

VALUES = {
    "steady": [(START + 17 + 30_000 * number, 1.0) for number in range(480)],
    "growing": [(START + 17 + 30_000 * number, float(number * 1_234_567)) for number in range(480)],
    "curve": [(START + 60_000 * number, math.sin(number / 30) * 1e-3) for number in range(240)],
    "signs": [(START + 60_000 * number, (-math.pi) ** number) for number in range(200)],
    "gap": [(START + 30_000 * number, 7.5) for number in range(480) if not 100 <= number < 230],
    "unsteady": [(START + 1000 * number**2 + number % 7, number / 3) for number in range(120)],
    "hourly": [(START + 41_500 + 3_600_000 * number, -0.0 if number else math.inf) for number in range(4)],
    "single": [(START + 5, 5e-324)],
}
"""Between them: every way to tell a time's difference but the longest, and bits that reach from end to end."""

LABELS = {
    "steady": [{"__name__": "steady", "instance": f"device-{number}", "job": "devices"} for number in range(40)],
    "gap": [{"__name__": "gap", "object": "core-1:Te1/0/1", "alias": "ke rak “3” °", "empty": ""}],
}


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A data folder with one block."""
    data = tmp_path_factory.mktemp("store") / "data"
    series = []
    for name, samples in VALUES.items():
        chunks = encode_chunks(samples)
        series += [(labels, chunks) for labels in LABELS.get(name, [{"__name__": name}])]
    write_block(data, series)
    return data


@pytest.fixture(scope="module")
def url(store: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """A Prometheus that serves it."""
    with serving(store, tmp_path_factory.mktemp("work")) as address:
        yield address


def test_prometheus_reads_what_was_written(url: str) -> None:
    """Every sample of every series comes back with its time and value, and every label that has a value."""
    question = {"query": f'{{__name__=~".+"}}[{SECONDS}s]', "time": f"{START / 1000 + SECONDS - 1}"}
    answer = requests.post(f"{url}/api/v1/query", data=question, timeout=30).json()["data"]["result"]
    found = {
        tuple(sorted(one["metric"].items())): [(round(at * 1000), float(value)) for at, value in one["values"]]
        for one in answer
    }
    written = {
        tuple(sorted((key, value) for key, value in labels.items() if value)): samples
        for name, samples in VALUES.items()
        for labels in LABELS.get(name, [{"__name__": name}])
    }
    assert found == written


def test_prometheus_selects_by_labels(url: str) -> None:
    """Equality, expressions and what is absent are answered from the postings."""
    question = {"query": 'count({instance=~"device-[12].",job="devices"})', "time": f"{START / 1000 + 60}"}
    answer = requests.post(f"{url}/api/v1/query", data=question, timeout=30).json()["data"]["result"]
    assert answer[0]["value"][1] == "20"
    question["query"] = 'count({__name__!="",instance=""})'
    answer = requests.post(f"{url}/api/v1/query", data=question, timeout=30).json()["data"]["result"]
    assert answer[0]["value"][1] == str(len(VALUES) - 1), "all but the steady ones"


@pytest.mark.parametrize("command", [["list"], ["analyze"], ["dump"]], ids=lambda command: command[0])
def test_promtool_accepts_the_block(store: Path, command: list[str]) -> None:
    """Prometheus' own tool lists and analyzes it, and dumps every sample."""
    done = subprocess.run(["promtool", "tsdb", *command, str(store)], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    if command == ["dump"]:
        expected = sum(len(samples) * len(LABELS.get(name, [{}])) for name, samples in VALUES.items())
        assert len(re.findall(r"^\{", done.stdout, re.MULTILINE)) == expected


def test_series_on_the_same_chunks_share_them(tmp_path: Path) -> None:
    """A thousand series take the room of one in the chunks' file."""
    chunks = encode_chunks(VALUES["curve"])
    one = write_block(tmp_path / "one", [({"__name__": "a"}, chunks)])
    many = write_block(tmp_path / "many", [({"__name__": "a", "number": str(each)}, chunks) for each in range(1000)])
    assert (one / "chunks" / "000001").read_bytes() == (many / "chunks" / "000001").read_bytes()


def test_checksum_is_castagnoli() -> None:
    """The values of RFC 3720, appendix B.4, and the usual check."""
    assert crc32c(b"123456789") == 0xE3069283
    assert crc32c(bytes(32)) == 0x8A9136AA
    assert crc32c(bytes(range(32))) == 0x46DD794E
