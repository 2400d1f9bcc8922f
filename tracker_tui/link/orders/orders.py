"""The watched orders: each one's view, repair and pending commands."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import replace
from random import Random

from tracker_tui.domain import overlay
from tracker_tui.domain.cursor import Cursor
from tracker_tui.domain.event import Event, Snapshot
from tracker_tui.domain.view import OrderView
from tracker_tui.link.change_queue import ChangeQueue, Significance, compare
from tracker_tui.link.changes import Counters, Standing
from tracker_tui.link.clock import Clock
from tracker_tui.link.errors import Refused
from tracker_tui.link.orders import repair
from tracker_tui.link.orders.command_status import CommandStatuses
from tracker_tui.link.orders.completion import Completion, has_outcome
from tracker_tui.link.orders.notes import OrderNotes
from tracker_tui.link.orders.publisher import OrderPublisher
from tracker_tui.link.orders.repair import Remedy, Repair
from tracker_tui.link.orders.repair_schedule import RepairSchedule
from tracker_tui.link.orders.subscriptions import ConnectionSubscriptions, Subscriptions
from tracker_tui.link.orders.unreported import UnreportedEvents
from tracker_tui.link.session import events
from tracker_tui.link.session.verdicts import is_temporary
from tracker_tui.wire.messages import Heartbeat, Problem, ServerMessage, Subscribed


class Orders:
    """Applies messages to the orders' views, and decides which orders need a repair.

    Attributes:
        views: The newest view of every order, by id.
        refused: The orders that the server refused permanently, with its reason.
        pending_commands: The commands that were sent for them.
        completion: The orders that have finished.
    """

    def __init__(
        self,
        order_ids: Sequence[str],
        clock: Clock,
        counters: Counters,
        changes: ChangeQueue,
        *,
        on_message: Callable[[ServerMessage], None] | None = None,
        endless: bool = False,
    ) -> None:
        """Start with `order_ids`.

        Args:
            order_ids: The orders.
            clock: The clock of the feed.
            counters: The counters of duplicates, conflicts and gaps.
            changes: Receives the changes for front ends.
            on_message: Called with every message that is applied.
            endless: Whether more orders may be added, so that the feed has no end of its own.
        """
        self.views = {order_id: OrderView(order_id) for order_id in order_ids}
        self.refused: dict[str, Problem] = {}
        self.pending_commands = CommandStatuses(clock, changes)
        self._endless = endless
        self._clock = clock
        self._on_message = on_message or (lambda message: None)
        self._publisher = OrderPublisher(order_ids, changes, self.pending_commands)
        self._connections = ConnectionSubscriptions(order_ids)
        self._notes = OrderNotes(clock, counters, changes)
        self.completion = Completion(order_ids)
        self._schedule = RepairSchedule()
        self._unreported = UnreportedEvents()

    @property
    def active(self) -> list[str]:
        """The orders that the server has not refused permanently."""
        return [order_id for order_id in self.views if order_id not in self.refused]

    @property
    def deadline(self) -> float | None:
        """When the first repair may be due, in seconds on the clock; None if none is."""
        return self._schedule.deadline

    def standing(self, order_id: str) -> Standing:
        """Return the standing of an order."""
        if order_id in self.refused:
            return Standing.REFUSED
        if self._repairs[order_id].reconciling:
            return Standing.RECONCILING
        return Standing.WAITING if self.views[order_id].facts is None else Standing.IN_SYNC

    def is_served(self, order_id: str) -> bool:
        """Return whether the current stream answered the subscription of an order, and did not refuse it."""
        return order_id in self.views and order_id not in self.refused and not self._repairs[order_id].unanswered

    def has_open_command(self, order_id: str) -> bool:
        """Return whether the result of a command for an order is not known yet."""
        return any(pending.is_open for pending in self.pending_commands.of(order_id))

    def is_settled(self, order_id: str) -> bool:
        """Return whether nothing more is expected of an order, and it has no command to show."""
        if order_id in self.completion.expecting:
            return False
        return not overlay.recent(self.pending_commands.of(order_id), self._clock.wall())

    def resume(self, connection_id: int, order_ids: Iterable[str]) -> dict[str, Cursor | None]:
        """Return the resume cursors of the active ones of some orders, and record them as requested on a connection."""
        active = (order for order in order_ids if order in self.views and order not in self.refused)
        cursors = {order: self.views[order].resume for order in active}
        self._connections.requested.add(connection_id, cursors)
        return cursors

    def take_events(self, at: float, *, resubscribes: bool) -> list[events.Event]:
        """Return what changed for the session since the last call; arguments as of `UnreportedEvents.take`."""
        found = self._unreported.take(at, resubscribes=resubscribes)
        end = self._end(at)
        return found if end is None else [*found, end]

    def receive(
        self,
        connection_id: int,
        message: ServerMessage,
        at: float,
        draw: float,
        speaks_for: Collection[str] | None = None,
    ) -> str | None:
        """Apply a message of a connection; return the order whose subscription it answers, if any.

        Args:
            connection_id: The connection.
            message: The message.
            at: Now.
            draw: Uniform in [0, 1).
            speaks_for: The orders that a heartbeat on this part of the stream names; None for all orders.
        """
        if not isinstance(message, Event | Snapshot):
            self._on_message(message)
        source = self._connections.of(connection_id)
        match message:
            case Event() | Snapshot():
                if message.type == "snapshot" or message.order_id in source.replays:
                    source.progress_at = at
                self.join(message, at)
            case Subscribed() if message.order_id in self.views and message.order_id not in self.refused:
                self._answered(connection_id, source, message, at)
                return message.order_id
            case Heartbeat():
                self._heartbeat(source, message, at, speaks_for)
            case Problem(order_id=str(order_id)) if order_id in self.views and order_id not in self.refused:
                if is_temporary(message):
                    source.postpone(order_id, at, message.retry_after_seconds, draw)
                    if source is self._connections.current:
                        self._set(order_id, self._repairs[order_id])
                        self._publish(order_id)
                else:
                    self.refuse(order_id, message)
        return None

    def join(self, message: Event | Snapshot, at: float) -> None:
        """Apply an event or a snapshot, from a stream or a GET; ignore one for an order that is not active."""
        before = self.views.get(message.order_id)
        if before is None or message.order_id in self.refused:
            return
        self._on_message(message)
        after = before.join(message)
        self._notes.message_joined(before, message, after)
        if message.type == "snapshot":
            for candidate in self._connections.candidates.values():
                candidate.snapshot_arrived(message.order_id)
        state = self._repairs[message.order_id]
        self._update(
            message.order_id, after, at, repair.snapshot_arrived(state) if message.type == "snapshot" else state
        )

    def receive_snapshot(self, snapshot: Snapshot, at: float) -> None:
        """Apply the snapshot that answers a GET."""
        state = self._repairs.get(snapshot.order_id)
        self._unreported.serves_again |= state is not None and repair.shows_service_again(state)
        self.join(snapshot, at)

    def commands_changed(self, order_id: str) -> None:
        """Compare the changed commands of an order with its view, and publish both."""
        self.pending_commands.reconcile(self.views[order_id])
        self._publish(order_id)

    def refuse(self, order_id: str, problem: Problem) -> None:
        """Mark an order as refused permanently."""
        if order_id in self.refused or order_id not in self.views:
            return
        if problem.order_id is None:
            # The problem that answers a GET does not name the order; only the URL does.
            self._on_message(replace(problem, order_id=order_id))
        self.refused[order_id] = problem
        self.completion.refuse(order_id, self._clock.time())
        self._unreported.refused.append(order_id)
        self._repairs[order_id] = repair.COMPLETE
        self._notes.refused(order_id, problem)
        self._publish(order_id)

    def postpone_fetch(self, order_id: str, at: float, retry_after: float | None, draw: float) -> None:
        """Fetch the snapshot of an order later, because the server is busy."""
        if order_id in self.views:
            self._set(order_id, repair.fetch_postponed(self._repairs[order_id], at, retry_after, draw))

    def add(self, views: Iterable[OrderView], at: float) -> None:
        """Add orders with the views that they start with; they are subscribed now or on the next stream."""
        for view in views:
            order_id = view.order_id
            self.views[order_id] = view
            self.completion.expecting.add(order_id)
            for candidate in self._connections.candidates.values():
                candidate.repairs[order_id] = repair.subscribed(view, at)
            is_final = has_outcome(view) and view.complete
            # Until the server has answered, a view that was kept from before may be out of date.
            is_uncertain = view.facts is not None and not is_final
            self._set(order_id, replace(repair.subscribed(view, at), reconciling=is_uncertain))
            if has_outcome(view):
                self.completion.finished_at[order_id] = at
            self._publisher.publish(view, Standing.FINAL if is_final else self.standing(order_id))

    def remove(self, order_id: str) -> tuple[OrderView, Problem | None]:
        """Remove an order without an open command; return its last view, and the reason if it was refused."""
        self._connections.remove(order_id)
        self._unreported.remove(order_id)
        del self._publisher.standings[order_id]
        self.completion.remove(order_id)
        self._notes.remove(order_id)
        self.pending_commands.remove(order_id)
        return self.views.pop(order_id), self.refused.pop(order_id, None)

    def connection_opened(self, at: float) -> None:
        """Handle the hello of the current connection: every order is being subscribed on it."""
        self._connections.current.replays.clear()
        self._connections.current.progress_at = at
        for order_id in self.active:
            self.completion.expecting.add(order_id)
            self._set(order_id, repair.subscribed(self.views[order_id], at))

    def candidate_opened(self, connection_id: int, at: float) -> None:
        """Handle a candidate on which every order is being subscribed; its answers count once it is promoted."""
        self._connections.open_candidate(connection_id, [self.views[order_id] for order_id in self.active], at)

    def promote_candidate(self, connection_id: int, at: float) -> None:
        """Replace the answers of the current connection by those of a candidate."""
        repairs = self._connections.promote(connection_id)
        for order_id in self.active:
            self._update(order_id, self.views[order_id], at, repairs[order_id])

    def connection_closed(self, connection_id: int) -> None:
        """Drop what was requested and answered on a closed connection only."""
        self._connections.close(connection_id)

    def take_due_repairs(self, at: float, random: Random, *, resubscribes: bool) -> list[tuple[str, Remedy]]:
        """Take the repair steps that are due; return the requests to send.

        Args:
            at: Now.
            random: Source of jitter.
            resubscribes: Whether the current stream accepts another subscription of an order.
        """
        steps = self._schedule.take_due(
            self._repairs,
            at,
            random.random,
            progress_at=self._connections.current.progress_at,
            resubscribes=resubscribes,
        )
        for step in steps:
            self._set(step.order_id, step.repair)
            if step.became_out_of_sync:
                self._notes.became_out_of_sync(self.views[step.order_id], step.repair, step.remedy)
                self._publish(step.order_id)
        return [(step.order_id, step.remedy) for step in steps if step.remedy is not None]

    @property
    def _repairs(self) -> dict[str, Repair]:
        """The repair of each order on the current connection."""
        return self._connections.current.repairs

    def _end(self, at: float) -> events.AllOrdersEnded | events.AllOrdersRefused | None:
        """Return the end of the watch, if all orders are complete or refused and no command is open (PROTOCOL §7)."""
        if self._endless:
            return None
        if self.refused and len(self.refused) == len(self.views):
            return events.AllOrdersRefused(str(Refused(next(iter(self.refused.values())))), at)
        return None if self.completion.expecting or self.pending_commands.any_open else events.AllOrdersEnded(at)

    def _answered(self, connection_id: int, source: Subscriptions, message: Subscribed, at: float) -> None:
        view = self.views[message.order_id].announce(message.head)
        requested = self._connections.requested.answered_by(connection_id, message)
        if not requested:
            self._notes.unrequested_replay(message)
        self._announce(source, view, at, source.answered(message, view, at, requested=requested))

    def _heartbeat(
        self, source: Subscriptions, message: Heartbeat, at: float, speaks_for: Collection[str] | None
    ) -> None:
        for order_id in self.active:
            if speaks_for is not None and order_id not in speaks_for:
                continue
            if (head := message.heads.get(order_id)) is None:
                self._set(order_id, repair.absent_from_heartbeat(self._repairs[order_id], at, repair.LAG_GRACE))
                continue
            view = self.views[order_id].announce(head)
            self._announce(source, view, at, source.in_heartbeat(view, head, at))

    def _announce(self, source: Subscriptions, view: OrderView, at: float, state: Repair) -> None:
        """Apply a head that a connection announced; the repair `state` is the connection's own."""
        is_current = source is self._connections.current
        if not is_current:
            source.repairs[view.order_id] = state
        self._update(view.order_id, view, at, state if is_current else None)

    def _update(self, order_id: str, after: OrderView, at: float, state: Repair | None = None) -> None:
        before = self.views[order_id]
        self.views[order_id] = after
        for candidate in self._connections.candidates.values():
            candidate.observe(after, at)
        current = self._repairs[order_id]
        state = current if state is None else state
        if after is before and state is current:
            return
        state = repair.observe(state, after, at)
        if state.resume != current.resume:
            self._unreported.advanced[order_id] = state.resume
        self._set(order_id, state)
        replaying = self._connections.end_reached_replays(after)
        self._notes.view_changed(after, expects_more=replaying or state.unanswered)
        self.completion.observe(after, at, served=not state.unanswered)
        significance = Significance.FULL if self.pending_commands.reconcile(after) else compare(before, after)
        standing = self.standing(order_id)
        if significance is not Significance.NOTHING or standing is not self._publisher.standings[order_id]:
            arrived = tuple(after.history.added_to(before.history))[::-1]
            self._publisher.publish(after, standing, arrived, minor=significance is Significance.POSITION)

    def _publish(self, order_id: str) -> None:
        self._publisher.publish(self.views[order_id], self.standing(order_id))

    def _set(self, order_id: str, state: Repair) -> None:
        self._repairs[order_id] = state
        self._schedule.add(state)
