"""Views from an earlier session, on the screens of this one."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

from tests.support.orders import at, event, snapshot
from tests.ui.app_harness import AppHarness
from tests.ui.order_fixtures import NOW, cooking_snapshot, delivered_snapshot, meal_snapshot
from tracker_tui.domain.cached_view import CachedView
from tracker_tui.domain.view import OrderView
from tracker_tui.link.changes import Phase, Standing

MakeHarness = Callable[..., AppHarness]

PAST = CachedView(OrderView("A1").join(cooking_snapshot()), at(NOW - 780))


async def show_cached(ui: AppHarness) -> None:
    """Show a cached view of thirteen minutes ago while the link is connecting."""
    ui.clock.seconds = NOW
    ui.app.show_cached({"A1": PAST})
    await ui.tick_at(NOW)


async def test_a_cached_view_is_shown_at_once_dimmed_with_its_age(harness: MakeHarness) -> None:
    ui = harness()
    async with ui.run(100, 30):
        await show_cached(ui)
        assert ui.is_dimmed()
        assert "A1 ▸ Preparing" in ui.rows()[0]
        assert "◌ Connecting…" in ui.rows()[0]
        assert "as of 14:18:40, 13 min ago, from the last session" in ui.rows()[1]
        assert "✔ Accepted" in ui.text()
        # The log has lines of this session only.
        await ui.press("l")
        assert "ring twice" not in ui.text()


async def test_a_cached_view_stays_while_the_server_is_unreachable(harness: MakeHarness) -> None:
    ui = harness()
    async with ui.run():
        await show_cached(ui)
        await ui.set_link(Phase.BACKOFF, attempt=3, retry_at=NOW + 4, down_at=NOW, reason="connection refused")
        await ui.tick_at(NOW + 60)
        assert "14 min ago, from the last session" in ui.text()
        assert "A1 ▸ Preparing" in ui.text()
        assert ui.is_dimmed()


async def test_the_first_snapshot_replaces_a_cached_view_even_if_it_is_older(harness: MakeHarness) -> None:
    ui = harness()
    async with ui.run():
        await show_cached(ui)
        await ui.go_live()
        await ui.receive(event(41, "ready", quiet=True), standing=Standing.WAITING)
        assert "from the last session" in ui.text()
        assert "A1 ▸ Preparing" in ui.text()
        await ui.receive(meal_snapshot(30, "accepted"))
        await ui.tick_at(NOW + 1)
        assert "session" not in ui.text()
        assert "A1 ▸ Ready" in ui.text()
        assert not ui.is_dimmed()
        assert ui.app.current_views()["A1"].view is ui.feed.views["A1"]


async def test_an_open_order_with_an_ended_cached_view_is_not_called_reopened(harness: MakeHarness) -> None:
    ui = harness()
    async with ui.run():
        ui.app.show_cached({"A1": CachedView(OrderView("A1").join(delivered_snapshot()), at(NOW))})
        await ui.tick_at(NOW)
        assert "A1 ▸ Delivered" in ui.text()
        await ui.go_live()
        await ui.receive(meal_snapshot())
        assert "A1 ▸ Picked up" in ui.text()
        assert "reopened" not in ui.text()
        assert ui.app._state.orders["A1"].versions == 1


async def test_a_cached_view_is_neither_shown_as_live_nor_cached_again(harness: MakeHarness) -> None:
    ui = harness()
    async with ui.run():
        await show_cached(ui)
        assert ui.app.current_views() == {}
        await ui.go_live()
        assert ui.is_dimmed()
        assert "as of" in ui.text()


async def test_the_cached_view_of_a_refused_order_is_hidden(harness: MakeHarness) -> None:
    ui = harness()
    async with ui.run():
        await show_cached(ui)
        await ui.go_live()
        await ui.refuse("A1", "forbidden", "not yours")
        assert "✖ Not allowed" in ui.text()
        assert "Preparing" not in ui.text()
        assert ui.app.current_views() == {}


async def test_a_late_cached_view_does_not_replace_the_servers_view(harness: MakeHarness) -> None:
    ui = harness()
    async with ui.run():
        await ui.go_live()
        await ui.receive(meal_snapshot())
        ui.app.show_cached({"A1": PAST})
        await ui.tick_at(NOW)
        assert "A1 ▸ Picked up" in ui.text()
        assert "session" not in ui.text()


async def test_a_pause_keeps_a_cached_view_on_the_screen(harness: MakeHarness) -> None:
    ui = harness()
    async with ui.run():
        await show_cached(ui)
        await ui.press("p")
        await ui.go_live()
        await ui.receive(meal_snapshot())
        assert "A1 ▸ Preparing" in ui.text()
        assert "‖ Paused" in ui.text()
        await ui.press("p")
        assert "A1 ▸ Picked up" in ui.text()


async def test_the_board_says_that_its_views_are_cached(harness: MakeHarness) -> None:
    ui = harness("A1", "A2")
    async with ui.run(100, 30):
        await show_cached(ui)
        assert "as of 14:18:40, 13 min ago, from the last session" in ui.text()
        assert "Preparing" in ui.text()
        assert ui.is_dimmed()
        await ui.go_live()
        await ui.receive(meal_snapshot())
        await ui.tick_at(NOW + 1)
        assert "session" not in ui.text()
        assert not ui.is_dimmed()


async def test_a_view_is_cached_with_the_time_up_to_which_it_is_complete(harness: MakeHarness) -> None:
    ui = harness()
    async with ui.run():
        ui.clock.seconds = NOW
        await ui.go_live()
        await ui.receive(meal_snapshot())
        ui.feed.heard_at = NOW + 8
        await ui.tick_at(NOW + 10)
        assert ui.app.current_views()["A1"].as_of == at(NOW + 8)
        await ui.set_link(Phase.BACKOFF, attempt=1, retry_at=NOW + 20, down_at=NOW + 10)
        await ui.tick_at(NOW + 500)
        assert ui.app.current_views()["A1"].as_of - at(NOW + 8) == timedelta()


async def test_the_board_of_all_orders_shows_cached_ones_until_the_list_arrives(harness: MakeHarness) -> None:
    ui = harness(everything=True)
    async with ui.run(100, 30):
        ui.clock.seconds = NOW
        gone = CachedView(OrderView("B2").join(snapshot(40, "preparing", order_id="B2")), at(NOW - 720))
        ui.app.show_cached({"A1": PAST, "B2": gone})
        await ui.tick_at(NOW)
        assert "from the last session" in ui.text()
        assert "A1" in ui.text()
        assert "B2" in ui.text()
        assert ui.is_dimmed()
        assert ui.app.current_views() == {}
        await ui.go_live()
        assert "B2" in ui.text()
        ui.feed.listed = True
        await ui.receive(meal_snapshot(41, "ready"))
        await ui.tick_at(NOW + 1)
        assert "A1" in ui.text()
        assert "B2" not in ui.text()
        assert "session" not in ui.text()
        assert not ui.is_dimmed()


async def test_the_screen_of_an_unlisted_order_keeps_its_cached_view(harness: MakeHarness) -> None:
    ui = harness(everything=True)
    async with ui.run(100, 30):
        ui.clock.seconds = NOW
        ui.app.show_cached({"A1": PAST})
        await ui.tick_at(NOW)
        await ui.press("enter")
        await ui.go_live()
        ui.feed.listed = True
        await ui.tick_at(NOW + 1)
        assert "A1 ▸ Preparing" in ui.text()
        assert "from the last session" in ui.text()
        assert ui.is_dimmed()
        await ui.press("escape")
        await ui.tick_at(NOW + 2)
        assert "There are no open orders yet." in ui.text()
