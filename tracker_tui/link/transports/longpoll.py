"""Streams over long polls: request after request, each answered when there are messages (PROTOCOL §5, §7)."""

from __future__ import annotations

import asyncio
import math
from collections.abc import AsyncIterator, Sequence
from contextlib import aclosing

import httpx

from tracker_tui.domain.cursor import Cursor
from tracker_tui.domain.transport import TransportName
from tracker_tui.link.errors import StreamClosed, TransportBlocked
from tracker_tui.link.http.client import HttpClient
from tracker_tui.link.http.refusals import media_type
from tracker_tui.link.transports.base import ReceivedMessage, StreamRequest
from tracker_tui.link.transports.http_stream import HttpStream
from tracker_tui.link.transports.shards import ShardedTransport
from tracker_tui.wire.codec import MAX_MESSAGE, ProtocolViolation, decode_batch
from tracker_tui.wire.messages import Hello, ServerMessage

JSON = "application/json"

MAX_PAUSE = 1.0
"""Seconds before the next request if the server answers at once and no cursor advances."""

_HEADERS = {"Accept": JSON, "Cache-Control": "no-store"}
_DEFAULT_HEARTBEAT = 5.0


class LongPollTransport(ShardedTransport):
    """Opens long-poll streams from one server."""

    name = TransportName.LONGPOLL
    resubscribes = True

    async def open_part(self, request: StreamRequest) -> LongPollConnection | None:
        """Send the first poll for the orders of one shard; raises like every later poll."""
        connection = LongPollConnection(self._client, request)
        return connection if await connection.begin() else None


class LongPollConnection(HttpStream):
    """A sequence of polls; see `Connection`."""

    def __init__(self, client: HttpClient, request: StreamRequest) -> None:
        super().__init__()
        self._client = client
        self._request = request
        self._loop = asyncio.get_running_loop()
        self._heard_at = self._loop.time()
        self._heartbeat: float | None = None
        self._requested: dict[str, Cursor | None] = {}
        self._first: Sequence[ServerMessage] = ()
        self._idle = False

    @property
    def heard_at(self) -> float:
        """When the last byte of an answer arrived; now, if no order is left to poll."""
        return self._loop.time() if self._idle else self._heard_at

    async def begin(self) -> bool:
        """Send the first poll, which the server answers at once; return False if no order is watched any more."""
        self._requested = self._request.resume(self._request.orders)
        if self._request.orders and not self._requested:
            return False
        self._first = await self._poll(0)
        return True

    async def messages(self) -> AsyncIterator[ReceivedMessage]:
        """Yield the messages of the answers, poll after poll.

        Raises:
            StreamClosed: The client closed it, or an answer was over 1 MiB.
            TransportDown: The answer to a poll ended early.
            TransportBlocked: The answer to a poll was not from the server.
            Refused: The server refused a poll.
            ServerBusy: The server or a proxy was busy.
        """
        messages, self._first = self._first, ()
        pause = 0.0
        while True:
            for message in messages:
                if isinstance(message, Hello) and self._heartbeat is None:
                    # The first hello sets how long this stream may be silent, whichever node answers later polls.
                    self._heartbeat = message.heartbeat_seconds
                yield ReceivedMessage(message, tuple(self._requested))
            previous, self._requested = self._requested, self._request.resume(self._request.orders)
            if not self._requested and previous:
                self._idle = True
                await self._unless_closed(asyncio.Event().wait())
            if self._requested == previous and pause:
                await self._unless_closed(asyncio.sleep(pause))
            wait = math.ceil(self._heartbeat or _DEFAULT_HEARTBEAT)
            sent_at = self._loop.time()
            messages = await self._unless_closed(self._poll(wait))
            # Without a pause, an unchanged request that is answered at once would be sent in a busy loop.
            pause = min(MAX_PAUSE, wait / 2) if self._loop.time() - sent_at < wait / 2 else 0.0

    async def _poll(self, wait: int) -> Sequence[ServerMessage]:
        client = self._client
        url = client.server.stream_query_url(self._requested, wait)
        response = await client.get(url, _HEADERS, self._request.token)
        self._heard_at = self._loop.time()
        status = response.status_code
        detail = f"the request got HTTP {status}"
        if status != httpx.codes.OK or media_type(response.headers) != JSON:
            raise await client.error_from_response(response, detail)
        body = bytearray()
        async with aclosing(client.chunks(response)) as chunks:
            async for chunk in chunks:
                self._heard_at = self._loop.time()
                body += chunk
                if len(body) > MAX_MESSAGE:
                    raise StreamClosed(1009, by_us=True)
        try:
            messages, violations = decode_batch(bytes(body), self.tally)
        except ProtocolViolation as error:
            raise TransportBlocked(status, f"{detail}, but not with messages") from error
        self.violations += violations
        return messages
