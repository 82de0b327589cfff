"""The script that asks for Debian packages: which Python it means, and what an interruption leaves behind."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

SCRIPT = Path(__file__).parents[2] / "lab" / "require_programs.sh"


def write_program(file: Path, text: str) -> None:
    file.parent.mkdir(exist_ok=True)
    file.write_text(f"#!/bin/sh\n{text}\n")
    file.chmod(0o755)


def environment(folder: Path) -> dict[str, str]:
    """Programs of `folder/bin` come first; the policy file is the test's own."""
    path = f"{folder / 'bin'}{os.pathsep}{os.environ['PATH']}"
    return {**os.environ, "PATH": path, "PYTHON": sys.executable, "DCNET_POLICY_FILE": str(folder / "policy")}


@pytest.mark.parametrize("ending", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP], ids=lambda ending: ending.name)
def test_an_interrupted_installation_leaves_no_policy(tmp_path: Path, ending: signal.Signals) -> None:
    """Whichever way it is interrupted, services of packages installed later may start."""
    write_program(tmp_path / "bin" / "id", "echo 0")
    # As Ctrl-C reaches the whole group, the signal ends this one too.
    write_program(tmp_path / "bin" / "apt-get", f"touch {tmp_path / 'started'}; exec sleep 60")
    process = subprocess.Popen(
        [SCRIPT, "no-such-program:no-such-package"],
        env=environment(tmp_path),
        start_new_session=True,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    deadline = time.monotonic() + 60
    while not (tmp_path / "started").exists():
        assert process.poll() is None
        assert time.monotonic() < deadline
        time.sleep(0.01)
    assert (tmp_path / "policy").exists()
    os.killpg(process.pid, ending)
    assert process.wait(60) == 128 + ending
    assert not (tmp_path / "policy").exists()


def test_the_python_that_make_uses_is_asked_for_venv(tmp_path: Path) -> None:
    """A python3 that can make no environment does not matter when PYTHON names another, and the other way round."""
    write_program(tmp_path / "bin" / "python3", "exit 1")
    write_program(tmp_path / "bin" / "bare-python", "exit 1")
    write_program(tmp_path / "bin" / "id", "echo 1000")
    given = environment(tmp_path)
    assert subprocess.run([SCRIPT], env=given, capture_output=True, check=False).returncode == 0
    run = subprocess.run([SCRIPT], env={**given, "PYTHON": "bare-python"}, capture_output=True, text=True, check=False)
    assert run.returncode == 1
    assert "python3-venv" in run.stderr


def test_what_is_not_on_path_is_named_by_its_file(tmp_path: Path) -> None:
    """A module in a folder that differs between machines is found by a wildcard; else its package is said."""
    write_program(tmp_path / "bin" / "id", "echo 1000")
    (tmp_path / "x86" / "modules").mkdir(parents=True)
    (tmp_path / "x86" / "modules" / "there.so").touch()

    def asked(name: str) -> "subprocess.CompletedProcess[str]":
        command = [str(SCRIPT), f"{tmp_path}/*/modules/{name}:the-package"]
        return subprocess.run(command, env=environment(tmp_path), capture_output=True, text=True, check=False)

    assert asked("there.so").returncode == 0
    missing = asked("missing.so")
    assert missing.returncode == 1
    assert "the-package" in missing.stderr
