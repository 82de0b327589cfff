"""One probe of one link as it runs: a loop that survives whatever a round meets, and its samples.

Owns pace and timeout. It must not know the other probes: monitor.py does.
"""

import asyncio
import ipaddress
import logging
from typing import Protocol

from exporter import metrics
from exporter.errors import ProbeReason
from exporter.inventory.link_models import DnsProbe, EchoProbe, HttpProbe, Link
from exporter.probes.echo_socket import EchoSockets
from exporter.probes.icmp_echo import EchoCounts, send_echo
from exporter.probes.outcome import ProbeFailure, ProbeRound, resolve_host
from exporter.probes.table import PERIODIC_PROBERS
from exporter.sample_set import SampleSet

RESOLVE_AGAIN_SECONDS = 60.0
"""How long a name's address is used before it is asked for again: names move."""

_log = logging.getLogger(__name__)


class RunningProbe(Protocol):
    """A probe with its counters."""

    async def run(self, first_delay_seconds: float) -> None:
        """Probe until cancelled, the first time after `first_delay_seconds`."""

    def add_samples(self, samples: SampleSet, labels: tuple[str, ...]) -> None:
        """Add this probe's metrics; `labels` are link, provider, probe and target."""

    @property
    def failure(self) -> ProbeFailure | None:
        """Why the last round failed; None when it passed or none ended yet."""

    @property
    def summary(self) -> str:
        """What the last rounds found, for the landing page; empty before the first."""


class RunningEcho:
    """A continuous ICMP probe."""

    def __init__(self, link: Link, probe: EchoProbe, sockets: EchoSockets, counts: EchoCounts | None) -> None:
        self._link = link
        self._probe = probe
        self._sockets = sockets
        self.counts = counts or EchoCounts()
        self._address: str | None = None
        self._resolved_at = 0.0

    async def run(self, first_delay_seconds: float) -> None:
        """Send an echo each interval; a reply that is out does not hold up the next echo."""
        loop = asyncio.get_running_loop()
        due = loop.time() + first_delay_seconds
        async with asyncio.TaskGroup() as echoes:
            while True:
                await asyncio.sleep(due - loop.time())
                echoes.create_task(self._round())
                # Rounds missed while the machine slept are left out: a burst would lose replies.
                due = max(due + self._probe.interval_seconds, loop.time())

    async def _round(self) -> None:
        before = self.counts.failure
        try:
            address = await self._resolve()
            await send_echo(self._probe, self._link.source_address, self._sockets, address, self.counts)
        except ProbeFailure as failure:
            self.counts.failure = failure
        except Exception as error:  # noqa: BLE001 - a defect met on one probe must not stop the others
            _log.exception("probe broke link=%s probe=%s", self._link.name, self._probe.name)
            self.counts.failure = ProbeFailure(ProbeReason.INTERNAL, type(error).__name__)
        _log_change(self._link, self._probe, before, self.counts.failure)

    async def _resolve(self) -> str:
        try:
            return str(ipaddress.ip_address(self._probe.target))
        except ValueError:
            pass
        now = asyncio.get_running_loop().time()
        if self._address is None or now - self._resolved_at > RESOLVE_AGAIN_SECONDS:
            self._resolved_at = now
            self._address = await resolve_host(self._probe.target, self._link.source_address)
        return self._address

    def add_samples(self, samples: SampleSet, labels: tuple[str, ...]) -> None:
        """Add counters, histogram, jitter and failure."""
        self.counts.add_samples(samples, labels)

    @property
    def failure(self) -> ProbeFailure | None:
        """Why the last echo could not be sent."""
        return self.counts.failure

    @property
    def summary(self) -> str:
        """Received of sent, and the last round-trip time."""
        if not self.counts.sent:
            return ""
        rtt = self.counts.last_rtt_seconds
        return f"{self.counts.received}/{self.counts.sent}" + (f", {rtt * 1000:.2f} ms" if rtt is not None else "")


class RunningPeriodic:
    """A DNS or HTTP probe."""

    def __init__(self, link: Link, probe: DnsProbe | HttpProbe) -> None:
        self._link = link
        self._probe = probe
        self.last: ProbeRound | None = None

    async def run(self, first_delay_seconds: float) -> None:
        """Probe each interval; a round ends before the next begins."""
        loop = asyncio.get_running_loop()
        due = loop.time() + first_delay_seconds
        while True:
            await asyncio.sleep(due - loop.time())
            found = await self._round()
            _log_change(self._link, self._probe, self.failure, found.failure)
            self.last = found
            due = max(due + self._probe.interval_seconds, loop.time())

    async def _round(self) -> ProbeRound:
        found = ProbeRound()
        timeout_seconds = self._probe.timeout_seconds
        try:
            async with asyncio.timeout(timeout_seconds):
                await PERIODIC_PROBERS[self._probe.kind](self._probe, self._link.source_address, found)
        except ProbeFailure as failure:
            found.failure = failure
        except TimeoutError:
            found.failure = ProbeFailure(ProbeReason.TIMEOUT, f"not finished within {timeout_seconds:g} s")
        except Exception as error:  # noqa: BLE001 - a defect met on one probe must not stop the others
            _log.exception("probe broke link=%s probe=%s", self._link.name, self._probe.name)
            found.failure = ProbeFailure(ProbeReason.INTERNAL, type(error).__name__)
        return found

    def add_samples(self, samples: SampleSet, labels: tuple[str, ...]) -> None:
        """Add what the last round found; nothing before the first."""
        if self.last is None:
            return
        samples.add(metrics.LINK_SUCCESS, self.last.failure is None, *labels)
        if self.last.failure is not None:
            samples.add(metrics.LINK_FAILURE, 1, *labels, self.last.failure.reason)
        for phase, seconds in self.last.phases.items():
            samples.add(metrics.LINK_DURATION, seconds, *labels, phase)
        if self.last.status_code is not None:
            samples.add(metrics.LINK_HTTP_STATUS, self.last.status_code, *labels)
        if self.last.tls_expiry is not None:
            samples.add(metrics.LINK_TLS_EXPIRY, self.last.tls_expiry, *labels)

    @property
    def failure(self) -> ProbeFailure | None:
        """Why the last round failed."""
        return self.last.failure if self.last is not None else None

    @property
    def summary(self) -> str:
        """How long the last round took."""
        if self.last is None:
            return ""
        return f"{sum(self.last.phases.values()) * 1000:.1f} ms"


def _log_change(
    link: Link, probe: EchoProbe | DnsProbe | HttpProbe, before: ProbeFailure | None, now: ProbeFailure | None
) -> None:
    """Log when a probe begins or ceases to fail, or fails for another reason: not every round."""
    if now is not None and (before is None or before.reason is not now.reason):
        _log.warning("probe fails link=%s probe=%s %s", link.name, probe.name, now)
    elif now is None and before is not None:
        _log.info("probe passes again link=%s probe=%s", link.name, probe.name)
