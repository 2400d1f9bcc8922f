"""What may be seen of several orders: each of these brings a rig there."""

from __future__ import annotations

from tests.ui.app_harness import AppHarness
from tests.ui.board_fixtures import NOW, show_board
from tests.ui.screens.test_board import show_four_orders
from tests.ui.test_transports import BLOCKED, EXPIRED
from tracker_tui.link.changes import Phase


async def over_sse(ui: AppHarness) -> None:
    """No WebSocket gets through."""
    await show_four_orders(ui)
    await ui.go_live(transport="sse", fallback=BLOCKED)


async def polling(ui: AppHarness) -> None:
    """No stream gets through."""
    await show_four_orders(ui)
    await ui.go_live(transport="polling", fallback="long-poll: the stream was opened, and no hello came", period=5.0)


async def signed_out(ui: AppHarness) -> None:
    """The token ran out."""
    await show_four_orders(ui)
    await ui.set_link(Phase.SIGNED_OUT, **EXPIRED)


async def reconnecting(ui: AppHarness) -> None:
    """The connection was lost ten seconds ago."""
    await show_board(ui)
    await ui.receive_note("lost: 1006 abnormal closure")
    await ui.set_link(Phase.BACKOFF, attempt=3, retry_at=NOW + 14, down_at=NOW, reason="1006 abnormal closure")
    await ui.tick_at(NOW + 10)


async def filtered(ui: AppHarness) -> None:
    """A filter is being typed, with an order marked."""
    await show_board(ui)
    await ui.press("down", "space", "slash", *"!done")


async def marked(ui: AppHarness) -> None:
    """Two orders are marked, and the cursor stands further down."""
    await show_board(ui)
    await ui.press("down", "space", "down", "down", "space", "down", "down")


async def in_order_of_id(ui: AppHarness) -> None:
    """What comes first is no longer what wants attention."""
    await show_board(ui)
    await ui.press("s", "i")


async def sort_menu(ui: AppHarness) -> None:
    """The menu over the board, with its second line pointed at."""
    await show_board(ui)
    await ui.press("s", "down")
