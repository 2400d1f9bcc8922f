"""The feed on every transport, with tokens and after sleeps, against an in-process gateway, in virtual time."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from random import Random

import pytest

from tests.support.fake_gateway import FakeGateway
from tests.support.fake_transports import FakeCredentials, FakeOrdersApi, fake_transports
from tests.support.virtual_time import VirtualClock, virtual
from tracker_tui.domain.history import Entry
from tracker_tui.link.changes import Change, LinkChanged, Noted, OrderChanged, Phase, Standing
from tracker_tui.link.errors import ServerBusy, StreamClosed, TransportBlocked, TransportDown
from tracker_tui.link.feed import OrderFeed

BLOCK = TransportBlocked(403, "HTTP 403")


class Watch:
    """A feed on all transports, and its changes."""

    def __init__(self, gateway: FakeGateway, keys: FakeCredentials | None = None, seed: int = 1) -> None:
        self.gateway = gateway
        self.clock = VirtualClock()
        self.roads = {road.name: road for road in fake_transports(gateway, keys)}
        self.feed = OrderFeed(
            ("A1",),
            list(self.roads.values()),
            FakeOrdersApi(gateway, keys),
            credentials=keys,
            clock=self.clock,
            random=Random(seed),
        )
        self.changes: list[Change] = []
        self.fewest = 1 << 30
        self.watched = False

    async def read(self) -> None:
        async for change in self.feed:
            self.changes.append(change)

    async def until(self, condition: Callable[[], object], within: float = 60.0) -> float:
        loop = asyncio.get_running_loop()
        start = loop.time()
        while not condition():
            assert loop.time() - start < within, "it never came to that"
            await asyncio.sleep(0.01)
            if self.watched:
                self.fewest = min(self.fewest, len(self.gateway.streams))
        return loop.time() - start

    async def live(self, within: float = 60.0) -> float:
        return await self.until(lambda: self.feed.link.phase is Phase.LIVE, within)

    async def rest(self, seconds: float) -> None:
        """Let time pass, with an event each second."""
        end = asyncio.get_running_loop().time() + seconds
        while asyncio.get_running_loop().time() < end:
            await asyncio.sleep(1)
            if self.watched:
                self.fewest = min(self.fewest, len(self.gateway.streams))
            self.gateway.append("A1", "preparing")

    @property
    def transport(self) -> str:
        return self.feed.link.transport

    @property
    def notes(self) -> list[str]:
        return [change.text for change in self.changes if isinstance(change, Noted)]

    @property
    def phases(self) -> list[Phase]:
        return [change.link.phase for change in self.changes if isinstance(change, LinkChanged)]

    @property
    def told(self) -> list[int]:
        """Return the seqs of the yielded milestones, in order."""
        return [entry.milestone.seq for entry in self.arrived]

    @property
    def arrived(self) -> list[Entry]:
        """Return the yielded milestones, in order."""
        return [entry for c in self.changes if isinstance(c, OrderChanged) for entry in c.arrived]

    def true(self) -> bool:
        view = self.feed.views["A1"]
        return view.complete and view.state is not None and view.state.value == self.gateway.logs["A1"][-1].state


@asynccontextmanager
async def watching(
    *blocked: str, keys: FakeCredentials | None = None, seed: int = 1, by: Exception = BLOCK, unexpected: int = 0
) -> AsyncIterator[Watch]:
    gateway = FakeGateway()
    gateway.append("A1", "placed")
    watch = Watch(gateway, keys, seed)
    for name in blocked:
        watch.roads[name].blocked = by
    async with watch.feed:
        reader = asyncio.create_task(watch.read())
        yield watch
    await asyncio.wait_for(reader, 1)
    assert not gateway.streams
    assert watch.feed.counters.unexpected == unexpected


@pytest.mark.parametrize(
    ("blocked", "transport"),
    [((), "websocket"), (("websocket",), "sse"), (("websocket", "sse"), "longpoll")],
)
@virtual
async def test_the_best_transport_that_is_not_blocked_is_in_use_at_once(
    blocked: tuple[str, ...], transport: str
) -> None:
    async with watching(*blocked) as watch:
        assert await watch.live() < 0.1
        assert (watch.transport, watch.true()) == (transport, True)
        await watch.rest(20)
        await watch.until(watch.true, within=1)
    assert sum(len(road.openings) for road in watch.roads.values()) == len(blocked) + 1


@virtual
async def test_when_a_block_is_lifted_the_next_probe_is_back_without_a_gap_a_loss_or_a_repetition() -> None:
    async with watching("websocket") as watch:
        await watch.live()
        await watch.rest(10)
        watch.roads["websocket"].blocked = None
        watch.watched = True
        await watch.rest(52)
        assert watch.transport == "websocket"
        await watch.rest(5)
        await watch.until(watch.true, within=1)
    assert watch.fewest >= 1
    assert watch.told == list(range(1, len(watch.gateway.logs["A1"]) + 1))
    assert watch.phases == [
        Phase.CONNECTING,
        Phase.BACKOFF,
        Phase.CONNECTING,
        Phase.SYNCING,
        *[Phase.LIVE] * 2,
        Phase.CLOSED,
    ]
    assert "back on WebSocket" in watch.notes


@virtual
async def test_a_second_connection_forced_to_take_over_without_answers_is_live_at_the_first_heartbeat() -> None:
    async with watching("websocket") as watch:
        await watch.live()
        watch.gateway.loses_answers = True
        watch.roads["websocket"].blocked = None
        await watch.until(lambda: len(watch.gateway.streams) == 2, within=61)
        await asyncio.sleep(1)
        watch.gateway.streams[0].end(StreamClosed(1006))
        await watch.until(lambda: watch.feed.link.phase is Phase.SYNCING, within=0.1)
        await watch.live(within=5)
        assert watch.transport == "websocket"


@virtual
async def test_a_second_connection_without_its_answers_takes_over_at_the_first_heartbeat() -> None:
    async with watching("websocket") as watch:
        await watch.live()
        watch.gateway.loses_answers = True
        watch.roads["websocket"].blocked = None
        await watch.until(lambda: watch.transport == "websocket", within=60 + 5.1)
        assert watch.feed.link.phase is Phase.LIVE


@virtual
async def test_a_better_transport_that_refuses_an_order_for_now_does_not_cost_it_the_stream_that_serves_it() -> None:
    async with watching("websocket") as watch:
        await watch.live()
        watch.roads["websocket"].blocked = None
        watch.gateway.busy.add("A1")
        await watch.rest(65)
        assert len(watch.roads["websocket"].openings) == 2
        await watch.until(watch.true, within=0.1)
        assert watch.transport == "sse"
        watch.gateway.busy.clear()
        await watch.rest(120)
        assert watch.transport == "websocket"
    standings = [change.standing for change in watch.changes if isinstance(change, OrderChanged)]
    assert Standing.RECONCILING not in standings


@virtual
async def test_an_order_that_the_candidate_does_not_list_yet_is_repaired_on_the_active_stream() -> None:
    async with watching("websocket") as watch:
        await watch.live()
        watch.roads["websocket"].blocked = None
        watch.gateway.deaf.add("A1")
        await watch.until(lambda: len(watch.gateway.streams) == 2, within=61)
        await asyncio.sleep(5.1)
        watch.gateway.append("A1", "accepted", lost=True)
        watch.gateway.append("A1", "preparing")
        await watch.until(watch.true, within=1.1)
        assert watch.transport == "sse"


@virtual
async def test_probes_of_a_transport_that_stays_blocked_come_after_1_2_5_and_then_every_10_minutes() -> None:
    async with watching("websocket") as watch:
        await watch.live()
        await asyncio.sleep(40 * 60)
        assert watch.phases[-1] is Phase.LIVE
    tries = [round(at / 60) for at in watch.roads["websocket"].openings]
    assert tries == [0, 1, 3, 8, 18, 28, 38]


@pytest.mark.parametrize("seed", range(5))
@virtual
async def test_after_a_minute_of_outage_it_is_back_on_the_best_transport(seed: int) -> None:
    async with watching(seed=seed) as watch:
        await watch.live()
        await asyncio.sleep(11)
        for error in (TransportDown("connection refused"), TransportDown("no answer in time", connected=True)):
            watch.gateway.down = watch.gateway.requests_fail_with = error
            watch.gateway.close(1006)
            await asyncio.sleep(60)
            assert watch.feed.link.phase in {Phase.BACKOFF, Phase.CONNECTING}
            watch.gateway.append("A1", "accepted")
            watch.gateway.down = watch.gateway.requests_fail_with = None
            await watch.live(within=31)
            assert (watch.transport, watch.true()) == ("websocket", True)
            await asyncio.sleep(11)


@virtual
async def test_a_busy_server_is_no_block_either() -> None:
    async with watching() as watch:
        watch.roads["websocket"].blocked = ServerBusy(503)
        await asyncio.sleep(20)
        watch.roads["websocket"].blocked = None
        await watch.live()
        assert watch.transport == "websocket"


@virtual
async def test_a_transport_that_opens_and_stays_silent_is_left_within_twelve_seconds() -> None:
    async with watching() as watch:
        watch.roads["websocket"].mute = True
        assert await watch.live() < 12
        assert watch.transport == "sse"


@virtual
async def test_a_transport_that_is_cut_repeatedly_is_abandoned_after_three_short_lives() -> None:
    async with watching() as watch:
        for _ in range(3):
            await watch.live()
            assert watch.transport == "websocket"
            watch.gateway.close(1006)
            await asyncio.sleep(0.01)
        await watch.live()
        assert watch.transport == "sse"


@virtual
async def test_a_gap_on_a_stream_without_subscriptions_is_repaired_by_a_get_after_a_second() -> None:
    async with watching("websocket") as watch:
        await watch.live()
        watch.gateway.append("A1", "accepted", lost=True)
        watch.gateway.append("A1", "preparing")
        gets = len(watch.gateway.gets)
        took = await watch.until(watch.true)
        assert 1.0 <= took < 1.1
        assert len(watch.gateway.gets) == gets + 1
        assert watch.gateway.subscribes == []


@virtual
async def test_each_five_second_token_causes_one_connection_and_one_refresh_for_a_minute() -> None:
    keys = FakeCredentials(life=5)
    async with watching(keys=keys) as watch:
        await watch.live()
        await watch.rest(60)
        await watch.until(watch.true, within=1)
        assert len(watch.roads["websocket"].openings) == 1
        assert 12 <= keys.refreshes <= 15
    assert watch.phases == [Phase.CONNECTING, Phase.SYNCING, Phase.LIVE, Phase.CLOSED]
    assert watch.feed.counters.gaps == 0


@virtual
async def test_streams_that_cannot_accept_a_token_overlap_without_a_gap() -> None:
    keys = FakeCredentials(life=5)
    async with watching("websocket", keys=keys) as watch:
        await watch.live()
        watch.watched = True
        await watch.rest(50)
        await watch.until(watch.true, within=1)
    assert watch.fewest >= 1
    assert keys.refreshes == 0
    assert watch.told == list(range(1, len(watch.gateway.logs["A1"]) + 1))
    assert Phase.BACKOFF not in watch.phases[2:]


@virtual
async def test_an_expired_token_that_cannot_be_renewed_is_signed_out_at_once_and_comes_back_by_itself() -> None:
    keys = FakeCredentials(life=20)
    async with watching(keys=keys) as watch:
        await watch.live()
        keys.exhausted = True
        await watch.until(lambda: watch.feed.link.phase is Phase.SIGNED_OUT, within=23)
        requests = keys.requests
        assert watch.feed.views["A1"].state is not None
        await asyncio.sleep(600)
        assert keys.requests == requests <= 3
        assert watch.feed.link.code == "token_expired"
        keys.exhausted = False
        await watch.live(within=2.1)
        assert watch.true()


@virtual
async def test_after_waking_on_sse_the_order_is_true_before_the_old_stream_is_judged() -> None:
    async with watching("websocket") as watch:
        await watch.live()
        for stream in watch.gateway.streams:
            stream.frozen = True
        watch.gateway.append("A1", "accepted")
        watch.feed.wake()
        await watch.until(watch.true, within=1)
        assert Phase.SYNCING in watch.phases[-2:]
        assert len(watch.gateway.streams) == 1


@virtual
async def test_a_closed_feed_leaves_neither_stream_nor_candidate_behind() -> None:
    async with watching("websocket") as watch:
        await watch.live()
        watch.roads["websocket"].blocked = None
        watch.roads["websocket"].mute = True
        await watch.until(lambda: len(watch.gateway.streams) == 2, within=61)
    assert watch.phases[-1] is Phase.CLOSED


@virtual
async def test_a_forced_transport_is_never_left() -> None:
    gateway = FakeGateway()
    gateway.append("A1", "placed")
    only = fake_transports(gateway)[1]
    only.blocked = StreamClosed(1006)
    feed = OrderFeed(("A1",), [only], FakeOrdersApi(gateway), clock=VirtualClock(), random=Random(1))
    async with feed:
        await asyncio.sleep(20)
        only.blocked = None
        await asyncio.sleep(31)
        assert (feed.link.phase, feed.link.transport, feed.link.fallback) == (Phase.LIVE, "sse", None)
