"""The certificates that TLS probes trust, loaded once: the system's bundle takes some 20 ms to read."""

import asyncio
import ssl
from pathlib import Path

from exporter.errors import ProbeReason
from exporter.probes.outcome import ProbeFailure

RELOAD_SECONDS = 3600.0
"""Renewed bundles of the system are noticed within an hour."""


class TrustStores:
    """TLS settings by file of trusted certificates; None stands for the system's."""

    def __init__(self) -> None:
        self._loaded: dict[Path | None, tuple[float, float, ssl.SSLContext]] = {}

    async def context_for(self, ca_file: Path | None) -> ssl.SSLContext:
        """A context that verifies chain and name. Raises ProbeFailure when the file cannot be used."""
        now = asyncio.get_running_loop().time()
        try:
            changed = _modified(ca_file)
            known = self._loaded.get(ca_file)
            if known is not None and known[0] == changed and now - known[1] < RELOAD_SECONDS:
                return known[2]
            context = await asyncio.to_thread(_load, ca_file)
        except OSError as error:
            raise ProbeFailure(ProbeReason.TLS, f"ca_file cannot be used: {error.strerror or error}") from error
        self._loaded[ca_file] = (changed, now, context)
        return context


def _modified(file: Path | None) -> float:
    return file.stat().st_mtime if file is not None else 0.0


def _load(ca_file: Path | None) -> ssl.SSLContext:
    return ssl.create_default_context(cafile=ca_file)
