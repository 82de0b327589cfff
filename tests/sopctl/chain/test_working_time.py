"""Deadlines in working hours, over weekends and Indonesian holidays."""

from datetime import date, datetime, time
from pathlib import Path

import pytest

from sopctl.adapters.holiday_calendar import national_holidays, working_time_of
from sopctl.chain.deadlines import due_after
from sopctl.chain.steps import step_number
from sopctl.chain.working_time import WorkingTime
from sopctl.settings_working_time import WeekHours
from tests.sopctl.conftest import JAKARTA
from tests.sopctl.report.conftest import made_settings


@pytest.fixture(scope="module")
def office(tmp_path_factory: pytest.TempPathFactory) -> WorkingTime:
    """The default hours, and the package's holidays."""
    of_year = national_holidays(tmp_path_factory.mktemp("holidays"))
    return WorkingTime(JAKARTA, WeekHours().by_weekday(), lambda day: day in of_year(day.year))


def _at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=JAKARTA)


@pytest.mark.parametrize(
    ("step", "since", "due"),
    [
        pytest.param(2, "2026-11-02 09:00", "2026-11-02 09:10", id="ten minutes"),
        pytest.param(2, "2026-11-02 15:55", "2026-11-03 07:35", id="over the night"),
        pytest.param(2, "2026-11-06 16:25", "2026-11-09 07:35", id="over the weekend, Friday ends later"),
        pytest.param(6, "2026-11-07 12:00", "2026-11-09 08:00", id="half an hour from a Saturday"),
        pytest.param(6, "2026-12-23 15:50", "2026-12-28 07:50", id="over cuti bersama, Christmas and the weekend"),
        pytest.param(5, "2026-11-05 10:00", "2026-11-06 10:00", id="a working day"),
        pytest.param(5, "2026-11-06 10:00", "2026-11-09 10:00", id="a working day over the weekend"),
        pytest.param(5, "2026-11-05 18:00", "2026-11-09 07:30", id="a working day from an evening"),
        pytest.param(4, "2026-11-02 09:00", "2026-12-02 09:00", id="a month"),
        pytest.param(4, "2026-01-31 09:00", "2026-03-02 09:00", id="a month that ends on a Saturday"),
        pytest.param(4, "2026-11-25 09:00", "2026-12-28 09:00", id="a month that ends on Christmas"),
    ],
)
def test_a_step_is_due_by_the_standard_time(office: WorkingTime, step: int, since: str, due: str) -> None:
    """Minutes count in working hours, a day is a working day, a month ends on a working day."""
    assert due_after(step_number(step), _at(since), office) == _at(due)


def test_breaks_do_not_count() -> None:
    """Hours may have a break; ten minutes begun before it end after it."""
    hours = WeekHours(friday=("07:30-11:30", "13:00-16:30")).by_weekday()
    assert hours[4] == ((time(7, 30), time(11, 30)), (time(13), time(16, 30)))
    office = WorkingTime(JAKARTA, hours, lambda _day: False)
    assert office.after_minutes(_at("2026-11-06 11:25"), 10) == _at("2026-11-06 13:05")


def test_a_calendar_without_working_days_ends_all_the_same() -> None:
    """A mistake in the settings makes a deadline early, not a command endless."""
    office = WorkingTime(JAKARTA, {}, lambda _day: False)
    assert office.after_minutes(_at("2026-11-06 11:25"), 10) == _at("2026-11-06 11:35")
    assert office.after_working_day(_at("2026-11-06 11:25")) == _at("2026-11-07 11:25")


def test_holidays_are_asked_once_and_kept(tmp_path: Path) -> None:
    """The next process reads them from the file; one that is damaged is made again."""
    days = national_holidays(tmp_path)(2026)
    assert {date(2026, 8, 17), date(2026, 12, 24), date(2026, 12, 25)} <= days
    (kept,) = tmp_path.iterdir()
    assert kept.name.endswith("-2026.json")
    kept.write_text('["2026-01-02"]')
    assert national_holidays(tmp_path)(2026) == {date(2026, 1, 2)}
    kept.write_text("{")
    assert national_holidays(tmp_path)(2026) == days


def test_a_login_without_a_home_has_holidays_all_the_same(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """As a container's user has it that no one made."""

    def nobody(_uid: int) -> None:
        raise KeyError

    for name in ("HOME", "XDG_CACHE_HOME"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setattr("pwd.getpwuid", nobody)
    assert working_time_of(made_settings(tmp_path)).on(date(2026, 12, 25)) == ()
