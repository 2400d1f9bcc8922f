"""What may be seen of several orders: each of these brings a rig there."""

from __future__ import annotations

from tests.ui.app_harness import Rig
from tests.ui.board_fixtures import NOW, busy_evening
from tests.ui.screens.test_board import four_orders
from tests.ui.test_transports import BLOCKED, EXPIRED
from tracker_tui.link.changes import Phase


async def over_sse(it: Rig) -> None:
    """No WebSocket gets through."""
    await four_orders(it)
    await it.live(transport="sse", fallback=BLOCKED)


async def polling(it: Rig) -> None:
    """No stream gets through."""
    await four_orders(it)
    await it.live(transport="polling", fallback="long-poll: the stream was opened, and no hello came", period=5.0)


async def signed_out(it: Rig) -> None:
    """The token ran out."""
    await four_orders(it)
    await it.link(Phase.SIGNED_OUT, **EXPIRED)


async def reconnecting(it: Rig) -> None:
    """The connection was lost ten seconds ago."""
    await busy_evening(it)
    await it.note("lost: 1006 abnormal closure")
    await it.link(Phase.BACKOFF, attempt=3, retry_at=NOW + 14, down_at=NOW, reason="1006 abnormal closure")
    await it.at(NOW + 10)


async def filtered(it: Rig) -> None:
    """A filter is being typed, with an order marked."""
    await busy_evening(it)
    await it.press("down", "space", "slash", *"!done")


async def marked(it: Rig) -> None:
    """Two orders are marked, and the cursor stands further down."""
    await busy_evening(it)
    await it.press("down", "space", "down", "down", "space", "down", "down")


async def in_order_of_id(it: Rig) -> None:
    """What comes first is no longer what wants attention."""
    await busy_evening(it)
    await it.press("s", "i")


async def sort_menu(it: Rig) -> None:
    """The menu over the board, with its second line pointed at."""
    await busy_evening(it)
    await it.press("s", "down")
