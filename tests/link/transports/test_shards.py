"""More orders than a query may name: several streams combined into one."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from datetime import timedelta
from itertools import chain

import pytest
from aiohttp import web

from tests.support.http_servers import HELLO, batch, client_for, event_stream, problem, read_first, read_to_end, send
from tests.support.mock_servers import eventually
from tests.support.orders import START, event, snapshot
from tests.support.stream_requests import stream_request
from tracker_tui.domain.cursor import MAX_NUMBER, Cursor
from tracker_tui.link.errors import Refused, StreamClosed, StreamEnded
from tracker_tui.link.http.server import MAX_ORDERS_PER_QUERY, Server
from tracker_tui.link.transports.base import Connection, ReceivedMessage, StreamRequest
from tracker_tui.link.transports.http_stream import HttpStream
from tracker_tui.link.transports.longpoll import LongPollTransport
from tracker_tui.link.transports.shards import MAX_BUFFERED, ShardedStream, connect_shards
from tracker_tui.link.transports.sse import SseTransport
from tracker_tui.wire.codec import IgnoredCounts
from tracker_tui.wire.messages import Hello


def many(count: int) -> dict[str, Cursor | None]:
    return {f"A{number:04}": None for number in range(count)}


class Streams:
    """A server of SSE streams, by their first order."""

    def __init__(self) -> None:
        self.open: dict[str, web.StreamResponse] = {}
        self.orders: dict[str, list[str]] = {}
        self.ends: dict[str, asyncio.Event] = {}
        self.closed: list[str] = []

    async def __call__(self, request: web.Request) -> web.StreamResponse:
        """Start a stream and keep it open."""
        orders = request.query.getall("order")
        first = orders[0]
        response = await event_stream(request, b":\n\n")
        self.open[first], self.orders[first], self.ends[first] = response, orders, asyncio.Event()
        try:
            await self.ends[first].wait()
        finally:
            self.closed.append(first)
        return response

    async def say(self, *parts: Hello, to: str | None = None) -> None:
        """Send to one stream, or to all."""
        for first, response in self.open.items():
            if to in (None, first):
                await send(response, *parts)


@asynccontextmanager
async def sharded(count: int, streams: Streams) -> AsyncIterator[Connection]:
    async with client_for(streams) as client:
        connection = await SseTransport(client).connect(stream_request(many(count)))
        try:
            yield connection
        finally:
            connection.abort()


async def test_orders_are_spread_over_as_many_streams_as_they_need() -> None:
    streams = Streams()
    async with sharded(120, streams):
        assert sorted(map(len, streams.orders.values())) == [20, 50, 50]
        assert sorted(chain.from_iterable(streams.orders.values())) == list(many(120))


async def test_hello_is_said_once_when_all_have_said_it() -> None:
    streams = Streams()
    async with sharded(120, streams) as connection:
        messages = connection.messages()
        first = asyncio.ensure_future(anext(messages))
        soon, late = START + timedelta(seconds=60), START + timedelta(seconds=90)
        await streams.say(Hello(1, START, late, "a", 5), to="A0000")
        await streams.say(Hello(1, START, soon, "b", 9), to="A0050")
        await send(streams.open["A0050"], event(1, order_id="A0050"))
        parts = connection._parts  # type: ignore[attr-defined]
        await eventually(lambda: parts[0].heard_at and parts[1].heard_at > parts[2].heard_at)
        assert not first.done()
        await streams.say(Hello(1, START, None, "c", 1), to="A0100")
        told = await first
        assert told == ReceivedMessage(Hello(1, START, soon, "c", 9))
        assert (await anext(messages)).message == event(1, order_id="A0050")


async def test_every_message_comes_with_the_orders_of_its_part() -> None:
    streams = Streams()
    async with sharded(60, streams) as connection:
        messages = connection.messages()
        await streams.say(HELLO)
        await anext(messages)
        await send(streams.open["A0050"], event(1, order_id="A0055"))
        message, orders = await anext(messages)
    assert message == event(1, order_id="A0055")
    assert list(orders or ()) == list(many(60))[50:]


async def test_the_end_of_one_is_the_end_of_all() -> None:
    streams = Streams()
    async with sharded(120, streams) as connection:
        reading = asyncio.ensure_future(read_to_end(connection))
        await streams.say(HELLO)
        await send(streams.open["A0050"], b"retry: 700\n\n")
        streams.ends["A0050"].set()
        _, error = await reading
        connection.abort()
        await eventually(lambda: len(streams.closed) == 3)
    assert isinstance(error, StreamEnded)
    assert error.retry_after == 0.7


async def test_the_weakest_shard_is_the_sign_of_life() -> None:
    streams = Streams()
    async with sharded(60, streams) as connection:
        messages = connection.messages()
        waiting = asyncio.ensure_future(anext(messages))
        strong, weak = connection._parts  # type: ignore[attr-defined]
        before = weak.heard_at
        await eventually(lambda: weak.heard_at > before and strong.heard_at > before)
        before = weak.heard_at
        await send(streams.open["A0000"], b":\n\n")
        await eventually(lambda: strong.heard_at > before)
        assert connection.heard_at == weak.heard_at
        connection.abort()
        with pytest.raises(StreamClosed):
            await waiting


@pytest.mark.parametrize("how", ["close", "abort"])
async def test_closing_closes_all(how: str) -> None:
    streams = Streams()
    async with sharded(120, streams) as connection:
        waiting = asyncio.ensure_future(read_to_end(connection))
        await eventually(lambda: len(streams.open) == 3)
        if how == "close":
            await connection.close()
        else:
            connection.abort()
        _, error = await waiting
        assert isinstance(error, StreamClosed)
        await eventually(lambda: len(streams.closed) == 3)


async def test_the_refusal_of_one_drops_the_others() -> None:
    streams = Streams()

    async def refuse_one(request: web.Request) -> web.StreamResponse:
        if "A0050" in request.query.getall("order"):
            await eventually(lambda: len(streams.open) == 2)
            return problem(401, "auth_rejected")
        return await streams(request)

    async with client_for(refuse_one) as client:
        with pytest.raises(Refused, match="auth rejected"):
            await SseTransport(client).connect(stream_request(many(120)))
        await eventually(lambda: len(streams.closed) == 2)


async def test_a_shard_of_unwanted_orders_is_not_opened() -> None:
    streams = Streams()
    orders = many(120)
    asked = stream_request(orders)
    for order_id in list(orders)[50:100]:
        del orders[order_id]
    async with client_for(streams) as client:
        connection = await SseTransport(client).connect(asked)
        assert sorted(streams.open) == ["A0000", "A0100"]
        connection.abort()


async def test_with_nothing_wanted_there_is_no_stream() -> None:
    streams = Streams()
    orders = many(60)
    asked = stream_request(orders)
    orders.clear()
    async with client_for(streams) as client:
        with pytest.raises(StreamEnded):
            await SseTransport(client).connect(asked)
    assert streams.open == {}


async def test_long_polls_are_sharded_in_the_same_way_and_repeat_hello() -> None:
    polls: list[tuple[str, str]] = []

    async def serve(request: web.Request) -> web.StreamResponse:
        first = request.query.getall("order")[0]
        polls.append((first, request.query["wait"]))
        if len(polls) > 4:
            await asyncio.Event().wait()
        return batch(HELLO, snapshot(len(polls), order_id=first))

    async with client_for(serve) as client:
        connection = await LongPollTransport(client).connect(stream_request(many(60)))
        told = await read_first(connection, 7)
    assert told[0].message == HELLO
    assert sum(isinstance(each.message, Hello) for each in told) == 3
    assert sorted(polls[:2]) == [("A0000", "0"), ("A0050", "0")]
    assert sorted(polls[2:4]) == [("A0000", "5"), ("A0050", "5")]


class Flood(HttpStream):
    """A stream that always has another message."""

    def __init__(self, orders: tuple[str, ...]) -> None:
        super().__init__()
        self.orders = orders
        self.told = 0
        self.heard_at = 0.0
        self.tally, self.violations = IgnoredCounts(1, 2), 3

    async def messages(self) -> AsyncIterator[ReceivedMessage]:
        """Yield messages without end."""
        yield ReceivedMessage(HELLO)
        while True:
            self.told += 1
            yield ReceivedMessage(event(self.told), self.orders)


async def test_without_a_reader_the_sockets_are_not_read() -> None:
    parts: list[Flood] = []

    async def open_part(part: StreamRequest) -> Connection:
        parts.append(Flood(part.orders))
        return parts[-1]

    connection = await connect_shards(stream_request(many(150)), open_part)
    messages = connection.messages()
    await anext(messages)
    for _ in range(1_000):
        await asyncio.sleep(0)
    assert sum(part.told for part in parts) <= MAX_BUFFERED + len(parts)
    for _ in range(500):
        await anext(messages)
    assert min(part.told for part in parts) > 50  # none is starved
    await messages.aclose()  # type: ignore[attr-defined]
    assert connection.violations == 9
    assert connection.tally == IgnoredCounts(3, 6)


async def test_an_unexpected_exception_reaches_the_reader() -> None:
    class Broken(Flood):
        async def messages(self) -> AsyncIterator[ReceivedMessage]:
            yield ReceivedMessage(HELLO)
            raise ZeroDivisionError

    async def open_part(part: StreamRequest) -> Connection:
        return Broken(part.orders)

    connection = await connect_shards(stream_request(many(60)), open_part)
    assert isinstance(connection, ShardedStream)
    messages = connection.messages()
    await anext(messages)
    with pytest.raises(ZeroDivisionError):
        await anext(messages)


def test_the_longest_query_fits_a_request_line() -> None:
    longest: Mapping[str, Cursor | None] = {
        f"{number:02}".ljust(64, "x"): Cursor(MAX_NUMBER, MAX_NUMBER) for number in range(MAX_ORDERS_PER_QUERY)
    }
    line = f"GET {Server('http://h').stream_query_url(longest, 30)} HTTP/1.1"
    assert len(line) < 8_190
