"""The cursors that each connection requested, and its answers.

Events, snapshots and heads count from any source; the answer to a subscription counts on its connection only.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from tracker_tui.domain.cursor import Cursor
from tracker_tui.domain.view import OrderView
from tracker_tui.link.orders import repair
from tracker_tui.link.orders.repair import COMPLETE, Repair
from tracker_tui.wire.messages import Mode, Subscribed

MAX_REQUESTED_CURSORS = 32
"""Maximum number of requested cursors per order and connection; the newest are kept."""


class RequestedCursors:
    """The requested cursors, by connection and order, the oldest first."""

    def __init__(self) -> None:
        self._cursors: dict[int, dict[str, list[Cursor | None]]] = {}

    def add(self, connection_id: int, cursors: Mapping[str, Cursor | None]) -> None:
        """Record the cursors that are being requested on a connection."""
        by_order = self._cursors.setdefault(connection_id, {})
        for order_id, cursor in cursors.items():
            requested = by_order.setdefault(order_id, [])
            requested.append(cursor)
            del requested[:-MAX_REQUESTED_CURSORS]

    def answered_by(self, connection_id: int, message: Subscribed) -> bool:
        """Return whether `message` answers a request on its connection, and drop what it answers."""
        requested = self._cursors.get(connection_id, {}).get(message.order_id, [])
        if message.mode is Mode.SNAPSHOT:
            del requested[:1]
            return True
        if message.from_ is None or message.from_ not in requested:
            return False
        del requested[: requested.index(message.from_) + 1]
        return True

    def remove(self, order_id: str) -> None:
        """Drop the requests for an order on every connection."""
        for by_order in self._cursors.values():
            by_order.pop(order_id, None)

    def remove_connection(self, connection_id: int) -> None:
        """Drop the requests on a connection."""
        self._cursors.pop(connection_id, None)


@dataclass(slots=True)
class Subscriptions:
    """The repair of every order on one connection.

    A candidate has its own until it is promoted. If it is aborted, its answers are dropped with it.

    Attributes:
        repairs: The repair of each order.
        replays: The heads at which the running replays end.
        progress_at: When the last answer, or a message that one had announced, arrived: seconds on the feed's clock.
    """

    repairs: dict[str, Repair]
    replays: dict[str, Cursor] = field(default_factory=dict)
    progress_at: float = 0.0

    @classmethod
    def initial(cls, order_ids: Iterable[str]) -> Subscriptions:
        """Return the state before the first connection."""
        return cls(dict.fromkeys(order_ids, COMPLETE))

    def for_candidate(self, views: Iterable[OrderView], at: float) -> Subscriptions:
        """Return the state of a candidate on which all of `views` are being subscribed."""
        repairs = {
            view.order_id: repair.subscribed_on_candidate(self.repairs[view.order_id], view, at) for view in views
        }
        return Subscriptions(repairs, progress_at=at)

    def answered(self, message: Subscribed, view: OrderView, at: float, *, requested: bool) -> Repair:
        """Return the repair of an order after the answer to its subscription.

        Args:
            message: The answer.
            view: The view of the order, with the announced head.
            at: Now.
            requested: Whether the answer starts from a cursor that was requested.
        """
        self.progress_at = at
        state = self.repairs[view.order_id]
        if not requested:
            return repair.wrong_replay_start(state, at)
        if message.mode is Mode.REPLAY:
            self.replays[view.order_id] = message.head
        return repair.head_announced(repair.subscription_answered(state, view, at), view, message.head, at)

    def in_heartbeat(self, view: OrderView, head: Cursor, at: float) -> Repair:
        """Return the repair of an order after a heartbeat named it with `head`, which counts as an answer."""
        state = self.repairs[view.order_id]
        if state.unanswered:
            state = repair.subscription_answered(state, view, at)
        return repair.head_announced(state, view, head, at)

    def postpone(self, order_id: str, at: float, retry_after: float | None, draw: float) -> None:
        """Handle a temporary refusal of an order's subscription."""
        self.repairs[order_id] = repair.refused_temporarily(self.repairs[order_id], at, retry_after, draw)

    def remove(self, order_id: str) -> None:
        """Drop an order that is no longer watched."""
        self.repairs.pop(order_id, None)
        self.replays.pop(order_id, None)

    def snapshot_arrived(self, order_id: str) -> None:
        """Handle a snapshot of an order, from any connection or a GET."""
        if (state := self.repairs.get(order_id)) is not None:
            self.repairs[order_id] = repair.snapshot_arrived(state)

    def observe(self, view: OrderView, at: float) -> None:
        """Update the repair of an order after its view changed."""
        if (state := self.repairs.get(view.order_id)) is not None:
            self.repairs[view.order_id] = repair.observe(state, view, at)

    def end_replay_if_reached(self, view: OrderView) -> None:
        """End the replay of an order if its view has reached the replay's head."""
        head = self.replays.get(view.order_id)
        if head is not None and view.resume is not None and view.resume >= head:
            del self.replays[view.order_id]


class ConnectionSubscriptions:
    """The subscriptions of the current connection and of its candidates.

    Attributes:
        requested: The requested cursors.
        current: The subscriptions of the current connection.
        candidates: The subscriptions of the candidates, by connection.
    """

    def __init__(self, order_ids: Iterable[str]) -> None:
        self.requested = RequestedCursors()
        self.current = Subscriptions.initial(order_ids)
        self.candidates: dict[int, Subscriptions] = {}

    @property
    def all(self) -> tuple[Subscriptions, ...]:
        """The subscriptions of every connection."""
        return (self.current, *self.candidates.values())

    def of(self, connection_id: int) -> Subscriptions:
        """Return the subscriptions of a connection."""
        return self.candidates.get(connection_id, self.current)

    def open_candidate(self, connection_id: int, views: Iterable[OrderView], at: float) -> None:
        """Add a candidate on which all of `views` are being subscribed."""
        self.candidates[connection_id] = self.current.for_candidate(views, at)

    def promote(self, connection_id: int) -> dict[str, Repair]:
        """Let a candidate's replays replace those of the current connection; return its repairs."""
        candidate = self.candidates.pop(connection_id)
        self.current.replays, self.current.progress_at = candidate.replays, candidate.progress_at
        return candidate.repairs

    def close(self, connection_id: int) -> None:
        """Drop a closed connection."""
        self.requested.remove_connection(connection_id)
        self.candidates.pop(connection_id, None)

    def remove(self, order_id: str) -> None:
        """Drop an order that is no longer watched."""
        for each in self.all:
            each.remove(order_id)
        self.requested.remove(order_id)

    def end_reached_replays(self, view: OrderView) -> bool:
        """End the replays that an order's view has reached; return whether another one is still running."""
        for each in self.all:
            each.end_replay_if_reached(view)
        return any(view.order_id in each.replays for each in self.all)
