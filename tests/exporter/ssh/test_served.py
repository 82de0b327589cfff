"""The served exporter and its commands with devices over SSH: metrics, versions, and SNMP beside them."""

import time
from collections.abc import Callable
from pathlib import Path

from click.testing import CliRunner, Result

from exporter.cli import main
from exporter.inventory.models import Inventory
from tests.exporter.conftest import SECRETS, Snmpd
from tests.exporter.ssh import devices
from tests.exporter.ssh.conftest import PASSWORD, Cli, samples_of, wait_until, write_site
from tests.exporter.test_server import serving

SECRET = "Zq7RtY4mKpW2xN9v"


def run(*arguments: str, language: str = "en") -> Result:
    """A command of the exporter's."""
    return CliRunner().invoke(main, arguments, env={**SECRETS, "DCNET_LANG": language})


def test_visits_are_published_kept_and_told(cli: Cli, snmpd: Snmpd, tmp_path: Path) -> None:
    """/probe tells the last visit beside SNMP; config log, diff and show tell the versions; no secret is in any."""
    first = devices.IOS["show running-config"].replace("line vty", f"enable secret 9 $9${SECRET}\nline vty")
    cli.be({**devices.IOS, "show running-config": first}, devices.IOS_PROMPT)
    more = (
        "configuration:\n  folder: archive\n  rules: [{name: ssh-only, must_have: ['transport input ssh$']}]\n"
        "ssh: {interval_seconds: 2}\n"
    )
    file = write_site(tmp_path, snmpd.port, cli.port, more)
    with serving(file) as exporter:
        for name in ("both", "visited-1"):
            path = f"/probe?target={name}"
            wait_until(lambda path=path: exporter.value("dcnet_config_backup_success", path) == 1)  # type: ignore[misc]
            said = samples_of(exporter.get(path).text)
            assert said["dcnet_up"] == 1
            assert said['dcnet_collector_success{collector="ssh"}'] == 1
            ran_at = said['dcnet_collector_last_run_timestamp_seconds{collector="ssh"}']
            assert time.time() - 60 < ran_at <= time.time()
            assert said['dcnet_config_compliant{rule="ssh-only"}'] == 1
            assert 'dcnet_collector_snmp_packets{collector="ssh"}' not in said
        assert {target["labels"]["instance"] for target in exporter.get("/sd").json()} == {"both", "visited-1"}
        info = exporter.get("/probe?target=both").text
        assert 'sys_name="real-host"' in info, "SNMP's identity stands"
        assert 'serial="FOC1111X0AA"' in info, "and has the serial that SNMP did not give"

        cli.set("show running-config", first.replace("input ssh", "input telnet"))
        wait_until(lambda: exporter.value("dcnet_config_compliant", "/probe?target=both", rule="ssh-only") == 0)
        cli.be(devices.IOS, devices.IOS_PROMPT, password="changed")
        failing = {"collector": "ssh", "reason": "auth"}
        wait_until(lambda: exporter.value("dcnet_collector_failure", "/probe?target=both", **failing) == 1)
        said = samples_of(exporter.get("/probe?target=both").text)
        assert (said["dcnet_up"], said["dcnet_config_backup_success"]) == (1, 0)
        wait_until(lambda: exporter.value("dcnet_up", "/probe?target=visited-1") == 0)
        pages = [exporter.get(path).text for path in ("/", "/metrics", "/probe?target=both")]

    log = run("config", "log", "both", "--inventory", str(file))
    assert log.exit_code == 0, log.stderr
    newest, oldest = log.stdout.splitlines()
    assert "+1 -1  changed 2026-11-22 10:11:12 WIB by andi" in newest
    assert "last read 2" in log.stderr
    assert "terakhir dibaca 2" in run("config", "log", "both", "--inventory", str(file), language="id").stderr
    diff = run("config", "diff", "both", "--inventory", str(file))
    assert "\n- transport input ssh\n+ transport input telnet\n" in diff.stdout
    shown = run("config", "show", "both", oldest.split()[0], "--inventory", str(file))
    assert "enable secret 9 <removed>\n" in shown.stdout
    assert "transport input ssh\n" in shown.stdout
    for text in (*pages, log.stdout, diff.stdout, shown.stdout, exporter.log.read_text()):
        assert SECRET not in text
        assert PASSWORD not in text
        assert "Traceback" not in text


def test_what_is_not_there_is_told_to_people(tmp_path: Path) -> None:
    """Without an archive the commands say so, and end with a status other than 0."""
    file = write_site(tmp_path, 161, 22, "configuration: {folder: archive}\n")
    done = run("config", "log", "visited-1", "--inventory", str(file))
    assert done.exit_code == 1
    assert "no configurations are kept in" in done.stderr
    assert "Traceback" not in done.stderr


def test_a_folder_that_cannot_be_used_stops_the_start(tmp_path: Path) -> None:
    """A file in the archive's place is told before anything is served."""
    (tmp_path / "archive").write_text("")
    file = write_site(tmp_path, 161, 22, "configuration: {folder: archive}\n")
    done = run("serve", "--inventory", str(file), "--listen", "127.0.0.1:0")
    assert done.exit_code == 1
    assert "archive cannot be used" in done.stderr
    assert "Traceback" not in done.stderr


def test_probe_visits_now_where_it_is_asked_to(cli: Cli, site: Callable[..., Inventory], tmp_path: Path) -> None:
    """`probe --ssh --debug` prints the metrics of a visit and what was sent, keeps nothing, and tells no secret."""
    running = devices.IOS["show running-config"].replace("line vty", f"snmp-server community {SECRET} RO\nline vty")
    cli.be({**devices.IOS, "show running-config": running}, devices.IOS_PROMPT)
    site(cli.port, "cisco_ios", more="configuration: {folder: archive}\n")
    done = run("probe", "device-1", "--ssh", "--debug", "--inventory", str(tmp_path / "inventory.yml"))
    assert done.exit_code == 0, done.stderr
    assert 'dcnet_collector_success{collector="ssh"} 1' in done.stdout
    assert "'show running-config' answered with" in done.stderr
    assert SECRET not in done.stdout + done.stderr
    assert PASSWORD not in done.stdout + done.stderr
    assert not (tmp_path / "archive").exists()
