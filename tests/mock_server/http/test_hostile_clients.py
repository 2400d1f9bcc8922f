"""Hostile clients: each gets a problem, and other clients are not affected (PROTOCOL §4, §5)."""

from __future__ import annotations

import asyncio
import json
import socket
from collections.abc import AsyncIterator

import httpx
import pytest
import websockets

from mock_server.server import MockServer
from tests.support.mock_servers import (
    TIMEOUT,
    WebSocketPeer,
    add_events,
    connect_peer,
    connect_without_hello,
    create_orders,
    empty_server,
    eventually,
)
from tracker_tui.wire.codec import MAX_CLIENT_FRAME


@pytest.fixture
async def server() -> AsyncIterator[MockServer]:
    async with empty_server() as running:
        await create_orders(running, "A1", "B2")
        yield running


@pytest.fixture
async def other_client(server: MockServer) -> AsyncIterator[WebSocketPeer]:
    """A well-behaved client that must still be served at the end."""
    async with connect_peer(server) as client:
        await client.watch("B2")
        yield client
        await add_events(server, "B2")
        assert (await client.next("event"))["orderId"] == "B2"


@pytest.mark.parametrize(
    "headers",
    [
        {"Host": "shop.example"},
        {"Host": "localhost.evil.example:8765"},
        {"Host": "[::2]:80"},
        {"Origin": "https://evil.example"},
        {"Origin": "null"},
        {"Origin": "file://localhost"},
        {"Origin": "http://localhost.evil.example"},
        {"Origin": "http://localhost@evil.example"},
        {"Origin": "http://[::1"},
    ],
)
@pytest.mark.parametrize("path", ["/v1/orders", "/v1/stream", "/healthz", "/nowhere"])
async def test_a_foreign_host_or_origin_is_forbidden_everywhere(
    server: MockServer, headers: dict[str, str], path: str
) -> None:
    async with httpx.AsyncClient(base_url=server.url, trust_env=False) as web:
        answer = await web.get(path, headers=headers)
    assert (answer.status_code, answer.json()["code"]) == (403, "forbidden")
    assert not [name for name in answer.headers if name.lower().startswith("access-control")]


@pytest.mark.parametrize(
    "headers",
    [
        {"Host": "localhost:1"},
        {"Host": "LOCALHOST"},
        {"Host": "[::1]:8765"},
        {"Origin": "http://127.0.0.1:3000"},
        {"Origin": "https://localhost"},
        {"Host": "orders.example:443", "Origin": "https://orders.example"},
    ],
)
async def test_loopback_names_and_allowed_hosts_are_served_on_any_port(headers: dict[str, str]) -> None:
    async with (
        empty_server(allow_hosts=["orders.example"]) as server,
        httpx.AsyncClient(base_url=server.url, trust_env=False) as web,
    ):
        assert (await web.get("/v1/orders", headers=headers)).status_code == 200


async def test_a_page_of_another_origin_cannot_open_a_stream(server: MockServer) -> None:
    with pytest.raises(websockets.InvalidStatus) as refused:
        async with connect_without_hello(server, origin="https://evil.example"):
            pass
    assert refused.value.response.status_code == 403
    assert json.loads(refused.value.response.body or b"")["code"] == "forbidden"


@pytest.mark.parametrize("content_type", ["text/plain", "application/x-www-form-urlencoded", "multipart/form-data"])
async def test_requests_without_a_preflight_are_refused(server: MockServer, content_type: str) -> None:
    async with httpx.AsyncClient(base_url=server.url, trust_env=False) as web:
        for path in ("/v1/orders/A1", "/v1/stream"):
            answer = await web.post(path, content=b"{}", headers={"Content-Type": content_type})
            assert (answer.status_code, answer.json()["code"]) == (415, "invalid")


@pytest.mark.parametrize(
    "frame",
    [
        "",
        "hello",
        "[]",
        "{}",
        '{"type":"subscribe"}',
        '{"type":"subscribe","orders":[]}',
        '{"type":"subscribe","orders":{"A1":17}}',
        '{"type":"subscribe","orders":{"A1":"1_0:1"}}',
        '{"type":"subscribe","orders":{"../etc":null}}',
        '{"type":"subscribe","orders":{"A1\\n":null}}',
        '{"type":"subscribe","orders":{"A1":null}',
        '{"type":"unsubscribe","orders":"A1"}',
        "[" * 100_000,
        '{"type":"subscribe","orders":{"\\ud800":null}}',
        b"\x00\x01",
    ],
)
async def test_a_malformed_message_ends_the_stream_as_invalid(
    server: MockServer, other_client: WebSocketPeer, frame: str | bytes
) -> None:
    async with connect_peer(server) as client:
        await client.connection.send(frame)
        problem = await client.next()
        assert (problem["type"], problem["code"]) == ("problem", "invalid")
        assert "orderId" not in problem
        assert len(problem["detail"]) <= 300
        assert await client.closed() == (4506, "invalid")


@pytest.mark.parametrize("size", [MAX_CLIENT_FRAME + 1, 900_000, 8_000_000])
async def test_an_oversize_frame_ends_the_stream_as_too_large(
    server: MockServer, other_client: WebSocketPeer, size: int
) -> None:
    async with connect_peer(server) as client:
        sending = asyncio.create_task(client.connection.send("x" * size))
        problem = await client.next()
        assert (problem["type"], problem["code"]) == ("problem", "too_large")
        assert await client.closed() == (4506, "too_large")
        await asyncio.gather(sending, return_exceptions=True)


async def test_a_frame_of_the_maximum_size_is_accepted(server: MockServer) -> None:
    async with connect_peer(server) as client:
        text = json.dumps({"type": "subscribe", "orders": {"A1": None}})
        await client.connection.send(text + " " * (MAX_CLIENT_FRAME - len(text)))
        assert (await client.next())["type"] == "subscribed"


async def test_text_that_is_not_utf8_is_invalid(server: MockServer, other_client: WebSocketPeer) -> None:
    async with connect_peer(server) as client:
        await client.connection.send(b"\xff\xfe", text=True)
        assert (await client.next())["code"] == "invalid"
        assert await client.closed() == (4506, "invalid")


async def test_a_frame_that_breaks_the_websocket_protocol_is_invalid(
    server: MockServer, other_client: WebSocketPeer
) -> None:
    async with connect_peer(server) as client:
        client.connection.transport.write(b"\xf1\x82\x00\x00\x00\x00{}")
        assert (await client.next())["code"] == "invalid"
        assert await client.closed() == (4506, "invalid")


async def test_more_than_fifty_frames_a_second_are_refused(server: MockServer, other_client: WebSocketPeer) -> None:
    async with connect_peer(server) as client:
        await asyncio.gather(
            *(client.send("subscribe", orders={"A1": None}) for _ in range(2000)), return_exceptions=True
        )
        problem = await client.next("problem")
        assert (problem["code"], problem["retryAfterSeconds"]) == ("rate_limited", 1.0)
        assert (await client.closed())[0] == 4029


async def test_of_two_thousand_orders_the_first_thousand_are_served(
    other_client: WebSocketPeer, server: MockServer
) -> None:
    names = [f"N{number}" for number in range(2000)]
    await create_orders(server, *names)
    async with connect_peer(server) as client:
        await client.subscribe(*names)
        messages = await client.take(2000, "problem", "snapshot")
        refused = [message for message in messages if message["type"] == "problem"]
        assert {message["code"] for message in refused} == {"too_large"}
        assert [message["orderId"] for message in refused] == names[1000:]
        assert {m["orderId"] for m in messages if m["type"] == "snapshot"} == set(names[:1000])
        await add_events(server, "N999")
        assert (await client.next("event"))["orderId"] == "N999"


async def test_a_request_line_that_never_ends_is_refused(other_client: WebSocketPeer, server: MockServer) -> None:
    reader, writer = await asyncio.open_connection("127.0.0.1", server.port)
    writer.write(b"GET /" + b"a" * 100_000)
    async with asyncio.timeout(TIMEOUT):
        assert b" 400 " in await reader.readline()
    writer.close()
    await writer.wait_closed()


async def test_a_silent_connection_does_not_affect_others(other_client: WebSocketPeer, server: MockServer) -> None:
    with socket.create_connection(("127.0.0.1", server.port)):
        await eventually(lambda: server.connections == 2)
