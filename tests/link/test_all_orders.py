"""A feed of every open order on each transport, against the mock server over real sockets."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager

import pytest

from mock_server.server import MockServer
from tests.support.mock_servers import create_orders, empty_server
from tests.support.tokens import KEY, FreshTokens
from tracker_tui.link.changes import Phase, Standing
from tracker_tui.link.feed import OrderFeed
from tracker_tui.link.track import TRANSPORTS, track

PATIENCE = 10.0


@asynccontextmanager
async def watching(server: MockServer, transport: str, *, auth: bool) -> AsyncIterator[OrderFeed]:
    credentials = FreshTokens() if auth else None
    async with track(server=server.url, transport=transport, credentials=credentials, everything=True) as feed:
        reader = asyncio.create_task(read(feed))
        yield feed
    await asyncio.wait_for(reader, PATIENCE)


async def read(feed: OrderFeed) -> None:
    async for _ in feed:
        pass


async def until(condition: Callable[[], object]) -> None:
    async with asyncio.timeout(PATIENCE):
        while not condition():
            await asyncio.sleep(0.01)


def shows(feed: OrderFeed, *order_ids: str) -> bool:
    """Return whether the link is live and exactly these orders are complete and in sync."""
    return (
        feed.link.phase is Phase.LIVE
        and feed.listed
        and set(feed.order_ids) == set(order_ids)
        and all(feed.views[each].complete and feed.standing(each) is Standing.IN_SYNC for each in order_ids)
    )


@pytest.mark.parametrize("auth", [False, True], ids=["open", "jwt"])
@pytest.mark.parametrize("count", [0, 1, 60])
@pytest.mark.parametrize("transport", TRANSPORTS)
async def test_every_open_order_is_watched_live_over_each_transport(transport: str, count: int, auth: bool) -> None:
    async with empty_server(auth=KEY if auth else None) as server:
        order_ids = [f"A{number}" for number in range(count)]
        if order_ids:
            await create_orders(server, *order_ids)
        async with watching(server, transport, auth=auth) as feed:
            await until(lambda: shows(feed, *order_ids))
            assert (feed.link.transport, feed.counters.drops) == (transport, 0)
            assert feed.counters.openings == (count > 0 or transport == "websocket")


@pytest.mark.parametrize("transport", ["sse", "longpoll", "polling"])
async def test_the_first_order_is_watched_as_soon_as_the_list_names_it(transport: str) -> None:
    async with empty_server() as server, watching(server, transport, auth=False) as feed:
        await until(lambda: shows(feed))
        await create_orders(server)
        feed.reconnect()  # reads the list at once
        await until(lambda: shows(feed, "A1"))
        assert (feed.counters.openings, feed.counters.drops) == (1, 0)


@pytest.mark.parametrize("transport", ["sse", "longpoll", "polling"])
async def test_after_the_last_order_is_removed_the_server_has_no_stream_and_the_feed_continues(transport: str) -> None:
    async with empty_server() as server, watching(server, transport, auth=False) as feed:
        await until(lambda: shows(feed))
        feed.add(["A9"])  # unknown to the server, which refuses it permanently
        await until(lambda: feed.refused and feed.link.list_every is not None)
        await until(lambda: not server.stats()["streams"])
        assert (feed.link.phase, feed.counters.drops) == (Phase.LIVE, 0)
        await create_orders(server)
        feed.reconnect()
        await until(lambda: "A1" in feed.views and feed.standing("A1") is Standing.IN_SYNC)


@pytest.mark.parametrize("auth", [False, True], ids=["open", "jwt"])
async def test_a_blocked_websocket_is_left_before_there_is_an_order(auth: bool) -> None:
    key = KEY if auth else None
    async with (
        empty_server(auth=key, faults=["block-websocket"]) as server,
        watching(server, "auto", auth=auth) as feed,
    ):
        await until(lambda: shows(feed))
        assert (feed.link.transport, feed.link.list_every) == ("sse", 10.0)
        await create_orders(server)
        feed.reconnect()
        await until(lambda: shows(feed, "A1"))
        assert feed.link.transport == "sse"
