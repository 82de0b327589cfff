"""What people get: the shipped channels and templates, sent by a real Alertmanager to servers on loopback."""

import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from shutil import copytree

import pytest

from prometheus.put_telegram_token import TokenError, put_token
from tests.prometheus.alertmanager_process import Alertmanager, alert, running_alertmanager, until
from tests.prometheus.message_sinks import HOST, HttpSinks, MailServer, running_http_sinks, running_mail_server

SHIPPED = Path(__file__).parents[2] / "prometheus"
TOKEN = "123456:AAF-drill_token-of-thirty-five-chars"
LABELS = {
    "alertname": "LinkLoss",
    "severity": "critical",
    "site": "dc-migas",
    "team": "internet",
    "device": "edge-1",
    "object": "isp-a",
}
ANNOTATIONS = {
    "summary": "isp-a: Kehilangan paket tautan internet kritis",
    "description": "Kehilangan paket tautan internet pada isp-a sekarang 7,5%; batas kritis di atas 5%.",
    "action": "Pastikan port pembawa sehat & tidak penuh, lalu laporkan kepada penyedia.",
    "summary_en": "isp-a: Internet link packet loss critical",
    "description_en": "Internet link packet loss of isp-a is 7.5% now; critical above 5%.",
    "action_en": "Make sure that the carrying port is healthy & not full, then report to the provider.",
    "runbook": "docs/runbooks/link_loss.md",
    "dashboard": "/d/dcnet-overview?var-device=edge-1",
}


@dataclass
class Channels:
    """A running Alertmanager with the shipped receivers, and what they end in."""

    alertmanager: Alertmanager
    mail: MailServer
    http: HttpSinks


@asynccontextmanager
async def running_channels(folder: Path, language: str = "id") -> AsyncIterator[Channels]:
    """The shipped file, its secrets in files; only addresses and waiting times are other than shipped."""
    copytree(SHIPPED / "templates", folder / "templates")
    site = folder / "templates" / "site.tmpl"
    site.write_text(site.read_text().replace('.id" .', f'.{language}" .'))
    secrets = {"smtp_password": "mail-secret", "webhook_token": "hook-secret", "telegram_bot_token": f"{TOKEN}\n"}
    for name, secret in secrets.items():
        (folder / name).write_text(secret)
    async with running_mail_server() as mail, running_http_sinks() as http:
        text = (SHIPPED / "alertmanager.yml").read_text()
        for shipped, ours in {
            "mail.example.org:587": f"{HOST}:{mail.port}\n  smtp_require_tls: false",
            "/etc/alertmanager/secrets/": f"{folder}/",
            "https://gateway.example.org": f"http://{HOST}:{http.port}",
            "chat_id: -1000000000001,": f'chat_id: -1000000000001, api_url: "http://{HOST}:{http.port}",',
            "group_wait: 37s": "group_wait: 1s",
            "group_interval: 1m": "group_interval: 1s",
        }.items():
            assert shipped in text
            text = text.replace(shipped, ours)
        (folder / "edited.yml").write_text(text)
        put_token(folder / "edited.yml", folder / "telegram_bot_token", folder / "with_token.yml")
        environment = os.environ | {"TZ": "Asia/Jakarta"}
        async with running_alertmanager((folder / "with_token.yml").read_text(), folder, environment) as alertmanager:
            yield Channels(alertmanager, mail, http)


async def told(channels: Channels, mails: int = 1) -> None:
    """Wait until every channel got its message."""
    await until(
        lambda: min(len(channels.mail.mails), len(channels.http.telegrams), len(channels.http.posts)) >= mails,
        lambda: (channels.mail.mails, channels.http),
    )


def text_of(channels: Channels, number: int = 0, kind: str = "plain") -> str:
    body = channels.mail.mails[number].get_body((kind,))
    assert body is not None
    return str(body.get_content())


async def test_a_fault_and_its_end_are_told_over_every_channel(tmp_path: Path) -> None:
    """E-mail, Telegram and webhook say in Indonesian what, where, since when, how bad, what to do, where to read on."""
    async with running_channels(tmp_path) as channels:
        await channels.alertmanager.tell([alert(LABELS, ANNOTATIONS)])
        await told(channels)
        mail = channels.mail.mails[0]
        assert mail["To"] == "internet@example.org"
        assert mail["Subject"] == "[KRITIS] isp-a: Kehilangan paket tautan internet kritis"
        assert channels.mail.logins[0] == ("dcnet@example.org", "mail-secret")
        telegram_token, telegram = channels.http.telegrams[0]
        assert telegram_token == TOKEN
        assert int(telegram["chat_id"]) == -1000000000002
        for text in (telegram["text"], text_of(channels)):
            assert text.startswith("[KRITIS] isp-a")
            for expected in (
                "[KRITIS] isp-a: Kehilangan paket tautan internet kritis",
                "Lokasi: dc-migas",
                "Perangkat: edge-1",
                "sekarang 7,5%; batas kritis di atas 5%.",
                "Tindakan: Pastikan port pembawa sehat & tidak penuh, lalu laporkan kepada penyedia.",
                "Papan: http://127.0.0.1:9791/d/dcnet-overview?var-device=edge-1",
                "Runbook: https://git.example.org/dcnet/docs/runbooks/link_loss.md",
            ):
                assert expected in text
            assert any(line.startswith("Sejak: ") and line.endswith(" WIB") for line in text.splitlines())
        page = text_of(channels, kind="html")
        assert "sehat &amp; tidak penuh" in page
        assert 'href="http://127.0.0.1:9791/d/dcnet-overview?var-device=edge-1"' in page
        authorization, post = channels.http.posts[0]
        assert authorization == "Bearer hook-secret"
        assert post["alerts"][0]["annotations"]["action"] == ANNOTATIONS["action"]
        await channels.alertmanager.tell([alert(LABELS, ANNOTATIONS, over=True)])
        await told(channels, 2)
        assert channels.mail.mails[1]["Subject"] == "[PULIH] isp-a: Kehilangan paket tautan internet kritis"
        assert "[PULIH] isp-a" in channels.http.telegrams[1][1]["text"]
        assert " sampai " in channels.http.telegrams[1][1]["text"]
        assert channels.http.posts[1][1]["status"] == "resolved"


async def test_english_is_one_switch(tmp_path: Path) -> None:
    """With `.en` in site.tmpl every text is English, annotations too."""
    async with running_channels(tmp_path, "en") as channels:
        await channels.alertmanager.tell([alert(LABELS, ANNOTATIONS)])
        await told(channels)
        assert channels.mail.mails[0]["Subject"] == "[CRITICAL] isp-a: Internet link packet loss critical"
        text = channels.http.telegrams[0][1]["text"]
        assert "What to do: Make sure that the carrying port is healthy & not full" in text
        assert "critical above 5%" in text
        for page in (text, text_of(channels), text_of(channels, kind="html")):
            for word in ("Tindakan", "Sejak", "Lokasi", "Perangkat", "KRITIS", "Papan"):
                assert word not in page


async def test_many_alarms_of_one_device_are_one_short_message(tmp_path: Path) -> None:
    """Forty ports down on one device: one message, that says how many, short enough for Telegram (4096 characters)."""
    ports = [
        alert(LABELS | {"object": f"edge-1:e{number}"}, {**ANNOTATIONS, "description": "x" * 300})
        for number in range(40)
    ]
    async with running_channels(tmp_path) as channels:
        await channels.alertmanager.tell(ports)
        await told(channels)
        text = channels.http.telegrams[0][1]["text"]
        assert "semuanya 40" in text
        assert "Enam alarm pertama dari 40" in text
        assert len(text) < 4096
        assert text.count("Tindakan:") == 6


async def test_a_warning_waits_for_the_morning(tmp_path: Path) -> None:
    """By e-mail, and no telephone rings."""
    async with running_channels(tmp_path) as channels:
        await channels.alertmanager.tell([alert(LABELS | {"severity": "warning"}, ANNOTATIONS)])
        await until(lambda: bool(channels.mail.mails), lambda: channels.mail)
        assert channels.mail.mails[0]["Subject"].startswith("[MENURUN] isp-a")
        # A critical one sent after it arrives everywhere: had the warning rung, it would have come before.
        critical = alert(LABELS | {"device": "edge-2", "object": "isp-b"}, ANNOTATIONS | {"summary": "isp-b: kritis"})
        await channels.alertmanager.tell([critical])
        await until(lambda: bool(channels.http.telegrams), lambda: channels.http)
        assert channels.http.telegrams[0][1]["text"].startswith("[KRITIS] isp-b: kritis")
        assert len(channels.http.telegrams) == 1


def test_the_token_is_put_where_only_its_owner_reads(tmp_path: Path) -> None:
    """The committed file has a word in its place; the written one has the token and nothing else new, mode 0600."""
    (tmp_path / "token").write_text(f"{TOKEN}\n")
    output = tmp_path / "out.yml"
    output.write_text("what was there before")
    output.chmod(0o644)
    put_token(SHIPPED / "alertmanager.yml", tmp_path / "token", output)
    assert output.stat().st_mode & 0o777 == 0o600
    assert output.read_text().count(TOKEN) == 1
    assert output.read_text().replace(TOKEN, "TELEGRAM_BOT_TOKEN") == (SHIPPED / "alertmanager.yml").read_text()


@pytest.mark.parametrize(
    ("configuration", "secret", "expected"),
    [
        ("TELEGRAM_BOT_TOKEN", "hunter2-secret", "expected one line like"),
        ("TELEGRAM_BOT_TOKEN", None, "cannot be read: no such file"),
        ("receivers: []", TOKEN, "there is no TELEGRAM_BOT_TOKEN"),
    ],
    ids=["no token", "no secret file", "no place"],
)
def test_a_wrong_secret_is_refused_and_not_shown(
    tmp_path: Path, configuration: str, secret: str | None, expected: str
) -> None:
    """It says which file and what was expected; what was in it stays unsaid, and nothing is written."""
    (tmp_path / "in.yml").write_text(configuration)
    if secret is not None:
        (tmp_path / "secret").write_text(secret)
    with pytest.raises(TokenError, match=expected) as error:
        put_token(tmp_path / "in.yml", tmp_path / "secret", tmp_path / "out.yml")
    assert secret is None or secret not in str(error.value)
    assert not (tmp_path / "out.yml").exists()
