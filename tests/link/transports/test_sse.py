"""The SSE transport against servers with one handler."""

from __future__ import annotations

import asyncio
import socket

import pytest
from aiohttp import web

from tests.support.http_servers import HELLO, client_for, event_stream, problem, read_first, read_to_end, send, sse
from tests.support.mock_servers import eventually
from tests.support.orders import EPOCH, START, event
from tests.support.stream_requests import stream_request
from tests.support.tcp_servers import tcp_server
from tracker_tui.domain.cursor import Cursor
from tracker_tui.link.auth.token import Token
from tracker_tui.link.errors import Refused, ServerBusy, StreamClosed, StreamEnded, TransportBlocked, TransportDown
from tracker_tui.link.http.client import HttpClient
from tracker_tui.link.http.server import Server
from tracker_tui.link.transports.sse import SseTransport
from tracker_tui.wire.messages import Goodbye, Heartbeat

ONE = {"A1": None}


async def test_messages_arrive_in_order_with_the_orders_that_they_are_of() -> None:
    async def serve(request: web.Request) -> web.StreamResponse:
        return await event_stream(request, HELLO, event(1), event(2))

    async with client_for(serve) as network:
        told, _ = await read_to_end(await SseTransport(network).connect(stream_request(ONE)))
    assert [each.message for each in told] == [HELLO, event(1), event(2)]
    assert {tuple(each.orders or ()) for each in told} == {("A1",)}


async def test_the_request_carries_orders_cursors_and_token() -> None:
    seen: list[web.Request] = []

    async def serve(request: web.Request) -> web.StreamResponse:
        seen.append(request)
        return await event_stream(request, HELLO)

    orders = {"A1": Cursor(EPOCH, 42), "B.2_x-y": None}
    async with client_for(serve) as network:
        await read_first(await SseTransport(network).connect(stream_request(orders, Token("s3cret"))), 1)
    assert seen[0].path_qs == f"/v1/stream?order=A1@{EPOCH}:42&order=B.2_x-y"
    assert seen[0].headers["Accept"] == "text/event-stream"
    assert seen[0].headers["Accept-Encoding"] == "identity"
    assert seen[0].headers["Authorization"] == "Bearer s3cret"
    assert "s3cret" not in str(seen[0].url)


async def test_an_order_that_is_no_longer_watched_is_left_out() -> None:
    asked: list[str] = []

    async def serve(request: web.Request) -> web.StreamResponse:
        asked.extend(request.query.getall("order"))
        return await event_stream(request, HELLO)

    orders = {"A1": None, "B2": None}
    wanted = stream_request(orders)
    del orders["B2"]
    async with client_for(serve) as network:
        await read_first(await SseTransport(network).connect(wanted), 1)
    assert asked == ["A1"]


async def test_invalid_messages_are_counted_and_skipped() -> None:
    async def serve(request: web.Request) -> web.StreamResponse:
        junk = b'data: {\n\ndata:\n\nevent: event\ndata: []\n\ndata: {"type":"novelty"}\n\n'
        return await event_stream(request, HELLO, junk, event(1))

    async with client_for(serve) as network:
        connection = await SseTransport(network).connect(stream_request(ONE))
        told, _ = await read_to_end(connection)
    assert [each.message for each in told if each.message in (HELLO, event(1))] == [HELLO, event(1)]
    assert connection.violations == 3
    assert connection.tally.unknown_types == 1


async def test_a_comment_is_a_sign_of_life_and_no_message() -> None:
    go_on = asyncio.Event()

    async def serve(request: web.Request) -> web.StreamResponse:
        response = await event_stream(request, HELLO)
        await go_on.wait()
        await send(response, b":\n\n")
        await asyncio.Event().wait()
        return response

    async with client_for(serve) as network:
        connection = await SseTransport(network).connect(stream_request(ONE))
        messages = connection.messages()
        await anext(messages)
        heard = connection.heard_at
        waiting = asyncio.ensure_future(anext(messages))
        go_on.set()
        await eventually(lambda: connection.heard_at > heard)
        assert not waiting.done()
        await connection.close()
        with pytest.raises(StreamClosed) as closed:
            await waiting
    assert (closed.value.code, closed.value.by_us) == (1000, True)


async def test_the_end_carries_the_servers_retry_time() -> None:
    async def serve(request: web.Request) -> web.StreamResponse:
        return await event_stream(request, HELLO, b"retry: 2500\n\n", Goodbye("restart"))

    async with client_for(serve) as network:
        told, error = await read_to_end(await SseTransport(network).connect(stream_request(ONE)))
    assert told[-1].message == Goodbye("restart")
    assert isinstance(error, StreamEnded)
    assert error.retry_after == 2.5


async def test_a_stream_that_ends_early_is_down_and_was_connected() -> None:
    async def break_off(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.write(
            b"HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nTransfer-Encoding: chunked\r\n\r\n5\r\n: hi"
        )

    async with tcp_server(break_off) as server:
        network = HttpClient(server, environ={})
        told, error = await read_to_end(await SseTransport(network).connect(stream_request(ONE)))
        await network.aclose()
    assert told == []
    assert isinstance(error, TransportDown)
    assert error.connected


async def test_a_message_over_a_mebibyte_is_our_own_1009() -> None:
    async def serve(request: web.Request) -> web.StreamResponse:
        return await event_stream(request, HELLO, b"data: " + b" " * ((1 << 20) + 1) + b"\n\n", event(1))

    async with client_for(serve) as network:
        told, error = await read_to_end(await SseTransport(network).connect(stream_request(ONE)))
    assert [each.message for each in told] == [HELLO]
    assert isinstance(error, StreamClosed)
    assert (error.code, error.by_us) == (1009, True)


async def test_a_refusal_of_the_gateway_is_known_by_its_code() -> None:
    async def serve(_: web.Request) -> web.StreamResponse:
        return problem(401, "token_expired", Retry_After="3")

    async with client_for(serve) as network:
        with pytest.raises(Refused, match=r"^token expired: because$") as refused:
            await SseTransport(network).connect(stream_request(ONE))
    assert refused.value.problem.code == "token_expired"
    assert refused.value.problem.retry_after_seconds == 3


async def test_the_wait_of_a_busy_server_is_read() -> None:
    async def serve(_: web.Request) -> web.StreamResponse:
        return web.Response(status=503, headers={"Retry-After": "9"})

    async with client_for(serve) as network:
        with pytest.raises(ServerBusy) as busy:
            await SseTransport(network).connect(stream_request(ONE))
    assert busy.value.retry_after == 9


@pytest.mark.parametrize(
    ("status", "kind", "words"),
    [
        (200, "text/html", "a web page answered \\(HTTP 200\\): a sign-in page of the network\\?$"),
        (403, "text/html", "a web page answered \\(HTTP 403\\)"),
        (200, "application/json", "the request got HTTP 200$"),
        (200, "text/event-stream-of-mine", "got HTTP 200$"),
        (204, "text/event-stream", "got HTTP 204$"),
        (206, "text/event-stream", "got HTTP 206$"),
        (404, "text/plain", "got HTTP 404$"),
    ],
)
async def test_an_answer_that_is_no_stream_counts_as_a_blocked_transport(status: int, kind: str, words: str) -> None:
    async def serve(_: web.Request) -> web.StreamResponse:
        return web.Response(status=status, headers={"Content-Type": kind}, body=b"" if status == 204 else b"<html>")

    async with client_for(serve) as network:
        with pytest.raises(TransportBlocked, match=words) as blocked:
            await SseTransport(network).connect(stream_request(ONE))
    assert blocked.value.status == status


async def test_a_media_type_may_be_written_in_any_way() -> None:
    async def serve(request: web.Request) -> web.StreamResponse:
        response = web.StreamResponse(headers={"Content-Type": "TEXT/Event-Stream ; x=y"})
        await response.prepare(request)
        await send(response, HELLO)
        return response

    async with client_for(serve) as network:
        assert len(await read_first(await SseTransport(network).connect(stream_request(ONE)), 1)) == 1


async def test_a_refused_connection_has_a_plain_text() -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))  # bound, never listening: connections are refused
        network = HttpClient(Server.parse(f"http://127.0.0.1:{taken.getsockname()[1]}"), environ={})
        with pytest.raises(TransportDown, match=r"^connection refused$") as down:
            await SseTransport(network).connect(stream_request(ONE))
    assert not down.value.connected
    await network.aclose()


async def test_a_server_that_dies_after_the_request_was_connected() -> None:
    async def die(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")

    async with tcp_server(die) as server:
        network = HttpClient(server, environ={})
        with pytest.raises(TransportDown) as down:
            await SseTransport(network).connect(stream_request(ONE))
        await network.aclose()
    assert down.value.connected


@pytest.mark.parametrize("how", ["close", "abort", "cancel"])
async def test_a_closed_stream_leaves_no_connection(how: str) -> None:
    gone = asyncio.Event()

    async def serve(request: web.Request) -> web.StreamResponse:
        response = await event_stream(request, HELLO)
        try:
            await asyncio.Event().wait()
        finally:
            gone.set()
        return response

    async with client_for(serve) as network:
        connection = await SseTransport(network).connect(stream_request(ONE))
        messages = connection.messages()
        await anext(messages)
        waiting = asyncio.ensure_future(anext(messages))
        await asyncio.sleep(0)
        if how == "close":
            await connection.close()
        elif how == "abort":
            connection.abort()
        else:
            waiting.cancel()
        with pytest.raises((StreamClosed, asyncio.CancelledError)):
            await waiting
        connection.abort()
        async with asyncio.timeout(10):
            await gone.wait()


async def test_an_unread_stream_that_is_dropped_leaves_no_connection() -> None:
    gone = asyncio.Event()

    async def serve(request: web.Request) -> web.StreamResponse:
        response = await event_stream(request, HELLO)
        try:
            await asyncio.Event().wait()
        finally:
            gone.set()
        return response

    async with client_for(serve) as network:
        connection = await SseTransport(network).connect(stream_request(ONE))
        connection.abort()
        async with asyncio.timeout(10):
            await gone.wait()


async def test_connecting_can_be_cancelled() -> None:
    asked = asyncio.Event()

    async def ignore(_: web.Request) -> web.StreamResponse:
        asked.set()
        await asyncio.Event().wait()
        raise AssertionError

    async with client_for(ignore) as network:
        attempt = asyncio.create_task(SseTransport(network).connect(stream_request(ONE)))
        await asked.wait()
        attempt.cancel()
        with pytest.raises(asyncio.CancelledError):
            await attempt


async def test_nothing_can_be_said_on_it() -> None:
    async def serve(request: web.Request) -> web.StreamResponse:
        return await event_stream(request, HELLO)

    async with client_for(serve) as network:
        connection = await SseTransport(network).connect(stream_request(ONE))
        await connection.ping()
        assert connection.rtt is None
        assert [each.message for each in await read_first(connection, 1)] == [HELLO]
    assert not SseTransport.duplex
    assert not SseTransport.resubscribes


async def test_a_reader_that_is_slow_slows_the_server_down() -> None:
    sent = 0
    much = sse(Heartbeat(START, {f"A{number}": Cursor(EPOCH, 1) for number in range(2_000)}))

    async def serve(request: web.Request) -> web.StreamResponse:
        nonlocal sent
        response = await event_stream(request, HELLO)
        while True:
            await send(response, much)
            sent += len(much)

    async with client_for(serve) as network:
        connection = await SseTransport(network).connect(stream_request(ONE))
        messages = connection.messages()
        await anext(messages)
        before = -1
        while before != sent and sent < 64 << 20:
            before = sent
            await asyncio.sleep(0.2)
        assert sent < 64 << 20
        await anext(messages)
        connection.abort()
