"""Programs that the stack starts in the background, each with a log and a record by which it is ended later.

Owns starting, waiting for readiness and ending; ends only what it started: a record holds the process's
id together with its start time, so that an id that the system gave to somebody else is left alone.
"""

import json
import os
import signal
import socket
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from dcnet.errors import PublicError
from dcnet.language import Words

POLL_SECONDS = 0.05
END_SECONDS = 20
LOG_TAIL_LINES = 15


class ProcessError(PublicError):
    """A program that did not start, did not become ready or did not end."""


@dataclass(frozen=True, slots=True)
class Processes:
    """The programs recorded in `folder`: NAME.json beside NAME.log."""

    folder: Path

    def start(
        self,
        name: str,
        command: Sequence[str],
        is_ready: Callable[[], bool],
        environment: Mapping[str, str] | None = None,
        ready_seconds: float = 60,
    ) -> None:
        """Start `command` in a session of its own and wait until it is ready.

        Raises ProcessError, with the end of its log, when it ends early or is not ready in time.
        """
        self.folder.mkdir(parents=True, exist_ok=True)
        log = self.folder / f"{name}.log"
        pid = _spawn(command, log, os.environ | dict(environment or {}))
        record = {"pid": pid, "started": _start_time(pid)}
        # Whole or not at all: a record cut short would leave a program that nobody can end.
        unfinished = self.folder / f"{name}.json.new"
        unfinished.write_text(json.dumps(record))
        unfinished.rename(self.folder / f"{name}.json")
        deadline = time.monotonic() + ready_seconds
        while not is_ready():
            if os.waitpid(pid, os.WNOHANG) != (0, 0):
                raise _failed(name, log, Words("berhenti sebelum siap", "ended before it was ready"))
            if time.monotonic() > deadline:
                late = Words(f"belum siap setelah {ready_seconds:.0f} s", f"not ready after {ready_seconds:.0f} s")
                raise _failed(name, log, late)
            time.sleep(POLL_SECONDS)

    def running(self) -> list[str]:
        """Names of the recorded programs that still run."""
        return [name for name, pid in self._records() if pid is not None]

    def end_all(self, end_seconds: float = END_SECONDS) -> list[str]:
        """End every recorded program, the last started first; the names of those that ran.

        Who has not ended `end_seconds` after SIGTERM gets SIGKILL.
        Raises ProcessError when one survives SIGKILL.
        """
        ended = []
        for name, pid in self._records():
            if pid is not None:
                _end(name, pid, end_seconds)
                ended.append(name)
            (self.folder / f"{name}.json").unlink()
        return ended

    def _records(self) -> list[tuple[str, int | None]]:
        """Recorded programs, the last started first, with their id while they run."""
        files = sorted(self.folder.glob("*.json"), key=lambda file: file.stat().st_mtime_ns, reverse=True)
        return [(file.stem, _living(file)) for file in files]


def _living(file: Path) -> int | None:
    """The id of the recorded program while it runs; None too where the record is no record."""
    try:
        record = json.loads(file.read_text())
        pid, started = record["pid"], record["started"]
    except (ValueError, LookupError, TypeError):
        return None
    return pid if isinstance(pid, int) and started is not None and _start_time(pid) == started else None


def _spawn(command: Sequence[str], log: Path, environment: Mapping[str, str]) -> int:
    """Start `command` in a session of its own, its output in `log`; its process id.

    Not subprocess.Popen: what outlives this process on purpose has no use for an object that watches it.
    """
    output = os.open(log, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_CLOEXEC, 0o644)
    try:
        actions = [
            (os.POSIX_SPAWN_OPEN, 0, os.devnull, os.O_RDONLY, 0),
            (os.POSIX_SPAWN_DUP2, output, 1),
            (os.POSIX_SPAWN_DUP2, output, 2),
        ]
        return os.posix_spawnp(command[0], tuple(command), environment, file_actions=actions, setsid=True)
    finally:
        os.close(output)


def port_is_open(host: str, port: int) -> bool:
    """Whether something accepts TCP connections there."""
    with socket.socket() as probe:
        probe.settimeout(1)
        return probe.connect_ex((host, port)) == 0


def _start_time(pid: int) -> str | None:
    """When the process started (proc(5), field 22 of stat), None where it is gone or only its corpse is left."""
    try:
        fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    except OSError:
        return None
    return None if fields[0] == "Z" else fields[19]


def _members(group: int) -> list[int]:
    """The living processes of a process group (proc(5), field 5 of stat)."""
    members = []
    for stat in Path("/proc").glob("[0-9]*/stat"):
        try:
            fields = stat.read_text().rpartition(")")[2].split()
        except OSError:
            continue
        if fields[0] not in "ZX" and fields[2] == str(group):
            members.append(int(stat.parent.name))
    return members


def _end(name: str, pid: int, end_seconds: float) -> None:
    """End the whole group that `pid` leads: a child may outlive its leader, or refuse SIGTERM."""
    for ending in (signal.SIGTERM, signal.SIGKILL):
        try:
            os.killpg(pid, ending)
        except ProcessLookupError:
            return
        deadline = time.monotonic() + end_seconds
        while _members(pid):
            if time.monotonic() > deadline:
                break
            time.sleep(POLL_SECONDS)
        else:
            _reap(pid)
            return
    raise ProcessError(Words(f"{name} (pid {pid}) tidak berhenti", f"{name} (pid {pid}) does not end"))


def _reap(pid: int) -> None:
    """Take the exit status of our own child; another session's is its parent's."""
    try:
        os.waitpid(pid, os.WNOHANG)
    except ChildProcessError:
        return


def _failed(name: str, log: Path, why: Words) -> ProcessError:
    tail = "\n".join(log.read_text(errors="replace").splitlines()[-LOG_TAIL_LINES:])
    return ProcessError(
        Words(
            f"{name}: {why.id}; akhir lognya ({log}):\n{tail}",
            f"{name}: {why.en}; the end of its log ({log}):\n{tail}",
        )
    )
