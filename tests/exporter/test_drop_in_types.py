"""Every type of value, index and lookup, told by our /snmp as Debian's snmp_exporter tells it of the same agent."""

import shutil
import socket
import subprocess
import time
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml
from prometheus_client.parser import text_string_to_metric_families

from bench.if_mib_module import community_auth, current_form, older_form
from exporter.drop_in.service import DropIn
from exporter.drop_in.target import parse_network
from tests.exporter.conftest import free_port
from tests.exporter.scripted_agent import COMMUNITY, ScriptedAgent, counter64, oid, text, ticks

PEER = "prometheus-snmp-exporter"
ROOT = "1.3.6.1.4.1.99999"
Series = dict[tuple[str, frozenset[tuple[str, str]]], float]


def index(name: str, kind: str, **more: Any) -> dict[str, Any]:
    return {"labelname": name, "type": kind, **more}


def lookup(label: str, column: str, kind: str, *labels: str) -> dict[str, Any]:
    return {"labels": list(labels), "labelname": label, "oid": f"{ROOT}.{column}", "type": kind}


STATES = {1: "up", 2: "down", 7: "lost"}
METRICS: list[tuple[str, str, str, dict[str, Any]]] = [
    ("plainGauge", "1.1", "gauge", {}),
    ("wrappedCounter", "1.2", "counter", {}),
    ("upTime", "1.3", "gauge", {}),
    ("textNumber", "1.4", "gauge", {}),
    ("hexText", "1.5", "OctetString", {}),
    ("shownText", "1.6", "DisplayString", {}),
    ("escapedText", "1.7", "DisplayString", {}),
    ("emptyHex", "1.8", "OctetString", {}),
    ("objectId", "1.9", "DisplayString", {}),
    ("macAddress", "1.10", "PhysAddress48", {}),
    ("shortMac", "1.11", "PhysAddress48", {}),
    ("address4", "1.12", "InetAddressIPv4", {}),
    ("address6", "1.13", "InetAddressIPv6", {}),
    ("zonedInstant", "1.14", "DateAndTime", {}),
    ("bareInstant", "1.15", "DateAndTime", {}),
    ("neverInstant", "1.16", "DateAndTime", {}),
    ("brokenInstant", "1.17", "DateAndTime", {}),
    ("knownState", "1.18", "EnumAsInfo", {"enum_values": STATES}),
    ("unknownState", "1.19", "EnumAsInfo", {"enum_values": STATES}),
    ("stateSet", "1.20", "EnumAsStateSet", {"enum_values": STATES}),
    ("strangeSet", "1.21", "EnumAsStateSet", {"enum_values": STATES}),
    ("bitSet", "1.22", "Bits", {"enum_values": {0: "first", 7: "eighth", 8: "ninth", 30: "beyond"}}),
    ("negative", "1.23", "gauge", {}),
    (
        "extracted",
        "1.24",
        "DisplayString",
        {
            "regex_extracts": {
                "Celsius": [{"regex": r"temp=(\d+)C.*", "value": "$1"}, {"regex": ".*", "value": "-1"}],
                "Swapped": [{"regex": r"temp=(?P<whole>\d+)(C).*", "value": "${whole}1"}],
                "Nothing": [{"regex": "never", "value": "1"}],
                "NoNumber": [{"regex": "(.*)"}],
            }
        },
    ),
    ("typedAddress", "2.2", "InetAddress", {"indexes": [index("row", "gauge")]}),
    ("portId", "3.2", "LldpPortId", {"indexes": [index("row", "gauge")]}),
    ("byTwo", "4.1", "gauge", {"indexes": [index("slot", "gauge"), index("name", "DisplayString")]}),
    ("byFixed", "4.2", "gauge", {"indexes": [index("key", "OctetString", fixed_size=3), index("n", "Integer32")]}),
    ("byImplied", "4.3", "gauge", {"indexes": [index("name", "DisplayString", implied=True)]}),
    ("byMac", "4.4", "gauge", {"indexes": [index("mac", "PhysAddress48")]}),
    ("byAddress", "4.5", "gauge", {"indexes": [index("peer", "InetAddress"), index("n", "gauge")]}),
    ("bySizeless", "4.6", "gauge", {"indexes": [index("peer", "InetAddressMissingSize")]}),
    ("byState", "4.7", "gauge", {"indexes": [index("state", "EnumAsInfo", enum_values=STATES)]}),
    ("byHex", "4.8", "gauge", {"indexes": [index("key", "OctetString")]}),
    ("shortIndex", "4.9", "gauge", {"indexes": [index("a", "gauge"), index("b", "gauge")]}),
    (
        "lookedUp",
        "5.1",
        "gauge",
        {"indexes": [index("row", "gauge")], "lookups": [lookup("name", "5.2", "DisplayString", "row")]},
    ),
    (
        "chained",
        "5.3",
        "gauge",
        {
            "indexes": [index("row", "gauge")],
            "lookups": [
                lookup("parent", "5.4", "gauge", "row"),
                lookup("parentName", "5.2", "DisplayString", "parent"),
                {"labels": [], "labelname": "parent"},
            ],
        },
    ),
    (
        "byPair",
        "5.5",
        "gauge",
        {
            "indexes": [index("a", "gauge"), index("b", "gauge")],
            "lookups": [lookup("word", "5.6", "OctetString", "b", "a")],
        },
    ),
    ("ownName", "5.7", "DisplayString", {"indexes": [index("ownName", "gauge")]}),
]
OBJECTS: dict[str, Any] = {
    "1.1.0": 42,
    "1.2.0": counter64(2**63 + 12345),
    "1.3.0": ticks(4294967295),
    "1.4.0": text("17"),
    "1.5.0": text(b"\x00\xffA"),
    "1.6.0": text("Rak é 3"),
    "1.7.0": text('say "yes"\\no\nline'),
    "1.8.0": text(b""),
    "1.9.0": oid("1.3.6.1.4.1.9.1.1"),
    "1.10.0": text(b"\x00\x1b\xff\x01\x02\x03"),
    "1.11.0": text(b"\x0a\x0b"),
    "1.12.0": text(b"\x0a\x00\x00\xfe"),
    "1.13.0": text(bytes(range(16))),
    "1.14.0": text(b"\x07\xea\x0a\x04\x16\x1e\x0f\x05+\x07\x00"),
    "1.15.0": text(b"\x07\xea\x0c\x1f\x17\x3b\x3b\x00"),
    "1.16.0": text(b"\x00\x00\x00\x00\x00\x00\x00\x00"),
    "1.17.0": text(b"\x07\xea"),
    "1.18.0": 1,
    "1.19.0": 99,
    "1.20.0": 2,
    "1.21.0": 99,
    "1.22.0": text(b"\x81\x80"),
    "1.23.0": -5,
    "1.24.0": text("temp=21C ok"),
    **{f"2.1.{row}": kind for row, kind in ((1, 1), (2, 2), (3, 16))},
    "2.2.1": text(b"\xc0\x00\x02\x01"),
    "2.2.2": text(b"\x20\x01" + b"\x00" * 13 + b"\x01"),
    "2.2.3": text(b"host"),
    "2.2.4": text(b"\x01\x02"),
    **{f"3.1.{row}": kind for row, kind in ((1, 3), (2, 5), (3, 4))},
    "3.2.1": text(b"\x00\x01\x02\x03\x04\x05"),
    "3.2.2": text(b"ge-0/0/1"),
    "3.2.3": text(b"\x01\x02"),
    "4.1.1.3.97.98.99": 1,
    "4.1.2.0": 2,
    "4.2.1.2.255.9": 3,
    "4.3.97.98": 4,
    "4.4.0.27.255.1.2.3": 5,
    "4.5.1.4.192.0.2.1.7": 6,
    "4.5.2.16.32.1.13.184.0.0.0.0.0.0.0.0.0.0.0.1.8": 7,
    "4.5.16.2.104.105.9": 8,
    "4.6.1.192.0.2.9": 9,
    "4.6.9.1.2": 10,
    "4.7.2": 11,
    "4.7.3": 12,
    "4.8.2.1.254": 13,
    "4.9.3": 14,
    "5.1.1": 15,
    "5.1.2": 16,
    "5.2.1": text("one"),
    "5.2.4": text("four"),
    "5.3.1": 17,
    "5.4.1": 4,
    "5.5.1.2": 18,
    "5.6.2.1": text(b"\xab"),
    "5.7.1": text("never shown"),
}


def module() -> dict[str, Any]:
    metrics = [
        {"name": name, "oid": f"{ROOT}.{column}", "type": kind, "help": f"{name} of the test", **more}
        for name, column, kind, more in METRICS
    ]
    gets = [f"{ROOT}.{column}" for column in OBJECTS if column.startswith("1.")]
    return {"get": gets, "walk": [f"{ROOT}.{table}" for table in (2, 3, 4, 5)], "metrics": metrics, "timeout": "2s"}


@pytest.fixture(scope="module")
def agent() -> Iterator[ScriptedAgent]:
    with ScriptedAgent({f"{ROOT}.{column}": value for column, value in OBJECTS.items()}) as running:
        yield running


@pytest.fixture(scope="module")
def peer(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The base of the peer's URLs."""
    if shutil.which(PEER) is None:
        pytest.skip(f"{PEER} is not installed")
    file = tmp_path_factory.mktemp("peer") / "snmp.yml"
    file.write_text(yaml.safe_dump(older_form({"a": community_auth(COMMUNITY)}, {"types": module()})))
    listen = f"127.0.0.1:{free_port(socket.SOCK_STREAM)}"
    with (file.parent / "log").open("wb") as log:
        process = subprocess.Popen(
            [PEER, f"--config.file={file}", f"--web.listen-address={listen}"], stdout=log, stderr=subprocess.STDOUT
        )
    try:
        deadline = time.monotonic() + 60
        while True:
            try:
                get(f"http://{listen}/")
            except OSError:
                assert time.monotonic() < deadline, (file.parent / "log").read_text()
                assert process.poll() is None, (file.parent / "log").read_text()
                time.sleep(0.05)
                continue
            break
        yield f"http://{listen}"
    finally:
        process.terminate()
        process.wait(20)


def get(url: str) -> str:
    with urllib.request.urlopen(url, timeout=20) as answer:  # noqa: S310 - loopback
        return str(answer.read().decode())


def series(body: str) -> Series:
    return {
        (sample.name, frozenset((name, value) for name, value in sample.labels.items() if value)): sample.value
        for family in text_string_to_metric_families(body)
        for sample in family.samples
        if not sample.name.startswith("snmp_scrape_")
    }


async def test_every_type_as_snmp_exporter_tells_it(agent: ScriptedAgent, peer: str, tmp_path: Path) -> None:
    """Names, labels and values of each type are those of snmp_exporter, read from the same agent."""
    theirs = series(get(f"{peer}/snmp?target=127.0.0.1:{agent.port}&module=types_a"))
    file = tmp_path / "snmp.yml"
    file.write_text(yaml.safe_dump(current_form({"a": community_auth(COMMUNITY)}, {"types": module()})))
    drop_in = DropIn([str(file)], [parse_network("127.0.0.0/8")])
    answer = await drop_in.answer(
        {"target": [f"127.0.0.1:{agent.port}"], "module": ["types"], "auth": ["a"]}, timeout_seconds=20
    )
    assert answer.status == 200, answer.body
    ours = series(answer.body.decode())
    names = {name for name, _ in theirs}
    silent = {"brokenInstant", "extracted"}
    assert {name for name, *_ in METRICS if name not in silent} <= {
        name.removesuffix("_info").removesuffix("_total") for name in names
    }
    assert ours == theirs
