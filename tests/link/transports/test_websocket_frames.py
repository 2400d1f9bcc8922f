"""The WebSocket transport against a peer that sends raw bytes, in or after the handshake."""

from __future__ import annotations

import asyncio
import base64
import hashlib
import struct
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest
from websockets.frames import Frame, Opcode

from tests.support.http_servers import read_to_end
from tests.support.orders import event
from tests.support.stream_requests import stream_request
from tests.support.tcp_servers import tcp_server
from tracker_tui.link.errors import StreamClosed, TransportBlocked, TransportDown
from tracker_tui.link.http.client import HttpClient
from tracker_tui.link.transports.websocket import WebSocketConnection, WebSocketTransport
from tracker_tui.wire.codec import encode
from tracker_tui.wire.messages import SUBPROTOCOL

TEXT = encode(event(1)).encode()


def frame(opcode: Opcode, data: bytes = b"", *, fin: bool = True) -> bytes:
    return Frame(opcode, data, fin).serialize(mask=False)


def close(code: int, reason: bytes = b"") -> bytes:
    return frame(Opcode.CLOSE, struct.pack("!H", code) + reason)


async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter, *headers: str) -> str:
    """Accept an upgrade; return the request."""
    request = (await reader.readuntil(b"\r\n\r\n")).decode()
    key = next(line for line in request.split("\r\n") if line.lower().startswith("sec-websocket-key")).split()[1]
    accept = base64.b64encode(hashlib.sha1(f"{key}258EAFA5-E914-47DA-95CA-C5AB0DC85B11".encode()).digest()).decode()
    lines = ["HTTP/1.1 101 Switching Protocols", "Upgrade: websocket", "Connection: Upgrade"]
    lines += [f"Sec-WebSocket-Accept: {accept}", *(headers or [f"Sec-WebSocket-Protocol: {SUBPROTOCOL}"])]
    writer.write("\r\n".join([*lines, "", ""]).encode())
    return request


@asynccontextmanager
async def speaking(
    *parts: bytes, requests: list[str] | None = None, lingers: bool = False
) -> AsyncIterator[WebSocketConnection]:
    """Connect to a peer that writes `parts` one by one, and closes unless it `lingers`."""

    async def talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        request = await answer(reader, writer)
        if requests is not None:
            requests.append(request)
        for part in parts:
            writer.write(part)
            await writer.drain()
        if not lingers:
            writer.write_eof()
        await reader.read()

    async with tcp_server(talk) as server:
        connection = await WebSocketTransport(HttpClient(server, environ={})).connect(stream_request())
        try:
            yield connection
        finally:
            connection.abort()


async def test_control_frames_may_come_amid_a_fragmented_message() -> None:
    parts = [
        frame(Opcode.TEXT, TEXT[:10], fin=False),
        frame(Opcode.PING, b"here?"),
        frame(Opcode.CONT, TEXT[10:11], fin=False),
        frame(Opcode.PONG, b"unasked"),
        frame(Opcode.CONT, b"", fin=False),
        frame(Opcode.CONT, TEXT[11:]),
        close(4012, b"restarting"),
    ]
    for sent in (parts, [b"".join(parts)], [bytes([byte]) for byte in b"".join(parts)]):
        async with speaking(*sent) as connection:
            told, error = await read_to_end(connection)
        assert [each.message for each in told] == [event(1)]
        assert isinstance(error, StreamClosed)
        assert (error.code, error.by_us) == (4012, False)


@pytest.mark.parametrize(
    "sent",
    [
        frame(Opcode.TEXT, b" " * ((1 << 20) + 1)),
        # a length alone is enough to see that it is too much
        b"\x81\x7f" + struct.pack("!Q", 1 << 40),
        frame(Opcode.TEXT, b" " * (1 << 19), fin=False) + frame(Opcode.CONT, b" " * ((1 << 19) + 1)),
        frame(Opcode.TEXT, b"", fin=False) + frame(Opcode.CONT, b" " * (1 << 18), fin=False) * 5,
    ],
)
async def test_a_message_over_the_limit_in_any_form_is_closed_with_1009(sent: bytes) -> None:
    async with speaking(sent) as connection:
        told, error = await read_to_end(connection)
    assert told == []
    assert isinstance(error, StreamClosed)
    assert (error.code, error.by_us) == (1009, True)


@pytest.mark.parametrize(
    ("sent", "code"),
    [
        (close(1000, b"\xff"), 1007),
        (frame(Opcode.CONT, TEXT), 1002),
        (frame(Opcode.TEXT, b"{", fin=False) + frame(Opcode.TEXT, TEXT), 1002),
        (b"\xc1\x02{}", 1002),  # compressed without an agreement
        (b"\x83\x00", 1002),  # an invalid opcode
        (b"\x81\x82\x00\x00\x00\x00{}", 1002),  # masked by a server
        (b"\x89\x7e\x00\x7e" + b"x" * 126, 1002),  # a ping too long
        (b"\x09\x00", 1002),  # a ping in fragments
        (b"\x88\x01x", 1002),  # half a close code
        (close(999), 1002),
        (close(1005), 1002),
        (close(1006), 1002),
        (close(1016), 1002),
        (close(2999), 1002),
        (close(5000), 1002),
        (close(65535), 1002),
    ],
)
async def test_an_invalid_frame_makes_the_client_close_the_stream(sent: bytes, code: int) -> None:
    async with speaking(frame(Opcode.TEXT, TEXT), sent) as connection:
        told, error = await read_to_end(connection)
    assert [each.message for each in told] == [event(1)]
    assert isinstance(error, StreamClosed)
    assert (error.code, error.by_us) == (code, True)


@pytest.mark.parametrize(
    "sent", [frame(Opcode.TEXT, b"\xff\xfe"), frame(Opcode.TEXT, b"\xc3", fin=False) + frame(Opcode.CONT, b"(")]
)
async def test_text_that_is_none_ends_the_stream_by_our_hand(sent: bytes) -> None:
    async with speaking(frame(Opcode.TEXT, TEXT), sent, lingers=True) as connection:
        told, error = await read_to_end(connection)
    assert [each.message for each in told] == [event(1)]
    assert isinstance(error, StreamClosed)
    assert (error.code, error.by_us) == (1007, True)


@pytest.mark.parametrize("code", [1000, 1003, 1007, 1009, 1010, 1012, 1013, 1014, 3000, 4000, 4999])
async def test_every_close_code_that_may_be_sent_is_the_peers(code: int) -> None:
    async with speaking(close(code, "wärum\n".encode())) as connection:
        _, error = await read_to_end(connection)
    assert isinstance(error, StreamClosed)
    assert (error.code, error.by_us) == (code, False)
    assert str(error) == f"{code} wärum␊"


async def test_a_close_without_a_code_is_1005_and_an_end_without_a_close_1006() -> None:
    async with speaking(frame(Opcode.CLOSE)) as connection:
        _, error = await read_to_end(connection)
    assert isinstance(error, StreamClosed)
    assert (error.code, error.by_us) == (1005, False)

    async def vanish(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await answer(reader, writer)

    async with tcp_server(vanish) as server:
        _, error = await read_to_end(await WebSocketTransport(HttpClient(server, environ={})).connect(stream_request()))
    assert isinstance(error, StreamClosed)
    assert (error.code, error.by_us) == (1006, False)


@pytest.mark.parametrize(("sent", "code"), [(close(4012), 4012), (frame(Opcode.CONT, TEXT), 1002)])
async def test_a_peer_that_closes_but_keeps_the_socket_open_is_dropped_after_a_second(sent: bytes, code: int) -> None:
    began = asyncio.get_running_loop().time()
    async with speaking(sent, lingers=True) as connection:
        _, error = await read_to_end(connection)
    assert isinstance(error, StreamClosed)
    assert error.code == code
    assert 0.9 < asyncio.get_running_loop().time() - began < 4


async def test_nothing_after_a_close_counts() -> None:
    async with speaking(close(4012) + frame(Opcode.TEXT, TEXT)) as connection:
        told, _ = await read_to_end(connection)
    assert told == []


async def test_compression_is_not_offered_and_the_protocol_is() -> None:
    requests: list[str] = []
    async with speaking(close(1000), requests=requests) as connection:
        await read_to_end(connection)
    assert "sec-websocket-extensions" not in requests[0].lower()
    assert f"Sec-WebSocket-Protocol: {SUBPROTOCOL}" in requests[0]


@pytest.mark.parametrize(
    "header",
    [
        "Sec-WebSocket-Extensions: permessage-deflate",
        "Sec-WebSocket-Extensions: ;;;",
        "Sec-WebSocket-Protocol: chat",
        "X-Much: " + "x" * 100_000,
        "\r\n".join(f"X-{number}: x" for number in range(1_000)),
    ],
)
async def test_an_invalid_handshake_counts_as_a_blocked_transport(header: str) -> None:
    async def talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await answer(reader, writer, header)
        await reader.read()

    async with tcp_server(talk) as server:
        with pytest.raises(TransportBlocked, match="the upgrade to a WebSocket failed") as blocked:
            await WebSocketTransport(HttpClient(server, environ={})).connect(stream_request())
    assert str(blocked.value).isprintable()


@pytest.mark.parametrize("said", [b"", b"HTTP/1.1 ", b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: web"])
async def test_a_dropped_upgrade_was_connected_and_is_not_a_refusal(said: bytes) -> None:
    async def drop(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.write(said)

    async with tcp_server(drop) as server:
        with pytest.raises(TransportDown, match=r"^the connection ended early$") as down:
            await WebSocketTransport(HttpClient(server, environ={})).connect(stream_request())
    assert down.value.connected
