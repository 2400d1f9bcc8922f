"""Orders that get a place on the stream or give it up: what `places` decides is carried out here."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence

from tracker_tui.domain.view import OrderView
from tracker_tui.link.change_queue import ChangeQueue
from tracker_tui.link.changes import OrderChanged, OrderForgotten, Standing
from tracker_tui.link.orders.orders import Orders
from tracker_tui.link.orders.watch_slots import WatchSlots
from tracker_tui.link.session import events


class SlotAllocator:
    """Admits orders to the feed and removes them.

    Args:
        named: Orders that the user named: they never leave.
        orders: The orders that are watched.
        outbox: Where front ends are told.
        came: Called with what the session has to know.
        unsubscribe: Called with orders that the open streams need not tell of any more.
        note: Takes a line for the event log.

    Attributes:
        slots: What decides, and the views of the orders that left.
    """

    def __init__(
        self,
        named: Iterable[str],
        orders: Orders,
        outbox: ChangeQueue,
        *,
        came: Callable[[events.Event], None],
        unsubscribe: Callable[[Sequence[str]], None],
        note: Callable[[str], None],
    ) -> None:
        self.slots = WatchSlots(named)
        self._orders = orders
        self._outbox = outbox
        self._came = came
        self._unsubscribe = unsubscribe
        self._note = note
        self._was_crowded = False

    def add_named(self, order_ids: Iterable[str], at: float) -> None:
        """Watch orders that the user names, as far as there are places."""
        self._admit(self.slots.add_named(order_ids), at)

    def update_list(self, order_ids: Iterable[str], at: float) -> None:
        """Take in a list of the open orders, and watch as many of them as there are places."""
        self.slots.update_list(order_ids)
        self._fill(at)

    def release_finished(self, at: float) -> None:
        """Remove the orders that give up their place, and fill the free places from the last list."""
        leaving = self.slots.due_for_release(self._orders.finished_at, at, self._orders.is_settled)
        if not leaving:
            return
        subscribed: list[str] = []
        for order_id in leaving:
            view, problem = self._orders.remove(order_id)
            if problem is None:
                subscribed.append(order_id)
                self._outbox.put(OrderChanged(order_id, view, Standing.FINAL))
            for forgotten in self.slots.release(view, problem, at):
                self._outbox.put(OrderForgotten(forgotten))
        for order_id in subscribed:
            self._came(events.OrderRemoved(order_id, at))
        if subscribed:
            self._unsubscribe(subscribed)
        self._fill(at)

    def _fill(self, at: float) -> None:
        self._admit(self.slots.fill_free(at), at)
        coverage = self.slots.coverage
        if not coverage.is_whole and not self._was_crowded:
            # Said once: the number of orders goes up and down, and the badge follows it.
            self._was_crowded = True
            self._note(f"watching {coverage.watched:,} of {coverage.words} orders: there are no more places")

    def _admit(self, views: Sequence[OrderView], at: float) -> None:
        if views:
            self._orders.add(views, at)
            self._came(events.OrdersAdded(tuple(view.order_id for view in views), at))
