"""`dcnet-exporter discover`: what it tells of a device, and of one that does not answer."""

from collections.abc import Callable
from pathlib import Path
from typing import TypeAlias

import pytest
import yaml
from click.testing import CliRunner, Result

from exporter.cli import main
from exporter.inventory.load import load_inventory
from tests.exporter.conftest import SECRETS, Snmpd

WriteInventory: TypeAlias = Callable[[str], Path]


def discover(file: Path, *arguments: str, language: str = "en") -> Result:
    words = ["--lang", language, "discover", "--inventory", str(file), *arguments]
    return CliRunner().invoke(main, words, env=SECRETS)


@pytest.mark.parametrize("credential", ["community", "sha256", "v1"])
def test_tells_what_a_device_is(snmpd: Snmpd, write_inventory: WriteInventory, credential: str) -> None:
    """It names the device, its profile, each collector with its time, and an entry that the inventory takes."""
    file = write_inventory("")
    if credential == "v1":
        credential = "community"
        file.write_text(file.read_text().replace("community: {version: 2c", "community: {version: 1"))
    done = discover(file, "127.0.0.1", "--credential", credential, "--port", str(snmpd.port))
    assert done.exit_code == 0, done.output
    assert "127.0.0.1: sys_name real-host, vendor Net-SNMP" in done.output
    assert "profile: linux_netsnmp" in done.output
    lines = {line.split()[0]: line for line in done.output.splitlines() if line.startswith("  ") and " s" in line}
    assert lines["interfaces"].endswith("good")
    assert lines["bgp"].endswith("not on this device")
    assert not [name for name, secret in SECRETS.items() if secret in done.output]
    entry = done.output[done.output.index("devices:") :]
    [listed] = yaml.safe_load(entry)["devices"]
    assert listed["name"] == "real-host"
    file.write_text(file.read_text() + entry)
    loaded = load_inventory(file, SECRETS).devices[0].snmp
    assert loaded is not None
    assert (loaded.credential, loaded.port) == (credential, snmpd.port)


def test_speaks_indonesian(snmpd: Snmpd, write_inventory: WriteInventory) -> None:
    """Its words are Indonesian unless told otherwise."""
    done = discover(
        write_inventory(""), "127.0.0.1", "--credential", "community", "--port", str(snmpd.port), language="id"
    )
    assert "tidak ada pada perangkat ini" in done.output
    assert "untuk inventory.yml" in done.output


FAILURES = {
    "community": ("closed", "unreachable: check route, address, and SNMP"),
    "wrong-community": ("snmpd", "no answer: check address, port, filters on the way, and the community"),
    "wrong-auth": ("snmpd", "refused: check the SNMPv3 user, protocols and passwords"),
}


@pytest.mark.parametrize("credential", FAILURES)
def test_tells_why_there_is_no_answer(
    snmpd: Snmpd, closed_port: int, write_inventory: WriteInventory, credential: str
) -> None:
    """Without an answer it says what to check, and ends with status 1."""
    where, expected = FAILURES[credential]
    port = closed_port if where == "closed" else snmpd.port
    done = discover(write_inventory(""), "127.0.0.1", "--credential", credential, "--port", str(port))
    assert done.exit_code == 1
    assert expected in done.output
    assert not [name for name, secret in SECRETS.items() if secret in done.output]


@pytest.mark.parametrize(
    ("arguments", "expected"),
    [
        (("127.0.0.1", "--credential", "none"), "--credential: found 'none', expected one of agent, "),
        (("10.0.0.256", "--credential", "community"), "found '10.0.0.256', expected an IP address or a host name"),
    ],
)
def test_mistakes_on_the_command_line(
    write_inventory: WriteInventory, arguments: tuple[str, ...], expected: str
) -> None:
    """A credential that the inventory lacks, or an address that is none, is told before anything is sent."""
    done = discover(write_inventory(""), *arguments)
    assert done.exit_code != 0
    assert expected in done.output
