"""What comes back from Prometheus' HTTP API, checked and turned into samples.

Owns the shape of answers and of the errors in them. It must not send anything.

Source: Prometheus' HTTP API v1 (status, data, warnings, infos); VictoriaMetrics' `isPartial`.
"""

import json
import re
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any

from dcnet.language import Words
from sopctl.checklist.samples import RawSeries, Sample

LONGEST_QUOTE = 160
PARTIAL = "partial answer (isPartial): some of its stores did not take part"
SHUT_OUT = (HTTPStatus.UNAUTHORIZED, HTTPStatus.FORBIDDEN)


class AnswerError(Exception):
    """An answer that holds no data; `words` says what came and what to do."""

    def __init__(self, words: Words) -> None:
        super().__init__(words.en)
        self.words = words


@dataclass(frozen=True, slots=True)
class Answer:
    """A complete answer."""

    data: Mapping[str, Any]
    warnings: tuple[str, ...]


def read_answer(status: int, headers: Mapping[str, str], body: bytes) -> Answer:
    """The data of a successful answer. Raises AnswerError for every other."""
    document = _parse(body)
    if 300 <= status < 400:  # noqa: PLR2004  # the redirections of RFC 9110
        target = headers.get("Location", "?").partition("?")[0]
        raise AnswerError(
            Words(
                f"mengalihkan ke {target}; tulis alamat akhirnya pada prometheus.url",
                f"redirects to {target}; write the final address in prometheus.url",
            )
        )
    if status in SHUT_OUT:
        raise AnswerError(
            Words(
                f"menolak akses (HTTP {status}); periksa basic_auth, bearer_token atau headers",
                f"refuses access (HTTP {status}); check basic_auth, bearer_token or headers",
            )
        )
    if isinstance(document, dict) and document.get("status") == "error":
        kind, text = document.get("errorType", "?"), document.get("error", "?")
        raise AnswerError(
            Words(f"menolak pertanyaan (HTTP {status}, {kind}): {text}", f"refuses (HTTP {status}, {kind}): {text}")
        )
    if status != HTTPStatus.OK:
        quoted = _quote(body)
        raise AnswerError(
            Words(
                f"menjawab HTTP {status} ({quoted}); periksa log Prometheus dan proxy di depannya",
                f"answered HTTP {status} ({quoted}); check the log of Prometheus and of proxies before it",
            )
        )
    if not isinstance(document, dict) or document.get("status") != "success" or "data" not in document:
        raise AnswerError(_not_an_answer(body))
    told = document.get("warnings") or []
    warnings = [str(warning) for warning in (told if isinstance(told, list) else [told])]
    # VictoriaMetrics says it by a flag where Thanos and Mimir warn: the reader must be told the same way.
    partial = [PARTIAL] if document.get("isPartial") else []
    return Answer(document["data"], (*warnings, *partial))


def read_vector(data: Mapping[str, Any]) -> list[Sample]:
    """The samples of an instant vector. Raises AnswerError."""
    try:
        _require_type(data, "vector")
        return [Sample(_labels(one["metric"]), float(one["value"][1])) for one in data["result"]]
    except (KeyError, TypeError, ValueError, IndexError, AttributeError) as error:
        raise AnswerError(_unknown_shape(error)) from error


def read_samples(data: Mapping[str, Any]) -> list[RawSeries]:
    """The samples of a range vector. Raises AnswerError."""
    try:
        _require_type(data, "matrix")
        return [
            RawSeries(_labels(one["metric"]), tuple((float(at), float(value)) for at, value in one["values"]))
            for one in data["result"]
        ]
    except (KeyError, TypeError, ValueError, IndexError, AttributeError) as error:
        raise AnswerError(_unknown_shape(error)) from error


def _labels(metric: Mapping[str, str]) -> dict[str, str]:
    """Every answer of a month names the same objects: one string for each of them, not one an answer."""
    return {name: sys.intern(value) for name, value in metric.items()}


def _require_type(data: Mapping[str, Any], expected: str) -> None:
    if data["resultType"] != expected:
        raise ValueError(f"resultType {data['resultType']!r}, expected {expected!r}")


def _parse(body: bytes) -> Any:
    try:
        return json.loads(body)
    except (ValueError, RecursionError):
        return None


def _quote(body: bytes) -> str:
    """The beginning of a body as a person can read it."""
    text = re.sub(r"\s+", " ", re.sub(r"<[^>]*>", " ", body.decode(errors="replace"))).strip()
    return text[:LONGEST_QUOTE] + ("…" if len(text) > LONGEST_QUOTE else "")


def _not_an_answer(body: bytes) -> Words:
    if not body.strip():
        return Words(
            "menjawab dengan isi kosong; periksa prometheus.url dan proxy di antaranya",
            "answered with nothing; check prometheus.url and the proxies in between",
        )
    quoted = _quote(body)
    return Words(
        f"tidak menjawab dengan JSON Prometheus melainkan: {quoted}; periksa prometheus.url dan proxy di antaranya",
        f"did not answer with Prometheus' JSON but: {quoted}; check prometheus.url and the proxies in between",
    )


def _unknown_shape(error: Exception) -> Words:
    return Words(
        f"bentuk jawabannya tidak dikenal ({type(error).__name__}: {error}); periksa prometheus.url",
        f"the shape of its answer is unknown ({type(error).__name__}: {error}); check prometheus.url",
    )
