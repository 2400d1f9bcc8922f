"""A WebSocket as a sink: whole frames straight into the transport, whose write buffer is the only queue."""

from __future__ import annotations

import asyncio
import socket
import struct
from contextlib import suppress
from typing import Any

from aiohttp.abc import AbstractStreamWriter

from mock_server import frames
from mock_server.clock import Clock
from mock_server.encoded import Encoded

STALL_SECONDS = 3.0
"""Without a byte drained for so long, a watcher is stalled (PROTOCOL §4)."""

_PAUSE_AT, _RESUME_AT = 64 << 10, 16 << 10


class SocketSink:
    """Writes to one accepted WebSocket, and knows how well it drains.

    Args:
        transport: The connection's transport.
        writer: The response's writer, asked for room only.
        clock: Times stalls.
    """

    def __init__(self, transport: asyncio.Transport, writer: AbstractStreamWriter, clock: Clock) -> None:
        self._transport = transport
        self._writer = writer
        self._clock = clock
        self._written = 0
        self._drained = 0
        self._drained_at = clock.time()
        self._draining: asyncio.Task[None] | None = None
        transport.set_write_buffer_limits(high=_PAUSE_AT, low=_RESUME_AT)

    @property
    def gone(self) -> bool:
        """Whether the connection is closing or closed."""
        return self._transport.is_closing()

    @property
    def buffered(self) -> int:
        """Bytes that the kernel has not taken yet."""
        return self._transport.get_write_buffer_size()

    def write(self, message: Encoded[Any], *, replayed: bool = False) -> None:
        """Send a message as a text frame."""
        self.write_frame(message.frame)

    def write_frame(self, frame: bytes) -> None:
        """Send a frame that is whole already."""
        if not self._transport.is_closing():
            self._written += len(frame)
            self._transport.write(frame)

    def write_junk(self, data: bytes, *, binary: bool) -> None:
        """Send bytes that are no message."""
        self.write_frame(frames.binary(data) if binary else frames.text(data))

    def sever(self, message: Encoded[Any]) -> None:
        """Send half of a message and reset the connection."""
        self.write_frame(message.frame[: len(message.frame) // 2])
        self.reset()

    async def drained(self) -> None:
        """Wait until the buffer is no longer above its limit.

        Raises:
            ConnectionError: The connection is gone.
        """
        if not self.gone and self.buffered > _RESUME_AT:
            # In a task that is never cancelled: aiohttp keeps a cancelled waiter, and all later drains then fail at it.
            if self._draining is None or self._draining.done():
                self._draining = asyncio.create_task(self._writer.drain(), name="draining")
            done, _ = await asyncio.wait({self._draining})
            await asyncio.gather(*done, return_exceptions=True)
        if self.gone:
            raise ConnectionResetError("the watcher is gone")

    def is_stalled(self) -> bool:
        """Whether something is buffered and no byte of it has drained for `STALL_SECONDS`. Ask now and then."""
        buffered = self.buffered
        drained = self._written - buffered
        now = self._clock.time()
        if buffered == 0 or drained != self._drained:
            self._drained, self._drained_at = drained, now
            return False
        return now - self._drained_at >= STALL_SECONDS

    def drop(self) -> None:
        """End the connection without a close frame."""
        self._transport.abort()

    def reset(self) -> None:
        """End the connection with a TCP reset: what is buffered anywhere is given up."""
        reset(self._transport)


def reset(transport: asyncio.Transport) -> None:
    """Reset a connection; without the lingering of zero an abort leaves the kernel's buffer waiting for minutes."""
    connection = transport.get_extra_info("socket")
    if connection is not None:
        with suppress(OSError):  # closed already
            connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    transport.abort()
