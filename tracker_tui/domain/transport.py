"""Names of the transports."""

from __future__ import annotations

from enum import StrEnum


class TransportName(StrEnum):
    """A transport, best first; the values are those of ``--transport`` and of the ndjson output."""

    WEBSOCKET = "websocket"
    SSE = "sse"
    LONGPOLL = "longpoll"
    POLLING = "polling"

    @property
    def label(self) -> str:
        """Name for people."""
        return _LABELS[self]


_LABELS = {
    TransportName.WEBSOCKET: "WebSocket",
    TransportName.SSE: "SSE",
    TransportName.LONGPOLL: "long-poll",
    TransportName.POLLING: "polling",
}
