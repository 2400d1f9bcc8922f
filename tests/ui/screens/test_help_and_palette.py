"""Help and palette: both read from the one declaration of commands."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from rich.cells import cell_len

from tests.ui.app_harness import Rig
from tracker_tui.link.changes import Standing
from tracker_tui.ui.cells.progress import STAGE_GLYPHS
from tracker_tui.ui.model.actions import ACTIONS, PALETTE, TERMINAL_ACTIONS
from tracker_tui.ui.model.styles import STANDINGS
from tracker_tui.ui.screens.help import BADGE_HELP, render_help

MakeRig = Callable[..., Rig]


def test_the_help_lists_every_key_and_every_glyph() -> None:
    text = render_help(ACTIONS).plain
    for command in (*ACTIONS, PALETTE, *TERMINAL_ACTIONS):
        assert f"  {command.key_label} " in text
        assert command.summary in text
    for glyph in (*(glyph for glyph, _ in STAGE_GLYPHS.values()), *(STANDINGS[each][0] for each in Standing)):
        assert f"  {glyph} " in text
    assert len(BADGE_HELP) == 9


async def test_the_help_opens_over_the_screen_and_closes_again(rig: MakeRig) -> None:
    it = rig()
    async with it.run():
        await it.press("question_mark")
        assert "Esc closes" in it.text()
        await it.press("question_mark")
        assert "Esc closes" not in it.text()


async def test_every_binding_of_the_app_is_in_the_declaration(rig: MakeRig) -> None:
    it = rig()
    declared = {command.key for command in (*ACTIONS, PALETTE, *TERMINAL_ACTIONS)} | {"ctrl+q"}
    async with it.run():
        assert {key for key, _ in it.app._bindings} <= declared


async def test_what_makes_no_sense_in_a_run_is_not_offered(rig: MakeRig) -> None:
    it = rig()
    async with it.run():
        await it.press("question_mark")
        assert "demo" not in it.text()
        await it.press("escape", "f", "h")
        assert "Faults" not in it.text()


async def test_the_palette_runs_commands_by_name(rig: MakeRig) -> None:
    it = rig()
    async with it.run():
        await it.press("ctrl+p", *"reconn")
        await it.until(lambda: "Reconnect now" in it.text())
        await it.press("enter")
        await it.until(lambda: it.feed.reconnects == 1)


async def test_without_colours_the_palettes_cursor_is_underlined(rig: MakeRig, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NO_COLOR", "1")
    it = rig()
    async with it.run():
        await it.press("ctrl+p", *"reconn")
        await it.until(lambda: "Reconnect now" in it.text())
        await it.until(lambda: any(style.underline for style in it.styles_of("Reconnect now")))


def test_what_goes_on_below_in_the_help_begins_under_its_words() -> None:
    rows = render_help(ACTIONS, 40).plain.split("\n")
    assert all(cell_len(row) <= 40 for row in rows)
    first = next(number for number, row in enumerate(rows) if row.startswith("  Enter "))
    assert rows[first : first + 2] == [
        "  Enter Open the selected order",
        "  /     Filter orders or log lines; Esc",
    ]
    assert rows[first + 2] == "        clears"


async def test_the_help_uses_the_room_there_is(rig: MakeRig) -> None:
    it = rig()
    async with it.run(80, 60) as pilot:
        await it.press("question_mark")
        whole = "Copy a summary of the order for a ticket"
        await it.until(lambda: whole in it.text())
        await pilot.resize_terminal(44, 60)
        await it.until(lambda: whole not in it.text() and "Copy a summary of the order" in it.text())
        await pilot.resize_terminal(80, 60)
        await it.until(lambda: whole in it.text())
