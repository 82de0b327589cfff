import math
from collections.abc import Sequence
from pathlib import Path

import pytest
import requests

from lab.errors import LabError
from lab.past_prometheus import PastPrometheus, past_prometheus

NOON = 1_790_000_040
INSTANTS = range(NOON, NOON + 300, 60)


def told(past: PastPrometheus, selector: str) -> list[tuple[dict[str, str], list[tuple[float, float]]]]:
    answer = requests.get(
        f"{past.url}/api/v1/query", params={"query": f"{selector}[1h]", "time": str(INSTANTS[-1])}, timeout=10
    ).json()
    assert answer["status"] == "success", answer
    return [
        (one["metric"], [(float(at), float(value)) for at, value in one["values"]]) for one in answer["data"]["result"]
    ]


@pytest.mark.parametrize(
    "values",
    [
        pytest.param([0.1, -2.5e300, math.inf, 0, 7], id="one for each instant"),
        pytest.param(3.25, id="one for all"),
        pytest.param(0, id="nought"),
    ],
)
def test_prometheus_holds_what_was_written(tmp_path: Path, values: Sequence[float] | float) -> None:
    """Labels and values arrive as they were, whatever they are; an empty label is none; also from the block."""
    labels = {"__name__": "test:value", "name": 'Te1/0/1 "é"\n\\', "empty": "", "a": "1"}
    with past_prometheus(tmp_path) as past:
        past.take_in([(labels, INSTANTS, values)])
        [(metric, samples)] = told(past, "test:value")
        past.write_blocks(tmp_path / "data")
    assert metric == {name: value for name, value in labels.items() if value}
    each = values if isinstance(values, Sequence) else [values] * len(INSTANTS)
    assert samples == list(zip(map(float, INSTANTS), map(float, each), strict=True))
    assert len(list((tmp_path / "data").iterdir())) == 1


def test_many_series_in_several_requests_are_all_there(tmp_path: Path) -> None:
    """A month of one series may come after the month of another."""
    month = range(NOON, NOON + 31 * 86400, 60)
    with past_prometheus(tmp_path) as past:
        past.take_in(({"__name__": "test:many", "number": str(one)}, month, one) for one in range(12))
        query = {"query": "sum(count_over_time(test:many[31d]))", "time": str(month[-1])}
        answer = requests.get(f"{past.url}/api/v1/query", params=query, timeout=10).json()
    assert float(answer["data"]["result"][0]["value"][1]) == 12 * len(month)


def test_what_prometheus_refuses_is_told(tmp_path: Path) -> None:
    """A sample that comes too late ends the work in Prometheus' own words."""
    with past_prometheus(tmp_path) as past:
        past.take_in([({"__name__": "x"}, [NOON], 1)])
        with pytest.raises(LabError, match="Prometheus refused remote write: out of order sample"):
            past.take_in([({"__name__": "x"}, [NOON - 60], 1)])
