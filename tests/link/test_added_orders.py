"""Orders that are added to a running or ended feed and removed from it, over real sockets on each transport."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from mock_server.server import MockServer
from tests.support.mock_servers import add_events, create_orders, draft, empty_server
from tests.support.orders import state
from tests.support.tokens import KEY, token
from tracker_tui.domain.command import Verb
from tracker_tui.domain.order import Outcome
from tracker_tui.domain.overlay import CommandStatus
from tracker_tui.link.auth.credentials import Credentials, FromEnvironment
from tracker_tui.link.auth.token import Token
from tracker_tui.link.changes import Change, LinkChanged, OrderChanged, OrderForgotten, Phase, Standing
from tracker_tui.link.feed import OrderFeed
from tracker_tui.link.recording.format import read_recording
from tracker_tui.link.recording.player import ReplayFeed
from tracker_tui.link.recording.recorder import create_recorder
from tracker_tui.link.recording.replay_clock import ReplayClock
from tracker_tui.link.track import TRANSPORTS, track
from tracker_tui.link.transports import polling

PATIENCE = 10.0


@pytest.fixture(autouse=True)
def _polls_are_frequent(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(polling, "MIN_INTERVAL", 0.2)


class Session:
    """A feed that stays open, and its changes so far."""

    def __init__(self, feed: OrderFeed, server: MockServer) -> None:
        self.feed = feed
        self.server = server
        self.changes: list[Change] = []

    async def read(self) -> None:
        """Collect the changes until the feed is closed."""
        async for change in self.feed:
            self.changes.append(change)

    async def until(self, condition: Callable[[], object]) -> None:
        """Wait until `condition` holds."""
        async with asyncio.timeout(PATIENCE):
            while not condition():
                await asyncio.sleep(0.01)

    async def until_final(self) -> None:
        """Wait until the front end knows that nothing is open."""
        await self.until(lambda: self.phases[-1:] == [Phase.FINAL])

    async def deliver(self, *order_ids: str) -> None:
        """End orders at the server."""
        for order_id in order_ids:
            await self.server.events.append(order_id, state("delivered", Outcome.DELIVERED), draft("delivered"))

    @property
    def phases(self) -> list[Phase]:
        """The phases of the link changes so far."""
        return [change.link.phase for change in self.changes if isinstance(change, LinkChanged)]

    async def until_live(self, *order_ids: str) -> None:
        """Wait until the link is live, and these orders are as at the server."""
        async with asyncio.timeout(PATIENCE):
            while not (self.feed.link.phase is Phase.LIVE and await self.has_all_of(*order_ids)):
                await asyncio.sleep(0.01)

    async def has_all_of(self, *order_ids: str) -> bool:
        """Return whether the feed shows these orders as the server has them."""
        heads = await self.server.events.heads(order_ids)
        return all(
            (view := self.feed.views.get(order_id)) is not None
            and view.version == heads[order_id]
            and view.complete
            and self.feed.standing(order_id) is Standing.IN_SYNC
            for order_id in order_ids
        )


@asynccontextmanager
async def watching(
    server: MockServer,
    *order_ids: str,
    transport: str = "websocket",
    credentials: Credentials | None = None,
    recording: Path | None = None,
) -> AsyncIterator[Session]:
    recorder = None if recording is None else create_recorder(recording, server.url)
    feed = track(
        *order_ids,
        server=server.url,
        transport=transport,
        credentials=credentials,
        recorder=recorder,
        stays_open=True,
    )
    async with feed:
        session = Session(feed, server)
        reader = asyncio.create_task(session.read())
        yield session
    await asyncio.wait_for(reader, PATIENCE)
    assert feed.counters.unexpected == 0
    assert feed.add(["Z9"]) == ("Z9",)
    assert not feed.remove(order_ids[0])


@pytest.mark.parametrize("transport", TRANSPORTS)
async def test_an_order_that_is_added_after_the_end_is_watched_live_in_the_same_feed(transport: str) -> None:
    async with empty_server() as server:
        await create_orders(server, "A1", "B2", "C3")
        async with watching(server, "A1", transport=transport) as session:
            feed = session.feed
            await session.until_live("A1")
            command_id = feed.send("A1", Verb.NOTE, "ring twice")
            await session.until(lambda: feed.pending_commands("A1")[0].status is CommandStatus.CONFIRMED)
            await session.deliver("A1", "C3")
            await session.until_final()
            openings = feed.counters.openings
            assert feed.add(["B2", "A1"]) == ()
            await session.until_live("A1", "B2")
            assert feed.counters.openings == openings + 1
            assert feed.counters.drops == 0
            await add_events(server, "B2", 2)
            await session.until_live("B2")
            assert [each.command.command_id for each in feed.pending_commands("A1")] == [command_id]
            # An order that has ended already.
            assert feed.add(["C3"]) == ()
            await session.until_live("C3")
            await session.deliver("B2")
            await session.until_final()
            assert await session.has_all_of("A1", "B2", "C3")
            assert (feed.order_ids, session.phases.count(Phase.FINAL)) == (("A1", "B2", "C3"), 2)
        assert Phase.BACKOFF not in session.phases
        assert session.phases[-1] is Phase.FINAL


@pytest.mark.parametrize("transport", TRANSPORTS)
async def test_an_ended_order_that_is_added_after_the_end_is_final_at_once(transport: str) -> None:
    async with empty_server() as server:
        await create_orders(server, "A1", "B2")
        async with watching(server, "A1", transport=transport) as session:
            await session.deliver("A1", "B2")
            await session.until_final()
            session.feed.add(["B2"])
            await session.until(lambda: session.phases.count(Phase.FINAL) == 2)
            assert await session.has_all_of("B2")
            assert Phase.BACKOFF not in session.phases


@pytest.mark.parametrize("transport", TRANSPORTS)
async def test_a_removed_order_is_forgotten_and_comes_back_when_it_is_added(transport: str) -> None:
    async with empty_server() as server:
        await create_orders(server, "A1", "B2", events=3)
        async with watching(server, "A1", "B2", transport=transport) as session:
            await session.until_live("A1", "B2")
            assert session.feed.remove("A1")
            await session.until(lambda: OrderForgotten("A1") in session.changes)
            assert (session.feed.order_ids, list(session.feed.views)) == (("B2",), ["B2"])
            await add_events(server, "A1", 2)
            await add_events(server, "B2", 2)
            await session.until_live("B2")
            told = len(session.changes)
            assert session.feed.add(["A1"]) == ()
            await session.until_live("A1", "B2")
            back = [each for each in session.changes[told:] if isinstance(each, OrderChanged) and each.order_id == "A1"]
            # It comes back with the view that it had, which may be out of date until the server has answered.
            assert back[0].view.version is not None
            assert back[0].view.version.seq >= 3
            assert back[0].standing is Standing.RECONCILING
            assert session.feed.counters.drops == 0


async def test_a_recording_goes_on_after_the_end(tmp_path: Path) -> None:
    async with empty_server() as server:
        await create_orders(server, "A1", "B2")
        async with watching(server, "A1", recording=tmp_path / "recording") as session:
            await session.deliver("A1", "B2")
            await session.until_final()
            session.feed.add(["B2"])
            await session.until(lambda: session.phases.count(Phase.FINAL) == 2)
            session.feed.remove("A1")
            await session.until(lambda: OrderForgotten("A1") in session.changes)
    recording = read_recording(tmp_path / "recording")
    assert recording.orders == ("A1", "B2")
    clock = ReplayClock(recording, 10_000)
    async with asyncio.timeout(PATIENCE), ReplayFeed(recording, clock) as replay:
        changes = [change async for change in replay]
    assert replay.add(["A1", "C3"]) == ("C3",)
    assert not replay.remove("A1")
    assert [change.link for change in changes if isinstance(change, LinkChanged)][-1].phase is Phase.FINAL
    assert [change for change in changes if isinstance(change, OrderForgotten)] == [OrderForgotten("A1")]
    assert replay.views["B2"] == session.feed.views["B2"]


async def test_without_an_order_the_feed_is_final_until_one_is_added() -> None:
    async with empty_server() as server:
        await create_orders(server, "A1")
        async with watching(server, "A1") as session:
            await session.until_live("A1")
            session.feed.remove("A1")
            await session.until_final()
            assert server.connections == 0 or session.feed.link.connected_at is None
            session.feed.add(["A1"])
            await session.until_live("A1")


@pytest.mark.parametrize("transport", TRANSPORTS)
async def test_an_added_order_outside_the_tokens_scope_is_refused_and_the_others_go_on(transport: str) -> None:
    async with empty_server(auth=KEY) as server:
        await create_orders(server, "A1", "A2", "B1")
        credentials = FromEnvironment(Token(token("A*")))
        async with watching(server, "A1", transport=transport, credentials=credentials) as session:
            await session.until_live("A1")
            session.feed.add(["B1", "A2"])
            await session.until(lambda: "B1" in session.feed.refused)
            await session.until_live("A1", "A2")
            assert session.feed.standing("B1") is Standing.REFUSED
            await session.deliver("A1", "A2")
            await session.until_final()


@pytest.mark.parametrize("transport", TRANSPORTS)
async def test_a_feed_whose_orders_were_all_refused_goes_on_with_an_order_that_exists(transport: str) -> None:
    async with empty_server() as server:
        await create_orders(server, "A1")
        async with watching(server, "X1", transport=transport) as session:
            await session.until(lambda: session.phases[-1:] == [Phase.FAILED])
            session.feed.add(["A1"])
            await session.until_live("A1")
            assert set(session.feed.refused) == {"X1"}
            await create_orders(server, "X1")
            session.feed.add(["X1"])
            await session.until_live("A1", "X1")
            assert not session.feed.refused


async def test_without_staying_open_the_iterator_ends_each_time_and_can_be_started_again() -> None:
    async with empty_server() as server:
        await create_orders(server, "A1", "B2")
        for order_id in ("A1", "B2"):
            await server.events.append(order_id, state("delivered", Outcome.DELIVERED), draft("delivered"))
        async with asyncio.timeout(PATIENCE), track("A1", server=server.url) as feed:
            assert [each async for each in feed][-1] == LinkChanged(feed.link)
            assert [each async for each in feed] == []
            feed.add(["B2"])
            changes = [each async for each in feed]
            assert [each.link.phase for each in changes if isinstance(each, LinkChanged)][-1] is Phase.FINAL
            assert {each.order_id for each in changes if isinstance(each, OrderChanged)} == {"B2"}


async def test_an_invalid_id_adds_nothing() -> None:
    async with empty_server() as server:
        await create_orders(server, "A1")
        async with watching(server, "A1") as session:
            with pytest.raises(ValueError, match="not an order id: '-B2'"):
                session.feed.add(["A2", "-B2"])
            assert session.feed.order_ids == ("A1",)


async def test_an_order_with_an_open_command_is_not_removed() -> None:
    async with empty_server() as server:
        await create_orders(server, "A1", "B2")
        async with watching(server, "A1", "B2") as session:
            await session.until_live("A1")
            session.feed.send("A1", Verb.NOTE, "ring twice")
            assert not session.feed.remove("A1")
            assert session.feed.order_ids == ("A1", "B2")
            await session.until(lambda: session.feed.remove("A1"))
