"""How fast sopctl answers: `sopctl status` against a Python that only imports click.

Once in a new store, once in one of demo keys with a few signed cycles, whose chains each start checks.
"""

import subprocess
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path

from bench.measured import compare

GOAL_SECONDS = 0.3
SIGNED_MONTHS = ("2024-07", "2024-08", "2024-09", "2024-10")
DISPOSITIONS = (("sekretaris", "open"), ("kabag", "assign"), ("kasubag", "assign"))


def measure_startup() -> None:
    """Compare `sopctl status` with the least that any click program costs, and say the goal."""
    with tempfile.TemporaryDirectory() as folder:
        new, signed = Path(folder) / "new", Path(folder) / "signed"
        _make_site(new, SIGNED_MONTHS[-1:], DISPOSITIONS[:1])
        _make_site(signed, SIGNED_MONTHS, DISPOSITIONS, "--demo-ca")
        for title, place in (("new store", new), (f"{len(SIGNED_MONTHS)} signed cycles", signed)):
            compare(
                f"start of sopctl, {title}",
                ("sopctl status", _run(place, "-m", "sopctl", "status")),
                ("python -c 'import click'", _run(place, "-c", "import click")),
            )
            print(f"  goal: sopctl status under {GOAL_SECONDS * 1000:.0f} ms wall")  # noqa: T201 - a bench speaks to a terminal


def _make_site(folder: Path, months: tuple[str, ...], steps: tuple[tuple[str, str], ...], *options: str) -> None:
    folder.mkdir()
    _run(folder, "-m", "sopctl", "init", *options)()
    settings = folder / "sopctl.yml"
    # One login plays all officials.
    settings.write_text(settings.read_text().replace("allow_consecutive_steps: false", "allow_consecutive_steps: true"))
    for month in months:
        for official, command in steps:
            _run(folder, "-m", "sopctl", "--as", official, command, "--period", month)()


def _run(folder: Path, *arguments: str) -> Callable[[], None]:
    def run() -> None:
        subprocess.run([sys.executable, *arguments], cwd=folder, stdout=subprocess.DEVNULL, check=True)

    return run
