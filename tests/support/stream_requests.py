"""Stream requests for tests without a feed."""

from __future__ import annotations

from collections.abc import Mapping

from tracker_tui.domain.cursor import Cursor
from tracker_tui.link.auth.token import Token
from tracker_tui.link.transports.base import StreamRequest


def stream_request(orders: Mapping[str, Cursor | None] | None = None, token: Token | None = None) -> StreamRequest:
    """Return a request for orders from these cursors; the mapping is read at each request."""
    cursors = {} if orders is None else orders
    return StreamRequest(
        tuple(cursors), lambda ids: {order_id: cursors[order_id] for order_id in ids if order_id in cursors}, token
    )
