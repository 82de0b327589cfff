"""Indonesia's holidays with collective leave, from the package `holidays`.

Owns keeping the package's answer, for loading it takes longer than a command may take to start. It must not know
working hours.
"""

import json
import os
from collections.abc import Callable
from contextlib import suppress
from datetime import date
from functools import cache
from importlib.util import find_spec
from pathlib import Path

from sopctl.chain.working_time import WorkingTime
from sopctl.settings import Settings

CATEGORIES = ("public", "government")
"""National holidays, and cuti bersama of the government."""


def working_time_of(settings: Settings) -> WorkingTime:
    """The office's calendar as `sopctl.yml` has it."""
    own = settings.working_time
    national = national_holidays(_cache_folder())
    return WorkingTime(
        zone=settings.zone,
        hours=own.hours.by_weekday(),
        is_holiday=lambda day: day in own.holidays or (day not in own.working_days and day in national(day.year)),
    )


def national_holidays(folder: Path) -> Callable[[int], frozenset[date]]:
    """The holidays of a year, kept as a file in `folder` for the next process."""

    @cache
    def of(year: int) -> frozenset[date]:
        kept = folder / f"holidays-{_edition()}-{year}.json"
        with suppress(OSError, ValueError, TypeError):
            return frozenset(date.fromisoformat(day) for day in json.loads(kept.read_text()))
        found = _ask_package(year)
        _keep(kept, found)
        return found

    return of


def _edition() -> str:
    """Which edition of the package is installed, without loading it: when its file on Indonesia was written."""
    package = find_spec("holidays")
    source = Path(package.origin or "").with_name("countries") / "indonesia.py" if package else Path()
    try:
        return f"{source.stat().st_mtime_ns:x}"
    except OSError:
        return "unknown"


def _ask_package(year: int) -> frozenset[date]:
    import holidays  # noqa: PLC0415  # takes longer to load than everything else together

    return frozenset(holidays.country_holidays("ID", years=year, categories=CATEGORIES))


def _keep(file: Path, days: frozenset[date]) -> None:
    temporary = file.with_name(f"{file.name}.{os.getpid()}")
    # Without the file the next process asks the package again, no more.
    with suppress(OSError):
        file.parent.mkdir(parents=True, exist_ok=True)
        temporary.write_text(json.dumps(sorted(day.isoformat() for day in days)))
        temporary.replace(file)


def _cache_folder() -> Path:
    base = os.environ.get("XDG_CACHE_HOME")
    try:
        return (Path(base) if base else Path("~/.cache").expanduser()) / "dcnet"
    except RuntimeError:
        # A user id without a home, as containers have: nothing can be kept below this one, and nothing need be.
        return Path(os.devnull)
