"""One request to `/snmp`: its parameters, the scrape of its modules, the answer.

Owns the settings now in force and how many scrapes run at once. It must not know HTTP beyond status codes.
A module that fails is told by its reason in the log and is absent; when none succeeds the answer is an
error, so that Prometheus' `up` says what it said with snmp_exporter.
"""

import asyncio
import logging
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from http import HTTPStatus

from dcnet.errors import PublicError
from exporter.drop_in.config import Auth
from exporter.drop_in.credentials import credential_of
from exporter.drop_in.families import CONTENT_TYPE, FamilySet
from exporter.drop_in.files import SnmpSettings, load_settings
from exporter.drop_in.module_plan import ModulePlan
from exporter.drop_in.reading import read_module
from exporter.drop_in.row_labels import render_labels
from exporter.drop_in.samples import add_samples
from exporter.drop_in.target import ForbiddenTargetError, Network, Target, parse_target, resolve_allowed
from exporter.drop_in.value_text import Objects
from exporter.errors import CollectionFailure
from exporter.inventory.models import CommunityCredential, SnmpAccess, UserCredential
from exporter.snmp.exchange import WorkDone
from exporter.snmp.lanes import Session
from exporter.snmp.open_lane import open_lane

CONCURRENT_SCRAPES = 64
WALKS_AT_ONCE = 2
"""Subtrees of one device: while one answer is read here, the device works at the other."""

DEFAULT_AUTH = "public_v2"
DEFAULT_MODULE = "if_mib"
_PLAIN_TEXT = "text/plain; charset=utf-8"
_ONCE = ("target", "auth", "snmp_context")
_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Answer:
    """What goes back to Prometheus."""

    status: HTTPStatus
    body: bytes
    content_type: str = _PLAIN_TEXT


@dataclass(frozen=True, slots=True)
class _Request:
    target: Target
    auth_name: str
    auth: Auth
    context: str
    modules: tuple[ModulePlan, ...]


@dataclass(frozen=True, slots=True)
class _ModuleRead:
    """What a device gave for one module."""

    plan: ModulePlan
    objects: Objects
    started: float
    """time.perf_counter() at the beginning."""

    walk_seconds: float
    work: WorkDone


class _BadRequestError(Exception):
    """A parameter that is missing, double or unknown. Its text goes to whoever asked."""


class DropIn:
    """The `/snmp` of snmp_exporter for the files and networks given."""

    def __init__(self, patterns: Sequence[str], allowed: Sequence[Network]) -> None:
        self._patterns = tuple(patterns)
        self._allowed = tuple(allowed)
        self._places = asyncio.Semaphore(CONCURRENT_SCRAPES)
        self.settings = self.read()

    def read(self) -> SnmpSettings:
        """The settings as they now stand in the files. Raises ConfigurationError."""
        return load_settings(self._patterns)

    async def answer(self, parameters: Mapping[str, Sequence[str]], timeout_seconds: float) -> Answer:
        """The answer to a request with the query `parameters`, within `timeout_seconds`."""
        deadline = asyncio.get_running_loop().time() + timeout_seconds
        try:
            request = _read_request(parameters, self.settings)
            credential = credential_of(request.auth_name, request.auth, request.context)
            address = await resolve_allowed(request.target, self._allowed, deadline)
        except ForbiddenTargetError as error:
            return _refusal(HTTPStatus.FORBIDDEN, error.words.en)
        except PublicError as error:
            return _refusal(HTTPStatus.BAD_REQUEST, error.words.en)
        except _BadRequestError as error:
            return _refusal(HTTPStatus.BAD_REQUEST, str(error))
        except CollectionFailure as failure:
            return _refusal(HTTPStatus.INTERNAL_SERVER_ERROR, str(failure))
        read: list[_ModuleRead] = []
        failures: list[str] = []
        async with self._places:
            for plan in request.modules:
                try:
                    read.append(await _read(plan, address, request.target.port, credential, deadline))
                except CollectionFailure as failure:
                    failures.append(f"module {plan.name}: {failure}")
                    _log.info("snmp module failed address=%s module=%s %s", address, plan.name, failure)
        if not read:
            return _refusal(HTTPStatus.INTERNAL_SERVER_ERROR, "\n".join(failures))
        # On the loop, rendering thousands of samples would delay echo replies, and show as latency.
        return Answer(HTTPStatus.OK, await asyncio.to_thread(_render, read), CONTENT_TYPE)


def _read_request(parameters: Mapping[str, Sequence[str]], settings: SnmpSettings) -> _Request:
    for name in _ONCE:
        if len(parameters.get(name, ())) > 1:
            raise _BadRequestError(f"'{name}' parameter must only be specified once")
    target = next(iter(parameters.get("target", ())), "")
    if not target:
        raise _BadRequestError("'target' parameter must be specified once")
    auth_name = next(iter(parameters.get("auth", ())), "") or DEFAULT_AUTH
    auth = settings.auths.get(auth_name)
    if auth is None:
        raise _BadRequestError(f"unknown auth {auth_name[:80]!r}")
    asked = ",".join(parameters.get("module", (DEFAULT_MODULE,)))
    names = dict.fromkeys(name for name in asked.split(",") if name)
    if not names:
        raise _BadRequestError("'module' parameter must contain at least one module name")
    unknown = [name for name in names if name not in settings.modules]
    if unknown:
        raise _BadRequestError(f"unknown module {unknown[0][:80]!r}")
    context = next(iter(parameters.get("snmp_context", ())), "")
    return _Request(parse_target(target), auth_name, auth, context, tuple(settings.modules[name] for name in names))


async def _read(
    plan: ModulePlan, address: str, port: int, credential: CommunityCredential | UserCredential, deadline: float
) -> _ModuleRead:
    started = time.perf_counter()
    module = plan.module
    access = SnmpAccess.model_construct(
        credential="", port=port, timeout_seconds=module.timeout, retries=module.retries
    )
    sessions: list[Session] = []
    try:
        for _ in range(min(WALKS_AT_ONCE, max(1, len(module.walk)))):
            sessions.append(open_lane(address, access, credential))
            sessions[-1].begin(deadline, None)
        objects = await read_module(sessions, module, in_bulk=credential.version not in {"1", 1})
    finally:
        for session in sessions:
            session.close()
    work = WorkDone()
    for session in sessions:
        work.add(session.work)
    return _ModuleRead(plan, objects, started, time.perf_counter() - started, work)


def _render(read: Sequence[_ModuleRead]) -> bytes:
    families = FamilySet()
    for module in read:
        add_samples(module.plan, module.objects, families)
        labels = render_labels({"module": module.plan.name})
        for name, words, value in (
            ("walk_duration_seconds", "Time SNMP walk/bulkwalk took.", module.walk_seconds),
            ("packets_sent", "Packets sent for get, bulkget, and walk; including retries.", module.work.packets),
            ("packets_retried", "Packets retried for get, bulkget, and walk.", module.work.retries),
            ("pdus_returned", "PDUs returned from get, bulkget, and walk.", len(module.objects)),
            (
                "duration_seconds",
                "Total SNMP time scrape took (walk and processing).",
                time.perf_counter() - module.started,
            ),
        ):
            families.gauge(f"snmp_scrape_{name}", words, labels, value)
    return families.render()


def _refusal(status: HTTPStatus, text: str) -> Answer:
    return Answer(status, f"{text}\n".encode())
