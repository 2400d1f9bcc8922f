"""Keys of the board that arrange it: sort, snooze, groups, saved views, and the words of a filter."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

import pytest
from textual import events
from textual.pilot import Pilot

from tests.support.orders import event
from tests.ui.app_harness import AppHarness
from tests.ui.board.test_cursor import BY_ATTENTION, ids, table, under_cursor
from tests.ui.board_fixtures import BOARD_IDS, NOW, eta_to_the_minute, show_board
from tracker_tui.ui.handlers.watching import WatchingHandlers
from tracker_tui.ui.messages import OrderChosen
from tracker_tui.ui.model.board_view import parse_views

MakeHarness = Callable[..., AppHarness]

VIEWS = parse_views(
    {
        "Late food": {"filter": "late !p200", "sort": "-id"},
        "By courier": {"group": "courier", "key": "5"},
        "Food": {"filter": "a100", "key": "4"},
    }
)


def titles(ui: AppHarness) -> list[str]:
    """Return the lines of group titles, without the pointer."""
    return [row[1:].rstrip() for row in table(ui) if row[1] in "▾▹"]


async def test_choosing_the_present_sort_key_again_reverses_the_board(harness: MakeHarness) -> None:
    ui = harness(*BOARD_IDS)
    async with ui.run():
        await show_board(ui)
        await ui.press("s")
        assert "attention  worst first, again: best first" in ui.text()
        await ui.press("i")
        assert ids(ui) == sorted(BOARD_IDS)
        assert "by id" in ui.rows()[1]
        await ui.press("s")
        assert "id         A to Z, again: Z to A" in ui.text()
        await ui.press("enter")
        assert ids(ui) == sorted(BOARD_IDS, reverse=True)
        assert "by id, reversed" in ui.rows()[1]
        await ui.press("s", "a")
        assert ids(ui) == BY_ATTENTION
        assert "by " not in ui.rows()[1]


async def test_z_moves_an_order_to_the_end_of_its_class_until_it_gets_worse(harness: MakeHarness) -> None:
    ui = harness(*BOARD_IDS)
    async with ui.run(100, 30):
        await show_board(ui)
        late = event(4, "ready", order_id="A1001", eta=eta_to_the_minute(4000, 4100))
        await ui.receive(late)
        assert ids(ui)[:3] == ["A1002", "A1001", "P2002"]
        await ui.press("home", "z")
        assert ids(ui)[:3] == ["A1001", "A1002", "P2002"]
        assert under_cursor(ui) == "A1002"
        assert "z 10m" in table(ui)[1]
        assert "▲ 2 late" in ui.rows()[1]
        assert "z 1 snoozed" in ui.rows()[1]
        await ui.tick_at(NOW + 121)
        assert "z 8m" in table(ui)[1]
        await ui.receive(event(9, "held", order_id="A1002", flags=("held",), eta=eta_to_the_minute(2100, 2300)))
        assert ids(ui)[:2] == ["A1002", "A1001"]
        assert "snoozed" not in ui.rows()[1]


async def test_z_again_ends_a_snooze_and_an_ended_order_has_none(harness: MakeHarness) -> None:
    ui = harness(*BOARD_IDS)
    async with ui.run():
        await show_board(ui)
        await ui.press("home", "z")
        assert "snoozed" in ui.rows()[1]
        await ui.press("z")
        assert "snoozed" not in ui.rows()[1]
        await ui.press("end", "z")
        assert "A1006 is not open: nothing to snooze." in ui.text()


async def test_g_groups_by_stage_then_by_courier_then_not_at_all(harness: MakeHarness) -> None:
    ui = harness(*BOARD_IDS)
    async with ui.run(100, 30):
        await show_board(ui)
        await ui.press("g")
        assert titles(ui)[0].startswith("▾ Picked up  1 order  ▲ 1 late")
        assert "worst A1002 late 8m" in titles(ui)[0]
        await ui.press("g")
        assert [title.split("  ")[0] for title in titles(ui)] == ["▾ Ravi", "▾ No courier"]
        await ui.press("g")
        assert titles(ui) == []
        assert ids(ui) == BY_ATTENTION


async def test_enter_or_a_click_on_a_title_collapses_its_group(harness: MakeHarness) -> None:
    ui = harness(*BOARD_IDS)
    async with ui.run(100, 30) as pilot:
        await show_board(ui)
        await ui.press("g", "g", "home")
        assert len(table(ui)) == len(BOARD_IDS) + 2
        await ui.press("enter")
        assert titles(ui)[0].startswith("▹ Ravi  1 order  ▲ 1 late  worst A1002 late 8m")
        assert len(table(ui)) == len(BOARD_IDS) + 1
        await ui.press("enter")
        assert titles(ui)[0].startswith("▾ Ravi")
        await pilot.click("#board", offset=(10, 3))
        await ui.settle()
        assert titles(ui)[1].startswith("▹ No courier  8 orders")
        assert len(table(ui)) == 3
        await ui.press("G")
        assert len(table(ui)) == 2
        await ui.press("G")
        assert len(table(ui)) == len(BOARD_IDS) + 2


async def test_collapsing_all_groups_moves_the_cursor_to_the_title_of_its_group(harness: MakeHarness) -> None:
    ui = harness(*BOARD_IDS)
    async with ui.run(100, 30):
        await show_board(ui)
        await ui.press("g", "g", "end", "G")
        assert [row[:14] for row in table(ui) if row.startswith("▸")] == ["▸▹ No courier "]
        # Nothing is opened, copied or snoozed there.
        await ui.press("z", "space", "c", "n")
        assert "snoozed" not in ui.text()
        assert "marked" not in ui.text()
        assert "Note on" not in ui.text()


async def test_a_grouped_board_starts_on_its_worst_order(harness: MakeHarness) -> None:
    ui = harness(*BOARD_IDS, views=parse_views({"Start": {"group": "courier", "key": "0"}}))
    async with ui.run():
        await show_board(ui)
        assert titles(ui)[0].startswith("▾ Ravi")
        assert under_cursor(ui) == "A1002"


async def test_digits_show_saved_views_and_their_names(harness: MakeHarness) -> None:
    ui = harness(*BOARD_IDS, views=VIEWS)
    async with ui.run(100, 30):
        await show_board(ui)
        await ui.press("end", "1")
        assert ids(ui) == ["A1002"]
        assert "Late food" in ui.rows()[1]
        assert "/late !p200 1 of 9" in ui.rows()[1]
        await ui.press("5")
        assert len(titles(ui)) == 2
        assert "By courier" in ui.rows()[1]
        await ui.press("4")
        assert titles(ui) == []
        assert len(ids(ui)) == 6
        await ui.press("0")
        assert ids(ui) == BY_ATTENTION
        assert under_cursor(ui) == "A1002"
        assert "Default view" in ui.rows()[1]
        before = ui.text()
        await ui.press("9")
        assert ui.text() == before


async def test_the_name_of_a_view_leaves_the_header_by_itself(
    harness: MakeHarness, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("tracker_tui.ui.screens.arranged.VIEW_NAME_SECONDS", 0.01)
    ui = harness(*BOARD_IDS, views=VIEWS)
    async with ui.run(100, 30):
        await show_board(ui)
        await ui.press("1")
        await ui.wait_until(lambda: "Late food" not in ui.text())
        assert ids(ui) == ["A1002"]


async def test_0_goes_back_to_the_filter_of_the_start(harness: MakeHarness) -> None:
    ui = harness(*BOARD_IDS, views=VIEWS, filter_text="risk")
    async with ui.run():
        await show_board(ui)
        await ui.press("1")
        assert ids(ui) == ["A1002"]
        await ui.press("0")
        assert ids(ui) == ["A1004"]


async def test_a_digit_that_is_the_key_of_an_action_shows_no_view(harness: MakeHarness) -> None:
    ui = harness(*BOARD_IDS, keys={"pause": "0"})
    async with ui.run():
        await show_board(ui)
        await ui.press("0")
        assert "‖ Paused" in ui.rows()[0]


async def test_the_word_of_a_count_is_added_to_the_filter_and_removed(harness: MakeHarness) -> None:
    ui = harness(*BOARD_IDS)
    async with ui.run():
        await show_board(ui)
        await ui.app.run_action("screen.filter_word('late')")
        await ui.settle()
        assert ids(ui) == ["A1002"]
        await ui.app.run_action("screen.filter_word('late')")
        await ui.settle()
        assert ids(ui) == BY_ATTENTION


async def test_an_opened_order_knows_the_list_as_it_was(harness: MakeHarness, monkeypatch: pytest.MonkeyPatch) -> None:
    ui = harness(*BOARD_IDS)
    opened: list[OrderChosen] = []
    async with ui.run() as pilot:
        await show_board(ui)
        monkeypatch.setattr(WatchingHandlers, "on_order_chosen", lambda _, message: opened.append(message))
        await ui.press("slash", *"!done", "enter", "enter")
        await pilot.click("#board", offset=(10, 2), times=2)
        await ui.settle()
    assert [(each.order_id, each.order_ids) for each in opened] == [
        ("A1002", tuple(BY_ATTENTION[:7])),
        ("P2002", tuple(BY_ATTENTION[:7])),
    ]


async def press_down(_pilot: Pilot[int], ui: AppHarness) -> None:
    await ui.press("down")


async def open_the_filter(_pilot: Pilot[int], ui: AppHarness) -> None:
    await ui.press("slash", "escape")


async def click_on_a_row(pilot: Pilot[int], _ui: AppHarness) -> None:
    await pilot.click("#board", offset=(10, 2))


async def turn_the_wheel(pilot: Pilot[int], _ui: AppHarness) -> None:
    await pilot._post_mouse_events([events.MouseScrollDown], "#board", (10, 3))


@pytest.mark.parametrize("work", [press_down, open_the_filter, click_on_a_row, turn_the_wheel])
async def test_rows_rest_while_the_user_works_and_sort_again_afterwards(
    harness: MakeHarness, work: Callable[[Pilot[int], AppHarness], Awaitable[None]]
) -> None:
    ui = harness(*BOARD_IDS)
    async with ui.run() as pilot:
        await show_board(ui)
        await ui.receive(event(4, "ready", order_id="A1001", eta=eta_to_the_minute(4000, 4100)))
        assert ids(ui)[:2] == ["A1002", "A1001"]
        await ui.tick_at(NOW + 5)
        await ui.receive(event(5, "ready", order_id="A1001", eta=eta_to_the_minute(5000, 5100)))
        assert ids(ui)[:2] == ["A1002", "A1001"]
        ui.clock.seconds = NOW + 9
        await work(pilot, ui)
        await ui.tick_at(NOW + 9)
        await ui.tick_at(NOW + 10.5)
        assert ids(ui)[:2] == ["A1002", "A1001"]
        await ui.tick_at(NOW + 12.5)
        assert ids(ui)[:2] == ["A1001", "A1002"]
