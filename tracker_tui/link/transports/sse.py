"""Streams over server-sent events: one long HTTP answer (PROTOCOL §5)."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Collection
from contextlib import aclosing

import httpx

from tracker_tui.domain.transport import TransportName
from tracker_tui.link.errors import LinkError, StreamClosed, StreamEnded
from tracker_tui.link.http.client import HttpClient
from tracker_tui.link.http.refusals import media_type
from tracker_tui.link.transports.base import ReceivedMessage, StreamRequest
from tracker_tui.link.transports.http_stream import HttpStream, closed_by_client
from tracker_tui.link.transports.shards import ShardedTransport
from tracker_tui.link.transports.sse_parser import EventTooLarge, SseParser
from tracker_tui.wire.codec import MAX_MESSAGE, ProtocolViolation, decode

EVENT_STREAM = "text/event-stream"

# Not compressed: a compressor would hold messages back in its buffer.
_HEADERS = {"Accept": EVENT_STREAM, "Cache-Control": "no-store", "Accept-Encoding": "identity"}


class SseTransport(ShardedTransport):
    """Opens streams of server-sent events from one server."""

    name = TransportName.SSE
    resubscribes = False

    async def open_part(self, request: StreamRequest) -> SseConnection | None:
        """Request the orders of one shard."""
        client = self._client
        orders = request.resume(request.orders)
        if request.orders and not orders:
            return None
        response = await client.get(client.server.stream_query_url(orders), _HEADERS, request.token)
        status = response.status_code
        if status != httpx.codes.OK or media_type(response.headers) != EVENT_STREAM:
            raise await client.error_from_response(response, f"the request got HTTP {status}")
        return SseConnection(client, response, tuple(orders))


class SseConnection(HttpStream):
    """An open answer; see `Connection`."""

    def __init__(self, client: HttpClient, response: httpx.Response, orders: Collection[str]) -> None:
        super().__init__()
        self._client = client
        self._response = response
        self._orders = orders
        self.heard_at = asyncio.get_running_loop().time()

    async def messages(self) -> AsyncIterator[ReceivedMessage]:
        """Yield the messages as they arrive; count and skip those that break the protocol.

        Raises:
            StreamEnded: The server ended it.
            StreamClosed: The client closed it, or a message was over 1 MiB.
            TransportDown: It ended early.
        """
        events = SseParser(MAX_MESSAGE)
        loop = asyncio.get_running_loop()
        try:
            async with aclosing(self._client.chunks(self._response)) as chunks:
                async for chunk in chunks:
                    self.heard_at = loop.time()
                    for event in events.feed(chunk):
                        try:
                            message = decode(event.data, self.tally)
                        except ProtocolViolation:
                            self.violations += 1
                        else:
                            yield ReceivedMessage(message, self._orders)
        except EventTooLarge as error:
            raise StreamClosed(1009, by_us=True) from error
        except LinkError as error:
            if self.closed:
                raise closed_by_client() from error
            raise
        raise closed_by_client() if self.closed else StreamEnded(events.retry)

    async def close(self) -> None:
        """End the answer; there is no closing handshake."""
        self.closed = True
        await self._response.aclose()

    def abort(self) -> None:
        """Drop the answer at once."""
        self.closed = True
        if not self._response.is_closed:
            self._client.spawn_background(self._response.aclose())
