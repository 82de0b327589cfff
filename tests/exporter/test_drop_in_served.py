"""A real `dcnet-exporter serve` with and without --snmp-config: the endpoint, reload, start, secrets."""

import shutil
import subprocess
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import pytest
import requests

from tests.exporter.conftest import SECRETS, Snmpd
from tests.exporter.test_server import COMMAND, ENVIRONMENT, until

INVENTORY = "site: {name: t, time_zone: Asia/Jakarta}\n"
SNMP_YML = """auths:
  public_v2: {community: "${env:COMMUNITY}"}
  private: {version: 3, username: sha, security_level: authPriv, auth_protocol: SHA, password: "${env:AUTH}",
    priv_protocol: AES, priv_password: "${env:PRIVACY}"}
  first: {version: 1, community: "${env:COMMUNITY}"}
  wrong: {version: 3, username: sha, security_level: authNoPriv, auth_protocol: SHA, password: "${env:WRONG}"}
modules:
  if_mib:
    walk: [1.3.6.1.2.1.2.2.1.2, 1.3.6.1.2.1.2.2.1.3]
    get: [1.3.6.1.2.1.1.5.0]
    metrics:
    - {name: sysName, oid: 1.3.6.1.2.1.1.5, type: DisplayString, help: The name.}
    - name: ifType
      oid: 1.3.6.1.2.1.2.2.1.3
      type: EnumAsInfo
      help: The type.
      enum_values: {6: ethernetCsmacd, 24: softwareLoopback}
      indexes: [{labelname: ifIndex, type: gauge}]
      lookups: [{labels: [ifIndex], labelname: ifDescr, oid: 1.3.6.1.2.1.2.2.1.2, type: DisplayString}]
"""


@contextmanager
def serving(folder: Path, *options: str) -> Iterator[tuple[str, Path]]:
    """The base of the URLs and the log."""
    (folder / "inventory.yml").write_text(INVENTORY)
    log = folder / "log"
    with log.open("wb") as stream:
        process = subprocess.Popen(
            [*COMMAND, "serve", "--inventory", "inventory.yml", "--listen", "127.0.0.1:0", *options],
            env=ENVIRONMENT,
            stdout=stream,
            stderr=stream,
            cwd=folder,
        )
    try:
        until(lambda: listening_port(process.pid) is not None or process.poll() is not None, log.read_text)
        yield f"http://127.0.0.1:{listening_port(process.pid)}", log
    finally:
        process.terminate()
        process.wait(15)


def listening_port(pid: int) -> int | None:
    """The TCP port that a process listens on."""
    try:
        inodes = {str(link.readlink()) for link in Path(f"/proc/{pid}/fd").iterdir()}
    except OSError:
        return None
    for line in Path("/proc/net/tcp").read_text().splitlines()[1:]:
        fields = line.split()
        if fields[3] == "0A" and f"socket:[{fields[9]}]" in inodes:
            return int(fields[1].rpartition(":")[2], 16)
    return None


def samples(text: str) -> set[str]:
    return {line for line in text.splitlines() if line[:1] not in {"", "#"} and not line.startswith("snmp_scrape")}


def get(base: str, port: int, **parameters: str) -> requests.Response:
    return requests.get(f"{base}/snmp", params={"target": f"127.0.0.1:{port}", **parameters}, timeout=20)


def test_every_version_tells_the_same(tmp_path: Path, snmpd: Snmpd) -> None:
    """Versions 1, 2c and 3 read the same of a real snmpd, promtool accepts it, and no secret stands anywhere."""
    (tmp_path / "snmp.yml").write_text(SNMP_YML)
    with serving(tmp_path, "--snmp-config", "snmp.yml", "--snmp-allow", "127.0.0.0/8") as (base, log):
        answers = {auth: get(base, snmpd.port, auth=auth) for auth in ("public_v2", "private", "first", "wrong")}
        pages = [requests.get(base + path, timeout=20).text for path in ("/", "/metrics")]
    told = {auth: samples(answer.text) for auth, answer in answers.items()}
    assert 'sysName{sysName="real-host"} 1' in told["public_v2"]
    assert 'ifType_info{ifDescr="lo",ifIndex="1",ifType="softwareLoopback"} 1' in told["public_v2"]
    assert told["public_v2"] == told["private"] == told["first"]
    assert answers["wrong"].status_code == 500
    assert answers["public_v2"].headers["Content-Type"].startswith("text/plain; version=0.0.4")
    everything = log.read_text() + "".join(answer.text for answer in answers.values()) + "".join(pages)
    assert not [name for name, secret in SECRETS.items() if secret in everything]
    if shutil.which("promtool") is None:
        pytest.skip("promtool is not installed")
    checked = subprocess.run(
        ["promtool", "check", "metrics"], input=answers["public_v2"].text, capture_output=True, text=True, check=False
    )
    # The names are snmp_exporter's, whose camel case promtool would rather not see.
    assert [line for line in checked.stderr.splitlines() if "snake_case" not in line] == []


def test_off_unless_configured(tmp_path: Path) -> None:
    """Without --snmp-config there is no /snmp."""
    with serving(tmp_path) as (base, _):
        assert requests.get(f"{base}/snmp?target=127.0.0.1", timeout=20).status_code == 404


def test_reload_reads_snmp_yml_too(tmp_path: Path, snmpd: Snmpd) -> None:
    """A reload serves the new snmp.yml; one with a mistake is refused with its line and the old one stays."""
    file = tmp_path / "snmp.yml"
    file.write_text(SNMP_YML)
    with serving(tmp_path, "--snmp-config", "snmp.yml", "--snmp-allow", "127.0.0.1") as (base, _):
        assert get(base, snmpd.port, module="renamed").status_code == 400
        file.write_text(SNMP_YML.replace("if_mib:", "renamed:"))
        assert requests.post(f"{base}/-/reload", timeout=20).status_code == 200
        assert get(base, snmpd.port, module="renamed").status_code == 200
        file.write_text(SNMP_YML.replace("walk:", "wolk:"))
        refused = requests.post(f"{base}/-/reload", timeout=20)
        assert refused.status_code == 500
        assert "snmp.yml:9: modules.if_mib.wolk" in refused.text
        assert get(base, snmpd.port, module="renamed").status_code == 200


@pytest.mark.parametrize(
    ("options", "words"),
    [
        (["--snmp-config", "snmp.yml"], "must be given together"),
        (["--snmp-allow", "127.0.0.1"], "must be given together"),
        (["--snmp-config", "snmp.yml", "--snmp-allow", "10.0.0.1/8"], "expected a network"),
        (["--snmp-config", "absent.yml", "--snmp-allow", "127.0.0.1"], "absent.yml:1: file does not exist"),
    ],
)
def test_wrong_start(tmp_path: Path, options: Sequence[str], words: str) -> None:
    """Options that make no sense together end the start with words, not with a traceback."""
    (tmp_path / "snmp.yml").write_text(SNMP_YML)
    (tmp_path / "inventory.yml").write_text(INVENTORY)
    done = subprocess.run(
        [*COMMAND, "serve", "--inventory", "inventory.yml", *options],
        env=ENVIRONMENT,
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=False,
        timeout=30,
    )
    assert done.returncode != 0
    assert words in done.stderr
    assert "Traceback" not in done.stderr
