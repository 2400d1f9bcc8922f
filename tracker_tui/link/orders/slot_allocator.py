"""Adds orders to the feed and removes them, as `watch_slots` decides."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence

from tracker_tui.domain.view import OrderView
from tracker_tui.link.change_queue import ChangeQueue
from tracker_tui.link.changes import OrderChanged, OrderForgotten, Standing
from tracker_tui.link.orders.orders import Orders
from tracker_tui.link.orders.watch_slots import WatchSlots
from tracker_tui.link.session import events


class SlotAllocator:
    """Gives orders a slot on the stream, and removes orders that release theirs.

    Args:
        named: Orders that the user named; only the user removes them.
        orders: The watched orders.
        changes: Receives the changes for front ends.
        dispatch: Called with events for the session.
        unsubscribe: Called with orders to unsubscribe on the open streams.
        note: Called with a line for the event log.

    Attributes:
        slots: The slots, and the views of the removed orders.
    """

    def __init__(
        self,
        named: Iterable[str],
        orders: Orders,
        changes: ChangeQueue,
        *,
        dispatch: Callable[[events.Event], None],
        unsubscribe: Callable[[Sequence[str]], None],
        note: Callable[[str], None],
    ) -> None:
        self.slots = WatchSlots(named)
        self._orders = orders
        self._changes = changes
        self._dispatch = dispatch
        self._unsubscribe = unsubscribe
        self._note = note
        self._was_full = False

    def add_named(self, order_ids: Sequence[str], at: float) -> None:
        """Watch orders that the user names, in place of orders of the list if needed; request refused ones again."""
        for order_id in order_ids:
            if order_id in self._orders.refused:
                self.slots.hide(self._orders.remove(order_id)[0])
        self._hide(self.slots.crowded_out(order_ids, lambda each: not self._orders.has_open_command(each)), at)
        self._add(self.slots.add_named(order_ids), at)
        self._fill_free(at)

    def remove(self, order_id: str, at: float) -> None:
        """Stop watching an order that the user removed, or keep it from being watched."""
        self.slots.remove(order_id)
        self._hide([order_id], at)
        self._fill_free(at)

    def update_list(self, order_ids: Iterable[str], at: float) -> None:
        """Take a new list of the open orders, and watch as many of them as there are free slots."""
        self.slots.update_list(order_ids)
        self._fill_free(at)

    def release_finished(self, at: float) -> None:
        """Remove the orders that release their slot, and fill the free slots from the last list."""
        released = self.slots.due_for_release(self._orders.completion.finished_at, at, self._orders.is_settled)
        if not released:
            return
        subscribed: list[str] = []
        for order_id in released:
            view, problem = self._orders.remove(order_id)
            if problem is None:
                subscribed.append(order_id)
                self._changes.put(OrderChanged(order_id, view, Standing.FINAL))
            for forgotten in self.slots.release(view, problem, at):
                self._changes.put(OrderForgotten(forgotten))
        self._stop(subscribed, at)
        self._fill_free(at)

    def _hide(self, order_ids: Iterable[str], at: float) -> None:
        """Remove orders from front ends, too."""
        subscribed: list[str] = []
        for order_id in order_ids:
            view = OrderView(order_id)
            if order_id in self._orders.views:
                view, problem = self._orders.remove(order_id)
                subscribed += [order_id] if problem is None else []
            self.slots.hide(view)
            self._changes.put(OrderForgotten(order_id))
        self._stop(subscribed, at)

    def _stop(self, order_ids: Sequence[str], at: float) -> None:
        """Stop the subscriptions of orders that are not watched any more."""
        for order_id in order_ids:
            self._dispatch(events.OrderRemoved(order_id, at))
        if order_ids:
            self._unsubscribe(order_ids)

    def _fill_free(self, at: float) -> None:
        self._add(self.slots.fill_free(at), at)
        coverage = self.slots.coverage
        if not coverage.is_whole and not self._was_full:
            # Logged once: the number of orders goes up and down, and the badge shows it.
            self._was_full = True
            self._note(f"watching {coverage.watched:,} of {coverage.words} orders: the limit is reached")

    def _add(self, views: Sequence[OrderView], at: float) -> None:
        if views:
            self._orders.add(views, at)
            self._dispatch(events.OrdersAdded(tuple(view.order_id for view in views), at))
