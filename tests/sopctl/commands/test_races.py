"""Several processes at one step."""

import subprocess
from collections.abc import Callable
from typing import Any

RACERS = 4


def test_one_of_four_processes_takes_the_step(walk_commands: Callable[[int], Any]) -> None:
    """Four approvals at once: one is recorded, three are told that the step was taken, the ledger is whole."""
    line = walk_commands(8)
    racers = [
        line.start("--as", "sekretaris", "approve", stdout=subprocess.PIPE, stderr=subprocess.PIPE)
        for _racer in range(RACERS)
    ]
    said = [racer.communicate() for racer in racers]
    assert sorted(racer.returncode for racer in racers) == [0, 1, 1, 1]
    for racer, (_out, error) in zip(racers, said, strict=True):
        if racer.returncode:
            assert b"sudah selesai: disetujui" in error or b"proses lain baru saja mencatat" in error
        assert b"Traceback" not in error
    assert "9 kejadian" in line.done("verify")
    assert line.done("log").count("approve") == 1


def test_openings_at_once_leave_one_chain(command_line: Any) -> None:
    """Four months opened at once: each is recorded once or told to try again, and the ledger has no fork."""
    months = [f"2024-0{number}" for number in range(1, RACERS + 1)]
    racers = [
        line
        for month in months
        for line in [
            command_line.start(
                "--as", "sekretaris", "open", "--period", month, stdout=subprocess.PIPE, stderr=subprocess.PIPE
            )
        ]
    ]
    for racer in racers:
        _out, error = racer.communicate()
        assert racer.returncode == 0 or b"proses lain baru saja mencatat" in error
    for month, racer in zip(months, racers, strict=True):
        if racer.returncode:
            command_line.done("--as", "sekretaris", "open", "--period", month)
    assert "4 siklus, 4 kejadian" in command_line.done("verify")
