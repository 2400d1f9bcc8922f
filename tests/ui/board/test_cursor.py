"""The board's cursor, marks, filter line, sort menu and mouse."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from tests.support.orders import at, event, order, snapshot
from tests.ui.app_harness import Rig
from tests.ui.board_fixtures import EVENING, MEAL, NOW, busy_evening, minute, told
from tracker_tui.domain.order import Outcome

MakeRig = Callable[..., Rig]

BY_ATTENTION = ["A1002", "A1004", "A1003", "A1001", "P2001", "P2002", "X9", "A1005", "A1006"]


def table(it: Rig) -> list[str]:
    """The lines below the titles, down to the event log."""
    rows = it.rows()
    first = next(place for place, row in enumerate(rows) if "Stage" in row and "Sync" in row) + 1
    last = next((place for place, row in enumerate(rows) if "─ Events" in row or "Enter Open" in row), len(rows))
    return [row for row in rows[first:last] if row.strip()]


def order_id(row: str) -> str:
    """After pointer, glyph and mark."""
    return row[4:].split(maxsplit=1)[0]


def ids(it: Rig) -> list[str]:
    return [order_id(row) for row in table(it)]


def under_cursor(it: Rig) -> str:
    (row,) = [row for row in table(it) if row.startswith("▸")]
    return order_id(row)


async def test_until_a_key_is_pressed_the_cursor_is_on_what_comes_first(rig: MakeRig) -> None:
    it = rig(*EVENING)
    async with it.run():
        await busy_evening(it)
        assert ids(it) == BY_ATTENTION
        assert under_cursor(it) == "A1002"


async def test_it_stays_on_its_order_through_sorting_filtering_and_change(rig: MakeRig) -> None:
    it = rig(*EVENING)
    async with it.run():
        await busy_evening(it)
        await it.press("down", "down", "down")
        assert under_cursor(it) == "A1001"
        await it.press("s", "i")
        assert ids(it) == sorted(EVENING)
        assert under_cursor(it) == "A1001"
        await it.press("s", "e")
        assert under_cursor(it) == "A1001"
        await it.press("slash", *"preparing", "enter")
        assert ids(it) == ["A1001", "A1003"]
        assert under_cursor(it) == "A1001"
        await it.press("escape", "s", "a")
        assert ids(it) == BY_ATTENTION
        await it.tell(event(4, "ready", order_id="A1001", eta=minute(4000, 4100)))
        assert ids(it)[:2] == ["A1001", "A1002"]
        assert under_cursor(it) == "A1001"
        await it.press("enter")
        assert "A1001 ▸ Ready" in it.rows()[0]


async def test_it_stays_on_its_order_when_others_come_up(rig: MakeRig) -> None:
    it = rig(everything=True)
    async with it.run():
        await it.live()
        assert "Loading orders…" in it.text()
        it.feed.listed = True
        await it.at(1)
        assert "There are no open orders yet." in it.text()
        await it.press("enter", "space", "down", "slash", "escape")
        await it.tell(told("B1", MEAL[:3], 100))
        await it.press("down")
        await it.tell(told("A2", MEAL[:3], 100, promised_at=at(-60)))
        assert ids(it) == ["A2", "B1"]
        assert under_cursor(it) == "B1"
        await it.tell(told("B1", MEAL, 100, outcome=Outcome.DELIVERED))
        assert under_cursor(it) == "B1"


async def test_the_order_that_moved_up_is_under_it_when_its_own_is_gone(rig: MakeRig) -> None:
    it = rig(*EVENING)
    async with it.run():
        await busy_evening(it)
        await it.press("down", "down", "slash", *"!status:preparing")
        assert under_cursor(it) == "P2001"
        await it.press(*" nobody")
        assert "No order matches the filter; Esc clears it." in it.text()
        await it.press("escape")
        assert under_cursor(it) == "A1003"


async def test_what_is_opened_in_place_of_it_is_its_order_from_then_on(rig: MakeRig) -> None:
    it = rig(*EVENING)
    async with it.run():
        await busy_evening(it)
        await it.press("down", "slash", *"a1001", "enter", "enter")
        assert "A1001 ▸ Preparing" in it.rows()[0]
        await it.press("b", "escape")
        assert len(ids(it)) == 9
        assert under_cursor(it) == "A1001"


async def test_the_cursor_is_always_in_sight(rig: MakeRig) -> None:
    many = [f"N{number:03}" for number in range(100)]
    it = rig(*many)
    async with it.run(80, 24):
        await it.live()
        assert under_cursor(it) == "N000"
        assert "┃" in table(it)[0]
        for key, there in (("end", "N099"), ("pageup", "N086"), ("home", "N000"), ("pagedown", "N013")):
            await it.press(key)
            assert under_cursor(it) == there
        await it.press("end")
        assert "┃" in table(it)[-1]
        assert "┃" not in table(it)[0]
        await it.tell(told("N099", MEAL[:3], 100, promised_at=at(-60)))
        assert under_cursor(it) == "N099"
        assert ids(it)[0] == "N099"


async def test_what_is_looked_at_stays_in_its_place_when_something_comes_up_above(rig: MakeRig) -> None:
    many = [f"N{number:03}" for number in range(100)]
    it = rig(*many)
    async with it.run(80, 24):
        await it.live()
        await it.press("end", "up", "up")
        before = ids(it)
        await it.tell(told("N001", MEAL[:3], 100, promised_at=at(-60)), told("N050", MEAL[:3], 100))
        await it.tell(told("N002", MEAL[:3], 100))
        assert ids(it) == before
        assert under_cursor(it) == "N097"
        await it.press("pageup", "pageup", "pageup", "down")
        before, pointed = ids(it), under_cursor(it)
        await it.tell(told("N099", MEAL[:3], 100, promised_at=at(-60)))
        assert ids(it) == before
        assert under_cursor(it) == pointed


async def test_space_marks_an_order_and_the_mark_goes_with_it(rig: MakeRig) -> None:
    it = rig(*EVENING)
    async with it.run():
        await busy_evening(it)
        await it.press("down", "space", "s", "i")
        assert [row[:10] for row in table(it) if "*" in row] == ["▸△* A1004 "]
        assert "* 1 marked" in it.rows()[1]
        await it.press("home", "space", "slash", *"marked", "enter")
        assert ids(it) == ["A1001", "A1004"]
        await it.press("space")
        assert ids(it) == ["A1004"]


async def test_the_filter_works_while_it_is_typed_and_the_header_tells_it(rig: MakeRig) -> None:
    it = rig(*EVENING)
    async with it.run():
        await busy_evening(it)
        await it.press("slash")
        assert "Esc clears" in it.rows()[-1]
        await it.press(*"late")
        assert ids(it) == ["A1002"]
        assert "/late 1 of 9 · ▲ 1 late" in it.rows()[1]
        await it.press("backspace", "backspace", "backspace", "backspace")
        assert len(ids(it)) == 9
        # In the line, letters are letters: q leaves nothing, s sorts nothing.
        await it.press(*"qs")
        assert it.rows()[-1].startswith(" /qs")
        await it.press("enter")
        assert "q Quit" in it.rows()[-1]
        assert "/qs 0 of 9" in it.rows()[1]
        await it.press("slash", "escape")
        assert len(ids(it)) == 9
        assert "/" not in it.rows()[1]
        assert "q Quit" in it.rows()[-1]


async def test_a_filter_can_be_there_from_the_start(rig: MakeRig) -> None:
    it = rig(*EVENING, filter_text="!done a100")
    async with it.run():
        await busy_evening(it)
        assert ids(it) == ["A1002", "A1004", "A1003", "A1001"]
        await it.press("slash")
        assert it.rows()[-1].startswith(" /!done a100")


async def test_the_sort_menu_is_chosen_from_by_letter_by_arrow_or_by_mouse(rig: MakeRig) -> None:
    it = rig(*EVENING)
    async with it.run() as pilot:
        await busy_evening(it)
        await it.press("s", "down", "enter")
        assert ids(it) == sorted(EVENING)
        assert "by id" in it.rows()[1]
        await it.press("s", "s")
        await it.press("s", "escape")
        assert ids(it) == sorted(EVENING)
        await it.press("s")
        place = next(place for place, row in enumerate(it.rows()) if "next arrival first" in row)
        await pilot.click(offset=(8, place))
        await it.settle()
        assert ids(it)[0] == "A1004"


async def test_the_menu_lies_over_a_board_that_goes_on_living(rig: MakeRig) -> None:
    it = rig(*EVENING)
    async with it.run():
        await busy_evening(it)
        await it.press("s")
        await it.tell(event(9, "ready", order_id="A1002", eta=minute(2100, 2300)))
        assert any("A1002" in row and "Ready" in row for row in it.rows())


async def test_a_click_selects_and_a_double_click_opens(rig: MakeRig) -> None:
    it = rig(*EVENING)
    async with it.run() as pilot:
        await busy_evening(it)
        await pilot.click("#board", offset=(10, 3))
        await it.settle()
        assert under_cursor(it) == "A1003"
        await pilot.click("#board", offset=(10, 0))
        await pilot.click("#board", offset=(10, 11))
        await it.settle()
        assert under_cursor(it) == "A1003"
        await pilot.click("#board", offset=(10, 4), times=2)
        await it.settle()
        assert "A1001 ▸ Preparing" in it.rows()[0]


async def test_the_wheel_moves_it(rig: MakeRig) -> None:
    it = rig(*EVENING)
    async with it.run() as pilot:
        await busy_evening(it)
        await pilot._post_mouse_events([_scroll("down")], "#board", (10, 3))
        await it.settle()
        assert under_cursor(it) == "A1001"


def _scroll(way: str) -> type:
    from textual import events

    return {"down": events.MouseScrollDown, "up": events.MouseScrollUp}[way]


@pytest.mark.parametrize("size", [(160, 24), (80, 40)])
async def test_where_there_is_room_more_is_told_of_the_order_under_it(rig: MakeRig, size: tuple[int, int]) -> None:
    it = rig(*EVENING)
    async with it.run(*size):
        await busy_evening(it)
        text = it.text()
        for words in (
            "A1002  2 × Margherita",
            "Picked up  for 6:40",
            "promised 14:28  late 8m",
            "courier Ravi, en route",
        ):
            assert words in text
        await it.press("down")
        assert "A1004  Two pizzas" in it.text()
        await it.press("end", "up", "up")
        assert "Unknown order: there is no such order" in it.text()


async def test_at_80_by_24_there_is_no_room_for_that(rig: MakeRig) -> None:
    it = rig(*EVENING)
    async with it.run():
        await busy_evening(it)
        assert "Selected order" not in it.text()


async def test_an_order_is_never_painted_as_another_one(rig: MakeRig) -> None:
    it = rig(*EVENING)
    async with it.run() as pilot:
        await busy_evening(it)
        for size in ((40, 12), (200, 60), (20, 5), (100, 30)):
            await pilot.resize_terminal(*size)
            await it.settle()
            for keys in (("s", "i"), ("s", "a"), ("down",), ("end",), ("home",)):
                await it.press(*keys)
                if size[0] >= 40:
                    assert all(("A1003" in row) is ("Prep" in row and "stuck" in row) for row in table(it))
        assert ids(it) == BY_ATTENTION


async def test_times_on_the_board_go_on_while_nothing_arrives(rig: MakeRig) -> None:
    it = rig("A1", "A2")
    async with it.run():
        await it.live()
        await it.tell(snapshot(3, "preparing", facts=order(promised_at=at(100)), eta=minute(20, 30), updated_at=at(30)))
        assert "early" in table(it)[0]
        await it.at(NOW)
        assert "late 30m" in table(it)[0]
        assert "▲ 1 late" in it.rows()[1]
