"""Streams as server-sent events (PROTOCOL §5)."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from typing import Any

from aiohttp import web
from aiohttp.abc import AbstractStreamWriter

from mock_server.encoding import sse
from mock_server.faults.connections import BufferSse
from mock_server.gateway.access import GRANT, Grant
from mock_server.gateway.gateway import Gateway
from mock_server.net.clock import Clock
from mock_server.orders.encoded import Encoded
from mock_server.streams.plain_http import HEADERS, HttpStream, RawResponse
from mock_server.streams.transport_sink import TransportSink
from tracker_tui.domain.cursor import Cursor

RETRY_MILLISECONDS = 1_000
"""Milliseconds after which a browser reconnects."""


class SseSink(TransportSink):
    """Writes one event for each message; without chunks for HTTP/1.0."""

    def __init__(
        self, transport: asyncio.Transport, clock: Clock, writer: AbstractStreamWriter, *, chunked: bool
    ) -> None:
        super().__init__(transport, clock, writer)
        self._chunked = chunked

    def to_bytes(self, message: Encoded[Any]) -> bytes:
        """Encode a message as an event."""
        return self._framed(message.sse)

    def write_invalid(self, data: bytes, *, binary: bool) -> None:
        """Send an event whose data is not a message."""
        self.write_bytes(self._framed(sse.event_chunk("event", data)))

    def write_retry(self, milliseconds: int) -> None:
        """Send the time that a browser waits before it reconnects."""
        self.write_bytes(self._framed(sse.retry_chunk(milliseconds)))

    def write_end(self) -> None:
        """End the body."""
        if self._chunked:
            self.write_bytes(sse.LAST_CHUNK)

    def _framed(self, chunk: bytes) -> bytes:
        return chunk if self._chunked else sse.chunk_body(chunk)


class SseStream(HttpStream):
    """A stream of server-sent events."""

    def __init__(self, gateway: Gateway, sink: SseSink, grant: Grant) -> None:
        super().__init__(gateway, sink, grant)
        self._events = sink

    async def _send_hello(self) -> bool:
        self._events.write_retry(RETRY_MILLISECONDS)
        return await super()._send_hello()

    async def _serve(self) -> None:
        await self._ended.wait()

    async def _close(self, code: int, reason: str) -> None:
        self._events.write_end()
        await self._events.flush()
        self._events.close()


async def serve_sse(gateway: Gateway, request: web.Request, orders: Mapping[str, Cursor | None]) -> web.StreamResponse:
    """Serve a stream to its end; answer HEAD with the head alone."""
    chunked = request.version >= (1, 1)
    response = RawResponse(headers={"Content-Type": "text/event-stream; charset=utf-8", **HEADERS})
    if chunked:
        response.enable_chunked_encoding()
    response.force_close()
    buffering = None if request.method == "HEAD" else gateway.plan.first_triggered(BufferSse)
    if buffering is not None and buffering.head:
        await _hold_back(gateway, request, buffering)
    if request.transport is None or request.transport.is_closing():
        return response
    writer = await response.prepare(request)
    if buffering is not None and not buffering.head:
        await _hold_back(gateway, request, buffering)
    if request.method != "HEAD" and request.transport is not None and writer is not None:
        sink = SseSink(request.transport, gateway.clock, writer, chunked=chunked)
        await SseStream(gateway, sink, request[GRANT]).run(orders)
    return response


async def _hold_back(gateway: Gateway, request: web.Request, fault: BufferSse) -> None:
    gateway.fault_log.write(fault.name, "kept back", None, f"{request.method} {request.path}")
    await gateway.hold_request(request.transport, fault.for_ if fault.seconds is None else fault.seconds)
