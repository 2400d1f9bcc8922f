"""What may be seen of one order: each of these brings a rig there."""

from __future__ import annotations

from dataclasses import replace

from tests.support.orders import at
from tests.ui.app_harness import AppHarness
from tests.ui.order_fixtures import NOW, cancelled_snapshot, delivered_snapshot, meal_snapshot, show_order
from tests.ui.test_action_handlers import CANCEL, NOTE, TOO_LATE
from tests.ui.test_transports import show_fallback
from tracker_tui.domain import overlay
from tracker_tui.link.changes import Phase, Standing, Topic
from tracker_tui.ui.model.scene import Replay


async def connecting(ui: AppHarness) -> None:
    """Nothing has been heard yet."""
    await ui.tick_at(2)


async def reconnecting(ui: AppHarness) -> None:
    """The connection was lost ten seconds ago."""
    await show_order(ui)
    assert ui.demo is not None
    ui.demo.record(at(NOW), "disconnect: disconnected")
    await ui.receive_note("lost: 1006 abnormal closure")
    await ui.set_link(Phase.BACKOFF, attempt=3, retry_at=NOW + 14, down_at=NOW, reason="1006 abnormal closure")
    await ui.tick_at(NOW + 10)


async def offline(ui: AppHarness) -> None:
    """It was lost more than two minutes ago."""
    await show_order(ui)
    await ui.receive_note("lost: 1006 abnormal closure")
    await ui.set_link(Phase.BACKOFF, attempt=9, retry_at=NOW + 158, down_at=NOW, reason="connection refused")
    await ui.tick_at(NOW + 130)


async def quiet(ui: AppHarness) -> None:
    """Nothing was heard for longer than a heartbeat."""
    await show_order(ui)
    await ui.set_link(Phase.QUIET, connected_at=NOW - 28)
    await ui.tick_at(NOW + 6)


async def reconciling(ui: AppHarness) -> None:
    """Connected, with a hole in what is known of the order."""
    await show_order(ui)
    await ui.receive(meal_snapshot(59, "arriving"), standing=Standing.RECONCILING)
    await ui.receive_note("seq 58 missing; subscribing again", Topic.GAP, "A1")
    await ui.tick_at(NOW + 1)


async def polling(ui: AppHarness) -> None:
    """No stream gets through."""
    await show_fallback(ui, "polling", "long-poll: the stream was opened, and no hello came", period=5.0)


async def over_sse(ui: AppHarness) -> None:
    """No WebSocket gets through."""
    await show_fallback(ui, "sse")


async def well_ended(ui: AppHarness) -> None:
    """Delivered."""
    await show_order(ui)
    await ui.receive(delivered_snapshot())
    await ui.set_link(Phase.FINAL)
    await ui.tick_at(3100)


async def badly_ended(ui: AppHarness) -> None:
    """Cancelled."""
    await show_order(ui)
    await ui.receive(cancelled_snapshot())
    await ui.set_link(Phase.FINAL)
    await ui.tick_at(2100)


async def pending(ui: AppHarness) -> None:
    """A note without an answer, and a cancellation that was refused."""
    await show_order(ui)
    await ui.receive_note("note asked: “ring twice, please”", Topic.COMMAND, "A1")
    await ui.receive_note("note unconfirmed: no answer in time; asking again under the same id", Topic.COMMAND, "A1")
    await ui.receive_note("cancel asked", Topic.COMMAND, "A1")
    await ui.receive_note(f"cancel refused: {TOO_LATE}", Topic.COMMAND, "A1")
    await ui.receive_pending(
        overlay.mark_unconfirmed(NOTE, "no answer in time"), overlay.mark_refused(CANCEL, TOO_LATE, at(NOW))
    )


async def replayed(ui: AppHarness) -> None:
    """A recording that has come to its end."""
    await show_order(ui)
    ui.app._state = replace(ui.app._state, replay=Replay(4.0))
    ui.feed.emit(None)
    await ui.settle()
    await ui.tick_at(NOW)


async def paused(ui: AppHarness) -> None:
    """The picture stands still, and something has come since."""
    await show_order(ui)
    await ui.press("p")
    await ui.receive(meal_snapshot(58, "arriving"))
    await ui.tick_at(NOW + 10)


async def toasted(ui: AppHarness) -> None:
    """An alert and the answer to a key lie over the screen."""
    await show_order(ui)
    await ui.receive(meal_snapshot(58, "arriving"))
    ui.app.announce("Nothing to open: the order has no page.", is_warning=True)
    await ui.wait_until(lambda: "Nothing to open" in ui.text() and "A1: ▶ Arriving" in ui.text())
    await ui.settle()
