"""DNS probes against unbound; names that move, against dnsmasq."""

import asyncio
import os
import shutil
import socket
import subprocess
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

import dns.asyncresolver
import pytest

from exporter.errors import ProbeReason
from exporter.inventory.link_models import (
    DnsProbe,
    EchoProbe,
    Link,
)
from exporter.probes.echo_target import EchoTarget
from exporter.probes.link_source import LinkSource
from exporter.probes.name_lookup import NameLookup
from exporter.probes.outcome import Phase, ProbeFailure
from tests.exporter.conftest import free_port
from tests.exporter.links.test_services import probed, reason_of


def port_of_both() -> int:
    """A port of loopback that is free for UDP and for TCP."""
    while True:
        port = free_port(socket.SOCK_DGRAM)
        with socket.socket() as trial, suppress(OSError):
            trial.bind(("127.0.0.1", port))
            return port


@contextmanager
def unbound(folder: Path) -> Iterator[int]:
    """Debian's unbound with a zone of its own, on a port of loopback."""
    program = shutil.which("unbound", path=os.environ.get("PATH", "") + ":/usr/sbin")
    if program is None:
        pytest.skip("unbound is not installed")
    port = port_of_both()
    texts = " ".join(f'"{"x" * 200}"' for _ in range(9))
    file = folder / "unbound.conf"
    file.write_text(
        f"""server:
  interface: 127.0.0.1@{port}
  username: ""
  chroot: ""
  directory: "{folder}"
  pidfile: "{folder}/unbound.pid"
  use-syslog: no
  do-daemonize: no
  max-udp-size: 512
  module-config: "iterator"
  access-control: 127.0.0.0/8 allow
  access-control: 127.0.0.66/32 refuse
  local-zone: "dcnet.test." static
  local-data: "portal.dcnet.test. 60 IN A 192.0.2.80"
  local-data: "portal.dcnet.test. 60 IN AAAA 2001:db8::80"
  local-data: "dcnet.test. 60 IN MX 10 surat.dcnet.test."
  local-data: 'long.dcnet.test. 60 IN TXT {texts}'
remote-control:
  control-enable: no
"""
    )
    with (folder / "unbound.log").open("wb") as log:
        process = subprocess.Popen([program, "-d", "-c", str(file)], stdout=log, stderr=log)
    try:
        deadline = time.monotonic() + 10
        while not answers(port):
            assert time.monotonic() < deadline, (folder / "unbound.log").read_text()
            assert process.poll() is None, (folder / "unbound.log").read_text()
        yield port
    finally:
        process.terminate()
        process.wait(10)


def answers(port: int) -> bool:
    with socket.socket() as trial:
        trial.settimeout(0.2)
        return trial.connect_ex(("127.0.0.1", port)) == 0


async def test_dns_against_unbound(tmp_path: Path) -> None:
    """A real resolver's answers: records, answer codes, UDP, TCP, and what does not fit into UDP."""
    cases: list[tuple[dict[str, Any], str | None, ProbeReason | None]] = [
        ({"query": "portal.dcnet.test", "expect": ["192.0.2.80"]}, None, None),
        ({"query": "portal.dcnet.test", "expect": ["192.0.2.80"], "transport": "tcp"}, None, None),
        ({"query": "portal.dcnet.test", "record": "AAAA", "expect": ["2001:db8::80"]}, None, None),
        ({"query": "dcnet.test", "record": "MX", "expect": ["10 surat.dcnet.test"]}, None, None),
        ({"query": "portal.dcnet.test", "expect": ["192.0.2.81"]}, None, ProbeReason.ANSWER),
        ({"query": "long.dcnet.test", "record": "TXT"}, None, None),
        ({"query": "none.dcnet.test"}, None, ProbeReason.ANSWER),
        ({"query": "none.dcnet.test", "rcode": "NXDOMAIN"}, None, None),
        ({"query": "portal.dcnet.test", "rcode": "NXDOMAIN"}, None, ProbeReason.ANSWER),
        ({"query": "portal.dcnet.test"}, "127.0.0.66", ProbeReason.REFUSED),
        ({"query": "portal.dcnet.test", "rcode": "REFUSED"}, "127.0.0.66", None),
    ]
    with unbound(tmp_path) as port:
        for settings, source, reason in cases:
            probe = DnsProbe.model_validate(
                {"name": "p", "kind": "dns", "server": "127.0.0.1", "port": port, "timeout_seconds": 3, **settings}
            )
            found = await probed(probe, LinkSource(source))
            assert reason_of(found) is reason, (settings, found.failure)
            wants_tcp = settings.get("transport") == "tcp" or settings["query"].startswith("long")
            assert (Phase.CONNECT in found.phases) is wants_tcp
            if reason is None:
                assert 0 < found.phases[Phase.PROCESSING] < 2


async def test_names_are_resolved_again_when_their_time_is_over(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A name that moves is followed after its time to live; one that vanishes keeps its last address and is told."""
    monkeypatch.setattr("exporter.probes.name_lookup.SHORTEST_HOLD_SECONDS", 0.2)
    monkeypatch.setattr("exporter.probes.echo_target.ASK_AGAIN_SECONDS", 0.2)
    program = shutil.which("dnsmasq", path=os.environ.get("PATH", "") + ":/usr/sbin")
    if program is None:
        pytest.skip("dnsmasq is not installed")
    port = free_port(socket.SOCK_DGRAM)
    hosts = tmp_path / "hosts"
    hosts.write_text("127.0.0.11 gateway.test\n")
    command = [program, "-k", "-p", str(port), "-a", "127.0.0.1", "-z", "-R", "-h", "-u", "root", "--local=/test/"]
    more = (f"--addn-hosts={hosts}", "--local-ttl=1", "--conf-file=/dev/null")
    process = await asyncio.create_subprocess_exec(*command, *more)

    def make_resolver() -> dns.asyncresolver.Resolver:
        resolver = dns.asyncresolver.Resolver(configure=False)
        resolver.nameservers, resolver.port = ["127.0.0.1"], port
        return resolver

    probe = EchoProbe(name="p", kind="icmp", target="gateway.test")
    link = Link(name="l", provider="p", circuit="c", device="d", interface="i", probes=(probe,))
    source = LinkSource(lookup=NameLookup(make_resolver, tmp_path / "none"))
    target = EchoTarget(link, probe, source, None)
    resolving = asyncio.create_task(target.keep_resolved())

    async def until(condition: Callable[[], bool]) -> None:
        async with asyncio.timeout(15):
            while not condition():  # noqa: ASYNC110 - an address has no event to wait for
                await asyncio.sleep(0.02)

    def move(text: str) -> None:
        hosts.write_text(text)
        process.send_signal(1)

    try:
        await until(lambda: target.address == "127.0.0.11")
        move("127.0.0.12 gateway.test\n")
        await until(lambda: target.address == "127.0.0.12")
        move("")
        await until(lambda: target.failure_of_name is not None)
        assert target.address == "127.0.0.12"
    finally:
        resolving.cancel()
        process.terminate()
        await process.wait()


async def test_name_kinds(tmp_path: Path) -> None:
    """The hosts file comes first, localhost needs no server, and a family that a name lacks is told."""
    hosts = tmp_path / "hosts"
    hosts.write_text("# own\n192.0.2.5 router router.test # edge\n2001:db8::5 router\n")

    def no_resolver() -> dns.asyncresolver.Resolver:
        raise AssertionError("asked a name server")

    lookup = NameLookup(no_resolver, hosts)
    assert (await lookup.find("ROUTER", None)).address == "192.0.2.5"
    assert (await lookup.find("router", 6)).address == "2001:db8::5"
    assert (await lookup.find("localhost", 6)).address == "::1"
    assert (await lookup.find("192.0.2.9", None)).holds_seconds == float("inf")
    for host, version in (("router.test", 6), ("192.0.2.9", 6), ("x.invalid", None)):
        with pytest.raises(ProbeFailure) as told:
            await lookup.find(host, version)
        assert told.value.reason is ProbeReason.RESOLVE
