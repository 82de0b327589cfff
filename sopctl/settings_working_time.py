"""The office's working hours and what it changes in the list of holidays, in `sopctl.yml`."""

import re
from datetime import date, time
from itertools import pairwise
from typing import Annotated, TypeAlias

from pydantic import AfterValidator

from dcnet.language import Words
from sopctl.chain.working_time import Hours
from sopctl.settings_base import Model, SettingError

STRETCH = re.compile(r"(\d\d:\d\d)-(\d\d:\d\d)")


def _stretches(value: tuple[str, ...]) -> tuple[str, ...]:
    parse_hours(value)
    return value


def parse_hours(stretches: tuple[str, ...]) -> Hours:
    """`("07:30-12:00", "13:00-16:00")` as times. Raises SettingError."""
    found = tuple(_parse_stretch(stretch) for stretch in stretches)
    for (_begins, before), (begins, _ends) in pairwise(found):
        if begins < before:
            raise _no_hours(", ".join(stretches))
    return found


def _parse_stretch(stretch: str) -> tuple[time, time]:
    match = STRETCH.fullmatch(stretch)
    if match is None:
        raise _no_hours(stretch)
    try:
        begins, ends = (time.fromisoformat(clock) for clock in match.groups())
    except ValueError as error:
        raise _no_hours(stretch) from error
    if begins >= ends:
        raise _no_hours(stretch)
    return begins, ends


def _no_hours(found: str) -> SettingError:
    return SettingError(
        Words(
            f'{found!r}: jam kerja ditulis "07:30-16:00", berurutan dalam sehari',
            f'{found!r}: working hours are written "07:30-16:00", in order within a day',
        )
    )


Stretches: TypeAlias = Annotated[tuple[str, ...], AfterValidator(_stretches)]


class WeekHours(Model):
    """Working hours of each weekday; empty: no working day."""

    monday: Stretches = ("07:30-16:00",)
    tuesday: Stretches = ("07:30-16:00",)
    wednesday: Stretches = ("07:30-16:00",)
    thursday: Stretches = ("07:30-16:00",)
    friday: Stretches = ("07:30-16:30",)
    saturday: Stretches = ()
    sunday: Stretches = ()

    def by_weekday(self) -> dict[int, Hours]:
        """Hours by weekday, 0 for Monday."""
        days = (self.monday, self.tuesday, self.wednesday, self.thursday, self.friday, self.saturday, self.sunday)
        return {weekday: parse_hours(stretches) for weekday, stretches in enumerate(days)}


class WorkingTimeSettings(Model):
    """When the office works. Holidays are Indonesia's, with collective leave (cuti bersama)."""

    hours: WeekHours = WeekHours()
    holidays: frozenset[date] = frozenset()
    """Days off beyond the national list."""

    working_days: frozenset[date] = frozenset()
    """Days of the national list on which the office works all the same."""
