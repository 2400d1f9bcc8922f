"""The gaps in the orders' histories, counted when they open and when they are filled."""

from __future__ import annotations

from tracker_tui.domain.seqs import Seqs
from tracker_tui.domain.view import OrderView
from tracker_tui.link.changes import Counters
from tracker_tui.link.session import describe


class GapTracker:
    """The missing seqs of each order that has a gap.

    Args:
        counters: The counters of gaps.
    """

    def __init__(self, counters: Counters) -> None:
        self._counters = counters
        self._missing: dict[str, Seqs] = {}

    def remove(self, order_id: str) -> None:
        """Drop the missing seqs of an order."""
        self._missing.pop(order_id, None)

    def observe(self, view: OrderView, *, expects_more: bool) -> str | None:
        """Compare with the newest view of an order; return a log line if its gaps were filled.

        Args:
            view: The newest view.
            expects_more: Whether the stream still delivers earlier versions: these are no gap.
        """
        newest = view.version.seq if view.version and expects_more else float("inf")
        gaps = () if view.resume is None else tuple(gap for gap in view.gaps if gap[1] < newest)
        missing = self._missing.get(view.order_id)
        if gaps:
            self._counters.gaps += missing is None
            self._missing[view.order_id] = (missing or Seqs()) | Seqs(gaps)
        elif missing is not None and view.complete:
            del self._missing[view.order_id]
            self._counters.repaired += 1
            count = sum(last - first + 1 for first, last in missing.ranges)
            return f"recovered {describe.events(count)} that had been missing: seq {describe.seqs(missing.ranges)}"
        return None
