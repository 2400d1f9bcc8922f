"""Many orders over plain HTTP: a query names at most 50, so several streams side by side are one (PROTOCOL §5)."""

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
"""Messages of all shards together that may wait to be read; beyond, the sockets are left alone."""

MESSAGES_PER_TURN = 16
"""Messages after which one shard lets the others have a turn."""

OpenPart: TypeAlias = Callable[[StreamRequest], Awaitable[Connection | None]]
"""Opens one shard; None where none of its orders is wanted any more. Raises `LinkError`."""


class ShardedTransport(ABC):
    """A transport over plain HTTP, on which one request asks for a shard of the orders."""

    duplex = False

    def __init__(self, network: HttpClient) -> None:
        self._network = network

    async def connect(self, ask: StreamRequest) -> Connection:
        """Open a stream, in shards where the orders are many.

        Raises:
            TransportDown: Nothing answers.
            TransportBlocked: Something answers that is not the gateway.
            Refused: The gateway refuses.
            ServerBusy: Something answers that it is busy.
        """
        return await connect_shards(ask, self.open_part)

    @abstractmethod
    async def open_part(self, ask: StreamRequest) -> Connection | None:
        """Open one shard; None where none of its orders is wanted any more. Raises like `connect`."""


async def connect_shards(ask: StreamRequest, open_part: OpenPart) -> Connection:
    """Open as many streams as the orders need; the failure of one is the failure of all.

    Raises:
        LinkError: One could not be opened.
    """
    parts = await _open_all(list(_shards(ask)), open_part)
    if not parts:
        raise StreamEnded
    return parts[0] if len(parts) == 1 else ShardedStream(parts)


def _shards(ask: StreamRequest) -> Sequence[StreamRequest]:
    starts = range(0, max(len(ask.orders), 1), MAX_ORDERS_PER_QUERY)
    return [replace(ask, orders=ask.orders[start : start + MAX_ORDERS_PER_QUERY]) for start in starts]


async def _open_all(asks: Sequence[StreamRequest], open_part: OpenPart) -> list[Connection]:
    if len(asks) == 1:
        part = await open_part(asks[0])
        return [] if part is None else [part]
    tasks = [asyncio.ensure_future(open_part(ask)) for ask in asks]
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
    """Several streams as one; see `Connection`. It has said hello once all of them have, and ends with the first."""

    def __init__(self, parts: Sequence[Connection]) -> None:
        super().__init__()
        self._parts = parts
        self._hellos: dict[int, Hello] = {}
        self._greeted = asyncio.Event()
        self._inbox: asyncio.Queue[ReceivedMessage | Exception] = asyncio.Queue(MAX_BUFFERED)

    @property
    def heard_at(self) -> float:
        """When the last byte of that shard arrived that has been silent longest."""
        return min(part.heard_at for part in self._parts)

    async def messages(self) -> AsyncIterator[ReceivedMessage]:
        """Yield what arrives on any of them, each in its own order.

        Raises:
            LinkError: One of them ended.
        """
        for number, part in enumerate(self._parts):
            self._start(self._pump(number, part))
        try:
            while True:
                told = await self._inbox.get()
                if isinstance(told, Exception):
                    raise told
                yield told
        finally:
            await self._stop()
            self._count()

    async def close(self) -> None:
        """Close all of them."""
        self.closed = True
        await asyncio.gather(*(part.close() for part in self._parts))

    def abort(self) -> None:
        """Drop all of them at once."""
        self.closed = True
        for part in self._parts:
            part.abort()
        self._count()

    async def _pump(self, number: int, part: Connection) -> None:
        taken = 0
        try:
            async for told in part.messages():
                if isinstance(told.message, Hello) and number not in self._hellos:
                    await self._greet(number, told.message)
                else:
                    await self._inbox.put(told)
                taken += 1
                if taken % MESSAGES_PER_TURN == 0:
                    await asyncio.sleep(0)
        except Exception as error:  # noqa: BLE001 - whoever reads gets it, and would else wait for ever
            await self._inbox.put(error)

    async def _greet(self, number: int, hello: Hello) -> None:
        """Pass hello on with the last one; until then this shard is not read any further."""
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
