"""A feed that finds its orders in the list, against an in-process gateway, in virtual time."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from itertools import pairwise
from random import Random

from tests.support.fake_gateway import FakeGateway
from tests.support.fake_transports import FakeCredentials, FakeOrdersApi, fake_transports
from tests.support.orders_apis import UnimplementedOrdersApi
from tests.support.virtual_time import VirtualClock, virtual
from tracker_tui.domain.order import Outcome
from tracker_tui.link.auth.token import Token
from tracker_tui.link.changes import Change, LinkChanged, Noted, OrderChanged, Phase, Standing
from tracker_tui.link.errors import LinkError, Refused, ServerBusy, TransportBlocked, TransportDown
from tracker_tui.link.feed import OrderFeed
from tracker_tui.wire.messages import Problem


class List(UnimplementedOrdersApi):
    """The gateway's list of orders.

    Attributes:
        down: Exception to raise instead of an answer.
        readings: Time and token of each reading.
        probes: Time of each probe.
        admit: Check of the token, which raises the error for a refused one.
    """

    def __init__(self, gateway: FakeGateway) -> None:
        self.down: Exception | None = None
        self.readings: list[tuple[float, Token | None]] = []
        self.probes: list[float] = []
        self.admit: Callable[[Token | None], object] = lambda token: None
        self._gateway = gateway

    async def probe_list(self, token: Token | None = None) -> None:
        """Record the probe and raise `down`, if it is set."""
        self.probes.append(asyncio.get_running_loop().time())
        if self.down is not None:
            raise self.down

    async def open_orders(self, token: Token | None = None) -> list[str]:
        """Return the orders that have not ended."""
        self.readings.append((asyncio.get_running_loop().time(), token))
        self.admit(token)
        if self.down is not None:
            raise self.down
        return [order_id for order_id, log in self._gateway.logs.items() if log[-1].state.outcome is None]


class Watch:
    """A feed of all open orders, and its changes."""

    def __init__(
        self,
        *blocked: str,
        orders: Sequence[str] = ("A1", "B2"),
        keys: FakeCredentials | None = None,
        only: str | None = None,
        down: LinkError | None = None,
    ) -> None:
        self.gateway = FakeGateway()
        for order_id in orders:
            self.gateway.append(order_id, "placed")
        self.list = List(self.gateway)
        self.list.down = down
        self.roads = {road.name: road for road in fake_transports(self.gateway, keys) if only in {None, road.name}}
        for name in blocked:
            self.roads[name].blocked = TransportBlocked(403, "HTTP 403")
        self.feed = OrderFeed(
            (),
            list(self.roads.values()),
            FakeOrdersApi(self.gateway, keys),
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

    async def until(self, condition: Callable[[], object], within: float = 15.0) -> float:
        """Let virtual time pass until `condition` is true, and return the elapsed seconds."""
        loop = asyncio.get_running_loop()
        start = loop.time()
        async with asyncio.timeout(within):
            while not condition():
                await asyncio.sleep(0.01)
        return loop.time() - start

    @property
    def idle(self) -> bool:
        """Return whether the link is live without a stream."""
        return (self.feed.link.phase, self.feed.link.list_every) == (Phase.LIVE, 10.0)

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
async def test_on_a_one_way_stream_a_new_order_arrives_with_another_stream() -> None:
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
async def test_the_feed_continues_after_its_orders_end_and_keeps_them() -> None:
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
async def test_a_list_that_cannot_be_read_is_noted_once_and_read_again() -> None:
    async with Watch() as watch:
        await watch.until_in_sync("A1", "B2")
        watch.list.down = ServerBusy(503, 25)
        await asyncio.sleep(38)
        assert [note for note in watch.notes if "list" in note] == [
            "the list of orders can't be read: the server is busy (HTTP 503)"
        ]
        times = [at for at, _ in watch.list.readings]
        [first, second] = [later - earlier for earlier, later in pairwise(times)]
        assert first == 10
        assert 25 <= second <= 27.5
        watch.list.down = None
        watch.gateway.append("C3", "placed")
        await watch.until_in_sync("C3", within=30)


@virtual
async def test_a_wait_of_years_before_the_next_list_is_limited_to_five_minutes() -> None:
    async with Watch() as watch:
        await watch.until_in_sync("A1", "B2")
        watch.list.down = ServerBusy(503, 999_999_999)
        await asyncio.sleep(10)
        watch.list.down = None
        watch.gateway.append("C3", "placed")
        await asyncio.sleep(289)
        assert "C3" not in watch.feed.views
        await watch.until_in_sync("C3", within=45)


@virtual
async def test_a_problem_with_the_list_sets_the_wait_before_the_next_reading() -> None:
    async with Watch() as watch:
        await watch.until_in_sync("A1", "B2")
        watch.list.down = Refused(Problem("rate_limited", "too many requests", None, 60))
        await asyncio.sleep(75)
        times = [at for at, _ in watch.list.readings]
        [first, second] = [later - earlier for earlier, later in pairwise(times)]
        assert first == 10
        assert 60 <= second <= 66


@virtual
async def test_the_list_is_read_with_the_newest_token() -> None:
    keys = FakeCredentials(life=15)
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


# --- without an order to watch, on a transport that must name one -----------------------------------------------------


@virtual
async def test_no_stream_is_opened_before_the_list_names_an_order() -> None:
    async with Watch(only="sse", orders=()) as watch:
        await watch.until(lambda: watch.idle, within=1)
        watch.gateway.append("A1", "placed")
        await watch.until_in_sync("A1", within=10.2)
        assert len(watch.roads["sse"].openings) == 1
        assert (watch.feed.link.phase, watch.feed.link.list_every) == (Phase.LIVE, None)
        assert watch.feed.counters.drops == 0
    assert watch.notes == [
        "live; there is no order to watch, and the list of orders is read every 10 s",
        "live over SSE",
    ]


@virtual
async def test_without_a_stream_the_last_heard_time_is_that_of_the_list() -> None:
    async with Watch(only="sse", orders=()) as watch:
        await asyncio.sleep(14)
        assert watch.feed.heard_at == 10


@virtual
async def test_the_list_that_fails_twice_is_a_loss_and_its_next_reading_is_the_end_of_it() -> None:
    async with Watch(only="longpoll", orders=()) as watch:
        await watch.until(lambda: watch.idle, within=1)
        watch.list.down = TransportDown("connection refused")
        await asyncio.sleep(15)
        assert watch.idle
        await watch.until(lambda: watch.feed.link.phase is Phase.CONNECTING, within=6)
        assert (watch.feed.link.reason, watch.feed.counters.drops) == ("connection refused", 0)
        watch.list.down = None
        watch.feed.reconnect()
        await watch.until(lambda: watch.idle, within=0.1)
    assert watch.notes[1:] == [
        "the list of orders can't be read: connection refused",
        "lost: connection refused",
        "live; there is no order to watch, and the list of orders is read every 10 s",
    ]


@virtual
async def test_a_key_does_not_read_the_list_before_the_time_that_the_server_named() -> None:
    async with Watch(only="sse", orders=(), down=ServerBusy(503, 7)) as watch:
        await asyncio.sleep(1)
        watch.feed.reconnect()
        await asyncio.sleep(10)
        [first, second] = [at for at, _ in watch.list.readings]
        assert (first, 7 <= second <= 7.7) == (0, True)


@virtual
async def test_the_first_order_is_found_after_a_sleep_at_once() -> None:
    async with Watch(only="sse", orders=()) as watch:
        await watch.until(lambda: watch.idle, within=1)
        watch.gateway.append("A1", "placed")
        watch.feed.wake()
        await watch.until_in_sync("A1", within=0.2)


@virtual
async def test_tokens_are_renewed_while_there_is_nothing_to_watch() -> None:
    keys = FakeCredentials(life=15)
    async with Watch(only="sse", orders=(), keys=keys) as watch:
        watch.list.admit = keys.admit
        await watch.until(lambda: watch.idle, within=1)
        watch.told.clear()
        await asyncio.sleep(100)
        assert watch.idle
        assert not [change for change in watch.told if isinstance(change, LinkChanged)]
        keys.exhausted = True
        await watch.until(lambda: watch.feed.link.phase is Phase.SIGNED_OUT, within=30)
        keys.exhausted = False
        await watch.until(lambda: watch.idle, within=3)


@virtual
async def test_a_blocked_websocket_is_left_without_an_order_too() -> None:
    async with Watch("websocket", orders=()) as watch:
        await watch.until(lambda: watch.idle, within=1)
        assert watch.feed.link.transport == "sse"
        assert len(watch.list.probes) == 1
        watch.gateway.append("A1", "placed")
        await watch.until_in_sync("A1", within=11)
        assert watch.feed.link.transport == "sse"


@virtual
async def test_a_list_that_is_refused_was_answered_by_the_gateway() -> None:
    async with Watch("websocket", orders=(), down=Refused(Problem("restarting", "", None, 5))) as watch:
        await watch.until(lambda: watch.feed.link.transport == "sse", within=1)


@virtual
async def test_without_an_order_an_outage_is_no_block() -> None:
    async with Watch("websocket", orders=(), down=TransportDown("connection refused")) as watch:
        await asyncio.sleep(30)
        assert watch.feed.link.transport == "websocket"
        assert len(watch.list.probes) > 1
