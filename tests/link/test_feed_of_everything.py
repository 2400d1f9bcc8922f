"""A feed that finds its orders by itself, against a gateway inside the test, in virtual time."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from itertools import pairwise
from random import Random

from tests.support.gateway import Gateway
from tests.support.roads import Keys, Resource, roads
from tests.support.virtual_time import VirtualClock, virtual
from tracker_tui.domain.order import Outcome
from tracker_tui.link.errors import LinkError, ServerBusy, TransportBlocked
from tracker_tui.link.feed import OrderFeed
from tracker_tui.link.state import Change, LinkChanged, Noted, OrderChanged, Phase, Standing
from tracker_tui.link.token import Token


class List:
    """The gateway's list of orders.

    Attributes:
        down: Raised instead of answering.
        readings: When it was read, and with which token.
    """

    def __init__(self, gateway: Gateway) -> None:
        self.down: LinkError | None = None
        self.readings: list[tuple[float, Token | None]] = []
        self._gateway = gateway

    async def open_orders(self, token: Token | None = None) -> list[str]:
        """Those that have not ended."""
        self.readings.append((asyncio.get_running_loop().time(), token))
        if self.down is not None:
            raise self.down
        return [order_id for order_id, log in self._gateway.logs.items() if log[-1].state.outcome is None]


class Watch:
    """A feed of everything, and what it told."""

    def __init__(self, *blocked: str, orders: Sequence[str] = ("A1", "B2"), keys: Keys | None = None) -> None:
        self.gateway = Gateway()
        for order_id in orders:
            self.gateway.append(order_id, "placed")
        self.list = List(self.gateway)
        self.roads = {road.name: road for road in roads(self.gateway, keys)}
        for name in blocked:
            self.roads[name].blocked = TransportBlocked(403, "HTTP 403")
        self.feed = OrderFeed(
            (),
            list(self.roads.values()),
            Resource(self.gateway, keys),
            credentials=keys,
            clock=VirtualClock(),
            random=Random(1),
            listing=self.list,
        )
        self.told: list[Change] = []
        self._reader: asyncio.Task[None] | None = None

    async def __aenter__(self) -> Watch:
        await self.feed.__aenter__()
        self._reader = asyncio.create_task(self._read())
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.feed.__aexit__(None, None, None)
        assert self._reader is not None
        await asyncio.wait_for(self._reader, 1)
        assert not self.gateway.streams

    async def _read(self) -> None:
        async for change in self.feed:
            self.told.append(change)

    async def until_in_sync(self, *order_ids: str, within: float = 15.0) -> None:
        async with asyncio.timeout(within):
            while not all(
                order_id in self.feed.views
                and self.feed.standing(order_id) is Standing.IN_SYNC
                and self.feed.views[order_id].complete
                for order_id in order_ids
            ):
                await asyncio.sleep(0.05)

    @property
    def notes(self) -> list[str]:
        return [change.text for change in self.told if isinstance(change, Noted)]


@virtual
async def test_every_order_of_the_list_is_watched() -> None:
    async with Watch() as watch:
        await watch.until_in_sync("A1", "B2", within=1)
        assert watch.feed.order_ids == ("A1", "B2")
        assert watch.feed.link.phase is Phase.LIVE


@virtual
async def test_it_is_known_when_the_list_was_read_even_if_it_is_empty() -> None:
    async with Watch(orders=()) as watch:
        watch.list.down = LinkError("refused")
        await asyncio.sleep(1)
        assert not watch.feed.listed
        watch.list.down = None
        await asyncio.sleep(10)
        assert watch.feed.listed
        assert watch.feed.order_ids == ()


@virtual
async def test_a_new_order_appears_by_itself_within_ten_seconds_and_the_link_stays_live() -> None:
    async with Watch() as watch:
        await watch.until_in_sync("A1", "B2")
        before = len(watch.told)
        watch.gateway.append("C3", "placed")
        await watch.until_in_sync("C3", within=10.2)
        assert not [change for change in watch.told[before:] if isinstance(change, LinkChanged)]
        assert watch.gateway.subscribes[-1][1] == {"C3": None}
        assert len(watch.roads["websocket"].openings) == 1


@virtual
async def test_on_a_stream_that_can_not_be_told_a_new_order_comes_with_another_stream() -> None:
    async with Watch("websocket") as watch:
        await watch.until_in_sync("A1", "B2", within=4)
        watch.gateway.append("C3", "placed")
        await watch.until_in_sync("C3", within=11)
        await asyncio.sleep(1)
        watch.gateway.append("C3", "accepted")
        await asyncio.sleep(0.1)
        assert watch.feed.views["C3"].version == watch.gateway.head("C3")
        assert watch.feed.link.phase is Phase.LIVE
        assert len(watch.gateway.streams) == 1


@virtual
async def test_it_does_not_end_with_its_orders_and_keeps_what_has_ended() -> None:
    async with Watch(orders=("A1",)) as watch:
        await watch.until_in_sync("A1")
        watch.gateway.append("A1", "delivered", Outcome.DELIVERED)
        await asyncio.sleep(25)
        assert watch.feed.link.phase is Phase.LIVE
        assert watch.feed.order_ids == ("A1",)


@virtual
async def test_without_any_order_it_waits_for_the_first_one() -> None:
    async with Watch(orders=()) as watch:
        await asyncio.sleep(15)
        assert watch.feed.link.phase is Phase.LIVE
        watch.gateway.append("A1", "placed")
        await watch.until_in_sync("A1", within=10.2)


@virtual
async def test_a_list_that_can_not_be_read_is_told_once_and_read_again() -> None:
    async with Watch() as watch:
        await watch.until_in_sync("A1", "B2")
        watch.list.down = ServerBusy(503, 25)
        await asyncio.sleep(36)
        assert [note for note in watch.notes if "list" in note] == [
            "the list of orders can't be read: the server is busy (HTTP 503)"
        ]
        times = [at for at, _ in watch.list.readings]
        assert [round(later - earlier) for earlier, later in pairwise(times)] == [10, 25]
        watch.list.down = None
        watch.gateway.append("C3", "placed")
        await watch.until_in_sync("C3", within=30)


@virtual
async def test_the_list_is_read_with_the_newest_token() -> None:
    keys = Keys(life=15)
    async with Watch(keys=keys) as watch:
        await watch.until_in_sync("A1", "B2")
        await asyncio.sleep(31)
        tokens = [token for _, token in watch.list.readings]
        assert None not in tokens
        assert len(set(tokens)) > 1


@virtual
async def test_no_more_than_a_thousand_orders_are_watched() -> None:
    async with Watch(orders=[f"A{number}" for number in range(1_001)]) as watch:
        await asyncio.sleep(1)
        assert len(watch.feed.views) == 1_000
        assert {change.order_id for change in watch.told if isinstance(change, OrderChanged)} == set(watch.feed.views)
