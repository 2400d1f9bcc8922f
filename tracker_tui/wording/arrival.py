"""The expected arrival of an order in words."""

from __future__ import annotations

from datetime import datetime

from tracker_tui.domain.lateness import Lateness, exceeds_promise, judged_in, lateness, zone_at
from tracker_tui.domain.order import Precision
from tracker_tui.domain.view import OrderView
from tracker_tui.wording.times import Instant, arrival, window


def arrival_of(view: OrderView, instant: Instant, judged_at: datetime) -> str:
    """Return the expected arrival of an open order with its precision; empty without an ETA.

    If the order is not late but the middle of its ETA is after the promise, the result is the window: the middle would
    look late.

    Args:
        view: The order.
        instant: The present, and the zone of times.
        judged_at: The wall time up to which the order is known.
    """
    state, order = view.current, view.order
    if state is None or state.eta is None or state.outcome is not None:
        return ""
    promised = order.promised_at if order else None
    is_window = (
        state.eta.precision is Precision.MINUTE
        and exceeds_promise(state.eta, promised, judged_in(view))
        and lateness(view, judged_at) is not Lateness.LATE
    )
    return (window if is_window else arrival)(state.eta, instant, zone_at(order))
