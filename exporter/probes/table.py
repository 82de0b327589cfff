"""The one table of periodic probers: by kind, all of one signature. ICMP echoes are continuous and stand apart."""

from collections.abc import Awaitable, Callable
from typing import Any, TypeAlias

from exporter.probes.dns_query import query_dns
from exporter.probes.http_request import request_http
from exporter.probes.link_source import LinkSource
from exporter.probes.outcome import ProbeRound
from exporter.probes.path_trace import trace_path
from exporter.probes.tcp_connect import connect_tcp
from exporter.probes.throughput import measure_throughput
from exporter.probes.tls_session import open_tls

Prober: TypeAlias = Callable[[Any, LinkSource, ProbeRound], Awaitable[None]]
"""`(probe, source, round)`: fills the round as it goes; raises ProbeFailure unless the probe passed."""

PERIODIC_PROBERS: dict[str, Prober] = {
    "dns": query_dns,
    "http": request_http,
    "tcp": connect_tcp,
    "tls": open_tls,
    "path": trace_path,
    "throughput": measure_throughput,
}

SERVICE_KINDS = frozenset({"dns", "http", "tcp", "tls"})
"""Those that ask a service, which passes or not: only they publish dcnet_link_probe_success."""
