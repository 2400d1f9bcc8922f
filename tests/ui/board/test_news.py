"""Rows that changed since the user looked at them."""

from __future__ import annotations

from collections.abc import Callable

from tests.support.orders import at, event, milestone, order, snapshot
from tests.ui.app_harness import AppHarness
from tests.ui.board.test_cursor import table
from tracker_tui.domain.order import MilestoneKind
from tracker_tui.domain.view import OrderView, lift
from tracker_tui.link.changes import Standing
from tracker_tui.ui.board.arrangement import Arrangement
from tracker_tui.ui.model.scene import Replay, TrackedOrder

MakeHarness = Callable[..., AppHarness]


async def show_two(ui: AppHarness) -> None:
    await ui.go_live()
    for order_id in ("A1", "A2"):
        await ui.receive(snapshot(3, "preparing", order_id=order_id, facts=order(order_id)))


def signs(ui: AppHarness) -> dict[str, str]:
    """Return the two cells for marks and news, by order."""
    return {row[5:].split()[0]: row[2:4].strip() for row in table(ui)}


async def test_a_changed_row_is_marked_until_the_user_looks_at_it(harness: MakeHarness) -> None:
    ui = harness("A1", "A2")
    async with ui.run():
        await show_two(ui)
        assert signs(ui) == {"A1": "", "A2": ""}
        await ui.receive(event(4, "ready", order_id="A2"))
        assert signs(ui) == {"A1": "", "A2": "•"}
        assert "• 1 new" in ui.rows()[1]
        await ui.press("down")
        assert signs(ui) == {"A1": "", "A2": ""}
        await ui.receive(event(5, "picked_up", order_id="A2"))
        assert signs(ui) == {"A1": "", "A2": ""}


async def test_a_note_is_news_and_a_moving_courier_is_not(harness: MakeHarness) -> None:
    ui = harness("A1", "A2")
    async with ui.run():
        await show_two(ui)
        await ui.receive(event(4, "preparing", quiet=True, order_id="A2"))
        assert signs(ui)["A2"] == ""
        note = milestone(5, "preparing", kind=MilestoneKind.NOTE, note="ring twice")
        await ui.receive(snapshot(5, "preparing", order_id="A2", history=(note,), facts=order("A2")))
        assert signs(ui)["A2"] == "•"


async def test_all_changes_can_be_marked_as_seen_and_filtered(harness: MakeHarness) -> None:
    ui = harness("A1", "A2")
    async with ui.run():
        await show_two(ui)
        await ui.receive(event(4, "ready", order_id="A2"))
        await ui.press("slash", *"new", "enter")
        assert list(signs(ui)) == ["A2"]
        await ui.press("V")
        assert "No order matches" in ui.text()
        await ui.press("escape")
        assert signs(ui) == {"A1": "", "A2": ""}


async def test_what_a_step_back_of_a_replay_undoes_is_no_news(harness: MakeHarness) -> None:
    ui = harness("A1", "A2", replay=Replay(1.0))
    async with ui.run():
        ui.clock.seconds = 50
        await show_two(ui)
        await ui.receive(event(4, "ready", order_id="A2"))
        await ui.press("down", "up")
        assert signs(ui) == {"A1": "", "A2": ""}
        ui.story.views["A2"] = OrderView("A2")
        ui.clock.seconds = 40
        await ui.receive(snapshot(3, "preparing", order_id="A2", facts=order("A2")))
        assert signs(ui) == {"A1": "", "A2": ""}
        await ui.receive(event(4, "ready", order_id="A2"))
        assert signs(ui) == {"A1": "", "A2": "•"}


def test_a_look_at_one_row_costs_nothing_for_the_others() -> None:
    asked: list[str] = []

    def known_until(tracked: TrackedOrder) -> None:
        asked.append(tracked.view.order_id)

    ids = [f"A{number}" for number in range(9)]
    orders = {each: lift(snapshot(3, "preparing", order_id=each, facts=order(each))) for each in ids}
    arrangement = Arrangement()
    for view in (orders["A1"], lift(snapshot(4, "ready", order_id="A1", facts=order("A1")))):
        orders["A1"] = view
        tracked = [TrackedOrder(each, Standing.IN_SYNC, None) for each in orders.values()]
        arrangement.arrange(tracked, at(0), known_until=known_until)
    (row,) = [row for row in arrangement.rows if row.has_news]
    arrangement.look_at(row)
    asked.clear()
    arrangement.arrange(tracked, at(0), known_until=known_until)
    assert asked == ["A1"]
    assert not any(row.has_news for row in arrangement.rows)
