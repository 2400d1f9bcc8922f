"""The encoding of a stream that a request asks for (PROTOCOL §5)."""

from __future__ import annotations

from enum import StrEnum

from aiohttp import web

STREAM_PATH = "/v1/stream"
"""The path of the stream resource."""


class StreamEncoding(StrEnum):
    """The encodings of a stream."""

    WEBSOCKET = "websocket"
    SSE = "sse"
    LONGPOLL = "longpoll"


def requested_encoding(request: web.Request) -> StreamEncoding | None:
    """Return the encoding that `request` asks for; None if it does not ask for a stream."""
    if request.path != STREAM_PATH:
        return None
    if request.headers.get("Upgrade", "").lower() == "websocket":
        return StreamEncoding.WEBSOCKET
    ranges = (part for value in request.headers.getall("Accept", []) for part in value.split(","))
    named = {part.partition(";")[0].strip().lower() for part in ranges}
    return StreamEncoding.LONGPOLL if "application/json" in named else StreamEncoding.SSE
