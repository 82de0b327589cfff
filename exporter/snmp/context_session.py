"""A session with one context of an SNMPv3 agent, over pysnmp: the fast library knows only the default context.

The same questions as session.py, several times slower in processor time. Owns the meaning of pysnmp's errors.
"""

import asyncio
from collections.abc import Mapping, Sequence
from typing import Any

from gufo.snmp.typing import ValueType
from pyasn1.type.univ import ObjectIdentifier  # type: ignore[import-untyped]
from pysnmp.hlapi.v3arch import asyncio as hlapi  # type: ignore[import-untyped]
from pysnmp.proto import errind, rfc1902, rfc1905  # type: ignore[import-untyped]

from exporter.errors import CollectionFailure, CollectionReason
from exporter.inventory.models import AuthProtocol, PrivacyProtocol, SnmpAccess, UserCredential
from exporter.snmp.exchange import WorkDone
from exporter.snmp.lanes import Trace

AUTH: Mapping[AuthProtocol, Any] = {
    AuthProtocol.MD5: hlapi.USM_AUTH_HMAC96_MD5,
    AuthProtocol.SHA: hlapi.USM_AUTH_HMAC96_SHA,
    AuthProtocol.SHA224: hlapi.USM_AUTH_HMAC128_SHA224,
    AuthProtocol.SHA256: hlapi.USM_AUTH_HMAC192_SHA256,
    AuthProtocol.SHA384: hlapi.USM_AUTH_HMAC256_SHA384,
    AuthProtocol.SHA512: hlapi.USM_AUTH_HMAC384_SHA512,
}

PRIVACY: Mapping[PrivacyProtocol, Any] = {
    PrivacyProtocol.DES: hlapi.USM_PRIV_CBC56_DES,
    PrivacyProtocol.AES128: hlapi.USM_PRIV_CFB128_AES,
    PrivacyProtocol.AES192: hlapi.USM_PRIV_CFB192_AES_BLUMENTHAL,
    PrivacyProtocol.AES256: hlapi.USM_PRIV_CFB256_AES_BLUMENTHAL,
    PrivacyProtocol.AES192_CISCO: hlapi.USM_PRIV_CFB192_AES,
    PrivacyProtocol.AES256_CISCO: hlapi.USM_PRIV_CFB256_AES,
}

_REFUSALS = (
    *(errind.AuthenticationFailure, errind.WrongDigest, errind.UnknownUserName, errind.UnknownSecurityName),
    *(errind.UnsupportedSecurityLevel, errind.DecryptionError, errind.NotInTimeWindow, errind.NoSuchContext),
    *(errind.UnknownEngineID, errind.NoAccessEntry, errind.NoGroupName, errind.NoSuchView, errind.NotInView),
)
_NO_VALUES = (rfc1905.NoSuchObject, rfc1905.NoSuchInstance, rfc1905.EndOfMibView)
TOO_BIG = 1
NO_SUCH_NAME = 2


class ContextSession:
    """One socket to an agent's context. Implements lanes.Session."""

    def __init__(self, address: str, access: SnmpAccess, credential: UserCredential) -> None:
        self._address = address
        self._access = access
        self._engine = hlapi.SnmpEngine()
        self._context = hlapi.ContextData(contextName=credential.context.encode())
        auth, privacy = credential.auth, credential.privacy
        self._user = hlapi.UsmUserData(
            credential.user,
            authKey=None if auth is None else auth.password.get_secret_value(),
            privKey=None if privacy is None else privacy.password.get_secret_value(),
            authProtocol=hlapi.USM_AUTH_NONE if auth is None else AUTH[auth.protocol],
            privProtocol=hlapi.USM_PRIV_NONE if privacy is None else PRIVACY[privacy.protocol],
        )
        self._target: Any = None
        self._bulk_size = access.bulk_size
        self._deadline = 0.0
        self._trace: Trace | None = None
        self.work = WorkDone()
        self.faults: list[CollectionFailure] = []

    def begin(self, deadline: float, trace: Trace | None) -> None:
        """A new scrape over the same socket: nothing is awaited beyond `deadline`."""
        self._deadline = deadline
        self._trace = trace

    def close(self) -> None:
        """Close the socket."""
        self._engine.close_dispatcher()

    async def get(self, oids: Sequence[str]) -> dict[str, ValueType]:
        """The scalars that exist among `oids` (without leading dot). Raises CollectionFailure."""
        self._tell(f"get {' '.join(oids)}")
        return dict(await self._ask(hlapi.get_cmd, *(_object(oid) for oid in oids)))

    async def walk(self, column: str, expected_rows: int | None = None) -> dict[str, ValueType]:
        """A column's values by row index. Raises CollectionFailure; a loop ends it with a fault."""
        rows: dict[str, ValueType] = {}
        at = column
        size = self._bulk_size if expected_rows is None else min(self._bulk_size, expected_rows + 1)
        previous: tuple[int, ...] = ()
        while True:
            self._tell(f"getbulk {column} ({size}) after {at}")
            answer = await self._ask(hlapi.bulk_cmd, 0, size, _object(at))
            for oid, value in answer:
                if not oid.startswith(f"{column}."):
                    return rows
                index = oid.removeprefix(f"{column}.")
                place = tuple(map(int, index.split(".")))
                if place <= previous:
                    self.faults.append(CollectionFailure(CollectionReason.DECODE, f"OID does not increase at {oid}"))
                    return rows
                previous, at = place, oid
                rows[index] = value
            if len(answer) < size:
                return rows

    async def _ask(self, command: Any, *arguments: Any) -> list[tuple[str, ValueType]]:
        """The values of an answer, those that do not exist left out."""
        loop = asyncio.get_running_loop()
        if loop.time() >= self._deadline:
            raise CollectionFailure(CollectionReason.DEADLINE, "the time for this scrape ran out")
        self.work.packets += 1
        try:
            async with asyncio.timeout_at(self._deadline):
                if self._target is None:
                    kind = hlapi.Udp6TransportTarget if ":" in self._address else hlapi.UdpTransportTarget
                    where = (self._address, self._access.port)
                    self._target = await kind.create(where, self._access.timeout_seconds, self._access.retries)
                indication, status, _, bindings = await command(
                    self._engine, self._user, self._target, self._context, *arguments, lookupMib=False
                )
        except TimeoutError as error:
            raise CollectionFailure(CollectionReason.DEADLINE, "the time for this scrape ran out") from error
        except OSError as error:
            raise CollectionFailure(CollectionReason.UNREACHABLE, str(error)) from error
        if indication is not None:
            raise _failure(indication)
        if status and int(status) == TOO_BIG and self._bulk_size > 1 and command is hlapi.bulk_cmd:
            self._bulk_size //= 2
            repeaters, _, start = arguments
            return await self._ask(command, repeaters, self._bulk_size, start)
        if status and int(status) != NO_SUCH_NAME:
            reason = CollectionReason.NO_DATA if int(status) == TOO_BIG else CollectionReason.AUTH
            raise CollectionFailure(reason, f"the device answered with an error: {status.prettyPrint()}")
        found = [(str(name), _value(value)) for name, value in bindings if not isinstance(value, _NO_VALUES)]
        self.work.varbinds += len(found)
        for oid, value in found:
            self._tell(f"  {oid} = {value!r}")
        return found

    def _tell(self, line: str) -> None:
        if self._trace is not None:
            self._trace(line)


def _object(oid: str) -> Any:
    return hlapi.ObjectType(hlapi.ObjectIdentity(oid))


def _failure(indication: Any) -> CollectionFailure:
    if isinstance(indication, errind.RequestTimedOut):
        return CollectionFailure(CollectionReason.TIMEOUT, "no answer within the timeout, repeated requests included")
    if isinstance(indication, _REFUSALS):
        return CollectionFailure(CollectionReason.AUTH, f"the device refused: {indication}")
    return CollectionFailure(CollectionReason.DECODE, str(indication))


def _value(value: Any) -> ValueType:
    match value:
        case rfc1902.IpAddress():
            return str(value.prettyPrint())
        case ObjectIdentifier():
            return str(value)
        case rfc1902.OctetString() | rfc1902.Opaque():
            return bytes(value)
        case rfc1905.UnSpecified():
            return None
        case _:
            return int(value)
