"""One direction of a connection: it reads, delays and forwards data with a bounded buffer."""

from __future__ import annotations

import asyncio
from collections import deque
from dataclasses import dataclass

from mock_server.faults.tcp_base import Direction, TcpFault
from mock_server.net.sockets import wait_until_acknowledged
from mock_server.proxy.active_faults import ActiveFaults

READ_SIZE = 64 << 10
"""The most bytes to read at once."""

MAX_BUFFERED = 256 << 10
"""Bytes that are buffered while they are delayed; above that the sender has to wait."""


@dataclass(frozen=True, slots=True)
class _Chunk:
    """Received bytes, empty for the end; `delays` are counted from `since`."""

    data: bytes
    since: float
    delays: list[tuple[float, TcpFault]]


class Pipe:
    """Forwards data in one direction.

    Attributes:
        passed: Bytes that have been forwarded.

    Args:
        direction: Up or down.
        reader: The source.
        writer: The destination.
        active_faults: The faults on this connection.
    """

    def __init__(
        self,
        direction: Direction,
        reader: asyncio.StreamReader,
        writer: asyncio.StreamWriter,
        active_faults: ActiveFaults,
    ) -> None:
        self.passed = 0
        self._direction = direction
        self._reader = reader
        self._writer = writer
        self._active_faults = active_faults
        self._chunks: deque[_Chunk] = deque()
        self._buffered = 0
        self._changed = asyncio.Event()

    async def run(self, first: bytes = b"") -> None:
        """Forward `first` and all data that follows, then the end of the stream.

        Raises:
            OSError: One of the sides is gone.
            ConnectionEnded: A fault ends the connection.
        """
        async with asyncio.TaskGroup() as group:
            group.create_task(self._read(first))
            group.create_task(self._write())

    async def _read(self, first: bytes) -> None:
        if first:
            self._append(first)
        while True:
            data = await self._reader.read(READ_SIZE)
            self._append(data)
            if not data:
                return
            while self._buffered >= MAX_BUFFERED:
                self._changed.clear()
                await self._changed.wait()

    def _append(self, data: bytes) -> None:
        loop = asyncio.get_running_loop()
        self._chunks.append(_Chunk(data, loop.time(), self._active_faults.delays(self._direction)))
        self._buffered += len(data)
        self._changed.set()

    async def _write(self) -> None:
        loop = asyncio.get_running_loop()
        while True:
            while not self._chunks:
                self._changed.clear()
                await self._changed.wait()
            chunk = self._chunks[0]
            due = chunk.since
            for seconds, fault in chunk.delays:
                if await self._active_faults.wait(due + seconds - loop.time(), fault):
                    due += seconds
            if not chunk.data:
                await self._finish()
                return
            await self._send(chunk.data)
            self._chunks.popleft()
            self._buffered -= len(chunk.data)
            self._changed.set()

    async def _send(self, data: bytes) -> None:
        await self._apply_limit()
        view = memoryview(data)
        while view:
            size = self._active_faults.max_piece(self._direction, len(view))
            bytes_left = self._active_faults.bytes_left(self._direction)
            size = size if bytes_left is None else min(size, bytes_left)
            self._writer.write(view[:size])
            await self._writer.drain()
            view = view[size:]
            self.passed += size
            self._active_faults.count_bytes(self._direction, size)
            await self._apply_limit()
            await self._active_faults.pause(self._direction, size)

    async def _apply_limit(self) -> None:
        if self._active_faults.bytes_left(self._direction) == 0:
            # A reset would discard data that the peer has not received yet.
            await wait_until_acknowledged(self._writer)
            self._active_faults.apply_limit(self._direction)

    async def _finish(self) -> None:
        await self._active_faults.delay_close(self._direction)
        if self._writer.can_write_eof():
            self._writer.write_eof()
        else:
            # TLS connections cannot be half-closed.
            self._writer.close()
