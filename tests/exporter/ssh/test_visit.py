"""What one visit sends, reads and says, platform by platform, over real SSH."""

import time
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import pytest

from exporter.configuration.archive import Archive
from exporter.inventory.models import Inventory
from exporter.platforms.library import shipped_platforms
from tests.exporter.ssh import devices
from tests.exporter.ssh.conftest import Cli, shown, visit

PLATFORMS = {
    "cisco_ios": (devices.IOS, devices.IOS_PROMPT),
    "juniper_junos": (devices.JUNOS, devices.JUNOS_PROMPT),
    "arista_eos": (devices.EOS, devices.EOS_PROMPT),
    "huawei_vrp": (devices.HUAWEI, devices.HUAWEI_PROMPT),
}
CHANGED = datetime(2026, 11, 22, 3, 11, 12, tzinfo=UTC).timestamp()
"""10:11:12 WIB."""

BREAKS = {
    "cisco_ios": ("show running-config", " transport input ssh\n", " transport input telnet\n"),
    "juniper_junos": ("show configuration | display set", "services ssh\n", "services telnet\n"),
    "arista_eos": ("show running-config", "   idle-timeout 10\n", "   idle-timeout 99\n   telnet\n"),
    "huawei_vrp": ("display current-configuration", "stelnet server enable", "telnet server enable"),
}
UNSAVED = {
    "juniper_junos": (
        "show system commit",
        "0   2026-11-22 10:11:12 WIB by andi via cli commit confirmed, rollback in 5mins\n",
    ),
    "arista_eos": ("show running-config diffs", "--- flash:/startup-config\n+++ system:/running-config\n+   telnet\n"),
}
"""Where the running configuration's change does not show it by itself."""


@pytest.mark.parametrize("platform", PLATFORMS)
async def test_a_change_an_unsaved_change_and_a_broken_rule_are_seen_at_the_next_visit(
    platform: str, cli: Cli, site: Callable[..., Inventory], tmp_path: Path
) -> None:
    """A sound device is saved, compliant and backed up; the visit after a change tells it and keeps both versions."""
    answers, prompt = PLATFORMS[platform]
    cli.be(answers, prompt)
    inventory = site(
        cli.port,
        platform,
        more="configuration:\n  folder: archive\n  rules:\n"
        "    - {name: no-telnet, roles: [core_switch], must_not_have: ['(?<!s)telnet']}\n"
        "    - {name: of-others, platforms: [linux], must_have: [x]}\n",
    )
    started = time.time()
    first = await visit(inventory)
    assert first.failure is None
    said = shown(first)
    assert said["dcnet_config_unsaved"] == 0
    assert said["dcnet_config_last_change_timestamp_seconds"] == CHANGED
    assert said["dcnet_config_backup_success"] == 1
    assert started - 1 <= said["dcnet_config_backup_timestamp_seconds"] <= time.time()
    assert said['dcnet_config_compliant{rule="no-telnet"}'] == 1
    assert 'dcnet_config_compliant{rule="of-others"}' not in said

    command, old, new = BREAKS[platform]
    cli.set(command, answers[command].replace(old, new))
    if platform in UNSAVED:
        cli.set(*UNSAVED[platform])
    second = shown(await visit(inventory))
    assert second["dcnet_config_unsaved"] == 1
    assert second['dcnet_config_compliant{rule="no-telnet"}'] == 0

    archive = Archive(tmp_path / "archive")
    assert len(archive.log("device-1")) == 2
    lines = archive.diff("device-1").splitlines()
    assert any(line.startswith("-") and old.strip() in line for line in lines)
    assert any(line.startswith("+") and "telnet" in line for line in lines)
    assert "by andi" in archive.log("device-1")[0].summary


@pytest.mark.parametrize("platform", PLATFORMS)
async def test_the_device_gets_exactly_the_commands_of_its_profile(
    platform: str, cli: Cli, site: Callable[..., Inventory]
) -> None:
    """What arrives at the device is the profile's list, each command once, in order, and nothing else."""
    cli.be(*PLATFORMS[platform])
    reading = await visit(site(cli.port, platform))
    assert reading.failure is None
    assert cli.received() == list(shipped_platforms()[platform].commands)


async def test_facts_of_the_cli_become_the_contract_s_metrics(cli: Cli, site: Callable[..., Inventory]) -> None:
    """Serial, model, temperature and optics are read where the CLI gives them; what it lacks is absent."""
    optic = (
        "                                 Optical   Optical\n"
        "           Temperature  Voltage  Current   Tx Power  Rx Power\n"
        "Port       (Celsius)    (Volts)  (mA)      (dBm)     (dBm)\n"
        "---------  -----------  -------  --------  --------  --------\n"
        "Te1/0/1      31.5       3.29      36.0      -2.1      -40.0  \n"
    )
    cli.be({**devices.IOS, "show interfaces transceiver": optic}, devices.IOS_PROMPT)
    said = shown(await visit(site(cli.port, "cisco_ios")))
    info = (
        'dcnet_device_info{model="WS-C2960X-24TS-L",os="",serial="FOC1111X0AA",sys_name="",vendor="Cisco",version=""}'
    )
    assert said[info] == 1
    assert said['dcnet_optic_bias_amperes{alias="",interface="Te1/0/1",lane=""}'] == pytest.approx(0.036)
    assert said['dcnet_optic_receive_power_dbm{alias="",interface="Te1/0/1",lane=""}'] == -40
    assert not any(name.startswith("dcnet_temperature_celsius") for name in said)


async def test_a_pager_that_stays_is_answered_and_leaves_no_trace(
    cli: Cli, site: Callable[..., Inventory], tmp_path: Path
) -> None:
    """A device that ignores `terminal length 0` is read whole, page by page, the same as without pages."""
    cli.be(devices.IOS, devices.IOS_PROMPT, page_lines=3)
    reading = await visit(site(cli.port, "cisco_ios", more="configuration: {folder: archive}\n"))
    assert reading.failure is None
    assert cli.log().count("more") > 3
    kept = Archive(tmp_path / "archive").show("device-1")
    assert kept == "!\n!\nversion 15.2\nhostname core-1\n!\nline vty 0 4\n transport input ssh\n!\nend\n"


async def test_300_kilobytes_are_read_whole(cli: Cli, site: Callable[..., Inventory], tmp_path: Path) -> None:
    """A long configuration is kept to its last line."""
    lines = "".join(f"access-list 101 permit ip host 192.0.2.{n % 256} any ! {n:05d}\n" for n in range(6000))
    assert len(lines) > 300_000
    running = devices.IOS["show running-config"].replace("line vty", f"{lines}line vty")
    cli.be({**devices.IOS, "show running-config": running}, devices.IOS_PROMPT)
    reading = await visit(site(cli.port, "cisco_ios", more="configuration: {folder: archive}\n"))
    assert reading.failure is None
    kept = Archive(tmp_path / "archive").show("device-1")
    assert kept.count("access-list") == 6000
    assert kept.endswith("end\n")


async def test_a_banner_with_odd_characters_is_no_prompt(cli: Cli, site: Callable[..., Inventory]) -> None:
    """Bells, colours, prompt signs and bytes beyond ASCII before the prompt do not mislead."""
    banner = "\x07\x1b[31mPERHATIAN #\x1b[0m\r\n*** é ☃ > dilarang $ ***\r\nsiapa>\r\n%%%%#\r\n\x1b]0;judul\x07\r\n"
    cli.be(devices.IOS, devices.IOS_PROMPT, banner=banner)
    reading = await visit(site(cli.port, "cisco_ios"))
    assert reading.failure is None
    assert cli.received()[0] == "terminal length 0"


async def test_debug_tells_commands_and_sizes_and_no_answer(cli: Cli, site: Callable[..., Inventory]) -> None:
    """The trace for --debug names what was sent and how much came."""
    cli.be(devices.IOS, devices.IOS_PROMPT)
    told: list[str] = []
    await visit(site(cli.port, "cisco_ios"), trace=told.append)
    assert any("'show running-config' answered with" in line for line in told)
    assert not any("hostname" in line or "FOC1111X0AA" in line for line in told)
