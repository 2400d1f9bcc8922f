"""Finds the edges of a feed's orders, as changes arrive and as time passes."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from tracker_tui.domain.edges import EdgeDetector, EdgeReport
from tracker_tui.domain.view import OrderView
from tracker_tui.link.changes import Change, LinkChanged, LinkState, OrderChanged, OrderForgotten, Phase, Standing

CHECKS_PER_TICK = 50
"""Orders checked in one tick for edges by time alone; the next ticks check the others."""


@dataclass(frozen=True, slots=True)
class OrderEdges:
    """The edges of one order, with its view."""

    view: OrderView
    report: EdgeReport


class EdgeWatch:
    """Follows the changes of a feed. An edge counts only while the link is live and the order in sync."""

    def __init__(self) -> None:
        self._detector = EdgeDetector()
        self._link: LinkState | None = None
        self._orders: dict[str, tuple[OrderView, Standing]] = {}
        self._next = 0

    def on_change(self, change: Change, now: datetime) -> list[OrderEdges]:
        """Return the edges after a change, at the wall time `now`."""
        match change:
            case OrderChanged(order_id=order_id, view=view, standing=standing):
                self._orders[order_id] = view, standing
                if self._detector.needs_check(view) or not self._is_trusted(standing):
                    return list(self._check([(view, standing)], now))
            case OrderForgotten(order_id=order_id):
                self.forget(order_id)
            case LinkChanged(link=link):
                was_trusted = self._is_trusted(Standing.IN_SYNC)
                self._link = link
                if was_trusted and not self._is_trusted(Standing.IN_SYNC):
                    for view, _ in self._orders.values():
                        self._detector.check(view, now, trusted=False)
            case _:
                pass
        return []

    def tick(self, now: datetime) -> list[OrderEdges]:
        """Return the edges of some orders by time alone; call it once a second."""
        ids = tuple(self._orders)
        first = self._next if self._next < len(ids) else 0
        self._next = first + CHECKS_PER_TICK
        return list(self._check([self._orders[each] for each in ids[first : self._next]], now))

    def forget(self, order_id: str) -> None:
        """Drop an order; when it appears again, its first view has no edges."""
        self._orders.pop(order_id, None)
        self._detector.forget(order_id)

    def _check(self, orders: list[tuple[OrderView, Standing]], now: datetime) -> Iterator[OrderEdges]:
        for view, standing in orders:
            report = self._detector.check(view, now, trusted=self._is_trusted(standing))
            if report.edges:
                yield OrderEdges(view, report)

    def _is_trusted(self, standing: Standing) -> bool:
        up = self._link is not None and self._link.phase in {Phase.LIVE, Phase.FINAL}
        return up and standing is Standing.IN_SYNC
