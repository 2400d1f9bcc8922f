"""A sink that writes whole messages to a transport, whose write buffer is the only queue."""

from __future__ import annotations

import asyncio
from abc import ABC, abstractmethod
from typing import Any

from aiohttp.abc import AbstractStreamWriter

from mock_server.net.clock import Clock
from mock_server.net.sockets import reset_connection
from mock_server.orders.encoded import Encoded

STALL_SECONDS = 3.0
"""Seconds without a drained byte after which a client is stalled (PROTOCOL §4)."""

_HIGH_WATER_BYTES, _LOW_WATER_BYTES = 64 << 10, 16 << 10


class TransportSink(ABC):
    """Writes to one connection, and detects when it stalls.

    Args:
        transport: The connection's transport.
        clock: Times stalls.

    Attributes:
        writer: The response's writer, used to wait for room only; required before anything is written.
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
        """Encode a message for this connection."""

    @abstractmethod
    def write_invalid(self, data: bytes, *, binary: bool) -> None:
        """Send bytes that are not a message."""

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
        """Send encoded bytes."""
        if not self._transport.is_closing():
            self._written += len(data)
            self._transport.write(data)

    def cut_short(self, message: Encoded[Any]) -> None:
        """Send half of a message and reset the connection."""
        data = self.to_bytes(message)
        self.write_bytes(data[: len(data) // 2])
        self.reset()

    async def drain(self) -> None:
        """Wait until the buffer is below its limit.

        Raises:
            ConnectionError: The connection is closed.
        """
        if not self.is_closed and self.buffered > _LOW_WATER_BYTES:
            await self._wait_for_room()
        if self.is_closed:
            raise ConnectionResetError("the client has disconnected")

    async def flush(self) -> None:
        """Wait until the kernel has taken every byte, or the connection is closed."""
        self._transport.set_write_buffer_limits(high=0)
        while self.buffered and not self.is_closed:
            await self._wait_for_room()

    async def _wait_for_room(self) -> None:
        # The task is never cancelled: aiohttp would keep the cancelled waiter, and later drains would fail.
        if self.writer is not None and (self._drain_task is None or self._drain_task.done()):
            self._drain_task = asyncio.create_task(self.writer.drain(), name="draining")
        if self._drain_task is not None:
            done, _ = await asyncio.wait({self._drain_task})
            await asyncio.gather(*done, return_exceptions=True)

    def is_stalled(self) -> bool:
        """Return whether bytes are buffered and none has drained for `STALL_SECONDS`; call it regularly."""
        buffered = self.buffered
        drained = self._written - buffered
        now = self._clock.time()
        if buffered == 0 or drained != self._drained_bytes:
            self._drained_bytes, self._last_drained_at = drained, now
            return False
        return now - self._last_drained_at >= STALL_SECONDS

    def close(self) -> None:
        """Close the connection once everything is flushed."""
        self._transport.close()

    def abort(self) -> None:
        """Close the connection without a close frame."""
        self._transport.abort()

    def reset(self) -> None:
        """Reset the connection, and discard everything that is buffered."""
        reset_connection(self._transport)
