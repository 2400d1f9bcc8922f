"""Help and palette, which both show the declared actions."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from rich.cells import cell_len

from tests.ui.app_harness import AppHarness
from tracker_tui.link.changes import Standing
from tracker_tui.ui.cells.progress import STAGE_GLYPHS
from tracker_tui.ui.model.actions import ACTIONS, PALETTE, TERMINAL_ACTIONS
from tracker_tui.ui.model.styles import STANDINGS
from tracker_tui.ui.screens.help_page import BADGE_HELP, TWO_COLUMNS_WIDTH, help_sections, render_help

MakeHarness = Callable[..., AppHarness]


def test_the_help_lists_every_key_and_every_glyph() -> None:
    text = render_help(ACTIONS).plain
    for command in (*ACTIONS, PALETTE):
        assert f"  {command.key_label} " in text
        assert command.summary in text
    for glyph in (*(glyph for glyph, _ in STAGE_GLYPHS.values()), *(STANDINGS[each][0] for each in Standing)):
        assert f"  {glyph} " in text
    assert len(BADGE_HELP) == 9


async def test_the_help_opens_over_the_screen_and_closes_again(harness: MakeHarness) -> None:
    ui = harness()
    async with ui.run():
        await ui.press("question_mark")
        assert "Esc closes" in ui.text()
        await ui.press("question_mark")
        assert "Esc closes" not in ui.text()


def test_keys_are_grouped() -> None:
    titles = [section.title for section in help_sections(ACTIONS)]
    assert titles[:4] == ["Board", "Order", "Everywhere", "Demo"]
    assert "Demo" not in [section.title for section in help_sections([each for each in ACTIONS if each.key == "q"])]


@pytest.mark.parametrize("width", [TWO_COLUMNS_WIDTH, 150, 200])
def test_a_wide_page_has_two_columns_with_every_line(width: int) -> None:
    rows = render_help(ACTIONS, width).plain.split("\n")
    assert all(cell_len(row) <= width for row in rows)
    one_column = render_help(ACTIONS, width // 2 - 2).plain.split("\n")
    assert len(rows) < 0.65 * len(one_column)
    whole = " ".join(" ".join(rows).split())
    for command in ACTIONS:
        assert command.summary.split()[0] in whole


async def test_typing_in_the_help_searches_it(harness: MakeHarness) -> None:
    ui = harness()
    async with ui.run():
        await ui.press("question_mark")
        assert "type to search" in ui.text()
        await ui.press(*"quit")
        assert "Close the connection and quit" in ui.text()
        assert "Show the event log" not in ui.text()
        await ui.press(*"zzz")
        assert "Nothing found" in ui.text()
        await ui.press("escape")
        assert "Show the event log" in ui.text()
        await ui.press("escape")
        assert "type to search" not in ui.text()


async def test_every_binding_of_the_app_is_a_declared_action(harness: MakeHarness) -> None:
    ui = harness()
    declared = {key for action in (*ACTIONS, PALETTE, *TERMINAL_ACTIONS) for key in action.key.split(",")} | {"ctrl+q"}
    async with ui.run():
        assert {key for key, _ in ui.app._bindings} <= declared


async def test_unavailable_actions_are_not_offered(harness: MakeHarness) -> None:
    ui = harness()
    async with ui.run():
        await ui.press("question_mark")
        assert "demo" not in ui.text()
        await ui.press("escape", "f", "h")
        assert "Faults" not in ui.text()


async def test_the_palette_runs_actions_by_name(harness: MakeHarness) -> None:
    ui = harness()
    async with ui.run():
        await ui.press("ctrl+p", *"reconn")
        await ui.wait_until(lambda: "Reconnect now" in ui.text())
        await ui.press("enter")
        await ui.wait_until(lambda: ui.feed.reconnects == 1)


async def test_without_colours_the_palettes_cursor_is_underlined(
    harness: MakeHarness, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("NO_COLOR", "1")
    ui = harness()
    async with ui.run():
        await ui.press("ctrl+p", *"reconn")
        await ui.wait_until(lambda: "Reconnect now" in ui.text())
        await ui.wait_until(lambda: any(style.underline for style in ui.styles_of("Reconnect now")))


def test_long_lines_of_the_help_have_a_hanging_indent() -> None:
    rows = render_help(ACTIONS, 40).plain.split("\n")
    assert all(cell_len(row) <= 40 for row in rows)
    first = next(number for number, row in enumerate(rows) if row.startswith("  Enter "))
    assert rows[first : first + 2] == [
        "  Enter Open the selected order",
        "  /     Filter orders or log lines; Esc",
    ]
    assert rows[first + 2] == "        clears"


async def test_the_help_uses_the_whole_width(harness: MakeHarness) -> None:
    ui = harness()
    async with ui.run(80, 60) as pilot:
        await ui.press("question_mark")
        whole = "Copy the order as a text for a ticket"
        await ui.wait_until(lambda: whole in ui.text())
        await pilot.resize_terminal(44, 60)
        await ui.wait_until(lambda: whole not in ui.text() and "Copy the order as a text" in ui.text())
        await pilot.resize_terminal(80, 60)
        await ui.wait_until(lambda: whole in ui.text())
