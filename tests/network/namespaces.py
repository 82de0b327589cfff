"""Network namespaces and wires of a test's own making, and code that runs inside of them."""

import itertools
import json
import os
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, TypeVar

from tests.network.forwarder import enter_namespace

FORWARDER = Path(__file__).with_name("forwarder.py")
T = TypeVar("T")
_numbers = itertools.count()


class Namespace:
    """A network namespace; its loopback is up."""

    def __init__(self, name: str) -> None:
        self.name = name

    def run(self, command: str) -> str:
        """Run a command inside; its standard output."""
        inside = ["ip", "netns", "exec", self.name, *command.split()]
        done = subprocess.run(inside, capture_output=True, text=True, check=False, timeout=60)
        assert done.returncode == 0, f"{command}: {done.stderr}"
        return done.stdout

    def start(self, command: list[str], **more: Any) -> "subprocess.Popen[bytes]":
        """Start a program inside."""
        return subprocess.Popen(["ip", "netns", "exec", self.name, *command], **more)

    def call(self, work: Callable[[], T]) -> T:
        """Call `work` in a thread inside; sockets that it opens stay inside for ever."""
        found: list[T] = []
        failed: list[BaseException] = []

        def inside() -> None:
            try:
                enter_namespace(self.name)
                found.append(work())
            except BaseException as error:  # noqa: BLE001 - told to the thread that waits
                failed.append(error)

        thread = threading.Thread(target=inside)
        thread.start()
        thread.join()
        if failed:
            raise failed[0]
        return found[0]


@contextmanager
def namespace(role: str) -> Iterator[Namespace]:
    """A new namespace, removed at the end."""
    name = f"dct{os.getpid()}-{next(_numbers)}{role}"
    subprocess.run(["ip", "netns", "add", name], check=True, timeout=30)
    made = Namespace(name)
    try:
        made.run("ip link set lo up")
        yield made
    finally:
        subprocess.run(["ip", "netns", "del", name], check=False, timeout=30)


class Wire:
    """A running forwarder between two namespaces; see forwarder.py."""

    def __init__(self, process: "subprocess.Popen[str]") -> None:
        self._process = process

    def order(self, there: dict[str, Any] | None = None, back: dict[str, Any] | None = None) -> dict[str, Any]:
        """Order what happens to packets from now on, where given; what happened so far, by direction."""
        command = {name: orders for name, orders in (("there", there), ("back", back)) if orders is not None}
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.write(json.dumps(command) + "\n")
        self._process.stdin.flush()
        told: dict[str, Any] = json.loads(self._process.stdout.readline())
        return told


@contextmanager
def wire(near: Namespace, far: Namespace, device: str) -> Iterator[Wire]:
    """A wire whose ends are called `device` in both namespaces and are up."""
    command = [sys.executable, str(FORWARDER), near.name, far.name, device]
    process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    try:
        assert process.stdout is not None
        assert process.stdout.readline() == "ready\n"
        for end in (near, far):
            end.run(f"ip link set {device} up")
        yield Wire(process)
    finally:
        process.kill()
        process.communicate()
