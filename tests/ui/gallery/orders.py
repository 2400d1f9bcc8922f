"""What may be seen of one order: each of these brings a rig there."""

from __future__ import annotations

from dataclasses import replace

from tests.support.orders import at
from tests.ui.app_harness import Rig
from tests.ui.order_fixtures import NOW, cancelled, delivered, lunch, watched
from tests.ui.test_action_handlers import CANCEL, NOTE, TOO_LATE
from tests.ui.test_transports import fallen_back
from tracker_tui.domain import overlay
from tracker_tui.link.changes import Phase, Standing, Topic
from tracker_tui.ui.model.scene import Replay


async def connecting(it: Rig) -> None:
    """Nothing has been heard yet."""
    await it.at(2)


async def reconnecting(it: Rig) -> None:
    """The connection was lost ten seconds ago."""
    await watched(it)
    assert it.demo is not None
    it.demo.tell(at(NOW), "disconnect: disconnected")
    await it.note("lost: 1006 abnormal closure")
    await it.link(Phase.BACKOFF, attempt=3, retry_at=NOW + 14, down_at=NOW, reason="1006 abnormal closure")
    await it.at(NOW + 10)


async def offline(it: Rig) -> None:
    """It was lost more than two minutes ago."""
    await watched(it)
    await it.note("lost: 1006 abnormal closure")
    await it.link(Phase.BACKOFF, attempt=9, retry_at=NOW + 158, down_at=NOW, reason="connection refused")
    await it.at(NOW + 130)


async def quiet(it: Rig) -> None:
    """Nothing was heard for longer than a heartbeat."""
    await watched(it)
    await it.link(Phase.QUIET, connected_at=NOW - 28)
    await it.at(NOW + 6)


async def reconciling(it: Rig) -> None:
    """Connected, with a hole in what is known of the order."""
    await watched(it)
    await it.tell(lunch(59, "arriving"), standing=Standing.RECONCILING)
    await it.note("seq 58 missing; subscribing again", Topic.GAP, "A1")
    await it.at(NOW + 1)


async def polling(it: Rig) -> None:
    """No stream gets through."""
    await fallen_back(it, "polling", "long-poll: the stream was opened, and no hello came", period=5.0)


async def over_sse(it: Rig) -> None:
    """No WebSocket gets through."""
    await fallen_back(it, "sse")


async def well_ended(it: Rig) -> None:
    """Delivered."""
    await watched(it)
    await it.tell(delivered())
    await it.link(Phase.FINAL)
    await it.at(3100)


async def badly_ended(it: Rig) -> None:
    """Cancelled."""
    await watched(it)
    await it.tell(cancelled())
    await it.link(Phase.FINAL)
    await it.at(2100)


async def asked(it: Rig) -> None:
    """A note without an answer, and a cancellation that was refused."""
    await watched(it)
    await it.note("note asked: “ring twice, please”", Topic.COMMAND, "A1")
    await it.note("note unconfirmed: no answer in time; asking again under the same id", Topic.COMMAND, "A1")
    await it.note("cancel asked", Topic.COMMAND, "A1")
    await it.note(f"cancel refused: {TOO_LATE}", Topic.COMMAND, "A1")
    await it.pending(
        overlay.mark_unconfirmed(NOTE, "no answer in time"), overlay.mark_refused(CANCEL, TOO_LATE, at(NOW))
    )


async def replayed(it: Rig) -> None:
    """A recording that has come to its end."""
    await watched(it)
    it.app._state = replace(it.app._state, replay=Replay(4.0))
    it.feed.say(None)
    await it.settle()
    await it.at(NOW)


async def paused(it: Rig) -> None:
    """The picture stands still, and something has come since."""
    await watched(it)
    await it.press("p")
    await it.tell(lunch(58, "arriving"))
    await it.at(NOW + 10)


async def toasted(it: Rig) -> None:
    """An alert and the answer to a key lie over the screen."""
    await watched(it)
    await it.tell(lunch(58, "arriving"))
    it.app.announce("Nothing to open: the order has no page.", is_warning=True)
    await it.until(lambda: "Nothing to open" in it.text() and "A1: ▶ Arriving" in it.text())
    await it.settle()
