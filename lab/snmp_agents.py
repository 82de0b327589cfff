"""SNMP agents on real UDP, one a device: v2c or v3, answering GET, GETNEXT and GETBULK from the model at "now".

pysnmp owns the wire, the user-based security and the responders; this module gives them its own MIB and
its own sockets. It must not compute state. A device without power is silent on the wire.
"""

import socket
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from types import CodeType, SimpleNamespace
from typing import Any, TypeAlias

from pysnmp.carrier.asyncio.dgram import udp  # type: ignore[import-untyped]
from pysnmp.entity import config  # type: ignore[import-untyped]
from pysnmp.entity.engine import SnmpEngine  # type: ignore[import-untyped]
from pysnmp.entity.rfc3413 import cmdrsp, context  # type: ignore[import-untyped]
from pysnmp.proto import rfc1902, rfc1905  # type: ignore[import-untyped]
from pysnmp.smi import builder  # type: ignore[import-untyped]
from pysnmp.smi.instrum import AbstractMibInstrumController  # type: ignore[import-untyped]

from dcnet.language import Words
from lab.errors import LabError
from lab.mib import DeviceMib
from lab.model import DeviceState, Model
from lab.parts import Oid
from lab.topology import DEVICES, SNMP_PORT, Device

Clock: TypeAlias = Callable[[], float]
"""Seconds since 1970."""

ALL_OBJECTS = (1, 3, 6, 1)
SECURITY_NAME = "lab"
ENTERPRISE = bytes([0x80, 0x00, 0xDC, 0x4E])
"""Begins the lab's engine identifiers (RFC 3411 section 5, SnmpEngineID): an enterprise number nobody has."""

BOOTS_EPOCH = 1577836800
"""2020-01-01: seconds since then count the boots, within the 31 bits that RFC 3414 gives."""

SNMP_USER = "dcnet"
SECRET_FILES = ("community", "auth", "privacy")
"""Names of the files that hold the secrets: the inventory refers to them, the agents read them."""

SHORTEST_PASSPHRASE = 8
"""RFC 3414 section 11.2."""


@dataclass(frozen=True, slots=True, repr=False)
class SnmpSecrets:
    """What the agents ask of who asks them."""

    community: str
    user: str
    authentication: str
    privacy: str

    @classmethod
    def read(cls, folder: Path) -> "SnmpSecrets":
        """The secrets kept in `folder` in the files SECRET_FILES. Raises LabError where one is missing or empty."""
        words = []
        for name in SECRET_FILES:
            file = folder / name
            secret = file.read_text(encoding="utf-8").strip() if file.is_file() else ""
            if not secret:
                make = f"python -m lab files {folder.parent}"
                raise LabError(
                    Words(
                        f"berkas rahasia {file} tidak ada atau kosong; buat dengan: {make}",
                        f"secret file {file} is missing or empty; make it with: {make}",
                    )
                )
            words.append(secret)
        community, authentication, privacy = words
        return cls(community, SNMP_USER, authentication, privacy)


class MibAtNow(AbstractMibInstrumController):  # type: ignore[misc]  # pysnmp carries no types
    """Answers pysnmp's responders from the model; a state serves for one second."""

    def __init__(self, model: Model, device: Device, clock: Clock) -> None:
        self._model, self._name, self._clock = model, device.name, clock
        self._mib = DeviceMib(device)
        self._state: DeviceState | None = None
        self._stated_at = 0.0

    def read_variables(self, *varbinds: Any, **how: Any) -> list[tuple[Any, Any]]:
        """GET: the values of exactly these objects."""
        _check_access(varbinds, how)
        state = self._current()
        answers = []
        for name, _ in varbinds:
            value = self._mib.value(tuple(name), state)
            answers.append((name, rfc1905.noSuchInstance if value is None else value))
        return answers

    def read_next_variables(self, *varbinds: Any, **how: Any) -> list[tuple[Any, Any]]:
        """GETNEXT, and each repetition of GETBULK: the objects after these."""
        _check_access(varbinds, how)
        state = self._current()
        return [self._following(name, state) for name, _ in varbinds]

    def _following(self, name: Any, state: DeviceState) -> tuple[Any, Any]:
        following: Oid | None = self._mib.next_oid(tuple(name))
        if following is None:
            return name, rfc1905.endOfMibView
        return rfc1902.ObjectName(following), self._mib.value(following, state)

    def _current(self) -> DeviceState:
        now = self._clock()
        if self._state is None or not 0 <= now - self._stated_at < 1:
            self._state, self._stated_at = self._model.device(self._name, now), now
        return self._state


def _check_access(varbinds: tuple[Any, ...], how: dict[str, Any]) -> None:
    # The view is the whole tree, so one object stands for all: pysnmp's check of each would cost more than the answer.
    for varbind in varbinds[:1]:
        how["acFun"]("read", varbind, **how)


class _PoweredTransport(udp.UdpTransport):  # type: ignore[misc]  # pysnmp carries no types
    """A UDP transport that hears nothing while its device has no power."""

    def __init__(self, has_power: Callable[[], bool]) -> None:
        super().__init__()
        self._has_power = has_power

    def datagram_received(self, datagram: bytes, address: Any) -> None:
        """Pass the datagram on to the engine."""
        if self._has_power():
            super().datagram_received(datagram, address)


@contextmanager
def running_agents(
    model: Model, secrets: SnmpSecrets, clock: Clock, port: int = SNMP_PORT
) -> Iterator[tuple[SnmpEngine, ...]]:
    """Agents of all devices, bound when this enters. Needs a running event loop.

    Raises LabError where a port is in use or a passphrase is too short.
    """
    for passphrase in (secrets.authentication, secrets.privacy):
        if len(passphrase) < SHORTEST_PASSPHRASE:
            raise LabError(
                Words(
                    f"sandi SNMPv3 lab kurang dari {SHORTEST_PASSPHRASE} karakter (RFC 3414); perpanjang",
                    f"a passphrase of the lab's SNMPv3 has fewer than {SHORTEST_PASSPHRASE} characters (RFC 3414); "
                    "make it longer",
                )
            )
    sockets: list[socket.socket] = []
    engines: list[SnmpEngine] = []
    try:
        # All sockets first: a port in use is told before any engine is built.
        for device in DEVICES.values():
            sockets.append(bind_udp(device.address, port))  # noqa: PERF401  # those bound so far must be closed
        with _compiling_once():
            for device, bound in zip(DEVICES.values(), sockets, strict=True):
                engines.append(_start_agent(model, device, secrets, clock, bound))  # the same
        yield tuple(engines)
    finally:
        for engine in engines:
            engine.close_dispatcher()
        for bound in sockets:
            bound.close()


@contextmanager
def _compiling_once() -> Iterator[None]:
    """Compile each of pysnmp's MIB files once a process, not twice for every engine: half of all the work of a start.

    The builder runs a file's source anew so that a debugger can stop in it (`smi/builder.py`, load_module); under
    `python -O` it runs what it compiled itself, and so it does here.
    """
    run_again = builder.runpy
    builder.compile, builder.runpy = _compiled, SimpleNamespace(run_path=_run_compiled)
    try:
        yield
    finally:
        builder.runpy = run_again
        del builder.compile


@cache
def _compiled(source: str, path: str, mode: str) -> CodeType:
    return compile(source, path, mode)


def _run_compiled(path: str, variables: dict[str, Any]) -> None:
    exec(_compiled(Path(path).read_text(encoding="utf-8"), path, "exec"), variables)  # noqa: S102 - pysnmp's own files


def bind_udp(address: str, port: int) -> socket.socket:
    """A bound UDP socket. Raises LabError."""
    bound = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    try:
        bound.bind((address, port))
    except OSError as error:
        bound.close()
        raise port_error("UDP", address, port, error) from error
    bound.setblocking(False)
    return bound


def port_error(protocol: str, address: str, port: int, error: OSError) -> LabError:
    """What to say of a port that cannot be had."""
    return LabError(
        Words(
            f"lab: port {protocol} {address}:{port} tidak dapat dipakai ({error.strerror}); hentikan program yang "
            "memakainya, mungkin lab yang masih berjalan",
            f"lab: {protocol} port {address}:{port} cannot be used ({error.strerror}); stop the program that uses it, "
            "perhaps a lab that still runs",
        )
    )


def _start_agent(model: Model, device: Device, secrets: SnmpSecrets, clock: Clock, bound: socket.socket) -> SnmpEngine:
    engine = SnmpEngine()
    _identify(engine, device, clock)
    transport = _PoweredTransport(lambda: model.answers(device.name, clock()))
    config.add_transport(engine, udp.DOMAIN_NAME, transport.open_server_mode(sock=bound))
    if device.secure:
        config.add_v3_user(
            engine,
            secrets.user,
            config.USM_AUTH_HMAC96_SHA,
            secrets.authentication,
            config.USM_PRIV_CFB128_AES,
            secrets.privacy,
        )
        config.add_vacm_user(engine, 3, secrets.user, "authPriv", ALL_OBJECTS)
    else:
        config.add_v1_system(engine, SECURITY_NAME, secrets.community)
        config.add_vacm_user(engine, 2, SECURITY_NAME, "noAuthNoPriv", ALL_OBJECTS)
    snmp_context = context.SnmpContext(engine)
    snmp_context.unregister_context_name(b"")
    snmp_context.register_context_name(b"", MibAtNow(model, device, clock))
    cmdrsp.GetCommandResponder(engine, snmp_context)
    cmdrsp.NextCommandResponder(engine, snmp_context)
    cmdrsp.BulkCommandResponder(engine, snmp_context)
    return engine


def _identify(engine: SnmpEngine, device: Device, clock: Clock) -> None:
    """Give the engine an identifier that stays, and a boot count that grows with every start.

    An identifier given to SnmpEngine itself would leave a file under /tmp for each device.
    """
    identifier, boots = engine.get_mib_builder().import_symbols(
        "__SNMP-FRAMEWORK-MIB", "snmpEngineID", "snmpEngineBoots"
    )
    identifier.syntax = identifier.syntax.clone(ENTERPRISE + b"\x04" + device.name.encode())
    boots.syntax = boots.syntax.clone(max(int(clock()) - BOOTS_EPOCH, 1))
    engine.snmpEngineID = identifier.syntax
