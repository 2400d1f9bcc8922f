"""The mock server behind nginx with its defaults: every transport works or fails clearly."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from random import Random

import pytest

from mock_server.server import MockServer
from tests.support.mock_servers import TIMEOUT, add_events, create_orders, empty_server
from tests.support.stream_requests import stream_request
from tests.support.third_party_servers import free_port, nginx
from tracker_tui.domain.cursor import Cursor
from tracker_tui.domain.event import Event, Snapshot
from tracker_tui.link.errors import LinkError, Refused, ServerBusy, TransportBlocked
from tracker_tui.link.http.client import HttpClient
from tracker_tui.link.http.orders_api import HttpOrdersApi
from tracker_tui.link.http.server import Server
from tracker_tui.link.transports.base import Transport
from tracker_tui.link.transports.longpoll import LongPollTransport
from tracker_tui.link.transports.polling import PollingTransport
from tracker_tui.link.transports.sse import SseTransport
from tracker_tui.link.transports.websocket import WebSocketTransport

UPGRADES = "proxy_http_version 1.1; proxy_set_header Upgrade $http_upgrade; proxy_set_header Connection upgrade;"


@asynccontextmanager
async def behind_nginx(folder: Path, location: str = "") -> AsyncIterator[tuple[MockServer, HttpClient]]:
    async with empty_server() as server:
        await create_orders(server)
        with nginx(folder, server.port, location) as port:
            network = HttpClient(Server.parse(f"http://127.0.0.1:{port}"), environ={})
            try:
                yield server, network
            finally:
                await network.aclose()


async def news_arrives(server: MockServer, transport: Transport) -> None:
    """Wait for a snapshot, and then for a later event."""
    orders: dict[str, Cursor | None] = {"A1": None}
    connection = await transport.connect(stream_request(orders))
    async with asyncio.timeout(TIMEOUT):
        async for message, _ in connection.messages():
            if isinstance(message, Snapshot):
                orders["A1"] = message.version
                await add_events(server)
            if isinstance(message, Event):
                break
    connection.abort()


async def test_server_sent_events_are_not_delayed_by_its_buffers(tmp_path: Path) -> None:
    async with behind_nginx(tmp_path) as (server, network):
        await news_arrives(server, SseTransport(network))


async def test_long_polls_and_gets_come_through(tmp_path: Path) -> None:
    async with behind_nginx(tmp_path) as (server, network):
        await news_arrives(server, LongPollTransport(network))
        polling = await PollingTransport(network, Random(1)).connect(stream_request({"A1": None}))
        async with asyncio.timeout(TIMEOUT):
            async for message, _ in polling.messages():
                if isinstance(message, Snapshot):
                    break
        polling.abort()


async def test_an_upgrade_that_is_not_configured_is_refused_at_once(tmp_path: Path) -> None:
    async with behind_nginx(tmp_path) as (_, network):
        with pytest.raises(LinkError) as error:
            await WebSocketTransport(network).connect(stream_request({"A1": None}))
    assert isinstance(error.value, TransportBlocked | Refused)


async def test_a_websocket_comes_through_where_it_was(tmp_path: Path) -> None:
    async with behind_nginx(tmp_path, UPGRADES) as (_, network):
        connection = await WebSocketTransport(network).connect(stream_request())
        async with asyncio.timeout(TIMEOUT):
            assert (await anext(connection.messages())).message.type == "hello"  # type: ignore[union-attr]
        await connection.close()


async def test_a_gateway_that_it_cannot_reach_is_busy_not_blocked(tmp_path: Path) -> None:
    with nginx(tmp_path, free_port()) as port:
        network = HttpClient(Server.parse(f"http://127.0.0.1:{port}"), environ={})
        for request in (
            HttpOrdersApi(network).snapshot("A1"),
            SseTransport(network).connect(stream_request({"A1": None})),
        ):
            with pytest.raises(ServerBusy):
                await request
        await network.aclose()
