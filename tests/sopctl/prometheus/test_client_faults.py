"""A Prometheus that misbehaves, on a real socket: every fault is told with the host, the question and a way out."""

import base64
import gzip
import json
import socket
import ssl
import subprocess
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs

import pytest
from pydantic import SecretStr

from dcnet.language import Language
from sopctl.adapters.prometheus_client import PrometheusClient, PrometheusError
from sopctl.checklist.samples import Sample
from sopctl.settings import PrometheusSettings
from sopctl.settings_services import BasicAuth

SECRET = "kata-sandi-rahasia"
EMPTY = json.dumps({"status": "success", "data": {"resultType": "vector", "result": []}}).encode()
Reply = Callable[[BaseHTTPRequestHandler], None]


@dataclass
class Server:
    """Answers with the next of `replies`; the last one again and again."""

    url: str
    replies: list[Reply] = field(default_factory=list)
    requests: list[tuple[dict[str, str], dict[str, list[str]]]] = field(default_factory=list)
    release: threading.Event = field(default_factory=threading.Event)


def reply(status: int, body: bytes, length: int | None = None, **headers: str) -> Reply:
    """A whole answer; a `length` of more than the body has breaks off in the middle."""

    def send(handler: BaseHTTPRequestHandler) -> None:
        handler.send_response(status)
        handler.send_header("Content-Length", str(len(body) if length is None else length))
        for name, value in headers.items():
            handler.send_header(name, value)
        handler.end_headers()
        handler.wfile.write(body)

    return send


def success(data: object, **more: Any) -> bytes:
    return json.dumps({"status": "success", "data": data, **more}).encode()


@pytest.fixture
def server() -> Iterator[Server]:
    state = Server("")

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            state.requests.append((dict(self.headers), parse_qs(body.decode())))
            (state.replies.pop(0) if len(state.replies) > 1 else state.replies[0])(self)

        def log_message(self, *_arguments: object) -> None:
            """Quiet."""

    http = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    http.daemon_threads = True
    state.url = f"http://127.0.0.1:{http.server_address[1]}"
    thread = threading.Thread(target=http.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    try:
        yield state
    finally:
        state.release.set()
        http.shutdown()
        thread.join()
        http.server_close()


def client_of(url: str, pauses: list[float] | None = None, **more: Any) -> PrometheusClient:
    """A client of one try, unless `retries` says otherwise; its pauses are written down and not waited for."""
    settings = PrometheusSettings(url=url, **{"retries": 0, "timeout_seconds": 5, **more})
    return PrometheusClient(settings, sleep=(pauses if pauses is not None else []).append)


@pytest.mark.parametrize(
    ("answer", "expected"),
    [
        pytest.param(
            reply(400, json.dumps({"status": "error", "errorType": "bad_data", "error": "parse error: no"}).encode()),
            "refuses (HTTP 400, bad_data): parse error: no",
            id="400 with Prometheus' own words",
        ),
        pytest.param(reply(500, b"boom"), "answered HTTP 500 (boom)", id="500"),
        pytest.param(reply(401, b""), "refuses access (HTTP 401)", id="401"),
        pytest.param(
            reply(302, b"", Location="https://login.example/?next=1"), "redirects to https://login.example/;", id="302"
        ),
        pytest.param(
            reply(200, b"<html><body><h1>Sign in</h1></body></html>"),
            "did not answer with Prometheus' JSON but: Sign in;",
            id="HTML",
        ),
        pytest.param(reply(200, EMPTY, length=4096), "broke off in the middle", id="half a body"),
        pytest.param(reply(200, EMPTY[:-20]), "did not answer with Prometheus' JSON", id="half a document"),
        pytest.param(reply(200, b""), "answered with nothing", id="empty"),
        pytest.param(
            reply(200, success({"resultType": "scalar", "result": [1, "1"]})),
            "the shape of its answer is unknown",
            id="another type",
        ),
        pytest.param(
            reply(200, success({"resultType": "vector", "result": [{"metric": {}}]})),
            "the shape of its answer is unknown",
            id="no value",
        ),
    ],
)
def test_every_fault_is_told_with_host_and_question(server: Server, answer: Reply, expected: str) -> None:
    """The message holds whom we asked, what we asked and what came, in both languages."""
    server.replies = [answer]
    with pytest.raises(PrometheusError) as caught:
        client_of(server.url).query_at("up{a='b'}", 0)
    english = caught.value.in_language(Language.ENGLISH)
    assert expected in english
    assert f"Prometheus {server.url}:" in english
    assert "what was asked: up{a='b'}" in english
    assert "yang ditanyakan: up{a='b'}" in caught.value.in_language(Language.INDONESIAN)


def test_a_partial_answer_is_a_warning(server: Server) -> None:
    """VictoriaMetrics' flag and Thanos' words are told alike: the data counts, and the reader knows."""
    server.replies = [
        reply(200, success({"resultType": "vector", "result": []}, isPartial=True)),
        reply(200, success({"resultType": "vector", "result": []}, warnings=["store-2 did not answer"])),
        reply(200, success({"resultType": "vector", "result": []}, warnings=7)),
    ]
    client = client_of(server.url)
    for _ in range(3):
        client.query_at("up", 0)
    assert client.warnings == (
        "partial answer (isPartial): some of its stores did not take part",
        "store-2 did not answer",
        "7",
    )


def test_a_refused_connection_is_told() -> None:
    """Nobody listens: the address and where it is set."""
    with socket.socket() as held:
        held.bind(("127.0.0.1", 0))
        url = f"http://127.0.0.1:{held.getsockname()[1]}"
        with pytest.raises(
            PrometheusError, match=r"cannot be reached \(Failed.*: Connection refused\); check prometheus\.url"
        ):
            client_of(url).query_at("up", 0)


def test_a_name_that_does_not_exist_is_told() -> None:
    """The reserved domain `.invalid` (RFC 2606) resolves nowhere."""
    with pytest.raises(PrometheusError, match=r"Prometheus http://prometheus\.invalid: cannot be reached"):
        client_of("http://prometheus.invalid").query_at("up", 0)


def test_a_server_that_never_answers_is_given_up(server: Server) -> None:
    """The timeout of the settings holds, and the message names its key."""

    def wait(_handler: BaseHTTPRequestHandler) -> None:
        server.release.wait()

    server.replies = [wait]
    with pytest.raises(PrometheusError, match=r"no answer within 0\.2 seconds; .*prometheus\.timeout_seconds"):
        client_of(server.url, timeout_seconds=0.2).query_at("up", 0)


@pytest.mark.parametrize(
    ("header", "value", "before", "piece"),
    [
        pytest.param("Transfer-Encoding", "chunked", b"", b"1\r\n \r\n", id="small chunks"),
        pytest.param("Transfer-Encoding", "chunked", b"100000\r\n", b" ", id="a great chunk"),
        pytest.param("Content-Length", "1000000", b"", b" ", id="a length"),
        pytest.param("Connection", "close", b"", b" ", id="until it closes"),
    ],
)
def test_a_server_that_drips_is_as_slow_as_one_that_is_silent(
    server: Server, header: str, value: str, before: bytes, piece: bytes
) -> None:
    """One byte now and then does not keep a question alive for ever, however the body is told to end."""

    def drip(handler: BaseHTTPRequestHandler) -> None:
        handler.send_response(200)
        handler.send_header(header, value)
        handler.end_headers()
        with suppress(OSError):
            handler.wfile.write(before)
            begun = time.monotonic()
            while time.monotonic() < begun + 3 and not server.release.wait(0.05):
                handler.wfile.write(piece)

    server.replies = [drip]
    begun = time.monotonic()
    with pytest.raises(PrometheusError, match=r"no answer within 0\.3 seconds"):
        client_of(server.url, timeout_seconds=0.3).query_at("up", 0)
    assert time.monotonic() < begun + 2


def test_a_compressed_answer_is_read(server: Server) -> None:
    """As Prometheus sends it to whoever accepts that; half of it is half an answer."""
    body = gzip.compress(success({"resultType": "vector", "result": [{"metric": {}, "value": [0, "7"]}]}))
    compressed = {"Content-Encoding": "gzip"}
    server.replies = [reply(200, body, None, **compressed), reply(200, b"no gzip", None, **compressed)]
    client = client_of(server.url)
    assert client.query_at("up", 0) == [Sample({}, 7.0)]
    with pytest.raises(PrometheusError, match=r"Prometheus http://127"):
        client.query_at("up", 0)


@pytest.mark.parametrize("status", [429, 500, 503])
def test_what_may_pass_is_tried_again(server: Server, status: int) -> None:
    """A busy server gets longer and longer pauses, and its answer counts once it comes."""
    pauses: list[float] = []
    server.replies = [reply(status, b"busy"), reply(status, b"busy"), reply(200, EMPTY)]
    assert client_of(server.url, pauses, retries=3).query_at("up", 0) == []
    assert pauses == [0.5, 1.0]


def test_what_cannot_pass_is_not_tried_again(server: Server) -> None:
    """A question that Prometheus does not understand stays so."""
    server.replies = [reply(400, json.dumps({"status": "error", "errorType": "bad_data", "error": "no"}).encode())]
    with pytest.raises(PrometheusError):
        client_of(server.url, retries=3).query_at("up", 0)
    assert len(server.requests) == 1


def test_tries_are_limited(server: Server) -> None:
    """After the last retry the fault is told."""
    server.replies = [reply(500, b"boom")]
    with pytest.raises(PrometheusError, match="HTTP 500"):
        client_of(server.url, retries=2).query_at("up", 0)
    assert len(server.requests) == 3


def test_warnings_are_kept_once_each(server: Server) -> None:
    """What Prometheus or Thanos warns of reaches the checklist, however many answers repeat it."""
    nothing = {"resultType": "vector", "result": []}
    server.replies = [reply(200, success(nothing, warnings=["store b is missing", "slow"]))]
    client = client_of(server.url)
    client.query_at("up", 0)
    client.query_at("up", 0)
    assert client.warnings == ("store b is missing", "slow")


def test_settings_travel_with_every_question(server: Server) -> None:
    """Extra parameters, headers and the credentials, which UTF-8 spells."""
    server.replies = [reply(200, EMPTY)]
    client_of(
        server.url,
        headers={"X-Scope-OrgID": "migas"},
        parameters={"partial_response": "false"},
        basic_auth=BasicAuth(username="pengawas", password=SecretStr("sandi–é")),
    ).query_at("up", 1.5)
    ((headers, form),) = server.requests
    assert headers["X-Scope-OrgID"] == "migas"
    assert headers["Authorization"] == "Basic " + base64.b64encode("pengawas:sandi–é".encode()).decode()
    assert form == {"query": ["up"], "time": ["1970-01-01T00:00:01.500Z"], "partial_response": ["false"]}


def test_credentials_stay_out_of_messages(server: Server) -> None:
    """Neither password nor token appears in what is told, whatever fails."""
    server.replies = [reply(403, SECRET.encode())]
    secrets: list[dict[str, Any]] = [
        {"basic_auth": BasicAuth(username="pengawas", password=SecretStr(SECRET))},
        {"bearer_token": SecretStr(SECRET)},
    ]
    for secret in secrets:
        client = client_of(server.url, **secret)
        with pytest.raises(PrometheusError) as caught:
            client.query_at("up", 0)
        assert SECRET not in str(caught.value) + repr(client) + client.source
    assert server.requests[1][0]["Authorization"] == f"Bearer {SECRET}"


def test_a_day_at_a_time_joins_to_a_month(server: Server) -> None:
    """Raw samples come in questions of a day, and a sample outside of its day is not counted twice."""
    day = 86_400

    def samples(*points: tuple[float, str]) -> bytes:
        series = {"metric": {"__name__": "m", "a": "b"}, "values": points}
        return success({"resultType": "matrix", "result": [series]})

    server.replies = [reply(200, samples((0, "1"), (60, "2"))), reply(200, samples((60, "2"), (day, "3")))]
    (series,) = client_of(server.url).fetch_samples("m", 0, day + 3600)
    assert series.points == ((0, 1.0), (60, 2.0), (day, 3.0))
    assert [form["query"] + form["time"] for _headers, form in server.requests] == [
        ["m[86400s]", "1970-01-01T23:59:59.999Z"],
        ["m[3600s]", "1970-01-02T00:59:59.999Z"],
    ]


@pytest.fixture(scope="session")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A self-signed certificate of 127.0.0.1 with its key, in one PEM file."""
    folder = tmp_path_factory.mktemp("tls")
    key, pem = folder / "key.pem", folder / "server.pem"
    subprocess.run(
        [
            *("openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes"),
            *("-days", "2", "-subj", "/CN=127.0.0.1", "-addext", "subjectAltName=IP:127.0.0.1"),
            *("-keyout", str(key), "-out", str(pem)),
        ],
        check=True,
        capture_output=True,
    )
    pem.write_bytes(pem.read_bytes() + key.read_bytes())
    return pem


def test_a_server_is_trusted_by_its_authority_only(certificate: Path) -> None:
    """With `ca_file` the answer comes; without it the message names the setting."""

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            self.rfile.read(int(self.headers["Content-Length"]))
            reply(200, EMPTY)(self)

        def log_message(self, *_arguments: object) -> None:
            """Quiet."""

    class Http(ThreadingHTTPServer):
        daemon_threads = True

        def handle_error(self, *_arguments: object) -> None:
            """A client that turns away is what is tested here."""

    with Http(("127.0.0.1", 0), Handler) as http:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(certificate)
        http.socket = context.wrap_socket(http.socket, server_side=True)
        thread = threading.Thread(target=http.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        try:
            url = f"https://127.0.0.1:{http.server_address[1]}"
            assert client_of(url, ca_file=certificate).query_at("up", 0) == []
            with pytest.raises(PrometheusError, match=r"TLS failed \(.*\); .*prometheus\.ca_file"):
                client_of(url).query_at("up", 0)
        finally:
            http.shutdown()
            thread.join()


def test_a_missing_authority_file_is_told(tmp_path: Path) -> None:
    """No traceback where `ca_file` names nothing."""
    with pytest.raises(
        PrometheusError, match=r"TLS failed .*none\.pem.*check the server's certificate and prometheus\.ca_file"
    ):
        client_of("https://127.0.0.1:9", ca_file=tmp_path / "none.pem").query_at("up", 0)
