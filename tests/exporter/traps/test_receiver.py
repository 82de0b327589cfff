"""The receiver's life: which port, which devices, what a reload keeps, whom it tells of a change."""

import asyncio
import os
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path

import pytest
from pysnmp.proto.api import v2c  # type: ignore[import-untyped]

from bench.trap_flood import flood
from dcnet.errors import PublicError
from dcnet.language import Language
from exporter.errors import ExporterError
from exporter.exposition import render_text
from exporter.recent_traps import render_traps
from exporter.state import ExporterState
from exporter.traps.book import ReceivedTrap
from exporter.traps.receiver import TrapReceiver
from tests.exporter.conftest import free_udp_port
from tests.exporter.traps.conftest import CREDENTIALS, DEVICES, Listen, MakeTrapInventory, until
from tests.exporter.traps.senders import COLD_START, IF_INDEX, LINK_DOWN, LINK_UP, SECRETS, make_v2, send

CISCO_CONFIG_CHANGED = "1.3.6.1.4.1.9.9.43.2.0.1"
ENT_CONFIG_CHANGE = "1.3.6.1.2.1.47.2.0.1"


async def test_a_configuration_change_is_passed_on(listen: Listen) -> None:
    """Whoever reads configurations is called with the device's name, once for each such trap, and for no other."""
    listening = await listen()
    for trap in (CISCO_CONFIG_CHANGED, COLD_START, ENT_CONFIG_CHANGE):
        send(make_v2(trap), listening.port)
    await listening.until(lambda: listening.received("entConfigChange") == 1)
    assert listening.changed == ["dev-1", "dev-1"]


async def test_a_configuration_change_brings_a_visit(trap_inventory: MakeTrapInventory, tmp_path: Path) -> None:
    """After word of a change the device is visited over SSH again, long before its next turn."""
    port = free_udp_port()
    visits: list[str] = []

    def hang_up(_reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        visits.append("visit")
        writer.close()

    ssh = await asyncio.start_server(hang_up, "127.0.0.1", 0)
    where = f"port: {ssh.sockets[0].getsockname()[1]}, read_seconds: 5, visit_seconds: 5"
    device = (
        "  - {name: dev-1, address: 127.0.0.1, role: router, traps: {credentials: [community]}, "
        f"ssh: {{credential: ro, platform: cisco_ios, {where}}}}}"
    )
    (tmp_path / "password").write_text("made-up")
    inventory = trap_inventory(
        device,
        credentials=f'{CREDENTIALS}\n  ssh: {{ro: {{user: u, password: "${{file:password}}"}}}}',
        traps=f"listen: 127.0.0.1, port: {port}",
    )
    state = ExporterState(tmp_path / "traps.yml", inventory, lambda: datetime.now(UTC))
    state.ssh._settle_seconds = state.ssh._soonest_again_seconds = 0.0
    await state.start()
    try:
        await until(lambda: state.ssh.reading("dev-1") is not None)
        before = len(visits)
        send(make_v2(CISCO_CONFIG_CHANGED), port, "127.0.0.1")
        await until(lambda: len(visits) > before)
    finally:
        await state.stop()
        ssh.close()


async def test_a_device_known_by_name(listen: Listen) -> None:
    """A device whose address is a name is recognised by what the name means, and by its further addresses."""
    device = "  - {name: dev-1, address: localhost, role: r, traps: {credentials: [community], addresses: [127.0.0.5]}}"
    listening = await listen(device)
    await listening.until(lambda: listening.receiver._sources["127.0.0.1"] is not None)
    for source in ("127.0.0.1", "127.0.0.5"):
        send(make_v2(COLD_START), listening.port, source)
    await listening.until(lambda: listening.received("coldStart") == 2)


async def test_the_last_word_after_a_flood(listen: Listen) -> None:
    """A port that flaps beyond its device's limit ends in the state that its last trap told; all are accounted for."""
    listening = await listen(settings="per_second: 5, burst: 4")
    index = [(f"{IF_INDEX}.7", v2c.Integer32(7))]
    for _ in range(50):
        send(make_v2(LINK_DOWN, index), listening.port)
    send(make_v2(LINK_UP, index), listening.port)
    await listening.until(lambda: listening.received("linkUp") == 1)
    assert listening.values("dcnet_trap_state_normal") == {("dev-1", "link", "if7"): 1}
    assert listening.received("linkDown") + listening.dropped("rate_limit") == 50
    assert listening.received("linkDown") >= 4
    assert listening.dropped("rate_limit") > 0


async def test_what_the_kernel_has_no_room_for(trap_inventory: MakeTrapInventory) -> None:
    """Datagrams that found the receive buffer full are counted: none is lost untold."""
    port = free_udp_port()
    inventory = trap_inventory(DEVICES, credentials=CREDENTIALS, traps=f"listen: 127.0.0.1, port: {port}")
    receiver = TrapReceiver(lambda _device: {})
    opened = receiver.open(inventory)
    assert opened is not None
    try:
        sent = flood(port, "127.0.0.2", 40_000, 0.5, SECRETS["COMMUNITY"])
        read = 0
        while opened.receive() is not None:
            read += 1
        assert read < sent
        assert read + opened.lost() == sent
    finally:
        opened.close()
        await receiver.stop()


async def test_a_reload_keeps_counts_and_limits(listen: Listen, trap_inventory: MakeTrapInventory) -> None:
    """Counters and spent limits outlive a reload, also one that moves the port; a removed device's counts do not."""
    listening = await listen(settings="per_second: 0.001, burst: 3")
    for _ in range(5):
        send(make_v2(COLD_START), listening.port)
    await listening.until(lambda: listening.dropped("rate_limit") == 1)
    await listening.until(lambda: listening.received("coldStart") == 3)
    settings = "per_second: 0.001, burst: 3"
    port = free_udp_port()
    for where in (listening.port, port):
        inventory = trap_inventory(
            DEVICES, credentials=CREDENTIALS, traps=f"listen: 127.0.0.1, port: {where}, {settings}"
        )
        opened = listening.receiver.open(inventory)
        assert (opened is None) == (where == listening.port)
        listening.receiver.apply(inventory, opened)
    send(make_v2(COLD_START), port)
    await listening.until(lambda: listening.dropped("rate_limit") == 2)
    assert listening.received("coldStart") == 3
    fewer = trap_inventory(
        DEVICES.splitlines()[1],
        credentials=CREDENTIALS,
        traps=f"listen: 127.0.0.1, port: {port}",
    )
    listening.receiver.apply(fewer, listening.receiver.open(fewer))
    assert listening.values("dcnet_trap_received_total", source="dev-1") == {}


async def test_traps_over_ipv6(trap_inventory: MakeTrapInventory) -> None:
    """A receiver on :: takes traps of both IP versions, each under the device's address as it is written."""
    port = free_udp_port()
    inventory = trap_inventory(
        DEVICES, credentials=CREDENTIALS, traps=f'listen: "::", port: {port}, credentials: [community]'
    )
    receiver = TrapReceiver(lambda _device: {})
    receiver.apply(inventory, receiver.open(inventory))
    try:
        send(make_v2(COLD_START), port)
        await until(lambda: [trap.source for trap in receiver.recent() or ()] == ["dev-1"])
    finally:
        await receiver.stop()


@pytest.mark.parametrize(
    ("listen_on", "told"),
    [
        ("127.0.0.1", "is in use by another process (snmptrapd perhaps); stop it or write another port"),
        ("192.0.2.77", "192.0.2.77 is no address of this host; write one of its own, or 0.0.0.0"),
    ],
)
async def test_a_port_that_cannot_be_had(
    trap_inventory: MakeTrapInventory, listen: Listen, listen_on: str, told: str
) -> None:
    """A port in use and a strange address are told with what to do."""
    taken = (await listen()).port
    inventory = trap_inventory(DEVICES, credentials=CREDENTIALS, traps=f'listen: "{listen_on}", port: {taken}')
    with pytest.raises(ExporterError) as refused:
        TrapReceiver(lambda _device: {}).open(inventory)
    assert told in refused.value.words.in_language(Language.ENGLISH)


def test_a_port_that_needs_privilege(tmp_path: Path) -> None:
    """`serve` without privilege ends with an error that says how to have port 162, and no traceback."""
    if os.geteuid() != 0:
        pytest.skip("needs root, to do without a part of it")
    start = Path("/proc/sys/net/ipv4/ip_unprivileged_port_start").read_text(encoding="ascii")
    if int(start) <= 162:
        pytest.skip("here anybody may have port 162")
    file = tmp_path / "inventory.yml"
    file.write_text("site: {name: s, time_zone: UTC}\ntraps: {listen: 127.0.0.1}\n")
    unprivileged = ["setpriv", "--bounding-set=-net_bind_service", "--inh-caps=-net_bind_service"]
    exporter = [sys.executable, "-m", "exporter", "--lang", "en", "serve", "--listen", "127.0.0.1:0"]
    done = subprocess.run(
        [*unprivileged, *exporter, "--inventory", str(file)], capture_output=True, text=True, timeout=60, check=False
    )
    assert done.returncode, done.stderr
    assert "traps: 127.0.0.1 port 162/udp needs privilege: run with CAP_NET_BIND_SERVICE" in done.stderr
    assert "Traceback" not in done.stderr


async def test_a_reload_with_a_port_that_cannot_be_had(
    tmp_path: Path, listen: Listen, trap_inventory: MakeTrapInventory, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The reload is refused, and the old port goes on receiving."""
    for name, secret in SECRETS.items():
        monkeypatch.setenv(name, secret)
    taken, own = (await listen()).port, free_udp_port()
    inventory = trap_inventory(DEVICES, credentials=CREDENTIALS, traps=f"listen: 127.0.0.1, port: {own}")
    file = tmp_path / "traps.yml"
    state = ExporterState(file, inventory, lambda: datetime.now(UTC))
    await state.start()
    try:
        file.write_text(file.read_text().replace(f"port: {own}", f"port: {taken}"))
        with pytest.raises(PublicError):
            await state.reload()
        send(make_v2(LINK_DOWN), own)
        counted = 'dcnet_trap_received_total{source="dev-1",trap="linkDown"} 1.0'
        await until(lambda: counted in render_text(state.samples()))
    finally:
        await state.stop()


def test_traps_on_the_page() -> None:
    """Each device's last traps stand in one row, newest first, and what a device wrote cannot become markup."""
    traps = [
        ReceivedTrap("dev-1", "linkUp", "<b>eth0", 1000.0),
        ReceivedTrap("dev-1", "linkDown", "<b>eth0", 990.0),
        ReceivedTrap("dev-2", "coldStart", "", 940.0),
    ]
    page = render_traps(traps, Language.ENGLISH, datetime.fromtimestamp(1000, UTC))
    assert "<td>dev-1</td><td>linkUp · &lt;b&gt;eth0 · 0 s ago<br>linkDown · &lt;b&gt;eth0 · 10 s ago</td>" in page
    assert "<td>dev-2</td><td>coldStart · 60 s ago</td>" in page
    assert "Belum ada trap" in render_traps([], Language.INDONESIAN, datetime.now(UTC))
    assert render_traps(None, Language.ENGLISH, datetime.now(UTC)) == ""


async def test_long_interface_names_are_cut(listen: Listen) -> None:
    """A device's text becomes a label of bounded length."""
    listening = await listen()
    bindings = [
        (f"{IF_INDEX}.7", v2c.Integer32(7)),
        ("1.3.6.1.2.1.31.1.1.1.1.7", v2c.OctetString("x\n" * 500)),
    ]
    send(make_v2(LINK_DOWN, bindings), listening.port)
    await listening.until(lambda: listening.received("linkDown") == 1)
    ((_, _, name),) = listening.values("dcnet_trap_state_normal")
    assert name.startswith("x x x")
    assert len(name) == 100
