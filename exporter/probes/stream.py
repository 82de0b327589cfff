"""A TCP connection of a link's source as a pair of streams."""

import asyncio
import socket
from contextlib import suppress

from exporter.probes.link_source import LinkSource


async def open_stream(source: LinkSource, address: str, port: int) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
    """Connect to `address`. Raises ProbeFailure."""
    opened = await source.open_socket(socket.SOCK_STREAM, address, port)
    opened.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    return await asyncio.open_connection(sock=opened)


async def close_stream(writer: asyncio.StreamWriter) -> None:
    """End the connection at once."""
    # What was wanted has been read: how the other side ends the connection is of no interest.
    writer.transport.abort()
    with suppress(OSError):
        await writer.wait_closed()
