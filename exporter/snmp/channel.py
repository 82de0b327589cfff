"""One socket to an agent and, for SNMPv3, what is known of its engine: asked for, kept, and learnt again.

Owns discovery, keys and re-discovery. It must not know what is asked: session.py does.
"""

import asyncio
from collections.abc import Callable
from contextlib import suppress

from gufo.snmp._fast import SnmpV1ClientSocket, SnmpV3ClientSocket

from exporter.errors import CollectionFailure, CollectionReason
from exporter.inventory.models import CommunityCredential, SnmpAccess, UserCredential
from exporter.snmp.exchange import Answer, Exchange
from exporter.snmp.sockets import SnmpSocket, open_socket, set_user

SYNCHRONISED_SECONDS = 60
"""After so long boots and time are asked for again: they are off by at most 150 s (RFC 3414 section 3.2, 7)."""


class Channel:
    """Requests to one agent, one at a time. Raises CollectionFailure where there is no socket to be had."""

    def __init__(self, address: str, access: SnmpAccess, credential: CommunityCredential | UserCredential) -> None:
        self._address = address
        self._port = access.port
        self._credential = credential
        self._socket = self._open()
        self._synchronised_at: float | None = None
        """None while the engine is not known."""

        self.exchange = Exchange(self._socket.get_fd(), access.timeout_seconds, access.retries, deadline=0)

    @property
    def has_bulk(self) -> bool:
        """Whether the version has GETBULK."""
        return not isinstance(self._socket, SnmpV1ClientSocket)

    @property
    def is_secure(self) -> bool:
        """Whether a refusal is one of the user's."""
        return isinstance(self._credential, UserCredential)

    async def ask(
        self,
        send: Callable[[SnmpSocket], None],
        receive: Callable[[SnmpSocket], Answer],
        tell: Callable[[str], None],
        retries: int | None = None,
    ) -> Answer:
        """The answer to `send`, tried again up to `retries` times. Raises CollectionFailure.

        An agent that restarted is silent to v3 requests for us: the library drops its report of another boots and
        time. So each repetition begins with discovery, on a new socket.
        """
        user = self._credential
        if not isinstance(user, UserCredential):
            return await self.exchange.ask(lambda: send(self._socket), lambda: receive(self._socket), retries=retries)
        allowed = self.exchange.retries if retries is None else retries
        await self._know(user, tell)
        attempt = 0
        while True:
            try:
                return await self.exchange.ask(lambda: send(self._socket), lambda: receive(self._socket), retries=0)
            except CollectionFailure as failure:
                self._synchronised_at = None
                refused = failure.reason is CollectionReason.AUTH and not attempt
                repeatable = failure.reason is CollectionReason.TIMEOUT and attempt < allowed
                if not (refused or repeatable):
                    raise
            attempt += 1
            self.exchange.work.retries += 1
            await self._know(user, tell)

    def close(self) -> None:
        """Close the socket; nothing is asked afterwards."""
        self.exchange.close()
        # The library closes a socket when nothing refers to it. A failure's traceback refers to this channel for as
        # long as the failure is told: so the channel lets go of the socket, and no frame holds it.
        with suppress(AttributeError):
            del self._socket

    async def _know(self, user: UserCredential, tell: Callable[[str], None]) -> None:
        """Have the engine's id, boots and time, and the user's keys localised to it (RFC 3414 section 4)."""
        now = asyncio.get_running_loop().time
        if self._synchronised_at is not None:
            if user.auth is None or now() - self._synchronised_at < SYNCHRONISED_SECONDS:
                return
            try:
                await self._synchronise(retries=0)
            except CollectionFailure as failure:
                if failure.reason not in {CollectionReason.TIMEOUT, CollectionReason.AUTH}:
                    raise
            else:
                self._synchronised_at = now()
                return
        if self.exchange.answered:
            self.exchange.close()
            self._socket = self._open()
            self.exchange.use(self._socket.get_fd())
        tell("discover engine")
        await self._synchronise()
        if not isinstance(self._socket, SnmpV3ClientSocket):
            raise TypeError("a user's socket is one of version 3")
        set_user(self._socket, user)
        if user.auth is not None:
            try:
                await self._synchronise()
            except CollectionFailure as failure:
                if failure.reason is not CollectionReason.TIMEOUT:
                    raise
                # An agent that answered discovery and stays silent to the user could not decrypt the request.
                raise CollectionFailure(
                    CollectionReason.AUTH,
                    "the device answers, but not to this user: check the privacy protocol and password",
                ) from failure
        self._synchronised_at = now()
        tell(f"engine {self._socket.get_engine_id().hex()}")

    async def _synchronise(self, retries: int | None = None) -> None:
        if isinstance(self._socket, SnmpV3ClientSocket):
            await self.exchange.ask(self._send_refresh, self._receive_refresh, retries=retries)

    def _send_refresh(self) -> None:
        if isinstance(self._socket, SnmpV3ClientSocket):
            self._socket.send_refresh()

    def _receive_refresh(self) -> None:
        if isinstance(self._socket, SnmpV3ClientSocket):
            self._socket.recv_refresh()

    def _open(self) -> SnmpSocket:
        try:
            return open_socket(self._address, self._port, self._credential)
        except OSError as error:
            raise CollectionFailure(CollectionReason.UNREACHABLE, f"{self._address}: {error}") from error
