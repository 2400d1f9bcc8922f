"""The mouse does what the keys do: every entry of the key bar, the wheel, a click and a double click."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any

import pytest
from textual import events

from tests.ui.app_harness import Rig
from tests.ui.order_fixtures import watched
from tests.ui.screens.test_board import IDS, four_orders
from tracker_tui.ui.model.actions import PALETTE, Action
from tracker_tui.ui.screens.base import PaintedScreen
from tracker_tui.ui.widgets import keys

MakeRig = Callable[..., Rig]
WIDTH = 110


async def order_of_several(it: Rig) -> None:
    await four_orders(it)
    await it.press("enter")


async def log_of_one(it: Rig) -> None:
    await watched(it)
    await it.press("l")


async def log_of_several(it: Rig) -> None:
    await four_orders(it)
    await it.press("l")


SCREENS: dict[str, tuple[Callable[[Rig], Awaitable[None]], tuple[str, ...]]] = {
    "order": (watched, ("A1",)),
    "log": (log_of_one, ("A1",)),
    "board": (four_orders, IDS),
    "order of several": (order_of_several, IDS),
    "log of several": (log_of_several, IDS),
}


def bar(it: Rig) -> list[Action]:
    """What the key bar offers."""
    screen = it.app.screen
    assert isinstance(screen, PaintedScreen)
    return [*keys.actions_for(screen._actions, WIDTH), PALETTE]


def effects(it: Rig) -> tuple[Any, ...]:
    """What a person, the gateway and the shell see of it."""
    said = [each.message for each in it.app._notifications]
    name = type(it.app.screen).__name__
    text = "" if name == "CommandPalette" else it.text()
    return name, text, said, it.app.clipboard, it.feed.reconnects, it.feed.asked, it.app._exit


@pytest.mark.parametrize("screen", SCREENS)
async def test_every_entry_of_the_key_bar_does_what_its_key_does(
    rig: MakeRig, monkeypatch: pytest.MonkeyPatch, tmp_path: Any, screen: str
) -> None:
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path))
    come_about, ids = SCREENS[screen]
    it = rig(*ids, demo=True)
    async with it.run(WIDTH, 24):
        await come_about(it)
        commands = bar(it)
    assert len(commands) > 4
    for command in commands:
        seen = []
        for by_mouse in (False, True):
            it = rig(*ids, demo=True)
            async with it.run(WIDTH, 24) as pilot:
                await come_about(it)
                before = effects(it)
                if by_mouse:
                    entry = it.rows()[-1].index(f" {command.key_label} {command.label} ") + 1
                    await pilot.click("#keys", offset=(entry, 0))
                else:
                    await pilot.press(command.key)
                await it.until(lambda it=it, before=before: effects(it) != before)  # type: ignore[misc]
                # What has begun to be seen is to be seen whole before it is compared.
                if not it.app._exit:
                    await it.settle()
                seen.append(effects(it))
        assert seen[0] == seen[1], command.label


async def wheel(it: Rig, selector: str, way: type[events.MouseEvent], times: int = 1) -> None:
    pilot = it._pilot
    assert pilot is not None
    for _ in range(times):
        await pilot._post_mouse_events([way], selector, (5, 3))
    await it.settle()


async def test_the_wheel_scrolls_the_log(rig: MakeRig) -> None:
    it = rig()
    async with it.run(80, 14):
        await watched(it)
        for number in range(40):
            await it.note(f"line {number}")
        await it.press("l")
        assert "line 39" in it.text()
        await wheel(it, "#log", events.MouseScrollUp, 20)
        await it.until(lambda: "line 39" not in it.text() and "live" in it.text())
        await wheel(it, "#log", events.MouseScrollDown, 30)
        await it.until(lambda: "line 39" in it.text())


async def test_the_wheel_scrolls_the_help(rig: MakeRig) -> None:
    it = rig()
    async with it.run(80, 14):
        await it.press("question_mark")
        first = it.text()
        await wheel(it, "#help", events.MouseScrollDown)
        await it.until(lambda: it.text() != first)
        await wheel(it, "#help", events.MouseScrollUp, 3)
        await it.until(lambda: it.text() == first)


async def test_a_click_outside_of_the_entries_does_nothing(rig: MakeRig) -> None:
    it = rig()
    async with it.run(WIDTH, 24) as pilot:
        await watched(it)
        before = effects(it)
        await pilot.click("#keys", offset=(WIDTH - 30, 0))
        await pilot.click("#timeline", offset=(3, 3))
        await it.at(it.clock.seconds)
        assert effects(it) == before


async def test_a_log_wraps_its_lines_at_the_width_that_there_is(rig: MakeRig) -> None:
    it = rig()
    async with it.run(40, 12) as pilot:
        await it.press("l")
        await it.note("lost: the connection was reset by a peer who gave no reason for it")
        assert "reason" in it.text()
        await pilot.resize_terminal(120, 12)
        await it.settle()
        assert any("lost: the connection was reset by a peer who gave no reason for it" in row for row in it.rows())
