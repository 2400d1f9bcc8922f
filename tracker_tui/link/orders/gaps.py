"""The holes of the orders' histories, counted as they open and close."""

from __future__ import annotations

from tracker_tui.domain.seqs import Seqs
from tracker_tui.domain.view import OrderView
from tracker_tui.link.changes import Counters
from tracker_tui.link.session import describe


class GapTracker:
    """What is missing of each order that has a hole.

    Args:
        counters: Where holes are counted.
    """

    def __init__(self, counters: Counters) -> None:
        self._counters = counters
        self._missing: dict[str, Seqs] = {}

    def remove(self, order_id: str) -> None:
        """Stop looking for what is missing of an order."""
        self._missing.pop(order_id, None)

    def observe(self, view: OrderView, *, unseen: bool) -> str | None:
        """Look at an order after its view took something in; what was mended, in words, if something was.

        Args:
            view: What is held of it.
            unseen: Whether something of it is still to come by itself: what that will bring is no hole.
        """
        newest = view.version.seq if view.version and unseen else float("inf")
        holes = () if view.resume is None else tuple(hole for hole in view.gaps if hole[1] < newest)
        missing = self._missing.get(view.order_id)
        if holes:
            self._counters.gaps += missing is None
            self._missing[view.order_id] = (missing or Seqs()) | Seqs(holes)
        elif missing is not None and view.complete:
            del self._missing[view.order_id]
            self._counters.repaired += 1
            count = sum(last - first + 1 for first, last in missing.ranges)
            return f"mended {describe.events(count)} that had been missing: seq {describe.seqs(missing.ranges)}"
        return None
