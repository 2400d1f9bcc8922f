"""The WebSocket transport against servers of the `websockets` library, and raw TCP servers."""

from __future__ import annotations

import asyncio
import socket
import struct
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from http import HTTPStatus

import pytest
from websockets.asyncio.server import Server as Listener
from websockets.asyncio.server import ServerConnection, serve
from websockets.datastructures import Headers
from websockets.frames import Frame, Opcode
from websockets.http11 import Request, Response

from tests.support.orders import event
from tests.support.stream_requests import stream_request
from tests.support.tcp_servers import tcp_server
from tracker_tui.domain.event import Event
from tracker_tui.link.errors import LinkError, Refused, ServerBusy, StreamClosed, TransportBlocked, TransportDown
from tracker_tui.link.http.client import HttpClient
from tracker_tui.link.http.server import Server
from tracker_tui.link.transports.websocket import WebSocketConnection, WebSocketTransport
from tracker_tui.wire.codec import encode
from tracker_tui.wire.messages import SUBPROTOCOL, Goodbye, ServerMessage, Subscribe

Serve = Callable[[ServerConnection], Awaitable[None]]


@asynccontextmanager
async def serving(serve_one: Serve) -> AsyncIterator[WebSocketConnection]:
    """Connect to a server that runs `serve_one` per client."""
    async with serve(serve_one, "127.0.0.1", 0, subprotocols=[SUBPROTOCOL], ping_interval=None) as server:  # type: ignore[list-item]
        connection = await WebSocketTransport(HttpClient(at(server))).connect(stream_request())
        try:
            yield connection
        finally:
            await connection.close()


@asynccontextmanager
async def answering(status: int, body: str = "", **headers: str) -> AsyncIterator[WebSocketTransport]:
    """Yield a transport to a server that answers upgrades with plain HTTP."""

    def refuse(_: ServerConnection, __: Request) -> Response:
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        return Response(status, HTTPStatus(status).phrase, Headers(named), body.encode())

    async with serve(_wait, "127.0.0.1", 0, process_request=refuse) as server:
        yield WebSocketTransport(HttpClient(at(server)))


def at(server: Listener) -> Server:
    return Server.parse(f"http://127.0.0.1:{next(iter(server.sockets)).getsockname()[1]}")


async def _wait(connection: ServerConnection) -> None:
    await connection.wait_closed()


async def all_of(connection: WebSocketConnection) -> tuple[list[ServerMessage], LinkError]:
    """Return all messages, and the error at the end."""
    messages: list[ServerMessage] = []
    try:
        async with asyncio.timeout(10):
            async for message, _ in connection.messages():
                messages.append(message)
    except LinkError as error:
        return messages, error
    raise AssertionError("messages() ends with an error only")


async def test_fragmented_messages_arrive_complete() -> None:
    text = encode(event(1))

    async def fragmented(connection: ServerConnection) -> None:
        await connection.send([text[:5], text[5:6], "", text[6:]])
        await connection.close(4012)

    async with serving(fragmented) as connection:
        messages, error = await all_of(connection)
    assert messages == [event(1)]
    assert isinstance(error, StreamClosed)
    assert error.code == 4012
    assert not error.by_us


async def test_invalid_messages_are_counted_and_skipped() -> None:
    async def junk(connection: ServerConnection) -> None:
        for data in ("", "{", "[]", '{"type":"event"}', b"\xff\x00", b"{}", '{"type":"novelty"}', encode(event(1))):
            await connection.send(data)
        await connection.close()

    async with serving(junk) as connection:
        messages, _ = await all_of(connection)
        assert [message for message in messages if isinstance(message, Event)] == [event(1)]
        assert connection.violations == 6
        assert connection.tally.unknown_types == 1


@pytest.mark.parametrize("code", [1000, 1001, 1008, 1011, 4001, 4008, 4012, 4029, 4501, 4999])
async def test_close_codes_are_reported_unchanged(code: int) -> None:
    async with serving(lambda connection: connection.close(code, "why")) as connection:
        _, error = await all_of(connection)
    assert isinstance(error, StreamClosed)
    assert error.code == code


async def test_a_message_over_a_mebibyte_is_our_own_1009() -> None:
    async def flood(connection: ServerConnection) -> None:
        await connection.send(" " * ((1 << 20) + 1))
        await connection.wait_closed()

    async with serving(flood) as connection:
        _, error = await all_of(connection)
    assert isinstance(error, StreamClosed)
    assert (error.code, error.by_us) == (1009, True)


async def test_invalid_utf8_ends_the_stream_and_nothing_else() -> None:
    async def garble(connection: ServerConnection) -> None:
        frame = Frame(Opcode.TEXT, b"\xff\xfe").serialize(mask=False)
        connection.transport.write(frame)
        await connection.wait_closed()

    async with serving(garble) as connection:
        _, error = await all_of(connection)
    assert isinstance(error, StreamClosed)


async def test_a_reset_in_the_middle_of_a_frame_is_an_abnormal_closure() -> None:
    async def cut(connection: ServerConnection) -> None:
        frame = Frame(Opcode.TEXT, encode(event(1)).encode()).serialize(mask=False)
        connection.transport.write(frame[: len(frame) // 2])
        raw_socket = connection.transport.get_extra_info("socket")
        raw_socket.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        connection.transport.abort()

    async with serving(cut) as connection:
        messages, error = await all_of(connection)
    assert messages == []
    assert isinstance(error, StreamClosed)
    assert error.code == 1006


async def test_a_ping_of_the_servers_is_a_sign_of_life() -> None:
    proceed = asyncio.Event()

    async def ping(connection: ServerConnection) -> None:
        await proceed.wait()
        await (await connection.ping())
        await connection.wait_closed()

    async with serving(ping) as connection:
        before = connection.heard_at
        proceed.set()
        async with asyncio.timeout(5):
            while connection.heard_at == before:
                await asyncio.sleep(0)


async def test_sending_on_a_stream_that_has_died_is_not_an_error() -> None:
    async with serving(lambda connection: connection.close()) as connection:
        await all_of(connection)
        await connection.send(Subscribe({"A1": None}))
        await connection.ping()


async def test_a_goodbye_is_a_message_before_the_close() -> None:
    async def leave(connection: ServerConnection) -> None:
        await connection.send(encode(Goodbye("restart", 1)))
        await connection.close(4012)

    async with serving(leave) as connection:
        messages, _ = await all_of(connection)
    assert messages == [Goodbye("restart", 1)]


async def test_a_refusal_of_the_gateway_is_known_by_its_code() -> None:
    body = '{"type":"about:blank","title":"Forbidden","status":403,"code":"forbidden","detail":"not you"}'
    async with answering(403, body, Content_Type="application/problem+json") as transport:
        with pytest.raises(Refused) as refused:
            await transport.connect(stream_request())
    assert refused.value.problem.code == "forbidden"
    assert str(refused.value) == "forbidden: not you"


@pytest.mark.parametrize(
    ("status", "body", "kind"),
    [
        (403, "<html>No</html>", "text/html"),
        (404, "nothing here", "text/plain"),
        (200, "<html>Log in to the hotel's network</html>", "text/html"),
        (302, "", "text/html"),
        (403, '{"code":"our_own_word"}', "application/problem+json"),
        (403, '{"code":"forbidden"}', "application/json"),
    ],
)
async def test_any_other_refusal_counts_as_a_blocked_transport(status: int, body: str, kind: str) -> None:
    async with answering(status, body, Content_Type=kind) as transport:
        with pytest.raises(TransportBlocked) as blocked:
            await transport.connect(stream_request())
    assert blocked.value.status in {status, 0}
    assert "HTTP" in str(blocked.value) or "redirect" in str(blocked.value)


@pytest.mark.parametrize("status", [408, 425, 429, 500, 502, 503, 504])
async def test_a_busy_status_without_a_problem_is_retried_after_its_wait(status: int) -> None:
    async with answering(status, "later", Retry_After="7") as transport:
        with pytest.raises(ServerBusy) as busy:
            await transport.connect(stream_request())
    assert busy.value.retry_after == 7


async def test_a_refused_connection_has_a_plain_text() -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))  # bound, never listening: connections are refused
        server = Server.parse(f"http://127.0.0.1:{taken.getsockname()[1]}")
        with pytest.raises(TransportDown, match=r"^connection refused$"):
            await WebSocketTransport(HttpClient(server)).connect(stream_request())


@pytest.mark.parametrize(
    "answer", [b"", b"220 mail.example ESMTP\r\n", b"\x15\x03\x01\x00\x02\x02\x46", b"HTTP/1.1 101 Yes\r\n\r\n"]
)
async def test_a_server_of_another_protocol_is_recognized(answer: bytes) -> None:
    async def speak(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.write(answer)

    async with tcp_server(speak) as server:
        with pytest.raises((TransportBlocked, TransportDown)):
            await WebSocketTransport(HttpClient(server)).connect(stream_request())


async def test_connecting_can_be_cancelled() -> None:
    asked = asyncio.Event()

    async def ignore(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        asked.set()
        await reader.read()

    async with tcp_server(ignore) as server:
        attempt = asyncio.create_task(WebSocketTransport(HttpClient(server)).connect(stream_request()))
        await asked.wait()
        attempt.cancel()
        with pytest.raises(asyncio.CancelledError):
            await attempt
