"""One SNMP request and its answer over UDP: sending, waiting, sending again, and what each failure means.

Owns timeouts, retries and the deadline. It must not know what is asked: session.py does.
"""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeVar

from gufo.snmp import SnmpAuthError, SnmpDecodeError, SnmpError

from exporter.errors import CollectionFailure, CollectionReason

Answer = TypeVar("Answer")


@dataclass(slots=True)
class WorkDone:
    """What collecting cost so far."""

    packets: int = 0
    """Requests sent, repeated ones included."""

    retries: int = 0
    """Requests sent again because no answer came."""

    varbinds: int = 0
    """Values received."""

    def since(self, earlier: "WorkDone") -> "WorkDone":
        """The work done after `earlier`."""
        return WorkDone(
            self.packets - earlier.packets, self.retries - earlier.retries, self.varbinds - earlier.varbinds
        )

    def add(self, other: "WorkDone") -> None:
        """Count `other`'s work too."""
        self.packets += other.packets
        self.retries += other.retries
        self.varbinds += other.varbinds

    def copy(self) -> "WorkDone":
        """The work done until now."""
        return WorkDone(self.packets, self.retries, self.varbinds)


class Exchange:
    """Requests over one socket, one at a time.

    `deadline` is an instant of the running loop's clock: nothing is awaited beyond it.
    """

    def __init__(self, file_descriptor: int, timeout_seconds: float, retries: int, deadline: float) -> None:
        self._file_descriptor = file_descriptor
        self._timeout_seconds = timeout_seconds
        self.retries = retries
        self._deadline = deadline
        self._waiting: asyncio.Future[bool] | None = None
        self._watched = False
        self.work = WorkDone()
        self.answered = False
        """Whether anything valid came back yet."""

    def begin(self, deadline: float) -> None:
        """Work towards another deadline."""
        self._deadline = deadline

    def use(self, file_descriptor: int) -> None:
        """Go on with another socket, after close()."""
        self._file_descriptor = file_descriptor

    def close(self) -> None:
        """Stop watching the socket; to be called before it goes."""
        if self._watched:
            self._watched = False
            asyncio.get_running_loop().remove_reader(self._file_descriptor)

    async def ask(
        self, send: Callable[[], None], receive: Callable[[], Answer], *, retries: int | None = None
    ) -> Answer:
        """The answer to `send`, tried again up to `retries` times. Raises CollectionFailure."""
        allowed = self.retries if retries is None else retries
        garbled: str | None = None
        for attempt in range(allowed + 1):
            self.check_deadline()
            if attempt:
                self.work.retries += 1
            self.work.packets += 1
            try:
                send()
            except BlockingIOError:
                # A full send buffer drops the request, as a full link would.
                pass
            except OSError as error:
                raise CollectionFailure(CollectionReason.UNREACHABLE, str(error)) from error
            try:
                answer = await self._receive_in_time(receive)
            except TimeoutError:
                continue
            except _GarbledAnswerError as error:
                garbled = str(error)
                continue
            self.answered = True
            return answer
        self.check_deadline()
        if garbled is not None:
            raise CollectionFailure(CollectionReason.DECODE, f"answer is not valid SNMP: {garbled}")
        raise CollectionFailure(
            CollectionReason.TIMEOUT, f"no answer within {self._timeout_seconds:g} s, {allowed + 1} times"
        )

    def check_deadline(self) -> None:
        """Raise CollectionFailure when the time for the whole scrape is over."""
        if asyncio.get_running_loop().time() >= self._deadline:
            raise CollectionFailure(CollectionReason.DEADLINE, "the time for this scrape ran out")

    async def _receive_in_time(self, receive: Callable[[], Answer]) -> Answer:
        """The first valid answer; TimeoutError, or _GarbledAnswerError when only invalid ones came."""
        loop = asyncio.get_running_loop()
        until = min(loop.time() + self._timeout_seconds, self._deadline)
        garbled: _GarbledAnswerError | None = None
        while True:
            if not await self._is_readable(until):
                raise garbled or TimeoutError
            try:
                return _receive(receive)
            except BlockingIOError:
                # A late answer to an earlier request, or one that was not ours: gufo-snmp drops those.
                continue
            except _GarbledAnswerError as error:
                # Anyone may send to an open UDP port: the right answer may still come.
                garbled = error

    async def _is_readable(self, until: float) -> bool:
        """Wait for a datagram; False when none came by `until`, an instant of the loop's clock.

        The socket stays watched from one request to the next: a table takes hundreds of them.
        """
        loop = asyncio.get_running_loop()
        waiting: asyncio.Future[bool] = loop.create_future()
        self._waiting = waiting
        if not self._watched:
            self._watched = True
            loop.add_reader(self._file_descriptor, self._on_datagram)
        ending = loop.call_at(until, self._wake)
        try:
            return await waiting
        finally:
            ending.cancel()
            self._waiting = None

    def _on_datagram(self) -> None:
        if self._waiting is None:
            # Nobody asked: left unread, it would wake the loop again and again.
            self.close()
        elif not self._waiting.done():
            self._waiting.set_result(True)

    def _wake(self) -> None:
        if self._waiting is not None and not self._waiting.done():
            self._waiting.set_result(False)


class _GarbledAnswerError(Exception):
    pass


def _receive(receive: Callable[[], Answer]) -> Answer:
    try:
        return receive()
    except TimeoutError as error:
        # gufo-snmp's word for ECONNREFUSED: the host says that nobody listens on that port.
        raise CollectionFailure(CollectionReason.UNREACHABLE, "port unreachable") from error
    except BlockingIOError:
        raise
    except OSError as error:
        raise CollectionFailure(CollectionReason.UNREACHABLE, str(error)) from error
    except SnmpAuthError as error:
        raise CollectionFailure(CollectionReason.AUTH, "the device refused the user or its keys") from error
    except SnmpDecodeError as error:
        raise _GarbledAnswerError(str(error)) from error
    except SnmpError as error:
        raise CollectionFailure(CollectionReason.DECODE, str(error)) from error
    except BaseException as error:
        # A panic of gufo-snmp's Rust code is no Exception; a datagram must not end the exporter.
        if type(error).__name__ == "PanicException":
            raise _GarbledAnswerError("decoder panicked") from error
        raise
