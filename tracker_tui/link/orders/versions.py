"""The versions of the orders' views, to count what was missed while the connection was down."""

from __future__ import annotations

from collections.abc import Mapping

from tracker_tui.domain.cursor import Cursor
from tracker_tui.domain.view import OrderView


def versions(views: Mapping[str, OrderView]) -> dict[str, Cursor | None]:
    """Return the version of every view."""
    return {order_id: view.version for order_id, view in views.items()}


def events_since(views: Mapping[str, OrderView], since: Mapping[str, Cursor | None]) -> int | None:
    """Return by how many versions the views are ahead of `since`; None if a new epoch makes that uncountable."""
    known = ((since[order_id], view.version) for order_id, view in views.items() if order_id in since)
    pairs = [(before, now) for before, now in known if before and now]
    if any(now.epoch != before.epoch for before, now in pairs):
        return None
    return sum(now.seq - before.seq for before, now in pairs)
