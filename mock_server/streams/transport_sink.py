"""A connection as a sink: whole messages straight into the transport, whose write buffer is the only queue."""

from __future__ import annotations

import asyncio
from abc import ABC, abstractmethod
from typing import Any

from aiohttp.abc import AbstractStreamWriter

from mock_server.net.clock import Clock
from mock_server.net.sockets import reset_connection
from mock_server.orders.encoded import Encoded

STALL_SECONDS = 3.0
"""Without a byte drained for so long, a watcher is stalled (PROTOCOL §4)."""

_HIGH_WATER_BYTES, _LOW_WATER_BYTES = 64 << 10, 16 << 10


class TransportSink(ABC):
    """Writes to one accepted connection, and knows how well it drains.

    Args:
        transport: The connection's transport.
        clock: Times stalls.

    Attributes:
        writer: The response's writer, asked for room only; needed as soon as anything is written.
    """

    def __init__(self, transport: asyncio.Transport, clock: Clock, writer: AbstractStreamWriter | None = None) -> None:
        self._transport = transport
        self._clock = clock
        self.writer = writer
        self._written = 0
        self._drained_bytes = 0
        self._last_drained_at = clock.time()
        self._drain_task: asyncio.Task[None] | None = None
        transport.set_write_buffer_limits(high=_HIGH_WATER_BYTES, low=_LOW_WATER_BYTES)

    @abstractmethod
    def to_bytes(self, message: Encoded[Any]) -> bytes:
        """A message as it is written to this connection."""

    @abstractmethod
    def write_invalid(self, data: bytes, *, binary: bool) -> None:
        """Send bytes that are no message."""

    @property
    def is_closed(self) -> bool:
        """Whether the connection is closing or closed."""
        return self._transport.is_closing()

    @property
    def buffered(self) -> int:
        """Bytes that the kernel has not taken yet."""
        return self._transport.get_write_buffer_size()

    def write(self, message: Encoded[Any], *, replayed: bool = False) -> None:
        """Send a message."""
        self.write_bytes(self.to_bytes(message))

    def write_bytes(self, data: bytes) -> None:
        """Send what has its form already."""
        if not self._transport.is_closing():
            self._written += len(data)
            self._transport.write(data)

    def cut_short(self, message: Encoded[Any]) -> None:
        """Send half of a message and reset the connection."""
        data = self.to_bytes(message)
        self.write_bytes(data[: len(data) // 2])
        self.reset()

    async def drain(self) -> None:
        """Wait until the buffer is no longer above its limit.

        Raises:
            ConnectionError: The connection is gone.
        """
        if not self.is_closed and self.buffered > _LOW_WATER_BYTES:
            await self._wait_for_room()
        if self.is_closed:
            raise ConnectionResetError("the watcher is gone")

    async def flush(self) -> None:
        """Wait until the kernel has taken everything, or the connection is gone."""
        self._transport.set_write_buffer_limits(high=0)
        while self.buffered and not self.is_closed:
            await self._wait_for_room()

    async def _wait_for_room(self) -> None:
        # In a task that is never cancelled: aiohttp keeps a cancelled waiter, and all later drains then fail at it.
        if self.writer is not None and (self._drain_task is None or self._drain_task.done()):
            self._drain_task = asyncio.create_task(self.writer.drain(), name="draining")
        if self._drain_task is not None:
            done, _ = await asyncio.wait({self._drain_task})
            await asyncio.gather(*done, return_exceptions=True)

    def is_stalled(self) -> bool:
        """Whether something is buffered and no byte of it has drained for `STALL_SECONDS`. Ask now and then."""
        buffered = self.buffered
        drained = self._written - buffered
        now = self._clock.time()
        if buffered == 0 or drained != self._drained_bytes:
            self._drained_bytes, self._last_drained_at = drained, now
            return False
        return now - self._last_drained_at >= STALL_SECONDS

    def close(self) -> None:
        """End the connection once everything is flushed."""
        self._transport.close()

    def abort(self) -> None:
        """End the connection without a word."""
        self._transport.abort()

    def reset(self) -> None:
        """End the connection with a TCP reset: what is buffered anywhere is given up."""
        reset_connection(self._transport)
