"""Working hours and working days, in which the SOP's standard times are counted.

Pure; hours and holidays are passed in.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta, tzinfo
from typing import TypeAlias

Hours: TypeAlias = tuple[tuple[time, time], ...]
"""The stretches of a day in which people work, in order."""

DAYS_AHEAD = 400
"""A calendar without a working day for so long is a mistake in the settings; the search must end."""


@dataclass(frozen=True, slots=True)
class WorkingTime:
    """The calendar of an office."""

    zone: tzinfo
    hours: Mapping[int, Hours]
    """By weekday, 0 for Monday; a missing or empty one is no working day."""

    is_holiday: Callable[[date], bool]

    def on(self, day: date) -> tuple[tuple[datetime, datetime], ...]:
        """The working stretches of `day`; empty on a holiday."""
        if not self.hours.get(day.weekday()) or self.is_holiday(day):
            return ()
        return tuple(
            (datetime.combine(day, begins, self.zone), datetime.combine(day, ends, self.zone))
            for begins, ends in self.hours[day.weekday()]
        )

    def after_minutes(self, since: datetime, minutes: int) -> datetime:
        """When `minutes` of working time have passed since `since`."""
        left = timedelta(minutes=minutes)
        for day in self._days(since):
            for begins, ends in self.on(day):
                start = max(begins, since.astimezone(self.zone))
                if start < ends:
                    if ends - start >= left:
                        return start + left
                    left -= ends - start
        return since + timedelta(minutes=minutes)

    def after_working_day(self, since: datetime) -> datetime:
        """The same time one working day later, counted from when work begins."""
        begun = self._next_working(since)
        return self.at_or_after(begun.date() + timedelta(days=1), begun.timetz().replace(tzinfo=None))

    def after_month(self, since: datetime) -> datetime:
        """The same time a calendar month later; on the next working day where that day is none."""
        local = since.astimezone(self.zone)
        year, month = (local.year + 1, 1) if local.month == 12 else (local.year, local.month + 1)  # noqa: PLR2004
        first_of_the_next = date(year + month // 12, month % 12 + 1, 1)
        day = min(local.day, (first_of_the_next - timedelta(days=1)).day)
        return self.at_or_after(date(year, month, day), local.timetz().replace(tzinfo=None))

    def at_or_after(self, day: date, clock: time) -> datetime:
        """`clock` on the first working day from `day` on, brought within its working hours."""
        wanted = datetime.combine(day, clock, self.zone)
        for candidate in self._days(wanted):
            stretches = self.on(candidate)
            if stretches:
                same = datetime.combine(candidate, clock, self.zone)
                return min(max(same, stretches[0][0]), stretches[-1][1])
        return wanted

    def _next_working(self, since: datetime) -> datetime:
        local = since.astimezone(self.zone)
        for day in self._days(since):
            for begins, ends in self.on(day):
                if local < ends:
                    return max(local, begins)
        return local

    def _days(self, since: datetime) -> tuple[date, ...]:
        first = since.astimezone(self.zone).date()
        return tuple(first + timedelta(days=ahead) for ahead in range(DAYS_AHEAD))
