"""The exporter over HTTP: `/`, `/metrics`, `/probe`, `/sd`, `/snmp` where it is wanted, health and reload.

Owns requests and answers. Only names of the inventory are accepted as target, and for `/snmp` addresses in the
networks of its allow-list: no request makes the exporter talk to another address.
"""

import asyncio
import errno
import logging
import re
import signal
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from aiohttp import web
from prometheus_client import CollectorRegistry, GCCollector, PlatformCollector, ProcessCollector
from prometheus_client.registry import Collector

from dcnet.errors import PublicError
from dcnet.language import Language, Words
from exporter.drop_in.service import DropIn
from exporter.errors import ExporterError
from exporter.exposition import render_accepted
from exporter.inventory.load import load_inventory
from exporter.inventory.models import Inventory
from exporter.landing_page import PageContent, render_page
from exporter.scrape import timeout_of
from exporter.state import ExporterState
from exporter.textfiles import read_textfiles

TIMEOUT_HEADER = "X-Prometheus-Scrape-Timeout-Seconds"
SHUTDOWN_SECONDS = 3.0
_SECURITY_HEADERS = {
    "Content-Security-Policy": "default-src 'none'; style-src 'unsafe-inline'",
    "X-Content-Type-Options": "nosniff",
}
_HOST_HEADER = re.compile(r"(\[[0-9A-Fa-f:.]{2,45}\]|[A-Za-z0-9._-]{1,253})(:[0-9]{1,5})?")
"""What may become a target's address: Prometheus asks wherever /sd sends it."""

_STATE = web.AppKey("state", ExporterState)
_PROCESS = web.AppKey("process", CollectorRegistry)
_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class ListenAddress:
    """Where the server listens."""

    host: str
    port: int

    def __str__(self) -> str:
        return f"[{self.host}]:{self.port}" if ":" in self.host else f"{self.host}:{self.port}"


def build_application(state: ExporterState) -> web.Application:
    """The endpoints over `state`."""
    application = web.Application()
    application[_STATE] = state
    application[_PROCESS] = _process_registry()
    application.add_routes(
        [
            web.get("/", _serve_page),
            web.get("/metrics", _serve_metrics),
            web.get("/probe", _serve_probe),
            web.get("/sd", _serve_targets),
            web.get("/-/healthy", _serve_healthy),
            web.get("/-/ready", _serve_ready),
            web.post("/-/reload", _serve_reload),
        ]
    )
    if state.drop_in is not None:
        application.add_routes([web.get("/snmp", _serve_snmp)])
    return application


def _process_registry() -> CollectorRegistry:
    """What the exporter's process uses: CPU, memory, file descriptors."""
    registry = CollectorRegistry(auto_describe=False)
    ProcessCollector(registry=registry)
    PlatformCollector(registry=registry)
    GCCollector(registry=registry)
    return registry


async def serve(inventory_file: Path, address: ListenAddress, drop_in: DropIn | None = None) -> None:
    """Serve until SIGTERM or SIGINT; SIGHUP reloads. Raises PublicError when it cannot start."""
    inventory = load_inventory(inventory_file)
    state = ExporterState(inventory_file, inventory, lambda: datetime.now(UTC), drop_in)
    runner = web.AppRunner(build_application(state), access_log=None, shutdown_timeout=SHUTDOWN_SECONDS)
    await runner.setup()
    try:
        await _listen(runner, address)
        await state.start()
        _log.info("serving address=%s devices=%d links=%d", address, len(inventory.devices), len(inventory.links))
        await _wait_for_end(state)
        _log.info("stopping")
    finally:
        await state.stop()
        await runner.cleanup()


async def _listen(runner: web.AppRunner, address: ListenAddress) -> None:
    try:
        await web.TCPSite(runner, address.host, address.port).start()
    except UnicodeError as error:
        # What socket functions raise for a host name that no name can have.
        raise ExporterError(
            Words(
                f"tidak dapat mendengarkan di {address}: bukan nama host yang sah",
                f"cannot listen on {address}: not a valid host name",
            )
        ) from error
    except OSError as error:
        if error.errno == errno.EADDRINUSE:
            raise ExporterError(
                Words(
                    f"alamat {address} sudah dipakai proses lain; hentikan proses itu atau pilih --listen lain",
                    f"address {address} is in use by another process; stop it or choose another --listen",
                )
            ) from error
        raise ExporterError(
            Words(
                f"tidak dapat mendengarkan di {address}: {error.strerror}",
                f"cannot listen on {address}: {error.strerror}",
            )
        ) from error


async def _wait_for_end(state: ExporterState) -> None:
    loop = asyncio.get_running_loop()
    ended = asyncio.Event()
    reloads: set[asyncio.Task[None]] = set()

    def reload() -> None:
        task = loop.create_task(_reload_quietly(state))
        reloads.add(task)
        task.add_done_callback(reloads.discard)

    for ending in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(ending, ended.set)
    loop.add_signal_handler(signal.SIGHUP, reload)
    await ended.wait()


async def _reload_quietly(state: ExporterState) -> None:
    try:
        await state.reload()
    except PublicError:
        # reload() has logged it, and the metric tells it.
        return


async def _serve_page(request: web.Request) -> web.Response:
    state = request.app[_STATE]
    try:
        language = Language(request.query.get("lang", ""))
    except ValueError:
        language = Language.INDONESIAN
    error = state.reload_error
    content = PageContent(
        inventory=state.inventory,
        outcomes=state.gate.last,
        probes=state.monitor.states(),
        traps=state.traps.recent(),
        loaded_at=state.loaded_at,
        reload_problem=error.words if error is not None else None,
    )
    page = render_page(content, language, datetime.now(UTC))
    return web.Response(text=page, content_type="text/html", charset="utf-8", headers=_SECURITY_HEADERS)


async def _serve_metrics(request: web.Request) -> web.Response:
    state = request.app[_STATE]
    samples = state.samples()
    files = await asyncio.to_thread(read_textfiles, state.inventory.textfiles, samples)
    return await _exposition(request, samples, files, request.app[_PROCESS])


async def _serve_probe(request: web.Request) -> web.Response:
    state = request.app[_STATE]
    name = request.query.get("target", "")
    device = state.inventory.device(name)
    if device is None:
        text = (
            f"unknown target {name[:80]!r}: give ?target=NAME with the name of a device of the inventory; "
            "/sd lists them. After adding one, reload with POST /-/reload\n"
        )
        return web.Response(status=404, text=text)
    timeout = timeout_of(request.headers.get(TIMEOUT_HEADER))
    try:
        outcome = await state.scrape(device, timeout)
    except TimeoutError:
        text = (
            f"another scrape of {name} is running, or its first visit over SSH, and did not end within "
            f"{timeout:g} seconds\n"
        )
        return web.Response(status=503, text=text)
    return await _exposition(request, outcome.samples)


async def _serve_snmp(request: web.Request) -> web.Response:
    drop_in = request.app[_STATE].drop_in
    if drop_in is None:
        raise web.HTTPNotFound
    parameters = {name: request.query.getall(name) for name in request.query}
    answer = await drop_in.answer(parameters, timeout_of(request.headers.get(TIMEOUT_HEADER)))
    return web.Response(status=answer.status, body=answer.body, headers={"Content-Type": answer.content_type})


async def _exposition(request: web.Request, *collectors: Collector) -> web.Response:
    accept = request.headers.get("Accept", "")
    # Rendering thousands of samples on the loop would delay echo replies, and show as latency.
    body, content_type = await asyncio.to_thread(render_accepted, accept, *collectors)
    return web.Response(body=body, headers={"Content-Type": content_type})


async def _serve_targets(request: web.Request) -> web.Response:
    if not _HOST_HEADER.fullmatch(request.host):
        return web.Response(status=400, text="bad Host header: expected HOST or HOST:PORT\n")
    return web.json_response(target_groups(request.app[_STATE].inventory, request.host))


def target_groups(inventory: Inventory, host: str) -> list[dict[str, Any]]:
    """Prometheus' HTTP service discovery: one group a device, scraped through `host`, this exporter as it was asked.

    A device without any access that a collector knows is left out: it would read as down, while it is not
    measured. `dcnet_inventory_info` still names it, so that its absence is seen.
    """
    return [
        {
            "targets": [host],
            "labels": {
                "__metrics_path__": "/probe",
                "__param_target": device.name,
                "instance": device.name,
                "site": inventory.site.name,
                "role": device.role,
                "parent": device.parent or "",
            },
        }
        for device in inventory.devices
        if device.snmp is not None or device.ssh is not None
    ]


async def _serve_healthy(_request: web.Request) -> web.Response:
    return web.Response(text="healthy\n")


async def _serve_ready(_request: web.Request) -> web.Response:
    # The server listens only after the inventory was read: answering is being ready.
    return web.Response(text="ready\n")


async def _serve_reload(request: web.Request) -> web.Response:
    state = request.app[_STATE]
    try:
        await state.reload()
    except PublicError as error:
        return web.Response(status=500, text=f"reload refused; the old inventory keeps serving\n{error}\n")
    return web.Response(text="reloaded\n")
