"""The screens at every size of a terminal."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from rich.cells import cell_len

from tests.ui.app_harness import AppHarness
from tests.ui.order_fixtures import NOW, show_order
from tracker_tui.link.changes import Phase
from tracker_tui.ui.model.actions import ACTIONS, KEY_BAR_LIMIT
from tracker_tui.ui.model.badge import Badge, Tone
from tracker_tui.ui.model.headline import Headline
from tracker_tui.ui.widgets import header, keys

MakeHarness = Callable[..., AppHarness]

LINE = Headline(
    "A1042",
    "Picked up",
    "",
    Badge("◐", "Reconnecting…", Tone.BUSY, " down 10 s, try 3"),
    "heard 12 s ago",
    "14:32:07",
    "",
    "",
    lateness="▲ 5 min late",
)


@pytest.mark.parametrize(
    ("width", "line"),
    [
        (
            110,
            "tracker-tui  A1042 ▸ Picked up  ▲ 5 min late heard 12 s ago  ◐ Reconnecting… down 10 s, try 3   14:32:07",
        ),
        (95, "A1042 ▸ Picked up  ▲ 5 min late   heard 12 s ago  ◐ Reconnecting… down 10 s, try 3   14:32:07"),
        (85, "A1042 ▸ Picked up  ▲ 5 min late    heard 12 s ago  ◐ Reconnecting… down 10 s, try 3"),
        (70, "A1042 ▸ Picked up  ▲ 5 min late    ◐ Reconnecting… down 10 s, try 3"),
        (55, "A1042 ▸ Picked up      ◐ Reconnecting… down 10 s, try 3"),
        (42, "A1042    ◐ Reconnecting… down 10 s, try 3"),
        (35, "A…  ◐ Reconnecting… down 10 s, try 3"),
        (20, "A10… ◐ Reconnecting…"),
        (10, "◐ Reconne…"),
    ],
)
def test_the_header_drops_name_clock_heard_lateness_and_stage_before_the_badge(width: int, line: str) -> None:
    drawn = header.render_header(LINE, width, 2).plain.splitlines()[0]
    assert drawn.split() == line.split()
    assert cell_len(drawn) <= width


def test_the_key_bar_shows_six_actions_and_the_palette_at_80_columns() -> None:
    chosen = keys.actions_for(ACTIONS, 80)
    bar = keys.render_key_bar(ACTIONS, 80, 1).plain
    assert len(chosen) == KEY_BAR_LIMIT
    assert all(f"{command.key_label} {command.label}" in bar for command in chosen)
    assert bar.rstrip().endswith("^p palette")
    assert cell_len(bar) <= 80


def test_a_narrow_key_bar_keeps_help_and_quit() -> None:
    assert keys.render_key_bar(ACTIONS, 20, 1).plain.split() == ["?", "Help", "q", "Quit"]


async def test_a_key_on_the_bar_is_a_button(harness: MakeHarness) -> None:
    ui = harness()
    async with ui.run() as pilot:
        bar = ui.rows()[-1]
        await pilot.click("#keys", offset=(bar.index("Reconnect"), 0))
        assert ui.feed.reconnects == 1
        await pilot.click("#keys", offset=(bar.index("? Help"), 0))
        await ui.wait_until(lambda: "Esc closes" in ui.text())


async def test_all_panes_fit_at_80_by_24(harness: MakeHarness) -> None:
    ui = harness()
    async with ui.run():
        await show_order(ui)
        for title in ("ARRIVES", "SAY", "Timeline", "Order", "WebSocket", "q Quit"):
            assert title in ui.text()


@pytest.mark.parametrize("size", [(40, 12), (59, 19)])
async def test_a_small_terminal_shows_badge_arrival_stage_age_and_keys(
    harness: MakeHarness, size: tuple[int, int]
) -> None:
    ui = harness()
    async with ui.run(*size):
        await show_order(ui)
        await ui.set_link(Phase.BACKOFF, attempt=3, retry_at=NOW + 14, down_at=NOW)
        await ui.tick_at(NOW + 10)
        text = ui.text()
        for words in (
            "◐ Reconnecting… down 10 s, try 3",
            "ARRIVES  14:50   in 19 min",
            "A1 ▸ Picked up",
            "as of 14:31:38, 12 s ago",
            "? Help",
            "q Quit",
        ):
            assert words in text, words


async def test_resizing_keeps_every_row_as_wide_as_the_screen(harness: MakeHarness) -> None:
    ui = harness("A1", "A2", demo=True)
    async with ui.run() as pilot:
        await show_order(ui)
        for opener in ("", "enter", "l", "question_mark", "f"):
            if opener:
                await ui.press(opener)
            for size in ((20, 5), (1, 1), (160, 50), (60, 8), (40, 12), (99, 27), (200, 7), (80, 24)):
                await pilot.resize_terminal(*size)
                await ui.settle()
                assert [cell_len(row) for row in ui.rows()] == [size[0]] * size[1]
            if opener in {"question_mark", "l"}:
                await ui.press("escape")
        await ui.press("escape", "escape")
        assert "2 × Margherita" in ui.text() or "2 orders" in ui.text()


async def test_the_key_bar_of_a_wide_order_screen_has_note_and_cancel(harness: MakeHarness) -> None:
    ui = harness("A1", "A2")
    async with ui.run(100, 30) as pilot:
        await ui.press("enter")
        assert all(key in ui.rows()[-1] for key in ("b Board", "c Copy", "n Note", "X Cancel", "? Help", "q Quit"))
        assert ui.rows()[-1].rstrip().endswith("^p palette")
        await pilot.resize_terminal(80, 24)
        await ui.settle()
        assert " ".join(ui.rows()[-1].split()) == "a Add c Copy r Reconnect b Board ? Help q Quit ^p palette"


async def test_the_key_bar_of_the_board_has_its_own_actions(harness: MakeHarness) -> None:
    ui = harness("A1", "A2")
    async with ui.run(80, 24):
        bar = " ".join(ui.rows()[-1].split())
        assert bar == "Enter Open / Filter a Add c Copy ? Help q Quit ^p palette"
