"""`sopctl pull` while its Prometheus or its disk fails: said plainly, and nothing half done.

A relay on a real socket stands before a real Prometheus: it counts the questions, and meddles with one where told.
"""

import fcntl
import json
import os
import pty
import shutil
import signal
import struct
import subprocess
import termios
import threading
from collections.abc import Callable, Iterator
from contextlib import ExitStack, suppress
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest
import requests

from lab.backfill import serving
from sopctl.adapters.file_store import ContentFiles
from sopctl.adapters.ledger import Ledger
from sopctl.checklist.serialise import checklist_from_json
from sopctl.evidence import Checklist, Status
from sopctl.workflow.pull_checklist import pull_checklist
from tests.sopctl.conftest import COMMANDS, CommandLine

MONTH = "2026-10"
PULL = ("--as", "staf", "pull")
WAIT_SECONDS = 60


@dataclass
class Answer:
    """What goes back; `length` more than the body breaks it off in the middle."""

    status: int
    body: bytes
    length: int | None = None


Meddle = Callable[[int, Answer], Answer | None]
"""Gets the question's number, from 1, and the true answer; None: the connection is closed without an answer."""


@dataclass
class Relay:
    """Stands between sopctl and Prometheus."""

    upstream: str
    url: str = ""
    meddle: Meddle = lambda _number, answer: answer
    before: Callable[[int], None] = lambda _number: None
    """Called with the question's number before it is passed on."""

    asked: int = 0
    lock: threading.Lock = field(default_factory=threading.Lock)

    def pass_on(self, path: str, body: bytes) -> Answer | None:
        """The answer to a question."""
        with self.lock:
            self.asked += 1
            number = self.asked
        self.before(number)
        try:
            true = requests.post(
                f"{self.upstream}{path}",
                data=body,
                headers={"Content-Type": "application/x-www-form-urlencoded"},
                timeout=60,
            )
        except requests.ConnectionError:
            return None
        return self.meddle(number, Answer(true.status_code, true.content))


@pytest.fixture
def relay(prometheus_url: str) -> Iterator[Relay]:
    state = Relay(prometheus_url)

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            answer = state.pass_on(self.path, self.rfile.read(int(self.headers["Content-Length"])))
            self.close_connection = True
            if answer is None:
                return
            self.send_response(answer.status)
            self.send_header("Content-Length", str(len(answer.body) if answer.length is None else answer.length))
            self.end_headers()
            self.wfile.write(answer.body)

        def log_message(self, *_arguments: object) -> None:
            """Quiet."""

    http = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    http.daemon_threads = True
    state.url = f"http://127.0.0.1:{http.server_address[1]}"
    thread = threading.Thread(target=http.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    yield state
    http.shutdown()
    thread.join()
    http.server_close()


@pytest.fixture
def line(command_line: CommandLine, relay: Relay, monkeypatch: pytest.MonkeyPatch) -> CommandLine:
    """A site whose October 2026 waits for its data, with the relay for a Prometheus."""
    monkeypatch.setattr("sopctl.commands.pull.pull_checklist", pull_checklist)
    command_line.change("http://127.0.0.1:9090", relay.url)
    command_line.done(*COMMANDS[0][:3], "--period", MONTH)
    for command in COMMANDS[1:3]:
        command_line.done(*command)
    return command_line


@dataclass(frozen=True)
class Ended:
    """How a run ended."""

    code: int
    said: str


def pull(line: CommandLine) -> Ended:
    result = line.run(*PULL)
    assert result.exception is None or isinstance(result.exception, SystemExit), result.exc_info
    return Ended(result.exit_code, result.output)


def kept(line: CommandLine) -> tuple[int, frozenset[Path]]:
    """(events, files) of the store, also hidden and half-written files."""
    ledger = Ledger(line.store)
    events = len(ledger.events(MONTH))
    ledger.close()
    return events, frozenset(path for path in (line.store / "files").rglob("*") if path.is_file())


def pulled(line: CommandLine) -> Checklist:
    ledger = Ledger(line.store)
    sha256 = ledger.events(MONTH)[-1].payload["checklist"]
    ledger.close()
    return checklist_from_json(ContentFiles(line.store).read(sha256).decode())


def figures(checklist: Checklist) -> list[object]:
    return [checklist.rows, checklist.findings, checklist.planned_work, checklist.contracts]


HTML = b"<html><body><h1>Masuk dahulu</h1></body></html>"
EMPTY = json.dumps({"status": "success", "data": {"resultType": "vector", "result": []}}).encode()
WRONG = json.dumps({"status": "error", "errorType": "execution", "error": "too many samples"}).encode()
FAULTS: list[tuple[str, Callable[[Answer], Answer | None], str]] = [
    ("closed", lambda _true: None, "tidak dapat dihubungi"),
    ("422", lambda _true: Answer(422, WRONG), "menolak pertanyaan (HTTP 422, execution): too many samples"),
    ("401", lambda _true: Answer(401, b""), "menolak akses (HTTP 401)"),
    ("503", lambda _true: Answer(503, b"sibuk"), "menjawab HTTP 503 (sibuk)"),
    ("HTML", lambda _true: Answer(200, HTML), "tidak menjawab dengan JSON Prometheus melainkan: Masuk dahulu"),
    ("half a body", lambda true: Answer(200, true.body[: len(true.body) // 2], len(true.body)), "terputus di tengah"),
    ("half a document", lambda true: Answer(200, true.body[:-9]), "tidak menjawab dengan JSON Prometheus"),
]


@pytest.mark.parametrize(("spoil", "told"), [one[1:] for one in FAULTS], ids=[one[0] for one in FAULTS])
def test_a_fault_midway_ends_in_a_sentence_and_leaves_nothing(
    line: CommandLine, relay: Relay, spoil: Callable[[Answer], Answer | None], told: str
) -> None:
    """From the twentieth question on: the message says who and what, and nothing is recorded or half written."""
    line.change("  retries: 3", "  retries: 0")
    before = kept(line)
    relay.meddle = lambda number, true: true if number < 20 else spoil(true)
    ended = pull(line)
    assert (ended.code, kept(line)) == (1, before)
    assert told in ended.said
    assert relay.url in ended.said


def test_a_silent_prometheus_is_given_up(line: CommandLine, relay: Relay) -> None:
    """One that no longer answers is named with the setting that says how long to wait."""
    line.change("  timeout_seconds: 30\n  retries: 3", "  timeout_seconds: 0.5\n  retries: 1")
    silent, before = threading.Event(), kept(line)
    relay.before = lambda number: None if number < 20 else (silent.wait(WAIT_SECONDS), None)[1]
    ended = pull(line)
    silent.set()
    assert (ended.code, kept(line)) == (1, before)
    assert "tidak menjawab dalam 0.5 detik" in ended.said
    assert "prometheus.timeout_seconds" in ended.said


def test_a_restart_midway_changes_nothing(line: CommandLine, relay: Relay, october_data: Path, tmp_path: Path) -> None:
    """Prometheus is killed at one question and comes back: the list is the same as that of an undisturbed pull."""
    assert pull(line).code == 0
    undisturbed = pulled(line)
    with ExitStack() as running:
        folders = [tmp_path / name for name in ("first", "second")]
        for folder in folders:
            folder.mkdir()
            shutil.copytree(october_data, folder / "data")
        relay.upstream = running.enter_context(serving(folders[0] / "data", folders[0]))
        restarted = threading.Event()

        def restart() -> None:
            relay.upstream = running.enter_context(serving(folders[1] / "data", folders[1]))
            restarted.set()

        def kill(number: int) -> None:
            if number == relay_began + 20:
                relay.upstream = "http://127.0.0.1:1"
                threading.Thread(target=restart).start()

        relay_began = relay.asked
        relay.before = kill
        ended = pull(line)
        assert restarted.wait(WAIT_SECONDS)
    assert ended.code == 0, ended.said
    assert "Sama dengan tarikan sebelumnya." in ended.said
    assert figures(pulled(line)) == figures(undisturbed)


def test_an_empty_month_is_refused(line: CommandLine, relay: Relay) -> None:
    """A Prometheus that knows nothing of the month gives no list of nothing."""
    before = kept(line)
    relay.meddle = lambda _number, _true: Answer(200, EMPTY)
    ended = pull(line)
    assert (ended.code, kept(line)) == (1, before)
    assert "tidak mempunyai dcnet_inventory_info untuk 2026-10" in ended.said


@pytest.mark.parametrize("number", ["NaN", "+Inf"])
def test_what_is_no_number_is_no_value(line: CommandLine, relay: Relay, number: str) -> None:
    """Where every value of the month is NaN or Inf, the list has rows without values and can be read again."""

    def spoil(_number: int, true: Answer) -> Answer:
        document = json.loads(true.body)
        for one in document["data"]["result"]:
            # Counts of samples stay: they say how much was measured.
            if "value" in one and set(one["metric"]) in ({"object"}, {"instance"}, {"link"}):
                one["value"][1] = number
        return Answer(true.status, json.dumps(document).encode())

    relay.meddle = spoil
    ended = pull(line)
    assert ended.code == 0, ended.said
    lost = [row for row in pulled(line).rows if row.indicator == "device_availability" and not row.degraded_minutes]
    assert lost
    assert all((row.value, row.status) == (None, Status.NO_DATA) for row in lost)


def test_what_is_looked_at_again_is_not_called_well_without_a_number(line: CommandLine, relay: Relay) -> None:
    """NaN is not "restored", and a store that did not take part is told here too."""

    def spoil(_number: int, _true: Answer) -> Answer:
        vector = {"resultType": "vector", "result": [{"metric": {"interface": "\x1b[2J"}, "value": [0, "NaN"]}]}
        document = {"status": "success", "data": vector, "warnings": ["store-2 did not answer"]}
        return Answer(200, json.dumps(document).encode())

    assert pull(line).code == 0
    relay.meddle = spoil
    looked = line.done("recheck", "F01", language="en")
    assert "it cannot be said to be restored" in looked
    assert "Prometheus warns: store-2 did not answer" in looked
    explained = line.done("explain", "F01", language="en")
    assert "Prometheus warns: store-2 did not answer" in explained
    assert "\x1b" not in explained


@pytest.mark.parametrize("columns", [24, 200])
def test_progress_stays_on_one_line_of_the_terminal(line: CommandLine, columns: int) -> None:
    """However narrow the terminal is: each word of it is written over the one before, and none is left at the end."""
    ours, theirs = pty.openpty()
    fcntl.ioctl(theirs, termios.TIOCSWINSZ, struct.pack("HHHH", 24, columns, 0, 0))
    running = line.start(*PULL, stdout=subprocess.DEVNULL, stderr=theirs)
    os.close(theirs)
    shown = b""
    # The terminal's end is told as an error.
    with suppress(OSError):
        while piece := os.read(ours, 65_536):
            shown += piece
    os.close(ours)
    assert running.wait() == 0, shown
    *told, left = shown.decode().removeprefix("\r").split("\r")
    assert "100%" in told[-1]
    assert max(len(one) for one in told) < columns
    assert left.startswith("\x1b[K")


def test_an_interrupt_leaves_nothing(line: CommandLine, relay: Relay) -> None:
    """Ctrl-C in the middle of the questions: one line, no traceback, nothing recorded; the next run works."""
    before = kept(line)
    reached, go_on = threading.Event(), threading.Event()

    def hold(number: int) -> None:
        if number == 20:
            reached.set()
            go_on.wait(WAIT_SECONDS)

    relay.before = hold
    process = line.start(*PULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
    assert reached.wait(WAIT_SECONDS)
    process.send_signal(signal.SIGINT)
    said = process.communicate(timeout=60)[0].decode()
    go_on.set()
    assert process.returncode == 130
    assert "Dihentikan." in said
    assert "Traceback" not in said
    assert kept(line) == before
    assert pull(line).code == 0


@pytest.mark.skipif(os.getuid() != 0, reason="only root can mount a disk that is small enough to fill")
def test_a_full_disk_is_told_and_leaves_nothing(line: CommandLine, tmp_path: Path) -> None:
    """With no room for the list nothing is recorded and no half file remains; with room the same command works."""
    place = tmp_path / "disk"
    place.mkdir()
    subprocess.run(["mount", "-t", "tmpfs", "-o", "size=1m", "tmpfs", place], check=True)
    try:
        shutil.copytree(line.store, place / "store", copy_function=shutil.copy2)
        line.change("store: store", f"store: {place / 'store'}")
        shutil.rmtree(line.store)
        line.store.symlink_to(place / "store")
        before, filler = kept(line), place / "filler"
        with suppress(OSError), filler.open("wb", buffering=0) as writing:
            while writing.write(b"\0" * 4096):
                pass
        ended = pull(line)
        assert ended.code == 1
        assert "penuh" in ended.said
        filler.unlink()
        assert kept(line) == before
        assert pull(line).code == 0
        assert "Utuh" in line.done("verify")
    finally:
        subprocess.run(["umount", "-l", place], check=True)
