"""A real Alertmanager for tests, and alerts given to it as Prometheus gives them."""

import asyncio
import json
import socket
import time
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import aiohttp

Labels = dict[str, str]


@dataclass(frozen=True, slots=True)
class Alertmanager:
    """A running Alertmanager."""

    url: str
    session: aiohttp.ClientSession

    async def tell(self, alerts: Sequence[dict[str, Any]]) -> None:
        """Give it alerts: `labels`, `annotations`, and `endsAt` where one is over."""
        async with self.session.post(f"{self.url}/api/v2/alerts", json=list(alerts)) as answer:
            assert answer.status == 200, await answer.text()

    async def states(self) -> dict[str, str]:
        """By the alerts' label `name`: `active`, or `suppressed` by another."""
        async with self.session.get(f"{self.url}/api/v2/alerts") as answer:
            listed = await answer.json()
        return {one["labels"]["name"]: one["status"]["state"] for one in listed}


@asynccontextmanager
async def running_alertmanager(
    configuration: str, folder: Path, environment: dict[str, str] | None = None
) -> AsyncIterator[Alertmanager]:
    """Debian's Alertmanager with the text of a configuration, once it is ready."""
    file, log = folder / "alertmanager.yml", folder / "alertmanager.log"
    file.write_text(configuration)
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    with log.open("wb") as output:
        process = await asyncio.create_subprocess_exec(
            "prometheus-alertmanager",
            *(f"--config.file={file}", f"--storage.path={folder / 'data'}", "--cluster.listen-address="),
            f"--web.listen-address=127.0.0.1:{port}",
            stdout=output,
            stderr=output,
            env=environment,
        )
    try:
        async with aiohttp.ClientSession() as session:
            alertmanager = Alertmanager(f"http://127.0.0.1:{port}", session)
            await until(lambda: _listens(port), log.read_text)
            yield alertmanager
    finally:
        process.terminate()
        await process.wait()


async def until(condition: Callable[[], bool], what: Callable[[], object], seconds: float = 30) -> None:
    """Wait until `condition` holds; `what` says what was there instead."""
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, what()
        await asyncio.sleep(0.05)


def alert(labels: Labels, annotations: Labels | None = None, *, over: bool = False) -> dict[str, Any]:
    """An alert as Prometheus posts it, over since now where asked."""
    told: dict[str, Any] = {"labels": labels, "annotations": annotations or {}}
    return {**told, "endsAt": datetime.now(UTC).isoformat()} if over else told


def as_text(configuration: dict[str, Any]) -> str:
    """A configuration as a file: JSON is YAML."""
    return json.dumps(configuration)


def _listens(port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0
