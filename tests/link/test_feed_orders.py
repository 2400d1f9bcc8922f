"""The feed where a server mishandles one order of several, in virtual time."""

from __future__ import annotations

import asyncio
from collections import Counter

from tests.support.fake_gateway import FakeGateway
from tests.support.orders import EPOCH
from tests.support.virtual_time import virtual
from tests.support.watch import gateway, watching
from tracker_tui.domain.cursor import Cursor
from tracker_tui.domain.order import Outcome
from tracker_tui.link.changes import Phase, Standing
from tracker_tui.wire.messages import Mode, Problem, Subscribed


def two_orders() -> FakeGateway:
    """Return a gateway with A1 and A2."""
    made = gateway()
    made.append("A2")
    return made


@virtual
async def test_an_unanswered_order_is_fetched_while_another_one_is_busy() -> None:
    there = two_orders()
    there.deaf.add("A2")
    async with watching(there, "A1", "A2") as watch:
        for number in range(30):
            there.append("A1", f"at_{number}")
            there.append("A2", f"at_{number}", lost=True)
            await asyncio.sleep(1)
        assert len(there.gets) >= 8
        assert watch.feed.link.phase is Phase.SYNCING
        await watch.until(lambda: watch.is_up_to_date("A2"), within=31)


@virtual
async def test_late_messages_about_a_refused_order_start_no_repair() -> None:
    there = two_orders()
    async with watching(there, "A1", "A2") as watch:
        await watch.live()
        stream = there.streams[0]
        stream.put(Problem("forbidden", "not yours", "A2"))
        stream.put(Subscribed("A2", Mode.SNAPSHOT, None, Cursor(EPOCH, 9)))
        stream.put(Problem("rate_limited", "later", "A2"))
        await asyncio.sleep(30)
        assert (there.gets, len(there.subscribes)) == ([], 1)
        assert watch.feed.standing("A2") is Standing.REFUSED
        there.append("A1", "delivered", Outcome.DELIVERED)
        await watch.until(lambda: watch.feed.link.phase is Phase.FINAL, within=1)


@virtual
async def test_an_answer_with_a_head_below_the_known_version_begins_a_lag_and_one_that_catches_up_ends_it() -> None:
    there = gateway("placed", "accepted")
    there.heartbeat = 30
    async with watching(there) as watch:
        await watch.live()
        there.streams[0].put(Subscribed("A1", Mode.SNAPSHOT, None, Cursor(EPOCH, 1)))
        await asyncio.sleep(10.1)
        assert watch.feed.standing("A1") is Standing.RECONCILING
        there.streams[0].put(Subscribed("A1", Mode.SNAPSHOT, None, Cursor(EPOCH, 2)))
        await watch.until(lambda: watch.feed.standing("A1") is Standing.IN_SYNC, within=0.1)


@virtual
async def test_gaps_in_many_orders_are_requested_in_under_fifty_frames_a_second() -> None:
    there = FakeGateway()
    orders = [f"A{number}" for number in range(300)]
    for order_id in orders:
        there.append(order_id)
    async with watching(there, *orders) as watch:
        await watch.live()
        for order_id in orders:
            there.append(order_id, "accepted", lost=True)
            there.append(order_id, "preparing")
            await asyncio.sleep(0.005)
        await watch.until(lambda: all(map(watch.is_up_to_date, orders)), within=2)
    assert max(Counter(int(at) for at, _ in there.subscribes).values()) <= 25
    assert there.gets == []
