"""The guided tour: ten failures, each injected by the space bar, healed by the next, and nothing left broken."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from mock_server.faults.spec import parse_fault
from tests.support.orders import event, snapshot
from tests.ui.app_harness import Rig
from tests.ui.order_fixtures import watched
from tests.ui.svg_text import Viewer
from tracker_tui.cli.demo import demo
from tracker_tui.domain.cursor import Cursor
from tracker_tui.domain.order import Outcome
from tracker_tui.link.track import track
from tracker_tui.ui.app import TrackerApp
from tracker_tui.ui.demo.tour import STOPS, TourStop
from tracker_tui.ui.model.ports import Feed

MakeRig = Callable[..., Rig]


def test_there_are_ten_different_failures() -> None:
    assert len(STOPS) == 10
    assert len({stop.faults for stop in STOPS}) == 10


@pytest.mark.parametrize("stop", STOPS, ids=lambda stop: stop.title)
def test_the_server_knows_every_failure_of_the_tour(stop: TourStop) -> None:
    for fault in stop.faults:
        parse_fault(fault)


async def test_each_press_of_space_heals_and_breaks_the_next_thing(rig: MakeRig) -> None:
    it = rig(demo=True, tour=True)
    async with it.run():
        await watched(it)
        assert it.demo is not None
        assert "Ten failures, one after another" in it.text()
        assert it.demo.asked == []
        await it.press("space")
        assert "Tour · 1 of 10" in it.text()
        assert "The client should reconnect after" in it.text()
        await it.press("space")
        assert "Tour · 2 of 10" in it.text()
        assert it.demo.asked == ["heal", "disconnect", "heal", "lose-tail:count=3,order=A1"]


async def test_leaving_in_the_middle_leaves_nothing_broken(rig: MakeRig) -> None:
    it = rig(demo=True, tour=True)
    async with it.run():
        await it.press("space", "space", "space", "escape")
        assert it.demo is not None
        assert it.demo.asked[-1] == "heal"
        assert "Tour" not in it.text()


async def test_the_tour_can_be_started_from_the_board_of_any_demo_over_the_order_under_the_cursor(rig: MakeRig) -> None:
    it = rig("A1", "A2", demo=True)
    async with it.run():
        await it.press("down", "T")
        assert "Ten failures" in it.text()
        assert "A2" in it.rows()[0]
        await it.press("escape", "escape")
        assert "2 orders" in it.text()


async def test_the_tour_is_over_an_order_that_is_under_way(rig: MakeRig) -> None:
    it = rig("A1", "A2", demo=True)
    async with it.run(toasts=True):
        await it.live()
        await it.tell(snapshot(2, "cancelled", outcome=Outcome.CANCELLED), snapshot(2, "preparing", order_id="A2"))
        await it.press("s", "i", "home", "enter")
        assert "A1 ▸ Cancelled" in it.rows()[0]
        await it.press("T")
        assert "Ten failures" in it.text()
        assert "A2 ▸ Preparing" in it.rows()[0]
        await it.press("escape")
        await it.tell(event(3, "cancelled", order_id="A2", outcome=Outcome.CANCELLED))
        await it.press("T")
        assert "Ten failures" not in it.text()
        assert "all orders have ended" in " ".join(toast.message for toast in it.app._notifications)


@pytest.mark.parametrize("size", [(80, 24), (40, 12), (20, 5), (200, 60)])
async def test_every_stop_can_be_read_at_every_size(rig: MakeRig, size: tuple[int, int]) -> None:
    it = rig(demo=True, tour=True)
    async with it.run(*size):
        await watched(it)
        for stop in STOPS[:5]:
            await it.press("space")
            panel = [row.split("│")[1] for row in it.rows() if row.startswith("│")]
            shown = " ".join(" ".join(panel).split())
            assert stop.title[: size[0] - 6] in shown
            if size >= (80, 24):
                assert " ".join(stop.text.split()[-3:]) in shown


async def test_ten_presses_later_the_screen_is_live_and_shows_what_the_server_has() -> None:
    async with demo("tour") as server:

        async def open_feed() -> Feed:
            return track("A1042", server=server.url)

        it = Viewer(TrackerApp(server.orders, open_feed, demo=server, tour=True))
        # So tall that no fault's line is off the event log before it is looked for.
        async with it.app.run_test(size=(100, 40)) as pilot:
            it.watch(pilot)
            await it.until(lambda: "● Live" in it.text() and "Ten failures" in it.text())
            for number, stop in enumerate(STOPS, 1):
                await pilot.press("space")
                await it.until(lambda number=number: f"Tour · {number} of 10" in it.text())  # type: ignore[misc]
                name = stop.faults[0].partition(":")[0]
                await it.until(lambda name=name: f"injected {name}" in it.text())  # type: ignore[misc]
            await pilot.press("space")
            await it.until(lambda: "That was the tour" in it.text() and "● Live" in it.text())
            assert list(server.armed) == []
            truth = (await server._server.events.heads(["A1042"]))["A1042"]

            def known() -> Cursor | None:
                assert it.app.feed is not None
                view = it.app.feed.views["A1042"]
                return view.version if view.complete else None

            await it.until(lambda: (cursor := known()) is not None and cursor >= truth)
            await pilot.press("space")
            await it.until(lambda: "That was the tour" not in it.text())
