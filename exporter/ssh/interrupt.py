"""Ending a session from another thread: at shutdown, and when a visit's time is over.

Owns the socket of the session for as long as it lives. It must not know SSH.
"""

import socket
import threading
from contextlib import suppress


class Interrupt:
    """Ends one session, at any point of it, connecting included."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._socket: socket.socket | None = None
        self._set = False

    def __bool__(self) -> bool:
        return self._set

    def watch(self, opened: socket.socket) -> None:
        """Take care of `opened`; at once, when the end was asked for already."""
        with self._lock:
            self._socket = opened
            if self._set:
                _cut(opened)

    def release(self) -> None:
        """The socket is closed by its owner: leave it alone."""
        with self._lock:
            self._socket = None

    def set(self) -> None:
        """End the session."""
        with self._lock:
            self._set = True
            if self._socket is not None:
                _cut(self._socket)


def _cut(opened: socket.socket) -> None:
    # Not closed here: its number could be another file's before its owner notices.
    with suppress(OSError):
        opened.shutdown(socket.SHUT_RDWR)
