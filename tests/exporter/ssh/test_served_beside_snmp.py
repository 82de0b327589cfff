"""A served exporter while visits over SSH hang, and without any: SNMP and memory are as they were."""

import time
from pathlib import Path

from tests.exporter.conftest import Snmpd
from tests.exporter.ssh import devices
from tests.exporter.ssh.conftest import PASSWORD, Cli, wait_until, write_site
from tests.exporter.test_server import serving


def test_snmp_is_read_as_ever_while_visits_hang(cli: Cli, snmpd: Snmpd, tmp_path: Path) -> None:
    """Thirty devices whose CLI never speaks do not fail or hold up a scrape, nor the exporter's end."""
    cli.be(devices.IOS, devices.IOS_PROMPT, silent=True)
    file = write_site(tmp_path, snmpd.port, cli.port, "ssh: {sessions_in_all: 10}\n", visited=30)
    with serving(file) as exporter:
        wait_until(lambda: len([line for line in cli.log() if line.startswith("open")]) == 10)
        for _ in range(5):
            assert exporter.value("dcnet_collector_success", "/probe?target=both", collector="interfaces") == 1
            assert exporter.value("dcnet_up", "/probe?target=both") == 1
        waiting = exporter.get("/probe?target=visited-30", headers={"X-Prometheus-Scrape-Timeout-Seconds": "1"})
        assert waiting.status_code == 503, "nothing is known of it: neither up nor down"
        assert "its first visit over SSH" in waiting.text
        started = time.monotonic()
    assert time.monotonic() - started < 14
    assert exporter.process.returncode == 0


def test_without_ssh_devices_its_libraries_are_not_loaded(tmp_path: Path) -> None:
    """What an inventory does not need costs no memory."""
    (tmp_path / "password").write_text(PASSWORD)
    file = tmp_path / "inventory.yml"
    file.write_text("site: {name: s, time_zone: Asia/Jakarta}\n")
    with serving(file) as exporter:
        assert exporter.get("/-/ready").status_code == 200
        mapped = Path(f"/proc/{exporter.process.pid}/maps").read_text()
    assert "_bcrypt" not in mapped, "paramiko's library"
    assert "nacl/_sodium" not in mapped
