"""Dialogs and panels over the order screen, and the log: each function brings an app there."""

from __future__ import annotations

from dataclasses import replace

from textual.command import CommandList
from textual.events import Paste
from textual.widgets import Input, LoadingIndicator

from tests.support.orders import at, snapshot
from tests.ui.app_harness import AppHarness
from tests.ui.gallery.orders import pending, reconnecting
from tests.ui.order_fixtures import NOW, show_order


async def help_page(ui: AppHarness) -> None:
    """Show the help."""
    await show_order(ui)
    await ui.press("question_mark")


async def log(ui: AppHarness) -> None:
    """Show the whole log."""
    await pending(ui)
    assert ui.demo is not None
    for second in range(12):
        ui.demo.record(at(NOW + second), "drop: event dropped")
        await ui.receive_note(f"a gap of {second + 1} was repaired")
    await ui.press("l")


async def palette(ui: AppHarness) -> None:
    """Show the palette before anything is typed."""
    await show_order(ui)
    await ui.press("ctrl+p")
    every = len(list(ui.app.get_system_commands(ui.app.screen_stack[0])))
    await ui.wait_until(lambda: ui.app.screen.query_one(CommandList).option_count == every)
    ui.app.screen.query_one(Input).cursor_blink = False
    await ui.wait_until(lambda: not ui.app.screen.query_one(LoadingIndicator).has_class("--visible"))
    await ui.settle()


async def add_prompt(ui: AppHarness) -> None:
    """Show the prompt for order ids, with a suggestion."""
    await ui.go_live()
    await ui.receive(snapshot(1, order_id="A1042"))
    await ui.press("a", *"A1024")


async def add_question(ui: AppHarness) -> None:
    """Show the question before many orders are added."""
    await ui.go_live()
    await ui.press("a")
    field = ui.app.focused
    assert field is not None
    field.post_message(Paste(" ".join(["about", *(f"A{number}" for number in range(1001, 1026))])))
    await ui.press("enter")


async def fault_lab(ui: AppHarness) -> None:
    """Show the fault lab with an armed fault and twelve seconds of events."""
    await show_order(ui)
    assert ui.demo is not None
    await ui.press("f")
    sent = received = 0
    repaired = ui.feed.counters.repaired
    for second in range(1, 13):
        sent, received = sent + 1 + second % 3, received + (0 if second in {5, 6} else 1 + second % 3)
        ui.demo.sent = sent
        repaired += second == 8
        ui.feed.counters = replace(ui.feed.counters, events=received, repaired=repaired)
        await ui.tick_at(NOW + second)
    await ui.press("7")


async def tour(ui: AppHarness) -> None:
    """Show the first stop of the tour."""
    await reconnecting(ui)
    await ui.press("f", "T")
    await ui.wait_until(lambda: "Ten failures" in ui.text())
    await ui.press("space")


async def note_prompt(ui: AppHarness) -> None:
    """Show a note being typed."""
    await show_order(ui)
    await ui.press("n", *"Customer asks to ring twice")


async def cancel_prompt(ui: AppHarness) -> None:
    """Show the question before a cancellation."""
    await show_order(ui)
    await ui.press("X")
