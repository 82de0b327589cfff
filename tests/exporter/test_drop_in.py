"""What /snmp does beyond the peer of the other tests: newer types, filters, requests, mistakes, secrets."""

import logging
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import pytest
from prometheus_client.parser import text_string_to_metric_families

from dcnet.language import Language
from dcnet.located_yaml import ConfigurationError
from exporter.drop_in.files import load_settings
from exporter.drop_in.service import Answer, DropIn
from exporter.drop_in.target import parse_network
from tests.exporter.conftest import SECRETS, Snmpd
from tests.exporter.scripted_agent import ScriptedAgent, text

ROOT = "1.3.6.1.4.1.99999"
AUTHS = f"""auths:
  agent: {{version: 2, community: {SECRETS["AGENT"]}}}
  wrong: {{version: 2, community: {SECRETS["WRONG"]}}}
  snmpd: {{version: 2, community: {SECRETS["COMMUNITY"]}}}
  user: {{version: 3, username: sha, security_level: authPriv, auth_protocol: SHA, password: {SECRETS["AUTH"]},
    priv_protocol: AES, priv_password: {SECRETS["PRIVACY"]}}}
  badauth: {{version: 3, username: authonly, security_level: authNoPriv, auth_protocol: SHA512,
    password: {SECRETS["WRONG"]}}}
  badpriv: {{version: 3, username: sha, security_level: authPriv, auth_protocol: SHA, password: {SECRETS["AUTH"]},
    priv_protocol: AES, priv_password: {SECRETS["WRONG"]}}}
  baduser: {{version: 3, username: nobody}}
"""
SYSTEM = """modules:
  system:
    timeout: 1s
    retries: 0
    get: [1.3.6.1.2.1.1.5.0]
    metrics:
    - {name: sysName, oid: 1.3.6.1.2.1.1.5, type: DisplayString}
  rows:
    timeout: 1s
    retries: 0
    walk: [1.3.6.1.4.1.99999.2]
    metrics:
    - {name: rowValue, oid: 1.3.6.1.4.1.99999.2.1, type: gauge, indexes: [{labelname: row, type: gauge}]}
"""
Ask = Callable[..., Any]


@pytest.fixture
def drop_in(tmp_path: Path) -> Callable[..., DropIn]:
    """A /snmp of the given modules, with every credential of the tests."""

    def make(modules: str, networks: Sequence[str] = ("127.0.0.0/8",)) -> DropIn:
        file = tmp_path / "snmp.yml"
        file.write_text(AUTHS + modules)
        return DropIn([str(file)], [parse_network(network) for network in networks])

    return make


async def ask(serving: DropIn, port: int, **parameters: str) -> Answer:
    query = {"target": f"127.0.0.1:{port}", "auth": "agent", **parameters}
    return await serving.answer({name: [value] for name, value in query.items()}, timeout_seconds=10)


def told(answer: Answer) -> dict[str, float]:
    """Samples by `name{labels}`, without those about the scrape."""
    assert answer.status == 200, answer.body
    assert list(text_string_to_metric_families(answer.body.decode()))
    lines = [line for line in answer.body.decode().splitlines() if line[0] != "#" and "snmp_scrape" not in line]
    return {name: float(value) for name, _, value in (line.rpartition(" ") for line in lines)}


@pytest.mark.parametrize(
    ("metric", "value", "expected"),
    [
        ("type: gauge, scale: 0.1", 235, {"m": 23.5}),
        ("type: gauge, scale: 0.1, offset: -273", 2981, {"m": pytest.approx(25.1)}),
        ("type: counter, offset: 5", 1, {"m": 6}),
        ("type: NTPTimeStamp", text(bytes.fromhex("ec8b0c0080000000")), {"m": 0xEC8B0C00 - 2208988800}),
        ("type: NTPTimeStamp", text(b"\x01"), {}),
        ("type: ParseDateAndTime, datetime_pattern: '%d/%m/%Y %H:%M'", text("04/10/2026 22:30"), {"m": 1791153000}),
        ("type: ParseDateAndTime, datetime_pattern: '%d/%m/%Y'", text("never"), {}),
        ("type: OctetString, display_hint: '1d.1d'", text(b"\x0a\x14"), {'m{m="10.20"}': 1}),
        ("type: OctetString, display_hint: '1x:'", text(b"\x0a\xbc"), {'m{m="0A:BC"}': 1}),
        ("type: OctetString, display_hint: '*1x:/1d'", text(b"\x02\x0a\x0b\x07"), {'m{m="0A:0B/7"}': 1}),
        ("type: OctetString, display_hint: 'nonsense'", text(b"\x0a"), {'m{m="0x0A"}': 1}),
        ("type: DisplayString", text(b"a\xff\xfeb\xc3"), {'m{m="a\ufffdb\ufffd"}': 1}),
        ("type: DisplayString, regex_extracts: {V: [{regex: '(\\d+) V'}]}, scale: 0.5", text("12 V"), {"mV": 6}),
        ("type: gauge", text("no number"), {"m": 0}),
    ],
)
async def test_newer_types(drop_in: Callable[..., DropIn], metric: str, value: Any, expected: dict[str, Any]) -> None:
    """Types that snmp_exporter learned after version 0.21 are told as it tells them now."""
    modules = f"modules: {{m: {{get: [{ROOT}.1.0], metrics: [{{name: m, oid: {ROOT}.1, {metric}}}]}}}}\n"
    with ScriptedAgent({f"{ROOT}.1.0": value}) as agent:
        answer = await ask(drop_in(modules), agent.port, module="m")
    assert told(answer) == expected


TABLE = {
    **{f"{ROOT}.1.{row}": text(name) for row, name in ((1, "core"), (2, "edge"), (3, "core-2"))},
    **{f"{ROOT}.2.{row}": row * 10 for row in (1, 2, 3)},
}


@pytest.mark.parametrize(
    ("filters", "rows"),
    [
        (f"[{{oid: {ROOT}.1, targets: [{ROOT}.2], values: ['^core', nothing]}}]", {"1", "3"}),
        (f"{{static: [{{targets: [{ROOT}.2], indices: ['2']}}]}}", {"2"}),
        (f"{{dynamic: [{{oid: {ROOT}.1, targets: [{ROOT}.2], values: [edge]}}]}}", {"2"}),
        (f"[{{oid: {ROOT}.1, targets: [{ROOT}.2], values: [absent]}}]", set()),
        ("[]", {"1", "2", "3"}),
    ],
)
async def test_filters_choose_rows(drop_in: Callable[..., DropIn], filters: str, rows: set[str]) -> None:
    """Only the chosen rows of a filter's targets are asked for and told."""
    modules = f"""modules:
  m:
    walk: [{ROOT}.2]
    filters: {filters}
    metrics: [{{name: m, oid: {ROOT}.2, type: gauge, indexes: [{{labelname: row, type: gauge}}]}}]
"""
    with ScriptedAgent(TABLE) as agent:
        answer = await ask(drop_in(modules), agent.port, module="m")
    assert told(answer) == {f'm{{row="{row}"}}': int(row) * 10 for row in rows}
    unfiltered = any(name.startswith("GetBulk") and name.endswith(f"{ROOT}.2") for name in agent.requests)
    assert unfiltered is (filters == "[]")


async def test_same_labels_are_told_once(drop_in: Callable[..., DropIn]) -> None:
    """Rows that a lookup gives the same labels do not fail the scrape: the first is told."""
    modules = f"""modules:
  m:
    walk: [{ROOT}]
    metrics:
    - name: m
      oid: {ROOT}.2
      type: gauge
      indexes: [{{labelname: row, type: gauge}}]
      lookups: [{{labels: [], labelname: row}}]
"""
    with ScriptedAgent(TABLE) as agent:
        assert told(await ask(drop_in(modules), agent.port, module="m")) == {"m": 10}


async def test_a_module_fails_alone(drop_in: Callable[..., DropIn]) -> None:
    """A module that is not answered is absent; the others stand."""
    objects = {"1.3.6.1.2.1.1.5.0": text("a"), f"{ROOT}.2.1.1": 1}
    with ScriptedAgent(objects, silent=(f"{ROOT}.2",)) as agent:
        both = await ask(drop_in(SYSTEM), agent.port, module="rows,system,rows")
        alone = await ask(drop_in(SYSTEM), agent.port, module="rows")
    assert told(both) == {'sysName{sysName="a"}': 1}
    assert alone.status == 500
    assert b"module rows: timeout" in alone.body


@pytest.mark.parametrize(
    ("parameters", "status", "words"),
    [
        ({}, 400, "'target'"),
        ({"target": ["127.0.0.1", "127.0.0.2"]}, 400, "only be specified once"),
        ({"target": ["127.0.0.1"], "auth": ["none"]}, 400, "unknown auth 'none'"),
        ({"target": ["127.0.0.1"]}, 400, "unknown auth 'public_v2'"),
        ({"target": ["127.0.0.1"], "auth": ["agent"]}, 400, "unknown module 'if_mib'"),
        ({"target": ["127.0.0.1"], "auth": ["agent"], "module": [","]}, 400, "at least one module"),
        ({"target": ["tcp://127.0.0.1"], "auth": ["agent"], "module": ["system"]}, 400, "expected HOST"),
        ({"target": ["127.0.0.1:99999"], "auth": ["agent"], "module": ["system"]}, 400, "expected HOST"),
        ({"target": ["127.0.0.1/../"], "auth": ["agent"], "module": ["system"]}, 400, "expected HOST"),
        ({"target": ["[::1"], "auth": ["agent"], "module": ["system"]}, 400, "expected HOST"),
        ({"target": ["192.0.2.1"], "auth": ["agent"], "module": ["system"]}, 403, "192.0.2.1 is outside"),
        ({"target": ["[::1]:161"], "auth": ["agent"], "module": ["system"]}, 403, "::1 is outside"),
        ({"target": ["::ffff:192.0.2.1"], "auth": ["agent"], "module": ["system"]}, 403, "192.0.2.1 is outside"),
        ({"target": ["nowhere.invalid"], "auth": ["agent"], "module": ["system"]}, 500, "does not resolve"),
    ],
)
async def test_refused_requests(
    drop_in: Callable[..., DropIn], parameters: Mapping[str, list[str]], status: int, words: str
) -> None:
    """A request that cannot be served says why; an address outside of the allowed networks is never asked."""
    answer = await drop_in(SYSTEM).answer(parameters, timeout_seconds=5)
    assert answer.status == status
    assert words in answer.body.decode()


async def test_a_name_is_judged_by_its_address(drop_in: Callable[..., DropIn]) -> None:
    """What counts for the allow-list is the address that a name has, in whatever way it is written."""
    with ScriptedAgent({"1.3.6.1.2.1.1.5.0": text("a")}) as agent:
        inside = [
            await ask(drop_in(SYSTEM), agent.port, module="system", target=f"{host}:{agent.port}")
            for host in ("127.0.0.1", "udp://127.0.0.1", "[::ffff:127.0.0.1]")
        ]
        asked = len(agent.requests)
        elsewhere = drop_in(SYSTEM, ["192.0.2.0/24", "2001:db8::/32"])
        outside = await ask(elsewhere, agent.port, module="system", target=f"localhost:{agent.port}")
    assert [answer.status for answer in inside] == [200, 200, 200]
    assert outside.status == 403
    assert len(agent.requests) == asked


@pytest.mark.parametrize(
    ("document", "expected"),
    [
        ("auths: {a: {comunity: s3cret-word}}\nmodules: {m: {}}\n", "1: auths.a.comunity: unknown key; did you mean"),
        ("auths:\n  a: {community: 9876543}\nmodules: {m: {}}\n", "2: auths.a.community: write this secret in quotes"),
        ("auths:\n  a: {version: 3}\nmodules: {m: {}}\n", "2: auths.a: SNMPv3 noAuthNoPriv needs: username"),
        (
            "auths:\n  a: {version: 3, username: u, security_level: authPriv}\nmodules: {m: {}}\n",
            "2: auths.a: SNMPv3 authPriv needs: password, priv_password",
        ),
        ("auths: {a: {community: '${env:NOT_SET}'}}\nmodules: {m: {}}\n", "environment variable NOT_SET is missing"),
        ("auths: {a: {}}\nmodules:\n  m: {timeout: soon}\n", "3: modules.m.timeout: expected a duration"),
        (
            "auths: {a: {}}\nmodules:\n  m:\n    metrics:\n    - name: x\n      oid: 1.3\n      type: Gauge\n",
            "7: modules.m.metrics[0].type: found 'Gauge', expected one of",
        ),
        (
            (
                "auths: {a: {}}\nmodules:\n  m:\n    metrics:\n    - name: x\n      oid: 1.3.6\n      type: gauge\n"
                "      indexes: [{labelname: i, type: Bits}]\n"
            ),
            "8: modules.m.metrics[0].indexes[0]: Bits cannot be the type of an index",
        ),
        (
            (
                "auths: {a: {}}\nmodules:\n  m:\n    metrics:\n    - name: x\n      oid: 1.3.6\n"
                "      type: DisplayString\n      regex_extracts:\n        T:\n        - regex: '('\n"
            ),
            "10: modules.m.metrics[0].regex_extracts.T[0].regex: not a regular expression",
        ),
        ("modules: {m: {}}\n", "1: auths: empty"),
        ("if_mib:\n  walk: [1.3.6]\n", "1: if_mib: unknown key"),
    ],
)
def test_mistakes_are_told_with_their_line(tmp_path: Path, document: str, expected: str) -> None:
    """A mistake in snmp.yml is told with file and line, and never with a secret."""
    file = tmp_path / "snmp.yml"
    file.write_text(document)
    with pytest.raises(ConfigurationError) as error:
        load_settings([str(file)], environment={})
    message = error.value.words.in_language(Language.ENGLISH)
    assert f"{file}:{expected}" in message or (expected in message and str(file) in message)
    assert "s3cret-word" not in message
    assert "9876543" not in message


def test_files_are_merged(tmp_path: Path) -> None:
    """Several files, also named by a pattern, make one; secrets may stand in the environment."""
    (tmp_path / "a.yml").write_text("auths: {one: {community: '${env:WORD}'}}\nmodules: {m: {walk: [1.3.6]}}\n")
    (tmp_path / "b.yml").write_text("modules: {m: {walk: [1.3.7]}, n: {}}\nversion: 2\n")
    settings = load_settings([str(tmp_path / "*.yml")], environment={"WORD": "hidden"})
    assert settings.auths["one"].community.get_secret_value() == "hidden"
    assert settings.modules["m"].module.walk == ("1.3.7",)
    assert settings.modules["n"].module.timeout == 5
    assert "hidden" not in repr(settings.auths)


async def test_no_secret_is_told(
    drop_in: Callable[..., DropIn], snmpd: Snmpd, caplog: pytest.LogCaptureFixture
) -> None:
    """Right and wrong credentials of each version: no answer and no log line, even at debug, holds a secret."""
    caplog.set_level(logging.DEBUG)
    serving = drop_in(SYSTEM)
    answers = {
        auth: await ask(serving, snmpd.port, module="system", auth=auth)
        for auth in ("snmpd", "user", "wrong", "badauth", "badpriv", "baduser")
    }
    reasons = {
        auth: answer.body.decode().split(":")[1].strip() for auth, answer in answers.items() if answer.status != 200
    }
    assert reasons == {"wrong": "timeout", "badauth": "auth", "badpriv": "auth", "baduser": "auth"}
    everything = caplog.text + "".join(answer.body.decode() for answer in answers.values())
    assert "snmp module failed" in everything
    assert not [name for name, secret in SECRETS.items() if secret in everything]
