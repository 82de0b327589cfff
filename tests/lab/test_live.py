import asyncio
import signal
import socket
import sys
from datetime import timedelta
from pathlib import Path

import dns.asyncquery
import dns.message
import dns.rcode
import pytest
from aiohttp import ClientSession

from lab.errors import LabError
from lab.mib import DeviceMib
from lab.model import Model
from lab.snmp_agents import running_agents
from lab.timeline import Month
from lab.topology import DEVICES, LINKS
from tests.lab.conftest import SECRETS, StartLab, free_port, write_secrets

V2C = ("-v2c", "-c", SECRETS.community)
V3 = (
    *("-v3", "-l", "authPriv", "-u", SECRETS.user),
    *("-a", "SHA", "-A", SECRETS.authentication, "-x", "AES", "-X", SECRETS.privacy),
)
IF_HC_IN_OCTETS = "1.3.6.1.2.1.31.1.1.1.6"
SYS_NAME = "1.3.6.1.2.1.1.5.0"


def _at(month: Month, day: int, hour: int, minute: int = 0) -> float:
    return (month.start + timedelta(days=day - 1, hours=hour, minutes=minute)).timestamp()


@pytest.mark.parametrize(("device", "arguments"), [("core-1", V2C), ("edge-1", V3)], ids=["v2c", "v3"])
async def test_net_snmp_walks_an_agent(
    start_lab: StartLab, month: Month, device: str, arguments: tuple[str, ...]
) -> None:
    """net-snmp's bulk walk over v2c and v3 reads the counters of the model, and they grow with the clock."""
    async with start_lab(_at(month, 10, 9)) as lab:
        address = f"{DEVICES[device].address}:{lab.ports.snmp}"
        walks = []
        for _ in range(2):
            status, out, err = await lab.run("snmpbulkwalk", *arguments, "-Oqv", address, IF_HC_IN_OCTETS)
            assert status == 0, err
            walks.append([int(line) for line in out.split()])
            state = lab.model.device(device, lab.clock())
            assert walks[-1] == [one.receive.bytes for one in state.interfaces]
            lab.clock.now += 60
        connected = [one.connected for one in DEVICES[device].interfaces]
        assert [later > earlier for earlier, later in zip(*walks, strict=True)] == connected


async def test_whole_walk_ends(start_lab: StartLab, month: Month) -> None:
    """A walk over everything that an agent has gives every table once and then ends."""
    async with start_lab(_at(month, 10, 9)) as lab:
        address = f"{DEVICES['ups-1'].address}:{lab.ports.snmp}"
        status, out, err = await lab.run("snmpbulkwalk", *V2C, "-On", address, "1.3.6.1")
    assert status == 0, err
    lines = [line for line in out.splitlines() if line.startswith(".1")]
    objects = [tuple(map(int, line.split(" ")[0].split(".")[1:])) for line in lines if "No more variables" not in line]
    assert objects == sorted(set(objects))
    assert len(objects) == len(list(DeviceMib(DEVICES["ups-1"])))


@pytest.mark.parametrize(
    "arguments",
    [
        ("-v2c", "-c", "wrong"),
        ("-v3", "-l", "noAuthNoPriv", "-u", SECRETS.user),
        (*V3[:-1], "wrong-privacy"),
    ],
    ids=["community", "no-authentication", "privacy"],
)
async def test_wrong_secret_gets_nothing(start_lab: StartLab, month: Month, arguments: tuple[str, ...]) -> None:
    """Who does not know the secret learns nothing from an agent."""
    device = "core-1" if arguments[0] == "-v2c" else "edge-1"
    async with start_lab(_at(month, 10, 9)) as lab:
        address = f"{DEVICES[device].address}:{lab.ports.snmp}"
        status, out, _ = await lab.run("snmpget", "-r0", "-t0.3", *arguments, address, SYS_NAME)
    assert status != 0
    assert device not in out


async def test_device_without_power_is_silent(start_lab: StartLab, month: Month) -> None:
    """During an outage nothing comes back, not even a report; afterwards the device answers again."""
    async with start_lab(_at(month, 9, 1, 30)) as lab:
        command = ("snmpget", "-r0", "-t0.3", *V2C, f"{DEVICES['access-3'].address}:{lab.ports.snmp}", SYS_NAME)
        status, _, err = await lab.run(*command)
        assert status != 0
        assert "Timeout" in err
        lab.clock.now = _at(month, 9, 10)
        status, out, err = await lab.run(*command)
        assert status == 0, err
        assert "access-3" in out


async def test_port_in_use_is_told(model: Model, month: Month) -> None:
    """A port that another program holds is named, with what to do; no agent starts."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as other:
        other.bind((DEVICES["ups-1"].address, 0))
        port = other.getsockname()[1]
        with pytest.raises(LabError, match=rf"UDP port 127\.20\.5\.1:{port} cannot be used"):
            running_agents(model, SECRETS, lambda: _at(month, 1, 1), port).__enter__()


async def test_services_answer_and_degrade(start_lab: StartLab, month: Month) -> None:
    """Behind each link DNS and HTTP answer; the portal of isp-a fails while the scenario says so."""
    link = LINKS["isp-a"]
    query = dns.message.make_query("layanan.dcnet.test", "A")
    async with start_lab(_at(month, 10, 9)) as lab, ClientSession() as http:
        for ask in (dns.asyncquery.udp, dns.asyncquery.tcp):
            answer = await ask(query, link.resolver, timeout=5, port=lab.ports.dns)
            assert answer.answer[0].to_text().endswith("A 192.0.2.80")
        unknown = dns.message.make_query("tidak-ada.dcnet.test", "A")
        answer = await dns.asyncquery.udp(unknown, link.resolver, timeout=5, port=lab.ports.dns)
        assert answer.rcode() == dns.rcode.NXDOMAIN
        for instant, status in ((_at(month, 10, 9), 200), (_at(month, 26, 9, 30), 503)):
            lab.clock.now = instant
            async with http.get(f"http://{link.portal}:{lab.ports.http}/") as response:
                assert response.status == status


async def test_agents_command_runs_until_it_is_told_to_stop(tmp_path: Path) -> None:
    """`python -m lab agents` says ready once all ports are open, and ends cleanly on SIGTERM."""
    ready = tmp_path / "ready"
    ports = [str(free_port()) for _ in range(3)]
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "lab", "agents", "--ready-file", str(ready), "--snmp-port", ports[0]),
        *("--dns-port", ports[1], "--http-port", ports[2], "--secrets", str(write_secrets(tmp_path / "secrets"))),
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )
    assert process.stdout is not None
    assert (await process.stdout.readline()).strip() == b"ready"
    assert ready.exists()
    process.send_signal(signal.SIGTERM)
    _, err = await process.communicate()
    assert process.returncode == 0, err
    assert err == b""
    assert not ready.exists()
