"""How the app ends: the code it returns, the feed it closes, the one line that it leaves."""

from __future__ import annotations

import os
import signal
from collections.abc import Callable

import pytest

from tests.ui.app_harness import Rig

MakeRig = Callable[..., Rig]


async def test_q_leaves_without_a_code_and_closes_the_feed(rig: MakeRig) -> None:
    it = rig()
    async with it.run() as pilot:
        await pilot.press("q")
    assert it.app.return_value is None
    assert it.app.return_code == 0
    assert it.app.failure is None
    assert it.feed.left


async def test_ctrl_c_leaves_with_130(rig: MakeRig) -> None:
    it = rig()
    async with it.run() as pilot:
        await pilot.press("ctrl+c")
    assert it.app.return_value == 130
    assert it.feed.left


@pytest.mark.parametrize("opener", ["question_mark", "ctrl+p", "f", "l"])
async def test_ctrl_c_means_the_same_on_every_screen(rig: MakeRig, opener: str) -> None:
    it = rig(demo=True)
    async with it.run() as pilot:
        await it.press(opener)
        await pilot.press("ctrl+c")
    assert it.app.return_value == 130


@pytest.mark.parametrize("opener", ["question_mark", "f", "l"])
async def test_q_quits_from_every_screen(rig: MakeRig, opener: str) -> None:
    it = rig(demo=True)
    async with it.run() as pilot:
        await it.press(opener)
        await pilot.press("q")
    assert it.feed.left


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
async def test_a_signal_leaves_with_its_code(rig: MakeRig, number: signal.Signals) -> None:
    before = signal.getsignal(number)
    it = rig()
    async with it.run():
        os.kill(os.getpid(), number)
        await it.until(lambda: it.app.return_value)
    assert it.app.return_value == 128 + number
    assert it.feed.left
    assert signal.getsignal(number) == before


async def test_a_crash_of_the_feed_ends_the_app_with_one_line(rig: MakeRig) -> None:
    it = rig()
    async with it.run():
        it.feed.say(RuntimeError("boom\nboom"))
        await it.until(lambda: it.app.failure)
    assert it.app.failure == "RuntimeError: boom␊boom"
    assert it.app.return_code == 1
    assert it.feed.left


async def test_a_feed_that_cannot_be_opened_ends_the_app_with_one_line(rig: MakeRig) -> None:
    def fail() -> None:
        raise ValueError("no such transport")

    it = rig()
    it.on_open = fail
    async with it.app.run_test() as pilot:
        it.watch(pilot)
        await it.until(lambda: it.app.failure)
    assert it.app.failure == "ValueError: no such transport"
    assert it.app.return_code == 1


async def test_the_screen_stays_when_the_feed_has_nothing_more_to_say(rig: MakeRig) -> None:
    it = rig()
    async with it.run():
        it.feed.say(None)
        await it.until(lambda: it.feed.left)
        await it.at(5)
        assert it.app.is_running
        assert "14:00:05Z" in it.rows()[0]
