"""Snapshot requests: one per order at a time; in virtual time."""

from __future__ import annotations

import asyncio
from collections import Counter
from dataclasses import dataclass, field

from tests.support.fake_gateway import FakeGateway
from tests.support.virtual_time import virtual
from tests.support.watch import watching
from tracker_tui.domain.event import Snapshot
from tracker_tui.link.auth.token import Token
from tracker_tui.link.changes import Standing
from tracker_tui.link.errors import StreamClosed


@dataclass
class Slow(FakeGateway):
    """A gateway that takes 20 s for a snapshot.

    Attributes:
        under_way: How many requests for an order's snapshot wait for their answer.
        most: The greatest that these numbers have been.
    """

    under_way: Counter[str] = field(default_factory=Counter)
    most: Counter[str] = field(default_factory=Counter)

    async def snapshot(self, order_id: str, token: Token | None = None) -> Snapshot:
        self.under_way[order_id] += 1
        self.most[order_id] = max(self.most[order_id], self.under_way[order_id])
        try:
            await asyncio.sleep(20)
            return await super().snapshot(order_id, token)
        finally:
            self.under_way[order_id] -= 1


def slow() -> Slow:
    made = Slow()
    made.append("A1")
    made.append("B2")
    return made


@virtual
async def test_a_slow_snapshot_is_requested_once_at_a_time() -> None:
    made = slow()
    async with watching(made, "A1", "B2") as watch:
        await watch.live()
        made.answers = False
        for order_id in ("A1", "B2"):
            made.append(order_id, "accepted", lost=True)
            made.append(order_id, "preparing")
        await watch.until(lambda: watch.is_up_to_date("A1") and watch.is_up_to_date("B2"), within=25)
        assert watch.feed.standing("A1") is Standing.IN_SYNC
        assert made.most == {"A1": 1, "B2": 1}
        assert len(made.gets) == 2


@virtual
async def test_concurrent_requests_for_a_snapshot_share_one() -> None:
    made = slow()
    async with watching(made, "A1", "B2") as watch:
        await watch.live()
        made.append("A1", "accepted", lost=True)
        for _ in range(3):
            # A message over the limit ends the stream, and every order is fetched.
            made.streams[0].end(StreamClosed(1009, by_us=True))
            await asyncio.sleep(0.5)
        assert made.under_way == {"A1": 1, "B2": 1}
        await asyncio.sleep(20)
        assert watch.is_up_to_date("A1")
        assert made.most == {"A1": 1, "B2": 1}
