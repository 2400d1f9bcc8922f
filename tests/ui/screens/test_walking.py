"""Walking the board's list with J and K, and the split view."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from tests.support.orders import event, order, snapshot
from tests.ui.app_harness import AppHarness
from tests.ui.board.test_cursor import under_cursor
from tests.ui.board_fixtures import BOARD_IDS, show_board
from tracker_tui.link.changes import OrderForgotten

MakeHarness = Callable[..., AppHarness]

BY_ATTENTION = ["A1002", "P2002", "A1004", "A1003", "A1001", "P2001", "X9", "A1005", "A1006"]


def shown(ui: AppHarness) -> str:
    """Return the order on the order screen."""
    return str(ui.app.screen.order_id)  # type: ignore[attr-defined]


async def test_j_and_k_walk_the_list_and_the_cursor_comes_along(harness: MakeHarness) -> None:
    ui = harness(*BOARD_IDS)
    async with ui.run(100, 30):
        await show_board(ui)
        await ui.press("enter")
        assert shown(ui) == "A1002"
        assert "1 of 9" in ui.rows()[0]
        await ui.press("J", "J")
        assert shown(ui) == "A1004"
        assert "3 of 9" in ui.rows()[0]
        await ui.press("K")
        assert shown(ui) == "P2002"
        await ui.press("right_square_bracket")
        assert shown(ui) == "A1004"
        await ui.press("left_square_bracket", "escape")
        assert under_cursor(ui) == "P2002"


async def test_the_ends_of_the_list_are_named(harness: MakeHarness) -> None:
    ui = harness(*BOARD_IDS)
    async with ui.run(100, 30):
        await show_board(ui)
        await ui.press("enter", "K")
        assert shown(ui) == BY_ATTENTION[0]
        assert "First order of the list" in ui.rows()[1]
        await ui.press(*"JJJJJJJJ")
        assert shown(ui) == BY_ATTENTION[-1]
        await ui.press("J")
        assert "Last order of the list" in ui.rows()[1]


async def test_the_list_stays_as_it_was_when_the_order_was_opened(harness: MakeHarness) -> None:
    ui = harness(*BOARD_IDS)
    async with ui.run(100, 30):
        await show_board(ui)
        await ui.press("slash", *"risk", "enter", "enter")
        assert shown(ui) == "A1004"
        await ui.press("J")
        assert shown(ui) == "A1004"
        await ui.press("escape", "escape", "home", "enter")
        ui.feed.emit(OrderForgotten("P2002"))
        await ui.settle()
        await ui.tick_at(1_901)
        await ui.press("J")
        # An order that is gone is left out.
        assert shown(ui) == "A1004"


async def test_j_and_k_move_the_cursor_of_the_board(harness: MakeHarness) -> None:
    ui = harness(*BOARD_IDS)
    async with ui.run(100, 30):
        await show_board(ui)
        await ui.press("J", "J", "K")
        assert under_cursor(ui) == BY_ATTENTION[1]


@pytest.mark.parametrize("width", [139, 140])
async def test_from_140_columns_the_selected_order_is_beside_the_board(harness: MakeHarness, width: int) -> None:
    ui = harness(*BOARD_IDS)
    async with ui.run(width, 40):
        await show_board(ui)
        is_split = width >= 140
        assert ("─ Timeline" in ui.text()) is is_split
        assert ("Selected order" in ui.text()) is not is_split
        if not is_split:
            await ui.press("v")
            assert "needs 140 columns" in ui.rows()[1]
            return
        assert "SAY" in ui.text()
        assert "Ravi" in ui.text()
        await ui.press("J")
        assert "J. O'Neill" in ui.text()
        await ui.press("v")
        assert "─ Timeline" not in ui.text()
        await ui.press("v")
        assert "─ Timeline" in ui.text()


async def test_the_split_view_follows_the_changes_of_its_order(harness: MakeHarness) -> None:
    ui = harness("A1", "A2")
    async with ui.run(160, 40):
        await ui.go_live()
        for order_id in ("A1", "A2"):
            await ui.receive(snapshot(3, "preparing", order_id=order_id, facts=order(order_id)))
        assert "▶ Ready" not in ui.text()
        await ui.receive(event(4, "ready"))
        assert "▶ Ready" in ui.text()
