"""A platform's file with a mistake is refused with file and line; so is an inventory that uses it wrongly."""

import re
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from dcnet.language import Language
from dcnet.located_yaml import ConfigurationError
from exporter.inventory.models import Inventory
from exporter.platforms.library import FOLDER, load_platforms, shipped_platforms

WANTED = {
    *("cisco_ios", "cisco_xe", "cisco_nxos", "cisco_xr", "juniper_junos", "arista_eos", "mikrotik_routeros"),
    *("huawei_vrp", "hp_comware", "aruba_aoscx", "fortinet", "paloalto_panos", "linux"),
}
CHANGING = ("conf", "set ", "write", "copy", "delete", "no ", "commit", "edit", "reload", "erase", "save", "undo")
"""Words that commands begin with that change a device."""

SESSION_ONLY = {
    "set cli screen-length 0",
    "set cli screen-width 0",
    "set cli pager off",
    "set cli scripting-mode on",
    "no page",
}
"""Of one session only, by the vendors' documents."""


def test_every_platform_is_there_and_changes_nothing() -> None:
    """The platforms of the contract exist, with drivers that netmiko has, and send no command that changes a device."""
    from netmiko.ssh_dispatcher import CLASS_MAPPER  # noqa: PLC0415 - slow to import

    platforms = shipped_platforms()
    assert set(platforms) >= WANTED
    for platform in platforms.values():
        assert platform.netmiko in CLASS_MAPPER
        for command in set(platform.commands) - SESSION_ONLY:
            assert not command.startswith(CHANGING), command


@pytest.mark.parametrize(
    ("platform", "prompt"),
    [
        ("cisco_ios", "core-1#"),
        ("cisco_ios", "core-1>"),
        ("cisco_xe", "cat9k.site(recovery-mode)#"),
        ("cisco_nxos", "n9k-1# "),
        ("cisco_xr", "RP/0/RSP0/CPU0:edge-1#"),
        ("juniper_junos", "andi@edge-1> "),
        ("juniper_junos", "andi@edge-1-re0>"),
        ("arista_eos", "leaf-1(s2)#"),
        ("mikrotik_routeros", "[andi@MikroTik Atap] > "),
        ("huawei_vrp", "<acc-1>"),
        ("hp_comware", "<H3C Lantai 2>"),
        ("aruba_aoscx", "6300# "),
        ("fortinet", "FGT60F # "),
        ("fortinet", "FGT60F (root) # "),
        ("paloalto_panos", "andi@PA-220> "),
        ("paloalto_panos", "andi@PA-220(active)> "),
        ("linux", "andi@host:~$ "),
        ("linux", "[root@host ~]# "),
    ],
)
def test_a_prompt_of_the_platform_is_known(platform: str, prompt: str) -> None:
    """The first prompt is recognised, and a line of a configuration is none."""
    pattern = shipped_platforms()[platform].prompt
    assert re.search(pattern, prompt)
    assert not re.search(pattern, " description uplink")
    assert not re.search(pattern, "Last login: Sun Nov 22 10:00:00 2026")


@pytest.mark.parametrize(
    ("old", "new", "told"),
    [
        ("prepare:", "prepares:", "cisco_ios.yml:3: prepares: unknown key"),
        ("complete: '^end", "complete: '^(end", "running.complete: not a regular expression"),
        ("template: cisco_ios_show_inventory", "template: cisco_ios_show_inventry", "found 'cisco_ios_show_inventry'"),
        ("serial: '{sn}'", "serial: '{sm}'", "there is no field 'sm'; there are: descr, name, pid, sn, vid"),
        ("metric: dcnet_device_info", "metric: dcnet_divice_info", "found 'dcnet_divice_info', expected a gauge"),
        ("labels: {vendor: Cisco", "labels: {vendors: Cisco", "dcnet_device_info has no label 'vendors'"),
        ("(?P<secret>\\S+) (?:address", "(\\S+) (?:address", "there is no group (?P<secret>...)"),
        ("compare: true}", "compare: true, when_found: x}", "give one of compare, when_found, unless_found"),
        ("(?P<month>", "(?P<moon>", "pattern: found the groups"),
        ("show inventory", '"show inventory\\nreload"', "one command on one line"),
    ],
)
def test_a_mistake_is_refused_with_file_and_line(old: str, new: str, told: str, tmp_path: Path) -> None:
    """The message names the file, the line of the mistake and what was expected."""
    folder = tmp_path / "platforms"
    shutil.copytree(FOLDER, folder)
    file = folder / "cisco_ios.yml"
    text = file.read_text()
    assert old in text
    file.write_text(text.replace(old, new, 1))
    with pytest.raises(ConfigurationError) as refused:
        load_platforms(folder)
    message = refused.value.in_language(Language.ENGLISH)
    assert told in message
    line = text[: text.index(old)].count("\n") + 1
    found = int(message.partition("cisco_ios.yml:")[2].partition(":")[0])
    # A mistake that only several keys together show is told at the entry that holds them.
    assert line - 3 <= found <= line, message


@pytest.mark.parametrize(
    ("more", "told"),
    [
        ("configuration: {rules: [{name: a}]}\n", "configuration.rules[0]: give must_have, must_not_have, or both"),
        (
            "configuration: {rules: [{name: a, roles: [core_swich], must_have: [x]}]}\n",
            "7: configuration.rules[0].roles[0]: found 'core_swich', expected the role of a device",
        ),
        ("configuration: {rules: [{name: a, must_have: ['(']}]}\n", "must_have[0]: not a regular expression"),
        ("configuration: {rules: [{name: a, platforms: [ios], must_have: [x]}]}\n", "found 'ios', expected one of"),
        (
            "configuration: {rules: [{name: a, must_have: [x]}, {name: a, must_have: [y]}]}\n",
            "name 'a' is already taken by configuration.rules[0]",
        ),
        ("ssh: {sessions_in_all: 0}\n", "ssh.sessions_in_all"),
    ],
)
def test_an_inventory_s_mistakes_about_ssh_are_told(more: str, told: str, site: Callable[..., Inventory]) -> None:
    """Rules, platforms and settings are checked with the rest of the inventory."""
    with pytest.raises(ConfigurationError) as refused:
        site(22, "cisco_ios", more=more)
    assert told in refused.value.in_language(Language.ENGLISH)
