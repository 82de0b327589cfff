"""A target of ICMP echoes: where to, how, how often, and what came of it."""

import asyncio
import logging
import math

from exporter.errors import ProbeReason
from exporter.inventory.link_models import EchoProbe, Link
from exporter.probes.disturbance import NANOSECONDS
from exporter.probes.echo_counts import EchoCounts
from exporter.probes.echo_sockets import SocketKey
from exporter.probes.icmp_packet import EchoTemplate
from exporter.probes.icmp_socket import IcmpSocket
from exporter.probes.link_source import LinkSource
from exporter.probes.outcome import ProbeFailure
from exporter.probes.told import tell_change

_log = logging.getLogger(__name__)

ASK_AGAIN_SECONDS = 10.0
"""After a name that did not resolve."""


class EchoTarget:
    """One echo probe of one link. Its name, where it has one, is resolved again when its answer's time is over."""

    def __init__(self, link: Link, probe: EchoProbe, source: LinkSource, counts: EchoCounts | None) -> None:
        self.link = link
        self.probe = probe
        self.source = source
        self.counts = counts or EchoCounts()
        self.active = True
        self.interval_ns = int(probe.interval_seconds * NANOSECONDS)
        self.timeout_ns = int(probe.timeout_seconds * NANOSECONDS)
        self.address: str | None = None
        """None until the name was resolved."""

        self.socket_key = SocketKey(4, source, probe.dscp)
        self._template: tuple[int, EchoTemplate] | None = None
        self.failure_of_name: ProbeFailure | None = None
        """Why the name did not resolve when it was last asked for; an address found before stays in use."""

    async def keep_resolved(self) -> None:
        """Find the address, and again whenever its time to live is over; until then the last one is used."""
        while True:
            try:
                found = await self.source.find(self.probe.target, self.probe.ip_version)
            except ProbeFailure as failure:
                self.failure_of_name = failure
                if self.address is None:
                    self.tell(failure)
                await asyncio.sleep(ASK_AGAIN_SECONDS)
                continue
            except Exception as error:  # noqa: BLE001 - a defect met on one name must not end its probe
                _log.exception("lookup broke link=%s probe=%s", self.link.name, self.probe.name)
                self.tell(ProbeFailure(ProbeReason.INTERNAL, type(error).__name__))
                await asyncio.sleep(ASK_AGAIN_SECONDS)
                continue
            self.failure_of_name = None
            if found.address != self.address:
                self.address = found.address
                self.socket_key = SocketKey(6 if ":" in found.address else 4, self.source, self.probe.dscp)
                self._template = None
            if math.isinf(found.holds_seconds):
                return
            await asyncio.sleep(found.holds_seconds)

    def template(self, socket: IcmpSocket, cookie: int) -> EchoTemplate:
        """The requests that this target is sent over `socket`."""
        if self._template is None or self._template[0] != socket.identifier:
            made = EchoTemplate(socket.version, socket.identifier, cookie, self.probe.payload_bytes)
            self._template = (socket.identifier, made)
        return self._template[1]

    def tell(self, failure: ProbeFailure | None) -> None:
        """Note why an echo could not be sent, or that it was; log the change."""
        failure = failure or self.failure_of_name
        before = self.counts.failure
        if failure is not before:
            self.counts.failure = failure
            tell_change(self.link.name, self.probe.name, before, failure)

    @property
    def summary(self) -> str:
        """Received of sent, and the last round-trip time, for the landing page; empty before the first outcome."""
        counts = self.counts
        if not counts.sent:
            return ""
        rtt = counts.last_rtt_seconds
        return f"{counts.received}/{counts.sent}" + (f", {rtt * 1000:.2f} ms" if rtt is not None else "")
