"""The connection is checked when the user returns to the terminal."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from textual.events import AppBlur, AppFocus

from tests.ui.app_harness import AppHarness

MakeHarness = Callable[..., AppHarness]


@pytest.mark.parametrize(("away", "wakes"), [(59.9, 0), (60.0, 1), (3600.0, 1)])
async def test_focus_after_a_minute_away_wakes_the_feed(harness: MakeHarness, away: float, wakes: int) -> None:
    ui = harness()
    async with ui.run():
        ui.app.post_message(AppBlur())
        await ui.settle()
        ui.clock.seconds += away
        ui.app.post_message(AppFocus())
        await ui.settle()
        assert ui.feed.wakes == wakes
        ui.clock.seconds += 3600
        ui.app.post_message(AppFocus())
        await ui.settle()
        assert ui.feed.wakes == wakes


async def test_a_resumed_process_wakes_the_feed_and_repaints(harness: MakeHarness) -> None:
    ui = harness()
    async with ui.run():
        ui.clock.seconds += 7
        ui.app.app_resume_signal.publish(ui.app)
        await ui.wait_until(lambda: ui.feed.wakes == 1)
        await ui.settle()
        assert "14:00:07Z" in ui.rows()[0]


async def test_focus_before_the_feed_is_open_is_ignored(harness: MakeHarness) -> None:
    ui = harness()

    def come_and_go() -> None:
        ui.app.on_app_blur()
        ui.clock.seconds = 99
        ui.app.on_app_focus()

    ui.on_open = come_and_go
    async with ui.run():
        assert ui.feed.wakes == 0
