"""The real exporter over two wires: a provider that fails, a process that is suspended, inventory that is wrong."""

import signal
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import yaml
from prometheus_client.parser import text_string_to_metric_families

from tests.exporter.links.conftest import Providers
from tests.exporter.links.test_loss import echo_probes, link_of
from tests.network.namespaces import Namespace

pytestmark = pytest.mark.alone

PORT = 9780


@dataclass(frozen=True, slots=True)
class Exporter:
    """A running exporter in a namespace."""

    process: "subprocess.Popen[bytes]"
    namespace: Namespace
    log: Path

    def get(self, path: str) -> str:
        def fetch() -> str:
            with urllib.request.urlopen(f"http://127.0.0.1:{PORT}{path}", timeout=10) as response:
                return str(response.read().decode())

        return self.namespace.call(fetch)

    def total(self, name: str, **labels: str) -> float:
        """The sum of the samples of that name and labels."""
        return sum(
            sample.value
            for family in text_string_to_metric_families(self.get("/metrics"))
            for sample in family.samples
            if sample.name == name and labels.items() <= sample.labels.items()
        )

    def until(self, condition: Callable[[], bool], seconds: float = 30) -> None:
        deadline = time.monotonic() + seconds
        while not condition():
            assert time.monotonic() < deadline, self.log.read_text()
            time.sleep(0.1)


@contextmanager
def exporter_in(place: Namespace, folder: Path, *links: dict[str, Any]) -> Iterator[Exporter]:
    devices = [{"name": "edge-1", "address": "127.0.0.1", "role": "edge"}]
    document = {"site": {"name": "test", "time_zone": "Asia/Jakarta"}, "devices": devices, "links": list(links)}
    file, log = folder / "inventory.yml", folder / "log"
    file.write_text(yaml.safe_dump(document))
    command = [sys.executable, "-m", "exporter", "serve", "--inventory", str(file), "--listen", f"127.0.0.1:{PORT}"]
    with log.open("wb") as output:
        process = place.start(command, stderr=output, cwd=Path(__file__).parents[3])
    exporter = Exporter(process, place, log)
    try:
        exporter.until(lambda: "serving" in log.read_text())
        yield exporter
    finally:
        process.kill()
        process.wait(10)


def test_failing_provider_shows_on_its_link_only(providers: Providers, tmp_path: Path) -> None:
    """When one wire goes dead its link loses everything, the other nothing; the page tells both."""
    links = [
        link_of("isp-a", echo_probes("10.91.0.", 10), source_interface="isp-a"),
        link_of("isp-b", echo_probes("10.92.0.", 10), source_interface="isp-b"),
    ]
    with exporter_in(providers.near, tmp_path, *links) as exporter:
        sent, received = "dcnet_link_probe_sent_total", "dcnet_link_probe_received_total"
        exporter.until(lambda: exporter.total(received, link="isp-a") >= 100)
        healthy = [line for line in exporter.get("/metrics").splitlines() if 'link="isp-a"' in line]
        assert count(healthy, sent) == count(healthy, received) >= 100
        providers.a.order({"drop": 1})
        before = exporter.total(received, link="isp-a")
        lost = exporter.total(sent, link="isp-a") + 300
        exporter.until(lambda: exporter.total(sent, link="isp-a") >= lost)
        # Replies that were on the wire when it was cut may still have come.
        assert exporter.total(received, link="isp-a") <= before + 20
        samples = exporter.get("/metrics")
        page = exporter.get("/")
    assert "dcnet_link_probe_suppressed_total{" not in samples
    b = [line for line in samples.splitlines() if 'link="isp-b"' in line]
    assert count(b, sent) == count(b, received) > 300
    assert page.count("<svg") == 20
    assert "<script" not in page


def count(lines: list[str], name: str) -> float:
    return sum(float(line.rsplit(" ", 1)[1]) for line in lines if line.startswith(name + "{"))


def test_suspended_process_counts_no_loss(providers: Providers, tmp_path: Path) -> None:
    """Ten seconds of SIGSTOP are told as suspended, in seconds and echoes; none of them is counted as lost."""
    links = [link_of("isp-a", echo_probes("10.91.0.", 10)), link_of("isp-b", echo_probes("10.92.0.", 10))]
    with exporter_in(providers.near, tmp_path, *links) as exporter:
        exporter.until(lambda: exporter.total("dcnet_link_probe_received_total") >= 100)
        exporter.process.send_signal(signal.SIGSTOP)
        time.sleep(10)  # the time itself is what is tested
        exporter.process.send_signal(signal.SIGCONT)
        before = exporter.total("dcnet_link_probe_received_total")
        exporter.until(lambda: exporter.total("dcnet_link_probe_received_total") >= before + 200)
        samples = exporter.get("/metrics").splitlines()
    assert count(samples, "dcnet_link_probe_sent_total") == count(samples, "dcnet_link_probe_received_total")
    suppressed = [line for line in samples if 'reason="suspended"' in line]
    # 20 targets, 10 echoes a second each, 10 seconds.
    assert 1_800 < count(suppressed, "dcnet_link_probe_suppressed_total") < 2_300
    seconds = [line for line in samples if line.startswith("dcnet_exporter_disturbance_seconds_total")]
    assert 9.5 < count([line for line in seconds if 'kind="suspended"' in line], seconds[0].split("{")[0]) < 13
    assert count([line for line in seconds if 'kind="clock_step"' in line], seconds[0].split("{")[0]) == 0


def test_what_is_wrong_is_named_and_the_rest_measures(providers: Providers, tmp_path: Path) -> None:
    """A name without address, an address without route, a foreign source: each in log and metric; the rest goes on."""
    unroutable = [{"name": "far", "kind": "icmp", "target": "203.0.113.1", "interval_seconds": 0.2}]
    name = [{"name": "name", "kind": "icmp", "target": "nowhere.invalid", "interval_seconds": 0.2}]
    links = [
        link_of("good", echo_probes("10.91.0.", 1)),
        link_of("no-name", name),
        link_of("no-route", unroutable),
        link_of("no-address", echo_probes("10.91.0.", 1), source_address="192.0.2.99"),
        link_of("no-interface", echo_probes("10.91.0.", 1), source_interface="isp-x"),
    ]
    expected = {"no-name": "resolve", "no-route": "unreachable", "no-address": "source", "no-interface": "source"}
    with exporter_in(providers.near, tmp_path, *links) as exporter:
        exporter.until(lambda: exporter.total("dcnet_link_probe_received_total", link="good") >= 5)
        exporter.until(lambda: exporter.total("dcnet_link_probe_sent_total", link="no-route") >= 2)
        for link, reason in expected.items():
            assert exporter.total("dcnet_link_probe_failure", link=link, reason=reason) == 1, link
        assert exporter.total("dcnet_link_probe_received_total", link="no-route") == 0
        for link in ("no-address", "no-interface"):
            assert exporter.total("dcnet_link_probe_sent_total", link=link) == 0
            assert exporter.total("dcnet_link_probe_suppressed_total", link=link, reason="refused_here") > 0
        log = exporter.log.read_text()
    told = [line for line in log.splitlines() if "WARNING" in line]
    assert len(told) == len(expected)
    for text in (
        "link=no-name probe=name resolve: nowhere.invalid does not exist",
        "link=no-route probe=far unreachable: Network is unreachable",
        "link=no-address probe=p0 source: this host has no address 192.0.2.99",
        "link=no-interface probe=p0 source: this host has no interface isp-x",
    ):
        assert text in log
