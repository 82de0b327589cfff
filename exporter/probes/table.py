"""The one table of periodic probers: by kind, all of one signature. ICMP is continuous and stands apart."""

from collections.abc import Awaitable, Callable
from typing import Any, TypeAlias

from exporter.probes.dns_query import query_dns
from exporter.probes.http_request import request_http
from exporter.probes.outcome import ProbeRound

Prober: TypeAlias = Callable[[Any, str | None, ProbeRound], Awaitable[None]]
"""`(probe, source address, round)`: fills the round as it goes; raises ProbeFailure unless the probe passed."""

PERIODIC_PROBERS: dict[str, Prober] = {
    "dns": query_dns,
    "http": request_http,
}
