"""A fault proxy in front of a server, a client that connects through it, and the proxy's fault record."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from typing import Any

from mock_server.proxy.proxy import Proxy, run_proxy
from tests.support.mock_servers import TIMEOUT
from tests.support.tcp_servers import Talk, tcp_server


async def echo(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """Send back all bytes, and the end of the stream."""
    while data := await reader.read(1 << 16):
        writer.write(data)
        await writer.drain()


@asynccontextmanager
async def run_fault_proxy(talk: Talk = echo, **options: Any) -> AsyncIterator[Proxy]:
    """Run a proxy in front of a server that runs `talk`."""
    async with (
        tcp_server(talk) as server,
        run_proxy(server.base, **{"controlled": False, "seed": 1, **options}) as proxy,
    ):
        yield proxy


class ProxyClient:
    """A client of the proxy."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.reader = reader
        self.writer = writer

    async def send(self, data: bytes) -> None:
        """Send bytes."""
        self.writer.write(data)
        await self.writer.drain()

    async def receive(self, size: int) -> bytes:
        """Read exactly `size` bytes."""
        async with asyncio.timeout(TIMEOUT):
            return await self.reader.readexactly(size)

    async def round_trip(self, data: bytes) -> bytes:
        """Send bytes, and read as many."""
        await self.send(data)
        return await self.receive(len(data))

    async def read_to_end(self) -> tuple[bytes, str]:
        """Read to the end; return the bytes, and `fin` or `rst`."""
        received = b""
        async with asyncio.timeout(TIMEOUT):
            try:
                while data := await self.reader.read(1 << 16):
                    received += data
            except ConnectionResetError:
                return received, "rst"
        return received, "fin"


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
    """Return the recorded effects of a fault."""
    return [record.effect for record in proxy.log.records() if record.fault == fault and record.effect != "injected"]
