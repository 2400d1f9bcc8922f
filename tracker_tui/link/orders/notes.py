"""The log lines about orders: anomalies, gaps, refusals."""

from __future__ import annotations

from tracker_tui.domain.event import Event, Snapshot
from tracker_tui.domain.sanitize import sanitize
from tracker_tui.domain.view import Arrival, OrderView, classify
from tracker_tui.link.change_queue import ChangeQueue
from tracker_tui.link.changes import Counters, Noted, Topic
from tracker_tui.link.clock import Clock
from tracker_tui.link.labels import why_refused
from tracker_tui.link.orders.gaps import GapTracker
from tracker_tui.link.orders.repair import Remedy, Repair
from tracker_tui.link.session import describe
from tracker_tui.wire.messages import Problem, Subscribed


class OrderNotes:
    """Counts what happens to orders, and publishes log lines about it.

    Args:
        clock: The clock of the feed.
        counters: The counters of duplicates, conflicts and gaps.
        changes: Receives the log lines.
    """

    def __init__(self, clock: Clock, counters: Counters, changes: ChangeQueue) -> None:
        self._clock = clock
        self._counters = counters
        self._changes = changes
        self._gaps = GapTracker(counters)

    def message_joined(self, before: OrderView, message: Event | Snapshot, after: OrderView) -> None:
        """Note a conflict, a duplicate, or the snapshot of a new epoch."""
        kind = classify(before, message)
        if kind is Arrival.CONFLICT:
            self._counters.conflicts += 1
            self._put(Topic.ODDITY, f"two different states at version {message.version}", message.order_id)
        elif kind is Arrival.DUPLICATE:
            self._counters.duplicates += 1
        if before.superseded_epoch and not after.superseded_epoch:
            self._put(Topic.EPOCH, "the server started a new log; its snapshot has arrived", message.order_id)

    def view_changed(self, view: OrderView, *, expects_more: bool) -> None:
        """Note a gap that was filled; `expects_more` as in `GapTracker.observe`."""
        if (text := self._gaps.observe(view, expects_more=expects_more)) is not None:
            self._put(Topic.GAP, text, view.order_id)

    def unrequested_replay(self, message: Subscribed) -> None:
        """Note a replay from a cursor that was not requested."""
        self._put(Topic.ODDITY, f"replays from {message.from_}, which was not requested", message.order_id)

    def became_out_of_sync(self, view: OrderView, repair: Repair, remedy: Remedy | None) -> None:
        """Note that an order counts as out of sync, and the step that follows."""
        step = {Remedy.SUBSCRIBE: "subscribing again", None: "waiting"}.get(remedy, "fetching the snapshot")
        if view.gaps and view.resume is not None:
            reason = f"seq {describe.seqs(view.gaps)} missing"
        elif view.superseded_epoch:
            reason = "the server started a newer log"
        elif repair.lagging_at is not None:
            reason = "the server is behind what was already received"
        else:
            reason = "no answer"
        self._put(Topic.GAP, f"{reason}; {step}", view.order_id)

    def refused(self, order_id: str, problem: Problem) -> None:
        """Note that the server refused an order permanently."""
        detail = f": {problem.detail}" if problem.detail else ""
        self._put(Topic.REFUSAL, f"{why_refused(problem.code)}{detail}", order_id)

    def remove(self, order_id: str) -> None:
        """Drop an order that is no longer watched."""
        self._gaps.remove(order_id)

    def _put(self, topic: Topic, text: str, order_id: str) -> None:
        self._changes.put(Noted(self._clock.wall(), topic, sanitize(text), order_id))
