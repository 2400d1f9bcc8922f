"""Publishes the orders' changes to front ends."""

from __future__ import annotations

from collections.abc import Iterable

from tracker_tui.domain.history import Entry
from tracker_tui.domain.view import OrderView
from tracker_tui.link.change_queue import ChangeQueue
from tracker_tui.link.changes import OrderChanged, Standing
from tracker_tui.link.orders.command_status import CommandStatuses


class OrderPublisher:
    """Puts changes of orders into the queue for front ends.

    Args:
        order_ids: The orders.
        changes: The queue.
        pending_commands: The commands that a change carries.

    Attributes:
        standings: The standing of each order that front ends know.
    """

    def __init__(self, order_ids: Iterable[str], changes: ChangeQueue, pending_commands: CommandStatuses) -> None:
        self.standings = dict.fromkeys(order_ids, Standing.WAITING)
        self._changes = changes
        self._pending_commands = pending_commands

    def publish(
        self, view: OrderView, standing: Standing, arrived: tuple[Entry, ...] = (), *, minor: bool = False
    ) -> None:
        """Publish the state of an order.

        Args:
            view: Its newest view.
            standing: Its standing.
            arrived: Milestones that no earlier change carried.
            minor: Whether only its position changed; a new standing makes any change a full one.
        """
        order_id = view.order_id
        minor = minor and standing is self.standings.get(order_id)
        self.standings[order_id] = standing
        pending = self._pending_commands.of(order_id)
        self._changes.put(OrderChanged(order_id, view, standing, arrived, pending), minor=minor)
