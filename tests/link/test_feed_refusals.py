"""Subscription of temporarily refused orders as soon as the gateway can serve them, in virtual time."""

from __future__ import annotations

import asyncio
from itertools import pairwise

import pytest

from tests.support.fake_gateway import FakeGateway
from tests.support.fake_transports import FakeTransport
from tests.support.virtual_time import virtual
from tests.support.watch import Watch, watching
from tracker_tui.link.changes import LinkChanged, Phase, Standing
from tracker_tui.link.errors import ServerBusy


def gateway(*busy: str) -> FakeGateway:
    """Return a gateway with three orders that temporarily refuses the `busy` ones."""
    made = FakeGateway(busy=set(busy), busy_for=None)
    for order_id in ("A1", "B2", "C3"):
        made.append(order_id)
    return made


def sse(made: FakeGateway) -> FakeTransport:
    """Return an SSE transport, whose open streams cannot accept subscriptions."""
    return FakeTransport(made, "sse")


def in_sync(watch: Watch, *order_ids: str) -> bool:
    return all(watch.feed.standing(order_id) is Standing.IN_SYNC for order_id in order_ids)


@virtual
async def test_on_sse_a_second_stream_requests_the_order_once_its_snapshot_is_available() -> None:
    made = gateway("B2")
    road = sse(made)
    made.requests_fail_with = ServerBusy(503)
    async with watching(made, "A1", "B2", transports=[road]) as watch:
        await watch.live()
        await asyncio.sleep(40)
        assert watch.feed.standing("B2") is Standing.RECONCILING
        assert len(road.openings) == 1
        before = len(watch.changes)
        made.busy.clear()
        made.requests_fail_with = None
        await watch.until(lambda: in_sync(watch, "A1", "B2"), within=31)
        made.append("B2", "accepted")
        await watch.until(lambda: watch.is_up_to_date("B2"), within=0.1)
        gets = len(made.gets)
        await asyncio.sleep(60)
        assert len(made.gets) == gets
        assert len(road.openings) == 2
        assert len(made.streams) == 1
        later = [change.link.phase for change in watch.changes[before:] if isinstance(change, LinkChanged)]
        assert set(later) <= {Phase.LIVE}


@virtual
async def test_one_stream_asks_for_all_orders_that_had_been_refused() -> None:
    made = gateway("B2", "C3")
    road = sse(made)
    made.requests_fail_with = ServerBusy(503)
    async with watching(made, "A1", "B2", "C3", transports=[road]) as watch:
        await watch.live()
        await asyncio.sleep(1)
        made.busy.clear()
        made.requests_fail_with = None
        await watch.until(lambda: in_sync(watch, "A1", "B2", "C3"), within=5)
        await asyncio.sleep(60)
        assert len(road.openings) == 2


@virtual
async def test_a_refusal_that_stays_costs_at_most_one_stream_in_thirty_seconds() -> None:
    made = gateway("B2")
    road = sse(made)
    async with watching(made, "A1", "B2", transports=[road]) as watch:
        await watch.live()
        await asyncio.sleep(300)
        assert all(later - earlier >= 30 - 1e-9 for earlier, later in pairwise(road.openings[1:]))
        assert 4 <= len(road.openings) <= 11
        assert len([at for at in made.gets if at > 150]) <= 12
        assert watch.feed.standing("B2") is Standing.RECONCILING
        assert watch.feed.link.phase is Phase.LIVE
        made.append("A1", "accepted")
        await watch.until(lambda: watch.is_up_to_date("A1"), within=0.1)


@pytest.mark.parametrize("after", [0.0, 5.0])
@virtual
async def test_a_stream_that_can_not_be_had_is_tried_again_but_not_within_thirty_seconds(after: float) -> None:
    made = gateway("B2")
    road = sse(made)
    async with watching(made, "A1", "B2", transports=[road]) as watch:
        await watch.live()
        road.mute = True
        await watch.until(lambda: len(road.openings) == 2, within=5)
        await asyncio.sleep(after)
        for stream in made.streams[1:]:
            stream.end(ServerBusy(503))
        road.mute = False
        made.busy.clear()
        await watch.until(lambda: in_sync(watch, "B2"), within=65)
        _, second, third = road.openings
        assert third - second >= 30


@virtual
async def test_the_stream_is_not_opened_before_the_time_that_the_refusal_named() -> None:
    made = gateway("B2")
    made.busy_for = 60
    road = sse(made)
    async with watching(made, "A1", "B2", transports=[road]) as watch:
        await watch.live()
        await asyncio.sleep(1)
        made.busy.clear()
        await asyncio.sleep(58.9)
        assert len(road.openings) == 1
        await watch.until(lambda: in_sync(watch, "B2"), within=8)
        assert len(road.openings) == 2


@virtual
async def test_an_order_no_longer_listed_by_an_sse_stream_is_requested_on_another() -> None:
    made = gateway()
    road = sse(made)
    async with watching(made, "A1", "B2", transports=[road]) as watch:
        await watch.live()
        made.streams[0].orders.remove("B2")
        await watch.until(lambda: len(road.openings) == 2, within=17)
        await watch.until(lambda: in_sync(watch, "A1", "B2"), within=1)
        made.append("B2", "accepted")
        await watch.until(lambda: watch.is_up_to_date("B2"), within=0.1)


@virtual
async def test_on_a_websocket_a_lost_subscription_is_sent_again() -> None:
    made = gateway("B2")
    async with watching(made, "A1", "B2") as watch:
        await watch.live()
        made.busy.clear()
        made.deaf.add("B2")
        await asyncio.sleep(4)
        assert watch.feed.standing("B2") is Standing.RECONCILING
        made.deaf.clear()
        await watch.until(lambda: in_sync(watch, "B2"), within=31)
        made.append("B2", "accepted")
        await watch.until(lambda: watch.is_up_to_date("B2"), within=0.1)
        assert len(made.openings) == 1


@virtual
async def test_on_a_websocket_every_third_repair_of_an_unanswered_order_subscribes_again() -> None:
    made = gateway()
    made.deaf.add("B2")
    async with watching(made, "A1", "B2") as watch:
        await watch.until(lambda: len(made.gets) == 9, within=120)
        again = [at for at, orders in made.subscribes if orders.keys() == {"B2"}]
        assert again == [made.gets[2], made.gets[5], made.gets[8]]
