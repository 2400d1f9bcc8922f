"""The orders that have finished, and those from which more is expected."""

from __future__ import annotations

from collections.abc import Iterable

from tracker_tui.domain.view import OrderView


class Completion:
    """Tracks which orders have ended or were refused.

    Attributes:
        finished_at: Orders that ended or were refused, with the time of that in seconds on the clock, earliest first.
        expecting: Orders from which more is expected.
    """

    def __init__(self, order_ids: Iterable[str]) -> None:
        self.finished_at: dict[str, float] = {}
        self.expecting = set(order_ids)

    def observe(self, view: OrderView, at: float, *, served: bool) -> None:
        """Take the newest view of an order; `served` says whether the current stream answered its subscription."""
        ended = has_outcome(view)
        if ended:
            self.finished_at.setdefault(view.order_id, at)
        else:
            self.finished_at.pop(view.order_id, None)
        if ended and view.complete and served:
            self.expecting.discard(view.order_id)
        else:
            self.expecting.add(view.order_id)

    def refuse(self, order_id: str, at: float) -> None:
        """Count a refused order as finished."""
        self.finished_at.setdefault(order_id, at)
        self.expecting.discard(order_id)

    def remove(self, order_id: str) -> None:
        """Drop an order."""
        self.expecting.discard(order_id)
        self.finished_at.pop(order_id, None)


def has_outcome(view: OrderView) -> bool:
    """Return whether an order has ended, according to its newest known state."""
    return view.state is not None and view.state.value.outcome is not None
