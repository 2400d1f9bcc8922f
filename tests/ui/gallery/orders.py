"""States of the order screen: each function brings an app there."""

from __future__ import annotations

from dataclasses import replace

from tests.support.orders import at, milestone, snapshot
from tests.ui.app_harness import AppHarness
from tests.ui.handlers.test_orders import CANCEL, NOTE, TOO_LATE
from tests.ui.order_fixtures import NOW, cancelled_snapshot, delivered_snapshot, meal_snapshot, show_order
from tests.ui.test_transports import show_fallback
from tracker_tui.domain import overlay
from tracker_tui.link.changes import Phase, Standing, Topic
from tracker_tui.ui.model.scene import Replay


async def connecting(ui: AppHarness) -> None:
    """Show an order before the first byte arrives."""
    await ui.tick_at(2)


async def unknown(ui: AppHarness) -> None:
    """Show an order that the server refuses, and that is similar to another one."""
    await ui.go_live()
    await ui.receive(snapshot(1, order_id="A1042"))
    await ui.refuse("A1024")
    await ui.press("a", *"A1024", "enter")


async def reconnecting(ui: AppHarness) -> None:
    """Show an order ten seconds after the connection was lost."""
    await show_order(ui)
    assert ui.demo is not None
    ui.demo.record(at(NOW), "disconnect: disconnected")
    await ui.receive_note("lost: 1006 abnormal closure")
    await ui.set_link(Phase.BACKOFF, attempt=3, retry_at=NOW + 14, down_at=NOW, reason="1006 abnormal closure")
    await ui.tick_at(NOW + 10)


async def offline(ui: AppHarness) -> None:
    """Show an order more than two minutes after the connection was lost."""
    await show_order(ui)
    await ui.receive_note("lost: 1006 abnormal closure")
    await ui.set_link(Phase.BACKOFF, attempt=9, retry_at=NOW + 158, down_at=NOW, reason="connection refused")
    await ui.tick_at(NOW + 130)


async def quiet(ui: AppHarness) -> None:
    """Show an order when a heartbeat is missing."""
    await show_order(ui)
    await ui.set_link(Phase.QUIET, connected_at=NOW - 28)
    await ui.tick_at(NOW + 6)


async def reconciling(ui: AppHarness) -> None:
    """Show an order with a gap."""
    await show_order(ui)
    await ui.receive(meal_snapshot(59, "arriving"), standing=Standing.RECONCILING)
    await ui.receive_note("seq 58 missing; subscribing again", Topic.GAP, "A1")
    await ui.tick_at(NOW + 1)


async def polling(ui: AppHarness) -> None:
    """Show an order live by polling."""
    await show_fallback(ui, "polling", "long-poll: the stream was opened, and no hello came", period=5.0)


async def over_sse(ui: AppHarness) -> None:
    """Show an order live over SSE."""
    await show_fallback(ui, "sse")


async def well_ended(ui: AppHarness) -> None:
    """Show a delivered order."""
    await show_order(ui)
    await ui.receive(delivered_snapshot())
    await ui.set_link(Phase.FINAL)
    await ui.tick_at(3100)


async def badly_ended(ui: AppHarness) -> None:
    """Show a cancelled order."""
    await show_order(ui)
    await ui.receive(cancelled_snapshot())
    await ui.set_link(Phase.FINAL)
    await ui.tick_at(2100)


async def pending(ui: AppHarness) -> None:
    """Show an unconfirmed note and a refused cancellation."""
    await show_order(ui)
    await ui.receive_note("note sent: “ring twice, please”", Topic.COMMAND, "A1")
    await ui.receive_note("note unconfirmed: no answer in time; sending again with the same id", Topic.COMMAND, "A1")
    await ui.receive_note("cancellation requested", Topic.COMMAND, "A1")
    await ui.receive_note(f"cancel refused: {TOO_LATE}", Topic.COMMAND, "A1")
    await ui.receive_pending(
        overlay.mark_unconfirmed(NOTE, "no answer in time"), overlay.mark_refused(CANCEL, TOO_LATE, at(NOW))
    )


async def replayed(ui: AppHarness) -> None:
    """Show a replay at its end."""
    await show_order(ui)
    ui.app._state = replace(ui.app._state, replay=Replay(4.0))
    ui.feed.emit(None)
    await ui.settle()
    await ui.tick_at(NOW)


async def paused(ui: AppHarness) -> None:
    """Show a paused order with a change since the pause."""
    await show_order(ui)
    await ui.press("p")
    await ui.receive(meal_snapshot(58, "arriving"))
    await ui.tick_at(NOW + 10)


async def notified(ui: AppHarness) -> None:
    """Show the message of a key, and an alert after it."""
    await show_order(ui)
    ui.app.announce("Nothing to open: the order has no page.", is_warning=True)
    await ui.receive(meal_snapshot(58, "arriving", None, milestone(58, "arriving", occurred_at=at(NOW - 3))))
    await ui.wait_until(lambda: "A1: ▶ Arriving" in ui.text())
    await ui.settle()
