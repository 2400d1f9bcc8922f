"""A client's end of a connection through a proxy, a server behind it, and what the record says."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from typing import Any

from mock_server.proxy.proxy import Proxy, run_proxy
from tests.support.mock_servers import TIMEOUT
from tests.support.tcp_servers import Talk, tcp_server


async def echo(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """Send everything back, the end, too."""
    while data := await reader.read(1 << 16):
        writer.write(data)
        await writer.drain()


@asynccontextmanager
async def run_fault_proxy(talk: Talk = echo, **options: Any) -> AsyncIterator[Proxy]:
    """A proxy in front of a server that is nothing but a function."""
    async with (
        tcp_server(talk) as server,
        run_proxy(server.base, **{"controlled": False, "seed": 1, **options}) as proxy,
    ):
        yield proxy


class ProxyClient:
    """A client."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.reader = reader
        self.writer = writer

    async def send(self, data: bytes) -> None:
        """Send."""
        self.writer.write(data)
        await self.writer.drain()

    async def receive(self, size: int) -> bytes:
        """Read exactly so many bytes."""
        async with asyncio.timeout(TIMEOUT):
            return await self.reader.readexactly(size)

    async def round_trip(self, data: bytes) -> bytes:
        """Send, and read as much."""
        await self.send(data)
        return await self.receive(len(data))

    async def read_to_end(self) -> tuple[bytes, str]:
        """Read until the end; what came, and whether it ended with `fin` or `rst`."""
        heard = b""
        async with asyncio.timeout(TIMEOUT):
            try:
                while data := await self.reader.read(1 << 16):
                    heard += data
            except ConnectionResetError:
                return heard, "rst"
        return heard, "fin"


@asynccontextmanager
async def connect_to_proxy(proxy: Proxy) -> AsyncIterator[ProxyClient]:
    """Connect to a proxy."""
    reader, writer = await asyncio.open_connection("127.0.0.1", proxy.port)
    try:
        yield ProxyClient(reader, writer)
    finally:
        writer.close()
        with suppress(OSError):
            await writer.wait_closed()


def effects_of(proxy: Proxy, fault: str) -> list[str]:
    """What the record says that `fault` did."""
    return [record.effect for record in proxy.log.records() if record.fault == fault and record.effect != "injected"]
