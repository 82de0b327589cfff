"""Every alert on Debian's promtool: it fires when it should, and not when it should not."""

import os
import subprocess
from pathlib import Path

import pytest

from tests.prometheus.alert_cases import all_groups, level_file, load_cases, promtool_files

ALERTS = sorted({rule["alert"] for group in all_groups() for rule in group["rules"] if "alert" in rule})
ALWAYS = {"Watchdog"}


@pytest.mark.parametrize("alert", sorted(load_cases()))
def test_the_alert_fires_and_stays_silent_as_told(alert: str, tmp_path: Path) -> None:
    """Promtool finds every case of the alert to be so."""
    _run_promtool([file.name for file in promtool_files(alert, tmp_path)], tmp_path)


def test_levels_of_weeks_are_what_they_are_made_of(tmp_path: Path) -> None:
    """Promtool works each level out of days and weeks of samples as told."""
    _run_promtool([level_file(tmp_path).name], tmp_path)


def _run_promtool(files: list[str], folder: Path) -> None:
    run = subprocess.run(
        ["promtool", "test", "rules", *files],
        cwd=folder,
        # Half of such a short run would be Go's garbage collection.
        env={**os.environ, "GOGC": "800"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert run.returncode == 0, run.stdout + run.stderr


@pytest.mark.parametrize("alert", ALERTS)
def test_the_alert_has_both_kinds_of_cases(alert: str) -> None:
    """No alert goes out that was never seen firing, or never seen silent; only the Watchdog is never silent."""
    cases = [case for case, _ in load_cases().get(alert, [])]
    assert any(case.fires for case in cases)
    assert any(case.silent for case in cases) or alert in ALWAYS


def test_every_case_is_of_an_alert() -> None:
    """A case whose alert is gone would be run by nothing."""
    assert set(load_cases()) == set(ALERTS)
