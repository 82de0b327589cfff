"""What Alertmanager's channels end in, on loopback: a mail server, Telegram's Bot API and a webhook gateway.

The webhook is what a gateway is. The mail server and the Bot API are fakes, made for the few commands that Alertmanager
uses: they keep what they were sent and send nothing on.
"""

import asyncio
import base64
import email
import email.policy
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from email.message import EmailMessage
from typing import Any

from aiohttp import web

HOST = "127.0.0.1"


@dataclass
class MailServer:
    """A fake of an SMTP server (RFC 5321, RFC 4954 PLAIN): takes everything."""

    port: int = 0
    mails: list[EmailMessage] = field(default_factory=list)
    logins: list[tuple[str, str]] = field(default_factory=list)

    async def converse(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        def say(line: str) -> None:
            writer.write(line.encode() + b"\r\n")

        say("220 sink")
        while line := (await reader.readline()).decode().strip():
            match line.split()[0].upper():
                case "EHLO":
                    say("250-sink\r\n250-8BITMIME\r\n250 AUTH PLAIN")
                case "AUTH":
                    _, user, password = base64.b64decode(line.split()[2]).decode().split("\0")
                    self.logins.append((user, password))
                    say("235 ok")
                case "DATA":
                    say("354 go on")
                    content = await reader.readuntil(b"\r\n.\r\n")
                    self.mails.append(email.message_from_bytes(content[:-3], EmailMessage, policy=email.policy.default))
                    say("250 ok")
                case "QUIT":
                    say("221 bye")
                    break
                case _:
                    say("250 ok")
        writer.close()


@dataclass
class HttpSinks:
    """A fake of Telegram's Bot API under /bot…/, and a webhook gateway at /alerts."""

    port: int = 0
    telegrams: list[tuple[str, dict[str, Any]]] = field(default_factory=list)
    """Token and parameters of each sendMessage."""

    posts: list[tuple[str, dict[str, Any]]] = field(default_factory=list)
    """Authorization header and body of each POST of the webhook."""

    async def take_telegram(self, request: web.Request) -> web.Response:
        self.telegrams.append((request.match_info["token"], await request.json()))
        sent = {"message_id": len(self.telegrams), "date": 0, "chat": {"id": 1, "type": "group"}}
        return web.json_response({"ok": True, "result": sent})

    async def take_post(self, request: web.Request) -> web.Response:
        self.posts.append((request.headers.get("Authorization", ""), await request.json()))
        return web.Response()


@asynccontextmanager
async def running_mail_server() -> AsyncIterator[MailServer]:
    """A mail server on a free port."""
    sink = MailServer()
    server = await asyncio.start_server(sink.converse, HOST, 0)
    sink.port = server.sockets[0].getsockname()[1]
    async with server:
        yield sink


@asynccontextmanager
async def running_http_sinks() -> AsyncIterator[HttpSinks]:
    """Bot API and webhook on a free port."""
    sinks = HttpSinks()
    app = web.Application()
    app.router.add_post("/bot{token}/sendMessage", sinks.take_telegram)
    app.router.add_post("/alerts", sinks.take_post)
    runner = web.AppRunner(app)
    await runner.setup()
    site = web.TCPSite(runner, HOST, 0)
    await site.start()
    assert site._server is not None
    sinks.port = site._server.sockets[0].getsockname()[1]  # type: ignore[attr-defined]
    try:
        yield sinks
    finally:
        await runner.cleanup()
