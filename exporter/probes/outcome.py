"""What one round of a periodic probe found. Periodic probers return it; they own neither schedule nor timeout."""

import asyncio
import errno
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from enum import StrEnum

from exporter.errors import ProbeReason


class Phase(StrEnum):
    """A part of a probe's time: the label `phase`."""

    RESOLVE = "resolve"
    CONNECT = "connect"
    TLS = "tls"
    PROCESSING = "processing"
    """From the request sent to the first byte of the answer."""

    TRANSFER = "transfer"
    """From the first byte of the answer to the last one read."""


class ProbeFailure(Exception):  # noqa: N818 - a failure of the link or service, not an error of ours
    """A probe that did not pass. `detail` is English, for the log and the landing page."""

    def __init__(self, reason: ProbeReason, detail: str) -> None:
        super().__init__(f"{reason}: {detail}")
        self.reason = reason
        self.detail = detail


@dataclass(slots=True)
class ProbeRound:
    """One round: filled by the prober as it goes, so that a failure keeps what came before it."""

    phases: dict[Phase, float] = field(default_factory=dict)
    """Seconds that each finished phase took; over all requests, where redirects were followed."""

    status_code: int | None = None
    tls_expiry: float | None = None
    """Unix time at which the server's certificate expires."""

    hops: tuple[str | None, ...] = ()
    """The addresses on the way to the target, itself the last; None for one that keeps silent."""

    path_mtu_bytes: int | None = None
    throughput_bits_per_second: float | None = None
    throughput_read_bytes: int | None = None
    ended_at: float | None = None
    """Unix time at which the round ended."""

    failure: ProbeFailure | None = None

    @contextmanager
    def timed(self, phase: Phase) -> Iterator[None]:
        """Measure a phase; one that fails is not noted."""
        loop = asyncio.get_running_loop()
        started = loop.time()
        yield
        self.phases[phase] = self.phases.get(phase, 0.0) + loop.time() - started


def failure_of(error: OSError) -> ProbeFailure:
    """What an OSError of a socket means."""
    detail = error.strerror or str(error) or type(error).__name__
    if isinstance(error, ConnectionRefusedError):
        return ProbeFailure(ProbeReason.REFUSED, "connection refused")
    if isinstance(error, ConnectionError):
        return ProbeFailure(ProbeReason.PROTOCOL, detail)
    if isinstance(error, TimeoutError):
        return ProbeFailure(ProbeReason.TIMEOUT, detail)
    if isinstance(error, PermissionError):
        return ProbeFailure(ProbeReason.PERMISSION, detail)
    if error.errno in {errno.EADDRNOTAVAIL, errno.ENODEV, errno.ENXIO}:
        return ProbeFailure(ProbeReason.SOURCE, "this host lacks the link's source address or interface")
    return ProbeFailure(ProbeReason.UNREACHABLE, detail)
