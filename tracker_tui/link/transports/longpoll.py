"""Streams over long polls: request after request, each held until there is something to tell (PROTOCOL §5, §7)."""

from __future__ import annotations

import asyncio
import math
from collections.abc import AsyncIterator, Sequence
from contextlib import aclosing

import httpx

from tracker_tui.domain.cursor import Cursor
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
"""Seconds before the next request where the server answers at once and nothing comes of it."""

_HEADERS = {"Accept": JSON, "Cache-Control": "no-store"}
_DEFAULT_HEARTBEAT = 5.0


class LongPollTransport(ShardedTransport):
    """Opens long-poll streams from one server."""

    name = "longpoll"
    resubscribes = True

    async def open_part(self, ask: StreamRequest) -> LongPollConnection | None:
        """Poll once for the orders of one shard; raises like every later poll."""
        connection = LongPollConnection(self._network, ask)
        return connection if await connection.begin() else None


class LongPollConnection(HttpStream):
    """A row of polls; see `Connection`."""

    def __init__(self, network: HttpClient, ask: StreamRequest) -> None:
        super().__init__()
        self._network = network
        self._ask = ask
        self._loop = asyncio.get_running_loop()
        self._heard_at = self._loop.time()
        self._heartbeat: float | None = None
        self._asked: dict[str, Cursor | None] = {}
        self._first: Sequence[ServerMessage] = ()
        self._idle = False

    @property
    def heard_at(self) -> float:
        """When the last byte of an answer arrived; now, where nothing is left to ask for."""
        return self._loop.time() if self._idle else self._heard_at

    async def begin(self) -> bool:
        """Poll for the first time, which the server answers at once; False if no order is wanted."""
        self._asked = self._ask.resume(self._ask.orders)
        if self._ask.orders and not self._asked:
            return False
        self._first = await self._poll(0)
        return True

    async def messages(self) -> AsyncIterator[ReceivedMessage]:
        """Yield what the answers hold, poll after poll.

        Raises:
            StreamClosed: Our side closed it, or an answer was over 1 MiB.
            TransportDown: A poll broke off.
            TransportBlocked: A poll was answered by something that is not the gateway.
            Refused: The gateway refused a poll.
            ServerBusy: A poll was answered with "busy".
        """
        messages, self._first = self._first, ()
        pause = 0.0
        while True:
            for message in messages:
                if isinstance(message, Hello) and self._heartbeat is None:
                    # The first one says for how long this stream may be silent, whichever node answers the next poll.
                    self._heartbeat = message.heartbeat_seconds
                yield ReceivedMessage(message, tuple(self._asked))
            asked, self._asked = self._asked, self._ask.resume(self._ask.orders)
            if not self._asked and asked:
                self._idle = True
                await self._unless_closed(asyncio.Event().wait())
            if self._asked == asked and pause:
                await self._unless_closed(asyncio.sleep(pause))
            wait = math.ceil(self._heartbeat or _DEFAULT_HEARTBEAT)
            sent_at = self._loop.time()
            messages = await self._unless_closed(self._poll(wait))
            # Who asks the same again and is answered at once would go round and round.
            pause = min(MAX_PAUSE, wait / 2) if self._loop.time() - sent_at < wait / 2 else 0.0

    async def _poll(self, wait: int) -> Sequence[ServerMessage]:
        network = self._network
        url = network.server.stream_query_url(self._asked, wait)
        response = await network.get(url, _HEADERS, self._ask.token)
        self._heard_at = self._loop.time()
        status = response.status_code
        detail = f"the request got HTTP {status}"
        if status != httpx.codes.OK or media_type(response.headers) != JSON:
            raise await network.error_from_response(response, detail)
        body = bytearray()
        async with aclosing(network.chunks(response)) as chunks:
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
