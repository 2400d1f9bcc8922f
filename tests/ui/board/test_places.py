"""A board that watches only some of the orders, and orders that are no longer watched."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from tests.support.feeds import ViewScript
from tests.support.orders import event, snapshot
from tests.ui.app_harness import AppHarness
from tracker_tui.domain.order import Outcome
from tracker_tui.link.changes import Coverage, LinkState, OrderChanged, OrderForgotten, Phase, Standing
from tracker_tui.ui.model.badge import board_badge, order_badge

MakeHarness = Callable[..., AppHarness]

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
def test_the_badge_shows_the_number_of_watched_orders_if_not_all(
    in_sync: int, coverage: Coverage | None, link: LinkState, text: str
) -> None:
    assert board_badge(link, in_sync, 1_000, 0.0, 0.0, was_live=True, coverage=coverage).text == text


def test_the_number_of_watched_orders_is_never_cut() -> None:
    shown = board_badge(LIVE, 998, 1_000, 0.0, 0.0, was_live=True, coverage=Coverage(1_000, 1_340))
    assert shown.short == "● Live · watching 1,000 of 1,340"


def test_an_order_that_is_no_longer_watched_is_final() -> None:
    assert order_badge(LIVE, Standing.FINAL, 0.0, 0.0).text == "■ Final"
    lost = LinkState(Phase.BACKOFF, "websocket", attempt=1, retry_at=3.0, down_at=0.0)
    assert order_badge(lost, Standing.FINAL, 0.0, 0.0, was_live=True).text.startswith("◐ Reconnecting…")


async def test_the_board_says_how_many_orders_are_watched(harness: MakeHarness) -> None:
    ui = harness("A1", "B2", everything=True)
    async with ui.run(width=60, height=20):
        ui.feed.listed = True
        await ui.go_live()
        await ui.receive(snapshot(1, order_id="A1"), snapshot(1, order_id="B2"))
        assert "● Live · 2/2" in ui.text()
        ui.feed.coverage = Coverage(2, 5)
        await ui.tick_at(1)
        assert "● Live · watching 2 of 5" in ui.text()


async def test_a_final_order_stays_on_the_board_until_the_feed_drops_it(harness: MakeHarness) -> None:
    ui = harness("A1", "B2", everything=True)
    async with ui.run(width=100):
        await ui.go_live()
        await ui.receive(snapshot(1, order_id="A1"), snapshot(2, "delivered", order_id="B2", outcome=Outcome.DELIVERED))
        ui.feed.emit(OrderChanged("B2", ui.feed.views["B2"], Standing.FINAL))
        await ui.settle()
        assert "● Live · 1/1" in ui.text()
        ui.feed.emit(OrderForgotten("B2"))
        await ui.settle()
        await ui.tick_at(1)
        assert "■ final" not in ui.text()
        assert "1 order " in ui.text()


async def test_an_order_that_the_feed_dropped_stays_while_its_screen_is_open(harness: MakeHarness) -> None:
    ui = harness("A1", "B2", everything=True)
    async with ui.run(width=100):
        await ui.go_live()
        await ui.receive(snapshot(2, "delivered", order_id="A1", outcome=Outcome.DELIVERED))
        await ui.press("down", "enter")
        ui.feed.emit(OrderForgotten("A1"))
        await ui.settle()
        await ui.tick_at(1)
        assert "Delivered" in ui.text()
        await ui.press("p")
        await ui.tick_at(2)
        await ui.press("p", "b")
        await ui.tick_at(3)
        assert "✔  A1" not in ui.text()


async def test_an_order_that_is_back_before_the_next_tick_is_not_dropped(harness: MakeHarness) -> None:
    ui = harness("A1", "B2", everything=True)
    async with ui.run(width=100):
        await ui.go_live()
        story = ViewScript()
        ui.feed.emit(story.change_for(snapshot(2, "delivered", order_id="A1", outcome=Outcome.DELIVERED)))
        ui.feed.emit(OrderForgotten("A1"))
        ui.feed.emit(story.change_for(event(3, "returning", order_id="A1")))
        await ui.settle()
        await ui.tick_at(1)
        assert "2 orders " in ui.text()
