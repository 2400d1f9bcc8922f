"""The first request of a connection, as far as it is HTTP: the faults' `match` refers to it."""

from __future__ import annotations

import re
from dataclasses import dataclass

from mock_server.faults.tcp_base import RequestKind
from tracker_tui.domain.sanitize import sanitize

HEAD_LIMIT = 8 << 10
"""Bytes after which an incomplete request head is matched as it is."""

_MAX_SHOWN = 80

_REQUEST = re.compile(rb"([A-Z]{1,20}) ([^ \r\n]+) HTTP/1\.[01]\r\n", re.ASCII)
_REQUEST_START = re.compile(rb"[A-Z]{1,20}( |\Z)", re.ASCII)


@dataclass(frozen=True, slots=True)
class RequestHead:
    """The first request of a connection.

    Attributes:
        kind: Its kind; `OTHER` if it is not an HTTP request.
        path: Its path with the query; empty if it is not an HTTP request.
        method: GET, POST …
    """

    kind: RequestKind
    path: str = ""
    method: str = ""

    def matches(self, match: str) -> bool:
        """Return whether `match`, a kind or a part of the path, includes this connection."""
        return match in self.path if match.startswith("/") else match == self.kind

    def __str__(self) -> str:
        # A query may contain data that must not be logged.
        text = f"{self.method} {self.path.partition('?')[0]}" if self.path else "no HTTP"
        return sanitize(text if len(text) <= _MAX_SHOWN else f"{text[: _MAX_SHOWN - 1]}…")


def is_complete(head: bytes) -> bool:
    """Return whether `head` is complete, too long, or not the head of an HTTP request."""
    if not head:
        return False
    if b"\r\n\r\n" in head or len(head) >= HEAD_LIMIT:
        return True
    return (_REQUEST if b"\n" in head else _REQUEST_START).match(head) is None


def parse_head(head: bytes) -> RequestHead:
    """Parse the first bytes of a connection."""
    request = _REQUEST.match(head)
    if request is None:
        return RequestHead(RequestKind.OTHER)
    fields = head[request.end() :].partition(b"\r\n\r\n")[0].lower().split(b"\r\n")
    headers = {name.strip(): value.strip() for name, _, value in (field.partition(b":") for field in fields)}
    kind = RequestKind.HTTP
    if headers.get(b"upgrade") == b"websocket":
        kind = RequestKind.WEBSOCKET
    elif b"text/event-stream" in headers.get(b"accept", b""):
        kind = RequestKind.SSE
    return RequestHead(kind, request[2].decode("ascii", "replace"), request[1].decode("ascii"))
