"""How fast sopctl answers: `sopctl status` of a cycle with its deadline against a Python that only imports click."""

import subprocess
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path

from bench.measured import compare


def measure_startup() -> None:
    """Compare `sopctl status` with the least that any click program costs."""
    with tempfile.TemporaryDirectory() as folder:
        place = Path(folder)
        _run(place, "-m", "sopctl", "init")()
        _run(place, "-m", "sopctl", "--as", "sekretaris", "open", "--period", "2024-10")()
        compare(
            "start of sopctl",
            ("sopctl status", _run(place, "-m", "sopctl", "status")),
            ("python -c 'import click'", _run(place, "-c", "import click")),
        )


def _run(folder: Path, *arguments: str) -> Callable[[], None]:
    def run() -> None:
        subprocess.run([sys.executable, *arguments], cwd=folder, stdout=subprocess.DEVNULL, check=True)

    return run
