"""The inventory's words about traps: every mistake at once, each at its line."""

from pathlib import Path

import pytest

from dcnet.errors import PublicError
from dcnet.language import Language
from exporter.inventory.load import load_inventory

WRONG = """site: {name: s, time_zone: UTC}
traps:
  listen: everywhere
  port: 70000
  credentials: [nowhere]
  per_second: 0
  engine_id: 80001f
devices:
  - {name: a, address: 192.0.2.1, role: r}
  - {name: b, address: 192.0.2.1, role: r, traps: {credentials: [neither], engine_id: xyz}}
  - {name: c, address: 192.0.2.3, role: r, traps: {addresses: [192.0.2.1, 192.0.2.3]}}
  - {name: d, address: 192.0.2.1, role: r, traps: {accepted: false, community: public}}
"""
TOLD = [
    (3, "found 'everywhere', expected an IP address"),
    (4, "70000"),
    (5, "found 'nowhere', expected a name of credentials.snmp"),
    (6, "0"),
    (7, "expected an SNMP engine ID: 5 to 32 bytes in hexadecimal"),
    (10, "192.0.2.1 is an address of devices[0] too"),
    (10, "found 'neither', expected a name of credentials.snmp"),
    (10, "found 'xyz', expected an SNMP engine ID"),
    (11, "192.0.2.1 is an address of devices[0] too"),
    (12, "community"),
]


def test_every_mistake_at_once(tmp_path: Path) -> None:
    """Each wrong line of traps is named, with what stands there and what should."""
    file = tmp_path / "inventory.yml"
    file.write_text(WRONG)
    with pytest.raises(PublicError) as refused:
        load_inventory(file, {})
    text = refused.value.words.in_language(Language.ENGLISH)
    for line, told in TOLD:
        of_line = [found for found in text.splitlines() if f":{line}:" in found]
        assert any(told in found for found in of_line), (line, text)


def test_shared_addresses_without_traps(tmp_path: Path) -> None:
    """Where no traps are received, several devices may share an address as before."""
    file = tmp_path / "inventory.yml"
    shared = "".join(f"  - {{name: d{number}, address: 192.0.2.1, role: r}}\n" for number in range(2))
    file.write_text(f"site: {{name: s, time_zone: UTC}}\ndevices:\n{shared}")
    assert len(load_inventory(file, {}).devices) == 2
