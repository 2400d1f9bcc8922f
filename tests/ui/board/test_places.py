"""A board that watches more orders than there are places for, and orders that gave theirs up."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from tests.support.feeds import Story
from tests.support.orders import event, snapshot
from tests.ui.app_harness import Rig
from tracker_tui.domain.order import Outcome
from tracker_tui.link.changes import Coverage, LinkState, OrderChanged, OrderForgotten, Phase, Standing
from tracker_tui.ui.model.badge import badge, board_badge

MakeRig = Callable[..., Rig]

LIVE = LinkState(Phase.LIVE, "websocket")


@pytest.mark.parametrize(
    ("in_sync", "coverage", "link", "text"),
    [
        (1_000, Coverage(1_000, 1_340), LIVE, "● Live · watching 1,000 of 1,340"),
        (998, Coverage(1_000, 1_340), LIVE, "● Live · watching 1,000 of 1,340 · 998/1000"),
        (1_000, Coverage(1_000, 1_340), LinkState(Phase.LIVE, "sse"), "● Live · watching 1,000 of 1,340 · SSE"),
        (1_000, Coverage(1_000, 10_000), LIVE, "● Live · watching 1,000 of 10,000+"),
        (1_000, Coverage(1_000, 1_000), LIVE, "● Live · 1000/1000"),
        (1_000, None, LIVE, "● Live · 1000/1000"),
        (1_000, Coverage(1_000, 1_340), LinkState(Phase.CLOSED, "websocket"), "– Closed"),
    ],
)
def test_the_badge_says_how_many_are_watched_where_that_is_not_all(
    in_sync: int, coverage: Coverage | None, link: LinkState, text: str
) -> None:
    assert board_badge(link, in_sync, 1_000, 0.0, 0.0, was_live=True, coverage=coverage).text == text


def test_how_many_are_watched_is_not_cut_where_room_is_scarce() -> None:
    shown = board_badge(LIVE, 998, 1_000, 0.0, 0.0, was_live=True, coverage=Coverage(1_000, 1_340))
    assert shown.short == "● Live · watching 1,000 of 1,340"


def test_an_order_that_gave_up_its_place_is_final() -> None:
    assert badge(LIVE, Standing.FINAL, 0.0, 0.0).text == "■ Final"
    lost = LinkState(Phase.BACKOFF, "websocket", attempt=1, retry_at=3.0, down_at=0.0)
    assert badge(lost, Standing.FINAL, 0.0, 0.0, was_live=True).text.startswith("◐ Reconnecting…")


async def test_the_board_says_so(rig: MakeRig) -> None:
    it = rig("A1", "B2", everything=True)
    async with it.run(width=60, height=20):
        it.feed.listed = True
        await it.live()
        await it.tell(snapshot(1, order_id="A1"), snapshot(1, order_id="B2"))
        assert "● Live · 2/2" in it.text()
        it.feed.coverage = Coverage(2, 5)
        await it.at(1)
        assert "● Live · watching 2 of 5" in it.text()


async def test_an_order_that_left_stays_on_the_board_until_it_is_forgotten(rig: MakeRig) -> None:
    it = rig("A1", "B2", everything=True)
    async with it.run(width=100):
        await it.live()
        await it.tell(snapshot(1, order_id="A1"), snapshot(2, "delivered", order_id="B2", outcome=Outcome.DELIVERED))
        it.feed.say(OrderChanged("B2", it.feed.views["B2"], Standing.FINAL))
        await it.settle()
        assert "■ final" in it.text()
        assert "● Live · 1/1" in it.text()
        it.feed.say(OrderForgotten("B2"))
        await it.settle()
        await it.at(1)
        assert "■ final" not in it.text()
        assert "1 order " in it.text()


async def test_an_order_on_whose_screen_somebody_is_stays_there(rig: MakeRig) -> None:
    it = rig("A1", "B2", everything=True)
    async with it.run(width=100):
        await it.live()
        await it.tell(snapshot(2, "delivered", order_id="A1", outcome=Outcome.DELIVERED))
        await it.press("down", "enter")
        it.feed.say(OrderForgotten("A1"))
        await it.settle()
        await it.at(1)
        assert "Delivered" in it.text()
        await it.press("p")
        await it.at(2)
        await it.press("p", "b")
        await it.at(3)
        assert "✔  A1" not in it.text()


async def test_an_order_that_comes_back_at_the_last_moment_is_not_forgotten(rig: MakeRig) -> None:
    it = rig("A1", "B2", everything=True)
    async with it.run(width=100):
        await it.live()
        story = Story()
        it.feed.say(story.told(snapshot(2, "delivered", order_id="A1", outcome=Outcome.DELIVERED)))
        it.feed.say(OrderForgotten("A1"))
        it.feed.say(story.told(event(3, "returning", order_id="A1")))
        await it.settle()
        await it.at(1)
        assert "A1" in it.text()
