"""States of the board: each function brings an app there."""

from __future__ import annotations

from tests.ui.app_harness import AppHarness
from tests.ui.gallery.evening import NOW, show_evening, show_short_list
from tests.ui.test_transports import BLOCKED
from tracker_tui.link.changes import Phase


async def over_sse(ui: AppHarness) -> None:
    """Show the board live over SSE."""
    await show_short_list(ui)
    await ui.go_live(transport="sse", fallback=BLOCKED)


async def polling(ui: AppHarness) -> None:
    """Show the board live by polling."""
    await show_short_list(ui)
    await ui.go_live(transport="polling", fallback="long-poll: the stream was opened, and no hello came", period=5.0)


async def signed_out(ui: AppHarness) -> None:
    """Show the board after the token expired."""
    await show_short_list(ui)
    await ui.receive_note("signed out: 4001 token expired")
    await ui.set_link(Phase.SIGNED_OUT, reason="4001 token expired", code="token_expired", down_at=NOW)
    await ui.tick_at(NOW + 10)


async def reconnecting(ui: AppHarness) -> None:
    """Show the board ten seconds after the connection was lost."""
    await show_evening(ui)
    await ui.receive_note("lost: 1006 abnormal closure")
    await ui.set_link(Phase.BACKOFF, attempt=3, retry_at=NOW + 14, down_at=NOW, reason="1006 abnormal closure")
    await ui.tick_at(NOW + 10)


async def unreachable(ui: AppHarness) -> None:
    """Show the board of a server that has never answered."""
    await ui.set_link(Phase.BACKOFF, attempt=3, retry_at=14.0, down_at=0.0, reason="connection refused")
    await ui.tick_at(10)


async def filtered(ui: AppHarness) -> None:
    """Show the board with a marked order while a filter is typed."""
    await show_evening(ui)
    await ui.press("down", "space", "slash", *"!done")


async def marked(ui: AppHarness) -> None:
    """Show the board with two marked orders and the cursor below them."""
    await show_evening(ui)
    await ui.press("down", "space", "down", "down", "space", "down", "down")


async def in_order_of_id(ui: AppHarness) -> None:
    """Show the board sorted by id."""
    await show_evening(ui)
    await ui.press("s", "i")


async def sort_menu(ui: AppHarness) -> None:
    """Show the sort menu with its second line selected."""
    await show_evening(ui)
    await ui.press("s", "down")
