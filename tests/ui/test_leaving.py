"""The end of the app: its exit code, the closed feed, the error line."""

from __future__ import annotations

import os
import signal
from collections.abc import Callable

import pytest

from tests.ui.app_harness import AppHarness

MakeHarness = Callable[..., AppHarness]


async def test_q_leaves_without_a_code_and_closes_the_feed(harness: MakeHarness) -> None:
    ui = harness()
    async with ui.run() as pilot:
        await pilot.press("q")
    assert ui.app.return_value is None
    assert ui.app.return_code == 0
    assert ui.app.failure is None
    assert ui.feed.left


async def test_ctrl_c_leaves_with_130(harness: MakeHarness) -> None:
    ui = harness()
    async with ui.run() as pilot:
        await pilot.press("ctrl+c")
    assert ui.app.return_value == 130
    assert ui.feed.left


@pytest.mark.parametrize("opener", ["question_mark", "ctrl+p", "f", "l"])
async def test_ctrl_c_leaves_on_every_screen(harness: MakeHarness, opener: str) -> None:
    ui = harness(demo=True)
    async with ui.run() as pilot:
        await ui.press(opener)
        await pilot.press("ctrl+c")
    assert ui.app.return_value == 130


@pytest.mark.parametrize("opener", ["question_mark", "f", "l"])
async def test_q_quits_from_every_screen(harness: MakeHarness, opener: str) -> None:
    ui = harness(demo=True)
    async with ui.run() as pilot:
        await ui.press(opener)
        await pilot.press("q")
    assert ui.feed.left


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
async def test_a_signal_leaves_with_its_code(harness: MakeHarness, number: signal.Signals) -> None:
    before = signal.getsignal(number)
    ui = harness()
    async with ui.run():
        os.kill(os.getpid(), number)
        await ui.wait_until(lambda: ui.app.return_value)
    assert ui.app.return_value == 128 + number
    assert ui.feed.left
    assert signal.getsignal(number) == before


async def test_a_crash_of_the_feed_ends_the_app_with_one_line(harness: MakeHarness) -> None:
    ui = harness()
    async with ui.run():
        ui.feed.emit(RuntimeError("boom\nboom"))
        await ui.wait_until(lambda: ui.app.failure)
    assert ui.app.failure == "RuntimeError: boom␊boom"
    assert ui.app.return_code == 1
    assert ui.feed.left


async def test_a_feed_that_cannot_be_opened_ends_the_app_with_one_line(harness: MakeHarness) -> None:
    def fail() -> None:
        raise ValueError("no such transport")

    ui = harness()
    ui.on_open = fail
    async with ui.app.run_test() as pilot:
        ui.attach(pilot)
        await ui.wait_until(lambda: ui.app.failure)
    assert ui.app.failure == "ValueError: no such transport"
    assert ui.app.return_code == 1


async def test_the_app_keeps_running_when_the_feed_ends(harness: MakeHarness) -> None:
    ui = harness()
    async with ui.run():
        ui.feed.emit(None)
        await ui.wait_until(lambda: ui.feed.left)
        await ui.tick_at(5)
        assert ui.app.is_running
        assert "14:00:05Z" in ui.rows()[0]
