"""Orders that have ended release their slot on the stream to others; in virtual time."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from functools import partial
from random import Random

import pytest

from tests.link.test_feed_discovery import List
from tests.support.fake_gateway import FakeGateway
from tests.support.fake_transports import FakeOrdersApi, fake_transports
from tests.support.orders import EPOCH, event
from tests.support.virtual_time import VirtualClock, virtual
from tracker_tui.domain.command import Verb
from tracker_tui.domain.cursor import Cursor
from tracker_tui.domain.order import Outcome
from tracker_tui.link.changes import Change, Coverage, LinkChanged, Noted, OrderChanged, OrderForgotten, Phase, Standing
from tracker_tui.link.errors import TransportDown
from tracker_tui.link.feed import OrderFeed


class Board:
    """A feed of all orders of a fake gateway, over one transport."""

    def __init__(self, *orders: str, named: Sequence[str] = (), transport: str = "websocket") -> None:
        self.gateway = FakeGateway()
        for order_id in (*orders, *named):
            self.gateway.append(order_id, "placed")
        self.list = List(self.gateway)
        [self.road] = [road for road in fake_transports(self.gateway) if road.name == transport]
        self.feed = OrderFeed(
            named, [self.road], FakeOrdersApi(self.gateway), clock=VirtualClock(), random=Random(1), listing=self.list
        )
        self.told: list[Change] = []
        self._reader: asyncio.Task[None] | None = None

    async def __aenter__(self) -> Board:
        await self.feed.__aenter__()
        self._reader = asyncio.create_task(self._read())
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.feed.__aexit__(None, None, None)
        assert self._reader is not None
        await asyncio.wait_for(self._reader, 1)

    async def _read(self) -> None:
        async for change in self.feed:
            self.told.append(change)

    async def until(self, condition: Callable[[], object], within: float = 15.0) -> float:
        """Let time pass until `condition` holds; return the seconds that it took."""
        loop = asyncio.get_running_loop()
        start = loop.time()
        async with asyncio.timeout(within):
            while not condition():
                await asyncio.sleep(0.05)
        return loop.time() - start

    def is_true(self, order_id: str) -> bool:
        """Return whether the feed has the gateway's newest state of an order, and its standing is right."""
        feed = self.feed
        return (
            order_id in feed.order_ids
            and feed.standing(order_id) is Standing.IN_SYNC
            and feed.views[order_id].version == self.gateway.head(order_id)
        )

    def deliver(self, *order_ids: str) -> None:
        for order_id in order_ids:
            self.gateway.append(order_id, "delivered", Outcome.DELIVERED)

    def standings(self, order_id: str) -> list[Standing]:
        """Return the published standings of an order, without repetitions."""
        told = [each.standing for each in self.told if isinstance(each, OrderChanged) and each.order_id == order_id]
        return [each for each, before in zip(told, [None, *told], strict=False) if each is not before]


@virtual
async def test_an_order_that_ended_is_released_after_a_minute_and_unsubscribed() -> None:
    async with Board("A1", "B2") as board:
        await board.until(lambda: board.is_true("A1") and board.is_true("B2"))
        board.deliver("A1")
        took = await board.until(lambda: board.feed.order_ids == ("B2",), within=70)
        assert 60 <= took <= 62.2
        await asyncio.sleep(0.1)
        [(_, orders)] = board.gateway.unsubscribes
        assert orders == ("A1",)
        assert board.gateway.streams[0].orders == {"B2"}
        assert board.feed.views["A1"].version == board.gateway.head("A1")
        assert board.feed.standing("A1") is Standing.FINAL
        assert board.standings("A1")[-2:] == [Standing.IN_SYNC, Standing.FINAL]
        await asyncio.sleep(60)
        assert board.feed.link.phase is Phase.LIVE
        assert not board.gateway.gets


@virtual
async def test_messages_of_an_unsubscribed_order_are_ignored() -> None:
    async with Board("A1", "B2") as board:
        await board.until(lambda: board.is_true("A1"))
        board.deliver("A1")
        await board.until(lambda: "A1" not in board.feed.order_ids, within=70)
        await asyncio.sleep(0.1)
        version, told = board.feed.views["A1"].version, len(board.told)
        [stream] = board.gateway.streams
        stream.put(event(9, "preparing", order_id="A1"))
        stream.put(board.gateway.snapshot_of("A1"))
        await asyncio.sleep(1)
        assert board.feed.views["A1"].version == version
        assert board.feed.order_ids == ("B2",)
        assert len(board.told) == told


@virtual
async def test_an_order_that_is_listed_again_continues_from_its_kept_view() -> None:
    async with Board("A1", "B2") as board:
        await board.until(lambda: board.is_true("A1"))
        board.deliver("A1")
        await board.until(lambda: "A1" not in board.feed.order_ids, within=70)
        left_with = board.gateway.head("A1")
        board.gateway.append("A1", "returning")
        before = len(board.told)
        await board.until(lambda: board.is_true("A1"), within=10.5)
        assert board.gateway.subscribes[-1][1] == {"A1": left_with}
        assert not board.gateway.gets
        back = [change for change in board.told[before:] if isinstance(change, OrderChanged)]
        assert [change.order_id for change in back] == ["A1"] * len(back)
        # Milestones that were published before are not published again.
        assert [entry.milestone.status for change in back for entry in change.arrived] == ["returning"]
        assert not [change for change in board.told[before:] if isinstance(change, LinkChanged)]
        board.deliver("A1")
        await board.until(lambda: "A1" not in board.feed.order_ids, within=70)


@virtual
async def test_an_order_that_the_user_named_is_never_released() -> None:
    async with Board("B2", named=["A1"]) as board:
        await board.until(lambda: board.is_true("A1") and board.is_true("B2"), within=20)
        board.deliver("A1", "B2")
        await asyncio.sleep(300)
        assert board.feed.order_ids == ("A1",)
        assert board.feed.standing("A1") is Standing.IN_SYNC


@virtual
async def test_an_order_that_was_added_is_never_released() -> None:
    async with Board("A1", "B2") as board:
        await board.until(lambda: board.is_true("A1"))
        board.feed.add(["A1"])
        board.deliver("A1", "B2")
        await asyncio.sleep(300)
        assert board.feed.order_ids == ("A1",)


@virtual
async def test_an_incomplete_order_is_not_released() -> None:
    async with Board("A1") as board:
        await board.until(lambda: board.is_true("A1"))
        board.gateway.requests_fail_with = TransportDown("no answer in time")
        board.gateway.answers = False
        board.gateway.append("A1", "preparing", lost=True)
        board.deliver("A1")
        await asyncio.sleep(120)
        assert board.feed.order_ids == ("A1",)
        board.gateway.requests_fail_with = None
        took = await board.until(lambda: not board.feed.order_ids, within=60)
        assert took > 0


@virtual
async def test_an_order_with_a_pending_command_is_not_released_until_it_is_settled() -> None:
    async with Board("A1") as board:
        await board.until(lambda: board.is_true("A1"))
        board.gateway.commands_down = TransportDown("refused")
        board.feed.send("A1", Verb.NOTE, "Ring twice.")
        board.deliver("A1")
        await asyncio.sleep(200)
        assert board.feed.order_ids == ("A1",)
        board.gateway.commands_down = None
        await board.until(lambda: board.gateway.decided, within=40)
        board.deliver("A1")
        await board.until(lambda: not board.feed.order_ids, within=120)


@virtual
async def test_a_refused_order_is_released_too_and_subscribed_again_if_it_stays_listed() -> None:
    async with Board("A1", "B2") as board:
        board.gateway.unknown = {"B2"}
        await board.until(lambda: "B2" in board.feed.refused)
        await board.until(lambda: board.feed.order_ids == ("A1",), within=70)
        assert "B2" in board.feed.refused
        assert board.feed.standing("B2") is Standing.REFUSED
        board.gateway.unknown = set()
        await board.until(lambda: board.is_true("B2"), within=10.5)
        assert "B2" not in board.feed.refused
        assert board.standings("B2")[-3:] == [Standing.REFUSED, Standing.WAITING, Standing.IN_SYNC]


@virtual
async def test_an_order_that_stays_refused_is_subscribed_less_and_less_often() -> None:
    async with Board("A1", "B2", transport="sse") as board:
        board.gateway.unknown = {"B2"}
        await asyncio.sleep(86_400)
        assert board.is_true("A1")
        assert len(board.road.openings) < 40


@virtual
async def test_with_more_orders_than_slots_a_free_slot_is_filled_at_once() -> None:
    async with Board(*(f"A{number}" for number in range(1_340))) as board:
        await board.until(lambda: board.feed.coverage == Coverage(1_000, 1_340), within=1)
        await board.until(lambda: all(board.is_true(order_id) for order_id in board.feed.order_ids))
        board.deliver("A0", "A1", "A2")
        # The list can't be read from now on: the last reading is used.
        board.list.down = TransportDown("refused")
        await board.until(lambda: "A0" not in board.feed.order_ids, within=70)
        assert board.feed.order_ids[-3:] == ("A1000", "A1001", "A1002")
        await board.until(lambda: board.is_true("A1002"), within=1)
        assert board.feed.coverage == Coverage(1_000, 1_337)
        assert not board.feed.refused
        assert len(board.gateway.unsubscribes) == 1
        notes = [change.text for change in board.told if isinstance(change, Noted)]
        assert "watching 1,000 of 1,340 orders: the limit is reached" in notes


@virtual
async def test_a_thousand_released_orders_do_not_block_new_ones() -> None:
    orders = [f"A{number}" for number in range(1_000)]
    async with Board(*orders) as board:
        await board.until(lambda: all(map(board.is_true, orders)))
        board.deliver(*orders)
        await asyncio.sleep(80)
        board.gateway.append("B1", "placed")
        await board.until(lambda: board.is_true("B1"), within=10.5)
        assert board.feed.coverage == Coverage(1, 1)


@pytest.mark.parametrize("transport", ["sse", "longpoll", "polling"])
@virtual
async def test_where_nothing_can_be_unsubscribed_the_next_stream_leaves_the_order_out(transport: str) -> None:
    async with Board("A1", "B2", transport=transport) as board:
        await board.until(lambda: board.is_true("A1") and board.is_true("B2"))
        board.deliver("A1")
        openings = len(board.road.openings)
        await board.until(lambda: board.feed.order_ids == ("B2",), within=70)
        await asyncio.sleep(5)
        assert len(board.road.openings) == openings
        board.gateway.close(1012)
        await board.until(lambda: board.feed.link.phase is not Phase.LIVE)
        await board.until(lambda: board.feed.link.phase is Phase.LIVE)
        assert board.gateway.streams[0].orders == {"B2"}
        board.gateway.append("A1", "returning")
        await board.until(lambda: board.is_true("A1"), within=12)
        assert board.feed.link.phase is Phase.LIVE


@virtual
async def test_without_an_order_a_stream_over_plain_http_is_closed_until_the_next_one() -> None:
    async with Board("A1", transport="sse") as board:
        await board.until(lambda: board.is_true("A1"))
        board.deliver("A1")
        await board.until(lambda: not board.feed.order_ids, within=70)
        await board.until(lambda: not board.gateway.streams, within=1)
        assert (board.feed.link.phase, board.feed.link.list_every) == (Phase.LIVE, 10.0)
        board.gateway.append("A1", "returning")
        board.gateway.append("B2", "placed")
        await board.until(lambda: board.is_true("A1") and board.is_true("B2"), within=12)
        assert board.gateway.streams[0].orders == {"A1", "B2"}


@virtual
async def test_an_order_released_while_the_link_is_down_is_left_out_of_the_next_stream() -> None:
    async with Board("A1", "B2") as board:
        await board.until(lambda: board.is_true("A1") and board.is_true("B2"))
        board.deliver("A1")
        await asyncio.sleep(1)
        board.gateway.down = TransportDown("connection refused")
        board.gateway.close(1001)
        await board.until(lambda: board.feed.order_ids == ("B2",), within=70)
        board.gateway.append("B2", "accepted", lost=True)
        board.gateway.down = None
        await board.until(lambda: board.feed.link.phase is Phase.LIVE, within=40)
        assert board.gateway.streams[0].orders == {"B2"}
        assert [change.text for change in board.told if isinstance(change, Noted)][-1].endswith("1 event recovered")


@virtual
async def test_an_order_released_long_ago_is_dropped_and_reported() -> None:
    async with Board() as board:
        for first in range(0, 3_000, 500):
            batch = [f"A{number}" for number in range(first, first + 500)]
            for order_id in batch:
                board.gateway.append(order_id, "placed")
            for order_id in batch:
                await board.until(partial(board.is_true, order_id), within=80)
            board.deliver(*batch)
        await board.until(lambda: not board.feed.order_ids, within=80)
        assert list(board.feed.views) == [f"A{number}" for number in range(2_000, 3_000)]
        forgotten = [change.order_id for change in board.told if isinstance(change, OrderForgotten)]
        assert forgotten == [f"A{number}" for number in range(2_000)]


@virtual
async def test_a_removed_order_is_not_brought_back_by_the_list_but_by_the_user() -> None:
    async with Board("A1", "B2") as board:
        await board.until(lambda: board.is_true("A1") and board.is_true("B2"))
        assert board.feed.remove("A1")
        await asyncio.sleep(0.1)
        assert board.feed.order_ids == ("B2",)
        assert OrderForgotten("A1") in board.told
        assert [orders for _, orders in board.gateway.unsubscribes] == [("A1",)]
        board.gateway.append("A1", "accepted")
        await asyncio.sleep(100)
        assert (board.feed.order_ids, board.feed.coverage) == (("B2",), Coverage(1, 1))
        assert board.feed.add(["A1"]) == ()
        await board.until(lambda: board.standings("A1")[-2:] == [Standing.RECONCILING, Standing.IN_SYNC], within=1)
        assert board.is_true("A1")
        # Only what was missed is sent again.
        assert board.gateway.subscribes[-1][1] == {"A1": Cursor(EPOCH, 1)}


@virtual
async def test_an_order_is_removed_before_the_list_names_it_and_after_it_was_released() -> None:
    async with Board("A1") as board:
        await board.until(lambda: board.is_true("A1"))
        board.feed.remove("B2")
        board.gateway.append("B2", "placed")
        board.deliver("A1")
        await board.until(lambda: not board.feed.order_ids, within=70)
        assert board.feed.standing("A1") is Standing.FINAL
        board.feed.remove("A1")
        await asyncio.sleep(20)
        assert (board.feed.order_ids, dict(board.feed.views)) == ((), {})
        assert board.told[-1] == OrderForgotten("A1")
        board.feed.add(["A1"])
        await board.until(lambda: board.standings("A1")[-2:] == [Standing.FINAL, Standing.IN_SYNC], within=1)


@virtual
async def test_named_orders_take_the_slots_of_listed_ones_up_to_the_limit() -> None:
    async with Board(*(f"A{number}" for number in range(1_200))) as board:
        await board.until(lambda: all(map(board.is_true, board.feed.order_ids)) and board.feed.order_ids)
        board.gateway.commands_down = TransportDown("refused")
        board.feed.send("A999", Verb.NOTE, "Ring twice.")
        for order_id in ("B1", "B2"):
            board.gateway.append(order_id, "delivered", Outcome.DELIVERED)
        assert board.feed.add(["B1", "B2", "A5"]) == ()
        await board.until(lambda: board.is_true("B1") and board.is_true("B2"), within=1)
        # The newest give way, except one with an open command.
        assert not {"A998", "A997"} & set(board.feed.order_ids)
        assert "A999" in board.feed.order_ids
        assert board.feed.coverage == Coverage(1_000, 1_202)
        await board.until(lambda: OrderForgotten("A998") in board.told, within=1)
        assert all(len(stream.orders) == 1_000 for stream in board.gateway.streams)
        many = [f"C{number}" for number in range(1_000)]
        rest = board.feed.add(many)
        assert len(rest) == 4
        assert set(rest) == set(many) - set(board.feed.order_ids)
        assert {"B1", "B2", "A5", "A999"} <= set(board.feed.order_ids)
        board.gateway.commands_down = None
        await asyncio.sleep(40)
