"""The app over the real feed and the real mock server, in one loop: both ends are ours, and neither is left behind."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from mock_server.server import MockServer, embed
from tests.support.mock import eventually
from tests.ui.svg_text import Viewer
from tracker_tui.link.track import track
from tracker_tui.ui.app import TrackerApp
from tracker_tui.ui.model.ports import Feed


@asynccontextmanager
async def watching(server: MockServer) -> AsyncIterator[Viewer]:
    async def open_feed() -> Feed:
        return track("A1", server=server.url)

    it = Viewer(TrackerApp(("A1",), open_feed))
    async with it.app.run_test(size=(100, 30)) as pilot:
        it.watch(pilot)
        yield it


async def test_an_order_is_live_survives_a_cut_and_leaves_no_connection() -> None:
    async with embed(scenario="quick", speed=0.01, controlled=False) as server:
        async with watching(server) as it:
            await it.until(lambda: "● Live" in it.rows()[0])
            server.inject("disconnect")
            await it.until(lambda: "1 drop ·" in it.text() and "● Live" in it.rows()[0])
            assert "lost: 1006" in it.text()
        await eventually(lambda: server.connections == 0)


async def test_an_order_cancelled_by_a_fault_ends_final() -> None:
    async with embed(scenario="quick", speed=0.01, controlled=False) as server, watching(server) as it:
        await it.until(lambda: "● Live" in it.rows()[0])
        server.inject("terminal-while-watching:order=A1")
        await it.until(lambda: "■ Final" in it.rows()[0])
        assert "A1 ▸ Cancelled" in it.rows()[0]
        await it.until(lambda: server.connections == 0)
