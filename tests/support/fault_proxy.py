"""A client and a server on either side of a proxy, and the effects in its fault log."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from typing import Any

from mock_server.proxy.proxy import Proxy, run_proxy
from tests.support.mock_servers import PATIENCE
from tests.support.tcp_servers import Talk, tcp_server


async def echo(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """Send everything back, including the end."""
    while data := await reader.read(1 << 16):
        writer.write(data)
        await writer.drain()


@asynccontextmanager
async def proxied(talk: Talk = echo, **options: Any) -> AsyncIterator[Proxy]:
    """A proxy in front of a server that is a function."""
    async with (
        tcp_server(talk) as server,
        run_proxy(server.base, **{"controlled": False, "seed": 1, **options}) as proxy,
    ):
        yield proxy


class Caller:
    """A client."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.reader = reader
        self.writer = writer

    async def say(self, data: bytes) -> None:
        """Send data."""
        self.writer.write(data)
        await self.writer.drain()

    async def hear(self, size: int) -> bytes:
        """Read exactly so many bytes."""
        async with asyncio.timeout(PATIENCE):
            return await self.reader.readexactly(size)

    async def ask(self, data: bytes) -> bytes:
        """Send data, and read as much."""
        await self.say(data)
        return await self.hear(len(data))

    async def to_the_end(self) -> tuple[bytes, str]:
        """Read until the end; return the data, and whether it ended with `fin` or `rst`."""
        heard = b""
        async with asyncio.timeout(PATIENCE):
            try:
                while data := await self.reader.read(1 << 16):
                    heard += data
            except ConnectionResetError:
                return heard, "rst"
        return heard, "fin"


@asynccontextmanager
async def calling(proxy: Proxy) -> AsyncIterator[Caller]:
    """Connect to a proxy."""
    reader, writer = await asyncio.open_connection("127.0.0.1", proxy.port)
    try:
        yield Caller(reader, writer)
    finally:
        writer.close()
        with suppress(OSError):
            await writer.wait_closed()


def done(proxy: Proxy, fault: str) -> list[str]:
    """Return the effects of `fault` in the fault log."""
    return [record.effect for record in proxy.log.records() if record.fault == fault and record.effect != "injected"]
