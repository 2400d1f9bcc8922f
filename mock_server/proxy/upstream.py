"""The server behind a proxy."""

from __future__ import annotations

import asyncio
import re
import socket
import ssl
from dataclasses import dataclass
from urllib.parse import urlsplit

from aiohappyeyeballs import start_connection

from tracker_tui.domain.sanitize import sanitize

HAPPY_EYEBALLS = 0.25
"""Seconds that one address of a server is given before the next is tried beside it (RFC 8305)."""

_PORTS = {"http": 80, "https": 443, "tcp": None}
_HOST = re.compile(r"[a-z0-9._:-]{1,253}", re.ASCII)


@dataclass(frozen=True, slots=True)
class Upstream:
    """A server's address.

    Attributes:
        scheme: `http`, `https` or `tcp`; with `https` only the connection to the server uses TLS.
        host: The name or address.
        port: The TCP port.
    """

    scheme: str
    host: str
    port: int

    @classmethod
    def parse(cls, text: str) -> Upstream:
        """Parse `http(s)://HOST[:PORT]` or `tcp://HOST:PORT`.

        Raises:
            ValueError: It is something else; the text is one line for people.
        """
        wrong = ValueError(f"{sanitize(text)!r} is not http(s)://HOST[:PORT] or tcp://HOST:PORT, without a path")
        try:
            parts = urlsplit(text)
            port = parts.port or _PORTS.get(parts.scheme)
        except ValueError:
            raise wrong from None
        host = parts.hostname or ""
        rest = parts.username or parts.password or parts.query or parts.fragment or parts.path.strip("/")
        if parts.scheme not in _PORTS or port is None or rest or _HOST.fullmatch(host) is None:
            raise wrong
        return cls(parts.scheme, host, port)

    def __str__(self) -> str:
        host = f"[{self.host}]" if ":" in self.host else self.host
        return f"{self.scheme}://{host}:{self.port}"

    async def connect(self, limit: int) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
        """Open a connection.

        Raises:
            OSError: The server cannot be reached.
        """
        tls = ssl.create_default_context() if self.scheme == "https" else None
        infos = await asyncio.get_running_loop().getaddrinfo(self.host, self.port, type=socket.SOCK_STREAM)
        sock = await start_connection(infos, happy_eyeballs_delay=HAPPY_EYEBALLS)
        name = self.host if tls is not None else None
        return await asyncio.open_connection(sock=sock, ssl=tls, server_hostname=name, limit=limit)
