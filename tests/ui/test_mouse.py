"""The mouse: each entry of the key bar, the wheel, a click and a double click."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any

import pytest
from textual import events

from tests.ui.app_harness import AppHarness
from tests.ui.order_fixtures import show_order
from tests.ui.screens.test_board import IDS, show_four_orders
from tracker_tui.ui.model.actions import PALETTE, Action
from tracker_tui.ui.screens.base import PaintedScreen
from tracker_tui.ui.widgets import keys

MakeHarness = Callable[..., AppHarness]
WIDTH = 110


async def order_of_several(ui: AppHarness) -> None:
    await show_four_orders(ui)
    await ui.press("enter")


async def log_of_one(ui: AppHarness) -> None:
    await show_order(ui)
    await ui.press("l")


async def log_of_several(ui: AppHarness) -> None:
    await show_four_orders(ui)
    await ui.press("l")


SCREENS: dict[str, tuple[Callable[[AppHarness], Awaitable[None]], tuple[str, ...]]] = {
    "order": (show_order, ("A1",)),
    "log": (log_of_one, ("A1",)),
    "board": (show_four_orders, IDS),
    "order of several": (order_of_several, IDS),
    "log of several": (log_of_several, IDS),
}


def bar(ui: AppHarness) -> list[Action]:
    """Return the actions on the key bar."""
    screen = ui.app.screen
    assert isinstance(screen, PaintedScreen)
    return [*keys.actions_for(screen._actions, WIDTH), PALETTE]


def effects(ui: AppHarness) -> tuple[Any, ...]:
    """Return everything that an action may change."""
    said = [each.message for each in ui.app._notifications]
    name = type(ui.app.screen).__name__
    text = "" if name == "CommandPalette" else ui.text()
    return name, text, said, ui.app.clipboard, ui.feed.reconnects, ui.feed.sent_commands, ui.app._exit


@pytest.mark.parametrize("screen", SCREENS)
async def test_every_entry_of_the_key_bar_does_what_its_key_does(
    harness: MakeHarness, monkeypatch: pytest.MonkeyPatch, tmp_path: Any, screen: str
) -> None:
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path))
    come_about, ids = SCREENS[screen]
    ui = harness(*ids, demo=True)
    async with ui.run(WIDTH, 24):
        await come_about(ui)
        commands = bar(ui)
    assert len(commands) > 4
    for command in commands:
        seen = []
        for by_mouse in (False, True):
            ui = harness(*ids, demo=True)
            async with ui.run(WIDTH, 24) as pilot:
                await come_about(ui)
                before = effects(ui)
                if by_mouse:
                    entry = ui.rows()[-1].index(f" {command.key_label} {command.label} ") + 1
                    await pilot.click("#keys", offset=(entry, 0))
                else:
                    await pilot.press(command.key.split(",")[0])
                await ui.wait_until(lambda ui=ui, before=before: effects(ui) != before)  # type: ignore[misc]
                # Compare only after all changes are painted.
                if not ui.app._exit:
                    await ui.settle()
                seen.append(effects(ui))
        assert seen[0] == seen[1], command.label


async def wheel(ui: AppHarness, selector: str, way: type[events.MouseEvent], times: int = 1) -> None:
    pilot = ui._pilot
    assert pilot is not None
    for _ in range(times):
        await pilot._post_mouse_events([way], selector, (5, 3))
    await ui.settle()


async def test_the_wheel_scrolls_the_log(harness: MakeHarness) -> None:
    ui = harness()
    async with ui.run(80, 14):
        await show_order(ui)
        for number in range(40):
            await ui.receive_note(f"line {number}")
        await ui.press("l")
        assert "line 39" in ui.text()
        await wheel(ui, "#log", events.MouseScrollUp, 20)
        await ui.wait_until(lambda: "line 39" not in ui.text() and "live" in ui.text())
        await wheel(ui, "#log", events.MouseScrollDown, 30)
        await ui.wait_until(lambda: "line 39" in ui.text())


async def test_the_wheel_scrolls_the_help(harness: MakeHarness) -> None:
    ui = harness()
    async with ui.run(80, 14):
        await ui.press("question_mark")
        first = ui.text()
        await wheel(ui, "#help", events.MouseScrollDown)
        await ui.wait_until(lambda: ui.text() != first)
        await wheel(ui, "#help", events.MouseScrollUp, 3)
        await ui.wait_until(lambda: ui.text() == first)


async def test_a_click_outside_of_the_entries_does_nothing(harness: MakeHarness) -> None:
    ui = harness()
    async with ui.run(WIDTH, 24) as pilot:
        await show_order(ui)
        before = effects(ui)
        await pilot.click("#keys", offset=(ui.rows()[-1].rindex("   ") + 1, 0))
        await pilot.click("#timeline", offset=(3, 3))
        await ui.tick_at(ui.clock.seconds)
        assert effects(ui) == before


async def test_the_log_wraps_its_lines_at_the_width(harness: MakeHarness) -> None:
    ui = harness()
    async with ui.run(40, 12) as pilot:
        await ui.press("l")
        await ui.receive_note("lost: the connection was reset by a peer who gave no reason for it")
        assert "reason" in ui.text()
        await pilot.resize_terminal(120, 12)
        await ui.settle()
        assert any("lost: the connection was reset by a peer who gave no reason for it" in row for row in ui.rows())
