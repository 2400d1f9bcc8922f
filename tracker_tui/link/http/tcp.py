"""TCP connections to a host whose addresses are tried in parallel (RFC 8305)."""

from __future__ import annotations

import asyncio
import socket

from aiohappyeyeballs import start_connection

HAPPY_EYEBALLS_DELAY = 0.25
"""Seconds before the next address is tried in parallel (RFC 8305)."""


async def connect_tcp(host: str, port: int) -> socket.socket:
    """Connect to a host.

    asyncio's own `happy_eyeballs_delay` fails under an eager task factory on Python 3.12 and 3.13, and Textual sets
    such a factory.

    Args:
        host: Name or address.
        port: TCP port.

    Returns:
        A connected, non-blocking socket; the caller owns it.

    Raises:
        OSError: The name is unknown, or no address accepts the connection.
    """
    infos = await asyncio.get_running_loop().getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return await start_connection(infos, happy_eyeballs_delay=HAPPY_EYEBALLS_DELAY)
