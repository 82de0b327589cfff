"""The series of a made-up data center, at any instant: `python -m bench.fleet_series PORT` serves them.

1,000 interfaces on 20 devices and 20 links, under the paths and names of the exporter. Owns what a busy and
healthy fleet tells: no value stands still where a real one would not. It must not measure.
"""

import json
import math
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TypeAlias
from urllib.parse import parse_qs, urlsplit

from exporter.metrics import RTT_BUCKETS_SECONDS

DEVICES, INTERFACES, LINKS = 20, 50, 20
OPTICS = 8
"""Of a device: its first interfaces."""

BOOTED = 1_700_000_000
"""When every device started, seconds since 1970."""

DAY = 86_400

Value: TypeAlias = Callable[[float], float]
"""The value at an instant, seconds since 1970."""


@dataclass(frozen=True, slots=True)
class Series:
    """One series as the exporter publishes it, without the labels that Prometheus adds."""

    name: str
    labels: str
    """As they stand between braces."""

    value: Value


def device_names() -> list[str]:
    """The devices, each of which answers at /probe."""
    return [f"device-{number:02}" for number in range(DEVICES)]


def device_series(name: str) -> Iterator[Series]:
    """What one device tells."""
    seed = float(device_names().index(name))
    yield Series("dcnet_up", "", _steady(1))
    yield Series("dcnet_device_uptime_seconds", "", lambda at: at - BOOTED)
    for collector in ("system", "interfaces", "cpu", "memory", "environment", "bgp", "ospf", "optics", "config"):
        yield Series("dcnet_collector_success", f'collector="{collector}"', _steady(1))
    for part in ("Processor 1", "Processor 2"):
        yield Series("dcnet_cpu_usage_ratio", f'cpu="{part}"', _daily(0.3, 0.15, seed))
    for pool in ("Processor", "I/O"):
        label = f'pool="{pool}"'
        yield Series("dcnet_memory_size_bytes", label, _steady(8e9))
        yield Series("dcnet_memory_used_bytes", label, _daily(3e9, 5e8, seed))
        yield Series("dcnet_memory_usage_ratio", label, _daily(0.4, 0.06, seed))
    yield Series("dcnet_storage_size_bytes", 'volume="flash"', _steady(16e9))
    yield Series("dcnet_storage_used_bytes", 'volume="flash"', _daily(6e9, 1e8, seed))
    for sensor in ("Inlet", "Outlet", "ASIC", "CPU"):
        yield Series("dcnet_temperature_celsius", f'sensor="{sensor}"', _daily(30, 4, seed))
    for kind, count in (("fan", 4), ("power_supply", 2), ("module", 1)):
        for number in range(count):
            yield Series("dcnet_component_healthy", f'component="{kind}",name="{kind} {number}"', _steady(1))
    for number in range(2):
        peer = f'peer="192.0.2.{number}",remote_as="6450{number}",vrf=""'
        yield Series("dcnet_bgp_peer_established", f'{peer},description=""', _steady(1))
        yield Series("dcnet_bgp_peer_admin_up", f'{peer},description=""', _steady(1))
        yield Series("dcnet_bgp_peer_transitions_total", peer, _steady(1))
        yield Series(
            "dcnet_ospf_neighbor_full", f'neighbor="198.51.100.{number}",address="203.0.113.{number}"', _steady(1)
        )
    yield Series("dcnet_config_unsaved", "", _steady(0))
    yield Series("dcnet_config_last_change_timestamp_seconds", "", _steady(BOOTED))
    yield Series("dcnet_config_backup_timestamp_seconds", "", lambda at: at - at % DAY)
    yield Series("dcnet_config_backup_success", "", _steady(1))
    yield Series("dcnet_config_compliant", 'rule="ntp"', _steady(1))
    if seed < 2:  # noqa: PLR2004 - two of the twenty are UPSes
        yield from _ups_series(seed)
    for number in range(INTERFACES):
        yield from _interface_series(number, seed)


def _ups_series(seed: float) -> Iterator[Series]:
    yield Series("dcnet_ups_on_battery", "", _steady(0))
    yield Series("dcnet_ups_battery_charge_ratio", "", _steady(1))
    yield Series("dcnet_ups_battery_runtime_seconds", "", _steady(3600))
    yield Series("dcnet_ups_battery_healthy", "", _steady(1))
    yield Series("dcnet_ups_load_ratio", 'phase="1"', _daily(0.4, 0.05, seed))


def _interface_series(number: int, seed: float) -> Iterator[Series]:
    own = f'interface="Te1/0/{number}",alias="to rack {number}"'
    yield Series("dcnet_interface_admin_up", own, _steady(1))
    yield Series("dcnet_interface_oper_up", own, _steady(1))
    yield Series("dcnet_interface_full_duplex", own, _steady(1))
    yield Series("dcnet_interface_speed_bits_per_second", own, _steady(1e10))
    yield Series("dcnet_interface_mtu_bytes", own, _steady(1500))
    yield Series("dcnet_interface_last_change_timestamp_seconds", own, _steady(BOOTED))
    for way in ("receive", "transmit"):
        rate = 1e8 * (1 + number / INTERFACES)
        yield Series(f"dcnet_interface_{way}_bytes_total", own, _growing(rate, seed))
        yield Series(f"dcnet_interface_{way}_unicast_packets_total", own, _growing(rate / 740, seed))
        yield Series(f"dcnet_interface_{way}_multicast_packets_total", own, _growing(30, seed))
        yield Series(f"dcnet_interface_{way}_broadcast_packets_total", own, _growing(5, seed))
        yield Series(f"dcnet_interface_{way}_errors_total", own, _growing(0.01, seed))
        yield Series(f"dcnet_interface_{way}_discards_total", own, _growing(0.05, seed))
    if number < OPTICS:
        for metric, level in (("receive_power_dbm", -6), ("transmit_power_dbm", -2), ("temperature_celsius", 35)):
            yield Series(f"dcnet_optic_{metric}", f'{own},lane=""', _daily(level, 0.3, seed))


def exporter_series(devices: int = DEVICES) -> Iterator[Series]:
    """What the exporter itself tells: the inventory of the first `devices`, and the links that they carry."""
    for number, name in enumerate(device_names()[:devices]):
        parent = "" if number == 0 else device_names()[0]
        labels = f'object="{name}",kind="device",site="bench",role="switch",parent="{parent}"'
        yield Series("dcnet_inventory_info", labels, _steady(1))
    for number in range(LINKS):
        yield from _link_series(number, device_names()[number % devices])
    yield Series(
        "dcnet_threshold", 'indicator="interface_utilisation",severity="warning",object="",period=""', _steady(0.6)
    )
    yield Series("dcnet_exporter_reload_success", "", _steady(1))


def _link_series(number: int, device: str) -> Iterator[Series]:
    name = f"link-{number:02}"
    own = f'link="{name}",provider="Provider {number}"'
    labels = f'object="{name}",kind="link",site="bench",role="internet_link",parent="{device}"'
    yield Series("dcnet_inventory_info", labels, _steady(1))
    yield Series("dcnet_link_info", f'{own},device="{device}",interface="Te1/0/0",circuit="C-{number}"', _steady(1))
    for figure, promised in (
        ("bandwidth_bits_per_second", 1e9),
        ("availability_ratio", 0.995),
        ("latency_seconds", 0.05),
        ("loss_ratio", 0.01),
    ):
        yield Series(f"dcnet_link_contract_{figure}", own, _steady(promised))
    echo = f'{own},probe="gateway",target="192.0.2.{number}"'
    yield Series("dcnet_link_probe_sent_total", echo, _growing(1, number))
    yield Series("dcnet_link_probe_received_total", echo, _growing(0.9999, number))
    for position, bound in enumerate((*RTT_BUCKETS_SECONDS, math.inf)):
        share = 1 / (1 + math.exp(8 - position))
        text = "+Inf" if math.isinf(bound) else repr(bound)
        yield Series("dcnet_link_rtt_seconds_bucket", f'{echo},le="{text}"', _growing(0.9999 * share, number))
    yield Series("dcnet_link_jitter_seconds", echo, _daily(0.002, 0.001, number))
    for probe, target in (
        ("resolver", f"layanan.dcnet.test@192.0.2.{number}"),
        ("portal", f"https://portal-{number}.dcnet.test/"),
    ):
        asked = f'{own},probe="{probe}",target="{target}"'
        yield Series("dcnet_link_probe_success", asked, _steady(1))
        yield Series("dcnet_link_probe_duration_seconds", f'{asked},phase="resolve"', _daily(0.02, 0.01, number))
    yield Series("dcnet_link_http_status_code", asked, _steady(200))
    yield Series("dcnet_link_tls_expiry_timestamp_seconds", asked, lambda at: at - at % DAY + 60 * DAY)
    path = f'{own},probe="path",target="198.51.100.{number}"'
    yield Series("dcnet_link_path_mtu_bytes", path, _steady(1500))
    yield Series("dcnet_link_path_hops", path, _steady(8))


def render(series: Iterator[Series], at: float) -> str:
    """Prometheus' text form at `at`."""
    lines = []
    for one in series:
        labels = f"{{{one.labels}}}" if one.labels else ""
        lines.append(f"{one.name}{labels} {one.value(at)!r}\n")
    return "".join(lines)


def _steady(value: float) -> Value:
    return lambda _: value


def _daily(mean: float, swing: float, phase: float) -> Value:
    return lambda at: mean + swing * math.sin(math.tau * at / DAY + phase)


def _growing(rate: float, phase: float) -> Value:
    """A counter whose rate follows the day."""

    def total(at: float) -> float:
        since = at - BOOTED
        return float(int(rate * (since + 0.5 * DAY / math.tau * math.sin(math.tau * since / DAY + phase) + DAY)))

    return total


class _Answers(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        url = urlsplit(self.path)
        kind = "text/plain; version=0.0.4"
        if url.path == "/sd":
            kind, body = "application/json", json.dumps(_service_discovery(self.headers["Host"]))
        elif url.path == "/probe":
            body = render(device_series(parse_qs(url.query)["target"][0]), time.time())
        else:
            body = render(exporter_series(), time.time())
        self.send_response(200)
        self.send_header("Content-Type", kind)
        self.end_headers()
        self.wfile.write(body.encode())

    def log_message(self, *_: object) -> None:
        """Nothing: a scrape every moment is not worth a line."""


def _service_discovery(address: str) -> list[dict[str, object]]:
    return [
        {
            "targets": [address],
            "labels": {
                "__metrics_path__": "/probe",
                "__param_target": name,
                "instance": name,
                "site": "bench",
                "role": "switch",
                "parent": "" if number == 0 else device_names()[0],
            },
        }
        for number, name in enumerate(device_names())
    ]


if __name__ == "__main__":
    ThreadingHTTPServer(("127.0.0.1", int(sys.argv[1])), _Answers).serve_forever()
