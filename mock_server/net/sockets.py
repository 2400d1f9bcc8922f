"""Socket operations that asyncio lacks: waiting for acknowledgement, and resetting."""

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
    """Wait until the peer has acknowledged every byte, two seconds at most."""
    await writer.drain()
    loop = asyncio.get_running_loop()
    until = loop.time() + _PATIENCE_SECONDS
    while _unacknowledged(writer) and loop.time() < until:  # noqa: ASYNC110  (the kernel sends no notification)
        await asyncio.sleep(_STEP_SECONDS)


def _unacknowledged(writer: asyncio.StreamWriter) -> int:
    connection = writer.get_extra_info("socket")
    size = array.array("i", [0])
    try:
        fcntl.ioctl(connection.fileno(), termios.TIOCOUTQ, size)
    except OSError:
        # The socket is closed, or the system does not support the request.
        return 0
    return size[0]


def reset_connection(transport: asyncio.WriteTransport) -> None:
    """Reset a connection, and discard everything that is buffered."""
    connection = transport.get_extra_info("socket")
    if connection is not None:
        with suppress(OSError):  # closed already
            connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    transport.abort()
