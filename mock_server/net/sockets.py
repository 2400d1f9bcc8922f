"""What asyncio doesn't tell about a socket: whether the peer's kernel has got everything."""

from __future__ import annotations

import array
import asyncio
import fcntl
import socket
import struct
import termios
from contextlib import suppress

_PATIENCE_SECONDS = 2.0
_STEP_SECONDS = 0.002


async def wait_until_acknowledged(writer: asyncio.StreamWriter) -> None:
    """Wait until the peer's side has acknowledged every byte, two seconds at most: it may have stopped reading."""
    await writer.drain()
    loop = asyncio.get_running_loop()
    until = loop.time() + _PATIENCE_SECONDS
    while _unacknowledged(writer) and loop.time() < until:  # noqa: ASYNC110  (the kernel tells nobody)
        await asyncio.sleep(_STEP_SECONDS)


def _unacknowledged(writer: asyncio.StreamWriter) -> int:
    connection = writer.get_extra_info("socket")
    size = array.array("i", [0])
    try:
        fcntl.ioctl(connection.fileno(), termios.TIOCOUTQ, size)
    except OSError:
        # Closed, or a system that doesn't tell it.
        return 0
    return size[0]


def reset_connection(transport: asyncio.WriteTransport) -> None:
    """Reset a connection; without the lingering of zero an abort leaves the kernel's buffer waiting for minutes."""
    connection = transport.get_extra_info("socket")
    if connection is not None:
        with suppress(OSError):  # closed already
            connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    transport.abort()
