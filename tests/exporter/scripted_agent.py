"""A real SNMP v2c agent on a real UDP socket whose every answer, and misbehaviour, a test writes down."""

import socket
import threading
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from types import TracebackType
from typing import Any

from pyasn1.codec.ber import decoder, encoder  # type: ignore[import-untyped]
from pysnmp.proto.api import v2c  # type: ignore[import-untyped]
from pysnmp.proto.rfc1905 import endOfMibView, noSuchInstance  # type: ignore[import-untyped]

COMMUNITY = "agent-community"
TOO_BIG = 1
GENERIC_ERROR = 5


def counter64(value: int) -> Any:
    return v2c.Counter64(value)


def ticks(value: int) -> Any:
    return v2c.TimeTicks(value)


def text(value: str | bytes) -> Any:
    return v2c.OctetString(value if isinstance(value, bytes) else value.encode())


def oid(value: str) -> Any:
    return v2c.ObjectIdentifier(value)


@dataclass
class ScriptedAgent:
    """Answers GET, GETNEXT and GETBULK from `objects`: OID to pysnmp value, or int for INTEGER.

    `order` overrides the sequence in which OIDs follow each other; `drop_first` requests stay unanswered;
    `garble_first` answers are preceded by a datagram that is no SNMP; a GETBULK for more than
    `largest_bulk` values gets tooBig without values; OIDs below `refused` get genErr; requests to OIDs below
    `silent` are never answered.
    """

    objects: Mapping[str, Any]
    order: list[str] | None = None
    drop_first: int = 0
    garble_first: int = 0
    largest_bulk: int = 1000
    refused: tuple[str, ...] = ()
    silent: tuple[str, ...] = ()
    community: str = COMMUNITY
    requests: list[str] = field(default_factory=list)

    def __enter__(self) -> "ScriptedAgent":
        self._socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self._socket.bind(("127.0.0.1", 0))
        self.port: int = self._socket.getsockname()[1]
        self.hold(self.objects)
        self._thread = threading.Thread(target=self._serve)
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        with suppress(OSError), socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as waker:
            waker.sendto(b"end", ("127.0.0.1", self.port))
        self._thread.join()
        self._socket.close()

    def hold(self, objects: Mapping[str, Any]) -> None:
        """Answer from `objects` from now on."""
        self.objects = objects
        self._order = self.order or sorted(objects, key=_key)

    def _serve(self) -> None:
        while True:
            datagram, sender = self._socket.recvfrom(65535)
            if datagram == b"end":
                return
            answer = self._answer(datagram)
            if answer is None:
                continue
            if self.garble_first > 0:
                self.garble_first -= 1
                self._socket.sendto(b"\x30\x82no snmp", sender)
            self._socket.sendto(answer, sender)

    def _answer(self, datagram: bytes) -> bytes | None:
        message, _ = decoder.decode(datagram, asn1Spec=v2c.Message())
        request = v2c.apiMessage.get_pdu(message)
        asked = [str(name) for name, _ in v2c.apiPDU.get_varbinds(request)]
        self.requests.append(f"{type(request).__name__} {' '.join(asked)}")
        if self.drop_first > 0:
            self.drop_first -= 1
            return None
        if str(v2c.apiMessage.get_community(message)) != self.community or _any_below(asked, self.silent):
            return None
        response = v2c.apiMessage.get_response(message)
        pdu = v2c.apiMessage.get_pdu(response)
        if _any_below(asked, self.refused):
            v2c.apiPDU.set_error_status(pdu, GENERIC_ERROR)
            v2c.apiPDU.set_varbinds(pdu, [(name, v2c.Null("")) for name in asked])
        elif isinstance(request, v2c.GetBulkRequestPDU):
            count = int(v2c.apiBulkPDU.get_max_repetitions(request))
            if count > self.largest_bulk:
                v2c.apiPDU.set_error_status(pdu, TOO_BIG)
                v2c.apiPDU.set_varbinds(pdu, [])
            else:
                v2c.apiPDU.set_varbinds(pdu, self._following(asked[0], count))
        elif isinstance(request, v2c.GetNextRequestPDU):
            v2c.apiPDU.set_varbinds(pdu, self._following(asked[0], 1))
        else:
            v2c.apiPDU.set_varbinds(pdu, [(name, self._value(name)) for name in asked])
        return bytes(encoder.encode(response))

    def _value(self, name: str) -> Any:
        if name not in self.objects:
            return noSuchInstance
        value = self.objects[name]
        return v2c.Integer(value) if isinstance(value, int) else value

    def _following(self, name: str, count: int) -> list[tuple[str, Any]]:
        if name in self._order:
            start = self._order.index(name) + 1
        else:
            start = next(
                (place for place, known in enumerate(self._order) if _key(known) > _key(name)), len(self._order)
            )
        found = [(known, self._value(known)) for known in self._order[start : start + count]]
        return found or [(name, endOfMibView)]


def _key(name: str) -> tuple[int, ...]:
    return tuple(int(part) for part in name.split("."))


def _any_below(names: list[str], subtrees: tuple[str, ...]) -> bool:
    return any(f"{name}.".startswith(f"{subtree}.") for name in names for subtree in subtrees)
