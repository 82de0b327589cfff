"""A network CLI over real SSH, for what cannot be had here: routers and switches. A program of its own.

It says what a scenario file says, reading it anew for each session, and writes down every line that it gets. It is
a fake: how a vendor's CLI prints is taken from the vendors' documents, how SSH works is paramiko's server.

    python -m tests.exporter.ssh.cli_server FOLDER

FOLDER holds `host_key` (made where it is missing), `scenario.json` and, afterwards, `port`, `sessions.log`.
"""

import json
import socket
import sys
import threading
import time
from pathlib import Path
from typing import Any

import paramiko

PAGER_ERASED = "\r" + " " * 20 + "\r"


class Counting:
    """How many sessions are open at once, and were at most since there was none."""

    def __init__(self) -> None:
        self.lock = threading.Lock()
        self.now = 0
        self.most = 0

    def change(self, by: int) -> None:
        with self.lock:
            self.now += by
            self.most = max(self.most, self.now) if self.now else 0


class Server(paramiko.ServerInterface):
    """Lets in who has the password."""

    def __init__(self, scenario: dict[str, Any]) -> None:
        self.scenario = scenario
        self.user = ""
        self.shell = threading.Event()

    def get_allowed_auths(self, username: str) -> str:  # noqa: ARG002
        return "password,publickey"

    def check_auth_password(self, username: str, password: str) -> int:
        self.user = username
        accepted = password == self.scenario["password"]
        return paramiko.common.AUTH_SUCCESSFUL if accepted else paramiko.common.AUTH_FAILED

    def check_auth_publickey(self, username: str, key: paramiko.PKey) -> int:  # noqa: ARG002
        return paramiko.common.AUTH_FAILED

    def check_channel_request(self, kind: str, chanid: int) -> int:  # noqa: ARG002
        return paramiko.common.OPEN_SUCCEEDED

    def check_channel_pty_request(self, *_: Any) -> bool:
        return True

    def check_channel_shell_request(self, channel: paramiko.Channel) -> bool:  # noqa: ARG002
        self.shell.set()
        return True


def main(folder: Path) -> None:
    key_file = folder / "host_key"
    if not key_file.exists():
        paramiko.ECDSAKey.generate().write_private_key_file(str(key_file))
    counting = Counting()
    lock = threading.Lock()

    def note(line: str) -> None:
        with lock, (folder / "sessions.log").open("a", encoding="utf-8") as log:
            log.write(line + "\n")

    with socket.create_server(("127.0.0.1", 0), backlog=200) as listening:
        port = folder / "port"
        port.with_suffix(".new").write_text(str(listening.getsockname()[1]))
        port.with_suffix(".new").rename(port)
        while True:
            opened, _ = listening.accept()
            threading.Thread(target=serve, args=(opened, folder, counting, note), daemon=True).start()


def serve(opened: socket.socket, folder: Path, counting: Counting, note: Any) -> None:
    scenario = json.loads((folder / "scenario.json").read_text())
    counting.change(1)
    try:
        if scenario.get("garbage"):
            opened.sendall(b"220 mail server\r\n" * 200)
            opened.recv(1000)
            return
        with paramiko.Transport(opened) as transport:
            transport.add_server_key(paramiko.ECDSAKey(filename=str(folder / "host_key")))
            server = Server(scenario)
            transport.start_server(server=server)
            channel = transport.accept(20)
            if channel is None or not server.shell.wait(20):
                return
            note(f"open {counting.now} {counting.most}")
            talk(channel, scenario, note)
    except (paramiko.SSHException, OSError, EOFError):
        pass
    finally:
        counting.change(-1)
        note(f"closed {counting.now}")


def talk(channel: paramiko.Channel, scenario: dict[str, Any], note: Any) -> None:
    prompt = scenario["prompt"]
    channel.sendall(scenario.get("banner", "").encode())
    if scenario.get("silent"):
        wait_for_end(channel)
        return
    channel.sendall(prompt.encode())
    line = ""
    while data := channel.recv(1024):
        for character in data.decode():
            if character not in "\r\n":
                line += character
                channel.sendall(character.encode())
                continue
            if not line:
                continue
            note(f"got {line}")
            channel.sendall(b"\r\n")
            if not answer(channel, scenario, line, note):
                return
            channel.sendall(prompt.encode())
            line = ""


def answer(channel: paramiko.Channel, scenario: dict[str, Any], command: str, note: Any) -> bool:
    """Print what belongs to `command`; False to cut the connection."""
    fault = scenario.get("faults", {}).get(command)
    text = scenario["answers"].get(command, scenario.get("unknown", "% Invalid input detected at '^' marker.\n"))
    if fault in {"hang", "cut"}:
        channel.sendall(text[: len(text) // 2].replace("\n", "\r\n").encode())
        if fault == "hang":
            wait_for_end(channel)
        # Without the polite end of a session: as when the device restarts.
        channel.get_transport().sock.shutdown(socket.SHUT_RDWR)
        return False
    lines = text.splitlines()
    page = scenario.get("page_lines")
    for start in range(0, len(lines), page or max(len(lines), 1)):
        if start and page:
            channel.sendall(b" --More-- ")
            if channel.recv(1) != b" ":
                return False
            note("more")
            channel.sendall(PAGER_ERASED.encode())
        part = "".join(f"{line}\r\n" for line in lines[start : start + (page or len(lines))])
        channel.sendall(part.encode())
    return True


def wait_for_end(channel: paramiko.Channel) -> None:
    while not channel.closed and channel.get_transport().is_active() and not channel.eof_received:
        time.sleep(0.05)


if __name__ == "__main__":
    main(Path(sys.argv[1]))
