"""Whoever comes back to the screen has the connection looked at."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from textual.events import AppBlur, AppFocus

from tests.ui.app_harness import Rig

MakeRig = Callable[..., Rig]


@pytest.mark.parametrize(("away", "wakes"), [(59.9, 0), (60.0, 1), (3600.0, 1)])
async def test_the_focus_regained_after_a_minute_wakes_the_feed(rig: MakeRig, away: float, wakes: int) -> None:
    it = rig()
    async with it.run():
        it.app.post_message(AppBlur())
        await it.settle()
        it.clock.seconds += away
        it.app.post_message(AppFocus())
        await it.settle()
        assert it.feed.wakes == wakes
        it.clock.seconds += 3600
        it.app.post_message(AppFocus())
        await it.settle()
        assert it.feed.wakes == wakes


async def test_a_resumed_process_wakes_the_feed_and_repaints(rig: MakeRig) -> None:
    it = rig()
    async with it.run():
        it.clock.seconds += 7
        it.app.app_resume_signal.publish(it.app)
        await it.until(lambda: it.feed.wakes == 1)
        await it.settle()
        assert "14:00:07Z" in it.rows()[0]


async def test_a_focus_before_there_is_a_feed_harms_nobody(rig: MakeRig) -> None:
    it = rig()

    def come_and_go() -> None:
        it.app.on_app_blur()
        it.clock.seconds = 99
        it.app.on_app_focus()

    it.on_open = come_and_go
    async with it.run():
        assert it.feed.wakes == 0
