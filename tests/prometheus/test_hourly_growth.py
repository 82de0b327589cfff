"""What an hour's rollup says a counter grew by, told by Debian's promtool: over gaps, restarts and beginnings."""

import json
import subprocess
from pathlib import Path

import pytest

from dcnet.catalogue import Component, Part, RatioOfCounters, hourly_parts

GROWTH = hourly_parts(
    Component.LINK,
    RatioOfCounters(method="ratio", numerator="increase(sent[$window])", denominator="increase(sent[$window])"),
)[Part.NUMERATOR]


def sums(folder: Path, values: str, hours: dict[int, float | None]) -> None:
    """Hold the growth in the hour until each of `hours`, to the unit; `values` stand a minute apart from hour 0 on."""
    cases = [
        {
            "expr": f"round({GROWTH})",
            "eval_time": f"{hour}h",
            "exp_samples": [] if growth is None else [{"labels": '{link="isp-a"}', "value": growth}],
        }
        for hour, growth in hours.items()
    ]
    series = [{"series": 'sent{link="isp-a"}', "values": values}]
    file = folder / "case.yml"
    case = {"interval": "1m", "input_series": series, "promql_expr_test": cases}
    file.write_text(json.dumps({"rule_files": [], "tests": [case]}), encoding="utf-8")
    ran = subprocess.run(["promtool", "test", "rules", str(file)], capture_output=True, text=True, check=False)
    assert ran.returncode == 0, ran.stdout + ran.stderr


@pytest.mark.parametrize(
    ("values", "hours"),
    [
        pytest.param("0+60x240", {1: 3600, 2: 3600, 4: 3600}, id="a steady counter"),
        pytest.param("0+60x90 _x149 14400+60x60", {1: 3600, 2: 1800, 3: None, 4: 9000, 5: 3600}, id="a gap of hours"),
        pytest.param("0+60x30 _x1470 90060+60x60", {1: 1800, 25: None, 26: 3600}, id="a gap of more than a day"),
        pytest.param("600+60x90 0+60x150", {2: 3539, 3: 3600}, id="began anew within the hour"),
        pytest.param("600+60x59 _x2 0+60x150", {1: 3540, 2: 3480}, id="began anew in a gap"),
        pytest.param("_x70 5000+60x100", {1: None, 2: 3030, 3: 3000}, id="began in the hour"),
    ],
)
def test_growth_of_an_hour(tmp_path: Path, values: str, hours: dict[int, float | None]) -> None:
    """What happened while nobody looked is in the first hour after; hours in a row add up to the whole growth."""
    sums(tmp_path, values, hours)
