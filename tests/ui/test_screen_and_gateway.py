"""The app over the real feed and the mock server, in one event loop; no connection stays open."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from mock_server.server import MockServer, embed
from tests.support.mock_servers import create_orders, draft, eventually
from tests.support.orders import state
from tests.ui.screen_reader import ScreenReader
from tracker_tui.domain.order import Outcome
from tracker_tui.link.feed_protocol import Feed
from tracker_tui.link.track import track
from tracker_tui.ui.app import TrackerApp


@asynccontextmanager
async def watching(server: MockServer) -> AsyncIterator[ScreenReader[TrackerApp]]:
    async def open_feed() -> Feed:
        return track("A1", server=server.url, stays_open=True)

    ui = ScreenReader(TrackerApp(("A1",), open_feed))
    async with ui.app.run_test(size=(100, 30)) as pilot:
        ui.attach(pilot)
        yield ui


async def test_an_order_is_live_reconnects_and_leaves_no_connection() -> None:
    async with embed(scenario="quick", speed=0.01, controlled=False) as server:
        async with watching(server) as ui:
            await ui.wait_until(lambda: "● Live" in ui.rows()[0])
            server.inject("disconnect")
            await ui.wait_until(lambda: "live again" in ui.text() and "● Live" in ui.rows()[0])
            assert "lost: 1006" in ui.text()
            assert ui.app.feed is not None
            assert ui.app.feed.counters.drops == 1
        await eventually(lambda: server.connections == 0)


async def test_an_order_cancelled_by_a_fault_ends_final() -> None:
    async with embed(scenario="quick", speed=0.01, controlled=False) as server, watching(server) as ui:
        await ui.wait_until(lambda: "● Live" in ui.rows()[0])
        server.inject("terminal-while-watching:order=A1")
        await ui.wait_until(lambda: "■ Final" in ui.rows()[0])
        assert "A1 ▸ Cancelled" in ui.rows()[0]
        await ui.wait_until(lambda: server.connections == 0)


async def test_an_order_that_is_added_after_the_end_makes_the_screen_live_again() -> None:
    async with embed(scenario="quick", speed=0.01, controlled=False) as server, watching(server) as ui:
        await ui.wait_until(lambda: "● Live" in ui.rows()[0])
        server.inject("terminal-while-watching:order=A1")
        await ui.wait_until(lambda: "■ Final" in ui.rows()[0])
        await create_orders(server, "A2")
        await ui.press("a", *"A2", "enter")
        await ui.wait_until(lambda: "A2" in ui.rows()[0] and "● Live" in ui.rows()[0])
        assert ui.app.feed is not None
        assert ui.app.feed.order_ids == ("A1", "A2")
        await server.events.append("A2", state("delivered", Outcome.DELIVERED), draft("delivered"))
        await ui.wait_until(lambda: "■ Final" in ui.rows()[0])
