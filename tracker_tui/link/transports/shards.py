"""Many orders over plain HTTP: a query names at most 50, so several streams are combined into one (PROTOCOL §5)."""

from __future__ import annotations

import asyncio
from abc import ABC, abstractmethod
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from dataclasses import replace
from typing import TypeAlias

from tracker_tui.link.errors import StreamEnded
from tracker_tui.link.http.client import HttpClient
from tracker_tui.link.http.server import MAX_ORDERS_PER_QUERY
from tracker_tui.link.transports.base import Connection, ReceivedMessage, StreamRequest
from tracker_tui.link.transports.http_stream import HttpStream
from tracker_tui.wire.codec import IgnoredCounts
from tracker_tui.wire.messages import Hello

MAX_BUFFERED = 64
"""Messages of all shards that are buffered; a full buffer stops reading from the sockets."""

MESSAGES_PER_TURN = 16
"""Messages after which a shard yields to the others."""

OpenPart: TypeAlias = Callable[[StreamRequest], Awaitable[Connection | None]]
"""Opens one shard; returns None if none of its orders is watched any more. Raises `LinkError`."""


class ShardedTransport(ABC):
    """A transport over plain HTTP, on which one request names a shard of the orders."""

    duplex = False

    def __init__(self, client: HttpClient) -> None:
        self._client = client

    async def connect(self, request: StreamRequest) -> Connection:
        """Open a stream, in several shards if there are many orders.

        Raises:
            TransportDown: No answer.
            TransportBlocked: The answer is not from the server.
            Refused: The server refuses.
            ServerBusy: The server or a proxy is busy.
        """
        return await connect_shards(request, self.open_part)

    @abstractmethod
    async def open_part(self, request: StreamRequest) -> Connection | None:
        """Open one shard; return None if none of its orders is watched any more. Raises like `connect`."""


async def connect_shards(request: StreamRequest, open_part: OpenPart) -> Connection:
    """Open as many streams as the orders need; if one fails, abort the others.

    Raises:
        LinkError: One of them could not be opened.
    """
    parts = await _open_all(list(_shards(request)), open_part)
    if not parts:
        raise StreamEnded
    return parts[0] if len(parts) == 1 else ShardedStream(parts)


def _shards(request: StreamRequest) -> Sequence[StreamRequest]:
    starts = range(0, max(len(request.orders), 1), MAX_ORDERS_PER_QUERY)
    return [replace(request, orders=request.orders[start : start + MAX_ORDERS_PER_QUERY]) for start in starts]


async def _open_all(requests: Sequence[StreamRequest], open_part: OpenPart) -> list[Connection]:
    if len(requests) == 1:
        part = await open_part(requests[0])
        return [] if part is None else [part]
    tasks = [asyncio.ensure_future(open_part(request)) for request in requests]
    try:
        return [part for part in await asyncio.gather(*tasks) if part is not None]
    except BaseException:
        for task in tasks:
            task.cancel()
        for outcome in await asyncio.gather(*tasks, return_exceptions=True):
            if outcome is not None and not isinstance(outcome, BaseException):
                outcome.abort()
        raise


class ShardedStream(HttpStream):
    """Several streams as one; see `Connection`. It yields hello after all of them have, and ends with the first."""

    def __init__(self, parts: Sequence[Connection]) -> None:
        super().__init__()
        self._parts = parts
        self._hellos: dict[int, Hello] = {}
        self._greeted = asyncio.Event()
        self._inbox: asyncio.Queue[ReceivedMessage | Exception] = asyncio.Queue(MAX_BUFFERED)

    @property
    def heard_at(self) -> float:
        """When the last byte of the shard arrived that has been silent longest."""
        return min(part.heard_at for part in self._parts)

    async def messages(self) -> AsyncIterator[ReceivedMessage]:
        """Yield the messages of all shards; those of one shard stay in order.

        Raises:
            LinkError: One of them ended.
        """
        for number, part in enumerate(self._parts):
            self._start(self._pump(number, part))
        try:
            while True:
                received = await self._inbox.get()
                if isinstance(received, Exception):
                    raise received
                yield received
        finally:
            await self._stop()
            self._count()

    async def close(self) -> None:
        """Close all shards."""
        self.closed = True
        await asyncio.gather(*(part.close() for part in self._parts))

    def abort(self) -> None:
        """Drop all shards at once."""
        self.closed = True
        for part in self._parts:
            part.abort()
        self._count()

    async def _pump(self, number: int, part: Connection) -> None:
        taken = 0
        try:
            async for received in part.messages():
                if isinstance(received.message, Hello) and number not in self._hellos:
                    await self._greet(number, received.message)
                else:
                    await self._inbox.put(received)
                taken += 1
                if taken % MESSAGES_PER_TURN == 0:
                    await asyncio.sleep(0)
        except Exception as error:  # noqa: BLE001 - passed to the reader, which would otherwise wait for ever
            await self._inbox.put(error)

    async def _greet(self, number: int, hello: Hello) -> None:
        """Yield one hello after the last shard's; until then, pause reading this shard."""
        self._hellos[number] = hello
        if len(self._hellos) < len(self._parts):
            await self._greeted.wait()
            return
        hellos = self._hellos.values()
        expiries = [each.token_expires_at for each in hellos if each.token_expires_at is not None]
        slowest = max(each.heartbeat_seconds for each in hellos)
        await self._inbox.put(
            ReceivedMessage(replace(hello, heartbeat_seconds=slowest, token_expires_at=min(expiries, default=None)))
        )
        self._greeted.set()

    def _count(self) -> None:
        self.violations = sum(part.violations for part in self._parts)
        self.tally = IgnoredCounts(
            sum(part.tally.unknown_types for part in self._parts),
            sum(part.tally.unknown_fields for part in self._parts),
        )
