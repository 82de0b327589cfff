"""A short-lived Prometheus that is told a past, works out recording rules over it, and leaves it as a block.

Owns how it is run and asked: samples come in by remote write, a rule is asked for as a range query, and what it gives
comes in as the series that the rule records. It must not know what the samples mean.
"""

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor, wait
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeAlias

import requests

from dcnet.language import Words
from lab.backfill import LOOKBACK_SECONDS, move_blocks, serving
from lab.errors import LabError
from lab.remote_write import CONTENT, encode_request, encode_samples, encode_series

AT_ONCE = 3
"""Requests under way: two keep the two cores of a small machine busy while a third is put together."""

GARBAGE = {"GOGC": "300", "GOMEMLIMIT": "1500MiB"}
"""A fifth of Prometheus' time would be the collection of garbage. Where memory grows it is collected as usual."""

STEPS = 1440
"""Evaluations that a query asks for: `timestamp` of a series reads all that the query spans at every one of them."""

REQUEST_BYTES = 4_000_000
"""A write of about so much at once."""

_RESULT, _METRIC, _VALUES = '"result":[', '{"metric":{', '},"values":[['
"""Where an answer begins, and each of its series, and what that tells."""

ANSWER_SECONDS = 300
UNCOMPRESSED = {"Accept-Encoding": "identity"}
"""What never leaves this machine need not be small."""

HEAD_RANGE = "1500h"
"""Length of blocks. A Prometheus takes samples that are up to half a block older than its newest: a whole month, then,
series after series, and it compacts nothing meanwhile."""


Past: TypeAlias = tuple[Mapping[str, str], Sequence[int], Sequence[float] | float]
"""A series: its labels with `__name__`, its instants in seconds since 1970, rising, and a value for each or for all."""


@dataclass(frozen=True, slots=True)
class PastPrometheus:
    """A running one."""

    url: str
    data: Path

    def take_in(self, series: Iterable[Past]) -> None:
        """Write series, each with all its samples. Raises LabError."""
        last: list[bytes] = []
        with ThreadPoolExecutor(AT_ONCE) as pool:
            sent: set[Future[None]] = set()
            for request in _batched(_all_but_last(series, last)):
                while len(sent) > AT_ONCE:
                    sent = _without_finished(sent)
                sent.add(pool.submit(self._write, request))
            while sent:
                sent = _without_finished(sent)
        # Prometheus keeps of every sample in which write it came until the series' next write, and reads all of that
        # for every 120 samples (tsdb, memSeries.iterator): after this one there is nothing left of it.
        for request in _batched(iter(last)):
            self._write(request)

    def record(self, rules: Sequence[tuple[Mapping[str, Any], int]], start: int, end: int) -> None:
        """Work out recording rules, each at its own step in seconds, from `start` to `end`, both included.

        They see what was there before, not each other's results. Raises LabError.
        """
        with ThreadPoolExecutor(AT_ONCE) as pool:
            for _ in pool.map(lambda one: self._record(one[0], one[1], start, end), rules):
                pass

    def _record(self, rule: Mapping[str, Any], step: int, start: int, end: int) -> None:
        first = -(-start // step) * step
        for begin in range(first, end + 1, STEPS * step):
            until = min(begin + (STEPS - 1) * step, end)
            asked = {"query": rule["expr"], "start": begin, "end": until, "step": step}
            answer = requests.post(
                f"{self.url}/api/v1/query_range", data=asked, headers=UNCOMPRESSED, timeout=ANSWER_SECONDS
            )
            if not answer.ok:
                said = answer.json().get("error", answer.text) if "json" in answer.headers["Content-Type"] else "-"
                record = rule["record"]
                raise LabError(Words(f"aturan {record} gagal: {said}", f"evaluating the rule {record} failed: {said}"))
            for request in _batched(_recorded(rule, answer.content.decode())):
                self._write(request)

    def _write(self, request: bytes) -> None:
        answer = requests.post(f"{self.url}/api/v1/write", data=request, headers=CONTENT, timeout=ANSWER_SECONDS)
        self._require(answer, "remote write")

    def write_blocks(self, target: Path) -> None:
        """Write all that it holds as finished blocks to the data folder `target`. Raises LabError."""
        answer = requests.post(f"{self.url}/api/v1/admin/tsdb/snapshot", timeout=ANSWER_SECONDS)
        self._require(answer, "snapshot")
        move_blocks(self.data / "snapshots" / answer.json()["data"]["name"], target)

    @staticmethod
    def _require(answer: requests.Response, what: str) -> None:
        if not answer.ok:
            said = (answer.text.strip() or "-").splitlines()[-1]
            raise LabError(Words(f"Prometheus menolak {what}: {said}", f"Prometheus refused {what}: {said}"))


@contextmanager
def past_prometheus(work: Path) -> Iterator[PastPrometheus]:
    """An empty one in the folder `work`. Raises LabError."""
    data = work / "past"
    options = (
        *("--web.enable-remote-write-receiver", "--web.enable-admin-api"),
        *(f"--storage.tsdb.min-block-duration={HEAD_RANGE}", f"--storage.tsdb.max-block-duration={HEAD_RANGE}"),
    )
    with serving(data, work, LOOKBACK_SECONDS, options=options, environment=GARBAGE) as url:
        yield PastPrometheus(url, data)


def _all_but_last(series: Iterable[Past], last: list[bytes]) -> Iterator[bytes]:
    """The series encoded without their last samples, which go to `last`."""
    for labels, instants, values in series:
        if len(instants) > 1:
            before = values if isinstance(values, int | float) else values[:-1]
            yield encode_series(labels, encode_samples(instants[:-1], before))
        after = values if isinstance(values, int | float) else values[-1]
        last.append(encode_series(labels, encode_samples(instants[-1:], after)))


def _recorded(rule: Mapping[str, Any], answer: str) -> Iterator[bytes]:
    """The series of a range query's answer as Prometheus records them: the rule's name, and its labels over others.

    The answer is taken apart where Prometheus joins it, for most of its series tell the same at the same instants: what
    they tell is read once. A quotation mark within a label would be escaped, so that none of the joints lies in one.
    """
    encoded: dict[str, bytes] = {}
    at = answer.index(_RESULT) + len(_RESULT)
    while answer.startswith(_METRIC, at):
        middle = answer.index(_VALUES, at)
        end = answer.index("]]}", middle)
        labels = {**json.loads(answer[at + len(_METRIC) - 1 : middle + 1]), **rule.get("labels", {})}
        told = answer[middle + len(_VALUES) - 2 : end + 2]
        if told not in encoded:
            encoded[told] = _samples_of(json.loads(told))
        yield encode_series({**labels, "__name__": rule["record"]}, encoded[told])
        at = end + len("]]},")


def _samples_of(told: Sequence[tuple[int, str]]) -> bytes:
    instants, values = zip(*told, strict=True)
    same = values.count(values[0]) == len(values)
    return encode_samples(instants, float(values[0]) if same else [float(value) for value in values])


def _batched(series: Iterable[bytes]) -> Iterator[bytes]:
    """Requests of about REQUEST_BYTES."""
    batch: list[bytes] = []
    size = 0
    for one in series:
        batch.append(one)
        size += len(one)
        if size >= REQUEST_BYTES:
            yield encode_request(batch)
            batch, size = [], 0
    if batch:
        yield encode_request(batch)


def _without_finished(sent: set[Future[None]]) -> set[Future[None]]:
    """Those still under way, after one more has ended. Raises what it raised."""
    done, going = wait(sent, return_when="FIRST_COMPLETED")
    for one in done:
        one.result()
    return going
