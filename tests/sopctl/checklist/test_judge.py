"""The rule of judgement, case by case."""

import pytest

from dcnet.catalogue import Indicator, Limits
from sopctl.checklist.judge import Measured, judge_status, natural_order
from sopctl.evidence import Status

MONTH = Limits(warning=0.005, critical=0.02)
MOMENT = Limits(warning=0.01, critical=0.05)
ONE_LIMIT = Limits(warning=0.01, critical=0.01)
TOLERATED = 30
MINIMUM_COVERAGE = 0.5

INDICATOR = Indicator.model_validate(
    {
        "id": "loss",
        "component": "link",
        "team": "internet",
        "title": {"id": "-", "en": "-"},
        "explanation": {"id": "-", "en": "-"},
        "action": {"id": "-", "en": "-"},
        "unit": "ratio",
        "direction": "above",
        "expression": "vector(0)",
        "limits": {"warning": 0.01, "critical": 0.05},
        "lookback_minutes": 0,
        "alert_after": "5m",
        "month": {
            "summary": {"method": "quantile", "quantile": 0.95},
            "limits": {"warning": 0.005, "critical": 0.02},
            "minimum_coverage": MINIMUM_COVERAGE,
            "tolerated_degraded_minutes": TOLERATED,
        },
    }
)


def measured(
    value: float | None = 0.0, coverage: float = 1.0, degraded: int = 0, critical: int = 0, planned: bool = False
) -> Measured:
    return Measured(value, coverage, degraded, critical, planned)


@pytest.mark.parametrize(
    ("figures", "moment", "expected"),
    [
        pytest.param(measured(), MOMENT, Status.GOOD, id="nothing is wrong"),
        pytest.param(measured(0.005), MOMENT, Status.GOOD, id="a value at its limit is not past it"),
        pytest.param(measured(0.0051), MOMENT, Status.DEGRADED, id="a value past the warning limit"),
        pytest.param(measured(0.021), MOMENT, Status.CRITICAL, id="a value past the critical limit"),
        pytest.param(measured(degraded=30), MOMENT, Status.GOOD, id="as many minutes as are tolerated"),
        pytest.param(measured(degraded=31), MOMENT, Status.DEGRADED, id="more minutes than are tolerated"),
        pytest.param(measured(degraded=31, critical=30), MOMENT, Status.DEGRADED, id="critical for a tolerated time"),
        pytest.param(measured(degraded=31, critical=31), MOMENT, Status.CRITICAL, id="critical for too long"),
        pytest.param(measured(degraded=31, critical=31), ONE_LIMIT, Status.DEGRADED, id="one limit is no critical one"),
        pytest.param(measured(planned=True), MOMENT, Status.PLANNED, id="bad in planned work only"),
        pytest.param(measured(0.006, planned=True), MOMENT, Status.DEGRADED, id="planned work excuses nothing else"),
        pytest.param(measured(None, 0.0), MOMENT, Status.NO_DATA, id="nothing measured"),
        pytest.param(measured(None, 0.5), MOMENT, Status.NO_DATA, id="recorded, but without a value"),
        pytest.param(measured(degraded=14, planned=True), MOMENT, Status.GOOD, id="bad outside planned work too"),
        pytest.param(measured(degraded=31, planned=True), MOMENT, Status.DEGRADED, id="and for too long"),
        pytest.param(measured(0.0, 0.499), MOMENT, Status.NO_DATA, id="too little measured to be good"),
        pytest.param(measured(0.9, 0.499), MOMENT, Status.NO_DATA, id="too little measured to be bad by its value"),
        pytest.param(measured(0.0, MINIMUM_COVERAGE), MOMENT, Status.GOOD, id="just enough measured"),
        pytest.param(measured(0.006, MINIMUM_COVERAGE), MOMENT, Status.DEGRADED, id="just enough to be bad"),
        pytest.param(measured(0.0, 0.05, 30, 30), MOMENT, Status.NO_DATA, id="tolerated within the little measured"),
        pytest.param(measured(0.0, 0.05, 31, 31), MOMENT, Status.CRITICAL, id="critical within the little measured"),
        pytest.param(measured(0.0, 0.05, 31, 31), ONE_LIMIT, Status.DEGRADED, id="the same with one limit"),
        pytest.param(measured(None, 0.05, 31), MOMENT, Status.DEGRADED, id="degraded within the little measured"),
        pytest.param(measured(0.0, 0.05, planned=True), MOMENT, Status.NO_DATA, id="planned work is no measurement"),
    ],
)
def test_a_month_is_judged(figures: Measured, moment: Limits, expected: Status) -> None:
    """Value and minutes against their limits, in the order of what is worst."""
    assert judge_status(INDICATOR, MONTH, moment, figures) is expected


def test_a_limit_of_an_indicator_that_is_bad_below_is_a_floor() -> None:
    """Availability is past its limit when it is lower."""
    below = INDICATOR.model_copy(update={"direction": type(INDICATOR.direction)("below")})
    limits = Limits(warning=0.999, critical=0.99)
    assert judge_status(below, limits, limits, measured(0.999)) is Status.GOOD
    assert judge_status(below, limits, limits, measured(0.998)) is Status.DEGRADED
    assert judge_status(below, limits, limits, measured(0.98)) is Status.CRITICAL


def test_what_has_no_critical_limit_is_never_critical() -> None:
    """However bad its value: Menurun is the worst that it can be."""
    limits = Limits(warning=0.01)
    assert judge_status(INDICATOR, limits, limits, measured(1.0, degraded=40_000)) is Status.DEGRADED


def test_ports_are_listed_as_people_count() -> None:
    """Port 2 comes before port 10, and a name without a number has its place."""
    names = ["sw:Gi1/0/10", "sw:Gi1/0/2", "sw:Te1", "10g", "sw"]
    assert sorted(names, key=natural_order) == ["10g", "sw", "sw:Gi1/0/2", "sw:Gi1/0/10", "sw:Te1"]
