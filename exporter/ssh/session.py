"""A session with one device's CLI over SSH: commands in, their answers out.

Owns host key, login, prompt, pager and every time limit. It sends what it is given and nothing else: netmiko's own
preparation of sessions is left out, because some of it changes the device's configuration. Answers are never logged.
"""

import logging
import re
import socket
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import paramiko
from netmiko import BaseConnection
from netmiko.exceptions import NetmikoBaseException
from netmiko.ssh_dispatcher import CLASS_MAPPER

from exporter.errors import CollectionFailure, CollectionReason
from exporter.inventory.ssh_models import SshCredential
from exporter.platforms.models import Answer, Platform
from exporter.ssh.host_keys import UnknownHostKey, explain_changed, explain_unknown, load_known_hosts
from exporter.ssh.interrupt import Interrupt
from exporter.ssh.terminal import render_lines

LARGEST_ANSWER = 32 * 2**20
"""Characters; a device that sends more to one command does not end."""

MOST_REPLIES = 20_000
"""To the questions of one answer: a pager of 24 lines has asked as often after 480,000 lines."""

POLL_SECONDS = 0.02
SETTLE_SECONDS = 0.3
"""So long nothing follows the first prompt: a banner may hold a line like one."""

END_SECONDS = 0.04
"""So long nothing follows a later prompt, which is known to the letter."""

JOIN_SECONDS = 5.0


@dataclass(frozen=True, slots=True)
class Target:
    """Whom to talk to, and for how long."""

    host: str
    """As the inventory has it, and as known_hosts names it."""

    address: str
    """The IP address that `host` resolved to."""

    port: int
    credential: SshCredential
    known_hosts: Path
    read_seconds: float
    """So long a device may be silent while an answer is due."""

    deadline: float
    """Of time.monotonic(): nothing goes on beyond it."""


class _Client(paramiko.SSHClient):
    """Leaves no thread behind when it is closed, at whatever point."""

    def close(self) -> None:
        """End the session and wait for its threads."""
        transport = self.get_transport()
        super().close()
        if transport is not None:
            # Its timer would run on for a handshake that was never completed.
            transport.packetizer.complete_handshake()
            transport.join(JOIN_SECONDS)


class _StrictConnection(BaseConnection):
    """What every driver of netmiko does differently for us."""

    known_hosts: Path

    def _build_ssh_client(self) -> paramiko.SSHClient:
        client = _Client()
        load_known_hosts(client, self.known_hosts, self.host, self.port)
        return client

    def special_login_handler(self, delay_factor: float = 1.0) -> None:
        """Nothing: what a device asks at login is answered by the platform's profile."""

    def session_preparation(self) -> None:
        """Nothing: the profile's commands alone are sent."""

    def cleanup(self, command: str = "") -> None:
        """Nothing: closing the channel is leave enough."""


@contextmanager
def open_session(
    target: Target, platform: Platform, interrupt: Interrupt, trace: Callable[[str], None] | None = None
) -> Iterator["SshSession"]:
    """A session whose CLI waits for the first command. Raises CollectionFailure.

    `trace` gets what is sent and how much is answered, never an answer itself.
    """
    say = trace or (lambda _line: None)
    _silence_libraries()
    connection: BaseConnection | None = None
    opened = _connect(target, interrupt)
    try:
        try:
            connection = _make_connection(target, platform, opened)
            connection.establish_connection()
            say(f"ssh: {target.credential.user} is logged in to {target.host} port {target.port}")
            session = SshSession(connection, platform, target, interrupt, say)
            session.prepare()
            yield session
        except (NetmikoBaseException, paramiko.SSHException, OSError, EOFError) as error:
            raise _explain(error, target, interrupt) from error
    finally:
        interrupt.release()
        if connection is not None:
            connection.disconnect()
        with suppress(OSError):
            opened.shutdown(socket.SHUT_RDWR)
        opened.close()


class SshSession:
    """An open CLI; made by open_session()."""

    def __init__(
        self,
        connection: BaseConnection,
        platform: Platform,
        target: Target,
        interrupt: Interrupt,
        trace: Callable[[str], None],
    ) -> None:
        self._connection = connection
        self._answers = [(re.compile(answer.ask), answer) for answer in platform.answers]
        self._first_prompt = re.compile(platform.prompt)
        self._prepare = platform.prepare
        self._commands = frozenset(platform.commands)
        self._refused = [re.compile(pattern) for pattern in platform.refused]
        self._target = target
        self._interrupt = interrupt
        self._trace = trace
        self._prompt = ""

    def prepare(self) -> None:
        """Wait for the first prompt and send what the platform needs first. Raises CollectionFailure."""
        self._read("the first prompt", self._first_prompt.search, SETTLE_SECONDS)
        for command in self._prepare:
            # Some versions do not know each of them, and answer its pager instead.
            self._exchange(command)

    def run(self, command: str) -> str:
        """The answer to `command`: lines as a terminal shows them, without its echo and the prompt.

        Raises CollectionFailure; NO_DATA where the device does not know or permit the command.
        """
        if command not in self._commands:
            raise ValueError(f"{command!r} is no command of the platform's profile")
        lines = self._exchange(command)
        first = [line for line in lines if line.strip()][:3]
        if any(pattern.search(line) for pattern in self._refused for line in first):
            raise CollectionFailure(CollectionReason.NO_DATA, f"the device refused {command!r}")
        return "".join(f"{line}\n" for line in lines)

    def _exchange(self, command: str) -> list[str]:
        self._connection.read_channel()
        started = time.monotonic()
        self._connection.write_channel(command + self._connection.RETURN)
        lines = self._read(repr(command), lambda line: line == self._prompt, END_SECONDS)
        size = sum(len(line) + 1 for line in lines)
        self._trace(f"ssh: {command!r} answered with {size} characters in {time.monotonic() - started:.2f} s")
        if lines and lines[0].endswith(command):
            del lines[0]
        while lines and not lines[0]:
            del lines[0]
        while lines and not lines[-1]:
            del lines[-1]
        return lines

    def _read(self, what: str, is_prompt: Callable[[str], object], settle_seconds: float) -> list[str]:
        """The lines before the next prompt, which is kept; `what` names for errors what is waited for."""
        whole: list[str] = []
        tail, size, replies = "", 0, 0
        heard = time.monotonic()
        while True:
            came = self._connection.read_channel()
            now = time.monotonic()
            if came:
                heard = now
                size += len(came)
                head, newline, tail = (tail + came).rpartition("\n")
                if newline:
                    whole.append(head)
                if size > LARGEST_ANSWER:
                    detail = f"more than {LARGEST_ANSWER} characters in answer to {what}"
                    raise CollectionFailure(CollectionReason.DECODE, detail)
                continue
            last = render_lines(tail)[0]
            if last and now - heard >= settle_seconds and is_prompt(last):
                self._prompt = last
                return [line for part in whole for line in render_lines(part)]
            asked = self._asked(last)
            if asked is not None:
                replies += 1
                if replies > MOST_REPLIES:
                    raise CollectionFailure(CollectionReason.DECODE, f"the pager of {what} does not end")
                # The question is no part of the answer; what erases it finds an empty line.
                tail = ""
                self._connection.write_channel(asked.reply)
                continue
            self._check_limits(what, now - heard)
            time.sleep(POLL_SECONDS)

    def _asked(self, line: str) -> Answer | None:
        return next((answer for pattern, answer in self._answers if line and pattern.search(line)), None)

    def _check_limits(self, what: str, silent_seconds: float) -> None:
        if self._interrupt or time.monotonic() > self._target.deadline:
            raise CollectionFailure(CollectionReason.DEADLINE, f"the visit's time ended while waiting for {what}")
        channel = self._connection.remote_conn
        if not isinstance(channel, paramiko.Channel) or channel.closed or channel.eof_received:
            raise CollectionFailure(CollectionReason.UNREACHABLE, f"the device ended the session during {what}")
        if silent_seconds > self._target.read_seconds:
            detail = f"no prompt, and nothing else for {self._target.read_seconds:g} s, after {what}"
            raise CollectionFailure(CollectionReason.TIMEOUT, detail)


def _silence_libraries() -> None:
    """Both write what devices send to their logs when asked for details; what matters is told by us."""
    for name in ("paramiko", "netmiko"):
        logger = logging.getLogger(name)
        logger.setLevel(logging.CRITICAL)
        logger.propagate = False


def _connect(target: Target, interrupt: Interrupt) -> socket.socket:
    family = socket.AF_INET6 if ":" in target.address else socket.AF_INET
    opened = socket.socket(family, socket.SOCK_STREAM)
    try:
        interrupt.watch(opened)
        opened.settimeout(_left(target))
        opened.connect((target.address, target.port))
    except OSError as error:
        interrupt.release()
        opened.close()
        raise _explain(error, target, interrupt) from error
    return opened


def _left(target: Target) -> float:
    """Seconds that a step without a limit of its own may take."""
    return max(min(target.read_seconds, target.deadline - time.monotonic()), 0.1)


def _make_connection(target: Target, platform: Platform, opened: socket.socket) -> BaseConnection:
    credential = target.credential
    guarded: Any = type("StrictConnection", (_StrictConnection, CLASS_MAPPER[platform.netmiko]), {})
    connection: _StrictConnection = guarded(
        device_type=platform.netmiko,
        host=target.host,
        port=target.port,
        username=credential.user + platform.login_suffix,
        password=credential.password.get_secret_value() if credential.password is not None else None,
        pkey=_load_key(credential),
        sock=opened,
        conn_timeout=_left(target),
        auth_timeout=_left(target),
        banner_timeout=_left(target),
        blocking_timeout=_left(target),
        # Both are terminal.py's: netmiko would make an empty line of each carriage return of a pager.
        disable_lf_normalization=True,
        auto_connect=False,
    )
    connection.ansi_escape_codes = False
    connection.known_hosts = target.known_hosts
    connection.remote_conn_pre = None
    return connection


def _load_key(credential: SshCredential) -> paramiko.PKey | None:
    if credential.key_file is None:
        return None
    # The library takes bytes for it, whatever its annotation says.
    passphrase: Any = credential.key_passphrase.get_secret_value().encode() if credential.key_passphrase else None
    try:
        return paramiko.PKey.from_path(credential.key_file, passphrase)
    except (OSError, ValueError, TypeError, paramiko.SSHException) as error:
        # The library's own words may quote the file.
        detail = f"the key {credential.key_file} cannot be read: {type(error).__name__}"
        raise CollectionFailure(CollectionReason.AUTH, detail) from error


def _explain(error: BaseException, target: Target, interrupt: Interrupt) -> CollectionFailure:
    """The reason of what went wrong outside of an answer. netmiko's own texts are not passed on."""
    place = f"{target.host} port {target.port}"
    if interrupt or time.monotonic() > target.deadline:
        return CollectionFailure(CollectionReason.DEADLINE, f"the visit's time ended before {place} let us in")
    chain = list(_chain(error))
    for cause in chain:
        match cause:
            case CollectionFailure():
                return cause
            case UnknownHostKey():
                return explain_unknown(cause, target.host, target.port, target.known_hosts)
            case paramiko.BadHostKeyException():
                return explain_changed(cause, target.host, target.port, target.known_hosts)
            case paramiko.AuthenticationException():
                return _explain_login(cause, place, target.credential.user)
            case TimeoutError():
                return CollectionFailure(CollectionReason.TIMEOUT, f"{place} did not answer in time")
            case OSError() | EOFError():
                why = getattr(cause, "strerror", None) or type(cause).__name__
                return CollectionFailure(CollectionReason.UNREACHABLE, f"{place}: {why}")
            case _:
                pass
    told = " ".join(str(cause).lower() for cause in chain)
    if "timeout" in told or "timed out" in told:
        return CollectionFailure(CollectionReason.TIMEOUT, f"{place} did not answer in time")
    if "eof" in told or "session" in told or "closed" in told:
        return CollectionFailure(CollectionReason.UNREACHABLE, f"{place} ended the connection")
    return CollectionFailure(CollectionReason.DECODE, f"{place} does not speak SSH as we do")


def _explain_login(error: paramiko.AuthenticationException, place: str, user: str) -> CollectionFailure:
    told = str(error).lower()
    if "timeout" in told:
        return CollectionFailure(CollectionReason.TIMEOUT, f"{place} did not answer the login in time")
    if "eof" in told or "shut down" in told:
        return CollectionFailure(CollectionReason.UNREACHABLE, f"{place} ended the connection during the login")
    if isinstance(error, paramiko.BadAuthenticationType):
        allowed = ", ".join(error.allowed_types)
        return CollectionFailure(CollectionReason.AUTH, f"{place} takes {allowed} from {user}, not what is configured")
    return CollectionFailure(CollectionReason.AUTH, f"{place} refused the login of {user}")


def _chain(error: BaseException | None) -> Iterator[BaseException]:
    """The error and what it came from."""
    while error is not None:
        yield error
        error = error.__cause__ or error.__context__
