"""The image's proof without an engine and with one that fails. With a real one: `make image-test`."""

import os
import subprocess
import sys
from pathlib import Path

SCRIPT = Path(__file__).parents[2] / "lab" / "prove_image.sh"


def prove(folder: Path, docker: str) -> "subprocess.CompletedProcess[str]":
    """Run the script with `docker` as the engine's client and `folder` for temporary files."""
    program = folder / "bin" / "docker"
    program.parent.mkdir()
    program.write_text(f"#!/bin/sh\n{docker}\n")
    program.chmod(0o755)
    (folder / "tmp").mkdir()
    environment = {
        **os.environ,
        "PATH": f"{program.parent}{os.pathsep}{os.environ['PATH']}",
        "TMPDIR": str(folder / "tmp"),
        "ATTEMPTS": "2",
        "BIN": str(Path(sys.executable).parent),
    }
    return subprocess.run([SCRIPT], env=environment, capture_output=True, text=True, check=False)


def test_without_an_engine_the_proof_is_skipped_and_says_so(tmp_path: Path) -> None:
    """Nothing is built and nothing fails where no Docker engine answers."""
    run = prove(tmp_path, "exit 1")
    assert run.returncode == 0
    assert "SKIPPED" in run.stdout


def test_an_image_that_cannot_be_built_fails_the_proof(tmp_path: Path) -> None:
    """A failed build is a failed proof, and the lab's secrets do not stay behind."""
    run = prove(tmp_path, 'test "$1" != build')
    assert run.returncode == 1
    assert "FAILED: docker build" in run.stderr
    assert not list((tmp_path / "tmp").iterdir())


def test_an_exporter_that_does_not_answer_fails_the_proof(tmp_path: Path) -> None:
    """A container that runs and does not answer is no proof."""
    run = prove(tmp_path, 'test "$1" != exec')
    assert run.returncode == 1
    assert "FAILED: /-/healthy" in run.stderr
    assert not list((tmp_path / "tmp").iterdir())
