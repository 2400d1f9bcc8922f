"""Fetching snapshots: one request per order at a time."""

from __future__ import annotations

import asyncio
from random import Random

from tests.support.clocks import SetClock
from tests.support.orders import snapshot
from tests.support.orders_apis import UnimplementedOrdersApi
from tests.support.virtual_time import virtual
from tracker_tui.domain.event import Snapshot
from tracker_tui.link.auth.token import Token
from tracker_tui.link.auth.token_store import TokenStore
from tracker_tui.link.authorization import Authorization
from tracker_tui.link.change_queue import ChangeQueue
from tracker_tui.link.changes import Counters
from tracker_tui.link.errors import TransportDown
from tracker_tui.link.orders.orders import Orders
from tracker_tui.link.orders.snapshots import FetchResult, SnapshotFetcher


class Slow(UnimplementedOrdersApi):
    """A server that takes a second for each request, and answers only the first `answers` of them."""

    def __init__(self, answers: int) -> None:
        self.requests = 0
        self._answers = answers

    async def snapshot(self, order_id: str, token: Token | None = None) -> Snapshot:
        self.requests += 1
        number = self.requests
        await asyncio.sleep(1)
        if number > self._answers:
            raise TransportDown("no answer in time")
        return snapshot(1)


def snapshots_of(server: Slow) -> SnapshotFetcher:
    clock, counters = SetClock(), Counters()
    orders = Orders(("A1",), clock, counters, ChangeQueue())
    authorization = Authorization(TokenStore(None), lambda: 0, needed=lambda: None, declined=lambda number, error: None)
    return SnapshotFetcher(server, authorization, orders, clock, Random(1), is_served=lambda order_id: True)


@virtual
async def test_a_request_in_flight_serves_concurrent_callers() -> None:
    server = Slow(answers=1)
    snapshots = snapshots_of(server)
    first = asyncio.create_task(snapshots.get("A1"))
    await asyncio.sleep(0.5)
    assert await snapshots.get("A1") is await first is FetchResult.ANSWERED
    assert server.requests == 1


@virtual
async def test_a_fresh_request_ignores_the_answer_to_an_earlier_one() -> None:
    server = Slow(answers=1)
    snapshots = snapshots_of(server)
    first = asyncio.create_task(snapshots.get("A1"))
    await asyncio.sleep(0.5)
    assert await snapshots.get("A1", fresh=True) is FetchResult.FAILED
    assert await first is FetchResult.ANSWERED
    assert server.requests == 2
