"""Questions to a Prometheus (or Thanos, Mimir, VictoriaMetrics) over its HTTP API.

Owns transport, authentication, retries and the check of what comes back. It must not build expressions
or judge values. Every failure is a PrometheusError that says whom it asked, what, what came and what to
do; credentials appear in none.

Source: Prometheus' HTTP API v1, `/api/v1/query`.
"""

import math
import queue
import re
import threading
import time
from base64 import b64encode
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any
from urllib.parse import urlsplit

import requests
import urllib3

from dcnet.language import Words
from sopctl.adapters.prometheus_answer import AnswerError, read_answer, read_samples, read_vector
from sopctl.checklist.month_window import evaluation_time
from sopctl.checklist.samples import Question, RawSeries, Sample
from sopctl.errors import SopctlError
from sopctl.settings import PrometheusSettings

CHUNK_SECONDS = 86_400
"""Raw samples are fetched a day at a time: 1,440 recorded samples a series stay far below any limit."""

AT_ONCE = 2
"""Questions under way at a time: while one answer is read, the next is worked out. A small Prometheus has two cores."""

SAMPLES_AN_ANSWER = 100_000
HOUR = 3600
LEAST_CHUNK_SECONDS = HOUR
HOURLY_CHUNK_SECONDS = 7 * 86_400
"""Hourly values a week at a time: 168 a series."""

FIRST_PAUSE_SECONDS = 0.5
LONGEST_PAUSE_SECONDS = 8.0
LONGEST_QUESTION = 200
READ_BYTES = 65_536
RETRIED_STATUSES = frozenset({429, *range(500, 600)})


class PrometheusError(SopctlError):
    """A question that got no usable answer."""


class _Passing(Exception):  # noqa: N818  # internal: carries the error to raise when no try is left
    """What may be gone at the next try."""

    def __init__(self, error: PrometheusError) -> None:
        super().__init__(str(error))
        self.error = error


class PrometheusClient:
    """Asks one Prometheus. `sleep` waits between tries."""

    def __init__(self, settings: PrometheusSettings, sleep: Callable[[float], None] = time.sleep) -> None:
        self._settings = settings
        self._sleep = sleep
        self._warnings: dict[str, None] = {}
        self._session = requests.Session()
        # Proxies and .netrc of the caller's environment must not decide where credentials go.
        self._session.trust_env = False
        self._session.verify = str(settings.ca_file) if settings.ca_file is not None else True
        self._session.headers.update(settings.headers)
        if settings.bearer_token is not None:
            self._session.headers["Authorization"] = f"Bearer {settings.bearer_token.get_secret_value()}"
        if settings.basic_auth is not None:
            pair = f"{settings.basic_auth.username}:{settings.basic_auth.password.get_secret_value()}"
            # Ours, in UTF-8: requests would encode the pair as Latin-1.
            self._session.headers["Authorization"] = f"Basic {b64encode(pair.encode()).decode()}"

    @property
    def source(self) -> str:
        """The address asked, without credentials."""
        parts = urlsplit(self._settings.url)
        return f"{parts.scheme}://{parts.netloc.rpartition('@')[2]}{parts.path}"

    @property
    def warnings(self) -> tuple[str, ...]:
        """What the answers warned of so far, each once, in the order of appearance."""
        return tuple(self._warnings)

    def query_at(self, expression: str, at: float) -> list[Sample]:
        """The instant vector of `expression` at `at` (seconds since the epoch). Raises PrometheusError."""
        answer = self._ask(expression, at)
        return self._understand(expression, lambda: read_vector(answer))

    def query_all(self, questions: Sequence[Question]) -> list[Sequence[Sample]]:
        """The instant vectors of several questions, in their order; AT_ONCE of them are under way at a time.

        Raises the first PrometheusError, without waiting for what is still under way.
        """
        answers: queue.SimpleQueue[tuple[int, list[Sample] | BaseException]] = queue.SimpleQueue()
        waiting = iter(enumerate(questions))
        lock = threading.Lock()

        def work() -> None:
            while True:
                with lock:
                    number, question = next(waiting, (-1, ("", 0.0)))
                if number < 0:
                    return
                try:
                    answers.put((number, self.query_at(*question)))
                except Exception as error:  # noqa: BLE001  # whatever it is, whoever asked gets it
                    answers.put((number, error))
                    return

        # Daemons: Ctrl-C must not wait for a slow answer.
        for _ in range(min(AT_ONCE, len(questions))):
            threading.Thread(target=work, daemon=True).start()
        found: dict[int, list[Sample]] = {}
        while len(found) < len(questions):
            number, answer = answers.get()
            if isinstance(answer, BaseException):
                raise answer
            found[number] = answer
        return [found[number] for number in range(len(questions))]

    def fetch_samples(self, selector: str, start: float, end: float, about: float | None = None) -> list[RawSeries]:
        """The raw samples of `selector` with start <= time < end. Raises PrometheusError.

        Asked for as `selector[…]`, which answers with the samples' own timestamps: as much at a time as keeps answers
        near SAMPLES_AN_ANSWER where it is known `about` how many there are, else a day.
        """
        chunk = CHUNK_SECONDS if about is None else math.ceil((end - start) * SAMPLES_AN_ANSWER / max(about, 1.0))
        return self._fetch(lambda seconds: f"{selector}[{seconds}s]", start, end, max(chunk, LEAST_CHUNK_SECONDS))

    def fetch_hourly(self, expression: str, start: float, end: float) -> list[RawSeries]:
        """The values of `expression` at each full hour (UTC) with start <= time < end. Raises PrometheusError."""
        count = max(math.ceil((end - start) / HOURLY_CHUNK_SECONDS), 1)
        # VictoriaMetrics leaves the last step of a range out, or does not begin at full hours, where it has few steps.
        return self._fetch(
            lambda seconds: f"({expression})[{seconds}s:1h]", start, end, math.ceil((end - start) / count), beyond=HOUR
        )

    def _fetch(
        self,
        expression_of: Callable[[int], str],
        start: float,
        end: float,
        chunk_seconds: int,
        *,
        beyond: int = 0,
    ) -> list[RawSeries]:
        """What lies in `start` to `end`, a chunk at a time; each is asked for with so many seconds more at its end."""
        points: dict[tuple[tuple[str, str], ...], list[tuple[float, float]]] = {}
        for first, last in _chunks(start, end, chunk_seconds):
            expression = expression_of(round(last - first) + beyond)
            answer = self._ask(expression, evaluation_time(last + beyond))
            for series in self._understand(expression, lambda answer=answer: read_samples(answer)):  # type: ignore[misc]
                known = points.setdefault(tuple(sorted(series.labels.items())), [])
                known += [(at, value) for at, value in series.points if first <= at < last]
        return [RawSeries(dict(labels), tuple(found)) for labels, found in points.items() if found]

    def _understand(self, expression: str, read: Callable[[], Sequence[Any]]) -> list[Any]:
        try:
            return list(read())
        except AnswerError as error:
            raise self._error(expression, error.words) from error

    def _ask(self, expression: str, at: float) -> Mapping[str, Any]:
        """The `data` of the answer, after as many tries as the settings allow."""
        pause = FIRST_PAUSE_SECONDS
        for left in range(self._settings.retries, -1, -1):
            try:
                return self._try(expression, at)
            except _Passing as passing:
                if not left:
                    raise passing.error from passing
            self._sleep(pause)
            pause = min(2 * pause, LONGEST_PAUSE_SECONDS)
        raise AssertionError("the last try returns or raises")

    def _try(self, expression: str, at: float) -> Mapping[str, Any]:
        deadline = time.monotonic() + self._settings.timeout_seconds
        try:
            with self._session.post(
                f"{self._settings.url}/api/v1/query",
                data={**self._settings.parameters, "query": expression, "time": told_time(at)},
                timeout=self._settings.timeout_seconds,
                # A redirected POST turns into a GET, and would carry our headers to a host nobody named.
                allow_redirects=False,
                stream=True,
            ) as response:
                body = _read_body(response, deadline)
        except requests.exceptions.SSLError as error:
            raise self._error(expression, _tls_words(error)) from error
        except requests.exceptions.Timeout as error:
            raise _Passing(self._error(expression, self._timeout_words())) from error
        except (requests.exceptions.ConnectionError, requests.exceptions.ChunkedEncodingError) as error:
            raise _Passing(self._error(expression, _connection_words(error))) from error
        # ValueError: a header or address that cannot be written as HTTP wants it.
        except (requests.exceptions.RequestException, ValueError) as error:
            raise self._error(expression, _other_words(error)) from error
        except OSError as error:
            # What is left is the file of authorities: requests looks for it before it connects.
            raise self._error(expression, _tls_words(error)) from error
        try:
            answer = read_answer(response.status_code, response.headers, body)
        except AnswerError as error:
            told = self._error(expression, error.words)
            raise (_Passing(told) if response.status_code in RETRIED_STATUSES else told) from error
        self._warnings.update(dict.fromkeys(answer.warnings))
        return answer.data

    def _error(self, expression: str, what: Words) -> PrometheusError:
        asked = expression if len(expression) <= LONGEST_QUESTION else expression[:LONGEST_QUESTION] + "…"
        return PrometheusError(
            Words(
                f"Prometheus {self.source}: {what.id}\n  yang ditanyakan: {asked}",
                f"Prometheus {self.source}: {what.en}\n  what was asked: {asked}",
            )
        )

    def _timeout_words(self) -> Words:
        seconds = f"{self._settings.timeout_seconds:g}"
        return Words(
            f"tidak menjawab dalam {seconds} detik; periksa beban Prometheus atau naikkan prometheus.timeout_seconds",
            f"no answer within {seconds} seconds; check the load of Prometheus or raise prometheus.timeout_seconds",
        )


def told_time(at: float) -> str:
    """An instant (seconds since the epoch) as Prometheus reads it to the millisecond: RFC 3339.

    From a number of seconds it loses the last millisecond now and then, and with it the sample stamped there.
    """
    seconds, milliseconds = divmod(round(at * 1000), 1000)
    return f"{datetime.fromtimestamp(seconds, UTC):%Y-%m-%dT%H:%M:%S}.{milliseconds:03}Z"


def _chunks(start: float, end: float, seconds: int) -> Iterator[tuple[float, float]]:
    while start < end:
        last = min(start + seconds, end)
        yield start, last
        start = last


def _read_body(response: requests.Response, deadline: float) -> bytes:
    """The whole body. A server that sends a byte now and then is as slow as one that sends none.

    Read as it comes: `iter_content` waits until a piece is full, however long that takes.
    """
    body = bytearray()
    try:
        while piece := response.raw.read1(READ_BYTES, decode_content=True):
            body += piece
            if time.monotonic() > deadline:
                raise requests.exceptions.ReadTimeout("the body took too long")
    except urllib3.exceptions.ReadTimeoutError as error:
        raise requests.exceptions.ReadTimeout(error) from error
    except urllib3.exceptions.SSLError as error:
        raise requests.exceptions.SSLError(error) from error
    except urllib3.exceptions.DecodeError as error:
        raise requests.exceptions.ContentDecodingError(error) from error
    except urllib3.exceptions.HTTPError as error:
        raise requests.exceptions.ChunkedEncodingError(error) from error
    return bytes(body)


def _innermost(error: BaseException) -> str:
    """The reason below the layers that wrap it, without the names of Python objects."""
    while True:
        below = getattr(error, "reason", None) or next(
            (argument for argument in error.args if isinstance(argument, BaseException)), None
        )
        if not isinstance(below, BaseException):
            break
        error = below
    text = getattr(error, "strerror", None) or str(error)
    return re.sub(r"^HTTPS?Connection(Pool)?\([^)]*\): |\[Errno -?\d+\] ", "", text)


def _connection_words(error: BaseException) -> Words:
    if isinstance(error, requests.exceptions.ChunkedEncodingError):
        return Words(
            "jawabannya terputus di tengah; coba lagi, lalu periksa proxy di antaranya",
            "its answer broke off in the middle; try again, then check the proxies in between",
        )
    reason = _innermost(error)
    return Words(
        f"tidak dapat dihubungi ({reason}); periksa prometheus.url di sopctl.yml dan apakah Prometheus berjalan",
        f"cannot be reached ({reason}); check prometheus.url in sopctl.yml and whether Prometheus runs",
    )


def _tls_words(error: BaseException) -> Words:
    reason = _innermost(error)
    return Words(
        f"TLS gagal ({reason}); periksa sertifikat server dan prometheus.ca_file",
        f"TLS failed ({reason}); check the server's certificate and prometheus.ca_file",
    )


def _other_words(error: BaseException) -> Words:
    reason = type(error).__name__
    return Words(
        f"permintaan tidak dapat dikirim ({reason}); periksa bagian prometheus di sopctl.yml",
        f"the request could not be sent ({reason}); check the prometheus section of sopctl.yml",
    )
