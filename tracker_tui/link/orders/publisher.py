"""Publishes the orders' changes and log lines to front ends."""

from __future__ import annotations

from collections.abc import Iterable

from tracker_tui.domain.history import Entry
from tracker_tui.domain.sanitize import sanitize
from tracker_tui.domain.view import OrderView
from tracker_tui.link.change_queue import ChangeQueue
from tracker_tui.link.changes import Noted, OrderChanged, Standing, Topic
from tracker_tui.link.clock import Clock
from tracker_tui.link.orders.command_status import CommandStatuses
from tracker_tui.link.orders.repair import Remedy, Repair
from tracker_tui.link.session import describe


class OrderPublisher:
    """Puts changes of orders into the queue for front ends.

    Args:
        order_ids: The orders.
        clock: The clock of the feed.
        changes: The queue.
        pending_commands: The commands that a change carries.

    Attributes:
        standings: The standing of each order that front ends know.
    """

    def __init__(
        self, order_ids: Iterable[str], clock: Clock, changes: ChangeQueue, pending_commands: CommandStatuses
    ) -> None:
        self.standings = dict.fromkeys(order_ids, Standing.WAITING)
        self._clock = clock
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

    def note(self, topic: Topic, text: str, order_id: str) -> None:
        """Publish a line for the event log."""
        self._changes.put(Noted(self._clock.wall(), topic, sanitize(text), order_id))


def out_of_sync_text(view: OrderView, repair: Repair, remedy: Remedy | None) -> str:
    """Return the log line for an order that became out of sync, with the step that follows."""
    step = {Remedy.SUBSCRIBE: "subscribing again", None: "waiting"}.get(remedy, "fetching the snapshot")
    if view.gaps and view.resume is not None:
        reason = f"seq {describe.seqs(view.gaps)} missing"
    elif view.superseded_epoch:
        reason = "the server started a newer log"
    elif repair.lagging_at is not None:
        reason = "the server is behind what was already received"
    else:
        reason = "no answer"
    return f"{reason}; {step}"
