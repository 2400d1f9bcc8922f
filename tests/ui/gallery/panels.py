"""What lies over the screen of an order, or goes in its place: each of these brings a rig there."""

from __future__ import annotations

from dataclasses import replace

from textual.command import CommandList
from textual.widgets import Input, LoadingIndicator

from tests.support.orders import at
from tests.ui.app_harness import Rig
from tests.ui.gallery.orders import asked, reconnecting
from tests.ui.order_fixtures import NOW, watched


async def helped(it: Rig) -> None:
    """The help."""
    await watched(it)
    await it.press("question_mark")


async def logged(it: Rig) -> None:
    """The whole log."""
    await asked(it)
    assert it.demo is not None
    for second in range(12):
        it.demo.tell(at(NOW + second), "drop: event dropped")
        await it.note(f"a gap of {second + 1} was mended")
    await it.press("l")


async def searching(it: Rig) -> None:
    """The palette, before anything is typed."""
    await watched(it)
    await it.press("ctrl+p")
    every = len(list(it.app.get_system_commands(it.app.screen_stack[0])))
    await it.until(lambda: it.app.screen.query_one(CommandList).option_count == every)
    it.app.screen.query_one(Input).cursor_blink = False
    await it.until(lambda: not it.app.screen.query_one(LoadingIndicator).has_class("--visible"))
    await it.settle()


async def faulty(it: Rig) -> None:
    """The fault lab, with a fault at work for twelve seconds."""
    await watched(it)
    assert it.demo is not None
    await it.press("f")
    sent = received = 0
    mended = it.feed.counters.repaired
    for second in range(1, 13):
        sent, received = sent + 1 + second % 3, received + (0 if second in {5, 6} else 1 + second % 3)
        it.demo.sent = sent
        mended += second == 8
        it.feed.counters = replace(it.feed.counters, events=received, repaired=mended)
        await it.at(NOW + second)
    await it.press("7")


async def rated(it: Rig) -> None:
    """The field for the rate of a fault that is at work."""
    await faulty(it)
    await it.press("percent_sign", "4", "5")


async def toured(it: Rig) -> None:
    """The first stop of the tour."""
    await reconnecting(it)
    await it.press("T", "space")


async def noting(it: Rig) -> None:
    """A note is being written."""
    await watched(it)
    await it.press("n", *"Customer asks to ring twice")


async def cancelling(it: Rig) -> None:
    """The question before a cancellation."""
    await watched(it)
    await it.press("X")
