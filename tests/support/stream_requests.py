"""What a stream is asked for, by a test that is its own feed."""

from __future__ import annotations

from collections.abc import Mapping

from tracker_tui.domain.cursor import Cursor
from tracker_tui.link.auth.token import Token
from tracker_tui.link.transports.base import StreamRequest


def stream_request(orders: Mapping[str, Cursor | None] | None = None, token: Token | None = None) -> StreamRequest:
    """Ask for `orders` from these cursors; the mapping is read anew for each request."""
    wanted = {} if orders is None else orders
    return StreamRequest(
        tuple(wanted), lambda ids: {order_id: wanted[order_id] for order_id in ids if order_id in wanted}, token
    )
