"""One way of a connection: reads, holds back what is late, writes in pieces; never more than a bounded heap."""

from __future__ import annotations

import asyncio
from collections import deque
from dataclasses import dataclass

from mock_server.faults.tcp_base import Direction, TcpFault
from mock_server.net.sockets import flushed
from mock_server.proxy.active_faults import Struck

CHUNK = 64 << 10
"""The most bytes that are read at once."""

HEAP = 256 << 10
"""Bytes held back for latency; beyond that the sender is made to wait."""


@dataclass(frozen=True, slots=True)
class _Held:
    """Bytes on their way, none for the end; `delays` are counted from `since`."""

    data: bytes
    since: float
    delays: list[tuple[float, TcpFault]]


class Pipe:
    """Passes bytes on.

    Attributes:
        passed: Bytes that have been passed on.

    Args:
        way: Up or down.
        reader: Where they come from.
        writer: Where they go.
        struck: The faults on this connection.
    """

    def __init__(
        self, way: Direction, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, struck: Struck
    ) -> None:
        self.passed = 0
        self._way = way
        self._reader = reader
        self._writer = writer
        self._struck = struck
        self._heap: deque[_Held] = deque()
        self._heaped = 0
        self._moved = asyncio.Event()

    async def run(self, first: bytes = b"") -> None:
        """Pass on `first` and then all that comes, and in the end the end.

        Raises:
            OSError: One of the two sides is gone.
            Ended: A fault ends the connection.
        """
        async with asyncio.TaskGroup() as group:
            group.create_task(self._take(first))
            group.create_task(self._give())

    async def _take(self, first: bytes) -> None:
        if first:
            self._hold(first)
        while True:
            data = await self._reader.read(CHUNK)
            self._hold(data)
            if not data:
                return
            while self._heaped >= HEAP:
                self._moved.clear()
                await self._moved.wait()

    def _hold(self, data: bytes) -> None:
        loop = asyncio.get_running_loop()
        self._heap.append(_Held(data, loop.time(), self._struck.delays(self._way)))
        self._heaped += len(data)
        self._moved.set()

    async def _give(self) -> None:
        loop = asyncio.get_running_loop()
        while True:
            while not self._heap:
                self._moved.clear()
                await self._moved.wait()
            held = self._heap[0]
            due = held.since
            for seconds, fault in held.delays:
                if await self._struck.wait(due + seconds - loop.time(), fault):
                    due += seconds
            if not held.data:
                await self._finish()
                return
            await self._send(held.data)
            self._heap.popleft()
            self._heaped -= len(held.data)
            self._moved.set()

    async def _send(self, data: bytes) -> None:
        await self._end_at_limit()
        view = memoryview(data)
        while view:
            size = self._struck.piece(self._way, len(view))
            left = self._struck.left(self._way)
            size = size if left is None else min(size, left)
            self._writer.write(view[:size])
            await self._writer.drain()
            view = view[size:]
            self.passed += size
            self._struck.spend(self._way, size)
            await self._end_at_limit()
            await self._struck.pause(self._way, size)

    async def _end_at_limit(self) -> None:
        if self._struck.left(self._way) == 0:
            # A reset gives up what the peer has not yet got.
            await flushed(self._writer)
            self._struck.end(self._way)

    async def _finish(self) -> None:
        await self._struck.linger(self._way)
        if self._writer.can_write_eof():
            self._writer.write_eof()
        else:
            # TLS has no half-close: the end of a side is the end.
            self._writer.close()
