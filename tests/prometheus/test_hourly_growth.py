"""What an hour's rollup says a counter grew by, told by Debian's promtool: over gaps, restarts and beginnings."""

import json
import subprocess
from pathlib import Path

import pytest

from dcnet.catalogue import COUNTERS, Component, Part, RatioOfCounters, hourly_counters, hourly_parts

SENT = RatioOfCounters(method="ratio", numerator="increase(sent[$window])", denominator="increase(sent[$window])")
RULES = [
    {"record": "growth", "expr": hourly_parts(Component.LINK, SENT)[Part.NUMERATOR]},
    *(
        {"record": COUNTERS, "expr": expression, "labels": {"counter": name}}
        for name, expression in hourly_counters(SENT).items()
    ),
]


def hold(folder: Path, values: str, hours: dict[int, float | None]) -> None:
    """Hold the growth in the hour until each of `hours`, to the unit; `values` stand a minute apart from hour 0 on."""
    cases = [
        {
            "expr": "round(growth)",
            "eval_time": f"{hour}h",
            "exp_samples": [] if growth is None else [{"labels": '{link="isp-a"}', "value": growth}],
        }
        for hour, growth in hours.items()
    ]
    rules, file = folder / "rules.yml", folder / "case.yml"
    rules.write_text(json.dumps({"groups": [{"name": "rollups", "rules": RULES}]}), encoding="utf-8")
    series = [{"series": 'sent{link="isp-a"}', "values": values}]
    case = {"interval": "1m", "input_series": series, "promql_expr_test": cases}
    content = {"rule_files": [str(rules)], "evaluation_interval": "1h", "tests": [case]}
    file.write_text(json.dumps(content), encoding="utf-8")
    ran = subprocess.run(["promtool", "test", "rules", str(file)], capture_output=True, text=True, check=False)
    assert ran.returncode == 0, ran.stdout + ran.stderr


@pytest.mark.parametrize(
    ("values", "hours"),
    [
        pytest.param("0+60x240", {1: 3600, 2: 3600, 4: 3600}, id="a steady counter"),
        pytest.param("0+60x90 _x149 14400+60x60", {1: 3600, 2: 1800, 3: None, 4: 9000, 5: 3600}, id="a gap of hours"),
        pytest.param("0+60x30 _x2910 176460+60x60", {1: 1800, 49: None, 50: 3600}, id="a gap of more than two days"),
        pytest.param("600+60x90 0+60x150", {2: 3539, 3: 3600}, id="began anew within the hour"),
        pytest.param("36000+60x59 _x2 600+60x150", {1: 3540, 2: 4080}, id="began anew in a gap"),
        pytest.param("_x70 5000+60x100", {1: None, 2: 3030, 3: 3000}, id="began in the hour"),
    ],
)
def test_growth_of_an_hour(tmp_path: Path, values: str, hours: dict[int, float | None]) -> None:
    """What happened while nobody looked is in the first hour after; hours in a row add up to the whole growth."""
    hold(tmp_path, values, hours)
