"""TCP servers that run a function per client, and host names whose first address is dead."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, suppress
from typing import Any

import pytest

from tracker_tui.link.http.server import Server

Talk = Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]


@asynccontextmanager
async def tcp_server(talk: Talk) -> AsyncIterator[Server]:
    """Serve each client with `talk` on a free port; close its connections at the end."""
    open_ones: set[asyncio.Task[None]] = set()
    transports: list[asyncio.WriteTransport] = []

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        open_ones.add(task)
        transports.append(writer.transport)
        try:
            with suppress(OSError, EOFError):
                await talk(reader, writer)
        finally:
            writer.close()
            with suppress(OSError):
                await writer.wait_closed()

    async with await asyncio.start_server(serve, "127.0.0.1", 0) as server:
        yield Server.parse(f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}")
        for task in open_ones:
            task.cancel()
        await asyncio.gather(*open_ones, return_exceptions=True)
        for transport in transports:
            # A transport with unsent bytes for a client that has gone would outlive the loop.
            transport.abort()
        await asyncio.sleep(0)


async def hang(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """Read everything and send nothing."""
    await reader.read()


def resolve_to_two(monkeypatch: pytest.MonkeyPatch, dead: str) -> list[str]:
    """Resolve every name to an address that is dead ("refused" or "silent"), and then to 127.0.0.1.

    Returns:
        The names that are looked up from now on.
    """
    loop = asyncio.get_running_loop()
    connect = loop.sock_connect
    names: list[str] = []

    async def getaddrinfo(host: str | bytes, port: Any, **_: Any) -> list[Any]:
        names.append(host if isinstance(host, str) else host.decode())
        kind = (socket.SOCK_STREAM, socket.IPPROTO_TCP, "")
        first = ("192.0.2.1", port) if dead == "silent" else ("::1", port, 0, 0)
        family = socket.AF_INET if dead == "silent" else socket.AF_INET6
        return [(family, *kind, first), (socket.AF_INET, *kind, ("127.0.0.1", port))]

    async def sock_connect(sock: socket.socket, address: Any) -> None:
        if address[0] == "192.0.2.1":
            await asyncio.Event().wait()
        await connect(sock, address)

    monkeypatch.setattr(loop, "getaddrinfo", getaddrinfo)
    monkeypatch.setattr(loop, "sock_connect", sock_connect)
    return names
