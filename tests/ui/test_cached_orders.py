"""What an earlier session knew, on the screens of this one."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

from tests.support.orders import at, event, snapshot
from tests.ui.app_harness import Rig
from tests.ui.order_fixtures import NOW, delivered, lunch
from tracker_tui.domain.cached_view import CachedView
from tracker_tui.domain.view import OrderView
from tracker_tui.link.changes import Phase, Standing

MakeRig = Callable[..., Rig]

PAST = CachedView(OrderView("A1").join(lunch(40, "preparing")), at(NOW - 720))


async def recalled(it: Rig) -> None:
    """The link is still being opened, and a view of twelve minutes ago is there."""
    it.clock.seconds = NOW
    it.app.show_cached({"A1": PAST})
    await it.at(NOW)


async def test_a_view_from_before_is_shown_at_once_dimmed_with_its_age(rig: MakeRig) -> None:
    it = rig()
    async with it.run(100, 30):
        await recalled(it)
        assert it.is_dimmed()
        assert "A1 ▸ Preparing" in it.rows()[0]
        assert "◌ Connecting…" in it.rows()[0]
        assert "as of 14:19:40, 12 min ago, from the last session" in it.rows()[1]
        assert "✔ Accepted" in it.text()
        # It is nobody's news: the log tells of this session.
        assert "ring twice" not in it.text().split("Events")[1]


async def test_it_stays_while_the_gateway_cannot_be_reached(rig: MakeRig) -> None:
    it = rig()
    async with it.run():
        await recalled(it)
        await it.link(Phase.BACKOFF, attempt=3, retry_at=NOW + 4, down_at=NOW, reason="connection refused")
        await it.at(NOW + 60)
        assert "13 min ago, from the last session" in it.text()
        assert "A1 ▸ Preparing" in it.text()
        assert it.is_dimmed()


async def test_the_first_snapshot_takes_its_place_even_if_it_is_older(rig: MakeRig) -> None:
    it = rig()
    async with it.run():
        await recalled(it)
        await it.live()
        await it.tell(event(41, "ready", quiet=True), standing=Standing.WAITING)
        assert "from the last session" in it.text()
        assert "A1 ▸ Preparing" in it.text()
        await it.tell(lunch(30, "accepted"))
        await it.at(NOW + 1)
        assert "session" not in it.text()
        assert "A1 ▸ Ready" in it.text()
        assert not it.is_dimmed()
        assert it.app.current_views()["A1"].view is it.feed.views["A1"]


async def test_an_order_that_had_ended_then_and_is_open_now_was_not_reopened_before_our_eyes(rig: MakeRig) -> None:
    it = rig()
    async with it.run():
        it.app.show_cached({"A1": CachedView(OrderView("A1").join(delivered()), at(NOW))})
        await it.at(NOW)
        assert "A1 ▸ Delivered" in it.text()
        await it.live()
        await it.tell(lunch())
        assert "A1 ▸ Picked up" in it.text()
        assert "reopened" not in it.text()
        assert it.app._state.orders["A1"].versions == 1


async def test_nothing_from_before_is_called_the_truth_or_kept_again(rig: MakeRig) -> None:
    it = rig()
    async with it.run():
        await recalled(it)
        assert it.app.current_views() == {}
        await it.live()
        assert it.is_dimmed()
        assert "as of" in it.text()


async def test_what_the_gateway_refuses_is_shown_no_more(rig: MakeRig) -> None:
    it = rig()
    async with it.run():
        await recalled(it)
        await it.live()
        await it.refuse("A1", "forbidden", "not yours")
        assert "✖ Not allowed" in it.text()
        assert "Preparing" not in it.text()
        assert it.app.current_views() == {}


async def test_what_comes_late_from_the_disk_does_not_hide_what_the_gateway_told(rig: MakeRig) -> None:
    it = rig()
    async with it.run():
        await it.live()
        await it.tell(lunch())
        it.app.show_cached({"A1": PAST})
        await it.at(NOW)
        assert "A1 ▸ Picked up" in it.text()
        assert "session" not in it.text()


async def test_a_pause_holds_the_past_on_the_screen(rig: MakeRig) -> None:
    it = rig()
    async with it.run():
        await recalled(it)
        await it.press("p")
        await it.live()
        await it.tell(lunch())
        assert "A1 ▸ Preparing" in it.text()
        assert "‖ Paused" in it.text()
        await it.press("p")
        assert "A1 ▸ Picked up" in it.text()


async def test_the_board_tells_that_it_is_from_before(rig: MakeRig) -> None:
    it = rig("A1", "A2")
    async with it.run(100, 30):
        await recalled(it)
        assert "as of 14:19:40, 12 min ago, from the last session" in it.text()
        assert "Preparing" in it.text()
        assert it.is_dimmed()
        await it.live()
        await it.tell(lunch())
        await it.at(NOW + 1)
        assert "session" not in it.text()
        assert not it.is_dimmed()


async def test_a_view_is_kept_with_the_time_up_to_which_it_was_true(rig: MakeRig) -> None:
    it = rig()
    async with it.run():
        it.clock.seconds = NOW
        await it.live()
        await it.tell(lunch())
        it.feed.heard_at = NOW + 8
        await it.at(NOW + 10)
        assert it.app.current_views()["A1"].as_of == at(NOW + 8)
        await it.link(Phase.BACKOFF, attempt=1, retry_at=NOW + 20, down_at=NOW + 10)
        await it.at(NOW + 500)
        assert it.app.current_views()["A1"].as_of - at(NOW + 8) == timedelta()


async def test_the_board_of_everything_shows_what_was_open_until_the_list_tells_what_is(rig: MakeRig) -> None:
    it = rig(everything=True)
    async with it.run(100, 30):
        it.clock.seconds = NOW
        gone = CachedView(OrderView("B2").join(snapshot(40, "preparing", order_id="B2")), at(NOW - 720))
        it.app.show_cached({"A1": PAST, "B2": gone})
        await it.at(NOW)
        assert "from the last session" in it.text()
        assert "A1" in it.text()
        assert "B2" in it.text()
        assert it.is_dimmed()
        assert it.app.current_views() == {}
        await it.live()
        assert "B2" in it.text()
        it.feed.listed = True
        await it.tell(lunch(41, "ready"))
        await it.at(NOW + 1)
        assert "A1" in it.text()
        assert "B2" not in it.text()
        assert "session" not in it.text()
        assert not it.is_dimmed()


async def test_the_screen_of_an_order_that_the_list_does_not_have_stays_what_it_was(rig: MakeRig) -> None:
    it = rig(everything=True)
    async with it.run(100, 30):
        it.clock.seconds = NOW
        it.app.show_cached({"A1": PAST})
        await it.at(NOW)
        await it.press("enter")
        await it.live()
        it.feed.listed = True
        await it.at(NOW + 1)
        assert "A1 ▸ Preparing" in it.text()
        assert "from the last session" in it.text()
        assert it.is_dimmed()
        await it.press("escape")
        await it.at(NOW + 2)
        assert "There are no open orders yet." in it.text()
