"""Programs that the stack starts: waited for, told when they fail, ended, and never mistaken for another's."""

import json
import os
import signal
import sys
from contextlib import suppress
from pathlib import Path

import pytest

from lab.processes import ProcessError, Processes

SLEEPER = [sys.executable, "-c", "import sys, time; open(sys.argv[1], 'w').close(); time.sleep(600)"]


def is_alive(pid: int) -> bool:
    """Whether the process exists and is no corpse."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False


def test_a_program_is_waited_for_and_ended(tmp_path: Path) -> None:
    """Starting returns when the program is ready; ending leaves no process and no record."""
    processes, ready = Processes(tmp_path / "run"), tmp_path / "ready"
    processes.start("sleeper", [*SLEEPER, str(ready)], ready.exists)
    pid = json.loads((tmp_path / "run" / "sleeper.json").read_text())["pid"]
    assert ready.exists()
    assert processes.running() == ["sleeper"]
    assert processes.end_all() == ["sleeper"]
    assert not is_alive(pid)
    assert processes.running() == []
    assert processes.end_all() == []


def test_a_program_that_dies_early_is_told_with_the_end_of_its_log(tmp_path: Path) -> None:
    """The message names the program and shows what it said last."""
    command = [sys.executable, "-c", "print('kabel putus'); raise SystemExit(3)"]
    with pytest.raises(ProcessError, match=r"broken: ended before it was ready(?s:.*)kabel putus"):
        Processes(tmp_path).start("broken", command, lambda: False)


def test_a_program_that_never_gets_ready_is_told(tmp_path: Path) -> None:
    """Waiting has an end, and what was started can still be ended."""
    processes = Processes(tmp_path / "run")
    with pytest.raises(ProcessError, match="not ready after 0 s"):
        processes.start("late", [*SLEEPER, str(tmp_path / "ready")], lambda: False, ready_seconds=0.1)
    assert processes.end_all() == ["late"]


@pytest.mark.parametrize("text", ["", "{", "[]", "{}", '{"pid": "x", "started": "1"}', '{"pid": 0, "started": null}'])
def test_a_record_cut_short_keeps_nothing_from_ending(tmp_path: Path, text: str) -> None:
    """Beside a record that is none the others' programs are ended, and it is cleared away."""
    processes, ready = Processes(tmp_path / "run"), tmp_path / "ready"
    processes.start("sleeper", [*SLEEPER, str(ready)], ready.exists)
    (tmp_path / "run" / "broken.json").write_text(text)
    assert processes.running() == ["sleeper"]
    assert processes.end_all() == ["sleeper"]
    assert not list((tmp_path / "run").glob("*.json*"))


def test_a_child_that_ignores_the_end_goes_with_its_leader(tmp_path: Path) -> None:
    """Whoever outlives SIGTERM and the program that started it is killed."""
    stubborn = (
        "import os, signal, sys, time\n"
        "if os.fork() == 0:\n"
        "    signal.signal(signal.SIGTERM, signal.SIG_IGN)\n"
        "    open(sys.argv[1] + '.new', 'w').write(str(os.getpid()))\n"
        "    os.rename(sys.argv[1] + '.new', sys.argv[1])\n"
        "time.sleep(600)\n"
    )
    processes, ready = Processes(tmp_path / "run"), tmp_path / "ready"
    processes.start("leader", [sys.executable, "-c", stubborn, str(ready)], ready.exists)
    child = int(ready.read_text())
    try:
        assert is_alive(child)
        assert processes.end_all(end_seconds=0.5) == ["leader"]
        assert not is_alive(child)
    finally:
        with suppress(ProcessLookupError):
            os.kill(child, signal.SIGKILL)


def test_an_id_that_belongs_to_somebody_else_by_now_is_left_alone(tmp_path: Path) -> None:
    """A record whose process is gone never ends the process that has its id today."""
    (tmp_path / "old.json").write_text(json.dumps({"pid": os.getpid(), "started": "1"}))
    processes = Processes(tmp_path)
    assert processes.running() == []
    assert processes.end_all() == []
    assert not (tmp_path / "old.json").exists()
