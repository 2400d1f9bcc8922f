"""The listening socket: it can go away and come back on the same port."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import Callable

from mock_server.net.clock import Clock

SEND_BUFFER = 64 << 10
"""Bytes of the kernel's send buffer per connection; small, so that a slow reader is noticed early."""

_RETRY_SECONDS = 0.1


class PortTaken(Exception):
    """Nothing can listen there; one line for people."""


class Listener:
    """Accepts connections on one address.

    Args:
        factory: Makes the protocol of each connection.
        host: Name or address to listen on.
        port: TCP port; 0 chooses a free one, which is kept from then on.
        clock: For trying again when the port is not free after an outage.
        option: What chooses the port on the command line, for the error when it is taken.
    """

    def __init__(
        self,
        factory: Callable[[], asyncio.Protocol],
        host: str,
        port: int,
        clock: Clock,
        *,
        option: str = "--port",
    ) -> None:
        self._factory = factory
        self._host = host
        self._clock = clock
        self._option = option
        self._server: asyncio.Server | None = None
        self.port = port

    @property
    def is_open(self) -> bool:
        """Whether connects succeed."""
        return self._server is not None

    @property
    def url(self) -> str:
        """Where a client on this machine finds it."""
        host = {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(self._host, self._host)  # noqa: S104
        return f"http://[{host}]:{self.port}" if ":" in host else f"http://{host}:{self.port}"

    async def open(self) -> None:
        """Listen.

        Raises:
            PortTaken: The address is taken, or not this machine's.
        """
        try:
            listening_socket = self._bind()
        except OSError as error:
            raise PortTaken(
                f"cannot listen on {self._host} port {self.port} ({error.strerror or error}); "
                f"stop what listens there or choose another one with {self._option}"
            ) from error
        self.port = listening_socket.getsockname()[1]
        self._server = await asyncio.get_running_loop().create_server(self._factory, sock=listening_socket)

    async def reopen(self) -> None:
        """Listen again on the same port, as soon as it is free."""
        while self._server is None:
            try:
                await self.open()
            except PortTaken:
                await self._clock.sleep(_RETRY_SECONDS)

    def close(self) -> None:
        """Refuse connects from now on; what is open stays open."""
        if self._server is not None:
            self._server.close()
            self._server = None

    def _bind(self) -> socket.socket:
        family, kind, protocol, _, address = socket.getaddrinfo(
            self._host, self.port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE
        )[0]
        listening_socket = socket.socket(family, kind, protocol)
        try:
            listening_socket.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            # Accepted sockets inherit it.
            listening_socket.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, SEND_BUFFER)
            listening_socket.bind(address)
            listening_socket.listen(128)
        except OSError:
            listening_socket.close()
            raise
        listening_socket.setblocking(False)
        return listening_socket
