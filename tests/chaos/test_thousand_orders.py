"""Watch the largest number of orders that one stream allows, over a real socket."""

from __future__ import annotations

import asyncio

from mock_server.server import embed
from tracker_tui.link.changes import LinkChanged, Phase, Standing
from tracker_tui.link.track import track

ORDERS = 1_000


async def test_a_thousand_orders_are_all_live_on_one_stream() -> None:
    async with embed("default", seed=3, orders=ORDERS + 1, controlled=False) as server:
        async with track(*server.orders[:ORDERS], server=server.url) as feed, asyncio.timeout(60):
            async for change in feed:
                if isinstance(change, LinkChanged) and change.link.phase is Phase.LIVE:
                    break
            standings = {feed.standing(order_id) for order_id in feed.order_ids}
            stats = server.stats()
            print(feed.counters, stats, sep="\n")
        assert len(feed.order_ids) == ORDERS
        assert standings == {Standing.IN_SYNC}
        assert (stats["evictions"], stats["streams"], stats["snapshots"]) == (0, 1, ORDERS)
        assert (feed.counters.openings, feed.counters.fetched, feed.counters.drops) == (1, 0, 0)
