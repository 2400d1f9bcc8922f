"""The board's cursor, marks, filter line, sort menu and mouse."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from tests.support.orders import at, event, milestone, order, snapshot
from tests.ui.app_harness import AppHarness
from tests.ui.board_fixtures import BOARD_IDS, MEAL_STATUSES, NOW, eta_to_the_minute, order_snapshot, show_board
from tracker_tui.domain.order import Outcome

MakeHarness = Callable[..., AppHarness]

BY_ATTENTION = ["A1002", "P2002", "A1004", "A1003", "A1001", "P2001", "X9", "A1005", "A1006"]


def table(ui: AppHarness) -> list[str]:
    """Return the lines between the column titles and the event log."""
    rows = ui.rows()
    first = next(place for place, row in enumerate(rows) if row.startswith(("     Order ", "     Id "))) + 1
    last = next(
        (place for place, row in enumerate(rows) if "─ Selected order" in row or "Enter Open" in row), len(rows)
    )
    return [row for row in rows[first:last] if row.strip()]


def order_id(row: str) -> str:
    """Return the order id of a line; before it are pointer, glyph and mark."""
    return row[5:].split(maxsplit=1)[0]


def ids(ui: AppHarness) -> list[str]:
    return [order_id(row) for row in table(ui)]


def under_cursor(ui: AppHarness) -> str:
    (row,) = [row for row in table(ui) if row.startswith("▸")]
    return order_id(row)


async def test_the_cursor_stays_on_the_first_row_until_a_key_is_pressed(harness: MakeHarness) -> None:
    ui = harness(*BOARD_IDS)
    async with ui.run():
        await show_board(ui)
        assert ids(ui) == BY_ATTENTION
        assert under_cursor(ui) == "A1002"


async def test_the_cursor_follows_its_order_through_sorting_filtering_and_changes(harness: MakeHarness) -> None:
    ui = harness(*BOARD_IDS)
    async with ui.run():
        await show_board(ui)
        await ui.press("down", "down", "down", "down")
        assert under_cursor(ui) == "A1001"
        await ui.press("s", "i")
        assert ids(ui) == sorted(BOARD_IDS)
        assert under_cursor(ui) == "A1001"
        await ui.press("s", "e")
        assert under_cursor(ui) == "A1001"
        await ui.press("slash", *"preparing", "enter")
        assert ids(ui) == ["A1001", "A1003"]
        assert under_cursor(ui) == "A1001"
        await ui.press("escape", "s", "a")
        assert ids(ui) == BY_ATTENTION
        await ui.receive(event(4, "ready", order_id="A1001", eta=eta_to_the_minute(4000, 4100)))
        assert ids(ui)[:2] == ["A1002", "A1001"]
        assert under_cursor(ui) == "A1001"
        await ui.press("enter")
        assert "A1001 ▸ Ready" in ui.rows()[0]


async def test_the_cursor_follows_its_order_when_other_orders_appear(harness: MakeHarness) -> None:
    ui = harness(everything=True)
    async with ui.run():
        await ui.go_live()
        assert "Loading orders…" in ui.text()
        ui.feed.listed = True
        await ui.tick_at(1)
        assert "There are no open orders yet." in ui.text()
        await ui.press("enter", "space", "down", "slash", "escape")
        await ui.receive(order_snapshot("B1", MEAL_STATUSES[:3], 100))
        await ui.press("down")
        await ui.receive(order_snapshot("A2", MEAL_STATUSES[:3], 100, promised_at=at(-60)))
        assert ids(ui) == ["A2", "B1"]
        assert under_cursor(ui) == "B1"
        await ui.receive(order_snapshot("B1", MEAL_STATUSES, 100, outcome=Outcome.DELIVERED))
        assert under_cursor(ui) == "B1"


async def test_the_cursor_moves_to_the_next_order_when_its_own_disappears(harness: MakeHarness) -> None:
    ui = harness(*BOARD_IDS)
    async with ui.run():
        await show_board(ui)
        await ui.press("down", "down", "down", "slash", *"!status:preparing")
        assert under_cursor(ui) == "P2001"
        await ui.press(*" nobody")
        assert "No order matches the filter; Esc clears it." in ui.text()
        await ui.press("escape")
        assert under_cursor(ui) == "A1003"


async def test_the_cursor_follows_the_order_opened_instead_of_a_hidden_one(harness: MakeHarness) -> None:
    ui = harness(*BOARD_IDS)
    async with ui.run():
        await show_board(ui)
        await ui.press("down", "slash", *"a1001", "enter", "enter")
        assert "A1001 ▸ Preparing" in ui.rows()[0]
        await ui.press("b", "escape")
        assert len(ids(ui)) == 9
        assert under_cursor(ui) == "A1001"


async def test_the_cursor_is_always_visible(harness: MakeHarness) -> None:
    many = [f"N{number:03}" for number in range(100)]
    ui = harness(*many)
    async with ui.run(80, 24):
        await ui.go_live()
        assert under_cursor(ui) == "N000"
        assert "┃" in table(ui)[0]
        for key, there in (("end", "N099"), ("pageup", "N086"), ("home", "N000"), ("pagedown", "N013")):
            await ui.press(key)
            assert under_cursor(ui) == there
        await ui.press("end")
        assert "┃" in table(ui)[-1]
        assert "┃" not in table(ui)[0]
        await ui.receive(order_snapshot("N099", MEAL_STATUSES[:3], 100, promised_at=at(-60)))
        assert under_cursor(ui) == "N099"
        assert ids(ui)[0] == "N099"


async def test_the_visible_rows_keep_their_place_when_rows_appear_above(harness: MakeHarness) -> None:
    many = [f"N{number:03}" for number in range(100)]
    ui = harness(*many)
    async with ui.run(80, 24):
        await ui.go_live()
        await ui.press("end", "up", "up")
        before = ids(ui)
        await ui.receive(
            order_snapshot("N001", MEAL_STATUSES[:3], 100, promised_at=at(-60)),
            order_snapshot("N050", MEAL_STATUSES[:3], 100),
        )
        await ui.receive(order_snapshot("N002", MEAL_STATUSES[:3], 100))
        assert ids(ui) == before
        assert under_cursor(ui) == "N097"
        await ui.press("pageup", "pageup", "pageup", "down")
        before, pointed = ids(ui), under_cursor(ui)
        await ui.receive(order_snapshot("N099", MEAL_STATUSES[:3], 100, promised_at=at(-60)))
        assert ids(ui) == before
        assert under_cursor(ui) == pointed


async def test_space_marks_an_order_and_the_mark_follows_it(harness: MakeHarness) -> None:
    ui = harness(*BOARD_IDS)
    async with ui.run():
        await show_board(ui)
        await ui.press("down", "down", "space", "s", "i")
        assert [row[:10] for row in table(ui) if "*" in row] == ["▸△*  A1004"]
        assert "* 1 marked" in ui.rows()[1]
        await ui.press("home", "space", "slash", *"marked", "enter")
        assert ids(ui) == ["A1001", "A1004"]
        await ui.press("space")
        assert ids(ui) == ["A1004"]


async def test_the_filter_applies_while_it_is_typed_and_shows_in_the_header(harness: MakeHarness) -> None:
    ui = harness(*BOARD_IDS)
    async with ui.run():
        await show_board(ui)
        await ui.press("slash")
        assert "Esc clears" in ui.rows()[-1]
        await ui.press(*"late")
        assert ids(ui) == ["A1002"]
        assert "/late 1 of 9 · ▲ 1 late" in ui.rows()[1]
        await ui.press("backspace", "backspace", "backspace", "backspace")
        assert len(ids(ui)) == 9
        # In the filter line, q and s are typed and run no action.
        await ui.press(*"qs")
        assert ui.rows()[-1].startswith(" /qs")
        await ui.press("enter")
        assert "q Quit" in ui.rows()[-1]
        assert "/qs 0 of 9" in ui.rows()[1]
        await ui.press("slash", "escape")
        assert len(ids(ui)) == 9
        assert "/" not in ui.rows()[1]
        assert "q Quit" in ui.rows()[-1]


async def test_the_board_can_start_with_a_filter(harness: MakeHarness) -> None:
    ui = harness(*BOARD_IDS, filter_text="!done a100")
    async with ui.run():
        await show_board(ui)
        assert ids(ui) == ["A1002", "A1004", "A1003", "A1001"]
        await ui.press("slash")
        assert ui.rows()[-1].startswith(" /!done a100")


async def test_the_sort_menu_works_by_letter_by_arrow_and_by_mouse(harness: MakeHarness) -> None:
    ui = harness(*BOARD_IDS)
    async with ui.run() as pilot:
        await show_board(ui)
        await ui.press("s", "down", "enter")
        assert ids(ui) == sorted(BOARD_IDS)
        assert "by id" in ui.rows()[1]
        await ui.press("s", "s")
        await ui.press("s", "escape")
        assert ids(ui) == sorted(BOARD_IDS)
        await ui.press("s")
        place = next(place for place, row in enumerate(ui.rows()) if "next arrival first" in row)
        await pilot.click(offset=(8, place))
        await ui.settle()
        assert ids(ui)[0] == "A1004"


async def test_the_board_stays_live_behind_the_sort_menu(harness: MakeHarness) -> None:
    ui = harness(*BOARD_IDS)
    async with ui.run():
        await show_board(ui)
        await ui.press("s")
        await ui.receive(event(9, "ready", order_id="A1002", eta=eta_to_the_minute(2100, 2300)))
        assert any("A1002" in row and "Ready" in row for row in ui.rows())


async def test_a_click_selects_an_order_and_a_double_click_opens_it(harness: MakeHarness) -> None:
    ui = harness(*BOARD_IDS)
    async with ui.run() as pilot:
        await show_board(ui)
        await pilot.click("#board", offset=(10, 4))
        await ui.settle()
        assert under_cursor(ui) == "A1003"
        await pilot.click("#board", offset=(0, 0))
        await pilot.click("#board", offset=(10, 11))
        await ui.settle()
        assert under_cursor(ui) == "A1003"
        await pilot.click("#board", offset=(10, 5), times=2)
        await ui.settle()
        assert "A1001 ▸ Preparing" in ui.rows()[0]


async def test_the_wheel_moves_the_cursor(harness: MakeHarness) -> None:
    ui = harness(*BOARD_IDS)
    async with ui.run() as pilot:
        await show_board(ui)
        await pilot._post_mouse_events([_scroll("down")], "#board", (10, 3))
        await ui.settle()
        assert under_cursor(ui) == "A1003"


def _scroll(way: str) -> type:
    from textual import events

    return {"down": events.MouseScrollDown, "up": events.MouseScrollUp}[way]


@pytest.mark.parametrize("size", [(130, 24), (80, 40)])
async def test_the_detail_pane_is_shown_where_there_is_room(harness: MakeHarness, size: tuple[int, int]) -> None:
    ui = harness(*BOARD_IDS)
    async with ui.run(*size):
        await show_board(ui)
        text = ui.text()
        for words in (
            "A1002  2 × Margherita",
            "Picked up  for 6 min",
            "▲ 8 min late · promised 14:28",
            "SAY  Your order is with the courier and should arrive",
            "courier Ravi, en route",
        ):
            assert words in text
        await ui.press("down", "down")
        assert "A1004  Two pizzas" in ui.text()
        await ui.press("end", "up", "up")
        assert "Unknown order: there is no such order" in ui.text()


@pytest.mark.parametrize(
    ("size", "panes"),
    [
        ((40, 12), (False, False)),
        ((80, 18), (False, False)),
        ((80, 24), (True, False)),
        ((100, 30), (True, False)),
        ((100, 34), (True, True)),
        ((120, 24), (True, True)),
        ((140, 30), (False, True)),
    ],
)
async def test_the_selected_order_has_the_room_of_one_pane(
    harness: MakeHarness, size: tuple[int, int], panes: tuple[bool, bool]
) -> None:
    ui = harness(*BOARD_IDS)
    async with ui.run(*size):
        await show_board(ui)
        assert ("─ Selected order" in ui.text(), "─ Events" in ui.text()) == panes


async def test_the_detail_pane_says_what_happened_last(harness: MakeHarness) -> None:
    ui = harness("A1", "A2")
    async with ui.run(80, 24):
        await ui.go_live()
        lines = (milestone(1, "preparing", occurred_at=at(NOW - 200), note="Packed and waiting"),)
        await ui.receive(snapshot(1, "preparing", facts=order(), history=lines, updated_at=at(NOW)))
        await ui.tick_at(NOW)
        assert "Preparing  for 3 min   3 min ago  Packed and waiting" in ui.text()


async def test_the_detail_pane_has_the_most_important_facts_first(harness: MakeHarness) -> None:
    ui = harness(*BOARD_IDS)
    async with ui.run(80, 24):
        await show_board(ui)
        first = next(place for place, row in enumerate(ui.rows()) if "─ Selected order" in row)
        pane = [row.strip("│ ") for row in ui.rows()[first + 1 : first + 6]]
        assert pane[0] == "A1002  2 × Margherita, 1 × Tiramisù"
        assert pane[1].startswith("ARRIVES  14:36")
        assert pane[1].endswith("▲ 8 min late · promised 14:28")
        assert pane[2].startswith("SAY  Your order is with the courier")
        before = ui.rows()
        await ui.tick_at(NOW + 1)
        assert [row for row, old in zip(ui.rows()[1:], before[1:], strict=True) if row != old] == []


async def test_rows_never_show_the_data_of_another_order(harness: MakeHarness) -> None:
    ui = harness(*BOARD_IDS)
    async with ui.run() as pilot:
        await show_board(ui)
        for size in ((40, 12), (200, 60), (20, 5), (100, 30)):
            await pilot.resize_terminal(*size)
            await ui.settle()
            for keys in (("s", "i"), ("s", "a"), ("down",), ("end",), ("home",)):
                await ui.press(*keys)
                if size[0] >= 40:
                    assert all(("A1003" in row) is ("stuck" in row) for row in table(ui))
        assert ids(ui) == BY_ATTENTION


async def test_times_on_the_board_advance_without_events(harness: MakeHarness) -> None:
    ui = harness("A1", "A2")
    async with ui.run():
        await ui.go_live()
        await ui.receive(
            snapshot(3, "preparing", facts=order(promised_at=at(100)), eta=eta_to_the_minute(20, 30), updated_at=at(30))
        )
        assert "early" in table(ui)[0]
        await ui.tick_at(NOW)
        assert "late 30m" in table(ui)[0]
        assert "▲ 1 late" in ui.rows()[1]
