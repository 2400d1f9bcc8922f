"""The listening socket, which can close and reopen on the same port."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import Callable

from mock_server.net.clock import Clock

SEND_BUFFER = 64 << 10
"""Bytes of the kernel's send buffer for each connection; small, to detect slow readers early."""

_RETRY_SECONDS = 0.1


class PortTaken(Exception):
    """The address cannot be listened on; the text is one line for people."""


class Listener:
    """Accepts connections on one address.

    Args:
        factory: Creates the protocol of each connection.
        host: The name or address to listen on.
        port: The TCP port; 0 chooses a free port, which is kept from then on.
        clock: Times the retries while the port is taken after an outage.
        option: The command-line option that chooses the port, for error messages.
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
        """Whether it accepts connections."""
        return self._server is not None

    @property
    def url(self) -> str:
        """The URL for clients on this machine."""
        host = {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(self._host, self._host)  # noqa: S104
        return f"http://[{host}]:{self.port}" if ":" in host else f"http://{host}:{self.port}"

    async def open(self) -> None:
        """Start to listen.

        Raises:
            PortTaken: The address is taken, or does not belong to this machine.
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
        """Listen on the same port again, as soon as it is free."""
        while self._server is None:
            try:
                await self.open()
            except PortTaken:
                await self._clock.sleep(_RETRY_SECONDS)

    def close(self) -> None:
        """Refuse new connections; leave open connections open."""
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
            # Accepted sockets inherit this option.
            listening_socket.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, SEND_BUFFER)
            listening_socket.bind(address)
            listening_socket.listen(128)
        except OSError:
            listening_socket.close()
            raise
        listening_socket.setblocking(False)
        return listening_socket
