"""The long-poll transport against servers with one handler."""

from __future__ import annotations

import asyncio
import math
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from itertools import pairwise

import pytest
from aiohttp import web

from tests.support.http_servers import HELLO, Handler, batch, client_for, problem, read_first, read_to_end
from tests.support.mock_servers import eventually
from tests.support.orders import EPOCH, event, snapshot
from tests.support.stream_requests import stream_request
from tracker_tui.domain.cursor import Cursor
from tracker_tui.link.auth.token import Token
from tracker_tui.link.errors import LinkError, Refused, ServerBusy, StreamClosed, TransportBlocked, TransportDown
from tracker_tui.link.transports.base import Connection
from tracker_tui.link.transports.longpoll import LongPollTransport
from tracker_tui.wire.messages import Heartbeat, Problem


class Polls:
    """A server that sends one prepared answer per poll, and then holds every poll."""

    def __init__(self, *answers: web.StreamResponse) -> None:
        self.answers = list(answers)
        self.requests: list[web.Request] = []
        self.times: list[float] = []

    async def __call__(self, request: web.Request) -> web.StreamResponse:
        """Answer a poll."""
        self.requests.append(request)
        self.times.append(asyncio.get_running_loop().time())
        if not self.answers:
            await asyncio.Event().wait()
        return self.answers.pop(0)

    @property
    def queries(self) -> list[str]:
        """Return the requested orders of every poll."""
        return [request.query_string for request in self.requests]


@asynccontextmanager
async def polling(handler: Handler, orders: dict[str, Cursor | None] | None = None) -> AsyncIterator[Connection]:
    """Open a stream of polls to a server."""
    async with client_for(handler) as client:
        connection = await LongPollTransport(client).connect(stream_request({"A1": None} if orders is None else orders))
        try:
            yield connection
        finally:
            connection.abort()


async def test_answers_follow_one_another_as_one_stream() -> None:
    server = Polls(batch(HELLO, snapshot(2)), batch(HELLO, event(3), event(4)), batch(HELLO, event(5)))
    async with polling(server) as connection:
        told = await read_first(connection, 7)
    assert [each.message for each in told] == [HELLO, snapshot(2), HELLO, event(3), event(4), HELLO, event(5)]
    assert {tuple(each.orders or ()) for each in told} == {("A1",)}


async def test_every_poll_waits_for_the_heartbeat_period_of_the_first_answer() -> None:
    slower = replace(HELLO, heartbeat_seconds=30)
    server = Polls(batch(HELLO, snapshot(2)), batch(slower, event(3)))
    async with polling(server) as connection:
        reading = asyncio.ensure_future(read_to_end(connection))
        await eventually(lambda: len(server.requests) == 3)
        await connection.close()
        await reading
    assert [query.rpartition("=")[2] for query in server.queries] == ["0", "5", "5"]


async def test_the_first_poll_waits_for_nothing_and_later_ones_a_heartbeat_from_where_the_client_is() -> None:
    orders: dict[str, Cursor | None] = {"A1": None}
    server = Polls(batch(HELLO, snapshot(2)))
    async with polling(server, orders) as connection:
        messages = connection.messages()
        await anext(messages)
        await anext(messages)
        orders["A1"] = Cursor(EPOCH, 2)
        waiting = asyncio.ensure_future(anext(messages))
        await eventually(lambda: len(server.requests) == 2)
        connection.abort()
        with pytest.raises(StreamClosed):
            await waiting
    assert server.queries == ["order=A1&wait=0", f"order=A1@{EPOCH}:2&wait=5"]
    assert server.requests[0].headers["Accept"] == "application/json"


async def test_the_token_is_in_the_header_of_every_poll_and_in_no_url() -> None:
    server = Polls(batch(HELLO))
    async with client_for(server) as client:
        connection = await LongPollTransport(client).connect(stream_request({"A1": None}, Token("s3cret")))
        reading = asyncio.ensure_future(read_to_end(connection))
        await eventually(lambda: len(server.requests) == 2)
        await connection.close()
        await reading
    assert [request.headers["Authorization"] for request in server.requests] == ["Bearer s3cret"] * 2
    assert not any("s3cret" in str(request.url) for request in server.requests)


async def test_a_refused_order_is_left_out_of_the_next_poll() -> None:
    orders: dict[str, Cursor | None] = {"A1": None, "B2": None}
    server = Polls(batch(HELLO, Problem("forbidden", "no", "B2"), snapshot(1)))
    async with polling(server, orders) as connection:
        messages = connection.messages()
        for _ in range(3):
            await anext(messages)
        del orders["B2"]
        reading = asyncio.ensure_future(anext(messages))
        await eventually(lambda: len(server.requests) == 2)
        connection.abort()
        with pytest.raises(StreamClosed):
            await reading
    assert server.queries == ["order=A1&order=B2&wait=0", "order=A1&wait=5"]


async def test_without_an_order_nothing_is_polled_and_the_stream_is_not_silent() -> None:
    orders: dict[str, Cursor | None] = {"A1": None}
    server = Polls(batch(HELLO, Problem("forbidden", "no", "A1")))
    async with polling(server, orders) as connection:
        messages = connection.messages()
        await anext(messages)
        await anext(messages)
        orders.clear()
        waiting = asyncio.ensure_future(anext(messages))
        heard = connection.heard_at
        await eventually(lambda: connection.heard_at > heard)
        await asyncio.sleep(0)
        assert connection.heard_at >= asyncio.get_running_loop().time() - 0.1
        assert not waiting.done()
        await connection.close()
        with pytest.raises(StreamClosed) as closed:
            await waiting
    assert (closed.value.code, closed.value.by_us) == (1000, True)
    assert len(server.requests) == 1


async def test_an_answer_with_messages_is_followed_by_the_next_poll_at_once() -> None:
    orders: dict[str, Cursor | None] = {"A1": None}
    server = Polls(batch(HELLO), *(batch(HELLO, event(seq)) for seq in range(1, 30)))
    async with polling(server, orders) as connection:
        messages = connection.messages()
        async with asyncio.timeout(10):
            async for message, _ in messages:
                if message == event(29):
                    break
                if message.type == "event":  # type: ignore[union-attr]
                    orders["A1"] = Cursor(EPOCH, message.seq)  # type: ignore[union-attr]
    assert server.times[-1] - server.times[1] < 1.0


async def test_a_server_that_answers_at_once_with_nothing_new_is_not_polled_in_a_busy_loop() -> None:
    server = Polls(batch(HELLO), *(batch(HELLO, snapshot(1)) for _ in range(3)))
    async with polling(server, {"A1": Cursor(EPOCH, 5)}) as connection:
        await read_first(connection, 7)
    gaps = [after - before for before, after in pairwise(server.times[1:])]
    assert len(gaps) == 2
    assert all(gap >= 0.9 for gap in gaps)


async def test_an_instant_answer_that_changes_the_cursors_causes_no_pause() -> None:
    orders: dict[str, Cursor | None] = {"A1": None, "B2": None}
    server = Polls(batch(HELLO), batch(HELLO, Problem("forbidden", "no", "B2")), batch(HELLO))
    async with polling(server, orders) as connection:
        messages = connection.messages()
        async with asyncio.timeout(10):
            async for message, _ in messages:
                if isinstance(message, Problem):
                    del orders["B2"]
                if len(server.requests) == 3:
                    break
    assert server.times[2] - server.times[1] < 0.5


async def test_any_byte_of_an_answer_is_a_sign_of_life() -> None:
    go_on = asyncio.Event()
    polls = 0

    async def serve(request: web.Request) -> web.StreamResponse:
        nonlocal polls
        polls += 1
        if polls == 1:
            return batch(HELLO)
        response = web.StreamResponse(headers={"Content-Type": "application/json"})
        await response.prepare(request)
        await response.write(b'{"messages":')
        await go_on.wait()
        await response.write(b"[ ")
        await asyncio.Event().wait()
        return response

    async with polling(serve) as connection:
        messages = connection.messages()
        await anext(messages)
        heard = connection.heard_at
        waiting = asyncio.ensure_future(anext(messages))
        await eventually(lambda: connection.heard_at > heard)
        heard = connection.heard_at
        go_on.set()
        await eventually(lambda: connection.heard_at > heard)
        connection.abort()
        with pytest.raises(StreamClosed):
            await waiting


@pytest.mark.parametrize("later", [False, True])
@pytest.mark.parametrize(
    ("answer", "error"),
    [
        (lambda: problem(401, "token_expired"), Refused),
        (lambda: problem(403, "forbidden"), Refused),
        (lambda: web.Response(status=503), ServerBusy),
        (lambda: web.Response(text="<html>", content_type="text/html"), TransportBlocked),
        (lambda: web.Response(text="{}", content_type="application/json"), TransportBlocked),
        (lambda: web.Response(text="[", content_type="application/json"), TransportBlocked),
        (lambda: web.Response(text="data: {}\n\n", content_type="text/event-stream"), TransportBlocked),
        (lambda: web.Response(status=304), TransportBlocked),
    ],
)
async def test_any_other_answer_ends_the_stream_the_same_way(
    later: bool, answer: type[web.Response], error: type[LinkError]
) -> None:
    server = Polls(batch(HELLO), answer()) if later else Polls(answer())
    if later:
        async with polling(server) as connection:
            told, ended = await read_to_end(connection)
        assert [each.message for each in told] == [HELLO]
        assert isinstance(ended, error)
    else:
        with pytest.raises(error):
            async with polling(server):
                pass


async def test_a_poll_that_ends_early_is_down_and_was_connected() -> None:
    polls = 0

    async def serve(request: web.Request) -> web.StreamResponse:
        nonlocal polls
        polls += 1
        if polls == 1:
            return batch(HELLO)
        assert request.transport is not None
        request.transport.abort()
        await asyncio.Event().wait()
        raise AssertionError

    async with polling(serve) as connection:
        _, error = await read_to_end(connection)
    assert isinstance(error, TransportDown)
    assert error.connected


async def test_an_answer_over_a_mebibyte_is_our_own_1009() -> None:
    async def serve(_: web.Request) -> web.StreamResponse:
        return web.Response(text=" " * ((1 << 20) + 1), content_type="application/json")

    with pytest.raises(StreamClosed) as closed:
        async with polling(serve):
            pass
    assert (closed.value.code, closed.value.by_us) == (1009, True)


async def test_invalid_messages_in_an_answer_are_counted_and_skipped() -> None:
    body = '{"messages":[{"type":"event"},7,null,{"type":"novelty"},NaN],"more":1}'
    answer = web.Response(text=body, content_type="application/json")
    async with polling(Polls(answer, batch(HELLO))) as connection:
        await read_first(connection, 2)
        assert connection.violations == 4
        assert connection.tally.unknown_types == 1


@pytest.mark.parametrize("how", ["close", "abort", "cancel"])
async def test_an_aborted_poll_leaves_no_connection(how: str) -> None:
    held, gone = asyncio.Event(), asyncio.Event()
    polls = 0

    async def serve(request: web.Request) -> web.StreamResponse:
        nonlocal polls
        polls += 1
        if polls == 1:
            return batch(HELLO)
        held.set()
        try:
            await asyncio.Event().wait()
        finally:
            gone.set()
        raise AssertionError

    async with polling(serve) as connection:
        messages = connection.messages()
        await anext(messages)
        waiting = asyncio.ensure_future(anext(messages))
        await held.wait()
        if how == "close":
            await connection.close()
        elif how == "abort":
            connection.abort()
        else:
            waiting.cancel()
        with pytest.raises((StreamClosed, asyncio.CancelledError)):
            await waiting
        async with asyncio.timeout(10):
            await gone.wait()


async def test_a_heartbeat_of_a_fraction_waits_whole_seconds() -> None:
    server = Polls(batch(HELLO.__class__(1, HELLO.server_time, None, "", 1.5), Heartbeat(HELLO.server_time, {})))
    async with polling(server) as connection:
        reading = asyncio.ensure_future(read_to_end(connection))
        await eventually(lambda: len(server.requests) == 2)
        connection.abort()
        await reading
    assert server.requests[1].query["wait"] == str(math.ceil(1.5))
